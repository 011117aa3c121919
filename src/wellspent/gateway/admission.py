"""Admission: plan -> quote -> reserve. One synchronous step, so nothing can come between the look at a balance and the hold.

The hold is a true upper bound: the prompt's by bytes (or the provider's own count), the answer's by the output cap, which is lowered, or
injected, to what the tightest budget can still pay.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.budgets.budget import Policy
from wellspent.budgets.decide import Degrade, Headroom, Refuse, Standing, check_policy, headroom
from wellspent.facts.attribution import Attribution
from wellspent.facts.call import Ask
from wellspent.facts.entry import Amounts, Reserved
from wellspent.facts.money import format_usd
from wellspent.facts.usage import Quality
from wellspent.gateway.rates import Rates
from wellspent.gateway.refusal import Refusal, budget_refusal, holdout_refusal, policy_refusal
from wellspent.ledger.ledger import Ledger, Ticket
from wellspent.pricing.pricelist import STEP_MS, Price, PriceList
from wellspent.pricing.quote import UNLIMITED_TOKENS, Quote, affordable_output_tokens, quote, unpriced_units
from wellspent.routing.experiment import Experiment
from wellspent.routing.placement import Placed, place
from wellspent.routing.plan import Attempt, Endpoint, Route, plan

NOTHING = Amounts()


class Rules(Struct, frozen=True):
    """The operator's settings that admission needs; see docs/configuration.md."""

    timezone: str = "UTC"
    unpriced_models: str = "refuse-under-budget"
    unbounded_requests: str = "refuse-under-budget"
    output_tokens_default: int = 32_000
    contact: str = ""
    public_url: str = ""


class Priced(Struct, frozen=True):
    """One attempt with the price it would be rated at; None is unpriced."""

    attempt: Attempt
    price: Price | None


class Admitted(Struct, frozen=True):
    """A call that may be spent.

    Attributes:
        attempts: What to try, in order; the hold covers the dearest.
        output_cap: The cap to send upstream; None leaves the request's own.
        degraded_from: The model that was asked for, where a budget chose a cheaper one; else "".
        policies: The policies in scope, for correcting token rates later.
        announced_tokens: What was taken from the token rates.
        arms: ``NAME=ARM`` of the experiments that it is in.
    """

    reserved: Reserved
    ticket: Ticket
    ask: Ask
    attempts: tuple[Priced, ...]
    output_cap: int | None
    policies: tuple[Policy, ...]
    standings: Sequence[Standing]
    announced_tokens: int = 0
    degraded_from: str = ""
    arms: tuple[str, ...] = ()


@dataclass
class Desk:
    """Where calls are admitted. Holds no money of its own: the ledger does."""

    ledger: Ledger
    prices: PriceList
    endpoints: Sequence[Endpoint]
    providers: dict[str, str]
    routes: Sequence[Route]
    rules: Rules
    rates: Rates
    policies_of: Callable[[Attribution], tuple[Policy, ...]]
    experiments: Sequence[Experiment] = ()

    def __post_init__(self) -> None:
        endpoints, routes = tuple(self.endpoints), tuple(self.routes)
        self._plan = lru_cache(maxsize=1000)(lambda wire, model: plan(wire, model, endpoints, routes)[: limits.ATTEMPTS_MAX])
        self._priced = lru_cache(maxsize=1000)(self._price_plan)

    def admit(self, call_id: str, attribution: Attribution, ask: Ask, now_ms: int) -> Admitted | Refusal:
        """Let the call in with a hold, at the asked model or the cheaper one a budget says; or say why not, and its rates are as before."""
        placed = self.placed(attribution, ask, now_ms) if self.experiments else None
        if placed is not None:
            attribution = placed.attribution
        policies = self.policies_of(attribution)
        blocked = check_policy(policies, ask.model)
        if blocked is not None:
            return policy_refusal(blocked, self.rules.contact)
        held_out = self.held_out(placed)
        if held_out is not None:
            return held_out
        exceeded = self.rates.take(policies, ask.input_tokens_max or 0, now_ms) if policies else None
        if exceeded is not None:
            text = f"Rate reached: {exceeded.scope} may use {exceeded.per_minute:,} {exceeded.measure} a minute. Free again in {exceeded.wait_s} s."
            return Refusal("rate_exceeded", text, retry_after_s=exceeded.wait_s)
        outcome = self._decided(call_id, attribution, ask, placed.model if placed else ask.model, policies, now_ms)
        if placed is not None and isinstance(outcome, Admitted):
            return msgspec.structs.replace(outcome, arms=placed.arms)
        if isinstance(outcome, Refusal) and policies:
            self.rates.give_back(policies, ask.input_tokens_max or 0, now_ms)
        return outcome

    def placed(self, attribution: Attribution, ask: Ask, now_ms: int) -> Placed | None:
        """The call's arms. A model that its caller may not use is not asked: the call stays in its arm, at the model that it asked for."""
        placed = place(self.experiments, attribution, ask.wire, ask.model, now_ms)
        if placed is not None and check_policy(self.policies_of(placed.attribution), placed.model) is not None:
            return msgspec.structs.replace(placed, model=ask.model)
        return placed

    def held_out(self, placed: Placed | None) -> Refusal | None:
        """The refusal of a call whose unit gets no AI, if it is one."""
        return holdout_refusal(placed.held_out, self.rules.contact) if placed is not None and placed.held_out else None

    def _decided(
        self, call_id: str, attribution: Attribution, ask: Ask, wanted: str, policies: tuple[Policy, ...], now_ms: int
    ) -> Admitted | Refusal:
        """Try the wanted model (the asked one, or an arm's), then those that a budget degrades to."""
        first = self._try(call_id, attribution, ask, wanted, policies, now_ms)
        if not isinstance(first, Degrade):
            return self._said(first, attribution, ask, wanted, now_ms)
        for model in first.models:
            if check_policy(policies, model) is None:
                cheaper = self._try(call_id, attribution, ask, model, policies, now_ms)
                if isinstance(cheaper, Admitted):
                    return msgspec.structs.replace(cheaper, degraded_from=wanted)
        return self._said(Refuse(first.standing, first.needed), attribution, ask, wanted, now_ms)

    def _try(
        self, call_id: str, attribution: Attribution, ask: Ask, model: str, policies: tuple[Policy, ...], now_ms: int
    ) -> Admitted | Refusal | Refuse | Degrade:
        attempts = self.priced(ask, model, now_ms)
        if not attempts:
            return Refusal("model_unknown", f"no configured provider serves {model!r} in this API; see GET /v1/models for those that are served")
        standings = self.ledger.standings(attribution, model, now_ms)
        exempt = standings.exempt(model)
        bounded = self._bounded(ask, attempts, standings.hard)
        if isinstance(bounded, Refusal):
            return bounded
        held, output_cap = self._capped(bounded, attempts, standings.refusing)
        if held.nanousd > limits.CALL_NANOUSD_MAX:
            text = f"this call may cost {format_usd(held.nanousd)}, which cannot be meant; ask for fewer tokens or answers"
            return Refusal("invalid_request", text)
        reserved = Reserved(
            call_id=call_id,
            at_ms=now_ms,
            attribution=attribution,
            wire=ask.wire,
            model_asked=ask.model,
            model=attempts[0].attempt.model,
            held=held,
            windows=standings.windows,
            price_book=self.prices.version,
            quality=Quality.EXACT if all(each.price for each in attempts) else Quality.UNPRICED,
        )
        outcome = self.ledger.reserve(reserved, standings, exempt)
        if not isinstance(outcome, Ticket):
            return outcome
        return Admitted(reserved, outcome, bounded, attempts, output_cap, policies, standings, ask.input_tokens_max or 0)

    def priced(self, ask: Ask, model: str, now_ms: int) -> tuple[Priced, ...]:
        """The plan for a model, each attempt with its price."""
        return self._priced(ask.wire, model, ask.service_tier, now_ms // STEP_MS)

    def _price_plan(self, wire: str, model: str, service_tier: str, step: int) -> tuple[Priced, ...]:
        """Remembered for as long as a price stays the same at the least."""
        return tuple(
            Priced(each, self.prices.price(self.providers[each.upstream], each.model, step * STEP_MS, service_tier))
            for each in self._plan(wire, model)
        )

    def _bounded(self, ask: Ask, attempts: Iterable[Priced], hard: Collection[str]) -> Ask | Refusal:
        """The ask with every bound known, or the refusal that names what has none under a hard budget."""
        if "usd" in hard and self.rules.unpriced_models != "pass":
            without = _without_price(ask, attempts)
            if without:
                text = f"No price is known for {without}, and a hard budget applies, so the call cannot be held to it."
                return Refusal("model_unpriced", f"{text} An operator can add a price under [[terms]].")
        if ask.input_tokens_max is None:
            window = max((each.price.context_window_tokens or 0 for each in attempts if each.price), default=0)
            ask = msgspec.structs.replace(
                ask, input_tokens_max=window * ask.rounds_max, unbounded=ask.unbounded if window else (*ask.unbounded, "input")
            )
        if ask.unbounded and ("usd" in hard or "tokens" in hard) and self.rules.unbounded_requests != "pass":
            text = f"What {', '.join(ask.unbounded)} may cost has no documented bound, and a hard budget applies, so the call cannot be held to it."
            return Refusal("request_unbounded", f"{text} Leave it out, or ask for a budget that alerts.")
        return ask

    def _capped(self, ask: Ask, attempts: Sequence[Priced], refusing: Sequence[Standing]) -> tuple[Amounts, int | None]:
        """What to hold, and the output cap to send: the wanted one, or less where that is all that the refusing budgets can pay.

        None leaves the request's own cap, or none, as it is.
        """
        wanted = self.rules.output_tokens_default if ask.output_tokens_max is None else ask.output_tokens_max
        held, room = _held(ask, attempts, wanted), headroom(refusing)
        if room.nanousd is None and room.tokens is None:
            return held, None
        tokens = wanted
        if not room.holds(held):
            affordable = _affordable(ask, attempts, room)
            if min(wanted, max(limits.OUTPUT_TOKENS_MIN, ask.output_tokens_min)) <= affordable < wanted:
                tokens, held = affordable, _held(ask, attempts, affordable)
        return held, None if tokens == ask.output_tokens_max else tokens

    def _said(self, outcome: Admitted | Refusal | Refuse, attribution: Attribution, ask: Ask, wanted: str, now_ms: int) -> Admitted | Refusal:
        if not isinstance(outcome, Refuse):
            return outcome
        cheaper = self._cheaper(outcome.standing, attribution, ask, wanted, now_ms) if outcome.standing.budget.measure == "usd" else ""
        return budget_refusal(outcome, self.rules.timezone, cheaper, self.rules.contact, self.rules.public_url)

    def _cheaper(self, refused: Standing, attribution: Attribution, ask: Ask, wanted: str, now_ms: int) -> str:
        """The dearest cheaper model that would fit, with its bound, e.g. ``claude-haiku-4-5 (at most $0.01)``; or ""."""
        for each in self.priced(ask, wanted, now_ms)[:1]:
            provider = self.providers[each.attempt.upstream]
            policies = self.policies_of(attribution)
            for model in self.prices.cheaper_than(provider, each.attempt.model, now_ms):
                if check_policy(policies, model) is not None:
                    continue
                price = self.prices.price(provider, model, now_ms, ask.service_tier)
                bound = price and _bound(ask, price, ask.output_tokens_max or limits.OUTPUT_TOKENS_MIN)
                if bound and bound.amount_nanousd <= refused.left:
                    return f"{model} (at most {format_usd(bound.amount_nanousd)})"
        return ""


def _without_price(ask: Ask, attempts: Iterable[Priced]) -> str:
    """What of a call has no price, in words; "" for nothing."""
    bare: list[str] = []
    for each in attempts:
        if each.price is None:
            return f"{each.attempt.model!r} at {each.attempt.upstream!r}"
        bare += unpriced_units(ask, each.price)
    return f"{', '.join(sorted(set(bare)))} of {ask.model!r}" if bare else ""


def _affordable(ask: Ask, attempts: Sequence[Priced], room: Headroom) -> int:
    """The largest output cap that every attempt can have within the room; below zero where not even the prompt fits."""
    spare = _spare(ask, attempts)
    tokens_left = None if room.tokens is None else room.tokens - spare.tokens
    found = UNLIMITED_TOKENS
    for each in attempts:
        if each.price is not None and room.nanousd is not None:
            found = min(found, affordable_output_tokens(ask, each.price, room.nanousd - spare.nanousd, tokens_left))
        elif tokens_left is not None:
            found = min(found, (tokens_left - (ask.input_tokens_max or 0)) // ask.answers)
    return found


def _bound(ask: Ask, price: Price, output_tokens: int) -> Quote | None:
    return quote(ask, price, output_tokens) if ask.input_tokens_max is not None else None


def _held(ask: Ask, attempts: Sequence[Priced], output_tokens: int) -> Amounts:
    """The dearest attempt's upper bound in each measure, and what one attempt that is cut off may cost besides."""
    nanousd = 0
    for each in attempts:
        if each.price is not None:
            nanousd = max(nanousd, quote(ask, each.price, output_tokens).amount_nanousd)
    tokens = (ask.input_tokens_max or 0) + output_tokens * ask.answers
    if len(attempts) < 2:
        return Amounts(nanousd, tokens, 1)
    spare = _spare(ask, attempts)
    return Amounts(nanousd + spare.nanousd, tokens + spare.tokens, 1)


def _spare(ask: Ask, attempts: Sequence[Priced]) -> Amounts:
    """The prompt once more where there is a fallback: a provider that breaks off may have charged for reading it."""
    if len(attempts) < 2:
        return NOTHING
    prompts = [quote(ask, each.price, 0).amount_nanousd for each in attempts if each.price is not None]
    return Amounts(max(prompts, default=0), ask.input_tokens_max or 0)
