"""A running gateway with the suite's provider behind it, and what cases do with them."""

import contextlib
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from wellspent.facts.money import exact_usd
from wellspent.testing.conformance.adapter import Adapter, Key, NotOffered
from wellspent.testing.conformance.client import Reply, send
from wellspent.testing.conformance.prices import SMALL, Tariff, bill_nanousd, tariffs
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire
from wellspent.testing.provider import FakeProvider, Seen

CALL_S_MAX = 30.0
SEEN_S_MAX = 10.0
POLL_S = 0.05
PLENTY_NANOUSD = 100 * 10**9
PROBES = 6
WORDS = "Summarise what each team spent this quarter, and name what is unusual."
# Long prompts are made of this: real tokenizers find a token in 3.8 bytes of it, so that what a gateway counts by itself is near the provider's
# count, and above it.
PADDING = " Summarise what each of the 12 teams spent this quarter, and name what is unusual: $417 on one day."


class Call(Struct, frozen=True):
    """A request a case makes; the mark in its prompt finds it again at the provider.

    Attributes:
        do: Directives for the provider (``testing/README.md``), e.g. ``"output_tokens=500; delay_ms=300"``.
        cap: The caller's output cap; None sends none.
        pad_bytes: How much longer the prompt is made.
        extra: Further fields of the body.
    """

    mark: str
    do: str = ""
    model: str = SMALL
    cap: int | None = 500
    stream: bool = False
    pad_bytes: int = 0
    extra: Mapping[str, Any] = {}

    @property
    def prompt(self) -> str:
        """The prompt's text."""
        padding = PADDING * (self.pad_bytes // len(PADDING) + 1)
        return f"{WORDS} ({self.mark}){padding[: self.pad_bytes]} [[fake: {self.do}]]"


class Bench:
    """What a case is given."""

    def __init__(self, gateway: Adapter, provider: FakeProvider, started: str = "conformance") -> None:
        self.gateway, self.provider = gateway, provider
        self._numbers = itertools.count(1)
        self._started = started
        self._plenty: set[str] = set()

    def call(self, do: str = "", **fields: Any) -> Call:
        """A new call."""
        return Call(f"{self._started}-{next(self._numbers):05d}", do, **fields)

    def send(
        self,
        wire: Wire,
        key: Key,
        call: Call,
        *,
        at: Adapter | None = None,
        leave_unread: Callable[[], bool] | None = None,
        leave_at: Callable[[bytes], bool] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make a call.

        Args:
            at: Another process of the gateway.
            leave_unread, leave_at: See ``client.send``.
        """
        gateway = at or self.gateway
        extra = {**call.extra, **gateway.fields(wire, key, stream=call.stream)}
        request = wire.request(gateway.model(call.model, wire), call.prompt, call.cap, stream=call.stream, extra=extra)
        sent = {"content-type": "application/json", **request.headers, **gateway.headers(wire, key), **(headers or {})}
        url = gateway.url + gateway.path(request.path)
        return send(url, "POST", sent, request.body, timeout_s=CALL_S_MAX, leave_unread=leave_unread, leave_at=leave_at)

    def send_all(self, wire: Wire, keys: Sequence[Key], calls: Sequence[Call], *, at: Sequence[Adapter] = ()) -> list[Reply]:
        """Make many calls at once, the keys (and processes) in turn."""
        with ThreadPoolExecutor(len(calls)) as pool:
            tasks = [
                pool.submit(self.send, wire, keys[number % len(keys)], call, at=at[number % len(at)] if at else None)
                for number, call in enumerate(calls)
            ]
            return [task.result() for task in tasks]

    # The provider's side

    def seen(self, *calls: Call) -> list[Seen]:
        """What the provider saw of these calls, retries and fallbacks included, once all of it has ended."""
        marks = [call.mark.encode() for call in calls]
        deadline = time.monotonic() + SEEN_S_MAX
        while True:
            found = [each for each in list(self.provider.calls) if any(mark in each.body for mark in marks)]
            if all(each.ended for each in found) or time.monotonic() > deadline:
                return [each for each in found if each.dialect]  # model calls; counting and the like cost nothing
            time.sleep(POLL_S)

    def arrived(self, call: Call) -> bool:
        """Whether a call has reached the provider."""
        return any(call.mark.encode() in each.body and each.dialect for each in list(self.provider.calls))

    def bill(self, *calls: Call, tariff: Tariff | None = None) -> int:
        """What the provider charges for these calls, in nano-dollars."""
        return bill_nanousd(self.seen(*calls), tariff)

    # The gateway's side

    def counted(self, key: Key, before_nanousd: int, expected_nanousd: int, replies: Sequence[Reply] = ()) -> int:
        """What the gateway counted since ``before_nanousd``: read back until it is as expected, or as long as it may take to settle.

        Where no counter can be read, what the answers say of themselves. Raises NotOffered where neither is to be had.
        """
        deadline = time.monotonic() + self.gateway.settle_s
        try:
            while (found := self.gateway.spent(key) - before_nanousd) != expected_nanousd and time.monotonic() < deadline:
                time.sleep(POLL_S)
            return found
        except NotOffered:
            if not replies or any(reply.left for reply in replies):
                raise
            said = [self.gateway.cost(reply) for reply in replies]
            return sum(cost for cost in said if cost is not None)

    def spent(self, key: Key) -> int:
        """What a key has spent by now; 0 where that cannot be read back, which ``counted`` tells."""
        try:
            return self.gateway.spent(key)
        except NotOffered:
            return 0

    def rows(self, key: Key, count: int) -> list[int | None]:
        """The rows of a key, once there are so many, or as long as they may take to be written."""
        deadline = time.monotonic() + self.gateway.settle_s
        while len(found := self.gateway.rows(key)) < count and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return found

    def metered(self, wire: Wire, key: Key, call: Call, *, tolerance_percent: int = 0, note: str = "", **how: Any) -> Finding:
        """Make a call and compare what was counted with what it cost: to the nano-dollar, or within a tolerance and never nothing.

        Then, where the key came from ``plenty``: is it the same that the limit is held against, and is it still the same a little later?
        """
        before = self.spent(key)
        reply = self.send(wire, key, call, **how)
        true = self.bill(call)
        if not reply.left and not reply.ok:
            return Finding(False, f"the call was not answered: {said(wire, reply)}", true)
        counted = self.counted(key, before, true, [reply])
        spread = true * tolerance_percent // 100
        if counted != true:
            off = f"${exact_usd(abs(counted - true))} too {'much' if counted > true else 'little'}"
            note = f"{note}; {off}" if note else off
        ok = abs(counted - true) <= spread and (counted > 0 or true == 0)
        wrong = self._held_against(wire, key, before + counted) if ok and key.secret in self._plenty else ""
        return Finding(ok and not wrong, "; ".join(part for part in (note, wrong) if part), true, counted)

    def _held_against(self, wire: Wire, key: Key, counted: int) -> str:
        """What is wrong with what a key's limit is held against, in words; "" for nothing.

        Its limit is set to what was counted and two and a half small calls more: these calls pass until their worst case does not fit any more,
        no later and no sooner. "" also where limits cannot be changed.
        """
        probes = [self.call("output_tokens=200", cap=200) for _ in range(PROBES)]
        bodies = [len(wire.request(SMALL, probe.prompt, probe.cap, stream=False, extra={}).body) for probe in probes]
        rates = tariffs()[SMALL].rates
        answer = 0 if wire.name == "openai-embeddings" else 200 * rates["output_tokens"]
        room = 5 * (bodies[0] // 4 * rates["input_tokens"] + answer) // 2
        try:
            self.gateway.lower(key, counted + room)
        except NotOffered:
            return ""
        self.wait_for_settings()
        if self.spent(key) != counted:
            return f"${exact_usd(self.spent(key) - counted)} were counted later on"
        for probe in probes:
            if not self.send(wire, key, probe).ok:
                break
        left = room - self.bill(*probes)
        if left < 0:
            return f"its limit is not held against that: ${exact_usd(-left)} too much passed"
        if left >= bodies[0] * rates["input_tokens"] + answer:
            return f"its limit is held against more: it refused with ${exact_usd(left)} left"
        return ""

    def needs_long_prices(self) -> None:
        """Raises NotOffered where longer prompts cannot have a price of their own."""
        if not self.gateway.long_prices:
            raise NotOffered("a price of longer prompts cannot be set")

    # Keys, ready to be used

    def key(self) -> Key:
        """A key without a limit."""
        return self._ready(self.gateway.key())

    def plenty(self) -> Key:
        """A new key with a limit that nothing here comes near, to be lowered by ``metered``; one without, where limits are not offered."""
        try:
            key = self.limited(PLENTY_NANOUSD)
        except NotOffered:
            return self.key()
        self._plenty.add(key.secret)
        return key

    def until_arrived(self, call: Call, running: "Future[Reply]") -> bool:
        """Wait for a call to reach the provider; False where it was answered before, or never comes."""
        deadline = time.monotonic() + SEEN_S_MAX
        while not self.arrived(call):
            if running.done() or time.monotonic() > deadline:
                return self.arrived(call)
            time.sleep(0.01)
        return True

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """A new key that may spend so much."""
        return self._ready(self.gateway.limited(limit_nanousd, window))

    def used_up(self, wire: Wire) -> Key:
        """A new key whose limit is used up: by a call, where the gateway lets one through that the limit cannot pay."""
        key, call = self.limited(1), self.call("output_tokens=100", cap=100)
        reply = self.send(wire, key, call)
        if reply.ok:
            with contextlib.suppress(NotOffered):
                self.counted(key, 0, self.bill(call), [reply])
        return key

    def _ready(self, key: Key) -> Key:
        self.wait_for_settings()
        return key

    def wait_for_settings(self) -> None:
        """As long as a changed setting may take to hold."""
        time.sleep(self.gateway.deferred_s)


def refused(wire: Wire, reply: Reply) -> bool:
    """Whether an answer says no because of money: not because it does not know the caller or the path, not because it is broken."""
    return 400 <= reply.status < 500 and reply.status not in (401, 404, 405, 408) and not reply.broken


def said(wire: Wire, reply: Reply) -> str:
    """A refusal as a person would read it."""
    text = wire.error_text(reply.body) or reply.body[:200].decode("utf-8", "replace")
    return f"{reply.status} {text}".strip() if reply.status else reply.broken or "no answer"
