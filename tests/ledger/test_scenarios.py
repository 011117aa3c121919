"""Scenario tables, each played on every journal store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wellspent.facts.entry import Entry
from wellspent.facts.errors import JournalCorrupt
from wellspent.ledger.memory import MemoryJournal
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.ledger.verify import verify
from wellspent.testing.scenario import ScenarioFailed, Stage, play

START_MS = 1_795_478_000_000  # 2026-11-23 22:33 UTC


def sqlite_stage(folder: Path) -> Stage:
    path = folder / "journal.db"

    def sound() -> str:
        try:
            verify(path)
        except JournalCorrupt as error:
            return str(error)
        return "sound"

    return Stage(lambda: SqliteJournal(path), sound, START_MS)


def memory_stage(_: Path) -> Stage:
    entries: list[Entry] = []
    return Stage(lambda: MemoryJournal(entries), lambda: "sound", START_MS)


@pytest.fixture(params=[memory_stage, sqlite_stage], ids=["memory", "sqlite"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    make: Callable[[Path], Stage] = request.param
    return make(tmp_path)


def test_a_tree_of_budgets(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme        10.00 month
        budget   acme/core    4.00 month
        reserve  r1 acme/core 3.50    -> held
        reserve  r2 acme/core 1.00    -> refused acme/core, left 0.50
        reserve  r2 acme/core 0.50    -> held
        balance  acme/core            -> spent 0.00, held 4.00
        settle   r1           1.20    -> settled
        balance  acme/core            -> spent 1.20, held 0.50
        release  r2                   -> released
        reserve  r3 acme/blue 8.80    -> held
        reserve  r4 acme/core 0.01    -> refused acme, left 0.00
        balance  acme/core            -> spent 1.20, held 0.00
        settle   r3           8.80    -> settled
        balance  acme                 -> spent 10.00, held 0.00
        verify                        -> sound
        """,
    )


def test_a_call_ends_once(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme    1.00 total
        reserve  r1 acme 0.40   -> held
        settle   r1      0.10   -> settled
        settle   r1      0.10   -> ignored
        release  r1             -> ignored
        balance  acme           -> spent 0.10, held 0.00
        release  r9             -> ignored
        verify                  -> sound
        """,
    )


def test_a_charge_past_its_hold_is_taken_whole(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme    1.00 month
        reserve  r1 acme 0.90   -> held
        settle   r1      1.50   -> settled
        balance  acme           -> spent 1.50, held 0.00
        reserve  r2 acme 0.000000001 -> refused acme, left -0.50
        reserve  r3 acme 0.00   -> held
        """,
    )


def test_a_crash_settles_open_holds_at_the_hold(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme        10.00 month
        budget   acme/core    4.00 month
        reserve  r1 acme/core 3.00    -> held
        reserve  r2 acme/core 0.50    -> held
        settle   r2           0.25    -> settled
        crash                         -> 1 open holds settled
        balance  acme/core            -> spent 3.25, held 0.00
        balance  acme                 -> spent 3.25, held 0.00
        adjust   r1 -2.50             -> adjusted
        balance  acme/core            -> spent 0.75, held 0.00
        crash                         -> 0 open holds settled
        balance  acme/core            -> spent 0.75, held 0.00
        verify                        -> sound
        """,
    )


def test_a_window_ends_while_a_call_is_open(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme    1.00 day
        reserve  r1 acme 0.90   -> held
        after    26h
        balance  acme           -> spent 0.00, held 0.00
        reserve  r2 acme 1.00   -> held
        # the first call is charged to the day it was let in
        settle   r1      0.90   -> settled
        balance  acme           -> spent 0.00, held 1.00
        after    5d
        balance  acme           -> spent 0.00, held 0.00
        settle   r2      0.50   -> settled
        verify                  -> sound
        """,
    )


def test_a_budget_made_in_mid_window_knows_what_was_spent(stage: Stage) -> None:
    play(
        stage,
        """
        reserve  r1 acme/core/ann 3.00 -> held
        settle   r1           2.00     -> settled
        reserve  r2 acme/blue 1.00     -> held
        settle   r2           1.00     -> settled
        after    1h
        budget   acme/core    2.50 month
        balance  acme/core             -> spent 2.00, held 0.00
        reserve  r3 acme/core 1.00     -> refused acme/core, left 0.50
        reserve  r3 acme/core 0.50     -> held
        settle   r3           0.50     -> settled
        crash                          -> 0 open holds settled
        balance  acme/core             -> spent 2.50, held 0.00
        verify                         -> sound
        """,
    )


def test_a_budget_lowered_below_what_is_spent(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme    5.00 month
        reserve  r1 acme 3.00   -> held
        settle   r1      3.00   -> settled
        reserve  r2 acme 1.00   -> held
        budget   acme    2.00 month
        reserve  r3 acme 0.10   -> refused acme, left -2.00
        settle   r2      0.50   -> settled
        balance  acme           -> spent 3.50, held 0.00
        remove   acme
        reserve  r4 acme 9.00   -> held
        verify                  -> sound
        """,
    )


def test_degrade_and_alert(stage: Stage) -> None:
    play(
        stage,
        """
        budget   acme        1.00 month alert
        budget   acme/core   0.50 month degrade gpt-5-mini
        reserve  r1 acme/core 0.60 -> degrade to gpt-5-mini by acme/core, left 0.50
        reserve  r2 acme/blue 5.00 -> held
        settle   r2           5.00 -> settled
        balance  acme              -> spent 5.00, held 0.00
        """,
    )


def test_an_unknown_call_is_not_adjusted(stage: Stage) -> None:
    play(
        stage,
        """
        adjust   r1 0.10        -> error there is no settled call 'r1'
        reserve  r1 acme 0.40   -> held
        adjust   r1 0.10        -> error there is no settled call 'r1'
        release  r1             -> released
        adjust   r1 0.10        -> error there is no settled call 'r1'
        """,
    )


def test_a_wrong_expectation_is_told(stage: Stage) -> None:
    with pytest.raises(ScenarioFailed, match=r"line 2: reserve  r1 acme 2.00 -> held\n  happened: refused acme, left 1.00"):
        play(stage, "budget acme 1.00 month\nreserve  r1 acme 2.00 -> held")
