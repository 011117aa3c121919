"""Does the answer hold however it is measured? One comparison for each way of measuring, and a headline that says when the sign turns.

Which history is read, whether moved lines count as dead, and whose labels are believed move the figure more than AI does. A result that
one of these choices turns round is not a result.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.compare import Durability, compare
from wellspent.rework.survival.lifetime import AI, HUMAN, WORDS, Lifetime
from wellspent.rework.survival.terms import WINDOWS_DAYS

CHOICES = ("window", "history", "moves", "labels")


class Way(Struct, frozen=True, order=True):
    """A way to measure.

    Attributes:
        history: Which history is read: ``merged`` (first parents alone, born at the merge) or ``all commits``.
        moves: What becomes of moved lines: ``alive`` or ``dead``.
        labels: Whose labels are believed: ``line notes``, ``trailers`` …
    """

    history: str
    moves: str
    labels: str


class Row(Struct, frozen=True):
    """One way, one window.

    Attributes:
        way: How it was measured.
        found: What was found.
    """

    way: Way
    found: Durability

    @property
    def choices(self) -> tuple[str, str, str, str]:
        """What was chosen, in the order of ``CHOICES``."""
        return (f"{self.found.days} days", self.way.history, self.way.moves, self.way.labels)


class Sensitivity(Struct, frozen=True):
    """All ways.

    Attributes:
        rows: By way and window.
        turns: Choices that turn the sign: of two rows that differ in this alone, one is evidence of one sign and the other of the other.
        contradicted: Whether there is evidence on both sides.
        verdict: The headline.
    """

    rows: tuple[Row, ...]
    turns: tuple[str, ...]
    contradicted: bool
    verdict: str


def sensitivity(
    ways: Mapping[Way, Sequence[Lifetime]],
    windows_days: Iterable[int] = WINDOWS_DAYS,
    *,
    treated: str = AI,
    control: str = HUMAN,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> Sensitivity:
    """The same question, answered in each way.

    Args:
        ways: The lifetimes that each way of measuring gives.
        windows_days: The windows.
        treated: The group that is asked about.
        control: The one it is compared to.
        level_percent: Of the intervals.

    Raises:
        InvalidInput: There is no way, or a window cannot be.
    """
    if not ways:
        raise InvalidInput("there is no way of measuring to compare", fix="give the lifetimes of at least one")
    windows = tuple(windows_days)
    rows = tuple(
        Row(way, found)
        for way in sorted(ways)
        for found in compare(ways[way], windows, treated=treated, control=control, level_percent=level_percent)
    )
    distinct = _distinct(rows)
    return Sensitivity(rows, _turns(rows), len({_sign(row) for row in distinct if row.found.evident}) == 2, _verdict(rows, distinct, treated))


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Rows that say something, without those that differ from an earlier one in nothing: a choice that changes no figure is no second witness."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        told = row.found
        if told.difference is not None and told.grade != "none":
            found.setdefault((told.difference, told.low, told.high, told.treated_n, told.control_n), row)
    return [*found.values()]


def _sign(row: Row) -> int:
    """On which side of zero there is evidence of a difference; 0 where there is none, or it is rounding."""
    difference = row.found.difference or 0.0
    return 0 if not row.found.evident or abs(difference) < limits.EFFECT_NOISE_MIN else 1 if difference > 0 else -1


def _turns(rows: Sequence[Row]) -> tuple[str, ...]:
    """The choices that by themselves turn the sign."""
    found = set()
    for one, two in combinations(rows, 2):
        differing = [choice for choice, first, second in zip(CHOICES, one.choices, two.choices, strict=True) if first != second]
        if len(differing) == 1 and _sign(one) * _sign(two) < 0:
            found.add(differing[0])
    return tuple(choice for choice in CHOICES if choice in found)


def _verdict(rows: Sequence[Row], told: Sequence[Row], treated: str) -> str:
    if not told:
        return f"Not enough data in any of {len(rows)} ways to measure."
    shorter, longer = sum(_sign(row) > 0 for row in told), sum(_sign(row) < 0 for row in told)
    silent = sum(row.found.difference is None or row.found.grade == "none" for row in rows)
    rest = f" In {silent} more there are not enough data, or not enough that is alike." if silent else ""
    plain = WORDS.get(treated, f"{treated} lines")
    many = "1 way to measure" if len(told) == 1 else f"{len(told)} ways to measure that differ"
    words = f"{plain[0].upper()}{plain[1:]}"
    if shorter and longer:
        turning = _turns(rows)
        why = f"The sign turns with {' and with '.join(turning)}" if turning else "The sign turns when several choices change at once"
        return f"{why}: of {many}, {plain} evidently live longer in {longer} and shorter in {shorter}. Do not rely on either.{rest}"
    evident, side = max(shorter, longer), "shorter" if shorter else "longer"
    if not evident:
        return f"No evidence of a difference in {many if len(told) == 1 else f'any of {many}'}.{rest}"
    if evident == len(told):
        return f"{words} live {side} in {many if len(told) == 1 else f'all {many}'}.{rest}"
    return f"{words} live {side} in {evident} of {many}; in the others there is no evidence of either.{rest}"
