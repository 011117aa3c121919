"""Composition root: configuration in, running product out. The only file that names concrete things."""

import asyncio
import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from wellspent import limits
from wellspent.budgets.budget import Policy
from wellspent.budgets.window import Calendar
from wellspent.config import PROVIDER_OF_KIND, Config, UpstreamConfig
from wellspent.connectors.outcomes import own, sources
from wellspent.connectors.reviews import webhooks
from wellspent.connectors.reviews.people import People
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.clock import Clock, SystemClock
from wellspent.facts.errors import ConfigError
from wellspent.gateway.admission import Desk, Rules
from wellspent.gateway.alerts import Alerts
from wellspent.gateway.app import Gateway, Wires
from wellspent.gateway.experiments import ready
from wellspent.gateway.http.client import HttpClient
from wellspent.gateway.http.server import HttpServer
from wellspent.gateway.pipeline import Pipeline
from wellspent.gateway.provider import Provider
from wellspent.gateway.rates import Rates
from wellspent.gateway.sidedoor import SideDoor
from wellspent.gateway.upstream import UpstreamClient
from wellspent.gateway.wires.anthropic_messages import AnthropicMessages
from wellspent.gateway.wires.gemini import Gemini
from wellspent.gateway.wires.openai_chat import OpenAIChat
from wellspent.gateway.wires.openai_embeddings import OpenAIEmbeddings
from wellspent.gateway.wires.openai_responses import OpenAIResponses
from wellspent.identity.keys import Key, KeyRing
from wellspent.identity.pseudonyms import pseudonyms_of
from wellspent.identity.settings import Settings
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.reviews import FILE as REVIEWS
from wellspent.ledger.reviews import ReviewLog
from wellspent.ledger.sqlite import SqliteJournal
from wellspent.pricing.book import PriceBook
from wellspent.pricing.hosts import provider_of_url
from wellspent.pricing.pricelist import FREE, PriceList
from wellspent.pricing.terms import Terms
from wellspent.routing.plan import Endpoint, Route
from wellspent.surfaces.api.outcomes import Intake, Reviews, Sender
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.durability.kept import made_ms
from wellspent.surfaces.web.app import WebData, build_web

JOURNAL, SETTINGS = "journal.db", "settings.db"
NICE = 10  # lower priority than the calls of the machine


class Rulebook:
    """Keys, budgets and policies as the running gateway sees them: loaded at the start, again whenever the settings change."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._version = -1
        self._keys: KeyRing
        self._policies: Mapping[Scope, Policy]
        self._of = lru_cache(maxsize=10_000)(self._look_up)
        self.reload()

    def reload(self) -> None:
        """Load the settings where they changed."""
        version = self._settings.version()
        if version == self._version:
            return
        self._keys = KeyRing.load(self._settings)
        self._policies = {policy.scope: policy for policy in self._settings.policies()}
        self._of.cache_clear()
        self._ledger.set_budgets(self._settings.budgets())
        self._version = version

    def find_key(self, secret: bytes) -> Key | None:
        """A key by its secret."""
        return self._keys.find(secret)

    def policies_of(self, attribution: Attribution) -> tuple[Policy, ...]:
        """The policies that apply to a caller."""
        return self._of(attribution) if self._policies else ()

    def _look_up(self, attribution: Attribution) -> tuple[Policy, ...]:
        scopes = list(attribution.scopes())
        either = [*scopes, *(Scope(scope.kind, "*") for scope in scopes)]
        return tuple(self._policies[scope] for scope in either if scope in self._policies)


class Running(Struct):
    """The parts of a running product that outlive a request."""

    config: Config
    ledger: Ledger
    rulebook: Rulebook
    settings: Settings
    gateway: Gateway
    pipeline: Pipeline
    asking: Asking
    first_secret: str


def build(config: Config, env: Mapping[str, str], clock: Clock) -> Running:
    """Put the product together. Raises ConfigError, JournalLocked, JournalCorrupt."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    may_send, setup = senders(config, env), Setup.of(config)
    calendar = Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on)
    settings = Settings.open(config.data_dir / SETTINGS, clock=clock)
    ledger = Ledger.open(SqliteJournal(config.data_dir / JOURNAL, durability=config.durability), clock, calendar)
    ledger.sweep(clock.now_ms())
    rulebook = Rulebook(settings, ledger)
    prices = price_list(config)
    desk = Desk(
        ledger=ledger,
        prices=prices,
        endpoints=[Endpoint(each.name, each.kind, each.models) for each in config.upstreams],
        providers={each.name: price_provider(each) for each in config.upstreams},
        routes=[Route(each.model, each.attempts) for each in config.routes],
        rules=Rules(
            config.timezone, config.unpriced_models, config.unbounded_requests, config.output_tokens_default, config.contact, config.public_url
        ),
        rates=Rates(),
        policies_of=rulebook.policies_of,
    )
    desk.experiments = ready(setup.experiments, desk, clock.now_ms())
    first_secret = first_key(settings, config.org)
    rulebook.reload()
    ledger.on_alert = Alerts(config.alert_url, http_client(config, limits.ALERT_S_MAX), config.timezone)
    providers = {each.name: provider(each, env, http_client(config, each.timeout_s)) for each in config.upstreams}
    pipeline = Pipeline(desk, clock, rulebook.find_key, providers, config.own_provider_keys, drain=config.on_client_leave == "drain")
    outcomes = OutcomeLog(config.data_dir / FILE, clock)
    reader = JournalReader(config.data_dir / JOURNAL)
    asking = Asking(setup, clock)
    data = WebData(reader, settings, calendar, clock, config.org, config.demo, outcomes, asking, config.data_dir, bool(config.repositories))
    intake = Intake(outcomes, may_send, clock, config.public_url, reviews_of(config, may_send, clock))
    gateway = Gateway(pipeline, SideDoor(pipeline, config.unmetered_paths), wires(), build_web(data, intake), config.pages)
    return Running(config, ledger, rulebook, settings, gateway, pipeline, asking, first_secret)


def senders(config: Config, env: Mapping[str, str]) -> dict[str, Sender]:
    """Who may send outcomes, each with its secret. Raises ConfigError where one has none: what cannot be checked is not taken."""
    found = {}
    for each in config.outcome_sources:
        secret = env.get(each.secret_env, "")
        if not secret:
            raise ConfigError(
                f"outcome_source {each.name!r} has no secret in {each.secret_env}", fix=f"set {each.secret_env}, or leave the source out"
            )
        found[each.name] = Sender(sources(each.currency).get(each.name) or own(each.name), secret, webhooks().get(each.name))
    return found


def reviews_of(config: Config, senders: Mapping[str, Sender], clock: Clock) -> Reviews | None:
    """Where it is kept what happens to changes; None where nobody tells."""
    if not any(sender.reviews for sender in senders.values()):
        return None
    return Reviews(ReviewLog(config.data_dir / REVIEWS, clock), People(pseudonyms_of(config.data_dir), config.rework.machines))


def wires() -> Wires:
    """The wires spoken here."""
    return Wires(OpenAIChat(), OpenAIResponses(), OpenAIEmbeddings(), AnthropicMessages(), Gemini())


def price_list(config: Config) -> PriceList:
    """The bundled price book under the operator's own terms. Raises ConfigError for terms that cannot be, and for unknown providers."""
    prices = PriceList(PriceBook.bundled(), Terms.parse(list(config.terms)))
    prices.check(price_provider(each) for each in config.upstreams)
    return prices


def price_provider(upstream: UpstreamConfig) -> str:
    """Whose prices apply to an upstream; the models of a ``free`` one cost nothing."""
    if upstream.free:
        return FREE
    if upstream.provider is not None:
        return upstream.provider
    return PROVIDER_OF_KIND[upstream.kind] or provider_of_url(upstream.base_url)


def http_client(config: Config, timeout_s: float) -> UpstreamClient:
    """What carries requests to providers."""
    if config.http_client == "builtin":
        return HttpClient(timeout_s)
    try:
        from wellspent.gateway.aiohttp_client import AiohttpClient
    except ImportError:
        raise ConfigError('http_client is "aiohttp", which is not installed', fix="pip install 'wellspent[aiohttp]'") from None
    return AiohttpClient(timeout_s)


def provider(upstream: UpstreamConfig, env: Mapping[str, str], client: UpstreamClient) -> Provider:
    """An upstream with its key and its connections."""
    cap_field = upstream.output_cap_field or ("max_tokens" if upstream.kind == "openai-compatible" else "max_completion_tokens")
    return Provider(
        name=upstream.name,
        kind=upstream.kind,
        base_url=upstream.base_url.rstrip("/"),
        key=env.get(upstream.api_key_env, "") if upstream.api_key_env else "",
        client=client,
        api_version=upstream.api_version,
        cap_field=cap_field,
    )


def first_key(settings: Settings, org: str) -> str:
    """On an empty installation, one key to begin with; its secret, shown once. Else ""."""
    if settings.keys():
        return ""
    secret, _ = settings.create_key("first", org=org)
    return secret


async def run(running: Running, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; open calls get ``limits.STOP_S_MAX`` to finish. Raises ConfigError where the address cannot be had,
    JournalFull where entries could not be written at the end."""
    config = running.config
    loop = asyncio.get_running_loop()
    server = HttpServer(running.gateway)
    try:
        port = await server.listen(config.host, config.port)
    except OSError as error:
        running.ledger.close()
        raise _unlistened(config, error) from None
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    chores = [loop.create_task(_reload(running.rulebook))]
    if config.sealing == "daily":
        chores.append(loop.create_task(_seal(config)))
    if config.measure_repositories == "daily" and config.repositories:
        chores.append(loop.create_task(_measure(config)))
    gc.freeze()  # what is built now lives as long as the process: the collector need not look at it again
    on_ready(f"http://{_in_url(config.host)}:{port}")
    await stop.wait()
    for chore in chores:
        chore.cancel()
    deadline = loop.time() + limits.STOP_S_MAX
    while running.pipeline.open_calls and loop.time() < deadline:
        await asyncio.sleep(0.05)
    await server.stop()
    running.asking.close()
    running.ledger.close()


def check_address(config: Config) -> None:
    """Raises ConfigError where the address cannot be listened on: for who has long work to do before it listens."""
    with socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise _unlistened(config, error) from None


def _unlistened(config: Config, error: OSError) -> ConfigError:
    where = f"port {config.port} on {config.host}"
    if error.errno == errno.EADDRINUSE:
        return ConfigError(f"{where} is in use", fix="stop the other program, or set --port")
    return ConfigError(f"{where} cannot be listened on: {error.strerror or error}", fix="set another --host or --port")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _reload(rulebook: Rulebook) -> None:
    while True:
        await asyncio.sleep(limits.SETTINGS_POLL_S)
        rulebook.reload()


async def _seal(config: Config) -> None:
    """Seal closed days in a process of its own: Parquet would double the gateway's memory."""
    sealed_until = 0
    while True:
        today = (SystemClock().now_ms() - limits.SEAL_AFTER_MS) // 86_400_000
        if today > sealed_until:
            command = (sys.executable, "-m", "wellspent", "ledger", "seal", "--data-dir", str(config.data_dir))
            sealing = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
            _, said = await sealing.communicate()
            if sealing.returncode == 0:
                sealed_until = today
            else:
                print(f"days could not be sealed: {said.decode(errors='replace').strip()}", file=sys.stderr, flush=True)
        await asyncio.sleep(limits.SEAL_CHECK_S)


async def _measure(config: Config) -> None:
    """Measure the configured repositories once a day, in a process of its own that gives way to calls: it can take minutes and a core."""
    command = (sys.executable, "-m", "wellspent", "durability", "--data-dir", str(config.data_dir), "--config", config.origins["repositories"])
    tried_ms = 0
    while True:
        now_ms = SystemClock().now_ms()
        if made_ms(config.data_dir) + limits.MEASURE_EVERY_MS <= now_ms and tried_ms + limits.MEASURE_AGAIN_MS <= now_ms:
            tried_ms = now_ms
            measuring = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, preexec_fn=lambda: os.nice(NICE)
            )
            try:
                _, said = await measuring.communicate()
            except asyncio.CancelledError:
                measuring.kill()
                raise
            if measuring.returncode:
                print(f"repositories could not all be measured: {said.decode(errors='replace').strip()}", file=sys.stderr, flush=True)
        await asyncio.sleep(limits.MEASURE_CHECK_S)


def serve(config: Config) -> None:
    """``wellspent serve``: build, tell what to paste, serve."""
    import uvloop

    async def main() -> None:
        running = build(config, os.environ, SystemClock())
        await run(running, lambda address: print(paste(address, running.first_secret), file=sys.stderr, flush=True))

    uvloop.run(main())


def paste(address: str, secret: str) -> str:
    """What to paste where, for the clients most people use."""
    key = secret or "$WELLSPENT_KEY"
    intro = "This key is shown once:" if secret else "Use a key of yours, or make one: wellspent keys create NAME"
    return f"""wellspent is serving at {address}

{intro}
  export WELLSPENT_KEY={key if secret else "ws-…"}

OpenAI SDK
  export OPENAI_BASE_URL={address}/v1 OPENAI_API_KEY={key}
Anthropic SDK
  export ANTHROPIC_BASE_URL={address} ANTHROPIC_API_KEY={key}
Claude Code
  export ANTHROPIC_BASE_URL={address} ANTHROPIC_AUTH_TOKEN={key}
Codex (~/.codex/config.toml; then: export WELLSPENT_KEY={key})
  model_provider = "wellspent"
  [model_providers.wellspent]
  name = "wellspent"
  base_url = "{address}/v1"
  env_key = "WELLSPENT_KEY"
  wire_api = "responses"
Gemini SDK and CLI
  export GOOGLE_GEMINI_BASE_URL={address} GEMINI_API_KEY={key}

Overview: {address}/
"""


def data_paths(config: Config) -> tuple[Path, Path]:
    """The journal and the settings of a data folder."""
    return config.data_dir / JOURNAL, config.data_dir / SETTINGS
