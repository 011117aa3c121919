"""A figure that is another now is listed with a reason; one that is not is not listed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.statement.made import CHANGES, SUPPORT, USD, bought, spent, stated

from wellspent.analytics.contract import Contract
from wellspent.analytics.statement.record import Facts, Restated, Statement
from wellspent.analytics.statement.restate import Issued, restated, says_the_same
from wellspent.analytics.statement.since import Correction, Moments, Moved, Since, Stood, moved_of
from wellspent.facts.outcome import Outcome, OutcomeEvent, outcome_of

CONTRACTS = (SUPPORT, CHANGES)
MONIES = (spent("support", "2026-10-05", 10 * USD), spent("support", "2026-09-05", 10 * USD), spent("", "2026-10-05", USD))
OUTCOMES = (bought("support", "2026-10-05", 10), bought("support", "2026-09-05", 10))
NOTHING = Since()
THEN = stated(CONTRACTS, MONIES, OUTCOMES)


def now(settled: int = 10, before: int = 10, monies: Any = MONIES, contracts: Any = CONTRACTS, **said: Any) -> Statement:
    outcomes = (bought("support", "2026-10-05", settled), bought("support", "2026-09-05", before))
    return stated(contracts, monies, outcomes, **said)


UNDONE, HEARD = "were undone since", "were heard of only since"


def undone(contract: str, name: str, day: str, quantity: int = 1, **said: Any) -> Moved:
    """One that counted, and does no more."""
    return Moved(contract, name, UNDONE, bought(contract, day, quantity), bought(contract, day, 0, reversed=quantity), **said)


def heard(contract: str, name: str, day: str, **said: Any) -> Moved:
    """One that counts, and was not known."""
    return Moved(contract, name, HEARD, None, bought(contract, day, 1), **said)


def lines(after: Statement, since: Since = NOTHING, told: Any = ()) -> dict[str, Restated]:
    found = restated(Issued(1, 1, THEN), after, since, told)
    return {": ".join(filter(None, (each.section, each.item, each.name))): each for each in found}


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_exactly_what_differs_is_listed_and_has_a_reason(settled: int, before: int, dollars: int) -> None:
    after = now(settled, before, (*MONIES[1:], spent("support", "2026-10-05", dollars * USD)))
    found = restated(Issued(1, 1, THEN), after, Since())
    assert all(each.was != each.now and each.why for each in found)
    listed = {(each.section, each.item, each.name) for each in found}
    for was in THEN.figures:
        is_now = after.figure(was.section, was.item, was.name)
        assert is_now is not None
        if was.unit != "percent":
            assert ((was.section, was.item, was.name) in listed) == (was.value != is_now.value)
            assert ((was.section, was.item, f"{was.name}, period before") in listed) == (was.before != is_now.before)


def test_the_same_facts_say_the_same() -> None:
    moved = undone("support", "desk T1", "2026-10-05", states=("counted", "undone"), carried=True)
    assert lines(now(), Since((moved,), (Stood("support", "2026-10-05", 1),))) == {}


def test_outcomes_undone_since_are_the_reason_and_are_named() -> None:
    moved = tuple(undone("support", f"desk T{number}", "2026-10-05") for number in range(4))
    found = lines(now(6), Since(moved))
    why = ("4 outcomes of support were undone since (desk T0, desk T1, desk T2 …)",)
    settled = found["output: support: settled"]
    assert (settled.was, settled.now, settled.why, settled.number, settled.period, settled.told) == (10, 6, why, 1, "2026-10", 0)
    assert found["cost per outcome: support: cost per outcome"].why == why
    assert "output: changes: settled" not in found


def test_outcomes_of_another_day_or_contract_are_no_reason_of_a_count() -> None:
    elsewhere = undone("support", "desk T1", "2026-08-05", states=("counted", "undone"), carried=True)
    other = undone("changes", "git 1", "2026-10-05", states=("counted", "undone"), carried=True)
    stood = Stood("support", "2026-10-05", 2)
    found = lines(now(6), Since((elsewhere, other), (stood, Stood("changes", "2026-10-05", 7), Stood("support", "2026-09-05", 9))))
    assert found["output: support: settled"].why == ("2 outcomes of support have stood for long enough since",)


def test_figures_of_the_period_before_have_their_own_reasons() -> None:
    since = Since((heard("support", "desk T1", "2026-09-05"), heard("support", "desk T0", "2026-08-05")), before_first="2026-09-01")
    found = lines(now(10, 11), since)
    assert found["output: support: settled, period before"].why == ("1 outcomes of support were heard of only since (desk T1)",)
    assert "output: support: settled" not in found
    change = found["cost per outcome: support: change"]
    assert change.why == ("1 outcomes of support were heard of only since (desk T1)",)


def test_an_outcome_of_any_day_may_carry_money_of_the_period() -> None:
    """An outcome of November that names a run of October takes its money out of the unallocated."""
    monies = (spent("support", "2026-10-05", 11 * USD), *MONIES[1:2])
    since = Since((heard("support", "desk T9", "2026-11-02", states=("", "counted"), carried=True), heard("support", "desk T8", "2026-11-02")))
    found = lines(now(monies=monies), since)
    why = ("1 outcomes of support were heard of only since (desk T9)",)
    assert found["carried by outcomes: unallocated"].why == why
    assert found["spending by contract: support: spent"].why == why
    assert found["cost per outcome: support: cost per outcome"].why == why


def test_a_changed_definition_is_a_reason() -> None:
    stricter = msgspec.structs.replace(SUPPORT, settle_after="7d")
    assert lines(now(6, contracts=(stricter, CHANGES)))["output: support: settled"].why == ("the contract support says something else",)
    gone = lines(now(contracts=(SUPPORT,)))["output: changes: settled"]
    assert (gone.was, gone.now, gone.why) == (0, None, ("the contract changes is gone",))
    more = msgspec.structs.replace(CHANGES, name="more", kind="lead")
    new = lines(now(contracts=(*CONTRACTS, more)))["output: more: settled"]
    assert (new.was, new.now, new.why) == (None, 0, ("the contract more is new",))


def test_another_calendar_is_a_reason() -> None:
    found = lines(now(6, timezone="Europe/Zurich"))["output: support: settled"]
    assert found.why == ("the calendar is another: 2026-10-01 to 2026-10-31 (UTC), now 2026-10-01 to 2026-10-31 (Europe/Zurich)",)
    found = lines(now(6, before_text="August"))["output: support: settled"]
    assert found.why == ("the period before is another: September 2026, now August",)


def test_corrections_posted_since_are_told_though_no_figure_moves() -> None:
    """They count in the period in which they were posted: what was issued stands."""
    since = Since(corrections=(Correction("2026-10-20", "an invoice", -2 * USD, 3), Correction("2026-11-20", "an invoice", USD, 1)))
    found = lines(now(), since)
    assert list(found) == ["corrections: posted since, counted when posted"]
    (line,) = found.values()
    assert (line.was, line.now, line.why) == (0, -2 * USD, ("-$2.00 of 2026-10-20 in 3 entries: an invoice",))


def test_what_nothing_explains_says_so() -> None:
    assert lines(now(6))["output: support: settled"].why == ("it is not explained by outcomes, corrections or definitions",)
    newer = lines(now(6, made_with="2.0"))["output: support: settled"]
    assert newer.why == ("it is not explained by outcomes, corrections or definitions: it was made with wellspent 1.0, now with 2.0",)


def test_what_a_later_statement_told_already_is_marked() -> None:
    first = tuple(restated(Issued(1, 1, THEN), now(6), Since()))
    later = Issued(2, 1, msgspec.structs.replace(now(6), restated=first))
    assert {each.told for each in lines(now(6), told=[later]).values()} == {2}
    assert lines(now(5), told=[later])["output: support: settled"].told == 0
    other = Issued(3, 1, msgspec.structs.replace(now(6), restated=tuple(msgspec.structs.replace(each, number=9) for each in first)))
    assert {each.told for each in lines(now(6), told=[other]).values()} == {0}


def test_the_same_again_is_no_news() -> None:
    first = tuple(restated(Issued(1, 1, THEN), now(6), Since()))
    issued = msgspec.structs.replace(now(6), restated=first)
    later = msgspec.structs.replace(issued, as_of_ms=9, compared=(7,), facts=Facts(9, "c", 9, "d", "2026-01-01"))
    assert says_the_same(issued, later)
    assert says_the_same(issued, msgspec.structs.replace(later, restated=()))
    assert says_the_same(later, msgspec.structs.replace(later, restated=tuple(msgspec.structs.replace(each, told=3) for each in first)))
    other = tuple(msgspec.structs.replace(each, number=2) for each in first)
    assert not says_the_same(issued, msgspec.structs.replace(later, restated=other))
    assert not says_the_same(issued, msgspec.structs.replace(now(5), restated=first))
    assert not says_the_same(issued, msgspec.structs.replace(later, notes=("something",)))


def test_a_statement_is_the_same_after_it_was_kept() -> None:
    assert msgspec.json.decode(msgspec.json.encode(THEN), type=Statement) == THEN
    huge = stated(CONTRACTS, [spent("", "2026-10-05", 9_007_199_254_740_993)], [])
    again = msgspec.json.decode(msgspec.json.encode(huge), type=Statement).figure("spending", "", "total")
    assert again is not None and again.value == 9_007_199_254_740_993


STATES = st.sampled_from(["", "counted", "open", "undone", "rework"])
ANYTHING = st.builds(
    Moved,
    st.sampled_from(["support", "changes"]),
    st.just("desk T1"),
    st.just(UNDONE),
    st.none() | st.builds(bought, st.sampled_from(["support", "changes"]), st.sampled_from(["2026-09-05", "2026-10-05"]), st.integers(0, 3)),
    st.none() | st.builds(bought, st.sampled_from(["support", "changes"]), st.sampled_from(["2026-09-05", "2026-10-05"]), st.integers(0, 3)),
    st.tuples(STATES, STATES),
    st.booleans(),
)


@given(st.lists(ANYTHING, max_size=5), st.lists(st.builds(Stood, st.just("support"), st.just("2026-10-05"), st.just(1)), max_size=2))
def test_no_outcome_and_no_contract_moves_what_was_spent(moved: list[Moved], stood: list[Stood]) -> None:
    after = now(6, monies=MONIES[1:], contracts=(SUPPORT, msgspec.structs.replace(CHANGES, name="merges")))
    found = lines(after, Since(tuple(moved), tuple(stood)))
    for name in ("total", "exact"):
        assert found[f"spending: {name}"].why == ("it is not explained by outcomes, corrections or definitions",)


@given(st.lists(ANYTHING, max_size=5))
def test_the_reason_of_a_count_is_an_outcome_that_counts_otherwise(moved: list[Moved]) -> None:
    said = lines(now(6), Since(tuple(moved)))["output: support: settled"].why

    def part(each: Any) -> int:
        return each.settled if each is not None and each.contract == "support" and each.day >= "2026-10" else 0

    assert ("not explained" in said[0]) == all(part(each.was) == part(each.now) for each in moved)


LEADS = Contract("leads", "lead", split={"team": "growth"})
DEALS = Contract("deals", "deal", split={"team": "growth"})
OTHER = Contract("other", "thing", split={"team": "sales"})


def shared(leads: int, deals: int) -> Statement:
    monies = [spent("", "2026-10-05", 12 * USD, tier="split", rule="leads, deals"), *MONIES]
    outcomes = [bought("leads", "2026-10-06", leads), bought("deals", "2026-10-07", deals), *OUTCOMES]
    return stated((SUPPORT, LEADS, DEALS, OTHER), monies, outcomes)


def test_money_that_is_shared_moves_by_what_the_others_settled() -> None:
    """A deal heard of late makes the leads cheaper; that a conversation was undone does not, nor a thing of a contract that shares something else."""
    moved = (
        undone("support", "desk T1", "2026-10-05", states=("counted", "undone")),
        heard("deals", "crm D1", "2026-10-07"),
        heard("deals", "crm D2", "2026-09-07"),
        heard("other", "crm O1", "2026-10-07"),
    )
    found = restated(Issued(1, 1, shared(1, 1)), shared(1, 2), Since(moved, (Stood("deals", "2026-10-07", 3), Stood("other", "2026-10-07", 3))))
    why = {(each.section, each.item, each.name): each.why for each in found}
    told = ("1 outcomes of deals were heard of only since (crm D1)", "3 outcomes of deals have stood for long enough since")
    assert why["spending by contract", "leads", "spent"] == told
    assert why["cost per outcome", "leads", "cost per outcome"] == told
    assert not [key for key in why if key[1] in ("support", "other")]


def test_money_that_went_from_one_contract_to_another_is_told_of_both() -> None:
    """Of others only what may carry other money, and only of those whose spending went the other way."""
    monies = (spent("changes", "2026-10-05", 4 * USD), spent("support", "2026-10-05", 6 * USD), *MONIES[1:])
    moved = (
        heard("changes", "git 1", "2026-11-05", states=("", "counted"), carried=True),
        undone("changes", "git 2", "2026-11-05", states=("counted", "undone")),
    )
    found = lines(now(monies=monies), Since(moved))
    why = ("1 outcomes of changes were heard of only since (git 1)",)
    assert found["spending by contract: support: spent"].why == why
    assert found["spending by contract: changes: spent"].why == why
    assert found["spending by contract: support: spent"].now == 6 * USD


@pytest.mark.parametrize(("states", "told"), [(("open", "undone"), True), (("counted", "undone"), False), (("counted", "open"), True)])
def test_money_that_is_not_counted_yet_moves_by_what_is_open(states: Any, told: bool) -> None:
    """That one was undone which counted moves what is rework; nothing was or is pending, so it does not move this."""
    moved = Since((undone("support", "desk T1", "2026-10-05", states=states),))
    monies = (spent("support", "2026-10-05", 9 * USD), spent("support", "2026-10-05", USD, state="open"), *MONIES[1:])
    why = lines(now(9, monies=monies), moved)["spending by contract: support: not counted yet"].why
    assert (why == ("1 outcomes of support were undone since (desk T1)",)) == told
    lost = lines(now(9, monies=(*monies[:1], spent("support", "2026-10-05", USD, state="undone"), *MONIES[1:])), moved)
    assert ("were undone" in lost["rework: support: on what was undone"].why[0]) == ("undone" in states)


def test_where_all_spending_is_another_the_parts_say_so() -> None:
    found = lines(now(monies=MONIES[1:]), Since((undone("support", "desk T1", "2026-10-05", states=("counted", "undone")),)))
    assert found["spending by contract: support: spent"].why == ("spending in all is another: see total",)
    assert "spending by contract: support: spent, period before" not in found


def event(state: str, at: int = 1, **said: Any) -> OutcomeEvent:
    return OutcomeEvent("desk", "T1", said.pop("kind", "solved"), state, at, **said)  # type: ignore[arg-type]


def of(*events: OutcomeEvent) -> Outcome:
    found = outcome_of(events)
    assert found is not None
    return found


MOMENTS = Moments(10**9, 10**9, lambda _: "2026-10-05")
RUN = (("run", "r"),)


def moved(then: tuple[OutcomeEvent, ...], after: tuple[OutcomeEvent, ...], contracts: Any = CONTRACTS) -> Moved | None:
    return moved_of(contracts, of(*then) if then else None, of(*then, *after), MOMENTS)


@pytest.mark.parametrize(
    ("then", "after", "how"),
    [
        ((), (event("settled"),), "were heard of only since"),
        ((), (event("settled"), event("reversed", 2)), "were heard of only since, and are undone"),
        ((event("settled"),), (event("reversed", 2),), "were undone since"),
        ((event("settled"),), (event("reversed", 2), event("settled", 3)), "were undone and settled again since"),
        ((event("settled"), event("reversed", 2)), (event("settled", 3),), "were settled again since"),
        ((event("settled"), event("reversed", 2)), (event("settled", 3), event("reversed", 4)), "were settled again and undone again since"),
        ((event("reversed", 2),), (event("settled", 3),), "were settled since"),
        ((event("pending"),), (event("settled", 2),), "were settled since"),
        ((event("settled"),), (event("pending", 2),), "were reopened since"),
        ((event("settled"),), (event("settled", 2, value_nanousd=5, links=RUN),), "were told otherwise since (value, links)"),
        ((event("settled", 5),), (event("settled", 2),), "were told otherwise since (time)"),
        ((event("settled"),), (event("settled", 2),), ""),
        ((event("settled", kind="other"),), (event("reversed", 2, kind="other"),), ""),
    ],
)
def test_what_became_of_an_outcome(then: tuple[OutcomeEvent, ...], after: tuple[OutcomeEvent, ...], how: str) -> None:
    found = moved(then, after)
    assert (found.how if found else "") == how
    if found:
        assert (found.contract, found.name) == ("support", "desk T1")


def test_what_it_counted_as_is_told_with_it() -> None:
    found = moved((event("settled", links=RUN),), (event("reversed", 2),))
    assert found is not None and found.was is not None and found.now is not None
    assert (found.was.settled, found.now.settled, found.now.reversed, found.states, found.carried) == (1, 0, 1, ("counted", "undone"), False)
    linked = moved((event("settled"),), (event("settled", 2, links=RUN),))
    assert linked is not None and (linked.states, linked.carried, linked.was != linked.now) == (("", "counted"), True, True)
    alone = moved((event("settled"),), (event("reversed", 2),))
    assert alone is not None and (alone.states, alone.carried) == (("", ""), False)
    fresh = moved((), (event("settled", links=RUN),))
    assert fresh is not None and (fresh.was, fresh.states, fresh.carried) == (None, ("", "counted"), True)


def test_what_mends_outcomes_moves_money_and_no_count() -> None:
    found = moved((), (event("settled", kind="reverting", links=RUN),))
    assert found is not None and (found.contract, found.was, found.now, found.carried) == ("changes", None, None, True)
    after = now(monies=(*MONIES[:2], spent("changes", "2026-10-05", USD, state="rework")))
    assert lines(after, Since((found,)))["rework: changes: rework"].why == ("1 outcomes of changes were heard of only since (desk T1)",)


def test_an_outcome_that_is_of_another_kind_now_moves_both() -> None:
    found = moved((event("settled", links=RUN),), (event("settled", 2, kind="merged"),))
    assert found is not None and found.was is not None and found.now is not None
    assert (found.contract, found.was.contract, found.now.contract, found.carried) == ("changes", "support", "changes", True)
    told = lines(now(9), Since((found,)))["output: support: settled"].why
    assert told == ("1 outcomes of changes were told otherwise since (kind) (desk T1)",)
