"""``fixes_of``: which commits mend something, and what links each to its cause. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from wellspent.rework.fixes.causes import cause_of
from wellspent.rework.fixes.evidence import evidence_of
from wellspent.rework.fixes.names import Names
from wellspent.rework.fixes.signs import Sign, sign_of
from wellspent.rework.fixes.told import Told
from wellspent.rework.fixes.words import Words
from wellspent.rework.lifetimes import Fates, Lifetimes

STATED: Final = "stated"
REVERT: Final = "revert"
ISSUE: Final = "issue"
NAMED: Final = "named"


class Tracker(Struct, frozen=True):
    """What others than git know; all of it may be empty.

    Attributes:
        bugs: Whether an issue is a bug, by its name as messages write it: ``#12``, ``acme/app#12``, ``APP-12``.
        causes: The commits that a tracker says brought an issue.
        labelled: Whether the pull request of a commit (by its full name in git) is labelled as a fix. Where it says no, words do not say yes.
    """

    bugs: Mapping[str, bool] = {}
    causes: Mapping[str, Sequence[str]] = {}
    labelled: Mapping[str, bool] = {}


class FixLink(Struct, frozen=True):
    """A commit that mends something, and what it mends.

    Attributes:
        commit: Its number in ``Lifetimes.commits``.
        sign: How it is known that it mends something.
        kind: Of the link: ``stated``, ``revert``, ``issue``, ``named``, ``most lines``, ``moved lines``, ``neighbours``; "" where nothing links it.
        causes: The commits that brought what it mends, each with its weight; none where nothing links it.
    """

    commit: int
    sign: Sign
    kind: str = ""
    causes: tuple[tuple[int, int], ...] = ()


NOBODY_KNOWS: Final = Tracker()


def fixes_of(lifetimes: Lifetimes, fates: Fates, told: Told, tracker: Tracker = NOBODY_KNOWS) -> tuple[FixLink, ...]:
    """Every commit that mends something, oldest first, each linked by the best kind of link that it has.

    Args:
        lifetimes: Of the history.
        fates: Of its lines, with moves.
        told: What its commits say.
        tracker: What is known of its issues and pull requests.
    """
    return Linking(lifetimes, fates, told, tracker).links()


class Linking:
    """Links of fixes; ``hiding`` what a fix states shows what would be found without it."""

    def __init__(self, lifetimes: Lifetimes, fates: Fates, told: Told, tracker: Tracker = NOBODY_KNOWS) -> None:
        self._told, self._tracker, self._names = told, tracker, Names(told)
        self._ids = [commit.id for commit in lifetimes.commits]
        ignored = {number for number, commit in enumerate(self._ids) if commit in lifetimes.ignored}
        signs = {number: self._sign(number) for number in range(len(self._ids)) if number not in ignored}
        self.signs = {number: sign for number, sign in signs.items() if sign is not None}
        self.evidence = evidence_of(lifetimes, fates, self.signs)
        self._words = Words(told.texts)

    def links(self) -> tuple[FixLink, ...]:
        """All of them."""
        return tuple(self.link(number, hiding=False) for number in self.signs)

    def link(self, fix: int, *, hiding: bool) -> FixLink:
        """The link of one.

        Args:
            hiding: Whether to look away from its ``Fixes:`` lines.
        """
        found = (() if hiding else ((STATED, self.stated(fix)),)) + ((REVERT, self._reverts(fix)), (ISSUE, self._by_issue(fix)))
        for kind, causes in (*found, (NAMED, self._named(fix))):
            if causes:
                return FixLink(fix, self.signs[fix], kind, tuple((cause, 1) for cause in causes))
        return self.by_lines(fix)

    def by_lines(self, fix: int) -> FixLink:
        """The link of one, if nobody names its cause."""
        sign = self.signs[fix]
        likely = cause_of(self.evidence[fix], lambda cause: self._words.likeness(fix, cause))
        return FixLink(fix, sign, likely[0], (likely[1:],)) if likely else FixLink(fix, sign)

    def stated(self, fix: int) -> list[int]:
        """The commits that its ``Fixes:`` lines name."""
        return self._names.earlier((name for said in self._told.said[fix] for name in said.fixes), fix)

    def _sign(self, number: int) -> Sign | None:
        named = bool(self.stated(number) or self._reverts(number))
        bug = any(self._tracker.bugs.get(issue, False) for issue in self._issues(number))
        return sign_of(self._told.said[number], named, bug, self._tracker.labelled.get(self._ids[number]))

    def _reverts(self, fix: int) -> list[int]:
        return [*dict.fromkeys(number for said in self._told.said[fix] for number in self._names.taken_back(said, fix))]

    def _by_issue(self, fix: int) -> list[int]:
        return self._names.named_by(self._tracker.causes, self._issues(fix), fix)

    def _issues(self, number: int) -> list[str]:
        return [issue for said in self._told.said[number] for issue in said.issues]

    def _named(self, fix: int) -> list[int]:
        own, *brought = self._told.said[fix]
        mending = [own, *(said for said in brought if said.fixes or said.worded_as_fix)]
        return self._names.earlier((name for said in mending for name in said.named), fix)
