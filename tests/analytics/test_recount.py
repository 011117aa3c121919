"""A vendor's bill against our own count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.contract import HOUR_MS, Contract
from wellspent.analytics.recount import Billed, recount
from wellspent.facts.outcome import STATES, Outcome, OutcomeEvent, outcome_of

AT_MS = 10**12
NOW_MS = AT_MS + 72 * HOUR_MS
CONTRACT = Contract("support", "solved", settle_after="72h")
CENTS = 10**7


def outcome(name: str, *states: str, **said: Any) -> Outcome:
    events = [
        OutcomeEvent(**{"source": "desk", "outcome": name, "kind": "solved", "state": state, "occurred_at_ms": AT_MS + number, **said})
        for number, state in enumerate(states)
    ]
    found = outcome_of(events)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (None, "none of our sources knows it"),
        (outcome("T", "settled"), ""),
        (outcome("T", "settled", "reversed"), "it was undone"),
        (outcome("T", "settled", "pending"), "it was reopened"),
        (outcome("T", "pending"), "it is not settled"),
        (outcome("T", "settled", occurred_at_ms=AT_MS + 1), "it has not stood for 72h"),
        (outcome("T", "settled", kind="other"), "none of our sources knows it"),
    ],
)
def test_why_a_line_is_disputed(known: Outcome | None, why: str) -> None:
    found = recount(CONTRACT, [known] if known else [], [Billed("T", 99 * CENTS)], NOW_MS)
    assert [each.why for each in found.disputed] == ([why] if why else [])
    assert found.settled == (not why)


def test_nobody_confirmed_it() -> None:
    contract = Contract("support", "solved", attested="confirmed")
    found = recount(contract, [outcome("T", "settled", attested="assumed")], [Billed("T", 1)], NOW_MS)
    assert [each.why for each in found.disputed] == ["nobody confirmed it"]


def test_three_numbers() -> None:
    known = [
        outcome("T1", "settled", attested="confirmed"),
        outcome("T2", "settled", attested="assumed"),
        outcome("T3", "settled", "reversed", evidence=(("url", "https://desk.example/T3"),)),
        outcome("T4", "settled"),
    ]
    found = recount(CONTRACT, known, [Billed(name, 99 * CENTS) for name in ("T1", "T2", "T2", "T3", "T9")], NOW_MS)
    assert (found.billed, found.settled, found.confirmed, found.unbilled) == (5, 2, 1, 1)
    late = outcome("T5", "settled", occurred_at_ms=AT_MS + 9)
    assert recount(CONTRACT, [*known, late], [Billed("T1", 1)], NOW_MS + 9).unbilled == 2
    assert (found.billed_nanousd, found.settled_nanousd, found.confirmed_nanousd) == (495 * CENTS, 198 * CENTS, 99 * CENTS)
    assert [(each.outcome, each.why) for each in found.disputed] == [
        ("T2", "it was billed before"),
        ("T3", "it was undone"),
        ("T9", "none of our sources knows it"),
    ]
    assert found.disputed[1].evidence == (("url", "https://desk.example/T3"),)


def test_ids_that_are_equal_in_two_sources_do_not_hide_each_other() -> None:
    """A line counts only where each source that knows it counts it, whatever the sources are called; the evidence names them."""
    known = [
        outcome("77", "settled", source="intercom"),
        outcome("77", "settled", "reversed", source="zendesk", evidence=(("url", "https://desk.example/77"),)),
        outcome("78", "settled", "reversed", source="intercom"),
        outcome("78", "settled", source="zendesk"),
        outcome("79", "settled", source="intercom", attested="confirmed"),
        outcome("79", "settled", source="zendesk"),
    ]
    bill = [Billed(name, 99 * CENTS) for name in ("77", "78", "79")]
    found = recount(CONTRACT, known, bill, NOW_MS)
    assert (found.settled, found.confirmed, found.unbilled) == (1, 1, 0)
    assert [(each.outcome, each.why, each.evidence) for each in found.disputed] == [
        ("77", "it was undone", (("intercom", "it counts"), ("zendesk", "it was undone"), ("url", "https://desk.example/77"))),
        ("78", "it was undone", (("intercom", "it was undone"), ("zendesk", "it counts"))),
    ]
    assert recount(CONTRACT, known[::-1], bill, NOW_MS) == found
    only_zendesk = Contract("support", "solved", source="zendesk", settle_after="72h")
    assert [each.outcome for each in recount(only_zendesk, known, bill, NOW_MS).disputed] == ["77"]


def test_a_conversation_of_one_id_in_two_sources_names_it() -> None:
    known = [outcome("77", "settled", source=source, links=(("conversation", "c1"),)) for source in ("intercom", "zendesk")]
    assert recount(CONTRACT, known, [Billed("c1", 1)], NOW_MS).settled == 1


names = st.sampled_from("ABCD")
bills = st.lists(st.builds(Billed, names, st.integers(0, 10**10)), max_size=8)
knowns = st.lists(
    st.builds(
        lambda name, states, source: outcome(name, *states, source=source),
        names,
        st.lists(st.sampled_from(STATES), min_size=1, max_size=3),
        st.sampled_from(["desk", "chat"]),
    ),
    max_size=6,
    unique_by=lambda each: (each.last.source, each.last.outcome),
)


@given(knowns, bills)
def test_settled_and_disputed_are_the_bill(known: list[Outcome], bill: list[Billed]) -> None:
    found = recount(CONTRACT, known, bill, NOW_MS + 10)
    assert found.settled + len(found.disputed) == found.billed
    assert found.settled_nanousd + found.disputed_nanousd == found.billed_nanousd
    assert found.confirmed <= found.settled
    assert found.confirmed_nanousd <= found.settled_nanousd
    assert recount(CONTRACT, known[::-1], bill, NOW_MS + 10) == found
    for line in bill:
        told = [each for each in known if each.last.outcome == line.outcome]
        if not told or not all(CONTRACT.counts(each, NOW_MS + 10) for each in told):
            assert line.outcome in [each.outcome for each in found.disputed]


def test_a_line_finds_an_outcome_by_another_name_and_by_its_conversation() -> None:
    """Its own id before a conversation; a conversation of several outcomes names none of them."""
    known = [
        outcome("T1", "settled", links=(("conversation", "c1"), ("issue", "c9"))),
        outcome("T2", "settled", links=(("conversation", "both"),)),
        outcome("T3", "settled", links=(("conversation", "both"), ("conversation", "T1"))),
    ]
    found = recount(CONTRACT, known, [Billed("z1", 1, ("c1",)), Billed("both", 1), Billed("c9", 1), Billed("T1", 1)], NOW_MS)
    assert [(each.outcome, each.why) for each in found.disputed] == [
        ("both", "none of our sources knows it"),
        ("c9", "none of our sources knows it"),
        ("T1", "it was billed before"),
    ]
    assert found.unbilled == 2


def test_what_the_vendors_own_record_says_is_evidence() -> None:
    known = [outcome("T1", "settled", evidence=(("url", "u"),)), outcome("T2", "settled")]
    line = Billed("T1", 5, against="the vendor's own record says that it was escalated", evidence=(("escalated", "true"),))
    found = recount(CONTRACT, known, [line, Billed("T2", 5)], NOW_MS)
    (disputed,) = found.disputed
    assert (disputed.why, disputed.evidence) == (line.against, (("url", "u"), ("escalated", "true")))
    assert (found.settled, found.disputed_nanousd) == (1, 5)
