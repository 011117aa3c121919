"""Plain fields -> an outcome event: the one place that checks what anybody says of an outcome, whatever it came in. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args

from wellspent import limits
from wellspent.connectors.outcomes.moments import moment_ms
from wellspent.connectors.outcomes.payload import joined, shown
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD, parse_usd
from wellspent.facts.outcome import LINK_KINDS, STATES, Attested, OutcomeEvent

KIND = re.compile(r"[a-z][a-z0-9_]*")
TEXTS = ("team", "project", "workflow")
HOUR_MS = 3_600_000
EVIDENCE = ("url", "by", "note", "amount")
KNOWN = ("outcome", "kind", "state", "occurred_at", "event", "quantity", "value_usd", "attested", *TEXTS, *LINK_KINDS, *EVIDENCE)
REVERTS_CHARS_MAX = 100_000  # of a text, that are looked through


def event_from(fields: Mapping[str, Any], source: str, links: Iterable[tuple[str, str]] = ()) -> OutcomeEvent:
    """An event from named values; empty ones count as not there.

    Args:
        fields: Some of ``KNOWN``; ``outcome``, ``kind`` and ``occurred_at`` have to be there. ``state`` is ``settled`` unless said.
        links: Further links, as ``trailers.links_of`` finds them: several may be of one kind.

    Raises InvalidInput that names the field.
    """
    said = {name: value for name, value in fields.items() if value not in ("", None)}
    unknown = sorted(said.keys() - set(KNOWN))
    if unknown:
        raise InvalidInput(f"there is no field {shown(unknown[0])}", fix=f"use {', '.join(KNOWN)}")
    texts = {name: _text(said, name) for name in (*KNOWN,) if name in said and name not in ("quantity", "value_usd", "occurred_at")}
    kind, state = _needed(texts, "kind"), texts.get("state", "settled")
    if not KIND.fullmatch(kind):
        raise InvalidInput(f"kind is {shown(kind)}", fix="write it in small letters, like change_merged")
    if state not in STATES:
        raise InvalidInput(f"state is {shown(state)}", fix=f"use one of {', '.join(STATES)}")
    attested = texts.get("attested", "")
    if attested not in get_args(Attested):
        raise InvalidInput(f"attested is {shown(attested)}", fix="use confirmed or assumed, or leave it out")
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
        value_nanousd=_value_nanousd(said["value_usd"]) if "value_usd" in said else None,
        attested=cast(Attested, attested),
        team=texts.get("team", ""),
        project=texts.get("project", ""),
        workflow=texts.get("workflow", ""),
        links=tuple(dict.fromkeys((*((name, texts[name]) for name in LINK_KINDS if name in texts), *links))),
        evidence=tuple((name, texts[name]) for name in EVIDENCE if name in texts),
    )


def timely(events: Iterable[OutcomeEvent], now_ms: int) -> Iterator[OutcomeEvent]:
    """The events as they are. Raises InvalidInput at one that is further in the future than clocks differ: it would undo, or count, ahead of time."""
    for event in events:
        if event.occurred_at_ms > now_ms + limits.OUTCOME_AHEAD_MS_MAX:
            said = datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC).isoformat(timespec="seconds")
            bound = f"more than {limits.OUTCOME_AHEAD_MS_MAX // HOUR_MS} hours from now"
            what = f"{event.outcome[:100]} of {event.source} is {event.state} at {said}, {bound}"
            raise InvalidInput(what, fix="say it when it has happened; where it has, mend its time, or this machine's clock")
        yield event


def merged(
    change: Mapping[str, Any], text: Any, said: re.Pattern[str], mark: str, source: str, links: Iterable[tuple[str, str]] = ()
) -> list[OutcomeEvent]:
    """A merged change, and the changes that its text says it undoes, once each. One that undoes others is ``change_reverting``: it is no output.

    Args:
        change: The fields of the merged change: its project, change, event, url and occurred_at.
        links: Of the merged change alone: what it undoes has links of its own.
        said: Finds a project, "" for the same one, and a number.
        mark: Between them in a change's name.
    """
    found = dict.fromkeys(said.findall(text[:REVERTS_CHARS_MAX]) if isinstance(text, str) else [])
    events = [event_from({**change, "kind": "change_reverting" if found else "change_merged"}, source, links)]
    for number, (where, reverted) in enumerate(found):
        project = where or change["project"]
        fields = {
            "outcome": joined(project, mark, reverted),
            "kind": "change_merged",
            "state": "reversed",
            "occurred_at": change["occurred_at"],
            "event": joined(change["event"], f" reverts {number}"),
            "project": project,
            "url": change["url"],
            "note": joined("reverted by ", change["change"]),
        }
        events.append(event_from(fields, source))
    return events


def _needed(texts: Mapping[str, str], name: str) -> str:
    if name not in texts:
        raise InvalidInput(f"{name} is missing", fix=f"say its {name}")
    return texts[name]


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said[name]
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text or not text.isprintable():
        raise InvalidInput(f"{name} is {shown(value)}, which is no text", fix=f"send {name} as text")
    if len(text) > limits.OUTCOME_TEXT_CHARS_MAX:
        raise InvalidInput(f"{name} has {len(text):,} characters", fix=f"send at most {limits.OUTCOME_TEXT_CHARS_MAX:,}")
    return text


def _number(value: Any) -> str:
    """A number as text; "" for what is none."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _value_nanousd(value: Any) -> int:
    number = _number(value)
    if not number or len(number) > limits.OUTCOME_TEXT_CHARS_MAX:
        raise InvalidInput(f"value_usd is {shown(value)}", fix="send US dollars, like 12.50")
    nanousd = parse_usd(number)
    if nanousd < 0:
        raise InvalidInput(f"value_usd is {shown(value)}, below zero", fix="send what it brought; what was undone is an event that says reversed")
    if nanousd > limits.OUTCOME_VALUE_USD_MAX * NANO_PER_USD:
        raise InvalidInput(f"value_usd is {shown(value)}", fix=f"send at most {limits.OUTCOME_VALUE_USD_MAX:,} US dollars for one outcome")
    return nanousd


def _quantity(value: Any) -> int:
    try:
        number = Decimal(_number(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or not 1 <= number <= limits.OUTCOME_QUANTITY_MAX:
        raise InvalidInput(f"quantity is {shown(value)}", fix=f"send a whole number from 1 to {limits.OUTCOME_QUANTITY_MAX:,}")
    return int(number)
