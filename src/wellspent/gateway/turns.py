"""What turns of Codex cost: it posts ids of turns and reads back their price (see docs/clients.md)."""

from collections import OrderedDict
from collections.abc import Sequence

import orjson
from msgspec import Struct

from wellspent import limits
from wellspent.facts.entry import Settled
from wellspent.facts.money import exact_usd
from wellspent.facts.usage import Quality


class TurnCall(Struct, frozen=True):
    """One settled call of a turn; only what is asked for, so that many turns fit in memory."""

    ref: str
    model: str
    nanousd: int
    priced: bool


class Turns:
    """The last turns' settled calls, in memory: a convenience for a person's screen, not a record. Each key sees its own turns alone."""

    def __init__(self) -> None:
        self._calls: OrderedDict[tuple[str, str], list[TurnCall]] = OrderedDict()

    def remember(self, key: str, metadata: bytes, entry: Settled) -> None:
        """Note a call under the turn that the client's ``x-codex-turn-metadata`` header names, if it names one."""
        try:
            turn_id = orjson.loads(metadata).get("turn_id")
        except (orjson.JSONDecodeError, AttributeError):
            return
        if not isinstance(turn_id, str) or not 0 < len(turn_id) <= limits.TAG_CHARS_MAX:
            return
        call = TurnCall(entry.ref, entry.model, entry.charged.nanousd, entry.quality != Quality.UNPRICED)
        calls = self._calls.setdefault((key, turn_id), [])
        if len(calls) < limits.TURN_CALLS_MAX:
            calls.append(call)
        if len(self._calls) > limits.TURNS_MAX:
            self._calls.popitem(last=False)

    def costs(self, key: str, turn_ids: Sequence[object]) -> dict[str, object]:
        """The answer to ``POST …/analytics/codex/turn-costs``; a turn that is not known here, or has no known price, is pending."""
        return {"turns": [self._cost(key, turn_id) for turn_id in turn_ids if isinstance(turn_id, str)]}

    def _cost(self, key: str, turn_id: str) -> dict[str, object]:
        calls = self._calls.get((key, turn_id))
        if not calls or len(calls) == limits.TURN_CALLS_MAX or not all(call.priced for call in calls):
            return {"turn_id": turn_id, "status": "pending"}
        return {
            "turn_id": turn_id,
            "status": "priced",
            "total_usd": exact_usd(sum(call.nanousd for call in calls)),
            "event_count": len(calls),
            "model": calls[-1].model,
            "responses": [{"response_id": call.ref, "total_usd": exact_usd(call.nanousd)} for call in calls],
        }
