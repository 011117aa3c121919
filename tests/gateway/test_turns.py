import json
from typing import Any

from wellspent import limits
from wellspent.facts.entry import Amounts, Settled
from wellspent.facts.usage import Quality, Usage
from wellspent.gateway.turns import Turns


def entry(nanousd: int, quality: Quality = Quality.EXACT) -> Settled:
    return Settled("ws_1", 0, Amounts(nanousd, 10, 1), quality, Usage(), model="gpt-5", ref="resp_1")


def cost(turns: Turns, *turn_ids: str) -> list[dict[str, Any]]:
    found: Any = turns.costs("laptop", turn_ids)["turns"]
    return list(found)


def metadata(turn_id: object) -> bytes:
    return json.dumps({"turn_id": turn_id}).encode()


def test_a_turns_calls_add_up_for_its_own_key() -> None:
    turns = Turns()
    turns.remember("laptop", metadata("t"), entry(1_500))
    turns.remember("laptop", metadata("t"), entry(2_000_000_000))
    [told] = cost(turns, "t")
    assert told["status"] == "priced"
    assert (told["total_usd"], told["event_count"], len(told["responses"])) == ("2.000001500", 2, 2)
    assert turns.costs("other", ["t", 5]) == {"turns": [{"turn_id": "t", "status": "pending"}]}


def test_a_turn_with_an_unknown_price_is_pending_not_free() -> None:
    turns = Turns()
    turns.remember("laptop", metadata("t"), entry(1_500))
    turns.remember("laptop", metadata("t"), entry(0, Quality.UNPRICED))
    assert turns.costs("laptop", ["t"]) == {"turns": [{"turn_id": "t", "status": "pending"}]}


def test_a_turn_too_long_to_remember_is_pending() -> None:
    turns = Turns()
    for _ in range(limits.TURN_CALLS_MAX + 1):
        turns.remember("laptop", metadata("t"), entry(1))
    assert turns.costs("laptop", ["t"]) == {"turns": [{"turn_id": "t", "status": "pending"}]}


def test_the_oldest_turns_are_forgotten() -> None:
    turns = Turns()
    for number in range(limits.TURNS_MAX + 1):
        turns.remember("laptop", metadata(f"t{number}"), entry(1))
    assert [turn["status"] for turn in cost(turns, "t0", "t1")] == ["pending", "priced"]


def test_what_names_no_turn_is_left_out() -> None:
    turns = Turns()
    for said in (b"", b"{", b"[]", b"{}", metadata(5), metadata(""), metadata("x" * 1_000)):
        turns.remember("laptop", said, entry(1))
    assert turns.costs("laptop", ["", "x" * 1_000]) == {
        "turns": [{"turn_id": "", "status": "pending"}, {"turn_id": "x" * 1_000, "status": "pending"}]
    }
