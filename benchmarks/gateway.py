"""Gateways side by side: what a call costs each of them in CPU, what it adds in time, what it takes in memory.

Round after round, each gateway is started afresh on its own core, asked until it answers, warmed up, and put under each load; upstream and
load share the other core. ``direct`` is the same load at the upstream itself: what is *added* is the difference to it within a round.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Found, Load, run
from benchmarks.peers import MODEL, PATH, PEERS, Launch, NotRun, Upstream
from benchmarks.processes import Tree, answers, cores, free_port, python_path, running

READY_S_MAX = 180.0
AFTER_S = 0.5  # what a gateway still does for calls that were answered (a journal's projections) is theirs too


@dataclass
class Plan:
    """How much to measure; a load ends after its calls or its seconds, whichever comes first."""

    peers: list[str] = field(default_factory=lambda: list(PEERS))
    rounds: int = 5
    calls: int = 20_000
    seconds: float = 8.0
    many: int = 1024
    pace_ms: int = 200

    @property
    def streams(self) -> int:
        return max(4, self.calls // 40)


@dataclass
class Figures:
    """What was found of one gateway, a list for each figure; ``errors`` counts calls that went wrong, ``why`` the first of them."""

    found: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0
    why: str = ""

    def add(self, name: str, value: float) -> None:
        self.found.setdefault(name, []).append(value)


class Target:
    """One gateway that answers, or the upstream itself."""

    def __init__(self, plan: Plan, figures: Figures, launch: Launch, port: int, tree: Tree | None) -> None:
        self.plan, self.figures, self.launch, self.port, self.tree = plan, figures, launch, port, tree

    def load(self, connections: int, calls: int, seconds: float, **more: bool | int) -> Found:
        launch = self.launch
        load = Load(self.port, launch.path, launch.headers, launch.model, min(connections, calls), calls, seconds, **more)  # type: ignore[arg-type]
        found = run(load, cores()[0])
        self.figures.errors += found.errors
        self.figures.why = self.figures.why or found.sample
        return found

    def measured(self, name: str, connections: int, calls: int, seconds: float, **more: bool | int) -> Found:
        """A load's answers, with the gateway's CPU microseconds a call as the figure ``name``."""
        before = self.tree.cpu_s() if self.tree else 0.0
        found = self.load(connections, calls, seconds, **more)
        if self.tree and found.good:
            time.sleep(AFTER_S)
            self.figures.add(name, 1e6 * (self.tree.cpu_s() - before) / found.good)
        return found

    def plain(self) -> None:
        plan, figures = self.plan, self.figures
        self.load(32, max(1, plan.calls // 4), 2.0)
        found = self.measured("json us", 32, plan.calls, plan.seconds)
        figures.add("calls/s", found.good / found.seconds)
        found = self.load(2, max(1, plan.calls // 10), plan.seconds / 2)
        self.add_quantiles("json", found.whole_ms)
        self.load(50, max(1, plan.streams // 5), 1.0, stream=True)
        found = self.measured("stream us", 50, plan.streams, plan.seconds, stream=True)
        self.add_quantiles("first byte", found.first_ms)
        if self.tree:
            figures.add("loaded MB", self.tree.rss_mb())

    def add_quantiles(self, name: str, ms: tuple[float, float]) -> None:
        if any(ms):
            self.figures.add(f"{name} p50 ms", ms[0])
            self.figures.add(f"{name} p99 ms", ms[1])

    def crowd(self) -> None:
        """Very many streams at once, each slow as a real one."""
        figures, many = self.figures, self.plan.many
        if self.tree:
            self.tree.forget_peak()
            figures.add("crowd before MB", self.tree.rss_mb())
        found = self.measured("crowd us", many, many, 60.0, stream=True, pace_ms=self.plan.pace_ms)
        figures.add("crowd whole", found.good)
        self.add_quantiles("crowd first byte", found.first_ms)
        figures.add("crowd silence max ms", found.silent_ms_max)
        if self.tree:
            figures.add("crowd peak MB", self.tree.rss_mb("VmHWM"))
            time.sleep(2)
            figures.add("crowd after MB", self.tree.rss_mb())

    def tls(self) -> None:
        self.load(32, max(1, self.plan.calls // 4), 2.0)
        self.measured("tls json us", 32, self.plan.calls, self.plan.seconds)
        self.load(50, max(1, self.plan.streams // 5), 1.0, stream=True)
        self.measured("tls stream us", 50, self.plan.streams, self.plan.seconds, stream=True)


@contextlib.contextmanager
def started(name: str, plan: Plan, figures: Figures, upstream: Upstream) -> Iterator[Target]:
    """A gateway that answers; its start is a figure too. Raises NotRun."""
    if name == "direct":
        yield Target(plan, figures, Launch([], {}, {}), upstream.port, None)
        return
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as place:
        folder, port = Path(place), free_port()
        launch = PEERS[name](folder, upstream, port)
        began = time.perf_counter()
        with running(launch.command, launch.env, cores()[1], folder / "log") as tree:
            port = _ready(launch, port, tree, folder / "log")
            if upstream.authority is None:
                figures.add("start s", time.perf_counter() - began)
            tree.wait_until_quiet()
            if upstream.authority is None:
                figures.add("rest MB", tree.rss_mb())
            yield Target(plan, figures, launch, port, tree)


def _ready(launch: Launch, port: int, tree: Tree, log: Path) -> int:
    """The port, once a call was answered. Raises NotRun."""
    deadline = time.monotonic() + READY_S_MAX
    while time.monotonic() < deadline and tree.process.poll() is None:
        if launch.port_file is not None:
            port = int(launch.port_file.read_text() or 0) if launch.port_file.exists() else 0
        if port and answers(port, Load(port, launch.path, launch.headers, launch.model, 1, 1, 1.0).request()):
            return port
        time.sleep(0.01)
    raise NotRun(f"never answered; it said last: {log.read_text(errors='replace')[-300:].strip()!r}")


@contextlib.contextmanager
def upstreams() -> Iterator[tuple[Upstream, Upstream | None]]:
    """The provider, without TLS and with it; None where no certificate can be made."""
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        folder, found = Path(place), []
        for files in ([], _certificate(folder)):
            if files is None:
                continue
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.upstream", str(port), *map(str, files)]
            stack.enter_context(running(command, python_path(), cores()[0], folder / f"upstream-{port}"))
            found.append(Upstream(port, folder / "authority.pem" if files else None))
        direct = found[0]
        deadline = time.monotonic() + 10
        while not answers(direct.port, Load(direct.port, PATH, {}, MODEL, 1, 1, 1.0).request()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"the upstream did not start: {(folder / f'upstream-{direct.port}').read_text()[-500:]}")
            time.sleep(0.01)
        yield direct, found[1] if len(found) > 1 else None


def _certificate(folder: Path) -> list[Path] | None:
    """A certificate for localhost and its key, signed by ``authority.pem``; None without openssl."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    authority, authority_key, own, key = (folder / name for name in ("authority.pem", "authority.key", "own.pem", "own.key"))
    usages = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    signed = ["-CA", str(authority), "-CAkey", str(authority_key), *usages]
    try:
        for name, out, secret, more in (("loopback authority", authority, authority_key, []), ("localhost", own, key, signed)):
            command = [*new, "-subj", f"/CN={name}", "-out", str(out), "-keyout", str(secret), *more]
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [own, key]


def measure(plan: Plan, tell: Callable[[str], object]) -> dict[str, Figures | str]:
    """Every gateway's figures, or why it was not run."""
    names = ["direct", *plan.peers]
    found: dict[str, Figures | str] = {name: Figures() for name in names}
    with upstreams() as (plain, tls):
        for number in range(1, plan.rounds + 1):
            for name in names:
                figures = found[name]
                if isinstance(figures, str):
                    continue
                tell(f"round {number} of {plan.rounds}: {name}")
                try:
                    with started(name, plan, figures, plain) as target:
                        target.plain()
                        if number == plan.rounds:
                            target.crowd()
                except NotRun as why:
                    found[name] = str(why)
                    continue
                if tls is not None and name != "direct":
                    with contextlib.suppress(NotRun), started(name, plan, figures, tls) as target:
                        target.tls()
    return found
