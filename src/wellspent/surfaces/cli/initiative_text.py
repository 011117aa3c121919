"""Initiatives as people write and read them on the command line. Pure."""

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from wellspent.facts.errors import InvalidInput
from wellspent.facts.initiative import Target
from wellspent.facts.money import parse_usd
from wellspent.identity.audit import Change
from wellspent.identity.initiatives import history_of
from wellspent.surfaces.cli.output import count, usd
from wellspent.surfaces.cli.when import local
from wellspent.surfaces.initiatives import told

TARGETS = 'a target is 40 for at most $40 an outcome, or an effect with its sign and unit like "+5 points" or "-0.10 USD per run"'
EFFECT = re.compile(r"([+-]\d+(?:\.\d+)?)\s+(\S.*)")
FIELDS = ("name", "owner", "scope", "spent_nanousd", "settled", "each_nanousd", "grade", "decide_by", "decision")


def parse_target(text: str) -> Target | None:
    """Read ``40``, ``+5 points`` (of a share), ``-0.10 USD per run`` or ``none``. Raises InvalidInput."""
    if text.strip() == "none":
        return None
    effect = EFFECT.fullmatch(text.strip())
    if effect and effect[2] in ("points", "percentage points"):
        return Target(effect=float(effect[1]) / 100, unit="share")
    if effect:
        return Target(effect=float(effect[1]), unit=effect[2])
    try:
        return Target(cost_nanousd=parse_usd(text))
    except InvalidInput:
        raise InvalidInput(f"{text!r} is no target", fix=TARGETS) from None


def facts_of(row: dict[str, object]) -> list[tuple[str, str]]:
    """One initiative in lines."""
    limit = f" of {usd(row['limit_nanousd'])} (budget {row['budget']})" if row["budget"] else ", without a budget"
    unpriced = f"; {row['unpriced_calls']:,} calls have no known price" if row["unpriced_calls"] else ""
    before = f"; before AI {usd(row['before_nanousd'])}" if row["before_nanousd"] is not None else ""
    each = f"{usd(row['each_nanousd'])} each ({usd(row['each_low_nanousd'])} to {usd(row['each_high_nanousd'])} by chance alone)"
    found = "unknown: its contract is not in the configuration"
    if row["settled"] is not None:
        found = f"{count(row['settled'])} settled, {count(row['pending'])} pending, {count(row['reversed'])} reversed"
    evidence: list[dict[str, str]] = row["evidence"]  # type: ignore[assignment]
    lines = [
        ("initiative", str(row["name"])),
        ("owner", str(row["owner"])),
        ("hypothesis", str(row["hypothesis"])),
        ("spending of", str(row["scope"])),
        ("since", f"{row['begins_on']}, to be decided by {row['decide_by']}" + (", OVERDUE" if row["overdue"] else "")),
        ("cost so far", f"{usd(row['spent_nanousd'])}{limit}, {row['calls']:,} calls{unpriced}"),
        ("outcomes", f"{found} (contract {row['contract']})"),
    ]
    lines += [("cost of one", each + before)] if row["each_nanousd"] is not None else []
    lines += [("target", str(row["target"]) or "none was set")]
    lines += [("experiment", str(row["experiment"]))] if row["experiment"] else []
    lines += [line for one in evidence for line in ((f"evidence {one['grade']}", one["says"]), ("", one["rule"]))]
    lines += [] if evidence else [("evidence", "no evidence")]
    lines.append(("suggestion", str(row["suggestion"])))
    decided = f"{row['decision']}, by {row['decided_by']} on {str(row['decided_at'])[:10]}: {row['because']}" if row["decision"] else "none yet"
    return [*lines, ("decision", decided)]


def history_rows(name: str, changes: Iterable[Change], zone: ZoneInfo) -> list[dict[str, object]]:
    """Every change of an initiative, oldest first, with its number in the audit log."""
    steps = history_of(name, changes)
    return [{"at": local(each.at_ms, zone), "actor": each.actor, "change": told(each), "seq": each.seq} for each in steps]
