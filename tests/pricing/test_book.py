from datetime import UTC, datetime, time
from importlib.metadata import version
from typing import Any

import pytest

from wellspent.pricing.book import BUNDLED, FALLBACKS, SEARCHED, PriceBook, active, matches
from wellspent.pricing.pricelist import STEP_MS

NOW_MS = 1_795_000_000_000  # 2026-11-18


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_the_book_is_of_the_pinned_package(book: PriceBook) -> None:
    assert book.version == BUNDLED == f"genai-prices-{version('genai-prices')}"


def test_every_provider_that_is_searched_exists(book: PriceBook) -> None:
    named = {*SEARCHED, *FALLBACKS, *(each for lists in FALLBACKS.values() for each in lists)}
    assert named <= set(book.providers)


@pytest.mark.parametrize(
    ("provider", "model", "found"),
    [
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-opus-4-8[1m]", "anthropic/claude-opus-4-8"),
        ("google", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("openai", "GPT-5", "openai/gpt-5"),
        ("openai", "gpt-5.2-20251211", "openai/gpt-5.2"),
        ("azure", "gpt-5", "openai/gpt-5"),
        ("azure", "claude-opus-4-8", "anthropic/claude-opus-4-8"),
        ("", "gpt-5", "openai/gpt-5"),
        ("", "anthropic/claude-opus-4.8", "anthropic/claude-opus-4-8"),
        ("openrouter", "anthropic/claude-opus-4.8", "openrouter/anthropic/claude-opus-4.8"),
        ("", "meta-llama/llama-3.3-70b-instruct", "openrouter/meta-llama/llama-3.3-70b-instruct"),
        ("", "openai/meta-llama/llama-3.3-70b-instruct", None),
        ("", "anthropic/claude-fable-5-2-20261101", "anthropic/claude-fable-5-2"),
        ("", "cerebras/gpt-oss-120b", "cerebras/gpt-oss-120b"),
        ("", "nobody/gpt-5", None),
        ("openai", "openai/gpt-5", None),
        ("openai", "claude-opus-4-8", None),
        ("", "my-own-model", None),
    ],
)
def test_names_as_requests_write_them(book: PriceBook, provider: str, model: str, found: str | None) -> None:
    listed = book.find(provider, model, NOW_MS)
    assert (listed and f"{listed.provider}/{listed.id}") == found


@pytest.mark.parametrize(
    ("clause", "takes", "refuses"),
    [
        (["equals", "GPT-5"], "gpt-5", "gpt-5-mini"),
        (["starts_with", "gpt-"], "gpt-5", "o3"),
        (["ends_with", "-latest"], "x-latest", "latest-x"),
        (["contains", "sonnet"], "claude-sonnet-4", "claude-opus"),
        (["regex", "^o[34]$"], "o3", "o3-mini"),
        (["or", ["equals", "a"], ["equals", "b"]], "b", "c"),
        (["and", ["starts_with", "a"], ["ends_with", "z"]], "abz", "ab"),
    ],
)
def test_matching_rules(clause: list[Any], takes: str, refuses: str) -> None:
    assert matches(clause, takes)
    assert not matches(clause, refuses)


@pytest.mark.parametrize(
    ("when", "at", "holds"),
    [
        (None, "2020-01-01", True),
        ({"from": "2026-03-13"}, "2026-03-12T23:59:59.999", False),
        ({"from": "2026-03-13"}, "2026-03-13T00:00", True),
        ({"start": "06:00:00+00:00", "end": "10:00:00+00:00"}, "2026-03-13T06:00", True),
        ({"start": "06:00:00+00:00", "end": "10:00:00+00:00"}, "2026-03-13T10:00", False),
        ({"start": "22:30:00", "end": "01:00:00"}, "2026-03-13T22:30", True),
        ({"start": "22:30:00", "end": "01:00:00"}, "2026-03-13T00:59", True),
        ({"start": "22:30:00", "end": "01:00:00"}, "2026-03-13T01:00", False),
        ({"start": "06:00:00+08:00", "end": "08:00:00+08:00"}, "2026-03-13T23:00", True),
        ({"start": "06:00:00+08:00", "end": "08:00:00+08:00"}, "2026-03-13T06:30", False),
    ],
)
def test_dated_conditions_are_in_utc(when: dict[str, str] | None, at: str, holds: bool) -> None:
    assert active(when, ms(at)) is holds


def test_prices_change_on_whole_steps_of_the_price_list(book: PriceBook) -> None:
    edges = {
        time.fromisoformat(priced["when"][edge])
        for models in book._providers.values()
        for entry in models
        for priced in (*entry["prices"], *entry["variants"])
        if priced["when"] and "start" in priced["when"]
        for edge in ("start", "end")
    }
    assert time(0, 30, tzinfo=UTC) in edges
    assert all((edge.hour * 3600 + edge.minute * 60 + edge.second) * 1000 % STEP_MS == 0 and not edge.microsecond for edge in edges)


def test_every_model_has_a_price_from_the_beginning_and_the_last_that_holds_counts(book: PriceBook) -> None:
    for models in book._providers.values():
        assert all(entry["prices"][0]["when"] is None for entry in models)


def test_a_dated_change_keeps_the_past(book: PriceBook) -> None:
    before, after = (book.find("openai", "o3", ms(day)) for day in ("2025-06-09", "2025-06-10"))
    assert before is not None and after is not None
    assert (before.rates["input_mtok"], after.rates["input_mtok"]) == (["10"], ["2"])


def test_a_window_that_ends_where_the_long_context_price_begins_is_not_the_largest_prompt(book: PriceBook) -> None:
    for name, window in (("claude-sonnet-4-5", 1_000_000), ("claude-haiku-4-5", 200_000), ("gpt-5.4", 1_050_000), ("gemini-2.5-pro", None)):
        listed = book.find("google" if name.startswith("gem") else "", name, NOW_MS)
        assert listed is not None
        assert listed.context_window_tokens == window


def test_models_of_a_provider_are_its_own(book: PriceBook) -> None:
    assert "gpt-5" in set(book.models("openai"))
    assert "gpt-5" not in set(book.models("azure"))
    assert list(book.models("nobody")) == []
