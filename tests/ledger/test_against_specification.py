"""Random calls over a random budget tree: ``Ledger`` over SQLite behaves as the specification, and no hard limit is ever passed."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from wellspent.budgets.budget import Budget
from wellspent.budgets.decide import Allow, snapshot
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Amounts, Released, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.memory import MemoryJournal, MemoryLedger
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
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), ATTRIBUTIONS, st.integers(0, 120)),
        st.tuples(st.just("settle"), st.integers(0, 30), st.floats(0, 1)),
        st.tuples(st.just("release"), st.integers(0, 30), st.just(0.0)),
        st.tuples(st.just("time"), st.integers(0, 3 * 3_600_000), st.just(0)),
    ),
    max_size=40,
)


def play(store: JournalStore, budgets: tuple[Budget, ...], steps: list[tuple[object, ...]]) -> None:
    """Give the same commands to the ledger and to the specification, and compare after each."""
    clock, calendar = ManualClock(START_MS), Calendar("Europe/Zurich")
    ledger, specification = Ledger.open(store, clock, calendar), MemoryLedger(calendar)
    ledger.set_budgets(budgets)
    specification.budgets = budgets
    calls: list[tuple[str, Amounts]] = []
    for command, first, second in steps:
        now_ms = clock.now_ms()
        if command == "time":
            clock.advance_ms(int(first))  # type: ignore[call-overload]
        elif command == "reserve":
            assert isinstance(first, Attribution)
            held = Amounts(int(second), int(second) // 2, 1)  # type: ignore[call-overload]
            reserved = Reserved(f"c{len(calls)}", now_ms, first, "openai-chat", "m", "m", held)
            cells, expected = ledger.standings(first, "m", now_ms), specification.standings(first, "m", now_ms)
            assert [snapshot(cell) for cell in cells] == list(expected)
            outcome, decision = ledger.reserve(reserved, cells), specification.reserve(reserved, expected)
            assert isinstance(outcome, Ticket) == isinstance(decision, Allow)
            if not isinstance(outcome, Ticket):
                assert outcome == decision
            calls.append((reserved.call_id, held))
            for cell in ledger.standings(first, "m", now_ms):
                assert cell.budget.at_limit != "refuse" or cell.spent + cell.held <= cell.budget.limit
        elif calls:
            call_id, held = calls[int(first) % len(calls)]  # type: ignore[call-overload]
            charged = Amounts(int(held.nanousd * float(second)), int(held.tokens * float(second)), 1)  # type: ignore[arg-type]
            if command == "settle":
                settled = Settled(call_id, now_ms, charged, Quality.EXACT, Usage(), model="m")
                assert ledger.settle(settled) == specification.end(settled)
            else:
                released = Released(call_id, now_ms, "asked")
                assert ledger.release(released) == specification.end(released)
    ledger.close()


@settings(max_examples=200, deadline=None)
@given(BUDGETS, STEPS)
def test_the_ledger_behaves_as_the_specification(budgets: tuple[Budget, ...], steps: list[tuple[object, ...]]) -> None:
    play(MemoryJournal(), budgets, steps)


@settings(max_examples=40, deadline=None)
@given(BUDGETS, STEPS)
def test_the_journal_holds_what_the_ledger_decided(budgets: tuple[Budget, ...], steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        play(SqliteJournal(path), budgets, steps)
        memory = MemoryJournal()
        play(memory, budgets, steps)
        verified = verify(path)
        assert verified.entries == len(memory.entries)
        assert verified.settled_nanousd == sum(each.charged.nanousd for each in memory.entries if isinstance(each, Settled))
        balances = {each.key: each for each in JournalReader(path).balances()}
        reopened = Ledger.open(SqliteJournal(path), ManualClock(START_MS), Calendar("Europe/Zurich"))
        assert reopened.sweep(START_MS) == verified.open_holds
        assert reopened.sweep(START_MS) == 0
        reopened.close()
        after = {each.key: each for each in JournalReader(path).balances()}
        assert all(not each.held.calls for each in after.values())
        for key, before in balances.items():  # a cut call settles at its hold, so what is gone stays gone
            assert after[key].spent.nanousd == before.spent.nanousd + before.held.nanousd


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
