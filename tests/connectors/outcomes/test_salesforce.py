"""Salesforce, by the Change Data Capture Developer Guide: a new opportunity, enriched event messages, bitmaps of changed fields."""

from typing import Any

import pytest
from tests.connectors.outcomes.documents import SALESFORCE_CASE, SALESFORCE_NEW, SALESFORCE_WON

from wellspent import limits
from wellspent.connectors.outcomes import salesforce
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of


def change(of: Any = SALESFORCE_WON["payload"], header: Any = None, **changes: Any) -> Any:
    return {**of, "ChangeEventHeader": {**of["ChangeEventHeader"], **(header or {})}, **changes}


def test_an_opportunity_that_is_won() -> None:
    event = OutcomeEvent(
        "salesforce",
        "006SM0000001Tb3YAE",
        "deal_won",
        "settled",
        1_653_088_158_000,
        event="0005e192-9e62-2554-3880-3c3718bd6308 1 006SM0000001Tb3YAE",
        value_nanousd=38_500_500_000_000,
        evidence=(("note", "StageName Closed Won"),),
    )
    assert salesforce.events_of(SALESFORCE_WON, "USD") == [event]
    assert salesforce.events_of(SALESFORCE_WON["payload"], "USD") == [event]


def test_the_value_of_an_earlier_event_stands_where_the_last_has_none() -> None:
    (new,) = salesforce.events_of(SALESFORCE_NEW, "USD")
    assert (new.state, new.value_nanousd, new.links) == ("pending", 40_000_000_000_000, (("customer", "001SM0000000iibYAA"),))
    standing = outcome_of([*salesforce.events_of(change(Amount=None)), new])
    assert standing is not None
    assert (standing.state, standing.last.value_nanousd) == ("settled", 40_000_000_000_000)


@pytest.mark.parametrize(
    ("payload", "states"),
    [
        (change(StageName="Closed Lost", IsWon=False), ["reversed"]),
        (change(StageName="Negotiation", IsWon=False, IsClosed=False), ["pending"]),
        (change(IsWon=None, IsClosed=None), ["settled"]),
        (change(IsWon=None, IsClosed=None, StageName="Closed Lost"), ["reversed"]),
        (change(IsWon=None, IsClosed=None, StageName="Proposal"), ["pending"]),
        (change(header={"changedFields": ["Amount"]}), []),
        (change(header={"changedFields": None}), []),
        (change(header={"changedFields": ["0x400000", "4-0x01"]}), ["settled"]),
        (change(header={"changeType": "DELETE"}), []),
        (change(header={"changeType": "GAP_UPDATE"}), []),
        (change(header={"entityName": "Account"}), []),
        (change(header={"entityName": "ConversationBillingOutcome"}), []),
        (change(SALESFORCE_CASE), ["settled"]),
        (change(SALESFORCE_CASE, Status="Working"), ["pending"]),
        (change(SALESFORCE_CASE, Status="Resolved", IsClosed=True), ["settled"]),
        (change(SALESFORCE_CASE, Status=None), []),
        (change(header={"recordIds": []}), []),
        ({"payload": None}, []),
        (None, []),
    ],
)
def test_what_a_change_means(payload: Any, states: list[str]) -> None:
    assert [event.state for event in salesforce.events_of(payload)] == states


def test_a_closed_case_is_a_conversation() -> None:
    (event,) = salesforce.events_of(SALESFORCE_CASE)
    assert (event.kind, event.occurred_at_ms, event.links) == ("conversation_solved", 1_608_073_975_000, (("conversation", "500RM000004UF9sYAG"),))


def test_one_change_of_several_records_and_several_changes() -> None:
    found = salesforce.events_of([change(SALESFORCE_CASE, {"recordIds": ["5001", "5002"]}), SALESFORCE_NEW])
    assert [event.outcome for event in found] == ["5001", "5002", "006SM0000001Tb3YAE"]
    assert len({event.event for event in found}) == 3


@pytest.mark.parametrize(
    ("payload", "currency", "value", "amount"),
    [
        (change(CurrencyIsoCode="EUR"), "USD", None, "EUR 38500.5"),
        (change(CurrencyIsoCode="USD"), "EUR", 38_500_500_000_000, None),
        (change(), "EUR", None, "EUR 38500.5"),
        (change(), "USD", 38_500_500_000_000, None),
        (change(Amount=-12.5), "USD", None, "USD -12.5"),  # a credit
        (change(), "", None, "currency unknown: 38500.5"),
        (change(CurrencyIsoCode="USD"), "", 38_500_500_000_000, None),
        (change(Amount=True), "", None, None),
    ],
)
def test_only_dollars_are_a_value(payload: Any, currency: str, value: int | None, amount: str | None) -> None:
    """Change Data Capture: CurrencyIsoCode is there where the organisation has several currencies; an amount of unknown currency is no dollars."""
    (event,) = salesforce.events_of(payload, currency)
    assert (event.value_nanousd, dict(event.evidence).get("amount")) == (value, amount)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (change(header={"recordIds": [None]}), "outcome is missing"),
        (change(header={"commitTimestamp": None}), "occurred_at is missing"),
        (change(Amount="a lot"), "not an amount"),
        (change(Amount=[5]), "value_usd is"),
        (change(header={"recordIds": ["5"] * (limits.OUTCOMES_BATCH_MAX + 1)}), "the change is of 10,001 records"),
        ([None] * (limits.OUTCOMES_BATCH_MAX + 1), "there are 10,001 change events"),
    ],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        salesforce.events_of(payload, "USD")
