"""A repository that is there twice counts once: the same lines in two histories would look like twice the evidence. Pure."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from wellspent.rework.study import Study


class Twice(Struct, frozen=True):
    """A repository that is left out, because another that was named before it is the same.

    Attributes:
        name, of: What people call it, and the other.
        why: How that is known.
    """

    name: str
    of: str
    why: str


def once(studies: Sequence[Study]) -> tuple[list[Study], list[Twice]]:
    """Each history once, the first of several: a mirror beside a clone, a fork that follows its origin.

    Two are the same where they share more than half of the commits that count, of whichever has fewer. The folders in which people work on the one
    that is left out are the other's, so that sessions find its commits.
    """
    kept: list[tuple[Study, frozenset[str]]] = []
    twice: list[Twice] = []
    for study in studies:
        commits = _since(study)
        for place, (other, known) in enumerate(kept):
            shared = len(commits & known)
            if 2 * shared > min(len(commits), len(known)):
                why = f"it shares {shared:,} of its {len(commits):,} commits since with {other.name}"
                twice.append(Twice(study.name, other.name, why))
                kept[place] = replace(other, roots=tuple(dict.fromkeys((*other.roots, *study.roots)))), known
                break
        else:
            kept.append((study, commits))
    return [study for study, _ in kept], twice


def _since(study: Study) -> frozenset[str]:
    """The commits of merged code since lines count, and those that they brought."""
    here = [place for place, at_s in enumerate(study.calendar.at_s) if at_s >= study.since_s]
    return frozenset(each for place in here for each in (study.calendar.ids[place], *study.brought.get(place, ())))
