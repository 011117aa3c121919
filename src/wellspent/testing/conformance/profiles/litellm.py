"""LiteLLM's proxy: virtual keys, teams and budgets by its admin API, which needs its database.

Its settings are the strict ones that it has: budgets fail closed, models without a price are refused, spending is written every two
seconds, and where a Redis server is found the counters are in it, as its documentation asks of more than one process. One model name has
one provider there, so each API has names of its own.
"""

import json
import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wellspent.facts.errors import WellspentError
from wellspent.facts.money import NANO_PER_USD, to_nanousd
from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered, Providers
from wellspent.testing.conformance.client import Reply, send
from wellspent.testing.conformance.prices import FALLBACK, LARGE, SMALL, UNPRICED, Tariff, tariffs
from wellspent.testing.conformance.profiles.process import Process, free_port, redis_server
from wellspent.testing.conformance.wires import Wire

ADMIN_S_MAX = 60.0
MASTER_KEY = "sk-conformance-master"
DURATIONS = {"hour": "1h", "day": "1d", "month": "1mo"}
# Reasoning has no price of its own here: without one it has the output's, that of long prompts too.
PRICE_KEYS = {
    "input_tokens": "input_cost_per_token",
    "cache_read_tokens": "cache_read_input_token_cost",
    "cache_write_5m_tokens": "cache_creation_input_token_cost",
    "cache_write_1h_tokens": "cache_creation_input_token_cost_above_1hr",
    "output_tokens": "output_cost_per_token",
    "input_audio_tokens": "input_cost_per_audio_token",
    "output_audio_tokens": "output_cost_per_audio_token",
    "input_image_tokens": "input_cost_per_image_token",
}
LONG_SUFFIX = "_above_200k_tokens"
UPSTREAMS = (("", "openai", "/v1"), ("embedding-", "openai", "/v1"), ("anthropic-", "anthropic", ""), ("gemini-", "gemini", "/v1beta"))
PREFIXES = {"openai-embeddings": "embedding-", "anthropic-messages": "anthropic-", "gemini": "gemini-"}


class LiteLLM(Adapter):
    """See Adapter. ``--key`` of a running one is its master key; to be started, it needs ``DATABASE_URL``, as for LiteLLM itself."""

    name = "litellm"
    falls_back = True
    settle_s = 15.0
    deferred_s = 2.0
    _process: Process | None = None
    _redis: Process | None = None
    _other: Adapter | None = None
    _other_process: Process | None = None

    def version(self) -> str:
        """See Adapter."""
        return str(self._ask("GET", "/health/readiness/details").get("litellm_version", "unknown"))

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        """See Adapter."""
        if not os.environ.get("DATABASE_URL"):
            raise WellspentError(
                "LiteLLM keeps keys and budgets in a database, and none is named", fix="set DATABASE_URL=postgresql://… to an empty one"
            )
        if shutil.which(_binary(program)) is None:
            raise WellspentError(f"there is no program {_binary(program)}", fix="name the virtual environment that has LiteLLM with --program")
        self._folder, self._program, self._key = folder, program, MASTER_KEY
        self._redis, redis_port = redis_server(folder)
        (folder / "config.yaml").write_text(configuration(providers, redis_port))
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process = self._serve(self._port)

    def _serve(self, port: int) -> Process:
        binary = _binary(self._program)
        env = {
            "PATH": f"{Path(binary).parent}{os.pathsep}{os.environ.get('PATH', '')}",  # LiteLLM calls the ``prisma`` beside it
            "LITELLM_MASTER_KEY": MASTER_KEY,
            "LITELLM_SALT_KEY": "sk-conformance-salt",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # prices are not fetched
        }
        command = [binary, "--config", str(self._folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        process = Process(command, env, self._folder / f"log-{port}", port)
        process.wait_until_it_listens()
        return process

    def stop(self) -> None:
        """See Adapter."""
        for process in (self._process, self._other_process, self._redis):
            if process:
                process.stop()

    def restart(self) -> None:
        """See Adapter."""
        if self._process is None:
            raise NotOffered("the suite did not start this gateway")
        self._process.kill()
        self._process = self._serve(self._port)

    def second(self) -> Adapter:
        """See Adapter: a second process on the same database and Redis."""
        if self._process is None:
            raise NotOffered("the suite did not start this gateway")
        if self._other is None:
            port = free_port()
            self._other_process = self._serve(port)
            self._other = LiteLLM(f"http://127.0.0.1:{port}", MASTER_KEY)
        return self._other

    # Calling

    def headers(self, wire: Wire, key: Key) -> dict[str, str]:
        """See Adapter."""
        return {**wire.key_headers(key.secret), **key.headers}

    def model(self, model: str, wire: Wire) -> str:
        """See Adapter: a model's name says which provider it is at."""
        return PREFIXES.get(wire.name, "") + model

    # Keys and limits

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        reply = send(self.url + path, method, headers, b"" if body is None else json.dumps(body).encode(), timeout_s=ADMIN_S_MAX)
        if not reply.ok:
            raise WellspentError(
                f"LiteLLM answered {method} {path.partition('?')[0]} with {reply.status}: {reply.body[:300].decode(errors='replace')}"
            )
        return json.loads(reply.body)

    def _made(self, headers: dict[str, str] | None = None, **fields: Any) -> Key:
        made = self._ask("POST", "/key/generate", fields)
        return Key(made["key"], made["token"], headers or {})

    def key(self) -> Key:
        """See Adapter."""
        return self._made()

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """See Adapter."""
        return self._made(max_budget=_usd(limit_nanousd), budget_duration=DURATIONS[window])

    def limited_together(self, limit_nanousd: int, count: int) -> list[Key]:
        """See Adapter: under one team."""
        team = self._ask("POST", "/team/new", {"max_budget": _usd(limit_nanousd), "budget_duration": DURATIONS["month"]})
        return [self._made(team_id=team["team_id"]) for _ in range(count)]

    def limited_run(self, limit_nanousd: int) -> Key:
        """See Adapter: ``max_budget_per_session`` of an agent, whose key names a session with each call."""
        name = f"run-{os.urandom(6).hex()}"
        agent = self._ask("POST", "/v1/agents", {"agent_name": name, "litellm_params": {"max_budget_per_session": _usd(limit_nanousd)}})
        return self._made({"x-litellm-trace-id": name}, agent_id=agent["agent_id"])

    def lower(self, key: Key, limit_nanousd: int) -> None:
        """See Adapter."""
        self._ask("POST", "/key/update", {"key": key.secret, "max_budget": _usd(limit_nanousd)})

    def revoke(self, key: Key) -> None:
        """See Adapter: blocked, so that its spending can still be read."""
        self._ask("POST", "/key/block", {"key": key.secret})

    # Reading back

    def spent(self, key: Key) -> int:
        """See Adapter: what ``/key/info`` says."""
        return nanousd(self._ask("GET", f"/key/info?key={quote(key.name)}")["info"]["spend"])

    def rows(self, key: Key) -> list[int | None]:
        """See Adapter: ``/spend/logs``, without the calls that failed."""
        rows = self._ask("GET", f"/spend/logs?api_key={quote(key.name)}")
        return [None if row["spend"] is None else nanousd(row["spend"]) for row in rows if row.get("status") != "failure"]

    def cost(self, reply: Reply) -> int | None:
        """See Adapter: the header ``x-litellm-response-cost``, which a stream comes too early for."""
        if "text/event-stream" in reply.headers.get("content-type", ""):
            raise NotOffered("streams do not say what they cost, and spending cannot be read back by key")
        said = reply.headers.get("x-litellm-response-cost")
        return nanousd(said) if said else None


def _binary(program: str) -> str:
    return str(Path(program) / "bin" / "litellm") if program else shutil.which("litellm") or "litellm"


def nanousd(amount: float | str) -> int:
    """A dollar amount that was a binary float somewhere, to the nearest nano-dollar.

    >>> nanousd(0.0024900000000000005)
    2490000
    """
    return to_nanousd(Decimal(str(amount)))


def _usd(amount_nanousd: int) -> float:
    return amount_nanousd / NANO_PER_USD


def configuration(providers: Providers, redis_port: int | None = None) -> str:
    """The ``config.yaml`` an operator would write: each model at each provider with its prices, a fallback, strict budgets."""
    lines = ["model_list:"]
    for prefix, provider, path in UPSTREAMS:
        for name, model in (*((model, model) for model in (*tariffs(), UNPRICED)), (FALLBACK, SMALL)):
            lines += [
                f"  - model_name: {prefix}{name}",
                "    litellm_params:",
                f"      model: {provider}/{model}",
                f"      api_base: {providers.url}{path}",
                "      api_key: sk-provider",
                *(f"      {line}" for line in _prices(tariffs().get(model))),
                *(["    model_info:", "      mode: embedding"] if prefix == "embedding-" else []),
            ]
    fallbacks = [{prefix + FALLBACK: [prefix + LARGE]} for prefix, _, _ in UPSTREAMS]
    lines += [
        "general_settings:",
        "  master_key: os.environ/LITELLM_MASTER_KEY",
        "  database_url: os.environ/DATABASE_URL",
        "  proxy_batch_write_at: 2",
        "  fail_closed_budget_enforcement: true",
        "router_settings:",
        "  num_retries: 0",
        "  disable_cooldowns: true",
        f"  fallbacks: {json.dumps(fallbacks)}",
        *([f"  redis_host: 127.0.0.1\n  redis_port: {redis_port}"] if redis_port else []),
        "litellm_settings:",
        "  telemetry: false",
        "  num_retries: 0",
        "  block_requests_for_models_without_pricing: true",
    ]
    if redis_port:  # for the counters alone: with no call types, no answer is cached
        cache = {"type": "redis", "host": "127.0.0.1", "port": redis_port, "supported_call_types": []}
        lines += ["  cache: true", f"  cache_params: {json.dumps(cache)}"]
    return "\n".join(lines) + "\n"


def _prices(tariff: Tariff | None) -> list[str]:
    if tariff is None:
        return []
    rates = {PRICE_KEYS[unit]: rate for unit, rate in tariff.rates.items() if unit in PRICE_KEYS}
    rates |= {PRICE_KEYS[unit] + LONG_SUFFIX: rate for unit, rate in tariff.long_rates.items() if unit in PRICE_KEYS}
    search = _decimal(tariff.rates["web_searches"])
    sizes = ", ".join(f"search_context_size_{size}: {search}" for size in ("low", "medium", "high"))
    return [*(f"{key}: {_decimal(rate)}" for key, rate in rates.items()), f"search_context_cost_per_query: {{{sizes}}}"]


def _decimal(rate_nanousd: int) -> str:
    """Dollars, written so that YAML reads a number: 3e-06 would be a text."""
    return f"{Decimal(rate_nanousd).scaleb(-9):f}"
