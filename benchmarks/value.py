"""Ten million calls joined to a million outcomes: deriving all of it, what a new day and new outcomes cost afterwards, a question, the command.

The sealed days are written as Parquet straight away (sealing them out of a journal takes an hour and is measured by ``ledger``); the last day
is a journal of ``benchmarks.writer``. Half of the calls name a run of an agent, half a session of a person; each outcome names a run.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.ledger import REPEATS, Ran, module, size_mb
from benchmarks.processes import python_path

DAYS = 365
CALLS_A_RUN = 5
CONTRACTS = """
[[contract]]
name = "support"
kind = "conversation_solved"
settle_after = "72h"
vendor = { name = "a vendor", price_usd = "0.99" }
match = { workflow = "bot1" }
[[contract]]
name = "changes"
kind = "change_merged"
rework = ["change_reverting"]
match = { team = "team3" }
split = { team = "team5" }
[[contract]]
name = "leads"
kind = "lead"
split = { team = "team5" }
"""


def measure(calls: int, outcomes: int, tell: Callable[[str], object]) -> dict[str, list[float]]:
    """Figures by name; questions as a list over repeats."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tell(f"value: {calls:,} calls, {outcomes:,} outcomes")
        module("benchmarks.writer", str(folder), "40000", folder=folder)
        (folder / "wellspent.toml").write_text(CONTRACTS)
        began = time.perf_counter()
        _run("days", folder, calls)
        _run("outcomes", folder, calls, outcomes)
        tell(f"value: written in {time.perf_counter() - began:.0f} s")
        found: dict[str, list[float]] = {"sealed MB": [size_mb(folder / "sealed")], "outcomes MB": [size_mb(folder) - size_mb(folder / "sealed")]}
        _note(found, "value, all derived", module("wellspent", "value", "--since", "2020-01-01", "--json", folder=folder))
        found["kept MB"] = [size_mb(folder / "value")]
        for _ in range(REPEATS):
            _note(found, "value, a year, nothing new", module("wellspent", "value", "--since", "2020-01-01", "--json", folder=folder))
        _run("more", folder, calls, outcomes // 1000)
        _note(
            found, "value, a new day and a thousandth more outcomes", module("wellspent", "value", "--since", "2020-01-01", "--json", folder=folder)
        )
        tell("value: questions")
        for name, took in _asked(folder):
            found.setdefault(f"{name} s", []).append(took)
    return found


def _note(found: dict[str, list[float]], name: str, ran: Ran) -> None:
    found.setdefault(f"{name} s", []).append(ran.seconds)
    found.setdefault(f"{name} peak MB", []).append(ran.peak_mb)


def _run(what: str, folder: Path, *numbers: int) -> str:
    """A step in a process of its own: a child's peak memory counts from that of its parent."""
    line = [sys.executable, "-m", "benchmarks.value", what, str(folder), *map(str, numbers)]
    done = subprocess.run(line, env={**os.environ, **python_path()}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{line} failed: {done.stderr[-500:]}")
    return done.stdout


def _asked(folder: Path) -> Iterator[tuple[str, float]]:
    for line in _run("ask", folder).splitlines():
        name, took = line.rsplit(" ", 1)
        yield name, float(took)


# What runs in processes of its own


def days(folder: Path, calls: int) -> None:
    """A year of sealed days that ended yesterday."""
    today = datetime.now(UTC).date()
    for number in range(DAYS):
        _day(folder, today - timedelta(days=DAYS - number), number, calls // DAYS)


def _day(folder: Path, day: date, number: int, calls: int) -> None:
    import duckdb
    import msgspec
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from wellspent.facts.usage import UNITS
    from wellspent.ledger.columns import SCHEMA
    from wellspent.ledger.sealed import Sealed

    sealed = folder / "sealed"
    sealed.mkdir(exist_ok=True)
    begin_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    rate = "0.5" if number < 200 else "0.4"  # a provider lowers a price
    zeros = dict.fromkeys((*UNITS, "tokens", "held_nanousd", "held_tokens", "overrun_nanousd"), "0")
    texts = dict.fromkeys(("agent", "service_tier", "reason", "for_day", "ref"), "''")
    run, session = f"i // 2 // {CALLS_A_RUN}", "i // 40"
    columns = {
        **zeros, **texts, "kind": "'settled'", "call_id": f"concat('ws_{number}_', i)", "org": "'acme'", "client": "'claude-code'",
        "wire": "'anthropic-messages'", "upstream": "'anthropic'", "quality": "'exact'", "price_book": "'2026-11'", "status": "200",
        "team": f"concat('team', if(i % 2 = 0, {run}, {session}) % 8)", "person": f"concat('person', if(i % 2 = 0, {run}, {session}) % 400)",
        "key": f"concat('key', if(i % 2 = 0, {run}, {session}) % 400)", "project": f"concat('project', if(i % 2 = 0, {run}, {session}) % 20)",
        "workflow": f"if(i % 2 = 0, concat('bot', {run} % 4), '')", "run": f"if(i % 2 = 0, concat('run-{number}-', {run}), '')",
        "session": f"if(i % 2 = 1, concat('session-{number}-', {session}), '')",
        "model_asked": "concat('model', i % 3)", "model": "concat('model', i % 3)",
        "at_ms": f"{begin_ms} + i * 86400000 // {calls}", "held_at_ms": f"{begin_ms} + i * 86400000 // {calls}", "duration_ms": "900", "row": "i",
        "amount_nanousd": "1000 * (i % 97) + 500 * (i % 1013)", "calls": "1", "tags": "map {}::map(varchar, varchar)", "windows": "['acme@2026']",
        "lines": "[{'unit': 'input_tokens', 'quantity': i % 97, 'rate': '1', 'per': 1000000, 'amount_nanousd': 1000 * (i % 97)},"
        f" {{'unit': 'output_tokens', 'quantity': i % 1013, 'rate': '{rate}', 'per': 1000000, 'amount_nanousd': 500 * (i % 1013)}}]",
    }  # fmt: skip
    selected = ", ".join(f'{columns[name]} as "{name}"' for name in SCHEMA.names)
    table = duckdb.sql(f"select {selected} from range({calls}) entry(i)").to_arrow_table().cast(SCHEMA)
    path = sealed / f"{day}.parquet"
    pq.write_table(table, path, compression="zstd")
    total = pc.sum(table["amount_nanousd"]).as_py()
    before = sealed / f"{day - timedelta(days=1)}.json"
    previous = hashlib.sha256(before.read_bytes()).hexdigest() if before.exists() else ""
    manifest = Sealed(day.isoformat(), calls, total, number + 1, number + 1, "", hashlib.sha256(path.read_bytes()).hexdigest(), previous)
    (sealed / f"{day}.json").write_bytes(msgspec.json.encode(manifest))


def outcomes(folder: Path, calls: int, count: int) -> None:
    """Of runs spread over the year; one in ten was undone, one in five names nothing."""
    from wellspent.facts.clock import SystemClock
    from wellspent.ledger.outcomes import FILE, OutcomeLog

    log = OutcomeLog(folder / FILE, SystemClock())
    log.add(_events(calls, count, 0))
    log.close()


def _events(calls: int, count: int, first: int) -> Iterator[object]:
    from wellspent.facts.outcome import OutcomeEvent

    today = datetime.now(UTC).date()
    runs = calls // DAYS // 2 // CALLS_A_RUN
    kinds = ("conversation_solved", "change_merged", "lead", "change_reverting")
    for number in range(first, first + count):
        day = number % DAYS
        at_ms = int(datetime.combine(today - timedelta(days=DAYS - day), datetime.min.time(), UTC).timestamp() * 1000) + 3_600_000 + number
        links = () if number % 5 == 0 else (("run", f"run-{day}-{number // DAYS % runs}"),)
        state = "reversed" if number % 10 == 1 else "settled"
        yield OutcomeEvent("desk", f"T{number}", kinds[number % 4], "settled", at_ms, links=links)
        if state == "reversed":
            yield OutcomeEvent("desk", f"T{number}", kinds[number % 4], "reversed", at_ms + 1000)


def more(folder: Path, calls: int, count: int) -> None:
    """A day is new, and so are some outcomes of the last week."""
    from wellspent.facts.clock import SystemClock
    from wellspent.ledger.outcomes import FILE, OutcomeLog

    _day(folder, datetime.now(UTC).date(), DAYS, calls // DAYS)
    first = 10**6 * DAYS
    numbers = [first + number * DAYS + DAYS - 1 - number % 7 for number in range(count)]
    log = OutcomeLog(folder / FILE, SystemClock())
    log.add(event for number in numbers for event in _events(calls, 1, number))  # type: ignore[misc]
    log.close()


def ask(folder: Path) -> None:
    """Questions to an engine that is up to date, in one process, as a page asks them."""
    from zoneinfo import ZoneInfo

    from wellspent.analytics.contract import contracts_of
    from wellspent.analytics.engine import questions
    from wellspent.analytics.engine.engine import Engine
    from wellspent.analytics.engine.questions import Where
    from wellspent.config import load_config
    from wellspent.facts.clock import SystemClock

    config, clock = load_config(folder / "wellspent.toml"), SystemClock()
    since, until = "2020-01-01", "2099-01-01"
    for _ in range(REPEATS):
        began = time.perf_counter()
        with Engine.open(folder, contracts_of(config.contracts), ZoneInfo("UTC"), clock) as engine:
            print("engine brought up to date, nothing new", time.perf_counter() - began)
            now_ms = clock.now_ms()
            asked: dict[str, Callable[[], object]] = {
                "cost per outcome, a year by month": lambda: questions.value(engine, since, until, now_ms, lambda day: day[:7]),  # noqa: B023
                "cost per outcome, a year by day": lambda: questions.value(engine, since, until, now_ms, str),  # noqa: B023
                "spending by team and tier, a year": lambda: questions.spending(engine, Where(since, until), ["team", "tier"]),
                "dearest outcomes of a contract": lambda: questions.outcomes(engine, Where(since, until, "changes"), now_ms),  # noqa: B023
            }
            for name, question in asked.items():
                began = time.perf_counter()
                question()
                print(name, time.perf_counter() - began)


if __name__ == "__main__":
    what, place, *numbers = sys.argv[1:]
    {"days": days, "outcomes": outcomes, "more": more, "ask": ask}[what](Path(place), *map(int, numbers))
