"""What turns of Codex cost: it posts ids of turns and reads back their price (see docs/clients.md)."""

from collections import OrderedDict
from collections.abc import Sequence

import orjson

from wellspent import limits
from wellspent.facts.entry import Settled
from wellspent.facts.money import exact_usd


class Turns:
    """The last turns' settled calls, in memory: a convenience for a person's screen, not a record."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, list[Settled]] = OrderedDict()

    def remember(self, metadata: bytes, entry: Settled) -> None:
        """Note a call under the turn that the client's ``x-codex-turn-metadata`` header names, if it names one."""
        try:
            turn_id = orjson.loads(metadata).get("turn_id")
        except (orjson.JSONDecodeError, AttributeError):
            return
        if not isinstance(turn_id, str) or len(turn_id) > limits.TAG_CHARS_MAX:
            return
        self._calls.setdefault(turn_id, []).append(entry)
        if len(self._calls) > limits.TURNS_MAX:
            self._calls.popitem(last=False)

    def costs(self, turn_ids: Sequence[object]) -> dict[str, object]:
        """The answer to ``POST …/analytics/codex/turn-costs``; a turn that is not known here is pending."""
        return {"turns": [self._cost(turn_id) for turn_id in turn_ids if isinstance(turn_id, str)]}

    def _cost(self, turn_id: str) -> dict[str, object]:
        entries = self._calls.get(turn_id)
        if not entries:
            return {"turn_id": turn_id, "status": "pending"}
        total = sum(entry.charged.nanousd for entry in entries)
        responses = [{"response_id": entry.ref, "total_usd": exact_usd(entry.charged.nanousd)} for entry in entries]
        return {
            "turn_id": turn_id,
            "status": "priced",
            "total_usd": exact_usd(total),
            "event_count": len(entries),
            "model": entries[-1].model,
            "responses": responses,
        }
