"""The engine gives what its specification gives, however the facts came, and keeps up with what is new."""

import itertools
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.analytics.engine.company import BEGIN_MS, DAY_MS, Company, day, event, month, who

from wellspent import limits
from wellspent.analytics.allocate import money_of
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine import questions
from wellspent.analytics.engine.questions import Where
from wellspent.analytics.value import Line, Value, value
from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import ChargeLine
from wellspent.facts.errors import ConfigError, InvalidInput, JournalCorrupt, JournalLocked, NotFound
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.usage import Quality
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader

SUPPORT = Contract("support", "solved", match={"workflow": "bot"}, split={"team": "core"}, settle_after="24h", reopen_within="48h")
CODE = Contract("code", "merged", match={"tag": "app=shop's"}, split={"team": "core"}, rework=("reverting",), attested="confirmed")
USD = 10**9


def asked(company: Company, since: str = "2026-01-01", until: str = "2027-01-01") -> Value:
    with company.engine() as engine:
        return questions.value(engine, since, until, company.clock.now_ms(), month)


def specified(company: Company) -> Value:
    """The same question, amount by amount; calls of one day that are alike are one amount."""
    alike: dict[tuple[str, str, Attribution], int] = defaultdict(int)
    for charge in JournalReader(company.path / "journal.db").charges(0, 2**60):
        on_day = day(charge.at_ms)
        alike[on_day, charge.for_day if charge.for_day != on_day else "", charge.attribution] += charge.nanousd
    monies = [(money_of(nanousd, attribution), on_day, of_day) for (on_day, of_day, attribution), nanousd in alike.items()]
    with closing(OutcomeLog(company.path / FILE, company.clock)) as log:
        outcomes = list(log.outcomes())
    return value(company.contracts, outcomes, monies, company.clock.now_ms(), day, month)


def same(found: Value, wanted: Value) -> bool:
    """All but how well calls are known, which the specification does not look at."""
    return replace(found, calls=wanted.calls) == wanted


names = st.sampled_from(["a", "b"])
people = st.builds(
    Attribution,
    org=st.just("acme"),
    team=st.sampled_from(["", "core"]),
    workflow=st.sampled_from(["", "bot"]),
    run=st.sampled_from(["", "a", "b"]),
    session=st.sampled_from(["", "a", "b"]),
    tags=st.sampled_from([(), (("app", "shop's"),), (("change", "a"), ("mood", "good")), (("conversation", "b"),)]),
)
spent = st.lists(st.tuples(st.integers(0, 5 * DAY_MS - 1), st.integers(-(10**6), 10**12), people), min_size=1, max_size=8)
told = st.lists(
    st.builds(
        OutcomeEvent,
        source=st.sampled_from(["desk", "git"]),
        outcome=st.sampled_from(["1", "2", "3"]),
        kind=st.sampled_from(["solved", "merged", "reverting", "other", "time_saved"]),
        state=st.sampled_from(["pending", "settled", "reversed"]),
        occurred_at_ms=st.integers(BEGIN_MS, BEGIN_MS + 6 * DAY_MS),
        quantity=st.integers(1, 5),
        value_nanousd=st.sampled_from([None, USD]),
        attested=st.sampled_from(["", "confirmed"]),
        links=st.lists(st.tuples(st.sampled_from(["run", "session", "conversation", "change"]), names), max_size=2).map(tuple),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spent, told, spent, told, st.booleans(), st.booleans())
def test_the_engine_is_its_specification_whatever_came_and_in_whatever_order(
    first: list[tuple[int, int, Attribution]],
    heard: list[OutcomeEvent],
    later: list[tuple[int, int, Attribution]],
    heard_later: list[OutcomeEvent],
    sealed: bool,
    asked_between: bool,
) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "ENGINE_OPEN_MIN", 1)
        company = Company(Path(place), [SUPPORT, CODE])
        company.spend(*first)
        company.hear(*heard)
        company.turn(6 * DAY_MS)
        if sealed:
            company.seal()
        if asked_between:
            assert same(asked(company), specified(company))
        company.spend(*((after_ms + 6 * DAY_MS, nanousd, someone) for after_ms, nanousd, someone in later))
        company.hear(*heard_later)
        company.turn(13 * DAY_MS)
        if sealed:
            company.seal()
        kept, wanted = asked(company), specified(company)
        assert same(kept, wanted)
        assert sum(line.spent_nanousd for line in kept.lines) + kept.unallocated_nanousd == kept.total_nanousd
        shutil.rmtree(company.path / "value")  # a projection: deleted, it is derived again
        assert asked(company) == kept


def lines(found: Value) -> dict[tuple[str, str], Line]:
    return {(line.contract, line.period): line for line in found.lines}


def test_days_are_the_operators() -> None:
    """At 23:30 UTC it is tomorrow in Zurich, and at the month's end next month."""
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT], ZoneInfo("Europe/Zurich"))
        company.spend((31 * DAY_MS - 1_800_000, 5, who(workflow="bot")))
        company.hear(event("1", "settled", 31 * DAY_MS - 1_800_000))
        company.turn(40 * DAY_MS)
        found = lines(asked(company))
        assert (found["support", "2026-11"].spent_nanousd, found["support", "2026-11"].settled) == (5, 1)
        company.seal()
        assert lines(asked(company)) == found


def test_only_what_is_new_is_derived_again(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 5, who("a")), (DAY_MS, 7, who("b")), (2 * DAY_MS, 9, who("c")))
    company.hear(event("1", "settled", 0, ("run", "a")))
    company.turn(4 * DAY_MS)
    company.seal()

    def derived() -> dict[str, int]:
        asked(company)
        return {path.parent.name: path.stat().st_mtime_ns for path in (tmp_path / "value" / "shares").glob("*/*.parquet")}

    first = derived()
    assert sorted(first) == ["sealed=2026-10-01", "sealed=2026-10-02", "sealed=2026-10-03"]
    assert derived() == first
    company.hear(event("2", "settled", 0, ("run", "b")))  # money of the second day finds it
    second = derived()
    assert [day for day in first if second[day] != first[day]] == ["sealed=2026-10-02"]
    company.hear(event("2", "reversed", 10))  # what became of it is asked when it is asked
    assert derived() == second
    company.contracts = (SUPPORT, CODE)  # other rules: all of it
    third = derived()
    assert all(third[day] != second[day] for day in first)
    company.contracts = (replace(SUPPORT, settle_after="90d", worth_usd="5"), CODE)  # who carries a dollar does not depend on these
    assert derived() == third


def rate(usd: int, quantity: int) -> tuple[ChargeLine, ...]:
    return (ChargeLine("input_tokens", quantity, str(usd), 10**6, usd * 1_000 * quantity),)


def test_a_price_cut_is_told_apart_from_less_use() -> None:
    """A million tokens at $3 in October, half as many in November at $2: $3 → $1, of which $0.50 is the price and $1.50 the use."""
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT])
        company.spend((0, 3 * USD, who(workflow="bot")), lines=rate(3, 10**6))
        company.spend((40 * DAY_MS, USD, who(workflow="bot")), lines=rate(2, 500_000))
        company.spend((41 * DAY_MS, USD, who(workflow="bot")), lines=rate(2, 500_000))
        company.turn(50 * DAY_MS)
        company.seal()
        company.spend((70 * DAY_MS, USD, who(workflow="bot")), lines=rate(2, 500_000))
        found = lines(asked(company))
        assert [found["support", month].price_nanousd for month in ("2026-10", "2026-11", "2026-12")] == [0, -USD, 0]


def test_every_figure_opens_down_to_its_calls() -> None:
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT])
        sealed = company.spend((0, 100, who("a", team="x")), (1, 50, who("a", team="x")), (2, 30, who(workflow="bot")), (3, 20, who("z")))
        company.hear(event("1", "settled", 5, ("run", "a")), event("2", "settled", 5, ("run", "a"), quantity=2))
        company.turn(3 * DAY_MS)
        company.seal()
        unsealed = company.spend((3 * DAY_MS, 9, who("a", team="x")))
        everything = Where("2026-10-01", "2026-11-01")
        with company.engine() as engine:
            found = questions.outcomes(engine, replace(everything, contract="support"), company.clock.now_ms())
            assert [(each.outcome, each.state, each.nanousd) for each in found] == [("2", "counted", 106), ("1", "counted", 53)]
            assert [each.state for each in questions.outcomes(engine, replace(everything, contract="support"), BEGIN_MS, state="open")] == [
                "open"
            ] * 2
            by_tier = questions.spending(engine, everything, ["tier"])
            assert {each.group[0]: (each.nanousd, each.calls) for each in by_tier} == {"linked": (159, 3), "matched": (30, 1), "unallocated": (20, 1)}
            assert [each.nanousd for each in questions.spending(engine, everything, [])] == [209]
            linked = questions.calls(engine, replace(everything, outcome=("desk", "1")))
            assert [(each.call_id, each.nanousd) for each in linked] == [(sealed[0], 100), (sealed[1], 50), (unsealed[0], 9)]
            rest = questions.calls(engine, replace(everything, contract="-", tier="unallocated"))
            assert [(each.call_id, each.run) for each in rest] == [(sealed[3], "z")]
            assert [each.call_id for each in questions.calls(engine, replace(everything, cuts={"workflow": "bot"}))] == [sealed[2]]
            assert len(questions.calls(engine, everything, limit=2, offset=4)) == 1
            with pytest.raises(InvalidInput, match="not kept by 'colour'"):
                questions.spending(engine, everything, ["colour"])


def test_what_contracts_share_opens_for_each_that_has_a_part() -> None:
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT, CODE])
        shared = company.spend((0, 100, who(team="core")), (1, 50, who(team="core", workflow="bot")))
        whole = Where("2026-10-01", "2026-11-01", "-", "split", sharing="code")
        with company.engine() as engine:
            assert [each.call_id for each in questions.calls(engine, whole)] == [shared[0]]
            assert [each.nanousd for each in questions.spending(engine, whole, [])] == [100]
            assert questions.spending(engine, replace(whole, sharing="cod"), [])[0].nanousd == 0


def test_how_well_spending_is_known() -> None:
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT])
        company.spend((0, 10, who()))
        company.spend((1, 7, who()), quality=Quality.ESTIMATED)
        company.spend((2, 0, who()), quality=Quality.UNPRICED)
        assert asked(company).calls == (3, 1, 1, 7)
        with company.engine() as engine:
            assert [each.nanousd for each in questions.calls(engine, Where("2026-10-01", "2026-10-02"))] == [10, 7, 0]


def test_days_are_allocated_in_bounded_batches_and_may_be_empty_or_sealed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENGINE_ENTRIES_AT_ONCE", 1)
    company = Company(tmp_path, [SUPPORT])
    company.release(0)
    company.spend((DAY_MS, 7, who("a")), (2 * DAY_MS, 9, who("b")))
    company.hear(event("1", "settled", 5, ("run", "b")))
    company.turn(5 * DAY_MS)
    before = asked(company)
    assert company.seal() == 3
    assert asked(company) == before
    for name in ("parquet", "json"):
        (tmp_path / "sealed" / f"2026-10-03.{name}").unlink()
    assert asked(company) == before
    assert not (tmp_path / "value" / "shares" / "sealed=2026-10-03").exists()
    assert company.seal() == 1
    assert asked(company) == before
    assert before.total_nanousd == 16


def test_what_was_read_of_open_days_is_kept_and_is_of_this_journal_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENGINE_OPEN_MIN", 2)
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who("a")))
    assert asked(company).total_nanousd == 10
    assert not (tmp_path / "value" / "open.parquet").exists()  # too little to be worth it
    company.spend((1, 20, who("b")))
    earlier = tmp_path / "copy"
    earlier.mkdir()
    shutil.copy(tmp_path / "journal.db", earlier)
    company.spend((2, 40, who("c")))
    assert asked(company).total_nanousd == 70
    assert (tmp_path / "value" / "open.parquet").exists()
    company.spend((3, 80, who("d")))
    assert same(asked(company), specified(company))
    for path in tmp_path.glob("journal.db*"):
        path.unlink()
    shutil.copy(earlier / "journal.db", tmp_path)  # an older copy is put back
    assert asked(company).total_nanousd == 30


def test_a_day_that_is_missing_is_noticed(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()), (DAY_MS, 7, who()), (2 * DAY_MS, 5, who()))
    company.turn(4 * DAY_MS)
    company.seal()
    for name in ("parquet", "json"):
        (tmp_path / "sealed" / f"2026-10-02.{name}").unlink()
    with pytest.raises(JournalCorrupt, match="2026-10-03 does not follow the day before it"):
        asked(company)


def test_a_correction_of_an_earlier_month_is_told_apart(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    (call_id,) = company.spend((0, 10 * USD, who(workflow="bot")))
    company.spend((31 * DAY_MS, 6 * USD, who(workflow="bot")))
    company.hear(event("1", "settled", 31 * DAY_MS), event("2", "settled", 31 * DAY_MS))
    company.correct(call_id, -4 * USD, "2026-10-01")
    company.turn(40 * DAY_MS)
    for _ in range(2):
        found = lines(asked(company))["support", "2026-11"]
        assert (found.spent_nanousd, found.late_nanousd, found.each_nanousd) == (2 * USD, -4 * USD, 3 * USD)
        assert same(asked(company), specified(company))
        company.seal()


def test_another_log_of_outcomes_is_noticed(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who("a")))
    company.hear(event("1", "settled", 5, ("run", "a")), event("2", "settled", 5))
    company.turn(3 * DAY_MS)
    company.seal()
    assert lines(asked(company))["support", "2026-10"].settled == 2
    for path in tmp_path.glob("outcomes.db*"):
        path.unlink()
    assert asked(company).unallocated_nanousd == 10
    company.hear(event("3", "settled", 5, ("run", "a")))
    assert same(asked(company), specified(company))
    assert lines(asked(company))["support", "2026-10"].linked_nanousd == 10


@pytest.mark.parametrize("name", ["sums", "rate", "outcomes", "open"])
def test_what_was_kept_and_is_broken_is_derived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(limits, "ENGINE_OPEN_MIN", 1)
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who("a")), (3 * DAY_MS, 5, who("a")))
    company.hear(event("1", "settled", 5, ("run", "a")))
    company.seal()
    found = asked(company)
    broken = tmp_path / "value" / f"{name}.parquet"
    broken.write_bytes(broken.read_bytes()[:50])
    assert asked(company) == found


def test_shares_that_are_broken_are_said_to_be_and_derived_again(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 4, who("a")), (DAY_MS, 6, who("a")))
    company.turn(3 * DAY_MS)
    company.seal()
    asked(company)
    _, broken = sorted((tmp_path / "value" / "shares").glob("*/*.parquet"))
    broken.write_bytes(broken.read_bytes()[:50])
    with pytest.raises(ConfigError, match="ask again"), company.engine() as engine:
        questions.spending(engine, Where("2026-10-01", "2026-11-01"), [])
    with company.engine() as engine:
        assert [each.nanousd for each in questions.spending(engine, Where("2026-10-01", "2026-11-01"), [])] == [10]
    day_file = next((tmp_path / "sealed").glob("*.parquet"))
    day_file.write_bytes(day_file.read_bytes()[:50])
    shutil.rmtree(tmp_path / "value")
    with pytest.raises(JournalCorrupt, match="sealed days cannot be read"):
        asked(company)


def test_values_may_be_more_than_sixty_four_bits(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()))
    company.hear(*(event(str(number), "settled", 5, value_nanousd=9 * 10**18) for number in range(3)))
    company.turn(5 * DAY_MS)
    assert lines(asked(company))["support", "2026-10"].revenue_nanousd == 27 * 10**18


def test_a_day_that_was_changed_is_noticed(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()), (DAY_MS, 7, who()))
    company.turn(3 * DAY_MS)
    company.seal()
    one, other = sorted((tmp_path / "sealed").glob("*.parquet"))
    shutil.copy(other, one)
    with pytest.raises(JournalCorrupt, match="2026-10-01 holds 7 n"):
        asked(company)


def test_without_a_ledger_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no ledger"):
        asked(Company(tmp_path, [SUPPORT]))


class Died(BaseException):
    """A process ends where it stands."""


def test_what_was_kept_by_another_version_or_cut_off_is_derived_again(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who("a")))
    company.hear(event("1", "settled", 5, ("run", "a")))
    company.turn(3 * DAY_MS)
    company.seal()
    found = asked(company)
    (tmp_path / "value" / "kept.json").write_text("{")
    assert asked(company) == found
    (tmp_path / "value" / "outcomes.parquet").unlink()
    assert asked(company) == found
    (tmp_path / "value" / "sums.parquet").unlink()
    assert asked(company) == found
    (tmp_path / "value" / ".shares").mkdir()  # a process died while it wrote
    assert asked(company) == found


@pytest.mark.parametrize("dies_at", range(7))
def test_a_process_that_dies_while_it_derives_leaves_nothing_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int) -> None:
    """Whichever of its files is the last it puts in place."""
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who("a")), (DAY_MS, 20, who("b")))
    company.hear(event("1", "settled", 5, ("run", "a")))
    company.turn(2 * DAY_MS + 3_600_000)
    company.seal()
    asked(company)
    company.spend((2 * DAY_MS, 40, who("b")))
    company.hear(event("2", "settled", 5, ("run", "b")))
    company.turn(5 * DAY_MS)
    company.seal()
    left = itertools.count(dies_at, -1)

    def dying(place: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def move(own: Path, target: Path) -> Path:
            if not next(left):
                raise Died
            return place(own, target)

        return move

    for name in ("replace", "rename"):
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))
    with pytest.raises(Died):
        asked(company)
    monkeypatch.undo()
    assert same(asked(company), specified(company))


def test_another_process_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()))
    monkeypatch.setattr(limits, "ENGINE_WAIT_S_MAX", 0.1)
    with company.engine(), pytest.raises(JournalLocked, match="another process is allocating"):
        asked(company)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()))
    (tmp_path / "value").write_text("in the way")
    with pytest.raises(ConfigError, match="value cannot be written: File exists"):
        asked(company)


def test_without_duckdb_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 10, who()))
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ConfigError, match=r"pip install 'wellspent\[analytics\]'"):
        asked(company)


SESSIONS = (
    who("", "s1", team="core", client="codex"),
    who("", "s1", team="web", client="codex", tags=(("mood", "good"), ("branch", "fix"), ("change", "acme/app#1"))),
    who("r1"),
    who("r9", "named"),
    who("r9", "other", client="zed", tags=(("customer", "x"),)),
    who(tags=(("commit", "abc"), ("issue", "7"))),
    who(),
)


@given(st.lists(st.tuples(st.integers(0, 3 * DAY_MS), st.integers(0, 10**12), st.sampled_from(SESSIONS)), min_size=1, max_size=12), st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_work_on_code_by_session_sums_to_its_spending_sealed_or_not(calls: list[tuple[int, int, Attribution]], sealed: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [SUPPORT])
        company.spend(*calls)
        company.turn(5 * DAY_MS)
        if sealed:
            company.seal()
        with company.engine() as engine:
            found = questions.sessions(engine, "2026-10-01", "2026-11-01", ["codex"], ["r1"], ["named"])
            (whole,) = questions.spending(engine, Where("2026-10-01", "2026-11-01"), [])
            assert questions.sessions(engine, "2026-10-05", "2026-11-01", ["codex"], ["r1"], ["named"]) == []
            everything = questions.sessions(engine, "2026-10-01", "2026-11-01", ["codex", "zed", ""], [], [])
        by_code = {(each.client, each.session, each.run, each.team, each.links): each.nanousd for each in found}
        wanted: dict[tuple[str, ...] | object, int] = defaultdict(int)
        for _, nanousd, attribution in calls:
            links = tuple(sorted(f"{kind}={name}" for kind, name in attribution.tags if kind in ("branch", "change", "commit", "issue")))
            if attribution in (*SESSIONS[:4], SESSIONS[5]):
                wanted[attribution.client, attribution.session, attribution.run, attribution.team, links] += nanousd
        assert by_code == wanted
        assert sum(each.nanousd for each in everything) == whole.nanousd == sum(nanousd for _, nanousd, _ in calls)
        assert len(by_code) == len(found)


def test_calls_of_a_session_without_a_price_are_counted(tmp_path: Path) -> None:
    company = Company(tmp_path, [SUPPORT])
    company.spend((0, 0, who("", "s1", client="codex")), quality=Quality.UNPRICED)
    company.spend((1, 5, who("", "s1", client="codex")))
    with company.engine() as engine:
        (found,) = questions.sessions(engine, "2026-10-01", "2026-11-01", ["codex"], [], [])
    assert (found.nanousd, found.unpriced_calls) == (5, 1)
