"""``wellspent statusline``: one short line, within 100 ms. Standard library only: nothing heavier may be imported on this path.

It reads the journal's hourly sums and the settings as they lie in SQLite, so it may be a quarter of a second behind. With a wellspent key
in the environment it tells about that key, else about everything in the data folder.
"""

import contextlib
import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from wellspent.facts.errors import WellspentError
from wellspent.facts.money import format_usd

KEY_VARIABLES = ("WELLSPENT_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY")
HOUR_MS = 3_600_000
SETTINGS_READ = ("data_dir", "timezone", "fiscal_year_start_month", "week_starts_on")


def statusline(*, data_dir: Path | None = None) -> None:
    """Print one short line: spent today, and the budget that is used most. With WELLSPENT_KEY set, for that key alone.

    Args:
        data_dir: Data folder.
    """
    import os

    fast(["--data-dir", str(data_dir)] if data_dir else [], os.environ)


def fast(arguments: Sequence[str], env: Mapping[str, str]) -> bool:
    """Print the line. Returns False for arguments that only the full parser understands."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--data-dir"):
        return False
    settings = read_settings(env)
    folder = Path(arguments[1]) if arguments else Path(settings["data_dir"]).expanduser()
    if not sys.stdin.isatty():  # Claude Code hands over a description of the session; a full pipe would block it
        with contextlib.suppress(OSError, ValueError):
            sys.stdin.close()
    try:
        print(line(folder, settings, env, time.time_ns() // 1_000_000))
    except sqlite3.Error as error:
        raise WellspentError(f"the ledger in {folder} cannot be read: {error}", fix="run: wellspent doctor") from None
    return True


def read_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """The four settings the line needs, by the same precedence as ``config.load_config`` (a test holds them together)."""
    base = Path(env.get("XDG_DATA_HOME") or Path(env.get("HOME", "~")).expanduser() / ".local" / "share")
    values: dict[str, Any] = {"data_dir": base / "wellspent", "timezone": "UTC", "fiscal_year_start_month": 1, "week_starts_on": 0}
    path = Path(env.get("WELLSPENT_CONFIG") or "wellspent.toml")
    if path.is_file():
        import tomllib

        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise WellspentError(f"{path} cannot be read: {error}", fix="run: wellspent doctor") from None
        values |= {name: content[name] for name in SETTINGS_READ if name in content}
        if "data_dir" in content:
            values["data_dir"] = path.parent / Path(content["data_dir"]).expanduser()
    for name in SETTINGS_READ:
        values[name] = env.get(f"WELLSPENT_{name.upper()}") or values[name]
    return values


def line(folder: Path, settings: Mapping[str, Any], env: Mapping[str, str], now_ms: int) -> str:
    """The line's text."""
    if not (folder / "journal.db").is_file():
        return "wellspent: no calls yet"
    zone = _zone(str(settings["timezone"]))
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    with _reading(folder / "settings.db") as db:
        who = _caller(db, env)
        budgets = [json.loads(value) for (value,) in db.execute("SELECT value FROM settings WHERE kind = 'budget'")] if db else []
    with _reading(folder / "journal.db") as db:
        if db is None:
            return "wellspent: no calls yet"
        today = _today(db, now, who)
        tightest = max(_used(db, budgets, now, who, settings), default=None)
    return f"{today} · {tightest[1]}" if tightest else today


def _today(db: sqlite3.Connection, now: datetime, who: Mapping[str, Any] | None) -> str:
    midnight_ms = int(datetime(now.year, now.month, now.day, tzinfo=now.tzinfo).timestamp() * 1000)
    only, values = ("AND key = ?", [who["key"]]) if who else ("", [])
    nanousd, unpriced = db.execute(
        f"SELECT coalesce(sum(nanousd), 0), coalesce(sum(calls) FILTER (WHERE quality = 'unpriced'), 0) FROM spend WHERE hour >= ? {only}",
        [midnight_ms // HOUR_MS, *values],
    ).fetchone()
    return f"{format_usd(nanousd)}{f' + {unpriced} unpriced' if unpriced else ''} today"


def _used(
    db: sqlite3.Connection, budgets: Sequence[Mapping[str, Any]], now: datetime, who: Mapping[str, Any] | None, settings: Mapping[str, Any]
) -> Iterator[tuple[float, str]]:
    for budget in budgets:
        suffix = _suffix(budget["scope"], who)
        label = window_label(budget, now, int(settings["fiscal_year_start_month"]), int(settings["week_starts_on"]))
        if suffix is None or not budget["limit"]:
            continue
        measure = budget.get("measure", "usd")
        column = "nanousd" if measure == "usd" else measure
        row = db.execute(f"SELECT {column} FROM balance WHERE key = ?", (f"{budget['id']}@{label}{suffix}",)).fetchone()
        used = (row[0] if row else 0) / budget["limit"]
        limit = format_usd(budget["limit"], places=0 if budget["limit"] % 10**9 == 0 else 2) if measure == "usd" else f"{budget['limit']:,} {measure}"
        yield used, f"{budget['id']} {used:.0%} of {limit}"


def _suffix(scope: Mapping[str, str], who: Mapping[str, Any] | None) -> str | None:
    """What follows the window's label in its key; None where the budget is not the caller's."""
    kind, name = scope["kind"], scope["name"]
    if who is None:
        return None if name == "*" else ""
    if name == "*":
        return f"/{who[kind]}" if who.get(kind) else None
    mine = name in [f"{tag}={value}" for tag, value in who.get("tags", ())] if kind == "tag" else who.get(kind) == name
    return "" if mine else None


def window_label(budget: Mapping[str, Any], now: datetime, fiscal_year_start_month: int, week_starts_on: int) -> str:
    """The name of a budget's window now: what ``budgets.window`` says, without what that must import (a test holds them together)."""
    period, today = budget.get("period", "month"), now.date()
    if period in ("total", "fixed"):
        return "total" if period == "total" else str(budget["starts_on"])
    if period == "hour":
        return f"{now.astimezone(UTC):%Y-%m-%dT%HZ}"
    if period == "day":
        return today.isoformat()
    if period == "week":
        return f"week-{today - timedelta(days=(today.weekday() - week_starts_on) % 7)}"
    if period == "month":
        return f"{today:%Y-%m}"
    into_year = (today.month - fiscal_year_start_month) % 12
    months = today.year * 12 + today.month - 1 - into_year + 11
    year = date(months // 12, 1, 1).year
    return f"FY{year}" if period == "year" else f"FY{year}-Q{into_year // 3 + 1}"


def _caller(db: sqlite3.Connection | None, env: Mapping[str, str]) -> dict[str, Any] | None:
    secret = next((env[name] for name in KEY_VARIABLES if env.get(name, "").startswith("ws-")), None)
    if db is None or secret is None:
        return None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    for (value,) in db.execute("SELECT value FROM settings WHERE kind = 'key'"):
        record = json.loads(value)
        if record["sha256"] == digest:
            return dict(record["key"]["attribution"])
    return None


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    if not path.is_file():
        yield None
        return
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        yield db


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise WellspentError(f"there is no time zone {name!r}", fix="run: wellspent doctor") from None
