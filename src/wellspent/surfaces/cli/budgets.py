"""``wellspent budgets``."""

import re
from itertools import groupby
from typing import Annotated

import msgspec
from cyclopts import Parameter

from wellspent.budgets.budget import AtLimit, Budget, Period
from wellspent.facts.attribution import Scope
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, Yes, calendar_of, confirm, settings_of, talk
from wellspent.surfaces.cli.limit_text import parse_limit, show_limit
from wellspent.surfaces.cli.output import Column, emit, emit_json, named
from wellspent.surfaces.cli.standings import Place, places, read_balances
from wellspent.surfaces.cli.when import iso

COLUMNS = (
    Column("id", "budget"),
    Column("scope", "scope"),
    Column("window", "window"),
    Column("limit_text", "limit", right=True),
    Column("spent_text", "spent", right=True),
    Column("held_text", "held", right=True),
    Column("left_text", "left", right=True),
    Column("used_percent", "used", right=True, show=lambda value: "" if value is None else f"{value:.0f}%"),
    Column("at_limit", "at the limit"),
    Column("resets", "resets"),
)
WINDOWS_SHOWN = 5  # of a budget on each value, to people
List = Annotated[str | None, Parameter(help="Separated by commas.")]


def list_budgets(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List budgets and where each stands in its window now."""
    config = common.load()
    with settings_of(config) as settings:
        budgets = settings.budgets()
    found = places(budgets, read_balances(config), SystemClock().now_ms(), calendar_of(config))
    if not shape.json and not shape.csv:
        found = _fullest(found)
    rows = [_row(place) for place in found] + [_row(Place(each, "", "", None, 0, 0)) for each in budgets if each not in [p.budget for p in found]]
    emit(rows, COLUMNS, shape, empty="there are no budgets yet; set one with: wellspent budgets set team:core 500 --period month")


def _fullest(found: list[Place]) -> list[Place]:
    """For people: of a budget on each value, only the fullest windows; the others are told by their number."""
    kept: list[Place] = []
    for budget, grouped in groupby(found, key=lambda place: place.budget):
        windows = sorted(grouped, key=lambda place: -(place.spent + place.held))
        kept += windows[:WINDOWS_SHOWN]
        if len(windows) > WINDOWS_SHOWN:
            talk(f"{budget.id}: the {WINDOWS_SHOWN} fullest of {len(windows):,} windows; all of them: wellspent budgets list --json")
    return kept


def show(budget_id: str, *, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show one budget with all its windows, past ones too."""
    config = common.load()
    with settings_of(config) as settings:
        budget = find(settings.budgets(), budget_id)
    windows = [each for each in read_balances(config) if each.key.startswith(f"{budget_id}@")]
    if shape.json:
        emit_json({"budget": {**msgspec.structs.asdict(budget), "scope": str(budget.scope)}, "windows": named(windows)})
        return
    if not shape.csv:
        talk(_describe(budget))
    spent = [{"window": each.key, "spent": getattr(each.spent, _field(budget)), "held": getattr(each.held, _field(budget))} for each in windows]

    def amount(value: object) -> str:
        return show_limit(budget.measure, int(str(value)))

    columns = (Column("window", "window"), Column("spent", "spent", True, amount), Column("held", "held", True, amount))
    emit(spent, columns, shape, empty="nothing was spent in it yet")


def set_budget(
    scope: str,
    limit: str,
    *,
    name: Annotated[str, Parameter(name="--id")] = "",
    period: Period | None = None,
    at_limit: AtLimit | None = None,
    degrade_to: List = None,
    models: List = None,
    alert_at: List = None,
    starts_on: str | None = None,
    length_days: int | None = None,
    contact: str | None = None,
    common: Common = COMMON,
) -> None:
    """Add a budget, or change it: what is not said stays as it is.

    Args:
        scope: KIND:NAME, e.g. team:core; NAME * gives each value a budget of its own, e.g. run:*.
        limit: 500 or $500 in US dollars, 2M tokens, or 1000 calls.
        name: Its id, in refusals and receipts; SCOPE-PERIOD unless given, e.g. core-month.
        period: How long it lasts before it begins anew (month).
        at_limit: What happens there (refuse).
        degrade_to: Cheaper models to go on with, in order.
        models: Patterns of the models it counts (all).
        alert_at: Used percentages to tell at (80,100).
        starts_on: First day of a fixed budget, YYYY-MM-DD.
        length_days: Days of a fixed budget; 0 lasts for ever.
        contact: Whom a refusal says to ask.
    """
    measure, amount = parse_limit(limit)
    parsed = Scope.parse(scope)
    budget_id = name or _default_id(parsed, period or "month")
    changes = {
        "period": period,
        "at_limit": at_limit,
        "degrade_to": _split(degrade_to),
        "models": _split(models),
        "alert_at_percent": _percents(alert_at),
        "starts_on": starts_on,
        "length_days": length_days,
        "contact": contact,
    }
    with settings_of(common.load()) as settings:
        before = next((each for each in settings.budgets() if each.id == budget_id), None)
        if before is not None and before.scope != parsed:
            raise InvalidInput(f"the budget {budget_id!r} is on {before.scope}", fix="give this one another id with --id")
        budget = before or Budget(budget_id, parsed, amount)
        budget = msgspec.structs.replace(budget, limit=amount, measure=measure, **{key: value for key, value in changes.items() if value is not None})
        settings.set_budget(budget)
    talk(_describe(budget))


def remove(budget_id: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove a budget: it limits nothing any more. What was spent stays in the ledger."""
    confirm(f"Remove the budget {budget_id}?", yes)
    with settings_of(common.load()) as settings:
        settings.remove_budget(budget_id)
    talk(f"budget {budget_id} is removed")


def find(budgets: list[Budget], budget_id: str) -> Budget:
    """A budget by its id. Raises NotFound."""
    for budget in budgets:
        if budget.id == budget_id:
            return budget
    raise NotFound(f"there is no budget {budget_id!r}", fix="see: wellspent budgets list")


def _row(place: Place) -> dict[str, object]:
    budget = place.budget
    amounts = {"limit": budget.limit, "spent": place.spent, "held": place.held, "left": place.left}
    return {
        "id": budget.id,
        "scope": f"{budget.scope.kind}:{place.value}" if place.value else str(budget.scope),
        "window": place.window or "not running",
        "measure": budget.measure if budget.measure != "usd" else "nanousd",
        **amounts,
        **{f"{name}_text": show_limit(budget.measure, value) for name, value in amounts.items()},
        "used_percent": place.used_percent,
        "at_limit": budget.at_limit,
        "resets": iso(place.ends_ms) or "never",
    }


def _describe(budget: Budget) -> str:
    what = f"budget {budget.id}: {show_limit(budget.measure, budget.limit)} a {budget.period} for {budget.scope}"
    if budget.period in ("total", "fixed"):
        what = f"budget {budget.id}: {show_limit(budget.measure, budget.limit)} in all for {budget.scope}"
    then = {"refuse": "refuses at the limit", "alert": "tells at the limit", "degrade": f"goes on with {', '.join(budget.degrade_to)} at the limit"}
    return f"{what}; {then[budget.at_limit]}" + (f"; counts {', '.join(budget.models)}" if budget.models else "")


def _field(budget: Budget) -> str:
    return "nanousd" if budget.measure == "usd" else budget.measure


def _default_id(scope: Scope, period: str) -> str:
    name = "each-" + scope.kind if scope.name == "*" else scope.name
    return re.sub(r"[^\w.-]+", "-", f"{name}-{period}").strip("-")


def _split(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _percents(text: str | None) -> tuple[int, ...] | None:
    try:
        return None if text is None else tuple(sorted(int(part.removesuffix("%")) for part in _split(text) or ()))
    except ValueError:
        raise InvalidInput(f"{text!r} are not percentages", fix="write them like 50,80,100") from None
