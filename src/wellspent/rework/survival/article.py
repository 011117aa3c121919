"""The article method: the arithmetic behind "$0.44 goes to fixes, $0.27 to rework, $0.11 to review", on one's own changes.

It is allocation, not causation (Entelligence, "Token Maxxing Is Making Engineering Teams Slower", May 2026, which gives no formula for the
third). Three shares with three denominators are laid onto one dollar: of changes, of lines, of review. They overlap; what they leave is
called shipped. No defect is traced to the code that had it, nothing compares with the time before, young lines count as kept.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import round_half_even
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime

WEEK_DAYS = 7
REACTIVE = ("bug", "upkeep")


class Change(Struct, frozen=True):
    """A merged pull request as the article method sees it.

    Attributes:
        work: What it was for; ``upkeep`` is the article's KTLO: infrastructure, dependencies, configuration. "" where nobody said.
        review_minutes: How long people reviewed it; None where it is not known.
        changed_after_review: Whether anything changed between the first review and the merge; None where it is not known.
    """

    work: Literal["bug", "upkeep", "feature", "innovation", ""] = ""
    review_minutes: int | None = None
    changed_after_review: bool | None = None

    def __post_init__(self) -> None:
        if self.review_minutes is not None and self.review_minutes < 0:
            raise InvalidInput(f"a review of {self.review_minutes} minutes", fix="give zero or more, or leave it out: unknown is not zero")


class Article(Struct, frozen=True):
    """A sum of spending by the article method. What is unknown is None; where all are known, the four sum to the total.

    Attributes:
        total_nanousd: The sum.
        reactive_nanousd: By the share of changes for bugs and upkeep among those of which it is known.
        rework_nanousd: By the share of merged lines that were gone within seven days.
        friction_nanousd: By the share of review time on changes that the review changed nothing of.
        shipped_nanousd: What is left; below zero where the shares overlap so far.
        changes, classified, reviewed: Merged changes; those whose work is known; those of which it is known what review they had.
    """

    total_nanousd: int
    reactive_nanousd: int | None
    rework_nanousd: int | None
    friction_nanousd: int | None
    shipped_nanousd: int | None
    changes: int
    classified: int
    reviewed: int


def article(total_nanousd: int, changes: Iterable[Change], lifetimes: Iterable[Lifetime]) -> Article:
    """The article's four sums.

    Args:
        total_nanousd: All spending.
        changes: All merged changes, whoever wrote them.
        lifetimes: Of all merged lines, whoever wrote them.
    """
    listed = list(changes)
    classified = [change for change in listed if change.work]
    reviewed = [change for change in listed if change.review_minutes is not None and change.changed_after_review is not None]
    reactive = _part(total_nanousd, sum(change.work in REACTIVE for change in classified), len(classified))
    rework = _part(total_nanousd, *_discarded(list(lifetimes)))
    idle = _minutes([change for change in reviewed if not change.changed_after_review])
    friction = _part(total_nanousd, idle, _minutes(reviewed))
    known = None if reactive is None or rework is None or friction is None else reactive + rework + friction
    shipped = None if known is None else total_nanousd - known
    return Article(total_nanousd, reactive, rework, friction, shipped, len(listed), len(classified), len(reviewed))


def _discarded(lifetimes: Sequence[Lifetime]) -> tuple[int, int]:
    """Lines gone within a week, and all: what is younger than a week counts as kept, as in the article."""
    gone = sum(each.lines for each in lifetimes if each.died and each.age_ms <= WEEK_DAYS * DAY_MS)
    return gone, sum(each.lines for each in lifetimes)


def _minutes(changes: Iterable[Change]) -> int:
    return sum(change.review_minutes or 0 for change in changes)


def _part(total_nanousd: int, count: int, of: int) -> int | None:
    """A share of the total; None where there is nothing to take a share of."""
    return round_half_even(total_nanousd * count, of) if of else None
