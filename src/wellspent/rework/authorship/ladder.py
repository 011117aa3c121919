"""The ladder: many pieces of evidence about a commit, one verdict about it or each of its lines.

The best rung wins, and what it leaves open is filled from rungs that agree with it. Rungs that say otherwise are named, so that they can be counted.
A git-ai note that names lines has seen the whole commit: of its other lines nobody knows who wrote them, whatever the commit's trailers say.
Transcripts and Agent Trace see less than all, so the rest of a commit stays open to the rungs below. A note without any line says nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from wellspent.rework.authorship.claim import UNKNOWN, Author, Claim, LineClaim, Rung, State, agree, common, filled

Lines = Mapping[str, tuple[LineClaim, ...]]


class Verdict(Struct, frozen=True, cache_hash=True):
    """Who wrote a commit or a line.

    Attributes:
        rung: What decided; None where nothing says anything.
        evidence: What it was.
        against: Rungs that say otherwise.
    """

    author: Author = UNKNOWN
    rung: Rung | None = None
    evidence: str = ""
    against: tuple[Rung, ...] = ()


class Stretch(Struct, frozen=True):
    """``count`` lines from ``first`` on, with one verdict."""

    first: int
    count: int
    verdict: Verdict


class Evidence(Struct, frozen=True):
    """All that is known of who wrote a commit.

    Attributes:
        commit: Its id.
        claims: Of the commit as a whole, best rung first.
        lines: Of its lines, by path.
        looked: Rungs that would have seen an agent: where one of them names none, it says no.
        only_committed: The agent that committed what somebody else wrote, "" for none.
        suggestions: Reviewing bots whose suggestions were accepted into it.
        branch: It was made on, as merges tell; "" where they do not.
    """

    commit: str
    committed_at_ms: int = 0
    is_merge: bool = False
    claims: tuple[Claim, ...] = ()
    lines: Lines = {}
    looked: tuple[Rung, ...] = ()
    only_committed: str = ""
    suggestions: int = 0
    branch: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether nothing at all is known."""
        return not self.claims and not self.lines

    @property
    def has_note(self) -> bool:
        """Whether a git-ai note names lines of it."""
        return any(line.claim.rung is Rung.NOTE for lines in self.lines.values() for line in lines)


NOTHING = Verdict()
UNTRACKED = "the git-ai note names other lines"


def decide(claims: Iterable[Claim]) -> Verdict:
    """One verdict on what several pieces of evidence say of the same thing."""
    ordered = sorted(dict.fromkeys(claims), key=lambda claim: claim.rung)
    if not ordered:
        return NOTHING
    best = [claim for claim in ordered if claim.rung is ordered[0].rung]
    rest = ordered[len(best) :]
    said = [claim.author for claim in best]
    whole = filled(common(said), said, (claim.author for claim in rest))
    against = [claim.rung for claim in (*best, *rest) if not agree(whole, claim.author)]
    evidence = "; ".join(dict.fromkeys(claim.evidence for claim in best))
    return Verdict(whole, best[0].rung, evidence, tuple(dict.fromkeys(against)))


def of_commit(evidence: Evidence) -> Verdict:
    """Who took part in a commit: an agent, where the best rung names one for any of its lines."""
    named = [line.claim for lines in evidence.lines.values() for line in lines]
    agents = [claim for claim in named if claim.author.state is State.AI]
    verdict = decide((*(agents or named), *evidence.claims))
    said_no = [rung for rung in evidence.looked if verdict.author.state is State.AI and rung not in _naming(agents, evidence.claims)]
    return Verdict(verdict.author, verdict.rung, verdict.evidence, tuple(sorted({*verdict.against, *said_no})))


def of_lines(evidence: Evidence, path: str, first: int, count: int) -> Iterator[Stretch]:
    """Who wrote lines of a commit, as stretches that follow each other without a gap."""
    lines = evidence.lines.get(path, ())
    rest = decide(evidence.claims)
    if evidence.claims and evidence.has_note:
        rest = Verdict(UNKNOWN, Rung.NOTE, UNTRACKED, tuple(dict.fromkeys(claim.rung for claim in evidence.claims)))
    elif evidence.has_note:
        rest = Verdict(UNKNOWN, Rung.NOTE, UNTRACKED)
    for start, end, over in _pieces(lines, first, first + count):
        yield Stretch(start, end - start, decide((*over, *evidence.claims)) if over else rest)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict on what several commits brought: what all of them say, unknown where one is unknown, and as good as the worst of them."""
    several = list(verdicts)
    author = common(verdict.author for verdict in several)
    rungs = [verdict.rung for verdict in several if verdict.rung]
    against = tuple(sorted({rung for verdict in several for rung in verdict.against}))
    return Verdict(author, max(rungs) if rungs and len(rungs) == len(several) else None, "commits that it brought", against)


def joined(*sources: Lines) -> Lines:
    """What several sources say of lines, in the lines' order."""
    said = [each for each in sources if each]
    if len(said) < 2:
        return said[0] if said else {}
    paths = dict.fromkeys(path for each in said for path in each)
    return {path: tuple(sorted((line for each in said for line in each.get(path, ())), key=lambda line: line.first)) for path in paths}


def _naming(agents: Iterable[Claim], claims: Iterable[Claim]) -> set[Rung]:
    return {claim.rung for claim in (*agents, *claims)}


def _pieces(lines: Sequence[LineClaim], first: int, end: int) -> Iterator[tuple[int, int, list[Claim]]]:
    """``first`` to before ``end``, cut where the claims change."""
    inside = [line for line in lines if line.first < end and line.last >= first]
    cuts = sorted({first, end, *(cut for line in inside for cut in (line.first, line.last + 1) if first < cut < end)})
    over: list[list[Claim]] = [[] for _ in cuts]
    for line in inside:
        for number in range(bisect_left(cuts, line.first), bisect_left(cuts, line.last + 1)):
            over[number].append(line.claim)
    yield from zip(cuts, cuts[1:], over, strict=False)
