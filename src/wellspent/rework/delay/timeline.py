"""Events of a change -> its timeline: when it waited for whom. Pure.

The stages are LinearB's (help pages, *How is cycle time calculated*): **pickup** from the opening, or from when it left draft, to the first comment
or review of somebody else; **review** from there to the merge. A merge that nobody commented on ends its pickup itself. Time in draft is
coding, and time while it is closed is nobody's. What bots and agents say is no pickup, and no round.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from wellspent.facts.review import ReviewEvent, What, Work
from wellspent.rework.delay.worktime import Worktime

# Of what happened in the same moment, what comes first.
ORDER: tuple[What, ...] = (
    "described", "opened", "reopened", "drafted", "ready", "pushed", "commented", "reviewed", "changes", "approved", "closed", "merged"
)  # fmt: skip
BY_ORDER = {what: number for number, what in enumerate(ORDER)}


class Spell(Struct, frozen=True):
    """How long something lasted.

    Attributes:
        ms: So long, or so long so far.
        seen: Whether its end was seen. A change that is open, or was closed without a merge, waited at least so long.
    """

    ms: int
    seen: bool


class Act(Struct, frozen=True):
    """A person other than the author looked at a change: who, and when."""

    at_ms: int
    actor: str


class Timeline(Struct, frozen=True):
    """One change.

    Attributes:
        source, change, repository, branch, commit, work, labels: As in ``ReviewEvent``; ``commit`` is what its merge made.
        author: Its author's pseudonym; "" where a machine opened it, or nobody knows who.
        by_machine: Whether a bot or an agent opened it.
        lines: Added and deleted together; None where nobody said.
        ready_at_ms: When it was first open and no draft; None while it never was.
        picked_up_at_ms: When the pickup ended: the first act since then, else the merge.
        ended_at_ms: When it was merged, or closed for the last time; None while it is open.
        merged: Whether it was merged.
        waits: From and to of the stretches in which it was open and no draft, up to the end of what is known.
        acts: Of people, from its opening to its end.
        rounds: How often people looked at it: what they say between two pushes is one round.
        changed_after_review: Whether anything was pushed between the first act and the end; None where nobody looked, or it is still open
            and nothing was.
    """

    source: str
    change: str
    repository: str
    branch: str = ""
    commit: str = ""
    work: Work = ""
    labels: tuple[str, ...] = ()
    author: str = ""
    by_machine: bool = False
    lines: int | None = None
    ready_at_ms: int | None = None
    picked_up_at_ms: int | None = None
    ended_at_ms: int | None = None
    merged: bool = False
    waits: tuple[tuple[int, int], ...] = ()
    acts: tuple[Act, ...] = ()
    rounds: int = 0
    changed_after_review: bool | None = None

    @property
    def people(self) -> frozenset[str]:
        """Everybody whose work this tells of."""
        return frozenset(name for name in (self.author, *(act.actor for act in self.acts)) if name)

    @property
    def reviewed(self) -> bool:
        """Whether a person looked at it."""
        return bool(self.acts)

    def pickup(self, worktime: Worktime) -> Spell | None:
        """How long it waited for somebody; None where it was never ready."""
        if self.ready_at_ms is None:
            return None
        return Spell(self._waited(worktime, 0, self.picked_up_at_ms), self.picked_up_at_ms is not None)

    def review(self, worktime: Worktime) -> Spell | None:
        """From the pickup to the merge; None where nobody picked it up."""
        if self.picked_up_at_ms is None:
            return None
        return Spell(self._waited(worktime, self.picked_up_at_ms, None), self.merged)

    def to_merge(self, worktime: Worktime) -> Spell | None:
        """Both together; None where it was never ready."""
        return None if self.ready_at_ms is None else Spell(self._waited(worktime, 0, None), self.merged)

    def _waited(self, worktime: Worktime, from_ms: int, to_ms: int | None) -> int:
        """How much of the waiting lies between two moments."""
        return sum(worktime.between_ms(max(begin, from_ms), end if to_ms is None else min(end, to_ms)) for begin, end in self.waits)


def timelines(events: Iterable[ReviewEvent], now_ms: int) -> tuple[list[Timeline], int]:
    """Timelines by opening, whatever the order of the events; and of how many changes nobody told when they were opened, which are left out.

    Args:
        now_ms: Up to when is known what happened; what is said to be later has not happened yet.
    """
    changes: dict[tuple[str, str], list[ReviewEvent]] = defaultdict(list)
    for event in events:
        if event.at_ms <= now_ms:
            changes[event.source, event.change].append(event)
    found, headless = [], 0
    for key in sorted(changes):
        said = sorted(changes[key], key=lambda event: (event.at_ms, BY_ORDER[event.what], event.event))
        opened = next((event for event in said if event.what == "opened"), None)
        headless += opened is None
        if opened is not None:
            found.append((opened.at_ms, _timeline(opened, said, now_ms)))
    found.sort(key=lambda each: (each[0], each[1].source, each[1].change))
    return [timeline for _, timeline in found], headless


def _timeline(opened: ReviewEvent, said: Sequence[ReviewEvent], now_ms: int) -> Timeline:
    since = [event for event in said if event.at_ms >= opened.at_ms]
    waits, ended_at_ms, merge = _stretches(since, now_ms)
    ready_at_ms = waits[0][0] if waits else None
    end_ms = now_ms if ended_at_ms is None else ended_at_ms
    acts = tuple(Act(event.at_ms, event.actor) for event in since if event.reviews and event.at_ms <= end_ms)
    pushes = [event.at_ms for event in since if event.what == "pushed" and event.at_ms <= end_ms]
    described = [event for event in said if event.what == "described"]
    lines = next(((each.added, each.deleted) for each in reversed(described) if each.added is not None and each.deleted is not None), None)
    newest = described[-1] if described else opened
    return Timeline(
        opened.source,
        opened.change,
        opened.repository,
        branch=next((each.branch for each in reversed(described) if each.branch), ""),
        commit=merge.commit if merge else "",
        work=newest.work,
        labels=newest.labels,
        author="" if opened.machine else opened.actor,
        by_machine=opened.machine,
        lines=sum(lines) if lines else None,
        ready_at_ms=ready_at_ms,
        picked_up_at_ms=_picked_up(ready_at_ms, acts, merge),
        ended_at_ms=ended_at_ms,
        merged=merge is not None,
        waits=waits,
        acts=acts,
        rounds=_rounds(acts, pushes),
        changed_after_review=_changed(acts, pushes, ended_at_ms),
    )


def _stretches(events: Sequence[ReviewEvent], now_ms: int) -> tuple[tuple[tuple[int, int], ...], int | None, ReviewEvent | None]:
    """The stretches in which it waited, when it ended, and its merge, after which nothing counts."""
    merge = next((event for event in events if event.what == "merged"), None)
    is_open, draft, ended_at_ms = True, False, None
    marks: list[tuple[int, bool]] = []
    for event in events:
        if event.what in ("drafted", "ready"):
            draft = event.what == "drafted"
        elif event.what in ("reopened", "closed", "merged"):
            is_open = event.what == "reopened"
            ended_at_ms = None if is_open else event.at_ms
        marks.append((event.at_ms, is_open and not draft))
        if event is merge:
            break
    marks.append((max(now_ms, marks[-1][0]), False))
    stretches: list[tuple[int, int]] = []
    for (begin_ms, waiting), (end_ms, _) in pairwise(marks):
        if waiting and stretches and stretches[-1][1] == begin_ms:
            stretches[-1] = stretches[-1][0], end_ms
        elif waiting and end_ms > begin_ms:
            stretches.append((begin_ms, end_ms))
    return tuple(stretches), ended_at_ms, merge


def _picked_up(ready_at_ms: int | None, acts: Sequence[Act], merge: ReviewEvent | None) -> int | None:
    if ready_at_ms is None:
        return None
    return next((act.at_ms for act in acts if act.at_ms >= ready_at_ms), merge.at_ms if merge else None)


def _rounds(acts: Sequence[Act], pushes: Sequence[int]) -> int:
    """Stretches of acts that no push divides. A push at the moment of an act comes before it."""
    moments = sorted([(at_ms, 0) for at_ms in pushes] + [(act.at_ms, 1) for act in acts])
    return sum(act == 1 and (number == 0 or moments[number - 1][1] == 0) for number, (_, act) in enumerate(moments))


def _changed(acts: Sequence[Act], pushes: Sequence[int], ended_at_ms: int | None) -> bool | None:
    if not acts:
        return None
    changed = any(at_ms > acts[0].at_ms for at_ms in pushes)
    return changed if changed or ended_at_ms is not None else None
