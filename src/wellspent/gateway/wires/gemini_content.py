"""What Gemini's content can hold (docs: Gemini API reference, Content and Part; ProtoJSON format: either spelling of a name, enums by number).

Only kinds of parts that are known to be text are bounded by their bytes; see openai_content.
"""

from typing import Any

from wellspent.facts.errors import InvalidInput
from wellspent.gateway.wires.base import Payload
from wellspent.gateway.wires.sound import bounded_by_bytes

IMAGE_TOKENS_MAX = 10_000  # 258 a tile of 768 pixels; larger images are cut into tiles
TEXT_PARTS = frozenset(
    {"text", "thought", "thoughtSignature", "functionCall", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"}
    | {"videoMetadata", "mediaResolution", "partMetadata"}  # these say how to read a part
)


class Content:
    """What was found in a prompt so far: the most tokens that what is known can be, and whether there is something of unknown size."""

    __slots__ = ("audio", "beyond", "pictures", "size")

    def __init__(self, body_bytes: int) -> None:
        self.size = body_bytes
        self.beyond = self.audio = self.pictures = False

    @property
    def tokens(self) -> int | None:
        """The prompt's bound; None is the context window."""
        return None if self.beyond else self.size

    def content(self, content: Any) -> None:
        """One turn, or the instruction. Raises InvalidInput for a name in two spellings."""
        if isinstance(content, dict):
            self.parts(spelled(content).get("parts"))
        elif not isinstance(content, str):
            self.unknown()

    def parts(self, parts: Any) -> None:
        """A list of parts, or the one that stands in its place."""
        for part in parts if isinstance(parts, list) else (parts,):
            if isinstance(part, dict):
                if not TEXT_PARTS.issuperset(part):
                    self.part(spelled(part))
            elif part is not None and not isinstance(part, str):
                self.unknown()

    def part(self, part: Payload) -> None:
        """A part that is not text alone. A function's answer is text but for its own parts."""
        for name, value in part.items():
            if name in TEXT_PARTS or value is None:
                continue
            if name == "inlineData" and isinstance(value, dict):
                self.inline(spelled(value))
            elif name == "functionResponse" and isinstance(value, dict):
                self.parts(spelled(value).get("parts"))
            else:
                self.unknown()

    def inline(self, blob: Payload) -> None:
        """Data in the body; what is neither a picture, plain audio nor text is of unknown size."""
        kind, data = str(blob.get("mimeType") or "").lower(), blob.get("data")
        if kind.startswith("image/"):
            self.size, self.pictures = self.size + IMAGE_TOKENS_MAX - (len(data) if isinstance(data, str) else 0), True
        elif kind.startswith("audio/") and bounded_by_bytes(data):
            self.audio = self.pictures = True
        elif not kind.startswith("text/"):
            self.unknown()

    def unknown(self) -> None:
        """Something of unknown size and kind."""
        self.beyond = self.audio = self.pictures = True


def spelled(fields: Payload) -> Payload:
    """An object with its names in camel case; the very same where they are. Raises InvalidInput for a name in two spellings: which one
    holds is not documented."""
    for name in fields:
        if "_" in name:
            break
    else:
        return fields
    found: Payload = {}
    for name, value in fields.items():
        first, *rest = name.split("_")
        camel = first + "".join([word[:1].upper() + word[1:] for word in rest])
        if camel in found:
            raise InvalidInput(f"{camel} is there in two spellings", fix="send one of them")
        found[camel] = value
    return found
