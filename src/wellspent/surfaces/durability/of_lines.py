"""The tables about lines: how long they live, beside others, in every way of measuring, and where most were lost. Pure."""

from wellspent.rework.report import Report
from wellspent.rework.survival.compare import Durability
from wellspent.rework.survival.lifetime import WORDS
from wellspent.surfaces.durability.words import NAMES, Cells, Table, day, percent, points_text, reading_text


def gone(report: Report) -> Table:
    """What was gone after so many days, by group."""
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


def compared(report: Report) -> Table:
    """AI lines beside the others, by window."""
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


def ways(report: Report) -> Table:
    """The comparison in every way of measuring."""
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


def losses(report: Report) -> Table:
    """The commits that lost most lines."""
    rows = tuple(
        {
            "repository": each.repository,
            "commit": each.commit,
            "born": day(each.born_at_ms),
            "source": each.source,
            "change": each.change,
            **{f"lines_{group}": each.lines.get(group, 0) for group in NAMES},
            "gone": each.gone,
            "killers": ", ".join(f"{commit[:12]}: {lines}" for commit, lines in each.killers),
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
