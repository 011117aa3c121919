"""What is known of a whole repository, kept small, to be asked commit by commit and line by line."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from wellspent.rework.authorship.claim import Claim, LineClaim
from wellspent.rework.authorship.coverage import Coverage, Tally
from wellspent.rework.authorship.ladder import NOTHING, Evidence, Stretch, Verdict, joined, of_commit, of_lines


class Authorship:
    """Who wrote each commit and line of a repository. A commit of which nothing is known takes no room."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._known: dict[str, Evidence] = {}
        self._claims: dict[Claim, Claim] = {}
        tally = Tally()
        for each in evidence:
            if not each.is_merge:
                tally.add(each, of_commit(each))
            if not each.says_nothing:
                self._known[each.commit] = _shared(each, self._claims)
        self.coverage: Coverage = tally.done()

    def learn(self, commit: str, lines: Mapping[str, tuple[LineClaim, ...]]) -> None:
        """Add what was found out of a commit's lines, by path."""
        if lines:
            known = self.evidence(commit)
            self._known[commit] = _shared(msgspec.structs.replace(known, lines=joined(known.lines, lines)), self._claims)

    def evidence(self, commit: str) -> Evidence:
        """What is known of a commit; of one that was not read, nothing."""
        return self._known.get(commit) or Evidence(commit)

    def of_commit(self, commit: str) -> Verdict:
        """Who took part in a commit."""
        known = self._known.get(commit)
        return of_commit(known) if known else NOTHING

    def of_lines(self, commit: str, path: str, first: int, count: int) -> Iterator[Stretch]:
        """Who wrote ``count`` lines from ``first`` (from 1, of the file as the commit left it), as stretches that follow each other."""
        known = self._known.get(commit)
        if known:
            yield from of_lines(known, path, first, count)
        elif count:
            yield Stretch(first, count, NOTHING)


def _shared(evidence: Evidence, claims: dict[Claim, Claim]) -> Evidence:
    """The same with each claim once in memory, however many commits say it."""
    lines = {
        path: tuple(LineClaim(line.first, line.last, claims.setdefault(line.claim, line.claim)) for line in each)
        for path, each in evidence.lines.items()
    }
    return msgspec.structs.replace(evidence, claims=tuple(claims.setdefault(claim, claim) for claim in evidence.claims), lines=lines)
