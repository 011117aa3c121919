"""The scenario language: a ledger's story as a table, with the expected result at the end of each line.

    budget   acme        10.00 month
    budget   acme/core    4.00 month
    reserve  r1 acme/core 3.50    -> held
    reserve  r2 acme/core 1.00    -> refused acme/core, left 0.50
    settle   r1           1.20    -> settled
    balance  acme/core            -> spent 1.20, held 0.00
    crash                         -> 0 open holds settled
    verify                        -> sound

A path is org/team/person. Amounts are dollars. ``after 26h`` and ``after 3d`` move the clock. The language is the same for every journal
store: a ``Stage`` opens the store again after a crash. Lines starting with ``#`` are remarks.
"""

import re
from collections.abc import Callable

from wellspent.budgets.budget import Budget, checked
from wellspent.budgets.decide import Degrade, Refuse
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Adjusted, Amounts, Released, Reserved, Settled
from wellspent.facts.errors import WellspentError
from wellspent.facts.money import parse_usd
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.store import JournalStore

KINDS = ("org", "team", "person")
MODEL = "scenario-model"
UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class ScenarioFailed(AssertionError):
    """A line's result is not the expected one."""


class Stage:
    """A ledger that a scenario plays on.

    Args:
        open_store: Opens the store; called again after a crash.
        verify: Re-derives the whole store, and says "sound" or what is wrong.
        starts_ms: The clock at the beginning.
    """

    def __init__(self, open_store: Callable[[], JournalStore], verify: Callable[[], str], starts_ms: int, calendar: Calendar | None = None) -> None:
        self._open_store, self._verify = open_store, verify
        self._clock, self._calendar = ManualClock(starts_ms), calendar or Calendar()
        self._budgets: dict[str, Budget] = {}
        self._ledger = self._open()

    def _open(self) -> Ledger:
        ledger = Ledger.open(self._open_store(), self._clock, self._calendar)
        self.swept = ledger.sweep(self._clock.now_ms())
        ledger.set_budgets(self._budgets.values())
        return ledger

    def close(self) -> None:
        """Let the store go."""
        self._ledger.close()

    def budget(self, path: str, limit: str, period: str, at_limit: str = "refuse", cheaper: str = "") -> str:
        """Add or change a budget."""
        degrade_to = (cheaper,) if cheaper else ()
        name = path.replace("/", ".")
        self._budgets[name] = checked(Budget(name, scope(path), parse_usd(limit), "usd", period, at_limit, degrade_to=degrade_to))  # type: ignore[arg-type]
        self._ledger.set_budgets(self._budgets.values())
        return ""

    def remove(self, path: str) -> str:
        """Take a budget away."""
        del self._budgets[path.replace("/", ".")]
        self._ledger.set_budgets(self._budgets.values())
        return ""

    def reserve(self, call: str, path: str, amount: str) -> str:
        """Hold an amount."""
        who = attribution(path)
        held = Amounts(parse_usd(amount), 0, 1)
        now_ms = self._clock.now_ms()
        reserved = Reserved(call, now_ms, who, "scenario", MODEL, MODEL, held)
        found = self._ledger.reserve(reserved, self._ledger.standings(who, MODEL, now_ms))
        if isinstance(found, Ticket):
            return "held"
        standing = found.standing
        said = f"{standing.budget.id.replace('.', '/')}, left {dollars(standing.left)}"
        assert isinstance(found, Refuse | Degrade)
        return f"refused {said}" if isinstance(found, Refuse) else f"degrade to {found.models[0]} by {said}"

    def settle(self, call: str, amount: str) -> str:
        """End a hold with what it cost."""
        settled = Settled(call, self._clock.now_ms(), Amounts(parse_usd(amount), 0, 1), Quality.EXACT, Usage(), model=MODEL)
        return "settled" if self._ledger.settle(settled) else "ignored"

    def release(self, call: str) -> str:
        """Give a hold back."""
        return "released" if self._ledger.release(Released(call, self._clock.now_ms(), "asked")) else "ignored"

    def adjust(self, call: str, amount: str) -> str:
        """Correct a settled call by an amount, which may be negative."""
        self._ledger.adjust(Adjusted(call, self._clock.now_ms(), Amounts(parse_usd(amount)), "asked"))
        return "adjusted"

    def balance(self, path: str) -> str:
        """What is spent and held in a budget's window now."""
        who = attribution(path)
        cells = self._ledger.standings(who, MODEL, self._clock.now_ms())
        cell = next(each for each in cells if each.budget.id == path.replace("/", "."))
        return f"spent {dollars(cell.spent)}, held {dollars(cell.held)}"

    def after(self, span: str) -> str:
        """Move the clock."""
        self._clock.advance_ms(int(span[:-1]) * UNITS_MS[span[-1]])
        return ""

    def crash(self) -> str:
        """The process dies and starts again; what was in the journal is all it knows."""
        self._ledger.close()
        self._ledger = self._open()
        return f"{self.swept} open holds settled"

    def verify(self) -> str:
        """Re-derive everything."""
        self._ledger.close()
        found = self._verify()
        self._ledger = self._open()
        return found


def play(stage: Stage, table: str) -> None:
    """Play a table line by line. Raises ScenarioFailed that quotes the line and what happened instead."""
    try:
        for number, line in enumerate(table.strip().splitlines(), 1):
            _play_line(stage, number, line.strip())
    finally:
        stage.close()


def _play_line(stage: Stage, number: int, line: str) -> None:
    if not line or line.startswith("#"):
        return
    command, _, expected = (part.strip() for part in line.partition("->"))
    name, *words = command.split()
    try:
        found = getattr(stage, name)(*words)
    except WellspentError as error:
        found = f"error {error.args[0]}"
    if found != re.sub(r"\s+", " ", expected):
        raise ScenarioFailed(f"line {number}: {line}\n  happened: {found}")


def scope(path: str) -> Scope:
    """The scope a path names: ``acme`` an org, ``acme/core`` a team, ``acme/core/ann`` a person."""
    names = path.split("/")
    return Scope(KINDS[len(names) - 1], names[-1])


def attribution(path: str) -> Attribution:
    """Who a path names, all of it."""
    org, team, person, *_ = (*path.split("/"), "", "")
    return Attribution(org, team, person)


def dollars(nanousd: int) -> str:
    """``1.20``; more places where there are any."""
    whole, rest = divmod(abs(nanousd), 10**9)
    places = f"{rest:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nanousd < 0 else ''}{whole}.{places}"
