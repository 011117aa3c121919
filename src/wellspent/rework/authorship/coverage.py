"""How much is known at all: the first figure of every report about authorship, so that *unknown* is never taken for *human*."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from wellspent.rework.authorship.claim import Rung, State
from wellspent.rework.authorship.ladder import Evidence, Verdict


class Coverage(Struct, frozen=True):
    """Commits that are no merges, by what is known of them.

    Attributes:
        by_state: ``{state: commits}``, all three states.
        by_rung: Commits by the rung that decided.
        by_tool: Commits in which an agent took part, by its name; "" where several did, or its name is not known.
        contradicted: ``{(rung that decided, rung that says otherwise): commits}``.
        only_committed: Commits that an agent put into the history and somebody else wrote, by agent.
        suggestions: Commits with an accepted suggestion of a bot that reviews.
    """

    commits: int
    by_state: Mapping[State, int]
    by_rung: Mapping[Rung, int]
    by_tool: Mapping[str, int]
    contradicted: Mapping[tuple[Rung, Rung], int]
    only_committed: Mapping[str, int]
    suggestions: int

    @property
    def known_percent(self) -> float | None:
        """The share of commits whose author is an agent or an attested person; None without commits."""
        known = self.by_state[State.AI] + self.by_state[State.HUMAN]
        return 100 * known / self.commits if self.commits else None


class Tally:
    """Counts verdicts."""

    def __init__(self) -> None:
        self._states: Counter[State] = Counter()
        self._rungs: Counter[Rung] = Counter()
        self._tools: Counter[str] = Counter()
        self._contradicted: Counter[tuple[Rung, Rung]] = Counter()
        self._only_committed: Counter[str] = Counter()
        self._suggestions = 0

    def add(self, evidence: Evidence, verdict: Verdict) -> None:
        """Count one commit."""
        self._states[verdict.author.state] += 1
        if verdict.author.state is State.AI:
            self._tools[verdict.author.tool] += 1
        if verdict.rung:
            self._rungs[verdict.rung] += 1
            self._contradicted.update((verdict.rung, other) for other in verdict.against)
        if evidence.only_committed:
            self._only_committed[evidence.only_committed] += 1
        self._suggestions += evidence.suggestions > 0

    def done(self) -> Coverage:
        """What was counted."""
        return Coverage(
            commits=self._states.total(),
            by_state={state: self._states[state] for state in State},
            by_rung=dict(sorted(self._rungs.items())),
            by_tool=dict(self._tools.most_common()),
            contradicted=dict(self._contradicted.most_common()),
            only_committed=dict(self._only_committed.most_common()),
            suggestions=self._suggestions,
        )
