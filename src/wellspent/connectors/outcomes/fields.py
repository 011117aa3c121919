"""Plain fields -> an outcome event: the one place that checks what anybody says of an outcome, whatever it came in. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import parse_usd
from wellspent.facts.outcome import LINK_KINDS, STATES, Attested, OutcomeEvent

KIND = re.compile(r"[a-z][a-z0-9_]*")
TEXTS = ("team", "project", "workflow")
EARLIEST_MS, LATEST_MS = 946_684_800_000, 7_258_118_400_000  # the years 2000 to 2199
EVIDENCE = ("url", "by", "note")
KNOWN = ("outcome", "kind", "state", "occurred_at", "event", "quantity", "value_usd", "attested", *TEXTS, *LINK_KINDS, *EVIDENCE)


def event_from(fields: Mapping[str, Any], source: str) -> OutcomeEvent:
    """An event from named values; empty ones count as not there.

    Args:
        fields: Some of ``KNOWN``; ``outcome``, ``kind`` and ``occurred_at`` have to be there. ``state`` is ``settled`` unless said.

    Raises InvalidInput that names the field.
    """
    said = {name: value for name, value in fields.items() if value not in ("", None)}
    unknown = sorted(said.keys() - set(KNOWN))
    if unknown:
        raise InvalidInput(f"there is no field {unknown[0]!r}", fix=f"use {', '.join(KNOWN)}")
    texts = {name: _text(said, name) for name in (*KNOWN,) if name in said and name not in ("quantity", "value_usd", "occurred_at")}
    kind, state = _needed(texts, "kind"), texts.get("state", "settled")
    if not KIND.fullmatch(kind):
        raise InvalidInput(f"kind is {kind!r}", fix="write it in small letters, like change_merged")
    if state not in STATES:
        raise InvalidInput(f"state is {state!r}", fix=f"use one of {', '.join(STATES)}")
    attested = texts.get("attested", "")
    if attested not in get_args(Attested):
        raise InvalidInput(f"attested is {attested!r}", fix="use confirmed or assumed, or leave it out")
    if "occurred_at" not in said:
        raise InvalidInput("occurred_at is missing", fix="say when it happened, like 2026-11-23T14:05:06Z")
    return OutcomeEvent(
        source=source,
        outcome=_needed(texts, "outcome"),
        kind=kind,
        state=state,
        occurred_at_ms=moment_ms(said["occurred_at"]),
        event=texts.get("event", ""),
        quantity=_quantity(said.get("quantity", 1)),
        value_nanousd=parse_usd(str(said["value_usd"])) if "value_usd" in said else None,
        attested=cast(Attested, attested),
        team=texts.get("team", ""),
        project=texts.get("project", ""),
        workflow=texts.get("workflow", ""),
        links=tuple((name, texts[name]) for name in LINK_KINDS if name in texts),
        evidence=tuple((name, texts[name]) for name in EVIDENCE if name in texts),
    )


def moment_ms(value: Any) -> int:
    """A moment in milliseconds: ISO 8601 with its zone, or whole seconds since 1970. A day alone is its first moment, UTC. Raises InvalidInput."""
    try:
        whole_seconds = isinstance(value, int) and not isinstance(value, bool)
        moment = datetime.fromtimestamp(value, UTC) if whole_seconds else datetime.fromisoformat(str(value).strip())
        at_ms = round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        at_ms = 0
    if not EARLIEST_MS <= at_ms <= LATEST_MS:
        raise InvalidInput(f"{value!r} is not a moment", fix="write it like 2026-11-23T14:05:06Z")
    if not whole_seconds and moment.tzinfo is None and len(str(value).strip()) > len("2026-11-23"):
        raise InvalidInput(f"{value!r} is in no time zone", fix="end it with Z or +02:00")
    return at_ms


def _needed(texts: Mapping[str, str], name: str) -> str:
    if name not in texts:
        raise InvalidInput(f"{name} is missing", fix=f"say its {name}")
    return texts[name]


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said[name]
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text or not text.isprintable():
        raise InvalidInput(f"{name} is {value!r}, which is no text", fix=f"send {name} as text")
    if len(text) > limits.OUTCOME_TEXT_CHARS_MAX:
        raise InvalidInput(f"{name} has {len(text):,} characters", fix=f"send at most {limits.OUTCOME_TEXT_CHARS_MAX:,}")
    return text


def _quantity(value: Any) -> int:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or not 1 <= number <= limits.OUTCOME_QUANTITY_MAX:
        raise InvalidInput(f"quantity is {value!r}", fix=f"send a whole number from 1 to {limits.OUTCOME_QUANTITY_MAX:,}")
    return int(number)
