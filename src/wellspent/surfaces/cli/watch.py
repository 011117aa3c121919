"""``wellspent watch``."""

import json as jsonlib
import sys
import time
from collections import deque
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from wellspent.facts.entry import Released, Settled
from wellspent.facts.usage import Quality
from wellspent.ledger.reader import CallRow, JournalReader
from wellspent.surfaces.cli.common import COMMON, Common, journal_path, talk
from wellspent.surfaces.cli.output import money, usd, visible
from wellspent.surfaces.cli.when import iso, local, zone_of

POLL_S = 0.5
POLL_CALLS = 500  # looked back at in each poll
SHOWN = 20  # lines on a terminal, and those printed at the start of a pipe


def watch(
    *,
    once: Annotated[bool, Parameter(negative="", help="Print the newest calls and stop.")] = False,
    count: Annotated[int, Parameter(help="Stop after so many calls; 0 goes on.")] = 0,
    json: Annotated[bool, Parameter(negative="", help="Print a JSON object a line.")] = False,
    common: Common = COMMON,
) -> None:
    """Show calls as they end: a live table on a terminal, a line each otherwise. Stop with Ctrl-C."""
    config = common.load()
    reader, zone = JournalReader(journal_path(config)), zone_of(config.timezone)
    feed = Feed(reader)
    if sys.stdout.isatty() and not json and not once:
        _live(feed, zone, count)
        return
    printed = 0
    fresh = feed.fresh()
    if not fresh:
        talk("no calls yet")
    while True:
        for call in fresh[-SHOWN:] if printed == 0 else fresh:
            print(jsonlib.dumps(_machine(call), ensure_ascii=False) if json else "  ".join(_cells(call, zone)), flush=True)
            printed += 1
            if count and printed >= count:
                return
        if once:
            return
        time.sleep(POLL_S)
        fresh = feed.fresh()


class Feed:
    """Calls that ended since the last look, oldest first."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._seen: dict[str, None] = {}

    def fresh(self) -> list[CallRow]:
        """What ended since. More than ``POLL_CALLS`` calls between two looks are not all shown; they are all in the ledger."""
        calls = [call for call in reversed(self._reader.recent(POLL_CALLS)) if call.ended is not None and call.reserved.call_id not in self._seen]
        self._seen |= dict.fromkeys(call.reserved.call_id for call in calls)
        while len(self._seen) > 20 * POLL_CALLS:
            del self._seen[next(iter(self._seen))]
        return calls


def _live(feed: Feed, zone: ZoneInfo, count: int) -> None:
    shown: deque[CallRow] = deque(maxlen=SHOWN)
    seen = 0
    with Live(_table(shown, zone), console=Console(), auto_refresh=False, screen=False) as live:
        while not count or seen < count:
            fresh = feed.fresh()
            if fresh or not seen:
                shown.extend(fresh)
                seen += len(fresh)
                live.update(_table(shown, zone), refresh=True)
            time.sleep(POLL_S)


def _table(calls: "deque[CallRow]", zone: ZoneInfo) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="bold", caption=None if calls else "waiting for calls")
    for title in ("when", "call", "who", "model", "status"):
        grid.add_column(title)
    for title in ("took", "spent"):
        grid.add_column(title, justify="right", no_wrap=True)
    for call in calls:
        grid.add_row(*(escape(cell) for cell in _cells(call, zone)))
    return grid


def _cells(call: CallRow, zone: ZoneInfo) -> list[str]:
    reserved, ended = call.reserved, call.ended
    who = reserved.attribution
    told = [
        f"{local(reserved.at_ms, zone)}:{reserved.at_ms // 1000 % 60:02}",
        reserved.call_id,
        "/".join(filter(None, (who.team, who.person, who.key))) or "unknown",
    ]
    if isinstance(ended, Settled):
        told += [ended.model or reserved.model, str(ended.status), f"{ended.duration_ms / 1000:.1f} s", _amount(ended)]
    elif isinstance(ended, Released):
        told += [reserved.model, str(ended.status or "-"), "", f"nothing ({ended.reason})"]
    return [visible(cell) for cell in told]


def _amount(ended: Settled) -> str:
    if ended.quality is Quality.UNPRICED:
        return "unknown"
    return f"{usd(ended.charged.nanousd)}{'' if ended.quality is Quality.EXACT else f' {ended.quality}'}"


def _machine(call: CallRow) -> dict[str, object]:
    reserved, ended = call.reserved, call.ended
    who = reserved.attribution
    settled = ended if isinstance(ended, Settled) else None
    return {
        "call": reserved.call_id,
        "at": iso(reserved.at_ms),
        "org": who.org,
        "team": who.team,
        "person": who.person,
        "key": who.key,
        "project": who.project,
        "model": (settled and settled.model) or reserved.model,
        "ended": "settled" if settled else "released",
        "status": ended.status if ended else 0,
        "duration_ms": settled.duration_ms if settled else 0,
        "quality": str(settled.quality) if settled else "exact",
        **money("amount", settled.charged.nanousd if settled else 0),
    }
