"""What fixes cost, by how surely they are linked to the code they mend. A fix that nothing links is never booked to anybody.

No way to find the commit that brought a bug is right more often than about two times in three (Rosa et al., ICSE 2021). So the money of a
fix follows its link only as far as the measured precision of that kind of link; the rest stays with fixes of unknown cause.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import apportion
from wellspent.rework.survival.lifetime import AI, UNKNOWN

BILLION = 10**9  # shares are apportioned in billionths


class LinkQuality(Struct, frozen=True):
    """How good a kind of link was found to be.

    Attributes:
        kind: ``stated`` (a ``Fixes:`` line, a revert), ``issue`` (a tracker), ``most lines`` (the commit whose lines the fix killed most of) …
        precision: Share of its links that are right, 0 to 1.
        recall: Share of true links that it finds.
        f1: Of both.
        measured_on: Where it was measured, with how many fixes.
    """

    kind: str
    precision: float
    recall: float
    f1: float
    measured_on: str

    def __post_init__(self) -> None:
        if not all(0 <= share <= 1 for share in (self.precision, self.recall, self.f1)):
            raise InvalidInput(f"precision, recall and F1 of the link {self.kind!r} are shares", fix="give them between 0 and 1")


class Fix(Struct, frozen=True):
    """A change that mends something, and what links it to its cause.

    Attributes:
        kind: Of the link; "" where nothing links it, as where a fix deletes nothing.
        causes: Lines of the linked cause by group: ``{"ai": 30, "human": 10}``. Empty where nothing links it.
    """

    kind: str = ""
    causes: Mapping[str, int] = {}

    def __post_init__(self) -> None:
        if (
            bool(self.kind) != bool(self.causes)
            or any(lines < 0 for lines in self.causes.values())
            or (self.causes and not any(self.causes.values()))
        ):
            raise InvalidInput(
                f"a fix linked by {self.kind!r} to {dict(self.causes)}", fix="give the kind of link and its lines by group, or neither"
            )


class FixShare(Struct, frozen=True):
    """A part of a fix's money.

    Attributes:
        kind: Of the link; "" for none.
        cause: The group whose code it mends; ``unknown`` where nothing says so surely enough.
        nanousd: How much.
    """

    kind: str
    cause: str
    nanousd: int


def qualities_of(qualities: Iterable[LinkQuality]) -> dict[str, LinkQuality]:
    """Qualities by kind.

    Raises:
        InvalidInput: A kind has two.
    """
    found: dict[str, LinkQuality] = {}
    for quality in qualities:
        if found.setdefault(quality.kind, quality) != quality:
            raise InvalidInput(f"links of the kind {quality.kind!r} have two measured qualities", fix="give one for each kind")
    return found


def shares_of_fix(nanousd: int, fix: Fix, qualities: Mapping[str, LinkQuality]) -> list[FixShare]:
    """A fix's money by cause; the shares sum to it exactly.

    Of a link's money, its precision goes to the groups of the linked lines and the rest to ``unknown``: also all of it where nobody
    measured that kind of link.
    """
    quality = qualities.get(fix.kind)
    if quality is None:
        return [FixShare(fix.kind, UNKNOWN, nanousd)]
    sure = round(quality.precision * BILLION)
    groups = sorted(fix.causes)
    total = sum(fix.causes.values())
    weights: Sequence[int] = [*(fix.causes[group] * sure for group in groups), total * (BILLION - sure)]
    causes = [*groups, UNKNOWN]
    return [FixShare(fix.kind, cause, part) for cause, part in zip(causes, apportion(nanousd, weights), strict=True)]


def caused_by_ai(shares: Iterable[FixShare]) -> int:
    """Nano-dollars of fixes that mend AI code, as far as their links are right."""
    return sum(share.nanousd for share in shares if share.cause == AI)
