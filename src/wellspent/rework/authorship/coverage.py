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


def coverage_text(coverage: Coverage) -> list[str]:
    """How much is known, in words, coverage first."""
    agents, people, unknown = (coverage.by_state[state] for state in (State.AI, State.HUMAN, State.UNKNOWN))
    if coverage.known_percent is None:
        return ["There are no commits to tell the authors of."]
    known = f"{coverage.known_percent:.1f} % of {coverage.commits:,} commits"
    lines = [
        f"The author of {known} is known: an agent took part in {agents:,}, {people:,} are attested to people."
        f" Of {unknown:,} it is unknown, which does not mean a person."
    ]
    if coverage.by_rung:
        lines.append("Known by: " + ", ".join(f"{rung.words} {commits:,}" for rung, commits in coverage.by_rung.items()) + ".")
    if coverage.by_tool:
        lines.append("Agents: " + ", ".join(f"{tool or 'not named, or several'} {commits:,}" for tool, commits in coverage.by_tool.items()) + ".")
    if coverage.contradicted:
        pairs = (f"{rung.words} against {other.words} {commits:,}" for (rung, other), commits in coverage.contradicted.items())
        lines.append("Rungs that say otherwise: " + ", ".join(pairs) + ".")
    if coverage.only_committed:
        lines.append(
            "Committed by an agent, written by somebody else: " + ", ".join(f"{tool} {n:,}" for tool, n in coverage.only_committed.items()) + "."
        )
    if coverage.suggestions:
        lines.append(f"Commits with a suggestion of a bot that reviews, which is not authorship: {coverage.suggestions:,}.")
    return lines


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
