"""The price book: immutable, versioned, dated list prices of every model that genai-prices knows.

Old values are never edited: a new version is a new file, and every entry names the version it was rated with.
"""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from importlib import resources
from typing import Any

import orjson
from msgspec import Struct

BUNDLED = "genai-prices-0.2.3"
SEARCHED = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "groq", "together", "fireworks", "openrouter")
# Providers that resell others' models: whose prices are looked at when their own list has none (genai-prices: fallback_model_providers).
FALLBACKS = {"azure": ("azure", "openai", "anthropic", "deepseek", "x-ai", "moonshotai"), "google": ("google", "anthropic")}
LONG_CONTEXT_TOKENS = 1_000_000  # Anthropic, Context windows: the long window of models whose usual one is 200,000
COMPACT_DATE = re.compile(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


class Listed(Struct, frozen=True):
    """A model's list prices as of a moment.

    Attributes:
        id: The model's id in the book.
        rates: For each price key of genai-prices ``(base, (start, rate), …)`` as exact decimal text; a tier applies to the whole
            call once its prompt is larger than ``start`` tokens.
        variants: The same for service tiers ("priority", "flex", "batch", "fast"), only the keys that differ.
        context_window_tokens: The largest prompt in tokens, where known.
    """

    id: str
    provider: str
    rates: dict[str, list[Any]]
    variants: dict[str, dict[str, list[Any]]]
    context_window_tokens: int | None


class PriceBook:
    """All list prices of one version."""

    def __init__(self, version: str, providers: dict[str, list[dict[str, Any]]]) -> None:
        self.version = version
        self._providers = providers

    @classmethod
    def bundled(cls) -> "PriceBook":
        """The version shipped with the package; about 15 ms."""
        raw = resources.files("wellspent.pricing").joinpath("data", f"{BUNDLED}.json.gz").read_bytes()
        content = orjson.loads(gzip.decompress(raw))
        return cls(content["version"], content["providers"])

    @property
    def providers(self) -> tuple[str, ...]:
        """Ids of all providers."""
        return tuple(self._providers)

    def find(self, provider: str, model: str, at_ms: int) -> Listed | None:
        """A model's list prices at a moment.

        Args:
            provider: A genai-prices provider id; "" takes the one that a name begins with (``openai/gpt-5``), else searches the well-known.
            model: As written in a request: dated names, ``models/`` and ``[1m]`` are understood.
        """
        name = normal(model)
        prefix, slash, rest = name.partition("/")
        if not provider and slash and prefix in self._providers:
            listed = self.find(prefix, rest, at_ms)
            if listed is not None:
                return listed
        found = self._entry(provider, name) or self._entry(provider, COMPACT_DATE.sub(r"-\1-\2-\3", name))
        return _listed(*found, at_ms) if found is not None else None

    def changes_within_days(self, provider: str, model: str) -> bool:
        """Whether a model's price depends on the time of day."""
        found = self._entry(provider, normal(model)) if provider else None
        dated = [each["when"] for each in (*found[1]["prices"], *found[1]["variants"])] if found is not None else []
        return found is None or any(when is not None and "start" in when for when in dated)

    def models(self, provider: str) -> Iterator[str]:
        """Ids of a provider's own models."""
        yield from (entry["id"] for entry in self._providers.get(provider, ()))

    def _entry(self, provider: str, name: str) -> tuple[str, dict[str, Any]] | None:
        for candidate in FALLBACKS.get(provider, (provider,)) if provider else SEARCHED:
            for entry in self._providers.get(candidate, ()):
                if matches(entry["match"], name):
                    return candidate, entry
        return None


def normal(model: str) -> str:
    """A model's name as the book's patterns expect it."""
    return model.lower().removeprefix("models/").removesuffix("[1m]")


def matches(clause: list[Any], name: str) -> bool:
    """Whether a matching rule of the book takes a name."""
    kind, *values = clause
    if kind == "or":
        return any(matches(each, name) for each in values)
    if kind == "and":
        return all(matches(each, name) for each in values)
    value = values[0]
    if kind == "regex":
        return re.search(value, name) is not None
    lowered = value.lower()
    if kind == "equals":
        return bool(name == lowered)
    if kind == "contains":
        return lowered in name
    return name.startswith(lowered) if kind == "starts_with" else name.endswith(lowered)


def active(when: dict[str, str] | None, at_ms: int) -> bool:
    """Whether a dated condition holds at a moment (UTC)."""
    if when is None:
        return True
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    if "from" in when:
        return at.date() >= date.fromisoformat(when["from"])
    start, end = (_utc(time.fromisoformat(when[name])) for name in ("start", "end"))
    now = at.timetz()
    return now >= start or now < end if end < start else start <= now < end


def _utc(value: time) -> time:
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return datetime.combine(date(1970, 1, 1), value).astimezone(UTC).timetz()


def _listed(provider: str, entry: dict[str, Any], at_ms: int) -> Listed:
    standard: dict[str, list[Any]] = next((priced["rates"] for priced in reversed(entry["prices"]) if active(priced["when"], at_ms)), {})
    variants: dict[str, dict[str, list[Any]]] = {}
    for variant in entry["variants"]:
        tier = _tier(variant["for"])
        if tier and active(variant["when"], at_ms):
            kept = variants.setdefault(tier, {})
            for key, value in variant["rates"].items():
                kept.setdefault(key, value)
    return Listed(entry["id"], provider, standard, variants, _window(entry["context"], standard))


def _window(tokens: int | None, rates: dict[str, list[Any]]) -> int | None:
    """The largest prompt. A window that ends where a long-context price begins is not the largest."""
    begins = max((start for _, *steps in rates.values() for start, _ in steps), default=0)
    return LONG_CONTEXT_TOKENS if tokens is not None and 0 < tokens <= begins else tokens


def _tier(condition: dict[str, str]) -> str:
    """The service tier that a variant is for; "" for conditions a call does not name (regions, search types)."""
    (key, value), *others = condition.items()
    return value if key in ("service_tier", "processing", "speed") and not others else ""
