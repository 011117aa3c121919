"""Stripe, by its API reference (event, payment intent, charge, dispute) and "Supported currencies"."""

import copy
from typing import Any

import pytest
from tests.connectors.outcomes.documents import STRIPE_DISPUTED, STRIPE_PAID, STRIPE_REFUNDED

from wellspent.connectors.outcomes import stripe
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent, outcome_of

PAYMENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


def told(of: Any, kind: str = "", **changes: Any) -> Any:
    said = copy.deepcopy(of)
    said["data"]["object"] |= changes
    return {**said, "type": kind or said["type"]}


def test_a_payment() -> None:
    event = OutcomeEvent(
        "stripe",
        PAYMENT,
        "payment",
        "settled",
        1_686_089_970_000,
        event="evt_1NG8Du2eZvKYlo2CUI79vXWy",
        value_nanousd=20_000_000_000,
        workflow="checkout",
        links=(("customer", "cus_9s6XKzkNRiz8i3"),),
        evidence=(("by", "payment_intent.succeeded"),),
    )
    assert stripe.events_of(STRIPE_PAID) == [event]


@pytest.mark.parametrize(
    ("currency", "minor", "value", "amount"),
    [
        ("usd", 1, 10_000_000, None),
        ("USD", 2099, 20_990_000_000, None),
        ("usd", 0, 0, None),
        ("eur", 2099, None, "EUR 20.99"),
        ("jpy", 500, None, "JPY 500"),
        ("krw", 500, None, "KRW 500"),
        ("kwd", 5120, None, "KWD 5.120"),
        ("ugx", 500, None, "UGX 5.00"),
        ("isk", 500, None, "ISK 5.00"),
        ("huf", 1045, None, "HUF 10.45"),
        (None, 500, None, None),
    ],
)
def test_minor_units_and_only_dollars_are_a_value(currency: Any, minor: int, value: int | None, amount: str | None) -> None:
    (event,) = stripe.events_of(told(STRIPE_PAID, currency=currency, amount_received=minor))
    assert (event.value_nanousd, dict(event.evidence).get("amount")) == (value, amount)


def test_a_refund_in_full_reverses_and_one_in_part_leaves_what_was_kept() -> None:
    paid = stripe.events_of(STRIPE_PAID)
    (part,) = stripe.events_of(told(STRIPE_REFUNDED, amount_refunded=500, refunded=False))
    (whole,) = stripe.events_of({**STRIPE_REFUNDED, "created": STRIPE_REFUNDED["created"] + 9})
    assert (part.outcome, part.state, part.value_nanousd) == (PAYMENT, "settled", 15_000_000_000)
    assert (whole.outcome, whole.state, whole.value_nanousd) == (PAYMENT, "reversed", None)
    kept, undone = outcome_of([part, *paid]), outcome_of([whole, part, *paid])
    assert kept is not None
    assert undone is not None
    assert (kept.counts, kept.reversals, kept.last.value_nanousd) == (True, 0, 15_000_000_000)
    assert (undone.counts, undone.reversals) == (False, 1)


@pytest.mark.parametrize(
    ("kind", "status", "states"),
    [
        ("charge.dispute.created", "needs_response", ["reversed"]),
        ("charge.dispute.created", "warning_needs_response", []),
        ("charge.dispute.closed", "won", ["settled"]),
        ("charge.dispute.closed", "lost", []),
        ("charge.dispute.closed", "warning_closed", []),
        ("charge.dispute.updated", "under_review", []),
    ],
)
def test_disputes(kind: str, status: str, states: list[str]) -> None:
    found = stripe.events_of(told(STRIPE_DISPUTED, kind, status=status))
    assert [event.state for event in found] == states
    assert {event.outcome for event in found} <= {PAYMENT}


def test_a_dispute_that_is_won_gives_the_value_back() -> None:
    paid, disputed = stripe.events_of(STRIPE_PAID), stripe.events_of(STRIPE_DISPUTED)
    won = stripe.events_of({**told(STRIPE_DISPUTED, "charge.dispute.closed", status="won"), "created": 1_687_000_000, "id": "evt_4"})
    standing = outcome_of([*won, *disputed, *paid])
    assert standing is not None
    assert (standing.counts, standing.reversals, standing.last.value_nanousd) == (True, 1, 20_000_000_000)


def test_a_charge_without_a_payment_intent_is_its_own_payment() -> None:
    charge = told(STRIPE_REFUNDED, "charge.succeeded", payment_intent=None, amount_refunded=0, refunded=False)
    (event,) = stripe.events_of(charge)
    (refunded,) = stripe.events_of(told(STRIPE_REFUNDED, payment_intent=None))
    assert (event.outcome, event.value_nanousd) == ("ch_3MmlLrLkdIwHu7ix0snN0B15", 20_000_000_000)
    assert refunded.outcome == event.outcome
    assert stripe.events_of(told(STRIPE_REFUNDED, "charge.succeeded")) == [], "the payment intent says it"


def test_objects_that_are_expanded_are_their_ids() -> None:
    (event,) = stripe.events_of(told(STRIPE_REFUNDED, payment_intent={"id": PAYMENT, "object": "payment_intent"}, customer={"id": "cus_1"}))
    assert (event.outcome, event.links) == (PAYMENT, (("customer", "cus_1"),))


def test_metadata_links() -> None:
    (event,) = stripe.events_of(
        told(STRIPE_PAID, customer=None, metadata={"run": "r1", "customer": "c7", "team": "web", "note": "x", "session": 5.5})
    )
    assert (event.links, event.team, event.workflow) == ((("run", "r1"), ("customer", "c7")), "web", "")


@pytest.mark.parametrize(
    "payload",
    [None, [], {**STRIPE_PAID, "livemode": False}, told(STRIPE_PAID, "invoice.paid"), told(STRIPE_PAID, "checkout.session.completed")],
)
def test_other_messages_say_nothing(payload: Any) -> None:
    assert stripe.events_of(payload) == []


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (told(STRIPE_PAID, id=None), "outcome is missing"),
        ({**STRIPE_PAID, "created": None}, "occurred_at is missing"),
        (told(STRIPE_PAID, amount_received=None), "amount_received is no amount"),
        (told(STRIPE_PAID, amount_received=19.99), "amount_received is no amount"),
        (told(STRIPE_PAID, amount_received=True), "amount_received is no amount"),
        (told(STRIPE_PAID, amount_received=-5), "amount_received is no amount"),
        (told(STRIPE_REFUNDED, amount_refunded="500"), "amount_refunded is no amount"),
        ({**STRIPE_PAID, "data": {}}, "amount_received is no amount"),
    ],
)
def test_what_is_missing_is_named(payload: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        stripe.events_of(payload)
