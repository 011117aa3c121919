"""Two columns side by side: the article method, and what was measured. The gap between them is the point."""

from collections.abc import Sequence

from msgspec import Struct

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import NANO_PER_USD, apportion
from wellspent.rework.survival.article import Article
from wellspent.rework.survival.lifetime import AI, UNKNOWN
from wellspent.rework.survival.people import Span
from wellspent.rework.survival.spent import Fate, Measured

CAVEAT = (
    "The article method is allocation, not causation: shares of changes, lines and review are laid onto one dollar, and what they leave is called "
    "shipped. The measured column follows each dollar to the lines it paid for and puts it in one row."
)


class Line(Struct, frozen=True):
    """A line of the table.

    Attributes:
        label: What it is about.
        article_nanousd: By the article method; None where that has no such line, or it is unknown.
        measured_nanousd: As measured; None where that has no such line.
        low_nanousd, high_nanousd: The interval of the measured amount, where it has one.
        note: What to know of it.
        of_article: Whether the article method has such a line.
    """

    label: str
    article_nanousd: int | None
    measured_nanousd: int | None
    low_nanousd: int | None = None
    high_nanousd: int | None = None
    note: str = ""
    of_article: bool = False


class Columns(Struct, frozen=True):
    """The table. Each column sums to the total, unless a line of it is unknown.

    Attributes:
        total_nanousd: All spending on AI.
        lines: Of the table.
        people: What reviews cost in hours of people, beside the total and not part of it; None where it is not known.
        caveat: What is to be read with it.
    """

    total_nanousd: int
    lines: tuple[Line, ...]
    people: Span | None
    caveat: str


def side_by_side(article: Article, measured: Measured, people: Span | None) -> Columns:
    """Both columns.

    Raises:
        InvalidInput: They are about different sums.
    """
    if article.total_nanousd != measured.total_nanousd:
        raise InvalidInput("the two columns are about different sums", fix="give both all spending of the same time")
    fates, days = measured.fates, measured.days
    of_ai, of_others, of_unknown = (_fixes(measured, cause) for cause in (AI, None, UNKNOWN))
    links = _links(measured)
    classed = f"article: {article.classified:,} of {article.changes:,} changes have a known kind of work"
    reviewed = f"article: the review of {article.reviewed:,} of {article.changes:,} changes is known; measured: hours of people, beside these dollars"
    gone = fates[Fate.GONE] + fates[Fate.GONE_EXPECTED]
    young = f"{_share(fates[Fate.GONE_EXPECTED], gone)} of it expected of lines too young to tell" if fates[Fate.GONE_EXPECTED] else ""
    lines = (
        Line("Bugs and upkeep, whoever wrote the code", article.reactive_nanousd, None, note=classed, of_article=True),
        Line("Fixing AI code", None, of_ai, note=links),
        Line(
            f"Rewriting within {days} days",
            article.rework_nanousd,
            gone,
            measured.gone_low_nanousd,
            measured.gone_high_nanousd,
            young,
            of_article=True,
        ),
        Line("Review that changed nothing", article.friction_nanousd, None, note=reviewed, of_article=True),
        Line("Shipped, by subtraction", article.shipped_nanousd, None, of_article=True),
        Line(f"Code that outlives {days} days", None, fates[Fate.KEPT] + fates[Fate.KEPT_EXPECTED]),
        Line("Code too young to tell", None, fates[Fate.OPEN], note=measured.note),
        Line("Fixing code of others", None, of_others),
        Line("Fixes of unknown cause", None, of_unknown),
        Line("Work without merged lines", None, fates[Fate.NO_LINES]),
        Line("Not linked to any work", None, fates[Fate.UNLINKED]),
    )
    return Columns(article.total_nanousd, lines, people, CAVEAT)


def per_dollar(amounts_nanousd: Sequence[int]) -> list[int] | None:
    """Amounts per dollar of their sum, in nano-dollars that sum to one dollar; None where they have no sum, or one is a credit."""
    if min(amounts_nanousd, default=0) < 0 or not any(amounts_nanousd):
        return None
    return apportion(NANO_PER_USD, amounts_nanousd)


def _fixes(measured: Measured, cause: str | None) -> int:
    """Money of fixes with a cause; None for all causes that are known and not AI."""
    return sum(each.nanousd for each in measured.fixes if each.cause == cause or (cause is None and each.cause not in (AI, UNKNOWN)))


def _links(measured: Measured) -> str:
    """How far the links of these fixes are to be believed; each kind has its own figure beside its fixes."""
    used = {share.kind for share in measured.fixes}
    right = sorted({f"{quality.precision:.0%}" for quality in measured.qualities if quality.kind in used}, key=lambda text: int(text[:-1]))
    if not right:
        return "no link between a fix and its cause is known to be right"
    return f"as far as links are right: {' to '.join(dict.fromkeys((right[0], right[-1])))} of them" + (", by kind" if len(right) > 1 else "")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "0%"
