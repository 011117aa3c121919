"""The audit of a repository: its evidence, and of the commits whose lines a rung tells of, the lines that they added."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from wellspent.rework.authorship.added import Hunk, added_by
from wellspent.rework.authorship.audit import Row, audit
from wellspent.rework.authorship.coverage import Coverage, Tally
from wellspent.rework.authorship.ladder import Evidence, of_commit
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.authorship.transcript import Transcripts
from wellspent.rework.git import Repository

ABSENT = "a commit's text is not here (a partial clone); it is audited as a whole, not by line"


class Audit(Struct, frozen=True):
    """How much is known of a repository's commits, how good each rung is, and what could not be used and how often."""

    coverage: Coverage
    rows: tuple[Row, ...]
    problems: Counter[str]


def audit_of(repository: Repository, tip: str = "HEAD", transcripts: Transcripts | None = None) -> Audit:
    """Audit every commit that leads to ``tip``, merges apart. Raises InvalidInput where there is no such commit."""
    reader, tally = Reader(repository, transcripts), Tally()
    known: dict[str, Evidence] = {}
    for each in reader.evidence(tip):
        if not each.is_merge:
            tally.add(each, of_commit(each))
            if each.looked or not each.says_nothing:
                known[each.commit] = each
    absent: list[str] = []
    rows = audit(_with_lines(repository, known, absent))
    problems = reader.problems + Counter({ABSENT: len(absent)})
    return Audit(tally.done(), rows, problems)


def _with_lines(repository: Repository, known: dict[str, Evidence], absent: list[str]) -> Iterator[tuple[Evidence, Sequence[Hunk]]]:
    telling = {commit: each for commit, each in known.items() if each.lines or any(rung.tells_lines for rung in each.looked)}
    yield from ((each, ()) for commit, each in known.items() if commit not in telling)
    for commit, hunks in added_by(repository, [(commit,) for commit in telling], absent=absent.append):
        yield telling[commit], hunks
    yield from ((telling[commit], ()) for commit in absent)
