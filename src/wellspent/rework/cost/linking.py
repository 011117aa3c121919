"""Which commits a session made. Three kinds of evidence, best first; of each, how right it is.

- **named**: the commit, or one that a merge brought, names the session: a git-ai note, a transcript, a checkpoint, a trailer.
- **recorded**: what another system knows of the change names the session, or the session's calls name the change, its commit, branch or issue.
- **place and time**: the session's own log says that it worked in the repository's folder, on the branch on which the commit was made and at most
  some days before it, or on the branch that everybody's work goes to and while it was made or at most an hour before it. How often such a link is
  right is measured, commit by commit, on the sessions that have a better one as well. Where many commits fit, none is taken, nor for a session that
  went on for longer than a day's work where everybody works.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct

from wellspent import limits
from wellspent.rework.authorship.claim import Author
from wellspent.rework.authorship.sessions import KnownSessions
from wellspent.rework.cost.session import Link, Merged, Session
from wellspent.rework.study import Study

NAMED, RECORDED, PLACE = "named by the commit", "recorded with the change", "same place and time"
SEVERAL = "several together"
Node = tuple[int, int]  # a study's number, and in it a commit's


class Linked(Struct, frozen=True):
    """What is known of a session's commits.

    Attributes:
        kind: ``NAMED``, ``RECORDED`` or ``PLACE``.
        evidence: What says so, for people: ``session trailer``, ``the same change``.
        commits: Them, in order.
    """

    kind: str
    evidence: str
    commits: tuple[Node, ...]


class Accuracy(Struct, frozen=True):
    """How right links by place and time are, measured where a better link exists: the commit names the session, or it is recorded with the change.

    Attributes:
        sessions: Those that have both.
        commits: Those that place and time name for them.
        right: Of these commits, those that the better link of the same session names, too.
    """

    sessions: int
    commits: int
    right: int


class Links(Struct, frozen=True):
    """Sessions with their commits.

    Attributes:
        of: By the session's place in the list that was asked about; without those that nothing links.
        owners: The session behind an author whom evidence names, by ``(client, session)``.
        place: How right ``PLACE`` was.
    """

    of: Mapping[int, Linked]
    owners: "Owners"
    place: Accuracy


class Owners:
    """From an author whom evidence names to sessions with money."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self._known = KnownSessions((each.client, each.session) for each in sessions if each.session)
        self._places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, each in enumerate(sessions):
            self._places[each.client, each.session].append(place)

    def of(self, author: Author) -> Sequence[int]:
        """The sessions' places: several where one session's money is of several teams or runs; none where it has no money."""
        found = self._known.of(author)
        return self._places[found] if found else ()


def link(sessions: Sequence[Session], studies: Sequence[Study], merged: Iterable[Merged]) -> Links:
    """Find the commits of each session, by the best evidence there is."""
    owners, changes = Owners(sessions), list(merged)
    named, recorded = _named(studies, owners), _recorded(sessions, studies, changes)
    placed = _placed(sessions, studies, changes)
    best = placed | recorded | named
    return Links({place: best[place] for place in sorted(best)}, owners, _accuracy(placed, recorded | named))


def _accuracy(placed: Mapping[int, Linked], better: Mapping[int, Linked]) -> Accuracy:
    both = [place for place in placed if place in better]
    commits = [{*placed[place].commits} for place in both]
    right = sum(len(named & {*better[place].commits}) for place, named in zip(both, commits, strict=True))
    return Accuracy(len(both), sum(map(len, commits)), right)


def _named(studies: Sequence[Study], owners: Owners) -> dict[int, Linked]:
    found: dict[int, dict[str, set[Node]]] = defaultdict(lambda: defaultdict(set))
    for number, each in enumerate(studies):
        for commit, namings in each.naming.items():
            for naming in namings:
                for place in owners.of(naming.author):
                    found[place][naming.rung.words].add((number, commit))
        for piece in each.pieces:  # evidence that joins several claims can name whom none of them names
            for place in owners.of(piece.author):
                if not any((number, piece.birth) in nodes for nodes in found[place].values()):
                    found[place][SEVERAL].add((number, piece.birth))
    return {place: Linked(NAMED, ", ".join(sorted(by)), tuple(sorted(set.union(*by.values())))) for place, by in found.items()}


def _recorded(sessions: Sequence[Session], studies: Sequence[Study], merged: Sequence[Merged]) -> dict[int, Linked]:
    nodes = {commit: (number, place) for number, each in enumerate(studies) for commit, place in _commits_of(each)}
    by_link: dict[Link, set[Node]] = defaultdict(set)
    for commit, node in nodes.items():
        by_link["commit", commit].add(node)
    for change in merged:
        if change.commit in nodes:
            for each in (*change.links, ("change", change.change)):
                by_link[each].add(nodes[change.commit])
    found = {}
    for place, session in enumerate(sessions):
        name = next((each for each in session.names if each in by_link), None)
        if name is not None:
            found[place] = Linked(RECORDED, f"the same {name[0]}", tuple(sorted(by_link[name])))
    return found


def _commits_of(study: Study) -> Iterator[tuple[str, int]]:
    """Every commit that stands for one of merged code: itself, and those that it brought."""
    for place, commits in study.brought.items():
        yield from ((commit, place) for commit in commits)
    yield from ((commit, place) for place, commit in enumerate(study.calendar.ids))


def _placed(sessions: Sequence[Session], studies: Sequence[Study], merged: Sequence[Merged]) -> dict[int, Linked]:
    told = {change.commit: change.branch for change in merged if change.branch}
    places = [_Place(number, study, told) for number, study in enumerate(studies)]
    found = {}
    for place, session in enumerate(sessions):
        if session.folder and session.ended_ms:
            commits = tuple(node for each in _innermost(places, session.folder) for node in each.during(session))
            if 0 < len(commits) <= limits.SESSION_COMMITS_MAX:
                found[place] = Linked(PLACE, "the folder, the branch and the hours", commits)
    return found


class _Place:
    """One repository's commits, by when and on which branch they were made."""

    def __init__(self, number: int, study: Study, told: Mapping[str, str]) -> None:
        self._number, self._branch, self._made = number, study.branch, study.made_s
        self._roots = [PurePath(root) for root in study.roots]
        known = {commit: told.get(study.calendar.ids[commit], "") for _, commit in self._made}
        self._branches = {commit: {*study.branches.get(commit, ()), branch} - {""} for commit, branch in known.items()}

    def depth(self, folder: str) -> int:
        """How deep the root lies that holds a folder; 0 where the folder is not in the repository."""
        return max((len(root.parts) for root in self._roots if PurePath(folder).is_relative_to(root)), default=0)

    def during(self, session: Session) -> list[Node]:
        """The commits that were made since a session began: of the branch that it had for itself, up to days after it; else, up to an hour."""
        has_own = session.branch not in ("", self._branch)
        first_s, end_s = session.started_ms // 1000, session.ended_ms // 1000
        if not has_own and end_s - first_s > limits.SESSION_PLACED_HOURS_MAX * 3600:
            return []
        last_s = end_s + (limits.EDIT_COMMITTED_DAYS_MAX * 86_400 if has_own else limits.SESSION_COMMITTED_MINUTES_MAX * 60)
        here = self._made[bisect_left(self._made, (first_s, -1)) : bisect_left(self._made, (last_s + 1, -1))]
        return sorted(
            {(self._number, commit) for _, commit in here if session.branch in self._branches[commit] or self._is_anybodys(commit, has_own)}
        )

    def _is_anybodys(self, commit: int, has_own: bool) -> bool:
        """Whether a commit may be any session's that was on the measured branch, or nobody knows on which."""
        return not has_own and not self._branches[commit]


def _innermost(places: Sequence[_Place], folder: str) -> list[_Place]:
    """The repositories that hold a folder, without those around them: a submodule's work is not its parent's."""
    depths = [each.depth(folder) for each in places]
    return [each for each, depth in zip(places, depths, strict=True) if depth and depth == max(depths)]
