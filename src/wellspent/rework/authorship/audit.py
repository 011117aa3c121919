"""How good each rung is, where a better one speaks of the same commits: precision and recall, by commit and by line.

A better rung is not the truth either, only nearer to it. Precision needs one that can say "no agent": git-ai's notes can; of the others only
the share of their own finds that a rung finds too (recall) is known. Commits that the better rung does not speak of are in no figure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from wellspent.rework.authorship.added import Hunk
from wellspent.rework.authorship.claim import Author, LineClaim, Rung, State, agree, common
from wellspent.rework.authorship.ladder import Evidence


class Agreement(Struct):
    """Counts of two answers to the same question, of commits or of lines.

    Attributes:
        both: An agent, says each of them.
        only_rung: An agent, says the rung; none, says the better one.
        only_better: The other way round.
        both_deniable: Of ``both``, where the better one could have said that there was none: what precision is reckoned from.
        same_tool: Of ``both``, where neither names another tool than the other.
    """

    both: int = 0
    only_rung: int = 0
    only_better: int = 0
    both_deniable: int = 0
    same_tool: int = 0

    @property
    def recall_percent(self) -> float | None:
        """Of what is an agent's by the better rung, how much the rung finds; None where there is none."""
        return _percent(self.both, self.both + self.only_better)

    @property
    def precision_percent(self) -> float | None:
        """Of what the rung finds, how much is an agent's by the better rung; None where it finds none."""
        return _percent(self.both_deniable, self.both_deniable + self.only_rung)

    @property
    def same_tool_percent(self) -> float | None:
        """Of what both find, how often the tools are the same; None where both find none."""
        return _percent(self.same_tool, self.both)


class Row(Struct, frozen=True):
    """One rung against a better one.

    Attributes:
        can_deny: Whether the better rung can say that no agent took part; without that there is no precision.
        lines: Of the lines that commits added; None where the better rung does not tell of lines.
    """

    rung: Rung
    better: Rung
    can_deny: bool
    commits: Agreement
    lines: Agreement | None


def audit(evidence: Iterable[tuple[Evidence, Sequence[Hunk]]]) -> tuple[Row, ...]:
    """Every rung against every better one that speaks of the same commits, best first.

    Args:
        evidence: Commits, each with the lines that it added; without those, only commits are compared. Merges add none of their own: leave them out.
    """
    commits: defaultdict[tuple[Rung, Rung], Agreement] = defaultdict(Agreement)
    lines: defaultdict[tuple[Rung, Rung], Agreement] = defaultdict(Agreement)
    denied: set[Rung] = set()
    speaking: set[Rung] = set()
    for each, hunks in evidence:
        found = _finds(each)
        speaking |= set(found)
        denied |= set(each.looked)
        for better in sorted({*found, *each.looked}):
            for rung in Rung:
                if rung > better:
                    _count(commits[rung, better], found.get(rung), found.get(better), 1, deniable=better in each.looked)
        _count_lines(each, hunks, lines)
    pairs = sorted(pair for pair, counted in commits.items() if pair[0] in speaking and (counted.both or counted.only_better))
    return tuple(Row(rung, better, better in denied, commits[rung, better], lines.get((rung, better))) for rung, better in pairs)


def audit_rows(rows: Iterable[Row]) -> list[dict[str, object]]:
    """The audit as rows of a report; an unknown figure is None."""
    return [
        {
            "rung": row.rung.words,
            "better": row.better.words,
            "of": of,
            "agent_by_better": counted.both + counted.only_better,
            "agent_by_rung": counted.both + counted.only_rung if row.can_deny else counted.both,
            "both": counted.both,
            "precision_percent": counted.precision_percent if row.can_deny else None,
            "recall_percent": counted.recall_percent,
            "same_tool_percent": counted.same_tool_percent,
        }
        for row in rows
        for of, counted in (("commits", row.commits), ("lines", row.lines))
        if counted is not None
    ]


def _finds(evidence: Evidence) -> dict[Rung, Author]:
    """For each rung that names an agent anywhere in a commit, the agent."""
    said = [*evidence.claims, *(line.claim for lines in evidence.lines.values() for line in lines)]
    agents = [claim for claim in said if claim.author.state is State.AI]
    return {rung: common(claim.author for claim in agents if claim.rung is rung) for rung in {claim.rung for claim in agents}}


def _count(counted: Agreement, rung: Author | None, better: Author | None, times: int, *, deniable: bool) -> None:
    if rung and better:
        counted.both += times
        counted.both_deniable += times * deniable
        counted.same_tool += times * agree(rung, better)
    elif better:
        counted.only_better += times
    elif rung:
        counted.only_rung += times


def _count_lines(evidence: Evidence, hunks: Sequence[Hunk], lines: defaultdict[tuple[Rung, Rung], Agreement]) -> None:
    """Line by line, where a rung tells of lines; one that tells of commits claims every line of its commits."""
    telling = sorted(
        {line.claim.rung for claims in evidence.lines.values() for line in claims} | {rung for rung in evidence.looked if rung.tells_lines}
    )
    if not telling:
        return
    whole = {rung: author for rung, author in _finds(evidence).items() if not rung.tells_lines}
    for hunk in hunks:
        by_rung = {rung: _painted(evidence.lines.get(hunk.path, ()), rung, hunk) for rung in telling}
        for better in telling:
            for rung in Rung:
                if rung > better and (rung in whole or rung in by_rung):
                    told = by_rung[rung] if rung in by_rung else [whole[rung]] * hunk.count
                    _compare(lines[rung, better], told, by_rung[better])
                elif rung > better:
                    _compare(lines[rung, better], [None] * hunk.count, by_rung[better])


def _painted(claims: Sequence[LineClaim], rung: Rung, hunk: Hunk) -> list[Author | None]:
    """The agent of each line of a hunk by one rung."""
    painted: list[Author | None] = [None] * hunk.count
    for line in claims:
        if line.claim.rung is rung and line.claim.author.state is State.AI:
            start, end = max(line.first - hunk.first, 0), min(line.last + 1 - hunk.first, hunk.count)
            if start < end:
                painted[start:end] = [line.claim.author] * (end - start)
    return painted


def _compare(counted: Agreement, rung: Sequence[Author | None], better: Sequence[Author | None]) -> None:
    for (one, other), times in Counter(zip(rung, better, strict=True)).items():
        _count(counted, one, other, times, deniable=True)


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
