"""The table about delay and review. Pure."""

from wellspent.rework.delay.delays import Delay, hours
from wellspent.rework.report import Report
from wellspent.surfaces.durability.words import NAMES, Cells, Table, hours_of, range_text, waiting_text
from wellspent.surfaces.rows import money


def delays(report: Report) -> Table:
    """What changes waited for, and what their review took."""
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
        row |= {f"{key}_{part}_hours": hours_of(getattr(found, f"{part}_ms")) for part in ("median", "low", "high")}
        row[f"{key}_text"] = waiting_text(found)
    row |= {"review_hours_low": hours_of(low), "review_hours_high": hours_of(high)}
    for key, span in (("review_cost", each.review_nanousd), ("delay_cost", each.delay_nanousd)):
        row |= {**money(f"{key}_low", span.low if span else None), **money(f"{key}_high", span.high if span else None)}
    return row | {
        "group_text": "all" if name == "all" else f"{NAMES[name]}" if name in NAMES else name,
        "rounds_text": f"{each.rounds / each.reviewed:.1f}" if each.reviewed else "unknown",
        "review_text": f"{hours(low):,.0f} to {hours(high):,.0f}",
        "cost_text": range_text(each.review_nanousd),
        "delay_text": range_text(each.delay_nanousd),
    }
