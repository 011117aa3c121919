"""Do the lines of one group live longer than those of another? Difference, interval, grade and verdict; or "no evidence"."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.chance import interval
from wellspent.rework.survival.curve import of_lines
from wellspent.rework.survival.lifetime import AI, DAY_MS, HUMAN, UNKNOWN, WORDS, Lifetime, whole_days
from wellspent.rework.survival.like import Standardised, standardised
from wellspent.rework.survival.reading import rough, too_few
from wellspent.rework.survival.terms import WINDOWS_DAYS

METHOD = (
    "difference of two product-limit estimates (Kaplan and Meier, 1958) within repository, month and directory, strata weighted n1 n2 / (n1 + n2); "
    "bootstrap over commits or pull requests (Efron, 1979), expanded percentile interval (Hesterberg, 2015)"
)
ASSUMPTIONS = (
    "Lines of one commit or pull request share their fate; those of different ones do not.",
    "When the history ends has nothing to do with how long a line would have lived.",
    "Within a repository, month and directory, both groups were given alike work.",
    "Nobody assigned the work by chance: whatever else differs between the groups may be the cause.",
    "Labels are right: a line of the wrong group blurs the difference, or turns it round.",
)


class Check(Struct, frozen=True):
    """Something that would be wrong with the comparison, looked for.

    Attributes:
        name: ``known authors``, ``like with like``, ``mix of strata``, ``few clusters``.
        passed: Whether nothing was found; None where it speaks neither for nor against.
        finding: One sentence that says so.
    """

    name: str
    passed: bool | None
    finding: str


class Durability(Struct, frozen=True):
    """The difference between two groups in what is gone at a window, treated minus control: above zero the treated lines live shorter.

    Attributes:
        treated, control: Names of the groups.
        treated_n, control_n: Commits or pull requests old enough in the strata that both share.
        days: The window.
        treated_gone, control_gone: Shares gone within shared strata; None where the data are too few to say.
        difference, low, high: Of these shares, with the interval that holds it; None alike.
        level_percent: Of the interval.
        crude: The difference of all lines, like not compared with like; None where it is not known.
        strata: How many were compared.
        unit: ``share``.
        method, assumptions: What was computed, and what must be true for it to mean what it says.
        checks: What was looked for.
        grade: ``B``, a controlled comparison, at best; ``none`` where a check failed or there are too few data.
        verdict: The result in plain words.
    """

    treated: str
    control: str
    treated_n: int
    control_n: int
    days: int
    treated_gone: float | None
    control_gone: float | None
    difference: float | None
    low: float | None
    high: float | None
    level_percent: float
    crude: float | None
    strata: int
    unit: str
    method: str
    assumptions: tuple[str, ...]
    checks: tuple[Check, ...]
    grade: Literal["B", "none"]
    verdict: str

    @property
    def evident(self) -> bool:
        """Whether there is evidence of a difference: it has a grade, and its interval does not hold zero."""
        return self.grade != "none" and self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compare(
    lifetimes: Iterable[Lifetime],
    windows_days: Iterable[int] = WINDOWS_DAYS,
    *,
    treated: str = AI,
    control: str = HUMAN,
    level_percent: float = limits.EFFECT_LEVEL_PERCENT,
) -> tuple[Durability, ...]:
    """Two groups compared like with like, one result for each window.

    Args:
        lifetimes: Of all groups: those of unknown origin tell how much of the code the comparison is about.
        windows_days: The windows.
        treated: The group that is asked about.
        control: The one it is compared to.
        level_percent: Of the intervals.

    Raises:
        InvalidInput: A window cannot be, or both groups are the same.
    """
    if treated == control:
        raise InvalidInput(f"{treated!r} is compared to itself", fix="name two groups")
    if not 50 <= level_percent < 100:
        raise InvalidInput(f"level_percent is {level_percent}", fix="ask for 50 or more and less than 100, such as 95")
    windows, listed = whole_days(windows_days), list(lifetimes)
    one, two = ([each for each in listed if each.group == group] for group in (treated, control))
    known = _known(listed)
    found, crude = standardised(one, two, windows), _crude(one, two, windows)
    return tuple(_concluded(found[days], days, (treated, control), level_percent, crude[days], known) for days in windows)


def _known(lifetimes: Sequence[Lifetime]) -> float:
    """The share of lines whose author is known."""
    total = sum(each.lines for each in lifetimes)
    return sum(each.lines for each in lifetimes if each.group != UNKNOWN) / total if total else 0.0


def _crude(treated: Sequence[Lifetime], control: Sequence[Lifetime], windows: Sequence[int]) -> dict[int, float | None]:
    one, two = of_lines(treated), of_lines(control)
    found: dict[int, float | None] = {}
    for days in windows:
        alive = one.alive(days * DAY_MS), two.alive(days * DAY_MS)
        found[days] = None if alive[0] is None or alive[1] is None else alive[1] - alive[0]
    return found


def _concluded(found: Standardised, days: int, names: tuple[str, str], level_percent: float, crude: float | None, known: float) -> Durability:
    """Grade and verdict added."""
    few = _few(found, names, known)
    draws = found.draws[:, 0] - found.draws[:, 1]
    if not few and float(draws.max() - draws.min()) < limits.EFFECT_NOISE_MIN:
        few = "every commit or pull request says the same, so nothing says how far chance moves it"
    one, two = (None, None) if few else (float(share) for share in found.gone)
    difference = None if one is None or two is None else one - two
    low, high = (None, None) if difference is None else interval(draws, min(side.effective for side in found.sides), level_percent)
    checks = _checks(found, names, crude, difference, known)
    failed = any(check.passed is False for check in checks)
    wrong = " ".join(check.finding for check in checks if check.passed is False)
    beware = [check.finding for check in checks if check.passed is None]
    sentences = [_result(few, wrong, names, days, (one, two), (low, high), level_percent), *beware]
    return Durability(
        treated=names[0],
        control=names[1],
        treated_n=found.sides[0].clusters,
        control_n=found.sides[1].clusters,
        days=days,
        treated_gone=one,
        control_gone=two,
        difference=difference,
        low=low,
        high=high,
        level_percent=level_percent,
        crude=crude,
        strata=found.strata,
        unit="share",
        method=METHOD,
        assumptions=ASSUMPTIONS,
        checks=checks,
        grade="none" if few or failed else "B",
        verdict=" ".join(sentences),
    )


def _few(found: Standardised, names: tuple[str, str], known: float) -> str:
    """Why nothing is said, "" where something is."""
    if UNKNOWN not in names and known < limits.SURVIVAL_KNOWN_MIN:
        return f"not enough data: the author of {1 - known:.0%} of the lines is unknown, and at most {1 - limits.SURVIVAL_KNOWN_MIN:.0%} may be"
    if not found.strata:
        return "not enough data: no repository, month and directory has lines of both that are old enough"
    for name, side in zip(names, found.sides):
        few = too_few(side.clusters, side.effective)
        if few:
            return f"{few} ({WORDS.get(name, name)}, where the other group has lines too)"
    return ""


def _checks(found: Standardised, names: tuple[str, str], crude: float | None, difference: float | None, known: float) -> tuple[Check, ...]:
    if difference is None:
        return ()
    effective, shared = min(side.effective for side in found.sides), found.sides[0].shared
    told = f"The author of {known:.0%} of the lines is known."
    like = f"{shared:.0%} of the {WORDS.get(names[0], names[0])} have their like in the other group ({found.strata} strata)."
    if crude is not None and crude * difference < 0:
        mix = Check("mix of strata", None, f"Taken together and not like with like, the difference would be {100 * crude:+.1f} percentage points.")
    else:
        mix = Check("mix of strata", True, "Taken together, the difference is on the same side.")
    return (
        Check("known authors", None if UNKNOWN in names else True, told),
        Check("like with like", shared >= limits.SURVIVAL_SHARED_MIN, like),
        mix,
        Check("few clusters", None if rough(effective) else True, f"The smaller group tells as much as {effective:.0f} commits of equal size."),
    )


def _result(
    few: str,
    wrong: str,
    names: tuple[str, str],
    days: int,
    gone: tuple[float | None, float | None],
    sides: tuple[float | None, float | None],
    level_percent: float,
) -> str:
    (one, two), (low, high) = gone, sides
    if one is None or two is None or low is None or high is None:
        return f"No evidence: {few}."
    treated, control = (WORDS.get(name, f"{name} lines") for name in names)
    shares = f"{100 * one:.1f} % of {treated} and {100 * two:.1f} % of {control} were gone"
    span = f"{level_percent:g} % interval of the difference: {100 * low:+.1f} to {100 * high:+.1f} percentage points"
    if wrong:
        return f"No evidence that would hold: {wrong} Within {days} days {shares} ({span})."
    if low <= 0 <= high:
        return f"No evidence of a difference: within {days} days {shares} ({span})."
    return f"{treated[0].upper()}{treated[1:]} live {'shorter' if one > two else 'longer'}: within {days} days {shares} ({span})."
