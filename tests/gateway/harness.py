"""A gateway in its own process with the fake provider behind it, for tests that need the real wire."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wellspent.identity.settings import Settings
from wellspent.testing.provider import FakeProvider

READY_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_text(provider_url: str, port: int, *, upstreams: str = "", **settings: Any) -> str:
    """A configuration with the three public wires at the fake provider.

    Args:
        upstreams: TOML that takes their place, with ``PROVIDER`` for the fake provider's address.
    """
    lines = [f"port = {port}", 'org = "acme"']
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    if upstreams:
        return "\n".join(lines) + "\n" + upstreams.replace("PROVIDER", provider_url)
    for name, kind, base in (
        ("openai", "openai", f"{provider_url}/v1"),
        ("anthropic", "anthropic", provider_url),
        ("gemini", "gemini", provider_url),
    ):
        lines += ["", "[[upstream]]", f'name = "{name}"', f'kind = "{kind}"', f'base_url = "{base}"', 'api_key_env = "FAKE_KEY"']
    return "\n".join(lines) + "\n"


@dataclass
class Gateway:
    """One data folder, and the process that serves it; may be killed and started again."""

    folder: Path
    provider: FakeProvider
    settings: dict[str, Any] = field(default_factory=dict)
    port: int = 0
    secret: str = ""
    process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        (self.folder / "wellspent.toml").write_text(config_text(self.provider.url, self.port, **self.settings))
        with contextlib.closing(self.store()) as settings:
            settings.add_team("core", org="acme")
            self.secret, _ = settings.create_key("laptop", org="acme", team="core")

    def store(self) -> Settings:
        (self.folder / "data").mkdir(exist_ok=True)
        return Settings.open(self.folder / "data" / "settings.db")

    @property
    def journal(self) -> Path:
        return self.folder / "data" / "journal.db"

    def start(self) -> None:
        env = {
            **os.environ,
            "WELLSPENT_CONFIG": str(self.folder / "wellspent.toml"),
            "WELLSPENT_DATA_DIR": str(self.folder / "data"),
            "FAKE_KEY": "sk-fake",
        }
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "wellspent", "serve"], env=env, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the gateway stopped at its start: {(self.folder / 'gateway.log').read_text()}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.02)
        raise AssertionError(f"the gateway was not ready after {READY_S} s: {(self.folder / 'gateway.log').read_text()}")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        return self.request("POST", path, body, headers)

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = self.connection()
        try:
            sent = {"authorization": f"Bearer {self.secret}", "content-type": "application/json", **(headers or {})}
            connection.request(method, path, raw, {name: value for name, value in sent.items() if value})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@contextlib.contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Gateway]:
    """A prepared, started gateway; stopped at the end."""
    with FakeProvider(name="first") as provider:
        gateway = Gateway(folder, provider, settings)
        gateway.prepare()
        gateway.start()
        try:
            yield gateway
        finally:
            gateway.stop()


def chat(prompt: str = "say hi", **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "messages": [{"role": "user", "content": prompt}], **fields}
