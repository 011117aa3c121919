"""The tables about money: what became of it, by repository and team, how it found its commits, and which fixes it paid for. Pure."""

from wellspent.facts.money import format_usd
from wellspent.rework.report import Report, Row
from wellspent.rework.survival.spent import Fate
from wellspent.surfaces.durability.words import FATES, NAMES, Cells, Table, percent, points_text, reading_text, span_text, usd
from wellspent.surfaces.rows import money


def columns(report: Report) -> Table:
    """What became of the money, by the article and as measured."""
    rows: list[Cells] = []
    for line in report.columns.lines:
        row: dict[str, object] = {"line": line.label, **money("article", line.article_nanousd), **money("measured", line.measured_nanousd)}
        row |= {**money("low", line.low_nanousd), **money("high", line.high_nanousd), "note": line.note}
        article = "unknown" if line.article_nanousd is None and line.of_article else usd(line.article_nanousd)
        row |= {"article_text": article, "measured_text": span_text(line.measured_nanousd, line.low_nanousd, line.high_nanousd)}
        rows.append(row)
    columns = (
        ("line", "of all spending on code", False),
        ("article_text", "article method", True),
        ("measured_text", "measured", True),
        ("note", "what it rests on", False),
    )
    total = f"Each column is of {format_usd(report.columns.total_nanousd)}, from {report.source}."
    return Table("What became of the money", columns, tuple(rows), f"{total} {report.columns.caveat}")


def repositories(report: Report) -> Table:
    """Each repository."""
    groups = tuple((f"gone_{group}_text", f"{NAMES[group]}, gone in {report.asked.days} d", True) for group in NAMES)
    beside = ("difference_text", "AI less others, like with like (points)", True)
    spent = [each for each in SPENT if each[0] != "unlinked_text"] if report.links else []
    cells = [amounts(each, is_known=bool(report.links)) | _shares(each) for each in report.rows]
    columns = (("name", "repository", False), *groups, beside, *spent)
    rows = tuple({name: cell for name, cell in each.items() if not name.startswith("unlinked")} for each in cells)
    note = "Repositories in which fewer than five people wrote are told as one. What is not linked to a commit is of no repository."
    return Table("By repository", columns, rows, note, "no repository was read")


def teams(report: Report) -> Table:
    """Each team."""
    note = "Teams of fewer than five people are told as one. What is expected of young lines is told by each row's own."
    rows = tuple(amounts(each) for each in report.teams)
    return Table("By team", (("name", "team", False), *SPENT), rows, note, "no spending is known")


SPENT = (
    ("spent_text", "spent", True),
    ("gone_text", "rewritten, or expected to be", True),
    ("per_dollar_text", "of a dollar for code", True),
    ("fix_text", "fixes", True),
    ("unlinked_text", "not linked", True),
)


def amounts(row: Row, *, is_known: bool = True) -> dict[str, object]:
    """Money of a row; unknown, and not zero, where nothing is known of any spending."""
    amounts = {"spent": row.spent_nanousd, **{name: row.fates[fate] for fate, name in FATES.items()}}
    found: dict[str, object] = {"name": row.name or "no team"}
    for name, nanousd in {**amounts, "gone_low": row.gone_low_nanousd, "gone_high": row.gone_high_nanousd}.items():
        found |= money(name, nanousd if is_known else None)
    share = row.gone_share
    texts = {
        "spent_text": format_usd(row.spent_nanousd),
        "gone_text": "too young to tell" if row.gone_nanousd is None else span_text(row.gone_nanousd, row.gone_low_nanousd, row.gone_high_nanousd),
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


def links(report: Report) -> Table:
    """How money found its commits."""
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
    told = "how right links by place and time are is not known: no session has a better one, too"
    if place.commits:
        named = f"of {place.commits:,} commits that place and time name for {place.sessions:,} sessions that are known better"
        told = f"{named}, the better link names {place.right:,} ({percent(place.right / place.commits)})"
    return Table("How money found commits", columns, rows, f"{told[0].upper()}{told[1:]}.", "no session is known")


def fixes(report: Report) -> Table:
    """Fixes, by their link to what they mend."""
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
