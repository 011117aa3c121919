"""The one place that checks what is said of an outcome."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.connectors.outcomes.fields import event_from, timely
from wellspent.connectors.outcomes.moments import LATEST_MS, moment_ms
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

LEAST = {"outcome": "4711", "kind": "lead", "occurred_at": "2026-11-23T14:05:06Z"}


def test_the_least_is_a_settled_outcome() -> None:
    assert event_from(LEAST, "crm") == OutcomeEvent("crm", "4711", "lead", "settled", 1_795_442_706_000)


def test_everything_that_can_be_said() -> None:
    said = {
        **LEAST,
        "state": "reversed",
        "event": "m1",
        "quantity": "3",
        "value_usd": "12.50",
        "attested": "assumed",
        "team": "care",
        "project": "web",
        "workflow": "reply",
        "customer": 77,
        "conversation": "c1",
        "amount": "EUR 11.00",
        "url": "https://example.com/4711",
    }
    event = event_from(said, "crm")
    assert (event.state, event.event, event.quantity, event.value_nanousd, event.attested) == ("reversed", "m1", 3, 12_500_000_000, "assumed")
    assert (event.team, event.project, event.workflow) == ("care", "web", "reply")
    assert event.links == (("conversation", "c1"), ("customer", "77"))
    assert event.evidence == (("url", "https://example.com/4711"), ("amount", "EUR 11.00"))


def test_empty_values_are_not_there() -> None:
    assert event_from({**LEAST, "team": "", "value_usd": None, "event": ""}, "crm") == event_from(LEAST, "crm")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"outcome": ""}, "outcome is missing"),
        ({"kind": None}, "kind is missing"),
        ({"occurred_at": ""}, "occurred_at is missing"),
        ({"colour": "red"}, "there is no field 'colour'"),
        ({"kind": "Lead!"}, "kind is 'Lead!'"),
        ({"kind": 5}, "kind is '5'"),
        ({"state": "done"}, "state is 'done'"),
        ({"attested": "yes"}, "attested is 'yes'"),
        ({"outcome": ["4711"]}, "outcome is ['4711'], which is no text"),
        ({"outcome": True}, "outcome is True"),
        ({"outcome": 4.5}, "outcome is 4.5"),
        ({"outcome": "a\nb"}, "outcome is 'a\\nb'"),
        ({"outcome": " "}, "outcome is ' '"),
        ({"team": "x" * (limits.OUTCOME_TEXT_CHARS_MAX + 1)}, "team has 513 characters"),
        ({"quantity": 0}, "quantity is 0"),
        ({"quantity": 1.5}, "quantity is 1.5"),
        ({"quantity": "many"}, "quantity is 'many'"),
        ({"quantity": True}, "quantity is True"),
        ({"quantity": [1]}, "quantity is [1]"),
        ({"quantity": limits.OUTCOME_QUANTITY_MAX + 1}, "quantity is 1000000001"),
        ({"value_usd": "a lot"}, "is not an amount in US dollars"),
        ({"value_usd": {"usd": 1}}, "value_usd is {'usd': 1}"),
        ({"value_usd": False}, "value_usd is False"),
        ({"value_usd": "9" * 10_000}, "value_usd is '999"),
        ({"value_usd": "-5000"}, "value_usd is '-5000', below zero"),
        ({"value_usd": -0.01}, "value_usd is -0.01, below zero"),
        ({"value_usd": "1000000000.01"}, "value_usd is '1000000000.01'"),
        ({"value_usd": 9_000_000_000}, "value_usd is 9000000000"),
        ({"value_usd": 1e-12}, "finer than a nano-dollar"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        event_from({**LEAST, **change}, "crm")
    assert says in str(caught.value)
    assert caught.value.fix
    assert len(caught.value.args[0]) < 200


def test_further_links_follow_its_own_each_once() -> None:
    event = event_from({**LEAST, "run": "r1"}, "crm", [("run", "r1"), ("run", "r2"), ("session", "s")])
    assert event.links == (("run", "r1"), ("run", "r2"), ("session", "s"))


def test_what_an_outcome_may_have_brought() -> None:
    assert event_from({**LEAST, "value_usd": 0}, "crm").value_nanousd == 0
    assert event_from({**LEAST, "value_usd": "1,000,000,000"}, "crm").value_nanousd == limits.OUTCOME_VALUE_USD_MAX * 10**9


@given(st.integers(-10, 10))
def test_an_event_may_be_ahead_by_what_clocks_differ_and_no_more(beyond_ms: int) -> None:
    event = OutcomeEvent("crm", "F", "deal", "reversed", 1_795_442_706_000)
    now_ms = event.occurred_at_ms - limits.OUTCOME_AHEAD_MS_MAX - beyond_ms
    if beyond_ms <= 0:
        assert list(timely([event, event], now_ms)) == [event, event]
        return
    with pytest.raises(InvalidInput, match=r"F of crm is reversed at 2026-11-23T14:05:06\+00:00, more than 24 hours from now") as caught:
        list(timely([event], now_ms))
    assert "clock" in caught.value.fix


@pytest.mark.parametrize(
    ("value", "at_ms"),
    [
        ("2026-11-23", 1_795_392_000_000),
        ("2026-11-23T14:05:06Z", 1_795_442_706_000),
        ("2026-11-23T15:05:06+01:00", 1_795_442_706_000),
        ("2026-11-23T14:05:06.123456789Z", 1_795_442_706_123),
        ("2026-11-23 16:05:06 +0200", 1_795_442_706_000),
        (" 2026-11-23T14:05:06Z ", 1_795_442_706_000),
        ("2026-11-23t14:05:06z", 1_795_442_706_000),
        ("2026-11-23t15:05:06.5+01:00", 1_795_442_706_500),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("2017-01-01T05:29:60.25+05:30", 1_483_228_800_250),
        ("20161231t235960z", 1_483_228_800_000),
        (1_795_442_706, 1_795_442_706_000),
        (1_795_442_706_764, 1_795_442_706_764),
        (LATEST_MS // 1000, LATEST_MS),
        (LATEST_MS, LATEST_MS),
    ],
)
def test_moments(value: Any, at_ms: int) -> None:
    assert moment_ms(value) == at_ms


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2026-11-23T14:05:06", "in no time zone"),
        ("2026W47T14", "in no time zone"),
        ("yesterday", "is not a moment"),
        ("2016-12-31T23:59:60", "in no time zone"),
        ("2016-12-31T12:34:60Z", "is not a moment"),
        ("2016-12-30T23:59:60Z", "is not a moment"),
        ("2016-12-31T23:59:61Z", "is not a moment"),
        ("9999-12-31T23:59:60Z", "is not a moment"),
        ("1795442706", "is not a moment"),
        ("1999-12-31T23:59:59Z", "is not a moment"),
        ("0001-01-01T00:00:00+23:59", "is not a moment"),
        ("", "is not a moment"),
        (1_795_442_706.5, "is not a moment"),
        (True, "is not a moment"),
        (0, "is not a moment"),
        (-(10**20), "is not a moment"),
        (10**20, "is not a moment"),
        (["2026-11-23"], "is not a moment"),
    ],
)
def test_what_is_no_moment(value: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        moment_ms(value)


@given(at_s=st.integers(946_684_800, LATEST_MS // 1000))
def test_seconds_and_milliseconds_are_told_apart(at_s: int) -> None:
    assert moment_ms(at_s) == moment_ms(at_s * 1000) == at_s * 1000
