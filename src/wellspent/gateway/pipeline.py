"""One call, in order, on one screen: read -> identify -> plan, quote, reserve -> forward -> meter -> settle.

Whatever happens after the hold, it ends exactly once: settled with what was answered, or released because nothing was bought.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from wellspent.facts.call import Ask, new_call_id
from wellspent.facts.clock import Clock
from wellspent.facts.entry import Released, Settled
from wellspent.facts.errors import InvalidInput, JournalFull, UpstreamError
from wellspent.facts.money import exact_usd
from wellspent.gateway.admission import Admitted, Desk, Priced
from wellspent.gateway.caller import CODEX_TURN, Caller, Find, Unidentified, identify, speaks_codex, with_metadata
from wellspent.gateway.http.head import HeaderList
from wellspent.gateway.incoming import Incoming
from wellspent.gateway.precise import counted
from wellspent.gateway.provider import Provider, relayed_headers
from wellspent.gateway.refusal import Refusal
from wellspent.gateway.settlement import Outcome, settled
from wellspent.gateway.turns import Turns
from wellspent.gateway.upstream import Answer, StreamedAnswer, Unanswered, Unreached
from wellspent.gateway.wires import jsonedit
from wellspent.gateway.wires.base import Metered, StreamMeter, Wire, checked_tier
from wellspent.ledger.ledger import Ticket

RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
NOTHING = Metered(usage=None)


@dataclass
class Open:
    """One admitted call on its way: what ``finally`` needs to end it."""

    wire: Wire
    admitted: Admitted
    caller: Caller
    body: bytes
    payload: dict[str, object]
    turn: bytes = b""
    trying: Priced | None = None
    cut: Priced | None = None
    ended: bool = False


@dataclass
class Pipeline:
    """The gateway's steps, with what they need handed in by wiring."""

    desk: Desk
    clock: Clock
    find_key: Find
    providers: dict[str, Provider]
    own_provider_keys: str
    drain: bool
    turns: Turns = field(default_factory=Turns)
    open_calls: int = 0
    on_idle: Callable[[], None] | None = None

    async def handle(self, incoming: Incoming, wire: Wire, model: str = "") -> None:
        """Serve one model call to its end."""
        self.open_calls += 1
        try:
            await self._handle(incoming, wire, model)
        finally:
            self.open_calls -= 1
            if self.on_idle is not None and not self.open_calls:
                self.on_idle()

    async def _handle(self, incoming: Incoming, wire: Wire, model: str) -> None:
        now_ms = self.clock.now_ms()
        call_id = new_call_id()
        caller = self.identify(incoming, now_ms)
        if isinstance(caller, Unidentified):
            return await refuse(incoming, wire, Refusal(caller.code, caller.message), call_id)
        body = await incoming.body()
        if isinstance(body, Refusal):
            return await refuse(incoming, wire, body, call_id, caller)
        try:
            payload = parsed(body)
            checked_once(body, payload)
            caller = with_metadata(caller, payload)
            ask = wire.ask(payload, body, model, incoming.path)
            checked_tier(ask.service_tier)
        except InvalidInput as error:
            return await refuse(incoming, wire, Refusal("invalid_request", str(error)), call_id, caller)
        if not self.desk.ledger.admit_ok:
            return await refuse(incoming, wire, journal_down(), call_id, caller)
        admitted = self.desk.admit(call_id, caller.attribution, ask, now_ms)
        if isinstance(admitted, Refusal) and admitted.code in ("budget_exhausted", "request_unbounded"):
            admitted = await self._count_first(incoming, call_id, caller, ask, payload, admitted)
        if isinstance(admitted, Refusal):
            return await refuse(incoming, wire, admitted, call_id, caller)
        call = Open(wire, admitted, caller, body, payload, incoming.headers.get(CODEX_TURN, b""))
        try:
            await self._forward(incoming, call)
        except asyncio.CancelledError:
            if not incoming.has_left:
                raise
        finally:
            if not call.ended:
                reason = "the client left before the answer" if incoming.has_left else "the gateway failed during the call"
                self._end(call, call.trying or admitted.attempts[0], 0, NOTHING, reason=reason)

    async def _count_first(
        self, incoming: Incoming, call_id: str, caller: Caller, ask: Ask, payload: dict[str, object], refusal: Refusal
    ) -> Admitted | Refusal:
        """Ask the provider for its own count of the prompt before a budget refuses it; the refusal stands where that does not help."""
        now_ms = self.clock.now_ms()
        placed = self.desk.placed(caller.attribution, ask, now_ms)
        for priced in self.desk.priced(ask, placed.model if placed else ask.model, now_ms)[:1]:
            provider = self.providers[priced.attempt.upstream]
            closer = await counted(ask, payload, provider, priced.attempt.model, incoming.header_list, caller.provider_key)
            if closer is not None:
                return self.desk.admit(call_id, caller.attribution, closer, self.clock.now_ms())
        return refusal

    def identify(self, incoming: Incoming, now_ms: int) -> Caller | Unidentified:
        """Who calls."""
        return identify(incoming.headers, incoming.query, incoming.prefix, self.find_key, self.own_provider_keys, now_ms)

    async def _forward(self, incoming: Incoming, call: Open) -> None:
        """Try the attempts in order; only an attempt of which nothing was relayed is followed by another."""
        attempts = call.admitted.attempts
        failure = ""
        for number, priced in enumerate(attempts, 1):
            call.trying = priced
            provider = self.providers[priced.attempt.upstream]
            try:
                if await self._attempt(incoming, call, provider, priced, last=number == len(attempts) or call.cut is not None):
                    return
            except Unreached as error:
                failure = str(error)
            except Unanswered as error:
                failure = str(error)
                if call.cut is not None:  # the hold covers one more prompt, not two
                    return await self._failed(incoming, call, priced, failure)
                call.cut = priced
        await self._failed(incoming, call, None, failure)

    async def _attempt(self, incoming: Incoming, call: Open, provider: Provider, priced: Priced, *, last: bool) -> bool:
        """One attempt; False asks for the next. Raises Unreached or Unanswered while nothing was relayed."""
        wire, ask, model = call.wire, call.admitted.ask, priced.attempt.model
        headers = provider.request_headers(incoming.header_list, call.caller.provider_key)
        routed = model if model != ask.model else None
        body = wire.capped(call.payload, call.body, call.admitted.output_cap, routed, provider.cap_field)
        url = provider.url(wire.name, model, incoming.path, incoming.query)
        if not ask.stream:
            answer = await provider.client.send("POST", url, headers, body)
            if answer.status in RETRIED and not last:
                return False
            await self._relay(incoming, call, priced, answer)
            return True
        incoming.watch(cancel=not self.drain)
        async with provider.client.stream("POST", url, headers, body) as streamed:
            if streamed.status in RETRIED and not last:
                return False
            if streamed.status >= 300:
                await self._relay(incoming, call, priced, Answer(streamed.status, streamed.headers, await streamed.whole()))
            else:
                await self._relay_stream(incoming, call, priced, streamed)
        return True

    async def _relay(self, incoming: Incoming, call: Open, priced: Priced, answer: Answer) -> None:
        """A whole answer: settle first, so that its headers can say what it cost; send it once its hold is in the journal."""
        headers = relayed_headers(answer.headers)
        if answer.status >= 300:
            self._release(call, f"the provider answered {answer.status}", answer.status, priced)
        else:
            entry = self._end(call, priced, answer.status, call.wire.usage_of(answer.body), reason="")
            headers += self._cost_headers(entry)
        headers += self._call_headers(call)
        if not await self.durable(call.admitted.ticket):
            return await refuse(incoming, call.wire, journal_down(), call.admitted.reserved.call_id, call.caller)
        await incoming.answer(answer.status, headers, answer.body)

    async def _relay_stream(self, incoming: Incoming, call: Open, priced: Priced, streamed: StreamedAnswer) -> None:
        """Chunks as they come, a look at each for usage; settled at the end whatever the end was."""
        meter = call.wire.stream_meter(call.payload)
        reason = "the gateway failed during the stream"
        try:
            if not await self.durable(call.admitted.ticket):
                reason = "the journal could not be written"
                return await refuse(incoming, call.wire, journal_down(), call.admitted.reserved.call_id, call.caller)
            await incoming.begin(streamed.status, relayed_headers(streamed.headers) + self._call_headers(call))
            await self._pump(incoming, meter, streamed)
            reason = ""
        except UpstreamError as error:
            reason = str(error)
            if incoming.started:
                incoming.chunk(call.wire.stream_error("upstream_broken", reason))
                await incoming.room()
        except asyncio.CancelledError:
            reason = "the client left during the answer" if incoming.has_left else "the gateway was stopped during the answer"
            raise
        finally:
            self._end(call, priced, streamed.status, meter.finish(), reason=reason)
        await incoming.end()

    async def _pump(self, incoming: Incoming, meter: StreamMeter, streamed: StreamedAnswer) -> None:
        """Relay until the end. Who has left is not written to: with ``drain``, the rest is only metered."""

        def take(chunk: bytes) -> bool:
            out = meter.feed(chunk)
            return not out or incoming.has_left or incoming.chunk(out)

        await streamed.chunks.each(take, incoming.room)
        rest = meter.flush()
        if rest and not incoming.has_left:
            incoming.chunk(rest)
            await incoming.room()

    async def _failed(self, incoming: Incoming, call: Open, priced: Priced | None, failure: str) -> None:
        """No attempt answered.

        Args:
            priced: A second attempt that took the request and broke off, besides the one that was cut before.
        """
        code = "upstream_unreachable" if call.cut is None else "upstream_broken"
        if priced is not None:
            self._end(call, priced, 502, NOTHING, reason=failure)
        else:
            self._release(call, failure, 502, call.admitted.attempts[-1])
        await refuse(incoming, call.wire, Refusal(code, f"no provider answered: {failure}"), call.admitted.reserved.call_id, call.caller)

    async def durable(self, ticket: Ticket) -> bool:
        """Wait until a hold is in the journal; False where it cannot be."""
        waiting = self.desk.ledger.durable(ticket.seq)
        if waiting is None:
            return True
        try:
            await waiting
        except JournalFull:
            return False
        return True

    def _end(self, call: Open, priced: Priced, status: int, metered: Metered, *, reason: str) -> Settled:
        outcome = Outcome(priced, status, metered, reason, call.cut)
        provider = self.desk.providers[priced.attempt.upstream]
        entry = settled(call.admitted, outcome, self.desk.prices, provider, self.clock.now_ms())
        call.ended = True
        self.desk.ledger.settle(entry)
        if call.turn:
            self.turns.remember(call.caller.attribution.key, call.turn, entry)
        admitted = call.admitted
        if admitted.policies:
            self.desk.rates.true_up(admitted.policies, admitted.announced_tokens, entry.charged.tokens, entry.at_ms)
        return entry

    def _release(self, call: Open, reason: str, status: int, priced: Priced) -> None:
        """Give the hold back, unless an attempt that was cut off may have been charged."""
        if call.cut is not None:
            cut, call.cut = call.cut, None
            self._end(call, cut, status, NOTHING, reason=f"the attempt at {cut.attempt.upstream} was cut off; then: {reason}")
            return
        call.ended = True
        admitted, now_ms = call.admitted, self.clock.now_ms()
        self.desk.ledger.release(Released(admitted.reserved.call_id, now_ms, reason, status, priced.attempt.upstream))
        if admitted.policies:
            self.desk.rates.true_up(admitted.policies, admitted.announced_tokens, 0, now_ms)

    def _call_headers(self, call: Open) -> HeaderList:
        admitted = call.admitted
        call_id = admitted.reserved.call_id.encode()
        headers = [(b"request-id", call_id), (b"x-request-id", call_id), (b"x-wellspent-call-id", call_id)]
        usd_left = [each.left for each in admitted.standings if each.budget.measure == "usd"]
        if usd_left:
            headers.append((b"x-wellspent-left-usd", exact_usd(min(usd_left)).encode()))
        headers.append((b"x-wellspent-held-usd", exact_usd(admitted.reserved.held.nanousd).encode()))
        if admitted.degraded_from:
            name = admitted.degraded_from.encode("ascii", "replace")  # the caller's own text: no line break of it may become a header
            headers.append((b"x-wellspent-degraded-from", b" ".join(name.split())))
        if admitted.arms:
            headers.append((b"x-wellspent-experiment", ", ".join(admitted.arms).encode()))
        return headers

    def _cost_headers(self, entry: Settled) -> HeaderList:
        cost = b"unknown" if entry.quality == "unpriced" else exact_usd(entry.charged.nanousd).encode()
        return [(b"x-wellspent-cost-usd", cost), (b"x-wellspent-quality", entry.quality.encode())]


def parsed(body: bytes) -> dict[str, object]:
    """The body as a JSON object. Raises InvalidInput."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"the request's body is not valid JSON ({error})", fix="send a JSON object") from None
    if not isinstance(payload, dict):
        raise InvalidInput("the request's body is valid JSON but no object", fix="send a JSON object")
    return payload


def checked_once(body: bytes, payload: dict[str, object]) -> None:
    """Raises InvalidInput for a field that is there twice: a provider that takes the other of the two would see another cap or model."""
    twice = jsonedit.doubled(body, payload)
    if twice is not None:
        raise InvalidInput(f"the request names the field {twice!r} twice, and providers differ in which one counts", fix="send it once")


def journal_down() -> Refusal:
    """The refusal while nothing can be recorded."""
    text = (
        "calls cannot be recorded at the moment (the journal's disk is full or not writable), so none is let through; the operator has to free space"
    )
    return Refusal("journal_unavailable", text)


async def refuse(incoming: Incoming, wire: Wire, refusal: Refusal, call_id: str, caller: Caller | None = None) -> None:
    """Say no in the wire's own shape (or Codex' dialect), so that the caller's user reads it at once."""
    headers = [(name, call_id.encode()) for name in (b"request-id", b"x-request-id", b"x-wellspent-call-id")] + refusal.headers()
    status, content_type, body = wire.error(refusal.status, refusal.code, refusal.message, call_id, codex=speaks_codex(incoming.headers))
    await incoming.answer(status, [content_type, *headers], body)
