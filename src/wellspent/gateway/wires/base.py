"""What every wire can do, and the pieces they share."""

import re
from typing import Any, Protocol

import msgspec
import orjson
from msgspec import Struct

from wellspent import limits
from wellspent.facts.call import Ask
from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Usage

Payload = dict[str, Any]
Header = tuple[bytes, bytes]
NESTING = (dict, list)
JSON_TYPE: Header = (b"content-type", b"application/json")
TEXT_TYPE: Header = (b"content-type", b"text/plain; charset=utf-8")
# Strings that carry the answer's text, in any wire: for estimating an answer that was cut.
TEXT = re.compile(rb'"(?:content|text|delta|partial_json|arguments|thinking|reasoning_content|reasoning|refusal)"\s*:\s*"((?:[^"\\]++|\\.)*+)"')


class Metered(Struct, frozen=True):
    """What an answer said of its usage.

    Attributes:
        usage: Disjoint quantities; None where nothing was said.
        model: The model that answered, as it names itself.
        ref: The provider's id of the answer.
        final: False where the usage is only that of a beginning.
        text_bytes: Bytes of text that were relayed.
        beyond: What the provider charges for that no price is known of, so that the amount is an estimate; "" for nothing.
    """

    usage: Usage | None
    model: str = ""
    ref: str = ""
    final: bool = True
    text_bytes: int = 0
    beyond: str = ""

    @property
    def zero_with_text(self) -> bool:
        """Whether zero tokens are claimed for an answer that had text."""
        return self.usage is not None and not self.usage.total_tokens and self.text_bytes > 0


class Said(Struct):
    """What a whole answer says of itself at its top; its text is passed over unread. Each field is whatever the provider put there."""

    usage: Any = None
    model: Any = None
    id: Any = None
    service_tier: Any = None


class StreamMeter(Protocol):
    """Looks at a stream as it passes."""

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk; what to relay of it now."""
        ...

    def flush(self) -> bytes:
        """What is still to be relayed at the end."""
        ...

    def finish(self) -> Metered:
        """What the stream said."""
        ...


class Wire(Protocol):
    """One API dialect."""

    name: str

    def ask(self, payload: Payload, body: bytes, model: str, path: str) -> Ask:
        """The money-relevant part of a request.

        Args:
            payload: The body, parsed.
            model: From the path, where it is there; else "".

        Raises InvalidInput.
        """
        ...

    def capped(self, payload: Payload, body: bytes, output_tokens: int | None, model: str | None, cap_field: str) -> bytes:
        """The body to send on: the model and the cap changed where given, the usage option added to a stream, all else as it came."""
        ...

    def usage_of(self, answer: bytes) -> Metered:
        """What a whole answer said of its usage."""
        ...

    def stream_meter(self, payload: Payload) -> StreamMeter:
        """A meter for the answer to this request."""
        ...

    def error(self, status: int, code: str, message: str, call_id: str, *, codex: bool) -> tuple[int, Header, bytes]:
        """A no in the wire's own shape: status, content type, body."""
        ...

    def stream_error(self, code: str, message: str) -> bytes:
        """An event that says a running stream broke."""
        ...


def text_bytes(data: bytes, text: re.Pattern[bytes] = TEXT) -> int:
    """Bytes of answer text in a piece of an answer."""
    return sum(map(len, text.findall(data)))


def unsaid_text_bytes(answer: bytes, usage: Usage | None) -> int:
    """Bytes of answer text, looked for only where the answer says no usage: they are for estimates."""
    return 0 if usage is not None and usage.total_tokens else text_bytes(answer)


def loaded(data: bytes) -> Payload:
    """A JSON object, or an empty one: answers are the provider's, so nothing is raised."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


_SAID = msgspec.json.Decoder(Said)


def said(answer: bytes) -> Said:
    """What an answer says of itself; nothing where it is no JSON object."""
    try:
        return _SAID.decode(answer)
    except (msgspec.DecodeError, RecursionError):  # nested hundreds deep
        return Said()


def whole_number(payload: Payload, name: str, default: int | None = None, most: int = limits.CALL_TOKENS_MAX) -> int | None:
    """A field that is a whole number from zero to ``most``, where it is there. Raises InvalidInput."""
    value = payload.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidInput(f"{name} is {value!r}", fix=f"send a whole number from 0 to {most:,}")
    return value


def text_field(payload: Payload, name: str) -> str:
    """A field that has to be text. Raises InvalidInput."""
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{name} is missing or no text", fix=f"send {name} as text")
    return value


def model_field(payload: Payload) -> str:
    """The model's name, which is written into the ledger and remembered. Raises InvalidInput."""
    return checked_model(text_field(payload, "model"))


def checked_model(name: str) -> str:
    """A model's name that is not too long. Raises InvalidInput."""
    if len(name) > limits.MODEL_CHARS_MAX:
        raise InvalidInput(f"the model's name has {len(name):,} characters", fix=f"send at most {limits.MODEL_CHARS_MAX}")
    return name


def checked_tier(name: str) -> str:
    """A service tier that is not too long: it is remembered. Raises InvalidInput."""
    if len(name) > limits.TAG_CHARS_MAX:
        raise InvalidInput(f"the service tier has {len(name):,} characters", fix=f"send at most {limits.TAG_CHARS_MAX}")
    return name


def list_field(payload: Payload, name: str) -> list[Any]:
    """A list, or an empty one where it is not there. Raises InvalidInput."""
    value = payload.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidInput(f"{name} is no list", fix=f"send {name} as a list")
    return value


def count(value: Any) -> int:
    """A provider's count: whole, at least zero and possible, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= limits.CALL_TOKENS_MAX else 0


def may_hold(body: bytes, marks: tuple[bytes, ...]) -> bool:
    """Whether these texts may be anywhere in a JSON body: as they are, or written with escapes. A look at bytes spares a walk over objects."""
    for mark in marks:
        if mark in body:
            return True
    return b"\\" in body and b"\\u" in body  # a single byte is looked for much faster than two


def parts_of(items: list[Any]) -> list[Payload]:
    """Every object in a list and in the lists within, depth first: where media and files are looked for."""
    found: list[Payload] = []
    stack: list[Any] = list(items)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            found.append(item)
            stack += [value for value in item.values() if isinstance(value, NESTING)]
        elif isinstance(item, list):
            stack.extend(item)
    return found
