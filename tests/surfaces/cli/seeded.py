"""A data folder with a few calls in it, and the real command to look at it with."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import SystemClock
from wellspent.facts.entry import Amounts, ChargeLine, Released, Reserved, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.identity.settings import Settings
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.sqlite import SqliteJournal

NANO = 1_000_000_000
BUDGET = Budget("core-month", Scope("team", "core"), 10 * NANO)
EACH_RUN = Budget("each-run", Scope("run", "*"), 2 * NANO, period="total", at_limit="alert")


class Told(Struct, frozen=True):
    """What a command said."""

    code: int
    out: str
    err: str


class Folder:
    """A data folder under test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.secret = ""

    def run(self, *arguments: str, env: dict[str, str] | None = None, stdin: str | None = None, cwd: Path | None = None) -> Told:
        """Run ``wellspent`` on it in a process of its own, with no configuration but this folder."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WELLSPENT", "OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE"))}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "wellspent", *arguments],
            env={**kept, "WELLSPENT_DATA_DIR": str(self.path), "HOME": str(self.path), "COLUMNS": "200", **(env or {})},
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=60,
            cwd=cwd or self.path,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def settings(self) -> "closing[Settings]":
        """Its settings."""
        return closing(Settings.open(self.path / "settings.db", actor="test"))


def seed(path: Path) -> Folder:
    """One team with a person, a key and two budgets; three calls settled now (exact, estimated, unpriced), one released."""
    folder = Folder(path)
    with folder.settings() as settings:
        settings.add_team("core", org="acme", contact="ada@example.com")
        settings.add_person("ada", team="core")
        folder.secret, key = settings.create_key("laptop", person="ada")
        settings.set_budget(BUDGET)
        settings.set_budget(EACH_RUN)
    clock = SystemClock()
    ledger = Ledger.open(SqliteJournal(path / "journal.db"), clock, Calendar())
    ledger.set_budgets([BUDGET, EACH_RUN])
    who = Attribution(org="acme", team="core", person="ada", key=key.id, run="r1")
    settle(ledger, clock.now_ms(), who, "ws_call1", "gpt-5", 4 * NANO, Quality.EXACT)
    settle(ledger, clock.now_ms(), who, "ws_call2", "claude-sonnet-4", NANO, Quality.ESTIMATED)
    settle(ledger, clock.now_ms(), Attribution(org="acme", team="other"), "ws_call3", "mystery", 0, Quality.UNPRICED)
    standings = ledger.standings(who, "gpt-5", clock.now_ms())
    ledger.reserve(Reserved("ws_call4", clock.now_ms(), who, "openai-chat", "gpt-5", "gpt-5", Amounts(NANO, 10, 1)), standings)
    ledger.release(Released("ws_call4", clock.now_ms(), "the provider could not be reached"))
    ledger.close()
    return folder


def settle(ledger: Ledger, now_ms: int, who: Attribution, call_id: str, model: str, nanousd: int, quality: Quality) -> None:
    standings = ledger.standings(who, model, now_ms)
    ledger.reserve(Reserved(call_id, now_ms, who, "openai-chat", model, model, Amounts(nanousd, 1100, 1), price_book="book-1"), standings)
    lines: tuple[ChargeLine, ...] = (
        ChargeLine("input_tokens", 1000, "3", 1_000_000, 3_000_000),
        ChargeLine("output_tokens", 100, "15", 1_000_000, nanousd - 3_000_000),
    )
    if quality is Quality.UNPRICED:
        lines = (ChargeLine("input_tokens", 1000, "unknown", 1, 0),)
    usage = Usage(input_tokens=1000, output_tokens=100)
    reason = "the client left" if quality is Quality.ESTIMATED else ""
    ledger.settle(Settled(call_id, now_ms, Amounts(nanousd, 1100, 1), quality, usage, lines, "book-1", upstream="openai", model=model, reason=reason))
