"""wellspent itself: limits by its settings, spending out of its journal.

The suite reads what the command line reads (``spend``, ``receipt``), and starts what an operator starts; only for a clock that jumps is the
product put together by hand, in its own process.
"""

import contextlib
import json
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wellspent import __version__
from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope
from wellspent.facts.entry import Settled
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.money import parse_usd
from wellspent.facts.usage import Quality
from wellspent.identity.settings import Settings
from wellspent.ledger.reader import JournalReader
from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered, Providers
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.prices import DATED, FALLBACK, LARGE, LONG_PROMPT_TOKENS, SMALL, Tariff, dated_tariff, tariffs
from wellspent.testing.conformance.profiles.process import Process, free_port

PRICE_KEYS = {
    "input_tokens": "input_mtok",
    "cache_read_tokens": "cache_read_mtok",
    "cache_write_5m_tokens": "cache_write_5m_mtok",
    "cache_write_1h_tokens": "cache_write_1h_mtok",
    "output_tokens": "output_mtok",
    "output_reasoning_tokens": "output_reasoning_mtok",
    "input_audio_tokens": "input_audio_mtok",
    "output_audio_tokens": "output_audio_mtok",
    "input_image_tokens": "input_image_mtok",
    "web_searches": "web_searches_kcount",
}
UPSTREAMS = (("openai", "openai", "/v1"), ("anthropic", "anthropic", ""), ("gemini", "gemini", ""))
# The product as ``wellspent serve`` puts it together, with a clock that a file moves on.
SHIFTED = """
import os, sys, pathlib, uvloop
from wellspent import config, wiring
from wellspent.facts.clock import SystemClock
class Clock:
    def now_ms(self):
        return SystemClock().now_ms() + int(pathlib.Path(sys.argv[1]).read_text())
async def main():
    await wiring.run(wiring.build(config.load_config(env=os.environ), os.environ, Clock()), lambda address: None)
uvloop.run(main())
"""


class Wellspent(Adapter):
    """See Adapter. Attached to one that runs, it makes its keys and limits in that one's data folder, and cannot kill it or move its clock.

    At its end it takes back what it made there; what was spent stays in that one's ledger.
    """

    name = "wellspent"
    falls_back = True
    settle_s = 3.0
    deferred_s = 0.7
    takes_program = False  # it is the wellspent that the suite came with

    def __init__(self, url: str = "", key: str = "", data_dir: Path | None = None) -> None:
        super().__init__(url, key, data_dir)
        self._data = data_dir or Path()
        self._process: Process | None = None
        self._keys: list[str] = []
        self._budgets: dict[str, None] = {}  # a set in order
        self._teams: list[str] = []

    def version(self) -> str:
        """See Adapter."""
        return __version__

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        """See Adapter."""
        self._folder, self._port = folder, free_port()
        self._data = folder / "data"
        self._data.mkdir()
        self._clock, self._shift_s, self._movable = folder / "shift", 0, False
        self._changes = _midnight(datetime.now(UTC) + timedelta(days=60))
        (folder / "wellspent.toml").write_text(configuration(providers, self._port, self._changes))
        self.url = f"http://127.0.0.1:{self._port}"
        self._serve()

    def _serve(self) -> None:
        env = {"WELLSPENT_CONFIG": str(self._folder / "wellspent.toml"), "WELLSPENT_DATA_DIR": str(self._data), "CONFORMANCE_KEY": "sk-provider"}
        command = [sys.executable, "-c", SHIFTED, str(self._clock)] if self._movable else [sys.executable, "-m", "wellspent", "serve"]
        self._process = Process(command, env, self._folder / "log", self._port)
        self._process.wait_until_it_listens()

    def _own(self) -> Process:
        if self._process is None:
            raise NotOffered("only a gateway that the suite started itself is killed, and its clock moved")
        return self._process

    def stop(self) -> None:
        """See Adapter."""
        if self._process is not None:
            self._process.stop()
        elif self._keys or self._budgets or self._teams:
            self._take_back()

    def _take_back(self) -> None:
        with self._settings() as settings:
            removals = [(settings.revoke_key, self._keys), (settings.remove_budget, self._budgets), (settings.remove_team, self._teams)]
            for remove, names in removals:
                for name in names:
                    with contextlib.suppress(NotFound):  # somebody else was quicker
                        remove(name)

    def restart(self) -> None:
        """See Adapter."""
        self._own().kill()
        self._serve()

    def second(self) -> Adapter:
        """See Adapter."""
        raise NotOffered("one process serves a data folder; a second one is refused at its start")

    def advance(self, seconds: int) -> None:
        """See Adapter. The first time, the process is replaced by one whose clock can be moved."""
        process = self._own()
        self._shift_s += seconds
        new = self._clock.with_suffix(".new")
        new.write_text(str(1000 * self._shift_s))
        new.replace(self._clock)  # never read half written
        if not self._movable:
            self._movable = True
            process.stop()
            self._serve()

    def seconds_to_price_change(self) -> int:
        """See Adapter."""
        self._own()
        return int((self._changes - datetime.now(UTC)).total_seconds()) - self._shift_s

    def _settings(self) -> "contextlib.closing[Settings]":
        path = self._data / "settings.db"
        if self._process is None and not path.is_file():  # opened, it would be made, and no gateway would read it
            fix = "name the data folder of the gateway that runs, with --data-dir or WELLSPENT_DATA_DIR"
            raise InvalidInput(f"there is no settings.db in {self._data}", fix=fix)
        return contextlib.closing(Settings.open(path, actor="conformance"))

    def key(self) -> Key:
        """See Adapter."""
        with self._settings() as settings:
            return self._made(settings)

    def _made(self, settings: Settings, team: str = "conformance") -> Key:
        if team not in {each.name for each in settings.teams()}:
            settings.add_team(team, org=team)
            self._teams.append(team)
        secret, key = settings.create_key("conformance", team=team)
        self._keys.append(key.id)
        return Key(secret, key.id)

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """See Adapter."""
        with self._settings() as settings:
            key = self._made(settings)
            self._limit(settings, f"key-{key.name}", Scope("key", key.name), limit_nanousd, window)
        return key

    def _limit(self, settings: Settings, name: str, scope: Scope, limit_nanousd: int, window: str = "month") -> None:
        settings.set_budget(Budget(name, scope, limit_nanousd, period=window))  # type: ignore[arg-type]
        self._budgets[name] = None

    def limited_together(self, limit_nanousd: int, count: int) -> list[Key]:
        """See Adapter: under one organisation, with a name of its own: what a removed one has spent stays in the ledger."""
        with self._settings() as settings:
            org = f"conformance-{secrets.token_hex(4)}"
            self._limit(settings, org, Scope("org", org), limit_nanousd)
            return [self._made(settings, org) for _ in range(count)]

    def limited_run(self, limit_nanousd: int) -> Key:
        """See Adapter."""
        with self._settings() as settings:
            key = self._made(settings)
            run = f"run-of-{key.name}"
            self._limit(settings, run, Scope("run", run), limit_nanousd, "total")
        return Key(key.secret, key.name, {"x-wellspent-run": run})

    def lower(self, key: Key, limit_nanousd: int) -> None:
        """See Adapter."""
        with self._settings() as settings:
            self._limit(settings, f"key-{key.name}", Scope("key", key.name), limit_nanousd)

    def revoke(self, key: Key) -> None:
        """See Adapter."""
        with self._settings() as settings:
            settings.revoke_key(key.name)

    def _reader(self) -> JournalReader:
        return JournalReader(self._data / "journal.db")

    def spent(self, key: Key) -> int:
        """See Adapter: what ``wellspent spend --by key`` says."""
        return sum(row.nanousd for row in self._reader().spend(0, 2**53, where={"key": key.name}))

    def rows(self, key: Key) -> list[int | None]:
        """See Adapter: the receipts."""
        calls = [row for row in self._reader().recent(count=10_000) if row.reserved.attribution.key == key.name]
        ended = [row.ended for row in calls if isinstance(row.ended, Settled)]
        return [None if entry.quality is Quality.UNPRICED else entry.charged.nanousd for entry in ended]

    def cost(self, reply: Reply) -> int | None:
        """See Adapter: the header ``x-wellspent-cost-usd``."""
        said = reply.headers.get("x-wellspent-cost-usd", "unknown")
        return None if said == "unknown" else parse_usd(said)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def configuration(providers: Providers, port: int, changes: datetime) -> str:
    """The file an operator would write: the provider three times, the suite's prices, and a route with a fallback."""
    lines = [f"port = {port}", 'org = "acme"', 'timezone = "UTC"', 'unpriced_models = "refuse-under-budget"']
    for name, kind, path in UPSTREAMS:
        lines += [
            "",
            "[[upstream]]",
            f'name = "{name}"',
            f'kind = "{kind}"',
            f'base_url = "{providers.url}{path}"',
            'api_key_env = "CONFORMANCE_KEY"',
        ]
    attempts = [f"{name}:{model}" for model in (SMALL, LARGE) for name, _, _ in UPSTREAMS]
    lines += ["", "[[route]]", f'model = "{FALLBACK}"', f"attempts = {json.dumps(attempts)}"]
    for model, tariff in tariffs().items():
        lines += _terms(model, tariff)
    lines += _terms(DATED, dated_tariff(), changes.date().isoformat())
    return "\n".join(lines) + "\n"


def _terms(model: str, tariff: Tariff, from_day: str = "") -> list[str]:
    lines = ["", "[[terms]]", f'model = "{model}"', f"prices = {_prices(tariff.rates)}"]
    if tariff.long_rates:
        lines.append(f"prices_above = {{ {LONG_PROMPT_TOKENS} = {_prices(tariff.long_rates)} }}")
    return [*lines, *([f'from = "{from_day}"'] if from_day else [])]


def _prices(rates: dict[str, int]) -> str:
    """Rates as the configuration writes them: dollars a million tokens, or a thousand searches."""
    amounts = {PRICE_KEYS[unit]: rate * (1_000 if unit == "web_searches" else 1_000_000) for unit, rate in rates.items()}
    return "{ " + ", ".join(f'{key} = "{amount // 10**9}.{amount % 10**9:09d}"' for key, amount in amounts.items()) + " }"
