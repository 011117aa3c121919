"""TensorZero's gateway: limits are rate limits of its configuration, by tags that a client says in the body.

The package on PyPI holds the gateway without its admin tools, so there are no keys (they need its Postgres migrations) and no records of
calls; what a call cost is in its answer. A rule for each limited key is written into the configuration, and the gateway started again; its
counters are in a Valkey or Redis server and outlive that.
"""

import contextlib
import json
import shutil
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wellspent.facts.errors import WellspentError
from wellspent.facts.money import to_nanousd
from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered, Providers
from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.prices import FALLBACK, LARGE, SMALL, UNPRICED, Tariff, tariffs
from wellspent.testing.conformance.profiles.process import Process, redis_server
from wellspent.testing.conformance.wires import Wire

# What a limit is charged for each call before its cost is known; $1 as it comes, which no limit of the suite could pay. This is what most
# limited calls of the suite cost.
DEFAULT_COST_NANOUSD = 15_500_000
POINTERS = (  # where in an answer a unit is counted, and the unit it is counted inside of
    ("/usage/prompt_tokens", "input_tokens", None),
    ("/usage/prompt_tokens_details/cached_tokens", "cache_read_tokens", "input_tokens"),
    ("/usage/prompt_tokens_details/audio_tokens", "input_audio_tokens", "input_tokens"),
    ("/usage/completion_tokens", "output_tokens", None),
    ("/usage/completion_tokens_details/audio_tokens", "output_audio_tokens", "output_tokens"),
)
SERVE = """
import os, pathlib, signal, sys, urllib.parse, tensorzero
stores = {"clickhouse_url": None, "postgres_url": None, "valkey_url": os.environ.get("TENSORZERO_VALKEY_URL")}
gateway = tensorzero._start_http_gateway(config_file=sys.argv[1], async_setup=False, **stores)
new = pathlib.Path(sys.argv[2] + ".new")
new.write_text(str(urllib.parse.urlsplit(gateway.base_url).port))
new.replace(sys.argv[2])
signal.pause()
"""


class TensorZero(Adapter):
    """See Adapter. Only a gateway that the suite has started can be limited: limits are configuration."""

    name = "tensorzero"
    wires = ("openai-chat", "openai-embeddings")
    falls_back = True
    long_prices = False
    settle_s = 2.0
    deferred_s = 0.1
    _process: Process | None = None
    _redis: Process | None = None
    _others: tuple[Process, ...] = ()

    def version(self) -> str:
        """See Adapter."""
        return self._version if self._process else "unknown"

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        """See Adapter."""
        self._providers, self._folder = providers, folder
        self._python = str(Path(program) / "bin" / "python") if program else ""
        if self._python and shutil.which(self._python) is None:
            raise WellspentError(f"there is no {self._python}", fix="name the virtual environment that has the package tensorzero with --program")
        if not self._python and find_spec("tensorzero") is None:
            raise WellspentError("the package tensorzero is not installed here", fix="name the virtual environment that has it with --program")
        self._version = _installed_version(program)
        self._redis, self._redis_port = redis_server(folder)
        self._rules: list[tuple[str, str, str, int]] = []
        self._serve()

    def _serve(self) -> None:
        (self._folder / "tensorzero.toml").write_text(configuration(self._providers, self._rules if self._redis else []))
        self._process, port = self._started("port")
        self.url = f"http://127.0.0.1:{port}"

    def _started(self, told: str) -> tuple[Process, int]:
        """A gateway, and the port that it chose."""
        (self._folder / told).unlink(missing_ok=True)
        env = {"CONFORMANCE_KEY": "sk-provider", **({"TENSORZERO_VALKEY_URL": f"redis://127.0.0.1:{self._redis_port}/0"} if self._redis else {})}
        command = [self._python or "python", "-c", SERVE, str(self._folder / "tensorzero.toml"), str(self._folder / told)]
        process = Process(command, env, self._folder / "log")
        return process, process.wait_until_it_tells(self._folder / told)

    def stop(self) -> None:
        """See Adapter."""
        for process in (self._process, *self._others):  # its server has no end of its own for SIGTERM inside the package
            if process:
                process.kill()
        if self._redis:
            self._redis.stop()

    def restart(self) -> None:
        """See Adapter."""
        if self._process is None:
            raise NotOffered("the suite did not start this gateway")
        self._process.kill()
        self._serve()

    def second(self) -> Adapter:
        """See Adapter: a second process on the same counters. It knows the rules of this moment and later ones are unknown to it."""
        if self._process is None or self._redis is None:
            raise NotOffered("the suite did not start this gateway, or not with a Redis server")
        return _Second(self)

    # Calling

    def model(self, model: str, wire: Wire) -> str:
        """See Adapter."""
        return f"tensorzero::{'embedding_model' if wire.name == 'openai-embeddings' else 'model'}_name::{model}"

    def path(self, path: str) -> str:
        """See Adapter."""
        return f"/openai{path}"

    def fields(self, wire: Wire, key: Key, *, stream: bool) -> dict[str, Any]:
        """See Adapter: who pays is a tag, and a stream says its cost only if it is asked for its usage."""
        tags = dict(pair.split("=") for pair in key.name.split(",") if pair)
        if tags and wire.name == "openai-embeddings":
            raise NotOffered("limits by tag are not for embeddings, which have no tags")
        return {**({"tensorzero::tags": tags} if tags else {}), **({"stream_options": {"include_usage": True}} if stream else {})}

    # Limits

    def key(self) -> Key:
        """See Adapter: keys need its Postgres, and are not checked without."""
        return Key(self._key or "none")

    def _limit(self, tag: str, limit_nanousd: int, window: str = "month") -> str:
        """A rule for a new value of a tag; the gateway reads its configuration at its start."""
        if self._process is None or self._redis is None:
            raise NotOffered(
                "limits are in its configuration and need a Valkey or Redis server: let the suite start it, where redis-server is installed"
            )
        value = f"{tag}{len(self._rules) + 1}"
        self._rules.append((tag, value, window, limit_nanousd))
        self.restart()
        return value

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """See Adapter."""
        return Key("none", f"wallet={self._limit('wallet', limit_nanousd, window)}")

    def limited_together(self, limit_nanousd: int, count: int) -> list[Key]:
        """See Adapter: under one team."""
        team = self._limit("team", limit_nanousd)
        return [Key("none", f"team={team},wallet={team}-{number}") for number in range(count)]

    def limited_run(self, limit_nanousd: int) -> Key:
        """See Adapter."""
        return Key("none", f"run={self._limit('run', limit_nanousd)}")

    def lower(self, key: Key, limit_nanousd: int) -> None:
        """See Adapter."""
        raise NotOffered("a rule that is changed forgets what was used, as documented")

    def revoke(self, key: Key) -> None:
        """See Adapter."""
        raise NotOffered("keys need Postgres migrations that the package on PyPI does not hold")

    # Reading back

    def spent(self, key: Key) -> int:
        """See Adapter."""
        raise NotOffered("spending by tag is in ClickHouse or Postgres, whose migrations the package on PyPI does not hold")

    def rows(self, key: Key) -> list[int | None]:
        """See Adapter."""
        raise NotOffered("calls are recorded in ClickHouse or Postgres, whose migrations the package on PyPI does not hold")

    def cost(self, reply: Reply) -> int | None:
        """See Adapter: ``usage.tensorzero_cost``, of a stream that in its last chunk."""
        said = _usage(reply.body).get("tensorzero_cost")
        return None if said is None else to_nanousd(Decimal(str(said)))


class _Second(TensorZero):
    """A second process, which is started by the first call to it: then all rules are known."""

    def __init__(self, first: TensorZero) -> None:
        self._first, self._url = first, ""

    @property
    def url(self) -> str:  # type: ignore[override]
        """Its address."""
        if not self._url:
            process, port = self._first._started("port-2")
            self._first._others += (process,)
            self._url = f"http://127.0.0.1:{port}"
        return self._url


def _usage(body: bytes) -> dict[str, Any]:
    """The last usage of an answer or of a stream's chunks; empty where there is none."""
    found: dict[str, Any] = {}
    for line in body.splitlines():
        with contextlib.suppress(ValueError):
            said = json.loads(line.removeprefix(b"data:"))
            found = (said.get("usage") if isinstance(said, dict) else None) or found
    return found


def _installed_version(program: str) -> str:
    found = sorted(Path(program).glob("lib/python*/site-packages/tensorzero-*.dist-info")) if program else []
    return found[-1].name.removeprefix("tensorzero-").removesuffix(".dist-info") if found else "unknown"


def configuration(providers: Providers, rules: list[tuple[str, str, str, int]]) -> str:
    """The ``tensorzero.toml`` an operator would write.

    Args:
        rules: A tag, its value, the window and the limit of each limited key.
    """
    lines = ["[gateway]", "observability.enabled = false", "auth.enabled = false"]
    for model in (*tariffs(), UNPRICED):
        lines += [*_models("models", model, {"provider": model}, providers), *_models("embedding_models", model, {"provider": model}, providers)]
    lines += _models("models", FALLBACK, {"small": SMALL, "large": LARGE}, providers)
    if rules:
        lines += ["[rate_limiting]", f"default_cost = {_usd(DEFAULT_COST_NANOUSD)}"]
    for tag, value, window, limit_nanousd in rules:
        scope = f'{{ tag_key = "{tag}", tag_value = "{value}" }}'
        lines += ["[[rate_limiting.rules]]", "always = true", f"cost_per_{window} = {_usd(limit_nanousd)}", f"scope = [{scope}]"]
    return "\n".join(lines) + "\n"


def _models(table: str, model: str, attempts: dict[str, str], providers: Providers) -> list[str]:
    lines = [f"[{table}.{model}]", f"routing = {json.dumps(list(attempts))}"]
    for name, asked in attempts.items():
        lines += [
            f"[{table}.{model}.providers.{name}]",
            'type = "openai"',
            f'model_name = "{asked}"',
            f'api_base = "{providers.url}/v1"',
            'api_key_location = "env::CONFORMANCE_KEY"',
            *_cost(tariffs().get(asked), POINTERS[:1] if table == "embedding_models" else POINTERS),
        ]
    return lines


def _cost(tariff: Tariff | None, pointers: tuple[tuple[str, str, str | None], ...]) -> list[str]:
    """Where each unit is counted and what a million costs; a unit counted inside of another costs the difference."""
    if tariff is None:
        return []
    lines = ["cost = ["]
    for pointer, unit, inside in pointers:
        rate = tariff.rates[unit] - (tariff.rates[inside] if inside else 0)
        required = "" if inside else ", required = true"
        lines.append(f'  {{ pointer = "{pointer}", cost_per_million = {_usd(rate * 1_000_000)}{required} }},')
    return [*lines, "]"]


def _usd(amount_nanousd: int) -> str:
    """Dollars, as TOML reads a number with places."""
    return f"{Decimal(amount_nanousd).scaleb(-9):f}"
