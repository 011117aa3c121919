"""``wellspent demo``: the whole product on a made-up company: ninety days of history, then live traffic over the real wire."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from wellspent.config import Config, RepositoryConfig, ReworkConfig, UpstreamConfig
from wellspent.demo.company import ORG
from wellspent.demo.history import BILL, write
from wellspent.demo.outcomes import CONTRACTS, EXPERIMENT, EXPERIMENT_DAYS
from wellspent.demo.repositories import FOLDER, folder_of
from wellspent.demo.repositories.places import PLACES
from wellspent.demo.story import DAYS, DISCOUNT_DAY, DISCOUNT_PERCENT
from wellspent.demo.traffic import Traffic
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.testing.provider import FakeProvider
from wellspent.wiring import JOURNAL, build, check_address
from wellspent.wiring import run as serve

CONFIG = "wellspent.toml"
FAKE_KEY = "DEMO_PROVIDER_KEY"
REVIEW_USD_PER_HOUR = (80, 140)


def run(config: Config) -> None:
    """Make the company and serve it until interrupted.

    The data folder is a temporary one, removed at the end, unless one was named; a named one has to be empty. Raises InvalidInput where
    it is not, ConfigError where the port is taken.
    """
    import uvloop

    kept = config.origins.get("data_dir", "default") != "default"
    if kept and (config.data_dir / JOURNAL).exists():
        raise InvalidInput(f"{config.data_dir} holds a ledger already", fix="name an empty folder, or leave --data-dir away")
    check_address(config)
    folder = config.data_dir if kept else Path(tempfile.mkdtemp(prefix="wellspent-demo-"))
    try:
        with FakeProvider(keep_bodies=False) as provider:
            uvloop.run(_serve(demo_config(config, folder, provider.url, SystemClock().now_ms()), kept=kept))
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def demo_config(config: Config, folder: Path, provider_url: str, now_ms: int) -> Config:
    """The company's own configuration: three providers played by the fake one, and a contract that began a month ago."""
    kinds = (("openai", "openai", "/v1"), ("anthropic", "anthropic", ""), ("gemini", "gemini", ""))
    upstreams = tuple(UpstreamConfig(name, kind, provider_url + path, FAKE_KEY) for name, kind, path in kinds)
    began = _day(now_ms - DISCOUNT_DAY * 86_400_000)
    terms = ({"provider": "anthropic", "discount_percent": DISCOUNT_PERCENT, "from": began},)
    return msgspec.structs.replace(
        config,
        data_dir=folder,
        org=ORG,
        demo=True,
        upstreams=upstreams,
        routes=(),
        terms=terms,
        contracts=CONTRACTS,
        experiments=({**EXPERIMENT, "from": _day(now_ms - EXPERIMENT_DAYS * 86_400_000)},),
        repositories=tuple(RepositoryConfig(place.name, str(folder / FOLDER / folder_of(place)), team="engineering") for place in PLACES),
        rework=ReworkConfig(REVIEW_USD_PER_HOUR),
        origins={**config.origins, "repositories": str(folder / CONFIG)},
        contact="platform@tidewater.example",
    )


def write_config(config: Config) -> Path:
    """What commands beside the demo need to know, as a configuration file in its folder."""
    path = config.data_dir / CONFIG
    lines = [f"org = {json.dumps(config.org)}", f"timezone = {json.dumps(config.timezone)}", 'data_dir = "."']
    lines += ["", "[rework]", f"review_usd_per_hour = {_toml(list(config.rework.review_usd_per_hour))}"]
    repositories = [msgspec.to_builtins(each) for each in config.repositories]
    for kind, tables in (("contract", config.contracts), ("experiment", config.experiments), ("repository", repositories)):
        for table in tables:
            lines += ["", f"[[{kind}]]", *(f"{name} = {_toml(value)}" for name, value in table.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: object) -> str:
    """A value: text, a number, or a list or table of them."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


async def _serve(config: Config, *, kept: bool) -> None:
    now_ms = SystemClock().now_ms()
    _say(f"making {DAYS} days of {ORG}, a made-up company")
    told = write(config, now_ms, _progress)
    _say(f"\r{told.calls:,} calls told, {told.refused:,} of them refused by a budget\n")
    if told.without:
        _say(f"without git repositories: {told.without}\n")
        config = msgspec.structs.replace(config, repositories=())
    running = build(config, {**os.environ, FAKE_KEY: "sk-fake"}, SystemClock())
    traffic: list[Traffic] = []

    def ready(address: str) -> None:
        folder, beside = f"--data-dir {config.data_dir}", f"--config {write_config(config)}"
        _say(f"Overview: {address}/\nalso: wellspent spend --by team,model {folder}\n      wellspent watch {folder}")
        _say(f"      wellspent value --since 90d {beside}\n      wellspent initiatives {beside}")
        _say(f"      wellspent delays {beside}")
        _say(f"      wellspent contract bill support {config.data_dir / BILL} {beside}")
        _say(f"      wellspent contract compare support {beside}\n      wellspent effect reply-model {beside}")
        _say(f"      wellspent statement --period {_last_month(now_ms)} --pdf statement.pdf {beside}")
        if not told.without:
            _say(f"      wellspent durability {beside}\n      wellspent rework {config.data_dir / FOLDER}/*.git {folder}")
        _say("Stop with Ctrl-C.\n")
        if not kept:
            _say("The folder is temporary and goes when you stop; name one with --data-dir to keep it.\n")
        traffic.append(Traffic(address, told.secrets))
        traffic[0].start()

    try:
        await serve(running, ready)
    finally:
        for each in traffic:
            await asyncio.to_thread(each.stop)


def _progress(days: int) -> None:
    if sys.stderr.isatty():
        _say(f"\rday {days} of {DAYS} ")


def _say(text: str) -> None:
    print(text, end="" if text.startswith("\r") else "\n", file=sys.stderr, flush=True)


def _last_month(now_ms: int) -> str:
    """The last whole month, which a statement can be about."""
    return f"{datetime.fromtimestamp(now_ms / 1000, UTC).replace(day=1) - timedelta(days=1):%Y-%m}"


def _day(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"
