"""ServiceNow records of the tables Case and Incident (docs: Table API; Case states; GlideCertificateEncryption, of March 2026): solved and reopened.

ServiceNow has no webhook of its own. A business rule sends the record in the shape of the Table API with ``sysparm_display_value=all``, where each
field is ``{"value": …, "display_value": …}``; an answer of that API, of one record or a list of them, is read the same way. It is signed as in
Standard Webhooks: ``generateMac(key, "HmacSHA256", id + "." + timestamp + "." + body)`` takes a key in base64 and gives base64. Pure.

States are read by their names, because their numbers differ from table to table: Resolved and Closed are settled, Cancelled is reversed, any other
is pending. A customer who rejects a solution opens the case again. Moments are UTC, as the API's values are. What the customer wrote is not read.
"""

from typing import Any

from wellspent.connectors.outcomes.fields import event_from
from wellspent.connectors.outcomes.payload import at, joined, read_each, text_at
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

SOURCE = "servicenow"
KINDS = {"sn_customerservice_case": "conversation_solved", "incident": "incident_closed"}
STATES = {"resolved": "settled", "closed": "settled", "cancelled": "reversed", "canceled": "reversed"}


def events_of(payload: Any) -> list[OutcomeEvent]:
    """What a record, or a list of them, says. Raises InvalidInput that names the record."""
    content = payload if isinstance(payload, list) else at(payload, "result")
    records = content if isinstance(content, list) else [payload if content is None else content]
    return read_each(records, _read, "there are {count} records", "record")


def _read(record: Any) -> list[OutcomeEvent]:
    table = _value(record, "sys_class_name")
    if not table:
        raise InvalidInput("sys_class_name is missing", fix="send records of the Table API with sysparm_display_value=all")
    if table not in KINDS:
        return []
    name = text_at(record, "state", "display_value")
    if not name:
        raise InvalidInput("state has no display_value", fix="ask the Table API with sysparm_display_value=all: a state's number alone says nothing")
    state = STATES.get(name.lower(), "pending")
    updated = _moment(record, "sys_updated_on")
    settled = (_moment(record, "resolved_at") or _moment(record, "closed_at")) if state == "settled" else ""
    number, version = _value(record, "number"), _value(record, "sys_mod_count")
    fields = {
        "outcome": _value(record, "sys_id"),
        "kind": KINDS[table],
        "state": state,
        "occurred_at": settled or updated,
        "event": joined(_value(record, "sys_id"), " ", version),
        "conversation": _value(record, "sys_id"),
        "issue": number,
        "customer": _value(record, "account"),
        "note": joined(number, ": ", name),
    }
    return [event_from(fields, SOURCE)]


def _value(record: Any, name: str) -> str:
    return text_at(record, name, "value") or text_at(record, name)


def _moment(record: Any, name: str) -> str:
    """``2026-11-20 10:00:00`` is UTC."""
    text = _value(record, name)
    return joined(text.replace(" ", "T"), "Z") if len(text) == len("2026-11-20 10:00:00") else text
