"""Random calls over a random budget tree: ``Ledger`` over SQLite behaves as the specification, and no hard limit is ever passed."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import Allow, snapshot
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Adjusted, Amounts, Entry, Released, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.memory import MemoryJournal, MemoryLedger, charges
from wellspent.ledger.projection import moved_by
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.ledger.store import JournalStore
from wellspent.ledger.verify import verify

START_MS = 1_795_478_000_000
NAMES = ("a", "b")
SCOPES = st.one_of(
    st.just(Scope("org", "acme")),
    st.builds(Scope, st.sampled_from(("team", "person", "key", "run")), st.sampled_from((*NAMES, "*"))),
    st.just(Scope("tag", "customer=zoo")),
)


def budget_of(number: int, scope: Scope, measure: str, limit: int, period: str, at_limit: str) -> Budget:
    scale = {"usd": 1, "tokens": 1, "calls": 20}[measure]
    return Budget(f"b{number}", scope, limit // scale, measure, period, at_limit, degrade_to=("cheap",))  # type: ignore[arg-type]


BUDGETS = st.lists(
    st.tuples(
        SCOPES,
        st.sampled_from(("usd", "tokens", "calls")),
        st.integers(0, 400),
        st.sampled_from(("hour", "day", "month", "total")),
        st.sampled_from(("refuse", "degrade", "alert")),
    ),
    max_size=6,
).map(lambda rows: tuple(budget_of(number, *row) for number, row in enumerate(rows)))
ATTRIBUTIONS = st.builds(
    lambda team, person, key, run, tagged: Attribution("acme", team, person, key, run=run, tags=(("customer", "zoo"),) if tagged else ()),
    *[st.sampled_from(("", *NAMES))] * 4,
    st.booleans(),
)
NUMBERS = st.integers(0, 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), ATTRIBUTIONS, st.integers(0, 120)),
        st.tuples(st.just("reserve"), ATTRIBUTIONS, st.integers(0, 120)),
        st.tuples(st.just("settle"), NUMBERS, st.floats(0, 1)),
        st.tuples(st.just("settle"), NUMBERS, st.floats(0, 1.5)),
        st.tuples(st.just("release"), NUMBERS, st.just(0.0)),
        st.tuples(st.just("adjust"), NUMBERS, st.integers(-20, 20)),
        st.tuples(st.just("time"), st.integers(0, 3 * 3_600_000), st.just(0)),
        st.tuples(st.just("change"), st.integers(0, 63), st.integers(0, 400)),
        st.tuples(st.just("restart"), st.just(0), st.just(0)),
    ),
    max_size=40,
)


class Play:
    """Gives the same commands to the ledger and to the specification, and compares after each.

    Args:
        open_store: Opens the store again, as a new process would.
    """

    def __init__(self, open_store: Callable[[], JournalStore], budgets: tuple[Budget, ...]) -> None:
        self.clock, self.calendar = ManualClock(START_MS), Calendar("Europe/Zurich")
        self.open_store, self.all_budgets, self.budgets = open_store, budgets, budgets
        self.ledger, self.specification = Ledger.open(open_store(), self.clock, self.calendar), MemoryLedger(self.calendar)
        self.ledger.set_budgets(budgets)
        self.specification.set_budgets(budgets, START_MS)
        self.calls: list[tuple[str, Amounts]] = []
        self.settled: list[str] = []

    def run(self, steps: list[tuple[Any, ...]]) -> None:
        for command, first, second in steps:
            getattr(self, command)(first, second)
        self.ledger.close()

    def time(self, first: int, _: int) -> None:
        self.clock.advance_ms(first)

    def change(self, keep: int, limit: int) -> None:
        """Take some away, and give the others another limit."""
        self.budgets = tuple(
            msgspec.structs.replace(each, limit=limit // (20 if each.measure == "calls" else 1))
            for number, each in enumerate(self.all_budgets)
            if keep >> number & 1
        )
        self.ledger.set_budgets(self.budgets)
        self.specification.set_budgets(self.budgets, self.clock.now_ms())

    def restart(self, *_: int) -> None:
        now_ms = self.clock.now_ms()
        self.settled += [hold.call_id for hold in self.ledger.open_holds()]
        self.ledger.close()
        self.ledger = Ledger.open(self.open_store(), self.clock, self.calendar)
        self.ledger.sweep(now_ms)
        self.ledger.set_budgets(self.budgets)
        self.specification.restart(now_ms)

    def reserve(self, who: Attribution, amount: int) -> None:
        now_ms = self.clock.now_ms()
        held = Amounts(amount, amount // 2, 1)
        reserved = Reserved(f"c{len(self.calls)}", now_ms, who, "openai-chat", "m", "m", held)
        cells, expected = self.ledger.standings(who, "m", now_ms), self.specification.standings(who, "m", now_ms)
        assert [snapshot(cell) for cell in cells] == list(expected)
        before = [cell.spent + cell.held for cell in cells]
        outcome, decision = self.ledger.reserve(reserved, cells), self.specification.reserve(reserved, expected)
        assert isinstance(outcome, Ticket) == isinstance(decision, Allow)
        if not isinstance(outcome, Ticket):
            assert outcome == decision
        self.calls.append((reserved.call_id, held))
        for cell, taken in zip(self.ledger.standings(who, "m", now_ms), before, strict=True):
            assert cell.budget.at_limit != "refuse" or cell.spent + cell.held <= max(cell.budget.limit, taken)

    def settle(self, number: int, share: float) -> None:
        if self.calls:
            call_id, held = self.calls[number % len(self.calls)]
            charged = Amounts(int(held.nanousd * share), int(held.tokens * share), 1)
            usage = Usage(input_tokens=charged.tokens)
            settled = Settled(call_id, self.clock.now_ms(), charged, Quality.EXACT, usage, model="m")
            assert self.ledger.settle(settled) == self.specification.end(settled)
            self.settled.append(call_id)

    def release(self, number: int, _: float) -> None:
        if self.calls:
            released = Released(self.calls[number % len(self.calls)][0], self.clock.now_ms(), "asked")
            assert self.ledger.release(released) == self.specification.end(released)

    def adjust(self, number: int, nanousd: int) -> None:
        done = [each for each in self.specification.entries if isinstance(each, Settled)]
        if done:
            adjusted = Adjusted(done[number % len(done)].call_id, self.clock.now_ms(), Amounts(nanousd, nanousd // 2), "the invoice")
            self.ledger.adjust(adjusted)
            self.specification.adjust(adjusted)


@settings(max_examples=200, deadline=None)
@given(BUDGETS, STEPS)
def test_the_ledger_behaves_as_the_specification(budgets: tuple[Budget, ...], steps: list[tuple[Any, ...]]) -> None:
    entries: list[Entry] = []
    played = Play(lambda: MemoryJournal(entries), budgets)
    played.run(steps)
    assert charges(entries) == charges(played.specification.entries)


@settings(max_examples=60, deadline=None)
@given(BUDGETS, STEPS)
def test_the_journal_holds_what_the_ledger_decided(budgets: tuple[Budget, ...], steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        played = Play(lambda: SqliteJournal(path), budgets)
        played.run(steps)
        entries = played.specification.entries
        verified = verify(path)
        assert verified.entries == len(entries)
        assert verified.settled_nanousd == sum(moved_by(each).nanousd for each in entries if isinstance(each, Settled | Adjusted))
        balances = {each.key: each for each in JournalReader(path).balances()}
        spent: dict[str, Amounts] = {}
        for key, amounts in charges(entries):
            spent[key] = spent.get(key, Amounts()).plus(amounts)
        assert {key: each.spent for key, each in balances.items() if each.spent != Amounts()} == {k: v for k, v in spent.items() if v != Amounts()}
        assert sum(row.nanousd for row in JournalReader(path).spend(0, 2**52)) == verified.settled_nanousd
        reopened = Ledger.open(SqliteJournal(path), ManualClock(START_MS), Calendar("Europe/Zurich"))
        assert reopened.sweep(START_MS) == verified.open_holds
        assert reopened.sweep(START_MS) == 0
        reopened.close()
        after = {each.key: each for each in JournalReader(path).balances()}
        assert all(not each.held.calls for each in after.values())
        for key, before in balances.items():  # a cut call settles at its hold, so what is gone stays gone
            assert after[key].spent == before.spent.plus(before.held)


def test_a_thousand_calls_at_once_never_pass_the_limit() -> None:
    choose = random.Random(7)
    budget = Budget("all", Scope("org", "acme"), 50_000)
    clock = ManualClock(START_MS)
    ledger = Ledger.open(MemoryJournal(), clock, Calendar())
    ledger.set_budgets([budget])
    open_calls: list[tuple[str, int]] = []
    for number in range(1000):
        who = Attribution("acme", key=choose.choice(NAMES))
        amount = choose.randrange(1, 900)
        cells = ledger.standings(who, "m", clock.now_ms())
        if isinstance(ledger.reserve(Reserved(f"c{number}", 0, who, "w", "m", "m", Amounts(amount, 0, 1)), cells), Ticket):
            open_calls.append((f"c{number}", amount))
        if open_calls and choose.random() < 0.4:
            call_id, held = open_calls.pop(choose.randrange(len(open_calls)))
            ledger.settle(Settled(call_id, 0, Amounts(choose.randrange(held + 1), 0, 1), Quality.EXACT, Usage()))
        (cell,) = cells
        assert cell.spent + cell.held <= budget.limit
    for call_id, held in open_calls:
        ledger.settle(Settled(call_id, 0, Amounts(held, 0, 1), Quality.EXACT, Usage()))
    assert cell.held == 0
    assert 49_000 < cell.spent <= budget.limit
