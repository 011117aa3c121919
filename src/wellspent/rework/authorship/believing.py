"""Evidence with some of its rungs left out: what would be known, had only these been believed. Pure."""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from wellspent.rework.authorship.claim import Rung
from wellspent.rework.authorship.ladder import Evidence

OF_LINES = tuple(rung for rung in Rung if rung.tells_lines)
OF_COMMITS = tuple(rung for rung in Rung if not rung.tells_lines)


def believing(evidence: Iterable[Evidence], rungs: Collection[Rung]) -> Iterator[Evidence]:
    """The same commits, with what these rungs say and nothing else."""
    for each in evidence:
        kept = {path: tuple(line for line in lines if line.claim.rung in rungs) for path, lines in each.lines.items()}
        yield msgspec.structs.replace(
            each,
            claims=tuple(claim for claim in each.claims if claim.rung in rungs),
            lines={path: lines for path, lines in kept.items() if lines},
            looked=tuple(rung for rung in each.looked if rung in rungs),
        )
