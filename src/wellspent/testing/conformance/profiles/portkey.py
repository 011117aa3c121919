"""Portkey's open gateway: it passes calls on, where their headers say. Keys, budgets and costs are in Portkey's hosted product alone."""

import json
import shutil
from pathlib import Path

from wellspent.facts.errors import WellspentError
from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered, Providers
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.profiles.process import Process, free_port
from wellspent.testing.conformance.wires import Wire

HOSTED = "is not in the open gateway; it is part of Portkey's hosted product"
SCRIPT = "node_modules/@portkey-ai/gateway/build/start-server.js"


class Portkey(Adapter):
    """See Adapter. Every key is the provider's own, passed on as it is."""

    name = "portkey"
    wires = ("openai-chat", "openai-responses", "openai-embeddings", "anthropic-messages")
    settle_s = 1.0
    deferred_s = 0.0
    _process: Process | None = None
    _providers = Providers("http://127.0.0.1:9001")  # where the suite's provider is, unless it was told another port
    _version = "unknown"

    def version(self) -> str:
        """See Adapter."""
        return self._version

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        """See Adapter."""
        script, node = Path(program or ".") / SCRIPT, shutil.which("node")
        if node is None or not script.exists():
            raise WellspentError(f"{script} or node is not there", fix="name the folder that npm installed @portkey-ai/gateway into with --program")
        self._version = json.loads((script.parents[1] / "package.json").read_text())["version"]
        self._providers, port = providers, free_port()
        self._process = Process([node, str(script), f"--port={port}", "--headless"], {}, folder / "log", port)
        self._process.wait_until_it_listens()
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """See Adapter."""
        if self._process:
            self._process.stop()

    def headers(self, wire: Wire, key: Key) -> dict[str, str]:
        """See Adapter: where a call goes is in its headers."""
        provider = "anthropic" if wire.name == "anthropic-messages" else "openai"
        return {**super().headers(wire, key), "x-portkey-provider": provider, "x-portkey-custom-host": f"{self._providers.url}/v1"}

    def key(self) -> Key:
        """See Adapter."""
        return Key(self._key or "sk-provider")

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """See Adapter."""
        raise NotOffered(f"a limit {HOSTED}")

    def limited_together(self, limit_nanousd: int, count: int) -> list[Key]:
        """See Adapter."""
        raise NotOffered(f"a limit {HOSTED}")

    def limited_run(self, limit_nanousd: int) -> Key:
        """See Adapter."""
        raise NotOffered(f"a limit {HOSTED}")

    def spent(self, key: Key) -> int:
        """See Adapter."""
        raise NotOffered(f"what a key has spent {HOSTED}")

    def rows(self, key: Key) -> list[int | None]:
        """See Adapter."""
        raise NotOffered(f"a log of what calls cost {HOSTED}")

    def cost(self, reply: Reply) -> int | None:
        """See Adapter."""
        raise NotOffered(f"what a call cost {HOSTED}")
