"""Paths of providers that are no metered model call: lists of models, token counting, and everything else.

Known free calls pass (they need a key like any other). Any other path could spend money that nobody counts, so it is refused, or, where
the operator says so, passed and recorded as ``unpriced``.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from msgspec import Struct

from wellspent import limits
from wellspent.budgets.decide import check_policy
from wellspent.facts.attribution import Attribution
from wellspent.facts.call import Ask, new_call_id
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.errors import UpstreamError
from wellspent.facts.usage import Quality, Usage
from wellspent.gateway.caller import Caller, Unidentified
from wellspent.gateway.incoming import JSON_TYPE, Incoming
from wellspent.gateway.pipeline import Pipeline, journal_down, refuse
from wellspent.gateway.provider import Provider, relayed_headers
from wellspent.gateway.refusal import Refusal
from wellspent.gateway.upstream import Answer
from wellspent.gateway.wires.base import Wire
from wellspent.ledger.ledger import Ticket

PASSTHROUGH = "passthrough"
KINDS_OF_SHAPE = {"openai": ("openai", "openai-compatible", "azure"), "anthropic": ("anthropic",), "gemini": ("gemini",)}


class Shape(Struct, frozen=True):
    """Whose dialect a request for a list of models speaks: one path has three."""

    name: str
    wire: Wire


@dataclass
class SideDoor:
    """Everything under a provider's path that is not a metered call."""

    pipeline: Pipeline
    unmetered_paths: str

    async def models(self, incoming: Incoming, shape: Shape) -> None:
        """``GET /v1/models``: every provider of the shape asked at once, their lists joined, names outside the caller's allow-list left out."""
        caller = await self._caller(incoming, shape.wire)
        if caller is None:
            return
        providers = [each for each in self.pipeline.providers.values() if each.kind in KINDS_OF_SHAPE[shape.name]]
        answers = await asyncio.gather(*(self._list(incoming, provider, caller) for provider in providers))
        field = "models" if shape.name == "gemini" else "data"
        found = [item for answer in answers for item in answer.get(field, []) if isinstance(item, dict)]
        policies = self.pipeline.desk.policies_of(caller.attribution)
        kept = [item for item in found if check_policy(policies, _model_name(item)) is None]
        body: dict[str, object] = {field: kept}
        if shape.name == "openai":
            body = {"object": "list", **body}
        elif shape.name == "anthropic":
            ids = [item.get("id") for item in kept]
            body |= {"has_more": False, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}
        await incoming.answer(200, [JSON_TYPE], orjson.dumps(body))

    async def _list(self, incoming: Incoming, provider: Provider, caller: Caller) -> dict[str, list[object]]:
        path = "/v1beta/models" if provider.kind == "gemini" else "/v1/models"
        headers = provider.request_headers(incoming.header_list, caller.provider_key)
        try:
            async with asyncio.timeout(limits.MODELS_S_MAX):
                answer = await provider.client.send(
                    "GET", provider.free_url(path, b"limit=1000" if provider.kind == "anthropic" else b""), headers, b""
                )
            listed = orjson.loads(answer.body)
        except (UpstreamError, TimeoutError, orjson.JSONDecodeError):
            return {}
        return listed if answer.status == 200 and isinstance(listed, dict) else {}

    async def free(self, incoming: Incoming, wire: Wire, kind: str) -> None:
        """A call that providers do not charge (counting tokens, one model's description): passed to the first provider of that kind."""
        caller = await self._caller(incoming, wire)
        if caller is None:
            return
        body = await incoming.body()
        if isinstance(body, Refusal):
            return await refuse(incoming, wire, body, new_call_id(), caller)
        provider = next((each for each in self.pipeline.providers.values() if each.kind == kind), None)
        if provider is None:
            return await refuse(incoming, wire, Refusal("path_unknown", f"no configured provider speaks {wire.name}"), new_call_id(), caller)
        await self._pass(incoming, wire, caller, provider, body)

    async def other(self, incoming: Incoming, wire: Wire, kinds: Sequence[str]) -> None:
        """A path nobody meters: refused, or passed and recorded as unpriced."""
        call_id = new_call_id()
        caller = await self._caller(incoming, wire)
        if caller is None:
            return
        if self.unmetered_paths != "pass":
            text = f"{incoming.method} {incoming.path} is not metered here, so it could spend money that no budget sees; it is refused."
            text += ' An operator can set unmetered_paths = "pass" to let such calls through, recorded as unpriced.'
            return await refuse(incoming, wire, Refusal("path_unmetered", text), call_id, caller)
        body = await incoming.body()
        if isinstance(body, Refusal):
            return await refuse(incoming, wire, body, call_id, caller)
        provider = next((each for each in self.pipeline.providers.values() if each.kind in kinds), None)
        if provider is None:
            return await refuse(incoming, wire, Refusal("path_unknown", f"no configured provider has a path {incoming.path}"), call_id, caller)
        await self._recorded(incoming, wire, caller, provider, body, call_id)

    async def _recorded(self, incoming: Incoming, wire: Wire, caller: Caller, provider: Provider, body: bytes, call_id: str) -> None:
        """Pass an unmetered call with a hold of one call and no dollars, settled as unpriced; a hard dollar budget refuses it."""
        pipeline, now_ms = self.pipeline, self.pipeline.clock.now_ms()
        desk, ledger = pipeline.desk, pipeline.desk.ledger
        held_out = desk.held_out(desk.placed(caller.attribution, Ask(PASSTHROUGH, incoming.path), now_ms))
        if held_out is not None:
            return await refuse(incoming, wire, held_out, call_id, caller)
        standings = ledger.standings(caller.attribution, "", now_ms)
        if "usd" in standings.hard or "tokens" in standings.hard:
            text = f"{incoming.method} {incoming.path} is not metered, and a hard budget applies to this caller; it is refused."
            return await refuse(incoming, wire, Refusal("path_unmetered", text), call_id, caller)
        reserved = _unpriced_hold(call_id, now_ms, caller.attribution, incoming.path)
        outcome = ledger.reserve(reserved, standings, frozenset())
        if not isinstance(outcome, Ticket):
            return await refuse(incoming, wire, Refusal("budget_exhausted", "the budget in calls is used up"), call_id, caller)
        status = 502
        try:
            if not await pipeline.durable(outcome):
                return await refuse(incoming, wire, journal_down(), call_id, caller)
            status = await self._pass(incoming, wire, caller, provider, body)
        finally:
            entry = Settled(call_id, pipeline.clock.now_ms(), Amounts(0, 0, 1), Quality.UNPRICED, Usage(), upstream=provider.name, status=status)
            ledger.settle(entry)

    async def _pass(self, incoming: Incoming, wire: Wire, caller: Caller, provider: Provider, body: bytes) -> int:
        headers = provider.request_headers(incoming.header_list, caller.provider_key)
        try:
            answer: Answer = await provider.client.send(incoming.method, provider.free_url(incoming.path, incoming.query), headers, body)
        except UpstreamError as error:
            await refuse(incoming, wire, Refusal("upstream_unreachable", str(error)), new_call_id(), caller)
            return 502
        await incoming.answer(answer.status, relayed_headers(answer.headers), answer.body)
        return answer.status

    async def _caller(self, incoming: Incoming, wire: Wire) -> Caller | None:
        """The caller, or None where it was refused already."""
        caller = self.pipeline.identify(incoming, self.pipeline.clock.now_ms())
        if isinstance(caller, Unidentified):
            await refuse(incoming, wire, Refusal(caller.code, caller.message), new_call_id())
            return None
        if not self.pipeline.desk.ledger.admit_ok:
            await refuse(incoming, wire, journal_down(), new_call_id(), caller)
            return None
        return caller

    async def turn_costs(self, incoming: Incoming, wire: Wire) -> None:
        """``POST …/analytics/codex/turn-costs``: what Codex' turns cost."""
        caller = await self._caller(incoming, wire)
        if caller is None:
            return
        body = await incoming.body()
        try:
            turn_ids = orjson.loads(body)["turn_ids"] if isinstance(body, bytes) else []
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return await refuse(incoming, wire, Refusal("invalid_request", 'send {"turn_ids": […]}'), new_call_id(), caller)
        known = turn_ids if isinstance(turn_ids, list) else []
        await incoming.answer(200, [JSON_TYPE], orjson.dumps(self.pipeline.turns.costs(caller.attribution.key, known[: limits.TURNS_ASKED_MAX])))


def _unpriced_hold(call_id: str, now_ms: int, attribution: Attribution, path: str) -> Reserved:
    ask = Ask(PASSTHROUGH, path)
    return Reserved(call_id, now_ms, attribution, ask.wire, ask.model, ask.model, Amounts(0, 0, 1), quality=Quality.UNPRICED)


def _model_name(item: dict[str, object]) -> str:
    return str(item.get("id") or item.get("name") or "").removeprefix("models/")
