"""A commit's message: its text, and its trailers wherever they stand.

Forges that squash put the messages of all commits one under the other, so trailers are also in the middle; a line counts when it begins with its key.
"""

import re

from msgspec import Struct

from wellspent import limits

TRAILER = re.compile(r"^([A-Za-z][A-Za-z-]*):[ \t]*(\S[^\n]*)$", re.MULTILINE)
SIGNED = re.compile(r"(?P<name>[^<]*)<(?P<address>[^<>]+)>")


class Message(Struct, frozen=True):
    """A message that is being read; it is not kept.

    Attributes:
        trailers: ``(key in small letters, value)``, in their order, each once.
    """

    text: str
    trailers: tuple[tuple[str, str], ...]

    @property
    def subject(self) -> str:
        """Its first line."""
        return self.text.lstrip().partition("\n")[0]

    @property
    def signatures(self) -> tuple[tuple[str, str, str], ...]:
        """Trailers that somebody signs: ``(key, name, address)``."""
        found = ((key, SIGNED.fullmatch(value)) for key, value in self.trailers)
        return tuple((key, match["name"].strip(), match["address"].strip()) for key, match in found if match)


def message_of(text: str) -> Message:
    """Read a message."""
    text = text.replace("\r\n", "\n")
    found = ((key.lower(), value.strip()) for key, value in TRAILER.findall(text) if len(value) <= limits.LOGGED_NAME_CHARS_MAX)
    return Message(text, tuple(dict.fromkeys(found)))
