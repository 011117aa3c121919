"""What the address of a value page asks for. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, get_args
from urllib.parse import quote, urlencode

from msgspec import Struct

from wellspent import limits
from wellspent.analytics.allocate import TIERS
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.answers import Where
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.surfaces.web.groups import PERSONAL

Step = Literal["week", "month"]
STEPS: tuple[Step, ...] = get_args(Step)
MONTHS = 4  # shown where nobody says
WEEKS_UNTIL_MONTHS = 6  # more months than that are drawn by month where nobody says
NONE = "-"  # where a contract's name would stand: no contract
STATES = {"": "all", "counted": "counted", "open": "open", "undone": "undone", "rework": "rework"}
ASKED = ("since", "until", "by", "contract", "state", "page")
MONTH = re.compile(r"2[01]\d\d-(0[1-9]|1[0-2])", re.ASCII)
CUTS = ("team", "project", "workflow", "client", "model")  # what calls can be chosen by: nothing that is one person
CHOSEN = ("since", "until", "page", "contract", "tier", "rule", *CUTS, "source", "outcome")


class Months(Struct, frozen=True):
    """Whole months, both included, like ``2026-09`` to ``2026-11``."""

    since: str
    until: str

    @property
    def first(self) -> str:
        """The first day."""
        return f"{self.since}-01"

    @property
    def after(self) -> str:
        """The first day after."""
        return _moved(date.fromisoformat(f"{self.until}-01"), 1).isoformat()

    @property
    def count(self) -> int:
        """How many there are."""
        since, until = (date.fromisoformat(f"{month}-01") for month in (self.since, self.until))
        return 12 * (until.year - since.year) + until.month - since.month + 1

    def moved(self, months: int) -> "Months":
        """As many, earlier or later."""
        since, until = (_moved(date.fromisoformat(f"{month}-01"), months) for month in (self.since, self.until))
        return Months(f"{since:%Y-%m}", f"{until:%Y-%m}")


class Question(Struct, frozen=True):
    """The months, the steps of the chart, and what is chosen.

    Attributes:
        contract: A name; ``NONE`` for what no outcome carries.
        page: From 1.
    """

    months: Months
    by: Step
    contract: str
    state: str = ""
    page: int = 1

    @classmethod
    def parse(cls, query: Mapping[str, str], today: date, contracts: Sequence[Contract], contract: str = "") -> "Question":
        """Read ``?since=2026-09&until=2026-11&by=week&contract=support``. Raises InvalidInput, and NotFound for a contract that is none."""
        check_names(query, ASKED)
        months = _months(query, today)
        by = query.get("by", "")
        if by not in ("", *STEPS):
            raise InvalidInput(f"by is {by!r}", fix=f"use {' or '.join(STEPS)}")
        chosen = contract or query.get("contract", "") or contracts[0].name
        if contract != NONE and chosen not in [each.name for each in contracts]:
            raise NotFound(f"there is no contract {chosen!r}", fix=f"use one of {', '.join(each.name for each in contracts)}")
        state = query.get("state", "")
        if state not in STATES:
            raise InvalidInput(f"state is {state!r}", fix=f"use {', '.join(filter(None, STATES))}")
        step: Step = "month" if by == "month" or (not by and months.count > WEEKS_UNTIL_MONTHS) else "week"
        return cls(months, step, chosen, state, page_of(query))

    def link(self, path: str = "/value", **changes: str) -> str:
        """An address about the same, but for what changes; "" leaves a name out."""
        asked = {
            "since": self.months.since,
            "until": self.months.until,
            "by": self.by,
            "contract": self.contract if self.contract != NONE else "",
            **changes,
        }
        if path.startswith(("/value/", "/api/v1/value/")):
            asked["contract"] = ""
        return address(path, **asked)

    def where(self, tier: str = "") -> Where:
        """Its shares."""
        return Where(self.months.first, self.months.after, self.contract, tier)


class Chosen(Struct, frozen=True):
    """What a list of calls is about.

    Attributes:
        where: Its shares.
        asked: The same as names and values of the address.
    """

    where: Where
    asked: dict[str, str]
    page: int

    @classmethod
    def parse(cls, query: Mapping[str, str], today: date) -> "Chosen":
        """Read ``?since=2026-09&until=2026-11&contract=support&tier=linked&rule=…&team=…``, or ``?source=desk&outcome=T-1``.

        With a contract, the tier ``split`` is all that it shares with others. Raises InvalidInput, for what calls cannot be chosen by too.
        """
        check_names(query, CHOSEN)
        tier = query.get("tier", "")
        if tier not in ("", *TIERS):
            raise InvalidInput(f"tier is {tier!r}", fix=f"use {', '.join(TIERS)}")
        if ("source" in query) != ("outcome" in query):
            raise InvalidInput("an outcome is chosen by its source and its id", fix="write both source and outcome, or neither")
        names = ("contract", "tier", "rule", *CUTS, "source", "outcome")
        asked = {name: query[name] for name in names if name in query and (query[name] or name in (*CUTS, "source", "outcome"))}
        cuts = {name: asked[name] for name in ("rule", *CUTS) if name in asked}
        outcome = (asked["source"], asked["outcome"]) if "outcome" in asked else None
        months = None if outcome is not None and "since" not in query else _months(query, today)
        first, after = (months.first, months.after) if months else ("0001-01-01", "9999-12-31")
        asked |= {"since": months.since, "until": months.until} if months else {}
        contract = asked.get("contract", "")
        sharing = contract if tier == "split" and contract != NONE else ""
        return cls(Where(first, after, NONE if sharing else contract, tier, outcome, cuts, sharing), asked, page_of(query))

    def link(self, path: str = "/calls", **changes: str) -> str:
        """The same elsewhere."""
        return address(path, keep=CUTS, **{**self.asked, **changes})


def calls_link(months: Months, **chosen: str) -> str:
    """The address of the calls behind an amount; a cut that is "" is the calls without one."""
    return address("/calls", keep=CUTS, since=months.since, until=months.until, **chosen)


def outcome_link(source: str, outcome: str, path: str = "/outcomes") -> str:
    """The address of an outcome."""
    return f"{path}/{quote(source, safe='')}/{quote(outcome, safe='')}"


def contract_path(contract: str, path: str = "/value") -> str:
    """The address of a contract."""
    return f"{path}/{quote(contract, safe='')}"


def address(path: str, keep: Sequence[str] = (), **asked: str) -> str:
    """A path with those values that are said, and those to keep whatever they say."""
    query = urlencode({name: value for name, value in asked.items() if value or name in keep})
    return f"{path}?{query}" if query else path


def check_names(query: Mapping[str, str], names: Sequence[str]) -> None:
    """Raises InvalidInput for what an address asks for and cannot: nothing is left out in silence."""
    unknown = sorted(query.keys() - set(names))
    if unknown:
        told = "nobody can ask for one person's" if unknown[0] in PERSONAL else "there is no such choice here"
        raise InvalidInput(f"the address chooses by {unknown[0]!r}: {told}", fix=f"choose by {', '.join(names)}")


def page_of(query: Mapping[str, str]) -> int:
    """Which page of a list. Raises InvalidInput."""
    text = query.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 6 and int(text) >= 1):
        raise InvalidInput(f"page is {text!r}", fix="use a number from 1")
    return int(text)


def rows_of(page: int) -> dict[str, int]:
    """The rows of a page, and one more that says whether there is another."""
    return {"limit": limits.VALUE_PAGE_ROWS + 1, "offset": (page - 1) * limits.VALUE_PAGE_ROWS}


def _months(query: Mapping[str, str], today: date) -> Months:
    until = _month(query.get("until", "") or f"{today:%Y-%m}")
    since = _month(query.get("since", "") or f"{_moved(date.fromisoformat(f'{until}-01'), 1 - MONTHS):%Y-%m}")
    months = Months(since, until)
    if months.count < 1:
        raise InvalidInput(f"until {until} is before since {since}", fix="swap them")
    if months.count > limits.VALUE_MONTHS_MAX:
        raise InvalidInput(f"{months.count} months are asked for", fix=f"ask for {limits.VALUE_MONTHS_MAX} at most")
    return months


def _month(text: str) -> str:
    if not MONTH.fullmatch(text):
        raise InvalidInput(f"{text!r} is no month of these years", fix="write it like 2026-11")
    return text


def _moved(first: date, months: int) -> date:
    """The first day of a month earlier or later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
