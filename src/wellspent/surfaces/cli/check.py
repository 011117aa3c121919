"""``wellspent check``: a gate for pipelines."""

from fractions import Fraction
from typing import Annotated

from cyclopts import Parameter

from wellspent.budgets.budget import Measure
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import NotFound
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, calendar_of, settings_of
from wellspent.surfaces.cli.limit_text import parse_limit, parse_share, show_limit
from wellspent.surfaces.cli.output import Column, emit
from wellspent.surfaces.cli.standings import Place, places, read_balances

CROSSED = 3
COLUMNS = (
    Column("id", "budget"),
    Column("scope", "scope"),
    Column("used_text", "used", right=True),
    Column("limit_text", "limit", right=True),
    Column("state", "state"),
)


def check(
    *,
    budget: Annotated[str, Parameter(help="A scope like team:core, or a budget's id; all budgets unless given.")] = "",
    most: Annotated[str, Parameter(name="--max", help="A share of the limit like 90%, or an amount like $400.")] = "100%",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> int:
    """Exit with 3 when a budget is used (spent and held) beyond a share or an amount, with 0 otherwise."""
    share = parse_share(most) if most.strip().endswith("%") else None
    amount = None if share is not None else parse_limit(most)
    config = common.load()
    with settings_of(config) as settings:
        budgets = [each for each in settings.budgets() if budget in ("", each.id, str(each.scope))]
    if not budgets:
        raise NotFound(f"there is no budget {budget!r}" if budget else "there are no budgets", fix="see: wellspent budgets list")
    found = places(budgets, read_balances(config), SystemClock().now_ms(), calendar_of(config))
    crossed = [place for place in found if _crosses(place, share, amount)]
    rows = [
        {
            "id": place.budget.id,
            "scope": f"{place.budget.scope.kind}:{place.value}" if place.value else str(place.budget.scope),
            "used_text": show_limit(place.budget.measure, place.spent + place.held),
            "limit_text": show_limit(place.budget.measure, place.budget.limit),
            "used_percent": place.used_percent,
            "state": "crossed" if place in crossed else "within",
        }
        for place in found
    ]
    emit(rows, COLUMNS, shape, empty="nothing was spent in it yet")
    return CROSSED if crossed else 0


def _crosses(place: Place, share: Fraction | None, amount: tuple[Measure, int] | None) -> bool:
    used = place.spent + place.held
    if share is not None:
        return used > place.budget.limit * share
    return amount is not None and amount[0] == place.budget.measure and used > amount[1]
