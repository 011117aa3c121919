"""What each durability costs: ``python benchmarks/durability.py [--folder DIR] [--seconds 3] [--rounds 3]``.

For ``process`` (WAL, no fsync at a commit) and ``power`` (one fsync at each commit), interleaved in one run on the same disk:

- alone: one call at a time takes a hold, waits until it is in the journal, and settles; the wait is what a lone call feels.
- together: 64 calls at once do the same; groups share a commit.

Beside them: one fsync of a 4 KiB write to the same disk, which is the floor of ``power``. Figures are medians over the rounds.
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.call import new_call_id
from wellspent.facts.clock import SystemClock
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.ledger.sqlite import SqliteJournal

WHO = Attribution(org="acme", team="core", person="ann", key="laptop")
BUDGETS = [Budget(kind, Scope(kind, name), 10**18) for kind, name in (("org", "acme"), ("team", "core"), ("person", "ann"), ("key", "laptop"))]
HELD = Amounts(97_440_000, 16_096, 1)
CHARGED = Amounts(19_332_000, 12_016, 1)
TOGETHER = 64


async def call(ledger: Ledger, clock: SystemClock) -> float:
    """One call's entries; the seconds its hold took to be in the journal."""
    now_ms = clock.now_ms()
    call_id = new_call_id()
    began = time.perf_counter()
    ticket = ledger.reserve(
        Reserved(call_id, now_ms, WHO, "anthropic-messages", "claude-sonnet-5", "claude-sonnet-5", HELD), ledger.standings(WHO, "", now_ms)
    )
    assert isinstance(ticket, Ticket)
    waiting = ledger.durable(ticket.seq)
    if waiting is not None:
        await waiting
    took_s = time.perf_counter() - began
    ledger.settle(Settled(call_id, clock.now_ms(), CHARGED, Quality.EXACT, Usage(input_tokens=11_204, output_tokens=812)))
    return took_s


async def worker(ledger: Ledger, clock: SystemClock, until: float) -> list[float]:
    took = []
    while time.perf_counter() < until:
        took.append(await call(ledger, clock))
    return took


def run(folder: Path, durability: str, together: int, seconds: float) -> dict[str, float]:
    """Calls a second, commits a second, the wait for a hold (median and 99th of 100, ms), and the journal's bytes for each call."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(dir=folder) as place:
        ledger = Ledger.open(SqliteJournal(Path(place) / "journal.db", durability), clock, Calendar())
        ledger.set_budgets(BUDGETS)

        async def all_of_them() -> list[float]:
            until = time.perf_counter() + seconds
            return [each for took in await asyncio.gather(*(worker(ledger, clock, until) for _ in range(together))) for each in took]

        began = time.perf_counter()
        took = sorted(asyncio.run(all_of_them()))
        elapsed_s = time.perf_counter() - began
        ledger.close()
        journal = Path(place) / "journal.db"
        with closing(sqlite3.connect(journal)) as db:
            (commits,) = db.execute("select count(*) from batch").fetchone()
        return {
            "calls/s": len(took) / elapsed_s,
            "commits/s": commits / elapsed_s,
            "wait p50 ms": 1000 * took[len(took) // 2],
            "wait p99 ms": 1000 * took[len(took) * 99 // 100],
            "bytes a call": journal.stat().st_size / len(took),
        }


def fsync_ms(folder: Path, times: int = 200) -> float:
    """The median of one 4 KiB write and its fsync."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            began = time.perf_counter()
            os.write(file.fileno(), b"\0" * 4096)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


def measure(folder: Path, seconds: float, rounds: int) -> dict[str, list[float]]:
    """Figures by name, each a list over the rounds."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        found.setdefault("one fsync of 4 KiB ms", []).append(fsync_ms(folder))
        for how, together in (("alone", 1), (f"{TOGETHER} together", TOGETHER)):
            for durability in ("process", "power"):
                for name, value in run(folder, durability, together, seconds).items():
                    found.setdefault(f"{how}, {durability}: {name}", []).append(value)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="a folder on the disk to measure")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name, values in measure(options.folder, options.seconds, options.rounds).items():
        print(f"{name:<40}{statistics.median(values):>14,.2f}")


if __name__ == "__main__":
    main()
