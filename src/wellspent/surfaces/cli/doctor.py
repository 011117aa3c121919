"""``wellspent doctor``: what is wrong, and what to do about it."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from wellspent import limits
from wellspent.config import Config
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import WellspentError
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.verify import verify
from wellspent.surfaces.cli.common import COMMON, JOURNAL, SETTINGS, SHAPE, Common, Shape, settings_of
from wellspent.surfaces.cli.experiments import known
from wellspent.surfaces.cli.output import Column, emit
from wellspent.surfaces.cli.when import iso, zone_of

OK, WARN, FAIL = "ok", "warn", "fail"
YEARS = range(2026, 2100)


class Finding(Struct, frozen=True):
    """What one check found.

    Attributes:
        state: ``ok``, ``warn`` (works, but) or ``fail``.
        fix: What to do; "" when ok.
    """

    check: str
    state: str
    what: str
    fix: str = ""


def doctor(*, common: Common = COMMON, shape: Shape = SHAPE) -> int:
    """Check configuration, provider keys, clock, disk, port, settings and journal, and say what to do. Exits with 1 when a check fails."""
    findings = list(examine(common))
    columns = [Column("state", ""), Column("check", "check"), Column("what", "found"), Column("fix", "to do")]
    emit([{"check": each.check, "state": each.state, "what": each.what, "fix": each.fix} for each in findings], columns, shape)
    failed = sum(each.state == FAIL for each in findings)
    if failed:
        print(f"{failed} of {len(findings)} checks failed", file=sys.stderr)
    return 1 if failed else 0


def examine(common: Common) -> Iterator[Finding]:
    """Every check; without a configuration that can be read there is only one."""
    try:
        config = common.load()
        zone_of(config.timezone)
        known(config)
    except WellspentError as error:
        yield Finding("configuration", FAIL, str(error.args[0]), error.fix)
        return
    files = sorted({where for where in config.origins.values() if where.endswith(".toml")})
    yield Finding("configuration", OK, f"read from {', '.join(files) or 'defaults and environment'}")
    now_ms = SystemClock().now_ms()
    checks: tuple[tuple[str, Callable[[], Iterable[Finding]]], ...] = (
        ("provider keys", lambda: provider_keys(config, os.environ)),
        ("clock", lambda: clock(config, now_ms)),
        ("disk", lambda: disk(config.data_dir)),
        ("port", lambda: port(config)),
        ("settings", lambda: settings(config)),
        ("journal", lambda: journal(config)),
    )
    for name, check in checks:
        try:
            yield from check()
        except WellspentError as error:
            yield Finding(name, FAIL, str(error.args[0]), error.fix)


def provider_keys(config: Config, env: Mapping[str, str]) -> Iterator[Finding]:
    """Whether each upstream's key is there, whole, and not sent in the clear."""
    state = FAIL if config.own_provider_keys == "refuse" else WARN
    for upstream in config.upstreams:
        name, variable = f"key of {upstream.name}", upstream.api_key_env
        key = env.get(variable, "") if variable else ""
        parts = urlsplit(upstream.base_url)
        if not variable:
            yield Finding(name, OK, "needs none")
        elif not key:
            yield Finding(
                name, state, f"{variable} is not set: only callers with their own key are served", f"export {variable}=… where wellspent serve runs"
            )
        elif key != key.strip() or not key.isascii() or not key.isprintable():
            yield Finding(
                name, FAIL, f"{variable} has spaces or other characters that no key has", f"export {variable} again, without quotes and line ends"
            )
        elif parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            yield Finding(name, WARN, f"{variable} would travel unencrypted to {parts.hostname}", f"use https in the base_url of {upstream.name}")
        else:
            yield Finding(name, OK, f"{variable} is set")
    if not config.upstreams:
        yield Finding("upstreams", FAIL, "no upstream is configured", "add an [[upstream]] to wellspent.toml")


def clock(config: Config, now_ms: int) -> Iterator[Finding]:
    """Whether the machine's time can be right: a year that can be, and not before the journal's newest row."""
    year = datetime.fromtimestamp(now_ms / 1000, UTC).year
    path = config.data_dir / JOURNAL
    last_ms = JournalReader(path).last_ms() if path.is_file() else None
    fix = "set the machine's clock, e.g. with: timedatectl set-ntp true"
    if year not in YEARS:
        yield Finding("clock", FAIL, f"it is the year {year} here", fix)
    elif last_ms is not None and now_ms < last_ms - limits.CLOCK_BEHIND_MS_MAX:
        yield Finding("clock", FAIL, f"it is {iso(now_ms)} here, but the journal was written until {iso(last_ms)}", fix)
    else:
        yield Finding("clock", OK, f"{iso(now_ms)}; days are told in {config.timezone}")


def disk(folder: Path) -> Iterator[Finding]:
    """Whether the data folder can be written, and has room."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        yield Finding("disk", FAIL, f"{folder} cannot be written", f"give this user the right to write in {place}, or choose another data_dir")
        return
    free = shutil.disk_usage(place).free
    what = f"{free / 1e9:,.1f} GB free for {folder}"
    if free < limits.DISK_FREE_BYTES_MIN:
        yield Finding("disk", FAIL, what, "free space: the gateway stops admitting calls when the disk is full")
    elif free < limits.DISK_FREE_BYTES_LOW:
        yield Finding("disk", WARN, what, "free space soon")
    else:
        yield Finding("disk", OK, what)


def port(config: Config) -> Iterator[Finding]:
    """Whether the port is free, or wellspent answers on it."""
    address = f"{config.host}:{config.port}"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)
    if config.port == 0:
        yield Finding("port", OK, "any free one")
    elif not _listening(host, config.port):
        yield Finding("port", OK, f"{address} is free")
    elif _is_wellspent(host, config.port):
        yield Finding("port", OK, f"wellspent answers on {address}")
    else:
        yield Finding("port", FAIL, f"another program listens on {address}", "stop it, or set another port: WELLSPENT_PORT or port in wellspent.toml")
    if not is_loopback(config.host):
        fix = "put TLS in front of it, or listen on 127.0.0.1"
        yield Finding("exposure", WARN, f"{address} can be reached from other machines, keys travel unencrypted", fix)


def settings(config: Config) -> Iterator[Finding]:
    """Whether the audit log's chain and the settings re-derive, and whether anybody can call."""
    if not (config.data_dir / SETTINGS).is_file():
        yield Finding("settings", OK, "none yet; wellspent serve makes a first key")
        return
    with settings_of(config) as store:
        changes = store.verify()
        live = sum(not record.key.revoked for record in store.key_records())
        stopped = [str(policy.scope) for policy in store.policies() if policy.killed]
    yield Finding("settings", OK, f"{changes:,} changes re-derived; {live} live keys")
    if not live:
        yield Finding("keys", WARN, "nobody can call: there is no live key", "make one with: wellspent keys create NAME")
    if stopped:
        yield Finding("stopped", WARN, f"stopped: {', '.join(stopped)}", f"when that is over: wellspent resume {stopped[0]}")


def journal(config: Config) -> Iterator[Finding]:
    """Whether the journal re-derives; a large one is left to ``wellspent ledger verify``."""
    path = config.data_dir / JOURNAL
    if not path.is_file():
        yield Finding("journal", OK, "none yet")
        return
    size = path.stat().st_size
    if size > limits.DOCTOR_JOURNAL_BYTES_MAX:
        yield Finding("journal", OK, f"{size / 1e6:,.0f} MB, too large to re-derive here; do that with: wellspent ledger verify")
        return
    found = verify(path)
    yield Finding("journal", OK, f"{found.entries:,} entries re-derived, {found.open_holds} calls in flight")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _listening(host: str, number: int) -> bool:
    try:
        socket.create_connection((host, number), timeout=2).close()
    except OSError:
        return False
    return True


def _is_wellspent(host: str, number: int) -> bool:
    connection = HTTPConnection(host, number, timeout=2)
    try:
        connection.request("GET", "/")
        return b"wellspent" in connection.getresponse().read(100_000).lower()
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()
