"""Which commits mend something, and how that is known. Pure."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from operator import and_

from msgspec import Struct

from wellspent.rework.fixes.message import Said
from wellspent.rework.fixes.told import Told


class Sign(IntEnum):
    """How it is known that a commit mends something, the surest first."""

    STATED = 1  # it names the commit that it mends or takes back
    ISSUE = 2  # it closes an issue that a tracker says is a bug
    LABEL = 3  # its pull request is labelled as a fix
    TYPE = 4  # its subject begins with ``fix:``
    WORDS = 5  # its subject has a word like "fix" or "crash"


class WordsQuality(Struct, frozen=True):
    """How good words are as a sign, held against ``Fixes:`` lines; of the commits since the first that has one.

    Attributes:
        stating: Commits with such a line, which are fixes.
        worded: Commits that words take for fixes.
        both: Commits that have both.
    """

    stating: int
    worded: int
    both: int

    @property
    def recall(self) -> float | None:
        """Share of known fixes that words find; None where none is known."""
        return self.both / self.stating if self.stating else None

    @property
    def precision_least(self) -> float | None:
        """Share of commits found by words that are known fixes: at least that precise, since not every fix has such a line."""
        return self.both / self.worded if self.worded else None


def sign_of(said: Sequence[Said], named: bool, bug: bool, labelled: bool | None) -> Sign | None:
    """How it is known that a commit mends something; None where nothing says so.

    Args:
        said: What its messages say: its own, then those of the commits that it brought.
        named: Whether it names a commit that it mends or takes back.
        bug: Whether it closes an issue that is known to be a bug.
        labelled: Whether its pull request is labelled as a fix; where that is known, words do not say otherwise.
    """
    if named:
        return Sign.STATED
    if bug:
        return Sign.ISSUE
    if labelled is not None:
        return Sign.LABEL if labelled else None
    if _mends(said, lambda each: each.typed_as_fix):
        return Sign.TYPE
    return Sign.WORDS if _mends(said, lambda each: each.worded_as_fix) else None


def words_measured(told: Told) -> WordsQuality:
    """How good words are as a sign in a history."""
    stating = [any(each.fixes for each in said) for said in told.said]
    first = stating.index(True) if True in stating else len(stating)
    worded = [_mends(said, lambda each: each.worded_as_fix) for said in told.said[first:]]
    both = sum(map(and_, stating[first:], worded))
    return WordsQuality(sum(stating), sum(worded), both)


def _mends(said: Sequence[Said], rule: Callable[[Said], bool]) -> bool:
    """By a rule for messages; a merge without a title mends something where all that it brought does."""
    own, *brought = said
    return all(map(rule, brought)) if brought and own.subject.startswith("Merge") else rule(own)
