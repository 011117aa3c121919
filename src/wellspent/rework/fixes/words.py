"""How much the message of a fix speaks of what another message spoke of. Pure.

Words are weighed by how rare they are among all messages of the repository (inverse document frequency, Spärck Jones 1972). What names the
cause outright is not looked at: that is a link of its own.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from wellspent.rework.fixes.message import without_names

LETTERS_MIN: Final = 3
_WORD: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{{LETTERS_MIN - 1},}}")
_PARTS: Final = re.compile(r"_+|(?<=[a-z])(?=[A-Z])")


def words_of(text: str) -> frozenset[str]:
    """The words of a message in small letters, and the parts of names.

    >>> sorted(words_of("Fix ofpBuf in flow_wait()"))
    ['buf', 'fix', 'flow', 'flow_wait', 'ofp', 'ofpbuf', 'wait']
    """
    found = set[str]()
    for word in _WORD.findall(text):
        found.add(word.lower())
        found.update(part.lower() for part in _PARTS.split(word) if len(part) >= LETTERS_MIN)
    return frozenset(found)


class Words:
    """The words of every message of a repository, and how rare each is."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._words = [words_of(without_names("\n".join(listed))) for listed in texts]
        self._in = Counter(word for words in self._words for word in words)

    def likeness(self, fix: int, cause: int) -> float:
        """Which share of what the fix speaks of (by rarity) the other message spoke of, too: 0 to 1."""
        whole = sum(self._rarities(self._words[fix]))
        return sum(self._rarities(self._words[fix] & self._words[cause])) / whole if whole else 0.0

    def _rarities(self, words: frozenset[str]) -> Iterator[float]:
        return (math.log((len(self._words) + 1) / (self._in[word] + 1)) for word in sorted(words))
