import re

import msgspec
import pytest

from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.call import new_call_id
from wellspent.facts.clock import ManualClock, SystemClock
from wellspent.facts.entry import Amounts, ChargeLine, Entry, Opened, Reserved, Settled
from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.facts.usage import UNITS, Quality, Usage


def test_units_are_the_fields_of_usage() -> None:
    assert (*UNITS, "service_tier") == Usage.__struct_fields__


def test_quantities_are_those_that_are_not_zero() -> None:
    usage = Usage(input_tokens=3, output_tokens=4, cache_read_tokens=5, output_reasoning_tokens=6, web_searches=2)
    assert dict(usage.quantities()) == {
        "input_tokens": 3,
        "cache_read_tokens": 5,
        "output_tokens": 4,
        "output_reasoning_tokens": 6,
        "web_searches": 2,
    }
    assert (usage.context_tokens, usage.answer_tokens, usage.total_tokens) == (8, 10, 18)


@pytest.mark.parametrize("text", ["team:core", "tag:customer=acme", "run:*", "key:laptop"])
def test_scopes_read_back(text: str) -> None:
    assert str(Scope.parse(text)) == text


@pytest.mark.parametrize("text", ["core", "team:", ":core", "planet:earth", "model:gpt-5", "tag:customer"])
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Scope.parse(text)


def test_a_call_is_charged_to_every_scope_it_names_widest_first() -> None:
    attribution = Attribution(org="acme", team="core", key="laptop", run="r1", tags=(("customer", "zoo"),))
    assert [str(scope) for scope in attribution.scopes()] == ["org:acme", "team:core", "key:laptop", "run:r1", "tag:customer=zoo"]


def test_entries_survive_the_wire_to_the_journal() -> None:
    line = ChargeLine("input_tokens", 1404, "3", 1_000_000, 4_212_000)
    entry = Settled("ws_1", 1, Amounts(4_212_000, 1404, 1), Quality.EXACT, Usage(input_tokens=1404), (line,))
    held = Reserved("ws_1", 0, Attribution(org="acme"), "openai-chat", "gpt-5", "gpt-5", Amounts(5, 5, 1))
    opened = Opened("b@2026-11", 2, Amounts(5, 5, 1))
    for each in (entry, held, opened):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=Entry) == each
    assert opened.call_id == ""


def test_amounts_add_up_measure_by_measure() -> None:
    assert Amounts(1, 2, 3).plus(Amounts(10, 20, 30)) == Amounts(11, 22, 33)


def test_call_ids_are_unique_and_sort_by_time() -> None:
    ids = [new_call_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(re.fullmatch("ws_[0-9a-hjkmnp-tv-z]{26}", call_id) for call_id in ids)
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)


def test_a_manual_clock_stands_still_until_turned() -> None:
    clock = ManualClock(10)
    clock.advance_ms(-3)
    assert clock.now_ms() == 7
    assert SystemClock().now_ms() > 1_700_000_000_000


def test_errors_say_what_to_do() -> None:
    assert str(WellspentError("it broke", fix="mend it")) == "it broke; mend it"
    assert str(WellspentError("it broke")) == "it broke"
