"""Reading what others send, whatever its shape: what is not there, or of another kind, is "" or empty, and never an exception. Pure.

What a connector needs and does not find is then missing for ``fields.event_from``, which says so.
"""

from collections.abc import Callable, Mapping, Sequence
from reprlib import Repr
from typing import Any

import orjson

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent

INCIDENT_LABELS = frozenset({"incident", "outage", "sev1", "sev2"})


def content_of(body: bytes) -> Any:
    """What a JSON body holds. Raises InvalidInput."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the body is not valid JSON ({error})", fix="send JSON") from None


def at(value: Any, *path: str) -> Any:
    """What lies at a path of names, None where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def read_each(batch: Sequence[Any], read: Callable[[Any], list[OutcomeEvent]], told: str, what: str) -> list[OutcomeEvent]:
    """What each of a batch says. Raises InvalidInput that names the one, and for a batch that is too long.

    Args:
        told: What is too long, with its number: ``there are {count} records``.
        what: One of them: ``record``.
    """
    if len(batch) > limits.OUTCOMES_BATCH_MAX:
        raise InvalidInput(told.format(count=f"{len(batch):,}"), fix=f"send at most {limits.OUTCOMES_BATCH_MAX:,} at once")
    found = []
    for number, one in enumerate(batch, 1):
        try:
            found += read(one)
        except InvalidInput as error:
            raise InvalidInput(f"{what} {number}: {error.args[0]}", fix=error.fix) from None
    return found


def text_at(value: Any, *path: str) -> str:
    """The text or whole number at a path, as text; "" for anything else, and for what is too long to be kept."""
    found = at(value, *path)
    text = str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return text if text.isprintable() and len(text) <= limits.OUTCOME_TEXT_CHARS_MAX else ""


def list_at(value: Any, *path: str) -> list[Any]:
    """The list at a path, [] for anything else."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def joined(*parts: str) -> str:
    """One text of several, "" where one of them is missing or the whole is too long to be kept.

    >>> joined("acme/app", "#", "418"), joined("acme/app", "#", "")
    ('acme/app#418', '')
    """
    text = "".join(parts) if all(parts) else ""
    return text if len(text) <= limits.OUTCOME_TEXT_CHARS_MAX else ""


def issue_kind(*names: str) -> str:
    """What a finished issue was, told by its labels or its type: an incident, or work."""
    words = {word.strip("[]") for name in names for word in name.lower().split()}
    return "incident_closed" if words & INCIDENT_LABELS else "issue_done"


def shown(value: Any) -> str:
    """A value as an error tells it: however large or deep it is, a short line."""
    short = Repr()
    short.maxstring = short.maxother = 100
    return short.repr(value)
