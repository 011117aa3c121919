"""A report as tables: the same rows for a terminal, for CSV, for Markdown and for the page. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from wellspent.facts.money import format_usd
from wellspent.rework.delay.delays import Delay, hours
from wellspent.rework.delay.reading import Reading as Waiting
from wellspent.rework.report import Report, Row
from wellspent.rework.survival.compare import Durability
from wellspent.rework.survival.lifetime import AI, HUMAN, UNKNOWN, WORDS
from wellspent.rework.survival.people import Span
from wellspent.rework.survival.reading import Reading
from wellspent.rework.survival.spent import Fate
from wellspent.surfaces.rows import money

NAMES = {AI: "AI", HUMAN: "attested to people", UNKNOWN: "unknown"}
FATES = {
    Fate.GONE: "gone",
    Fate.GONE_EXPECTED: "gone_expected",
    Fate.KEPT: "kept",
    Fate.KEPT_EXPECTED: "kept_expected",
    Fate.OPEN: "open",
    Fate.FIX: "fix",
    Fate.NO_LINES: "no_lines",
    Fate.UNLINKED: "unlinked",
}
Cells = Mapping[str, object]


class Table(Struct, frozen=True):
    """A part of the report.

    Attributes:
        title: What people read above it.
        columns: Which keys of a row people see: (key, heading, whether it is a number).
        rows: Keys that end in ``_text`` are for people alone.
        note: What to know of it.
        empty: What there is to say where it has no rows.
    """

    title: str
    columns: tuple[tuple[str, str, bool], ...]
    rows: tuple[Cells, ...]
    note: str = ""
    empty: str = "nothing"


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
    return (
        f"{linked}; of each dollar that brought code, {format_usd(round(10**9 * gone / code), places=2)} was rewritten within {measured.days} days."
    )


def notes(report: Report) -> Iterator[str]:
    """What a reader has to know to read the figures."""
    for each in report.repositories:
        known = "it has no line that was merged since" if each.known is None else f"the author of {100 * each.known:.0f} % of the lines is known"
        yield f"{each.name}: {known}; {each.commits:,} commits, the newest of {_day(each.until_ms)}"
        if each.borders:
            told = f"{each.name}: a shallow clone that breaks off at {each.borders:,} commits; what was there before is not counted"
            yield f"{told} (git fetch --unshallow)"
        yield from (f"{each.name}: {what} ({times:,} times)" for what, times in each.problems.items())
    yield from unread(report)
    yield from (f"logs of coding agents: {what} ({times:,} times)" for what, times in report.problems.items())
    if report.unpriced_calls:
        yield f"{report.unpriced_calls:,} calls have no known price: what they cost is in no figure"
    if report.list_price_nanousd:
        yield f"{format_usd(report.list_price_nanousd)} are list prices that nobody was billed: a subscription pays, or nobody knows who"
    if report.other_nanousd:
        yield f"{format_usd(report.other_nanousd)} of other spending is not about code and in no figure"


def unread(report: Report) -> Iterator[str]:
    """Which repositories could not be read, why, and what to do about it."""
    for each in report.unread:
        yield f"{each.name} could not be read: {each.why}" + (f"; to do: {each.fix}" if each.fix else "")


def tables(report: Report) -> dict[str, Table]:
    """All parts, in the order in which they are read."""
    makers: dict[str, Callable[[Report], Table]] = {
        "gone": _gone,
        "compared": _compared,
        "money": _columns,
        "repositories": _repositories,
        "teams": _teams,
        "links": _links,
        "fixes": _fixes,
        "delays": _delays,
        "ways": _ways,
        "losses": _losses,
    }
    return {name: make(report) for name, make in makers.items()}


def percent(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """A share for people, with its interval: ``5.8 % (3.9 to 8.5)``."""
    if share is None:
        return "unknown"
    span = f" ({100 * low:.1f} to {100 * high:.1f})" if low is not None and high is not None else ""
    return f"{100 * share:.1f} %{span}"


def reading_text(reading: Reading | None) -> str:
    """What was gone at a window, for people."""
    if reading is None:
        return "no lines"
    return percent(reading.gone, reading.low, reading.high) if reading.gone is not None else "not enough data"


def _gone(report: Report) -> Table:
    rows: list[Cells] = []
    for curve in report.curves:
        readings = {reading.days: reading for reading in curve.readings}
        row: dict[str, object] = {"group": curve.group, "group_text": NAMES[curve.group], "lines": curve.lines, "commits": curve.clusters}
        for days in report.asked.windows:
            found = readings[days]
            row |= {f"gone_{days}d": found.gone, f"gone_{days}d_low": found.low, f"gone_{days}d_high": found.high}
            row |= {f"at_risk_{days}d": found.lines_at_risk, f"note_{days}d": found.note, f"gone_{days}d_text": reading_text(found)}
        rows.append(row)
    windows = tuple((f"gone_{days}d_text", f"gone in {days} d", True) for days in report.asked.windows)
    columns = (("group_text", "lines of", False), ("lines", "lines", True), ("commits", "commits", True), *windows)
    return Table("Gone after so many days", columns, tuple(rows), "Kaplan-Meier, with 95 % intervals over commits.", "no line was born")


def _compared(report: Report) -> Table:
    told = [each for each in report.people if each.difference is not None]
    rows = [_comparison(each) for each in (*told, *report.unknown)]
    columns = (
        ("against_text", "AI lines against", False),
        ("days", "days", True),
        ("treated_text", "gone of AI", True),
        ("control_text", "gone of the others", True),
        ("difference_text", "difference (points)", True),
        ("grade", "grade", False),
    )
    note = "Like with like: within the same repository, month and directory. Unknown is not human: it may hold AI lines too."
    return Table("AI lines beside others", columns, tuple(rows), note, "nothing to compare")


def _comparison(found: Durability) -> Cells:
    points = None if found.difference is None or found.low is None or found.high is None else (found.difference, found.low, found.high)
    return {
        "against": found.control,
        "against_text": WORDS[found.control],
        "days": found.days,
        "treated_gone": found.treated_gone,
        "control_gone": found.control_gone,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "strata": found.strata,
        "grade": found.grade,
        "verdict": found.verdict,
        "treated_text": percent(found.treated_gone),
        "control_text": percent(found.control_gone),
        "difference_text": points_text(*points) if points else "not enough data",
    }


def points_text(difference: float, low: float, high: float) -> str:
    """A difference of shares in percentage points, for people."""
    return f"{100 * difference:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _columns(report: Report) -> Table:
    rows: list[Cells] = []
    for line in report.columns.lines:
        row: dict[str, object] = {"line": line.label, **money("article", line.article_nanousd), **money("measured", line.measured_nanousd)}
        row |= {**money("low", line.low_nanousd), **money("high", line.high_nanousd), "note": line.note}
        row |= {"article_text": _usd(line.article_nanousd), "measured_text": _span(line.measured_nanousd, line.low_nanousd, line.high_nanousd)}
        rows.append(row)
    columns = (("line", "of all spending on code", False), ("article_text", "article method", True), ("measured_text", "measured", True))
    total = f"Each column is of {format_usd(report.columns.total_nanousd)}, from {report.source}."
    return Table("What became of the money", columns, tuple(rows), f"{total} {report.columns.caveat}")


def _usd(nanousd: int | None) -> str:
    return "" if nanousd is None else format_usd(nanousd)


def _span(nanousd: int | None, low: int | None, high: int | None) -> str:
    if nanousd is None or low is None or high is None:
        return _usd(nanousd)
    return f"{format_usd(nanousd)} ({format_usd(low)} to {format_usd(high)})"


def _repositories(report: Report) -> Table:
    groups = tuple((f"gone_{group}_text", f"{NAMES[group]}, gone in {report.asked.days} d", True) for group in NAMES)
    beside = ("difference_text", "AI less others, like with like (points)", True)
    spent = [each for each in SPENT if each[0] != "unlinked_text"] if report.links else []
    cells = [_amounts(each, is_known=bool(report.links)) | _shares(each) for each in report.rows]
    columns = (("name", "repository", False), *groups, beside, *spent)
    rows = tuple({name: cell for name, cell in each.items() if not name.startswith("unlinked")} for each in cells)
    note = "Repositories in which fewer than five people wrote are told as one. What is not linked to a commit is of no repository."
    return Table("By repository", columns, rows, note, "no repository was read")


def _teams(report: Report) -> Table:
    note = "Teams of fewer than five people are told as one."
    rows = tuple(_amounts(each) for each in report.teams)
    return Table("By team", (("name", "team", False), *SPENT), rows, note, "no spending is known")


SPENT = (
    ("spent_text", "spent", True),
    ("gone_text", "rewritten", True),
    ("per_dollar_text", "of a dollar for code", True),
    ("fix_text", "fixes", True),
    ("unlinked_text", "not linked", True),
)


def _amounts(row: Row, *, is_known: bool = True) -> dict[str, object]:
    """Money of a row; unknown, and not zero, where nothing is known of any spending."""
    amounts = {"spent": row.spent_nanousd, **{name: row.fates[fate] for fate, name in FATES.items()}}
    found: dict[str, object] = {"name": row.name or "no team"}
    for name, nanousd in amounts.items():
        found |= money(name, nanousd if is_known else None)
    share = row.gone_share
    texts = {
        "spent_text": format_usd(row.spent_nanousd),
        "gone_text": "unknown" if row.gone_nanousd is None else format_usd(row.gone_nanousd),
        "per_dollar_text": "unknown" if share is None else format_usd(round(share * 10**9), places=2),
        "fix_text": format_usd(row.fates[Fate.FIX]),
        "unlinked_text": format_usd(row.fates[Fate.UNLINKED]),
    }
    return {**found, "gone_share": share, **(texts if is_known else dict.fromkeys(texts, "unknown"))}


def _shares(row: Row) -> dict[str, object]:
    found: dict[str, object] = {}
    for group in NAMES:
        reading = row.readings.get(group)
        found |= {f"lines_{group}": row.lines.get(group, 0), f"gone_{group}": reading.gone if reading else None}
        found |= {f"gone_{group}_low": reading.low if reading else None, f"gone_{group}_high": reading.high if reading else None}
        found[f"gone_{group}_text"] = reading_text(reading)
    compared = row.compared
    if compared is None or compared.difference is None or compared.low is None or compared.high is None:
        return found | {"difference": None, "low": None, "high": None, "difference_text": "not enough data"}
    span = (compared.difference, compared.low, compared.high)
    return found | dict(zip(("difference", "low", "high"), span, strict=True)) | {"difference_text": points_text(*span)}


def _links(report: Report) -> Table:
    rows = tuple(
        {
            "kind": each.kind,
            "evidence": each.evidence,
            "sessions": each.sessions,
            **money("amount", each.nanousd),
            "kind_text": each.kind or "not linked",
            "amount_text": format_usd(each.nanousd),
        }
        for each in report.links
    )
    columns = (("kind_text", "link", False), ("evidence", "by", False), ("sessions", "sessions", True), ("amount_text", "money", True))
    place = report.place
    told = "how right links by place and time are is not known: no session has both"
    if place.sessions:
        told = f"links by place and time were right for {place.right:,} of {place.sessions:,} sessions that are known better"
    return Table("How money found commits", columns, rows, f"{told[0].upper()}{told[1:]}.", "no session is known")


def _fixes(report: Report) -> Table:
    rows: list[Cells] = []
    for each in report.fixes:
        quality = each.quality
        row: dict[str, object] = {"kind": each.kind, "fixes": each.fixes, **money("amount", each.nanousd), **money("of_ai", each.ai_nanousd)}
        row |= {name: getattr(quality, name) if quality else None for name in ("precision", "recall", "f1", "measured_on")}
        row |= {"kind_text": each.kind or "nothing links it", "amount_text": format_usd(each.nanousd), "of_ai_text": format_usd(each.ai_nanousd)}
        row |= {f"{name}_text": f"{getattr(quality, name):.2f}" if quality else "unknown" for name in ("precision", "f1")}
        row["measured_text"] = quality.measured_on if quality else ""
        rows.append(row)
    columns = (
        ("kind_text", "link to the cause", False),
        ("fixes", "fixes", True),
        ("amount_text", "money", True),
        ("of_ai_text", "of it for AI code", True),
        ("precision_text", "precision", True),
        ("f1_text", "F1", True),
        ("measured_text", "measured on", False),
    )
    note = "A fix's money follows its link as far as the link's precision goes; the rest is of unknown cause."
    return Table("Fixes, and what they mend", columns, tuple(rows), note, "no commit is a fix")


def _delays(report: Report) -> Table:
    rows = tuple(_delay(each) for each in report.delays)
    columns = (
        ("group_text", "changes", False),
        ("changes", "known", True),
        ("merged", "merged", True),
        ("pickup_text", "to the first look (h)", True),
        ("to_merge_text", "to the merge (h)", True),
        ("rounds_text", "rounds", True),
        ("review_text", "hours of review", True),
        ("cost_text", "review cost", True),
        ("delay_text", "cost of delay", True),
    )
    note = "Medians with 95 % intervals. Delay is hours: it has a cost only where the company says what an hour of it costs."
    return Table("Delay and review", columns, rows, note, "no change is known: wellspent reviews fetch")


def _delay(each: Delay) -> Cells:
    stages = each.work_hours or each.every_hour
    low, high = each.effort.low_ms, each.effort.high_ms
    name = each.group[0]
    row: dict[str, object] = {"group": name, "hours": "working" if each.work_hours else "all"}
    row |= {key: getattr(each, key) for key in ("changes", "merged", "closed", "open", "unreviewed", "rounds", "reviewed")}
    for key in ("pickup", "to_merge"):
        found = getattr(stages, key)
        row |= {f"{key}_{part}_hours": _hours(getattr(found, f"{part}_ms")) for part in ("median", "low", "high")}
        row[f"{key}_text"] = _hours_text(found)
    row |= {"review_hours_low": _hours(low), "review_hours_high": _hours(high)}
    for key, span in (("review_cost", each.review_nanousd), ("delay_cost", each.delay_nanousd)):
        row |= {**money(f"{key}_low", span.low if span else None), **money(f"{key}_high", span.high if span else None)}
    return row | {
        "group_text": "all" if name == "all" else f"{NAMES[name]}" if name in NAMES else name,
        "rounds_text": f"{each.rounds / each.reviewed:.1f}" if each.reviewed else "unknown",
        "review_text": f"{hours(low):,.0f} to {hours(high):,.0f}",
        "cost_text": _range(each.review_nanousd),
        "delay_text": _range(each.delay_nanousd),
    }


def _hours(ms: int | None) -> float | None:
    return None if ms is None else round(hours(ms), 4)


def _hours_text(found: Waiting) -> str:
    if found.median_ms is None:
        return found.note or "unknown"
    low, high = ("unknown" if ms is None else f"{hours(ms):,.1f}" for ms in (found.low_ms, found.high_ms))
    return f"{hours(found.median_ms):,.1f} ({low} to {high})"


def _range(span: Span | None) -> str:
    return "unknown" if span is None else f"{format_usd(span.low)} to {format_usd(span.high)}"


def _ways(report: Report) -> Table:
    rows = tuple(
        {
            "history": each.way.history,
            "moves": each.way.moves,
            "labels": each.way.labels,
            "days": each.found.days,
            "difference": each.found.difference,
            "low": each.found.low,
            "high": each.found.high,
            "difference_text": points_text(each.found.difference, each.found.low or 0.0, each.found.high or 0.0)
            if each.found.difference is not None
            else "not enough data",
        }
        for each in report.ways.rows
    )
    columns = (
        ("history", "history", False),
        ("moves", "moved lines are", False),
        ("labels", "labels", False),
        ("days", "days", True),
        ("difference_text", "gone, AI less others (points)", True),
    )
    return Table("Does it hold however it is measured?", columns, rows, report.ways.verdict)


def _losses(report: Report) -> Table:
    rows = tuple(
        {
            "repository": each.repository,
            "commit": each.commit,
            "born": _day(each.born_at_ms),
            "source": each.source,
            "change": each.change,
            **{f"lines_{group}": each.lines.get(group, 0) for group in NAMES},
            "gone": each.gone,
            "killers": [f"{commit[:12]}: {lines}" for commit, lines in each.killers],
            "commit_text": each.commit[:12],
            "lines_text": f"{sum(each.lines.values()):,}",
            "gone_text": f"{each.gone:,}",
            "killers_text": ", ".join(commit[:12] for commit, _ in each.killers),
        }
        for each in report.losses
    )
    columns = (
        ("repository", "repository", False),
        ("commit_text", "commit", False),
        ("born", "merged", False),
        ("change", "change", False),
        ("lines_text", "lines", True),
        ("gone_text", f"gone in {report.asked.days} d", True),
        ("killers_text", "by", False),
    )
    return Table("Commits that lost most lines", columns, rows, empty=f"no line was gone within {report.asked.days} days")


def _day(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"
