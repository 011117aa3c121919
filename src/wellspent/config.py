"""wellspent.toml + WELLSPENT_* -> Config, remembering where each value came from.

Precedence: command-line flag > environment > file > default. Provider keys are read from the environment only (a setting names the
variable), so that the file can be committed.
"""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.budgets.window import Calendar, checked_calendar
from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.facts.money import to_nanousd

SENDER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("openai", "anthropic", "gemini", "azure", "openai-compatible")
DEFAULT_UPSTREAMS = (
    ("openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    ("anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    ("gemini", "gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"),
)
PROVIDER_OF_KIND = {"openai": "openai", "anthropic": "anthropic", "gemini": "google", "azure": "azure", "openai-compatible": ""}


class UpstreamConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """One provider endpoint.

    Attributes:
        name: What receipts call it.
        kind: One of ``KINDS``: which wires it speaks and how it takes its key.
        base_url: Up to and with ``/v1`` for openai and openai-compatible; the host for anthropic and gemini; the resource for azure.
        api_key_env: The environment variable with the operator's key; "" for none (a local model, or callers bring theirs).
        models: Patterns of the models it serves (``gpt-*``); empty means all models of its wires.
        provider: Whose prices apply (a genai-prices provider id); by default from the kind, or the host of an openai-compatible one.
        api_version: Azure only: the dated API; "" uses the v1 API.
        output_cap_field: Chat only: the field an injected cap goes in.
        timeout_s: How long it may stay silent.
        free: True for a model that costs nothing per token (your own hardware): priced at zero, not unpriced.
    """

    name: str
    kind: str
    base_url: str
    api_key_env: str = ""
    models: tuple[str, ...] = ()
    provider: str | None = None
    api_version: str = ""
    output_cap_field: str = ""
    timeout_s: float = 600.0
    free: bool = False


class RouteConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Which upstreams answer for a model, in order.

    Attributes:
        model: A pattern (``claude-*``).
        attempts: ``"upstream"`` or ``"upstream:model"``, tried in order.
    """

    model: str
    attempts: tuple[str, ...]


class OutcomeSourceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who may send outcomes to ``POST /api/v1/outcomes/NAME``.

    Attributes:
        name: A sender whose webhooks are understood (``github``, ``zendesk`` …), or a system of your own, which sends CloudEvents.
        secret_env: The environment variable with the secret that its requests are signed with.
        currency: Of amounts whose sender does not say theirs (Salesforce with one currency): three capital letters; "" is unknown.
    """

    name: str
    secret_env: str
    currency: str = ""


class RepositoryConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """A git repository whose code is paid for.

    Attributes:
        name: What it is called in reports.
        path: A folder of it; relative to the configuration file's folder.
        ref: The branch that counts.
        team: Whose it is, "" where it is of several.
    """

    name: str
    path: str
    ref: str = "HEAD"
    team: str = ""


class ReworkConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """What hours of people and of waiting cost, and which hours are work. The table ``[rework]``.

    Attributes:
        review_usd_per_hour: Of a person who reviews, from low to high; empty is unknown.
        delay_usd_per_hour: Of a change that waits, from low to high; empty is unknown, and delay is hours alone.
        workdays: Of ``WORKDAYS``; empty with ``workhours`` is Monday to Friday.
        workhours: From and to, ``"09:00"``; empty with ``workdays`` is the whole day. Both empty: working hours are unknown.
        machines: Patterns of accounts that are no people (``renovate*``), besides those that say so.
    """

    review_usd_per_hour: tuple[float, ...] = ()
    delay_usd_per_hour: tuple[float, ...] = ()
    workdays: tuple[str, ...] = ()
    workhours: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()

    def rate_nanousd(self, name: str) -> tuple[int, int] | None:
        """One of the two rates; None is unknown. Raises ConfigError."""
        said = getattr(self, name)
        if not said:
            return None
        if len(said) != 2 or not all(0 <= each <= limits.PRICE_USD_MAX for each in said) or said[0] > said[1]:
            fix = f"give the lowest and the highest dollars an hour, like [80, 140], up to {limits.PRICE_USD_MAX:,}"
            raise ConfigError(f"rework.{name} is {list(said)}", fix=fix)
        low, high = (to_nanousd(Decimal(str(each))) for each in said)
        return low, high

    def workweek(self) -> tuple[frozenset[int], int, int] | None:
        """Days (0 is Monday), and the minutes of a day from and to which is worked; None is unknown. Raises ConfigError."""
        if not self.workdays and not self.workhours:
            return None
        days = self.workdays or WORKDAYS[:5]
        if not set(days) <= set(WORKDAYS):
            raise ConfigError(f"rework.workdays is {list(days)}", fix=f"use {', '.join(WORKDAYS)}")
        found = [CLOCK.fullmatch(text) for text in self.workhours or ("00:00", "24:00")]
        minutes = [int(each[1]) * 60 + int(each[2]) for each in found if each]
        if len(found) != 2 or len(minutes) != 2 or not minutes[0] < minutes[1] <= 24 * 60:
            raise ConfigError(f"rework.workhours is {list(self.workhours)}", fix='write from and to within one day, like ["09:00", "17:30"]')
        return frozenset(map(WORKDAYS.index, days)), minutes[0], minutes[1]


class Config(Struct, frozen=True):
    """Everything the product can be told before it starts. Each attribute is a heading in docs/configuration.md."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8787
    public_url: str = ""
    org: str = "default"
    timezone: str = "UTC"
    fiscal_year_start_month: int = 1
    week_starts_on: int = 0
    durability: str = "process"
    on_client_leave: str = "cancel"
    unmetered_paths: str = "refuse"
    unpriced_models: str = "refuse-under-budget"
    unbounded_requests: str = "refuse-under-budget"
    own_provider_keys: str = "with-wellspent-key"
    output_tokens_default: int = 32_000
    contact: str = ""
    alert_url: str = ""
    pages: str = "loopback"
    sealing: str = "daily"
    measure_repositories: str = "daily"
    http_client: str = "builtin"
    demo: bool = False
    upstreams: tuple[UpstreamConfig, ...] = ()
    routes: tuple[RouteConfig, ...] = ()
    terms: tuple[dict[str, Any], ...] = ()
    contracts: tuple[dict[str, Any], ...] = ()
    experiments: tuple[dict[str, Any], ...] = ()
    comparisons: tuple[dict[str, Any], ...] = ()
    outcome_sources: tuple[OutcomeSourceConfig, ...] = ()
    repositories: tuple[RepositoryConfig, ...] = ()
    rework: ReworkConfig = ReworkConfig()
    origins: dict[str, str] = {}


CHOICES = {
    "durability": ("process", "power"),
    "on_client_leave": ("cancel", "drain"),
    "unmetered_paths": ("refuse", "pass"),
    "unpriced_models": ("refuse-under-budget", "pass"),
    "unbounded_requests": ("refuse-under-budget", "pass"),
    "own_provider_keys": ("refuse", "with-wellspent-key", "alone"),
    "pages": ("loopback", "open", "off"),
    "sealing": ("daily", "off"),
    "measure_repositories": ("daily", "off"),
    "http_client": ("builtin", "aiohttp"),
}
OTHER_VARIABLES = ("WELLSPENT_CONFIG", "WELLSPENT_KEY")
LISTS = {
    "upstream": "upstreams",
    "route": "routes",
    "terms": "terms",
    "contract": "contracts",
    "experiment": "experiments",
    "comparison": "comparisons",
    "outcome_source": "outcome_sources",
    "repository": "repositories",
}
TABLES = ("rework",)
SCALARS = tuple(name for name in Config.__struct_fields__ if name not in (*LISTS.values(), *TABLES, "origins"))


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Where facts are kept when nobody says: ``$XDG_DATA_HOME/wellspent``, else ``~/.local/share/wellspent``."""
    base = env.get("XDG_DATA_HOME")
    return (Path(base) if base else Path(env.get("HOME", "~")).expanduser() / ".local" / "share") / "wellspent"


def load_config(path: Path | None = None, env: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None) -> Config:
    """Read the configuration.

    Args:
        path: The file; None takes ``$WELLSPENT_CONFIG``, else ``./wellspent.toml`` where it exists.
        env: The environment; None is this process's.
        flags: Values given on the command line, by setting name.

    Raises ConfigError that names the setting, where it came from, and what is accepted.
    """
    env = os.environ if env is None else env
    values: dict[str, Any] = {"data_dir": default_data_dir(env)}
    origins = dict.fromkeys(SCALARS, "default")
    _apply_file(_config_path(path, env), values, origins)
    for name in SCALARS:
        variable = f"WELLSPENT_{name.upper()}"
        if env.get(variable):
            values[name], origins[name] = env[variable], variable
    for name, value in (flags or {}).items():
        if value is not None:
            values[name], origins[name] = value, "command line"
    if "upstreams" not in values:
        values["upstreams"] = default_upstreams(env)
    config = _convert(values, origins)
    _check(config)
    _check_variables(env, config)
    return config


def default_upstreams(env: Mapping[str, str]) -> tuple[UpstreamConfig, ...]:
    """The three providers at their public addresses, with the keys in their SDKs' own variables."""
    found = []
    for name, kind, base_url, key_env in DEFAULT_UPSTREAMS:
        if kind == "gemini" and not env.get(key_env) and env.get("GOOGLE_API_KEY"):
            key_env = "GOOGLE_API_KEY"
        found.append(UpstreamConfig(name, kind, base_url, key_env))
    return tuple(found)


def _config_path(path: Path | None, env: Mapping[str, str]) -> Path | None:
    if path is None and env.get("WELLSPENT_CONFIG"):
        path = Path(env["WELLSPENT_CONFIG"])
    if path is not None:
        if not path.is_file():
            raise ConfigError(f"there is no configuration file {path}", fix="check --config or WELLSPENT_CONFIG")
        return path
    here = Path("wellspent.toml")
    return here if here.is_file() else None


def _apply_file(path: Path | None, values: dict[str, Any], origins: dict[str, str]) -> None:
    if path is None:
        return
    import tomllib  # most folders have no file, and a report is quicker without

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}", fix="mend that line") from None
    for name, value in content.items():
        if name in LISTS:
            values[LISTS[name]], origins[LISTS[name]] = value, str(path)
        elif name in TABLES:
            values[name] = value
        elif name in SCALARS:
            values[name], origins[name] = value, str(path)
        else:
            known = ", ".join((*SCALARS, *(f"[{key}]" for key in TABLES), *(f"[[{key}]]" for key in LISTS)))
            raise ConfigError(f"{path} has an unknown setting {name!r}", fix=f"known settings: {known}")
    for each in values.get("repositories", ()):
        if isinstance(each, dict) and isinstance(each.get("path"), str):
            each["path"] = str((path.parent / Path(each["path"]).expanduser()).resolve())
    if isinstance(content.get("data_dir"), str):
        values["data_dir"] = str((path.parent / Path(content["data_dir"]).expanduser()).resolve())


def _convert(values: dict[str, Any], origins: dict[str, str]) -> Config:
    try:
        plain = msgspec.to_builtins({**values, "origins": origins}, enc_hook=str)
        return msgspec.convert(plain, Config, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise ConfigError(f"a setting has the wrong type: {error}", fix="see docs/configuration.md") from None


def _decode_path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise ValueError(f"data_dir is {value!r}, which is no path")


def _check_variables(env: Mapping[str, str], config: Config) -> None:
    """A misspelt variable must not go unseen: it may be the one that was to keep money safe."""
    known = {*OTHER_VARIABLES, *(f"WELLSPENT_{name.upper()}" for name in SCALARS), *(each.api_key_env for each in config.upstreams)}
    known |= {each.secret_env for each in config.outcome_sources}
    for name in env:
        if name.startswith("WELLSPENT_") and name not in known:
            from difflib import get_close_matches  # only for a mistake: its import takes milliseconds

            near = get_close_matches(name, known, 1)
            raise ConfigError(f"{name} is no setting", fix=f"did you mean {near[0]}?" if near else "see docs/configuration.md")


def _check(config: Config) -> None:
    for name, accepted in CHOICES.items():
        value = getattr(config, name)
        if value not in accepted:
            raise ConfigError(f"{name} is {value!r} ({config.origins[name]})", fix=f"use one of {', '.join(accepted)}")
    if config.alert_url and not config.alert_url.startswith(("http://", "https://")):
        raise ConfigError(f"alert_url is {config.alert_url!r} ({config.origins['alert_url']})", fix="start it with http:// or https://")
    if not 0 <= config.port <= 65535:
        raise ConfigError(f"port is {config.port} ({config.origins['port']})", fix="use a port from 1 to 65535, or 0 for any free one")
    if not 1 <= config.output_tokens_default <= limits.CALL_TOKENS_MAX:
        told = f"output_tokens_default is {config.output_tokens_default} ({config.origins['output_tokens_default']})"
        raise ConfigError(told, fix=f"use a number of tokens from 1 to {limits.CALL_TOKENS_MAX:,}")
    try:
        checked_calendar(Calendar(config.timezone, config.fiscal_year_start_month, config.week_starts_on))
    except InvalidInput as error:
        raise ConfigError(error.args[0], fix=error.fix) from None
    for rate in ("review_usd_per_hour", "delay_usd_per_hour"):
        config.rework.rate_nanousd(rate)
    config.rework.workweek()
    senders = [source.name for source in config.outcome_sources]
    for sender in senders:
        if not SENDER.fullmatch(sender) or senders.count(sender) > 1:
            what = "is there twice" if senders.count(sender) > 1 else "cannot be a path"
            raise ConfigError(f"outcome_source {sender!r} {what}", fix="name each once, in small letters, figures and dashes")
    for source in config.outcome_sources:
        if source.currency and not re.fullmatch(r"[A-Z]{3}", source.currency):
            raise ConfigError(f"outcome_source {source.name!r} has currency {source.currency!r}", fix="write three capital letters, like USD")
    called = [repository.name for repository in config.repositories]
    for name in called:
        if not name.strip() or called.count(name) > 1:
            what = f"two repositories are called {name!r}" if name.strip() else "a repository has no name"
            raise ConfigError(what, fix="give each [[repository]] its own name, like acme/app")
    names = [upstream.name for upstream in config.upstreams]
    for upstream in config.upstreams:
        if upstream.kind not in KINDS:
            raise ConfigError(f"upstream {upstream.name!r} has kind {upstream.kind!r}", fix=f"use one of {', '.join(KINDS)}")
        if not upstream.base_url.startswith(("http://", "https://")):
            raise ConfigError(f"upstream {upstream.name!r} has base_url {upstream.base_url!r}", fix="start it with http:// or https://")
        if not 0 < upstream.timeout_s <= limits.UPSTREAM_TIMEOUT_S_MAX:
            told = f"upstream {upstream.name!r} has timeout_s {upstream.timeout_s:g}"
            raise ConfigError(told, fix=f"use seconds above 0, at most {limits.UPSTREAM_TIMEOUT_S_MAX:g}")
        if names.count(upstream.name) > 1:
            raise ConfigError(f"two upstreams are called {upstream.name!r}", fix="give each its own name")
    for route in config.routes:
        for attempt in route.attempts:
            if attempt.partition(":")[0] not in names:
                raise ConfigError(f"route {route.model!r} names no known upstream: {attempt!r}", fix=f"use one of {', '.join(names)}")
