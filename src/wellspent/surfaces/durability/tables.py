"""A report as sentences and tables: the same rows for a terminal, for CSV, for Markdown and for the page. Pure."""

from collections.abc import Callable, Iterator

from wellspent.facts.money import format_usd
from wellspent.rework.report import Report, RepositoryNote
from wellspent.rework.survival.lifetime import HUMAN, WORDS
from wellspent.rework.survival.spent import Fate
from wellspent.surfaces.durability.of_delay import delays
from wellspent.surfaces.durability.of_lines import compared, gone, losses, ways
from wellspent.surfaces.durability.of_money import columns, fixes, links, repositories, teams
from wellspent.surfaces.durability.words import (
    Table,
    day,
)
from wellspent.surfaces.gaps import gaps_told


def headline(report: Report) -> list[str]:
    """The answer in sentences: whether AI lines last, whether that holds however it is measured, what it cost, and how much is known."""
    against = report.people if report.control == HUMAN else report.unknown
    lines = [next(each.verdict for each in against if each.days == report.asked.days)]
    lines += _by_repository(report)
    if len(report.ways.rows) > len(report.asked.windows):
        lines.append(f"However it is measured, against {WORDS[report.control]}: {report.ways.verdict}")
    if report.measured.total_nanousd:
        lines.append(_money_sentence(report))
    return lines


def _by_repository(report: Report) -> list[str]:
    """In which repositories there is evidence, where there are several."""
    evident = [(row.name, row.compared.difference or 0.0) for row in report.rows if row.compared is not None and row.compared.evident]
    sides = {"longer": [name for name, difference in evident if difference < 0], "shorter": [name for name, difference in evident if difference > 0]}
    told = [f"{side} in {' and '.join(found)}" for side, found in sides.items() if found]
    return [f"By repository: AI lines live {', and '.join(told)}."] if told and len(report.rows) > 1 else []


def _money_sentence(report: Report) -> str:
    measured = report.measured
    code = sum(measured.fates[fate] for fate in (Fate.GONE, Fate.GONE_EXPECTED, Fate.KEPT, Fate.KEPT_EXPECTED))
    linked = f"{format_usd(measured.total_nanousd - measured.fates[Fate.UNLINKED])} of {format_usd(measured.total_nanousd)} is linked to commits"
    gone = measured.gone_nanousd
    if gone is None or not code:
        return f"{linked}; what became of it is not known yet: {measured.note or 'no line was paid for'}."
    share, expected = format_usd(round(10**9 * gone / code), places=2), measured.fates[Fate.GONE_EXPECTED]
    ends = [format_usd(round(10**9 * each / code), places=2) for each in (measured.gone_low_nanousd, measured.gone_high_nanousd) if each is not None]
    span = f" ({' to '.join(ends)})" if len(ends) == 2 else ""
    young = f", {expected / gone:.0%} of that expected of lines too young to tell" if expected > 0 else ""
    return f"{linked}; of each dollar that brought code, {share}{span} went into lines that are gone within {measured.days} days{young}."


def notes(report: Report) -> Iterator[str]:
    """What a reader has to know to read the figures."""
    for each in report.repositories:
        yield f"{each.name}: {_known(each)}, the newest of {day(each.until_ms)}"
        yield from (f"{each.name}: {told}" for told in gaps_told(each.gaps, "wellspent rework --left-out"))
        yield from (f"{each.name}: {what} ({times:,} times)" for what, times in each.problems.items())
    yield from unread(report)
    yield from (f"{each.name} is the same repository as {each.of}, and left out: {each.why}" for each in report.twice)
    yield from (f"logs of coding agents: {what} ({times:,} times)" for what, times in report.problems.items())
    if report.unpriced_calls:
        yield f"{report.unpriced_calls:,} calls have no known price: what they cost is in no figure"
    if report.list_price_nanousd:
        yield f"{format_usd(report.list_price_nanousd)} are list prices that nobody was billed: a subscription pays, or nobody knows who"
    if report.other_nanousd:
        yield f"{format_usd(report.other_nanousd)} of other spending is not about code and in no figure"


def _known(note: RepositoryNote) -> str:
    if note.commits is None:
        return "fewer people wrote it than are told apart by themselves, so it is in the totals; of its commits"
    known = "it has no line that was merged since" if note.known is None else f"the author of {100 * note.known:.0f} % of the lines is known"
    return f"{known}; {note.commits:,} commits"


def unread(report: Report) -> Iterator[str]:
    """Which repositories could not be read, why, and what to do about it."""
    for each in report.unread:
        yield f"{each.name} could not be read: {each.why}" + (f"; to do: {each.fix}" if each.fix else "")


def tables(report: Report) -> dict[str, Table]:
    """All parts, in the order in which they are read."""
    makers: dict[str, Callable[[Report], Table]] = {
        "gone": gone,
        "compared": compared,
        "money": columns,
        "repositories": repositories,
        "teams": teams,
        "links": links,
        "fixes": fixes,
        "delays": delays,
        "ways": ways,
        "losses": losses,
    }
    return {name: make(report) for name, make in makers.items()}
