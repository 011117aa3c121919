"""Admission and settlement without a wire: a real desk over a ledger in memory."""

from collections.abc import Sequence
from typing import Any

import pytest

from wellspent.budgets.budget import AtLimit, Budget, Policy, checked
from wellspent.budgets.window import Calendar
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.call import Ask
from wellspent.facts.clock import ManualClock
from wellspent.facts.entry import Settled
from wellspent.facts.usage import Usage
from wellspent.gateway.admission import Admitted, Desk, Rules
from wellspent.gateway.experiments import ready
from wellspent.gateway.rates import Rates
from wellspent.gateway.refusal import Refusal
from wellspent.gateway.settlement import Outcome, settled
from wellspent.gateway.wires.base import Metered
from wellspent.ledger.ledger import Ledger
from wellspent.ledger.memory import MemoryJournal
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import FREE, PriceList
from wellspent.routing.experiment import Arm, Experiment
from wellspent.routing.plan import Endpoint

NOW_MS = 1_795_000_000_000
WHO = Attribution(org="acme", team="core")
USD = 10**9
PROVIDERS = {"openai": "openai", "local": FREE, "anthropic": "anthropic"}
ENDPOINTS = (Endpoint("openai", "openai"), Endpoint("local", "openai-compatible", ("llama*",)), Endpoint("anthropic", "anthropic"))


@pytest.fixture(scope="module")
def prices() -> PriceList:
    return PriceList(PriceBook.bundled())


def desk_with(prices: PriceList, *budgets: Budget, **rules: Any) -> Desk:
    ledger = Ledger.open(MemoryJournal(), ManualClock(NOW_MS), Calendar())
    ledger.set_budgets([checked(budget) for budget in budgets])
    return Desk(ledger, prices, ENDPOINTS, PROVIDERS, (), Rules(**rules), Rates(), lambda _: ())


def budget(name: str, usd: float, scope: str = "org:acme", degrade_to: Sequence[str] = (), **more: Any) -> Budget:
    at_limit: AtLimit = "degrade" if degrade_to else "refuse"
    return Budget(name, Scope.parse(scope), int(usd * USD), at_limit=at_limit, degrade_to=tuple(degrade_to), **more)


def ask(model: str, wire: str = "openai-chat", **more: Any) -> Ask:
    return Ask(wire, model, **{"input_tokens_max": 1_000, "output_tokens_max": 1_000, **more})


def admitted(outcome: Admitted | Refusal) -> Admitted:
    assert isinstance(outcome, Admitted), outcome
    return outcome


def settle(prices: PriceList, call: Admitted, usage: Usage | None) -> Settled:
    attempt = call.attempts[0]
    entry = settled(call, Outcome(attempt, 200, Metered(usage)), prices, PROVIDERS[attempt.attempt.upstream], NOW_MS + 5)
    assert entry.overrun_nanousd == 0
    return entry


def test_a_free_model_passes_a_used_up_dollar_budget_and_is_settled_at_zero(prices: PriceList) -> None:
    desk = desk_with(prices, budget("none", 0))
    call = admitted(desk.admit("ws_1", WHO, ask("llama-4"), NOW_MS))
    assert (call.reserved.held.nanousd, call.reserved.quality) == (0, "exact")
    entry = settle(prices, call, Usage(input_tokens=900, output_tokens=800))
    assert (entry.charged.nanousd, entry.charged.tokens, entry.quality) == (0, 1_700, "exact")
    refused = desk.admit("ws_2", WHO, ask("gpt-5"), NOW_MS)
    assert isinstance(refused, Refusal)
    assert refused.code == "budget_exhausted"


@pytest.mark.parametrize(("cap", "answers"), [(None, 1), (100, 1), (100, 3), (20_000, 1)])
@pytest.mark.parametrize("left_usd", [0.01, 0.05, 100.0])
def test_a_guess_is_never_more_than_was_held(prices: PriceList, cap: int | None, answers: int, left_usd: float) -> None:
    """A provider that obeys the cap may write tokens of more than four bytes."""
    desk = desk_with(prices, budget("small", left_usd))
    call = admitted(desk.admit("ws_1", WHO, ask("gpt-5", output_tokens_max=cap, answers=answers), NOW_MS))
    most = (call.output_cap if call.output_cap is not None else cap or 0) * answers
    for text_bytes, partial in ((0, None), (399, None), (10**7, None), (10**7, Usage(input_tokens=10))):
        metered = Metered(partial, final=False, text_bytes=text_bytes)
        entry = settled(call, Outcome(call.attempts[0], 200, metered), prices, PROVIDERS[call.attempts[0].attempt.upstream], NOW_MS + 5)
        assert (entry.quality, entry.overrun_nanousd) == ("estimated", 0)
        assert 0 < entry.charged.tokens <= call.reserved.held.tokens
        assert entry.usage.output_tokens == min(-(-text_bytes // 4), most)


def test_what_a_provider_says_is_not_cut_to_the_cap(prices: PriceList) -> None:
    call = admitted(desk_with(prices, budget("small", 1)).admit("ws_1", WHO, ask("gpt-5", output_tokens_max=100), NOW_MS))
    metered = Metered(Usage(input_tokens=10, output_tokens=900), final=False, text_bytes=10)
    entry = settled(call, Outcome(call.attempts[0], 200, metered), prices, PROVIDERS[call.attempts[0].attempt.upstream], NOW_MS + 5)
    assert (entry.quality, entry.usage.output_tokens) == ("estimated", 900)


def test_an_unknown_model_is_refused_under_a_hard_budget_or_passes_unpriced_where_the_operator_says_so(prices: PriceList) -> None:
    refused = desk_with(prices, budget("all", 5)).admit("ws_1", WHO, ask("gpt-unheard-of"), NOW_MS)
    assert isinstance(refused, Refusal)
    assert refused.code == "model_unpriced"
    call = admitted(desk_with(prices, budget("all", 5), unpriced_models="pass").admit("ws_1", WHO, ask("gpt-unheard-of"), NOW_MS))
    assert (call.reserved.held.nanousd, call.reserved.quality) == (0, "unpriced")
    assert settle(prices, call, Usage(input_tokens=10)).quality == "unpriced"


def test_what_a_known_model_may_use_without_a_price_is_refused_by_name_under_a_hard_budget(prices: PriceList) -> None:
    searching = ask("gpt-5.1-codex-mini", "openai-responses", counts_max=(("web_searches", 3),))
    refused = desk_with(prices, budget("all", 5)).admit("ws_1", WHO, searching, NOW_MS)
    assert isinstance(refused, Refusal)
    assert refused.code == "model_unpriced"
    assert "web_searches of 'gpt-5.1-codex-mini'" in refused.message
    admitted(desk_with(prices, budget("all", 5), unpriced_models="pass").admit("ws_1", WHO, searching, NOW_MS))
    admitted(desk_with(prices, budget("all", 10**9, measure="tokens")).admit("ws_1", WHO, searching, NOW_MS))


def test_two_degrading_budgets_go_on_together_with_a_model_that_both_name(prices: PriceList) -> None:
    both = (budget("org", 0, degrade_to=("gpt-5-mini", "gpt-5-nano")), budget("team", 0, "team:core", degrade_to=("gpt-5-nano",)))
    call = admitted(desk_with(prices, *both).admit("ws_1", WHO, ask("gpt-5"), NOW_MS))
    assert (call.attempts[0].attempt.model, call.degraded_from) == ("gpt-5-nano", "gpt-5")
    cheap = admitted(desk_with(prices, *both).admit("ws_1", WHO, ask("gpt-5-nano"), NOW_MS))
    assert (cheap.attempts[0].attempt.model, cheap.degraded_from) == ("gpt-5-nano", "")
    apart = (both[0], budget("team", 0, "team:core", degrade_to=("gpt-4.1-nano",)))
    refused = desk_with(prices, *apart).admit("ws_1", WHO, ask("gpt-5"), NOW_MS)
    assert isinstance(refused, Refusal)
    assert refused.code == "budget_exhausted"


@pytest.mark.parametrize(
    ("model", "asked", "served", "usd_per_million", "quality"),
    [
        ("gpt-5", "", "", 10, "exact"),
        ("gpt-5", "priority", "priority", 20, "exact"),
        # Asked for another tier, served at the standard one: an answer that names none, or "default", was not served what was asked for.
        ("gpt-5", "priority", "", 10, "exact"),
        ("gpt-5", "flex", "", 10, "exact"),
        ("gpt-5", "flex", "flex", 5, "exact"),
        ("gpt-5", "auto", "priority", 20, "exact"),
        ("claude-haiku-4-5", "auto", "priority", 5, "estimated"),
    ],
)
def test_a_call_is_rated_at_the_tier_that_was_served(
    prices: PriceList, model: str, asked: str, served: str, usd_per_million: int, quality: str
) -> None:
    wire = "anthropic-messages" if model.startswith("claude") else "openai-chat"
    call = admitted(desk_with(prices, budget("all", 5)).admit("ws_1", WHO, ask(model, wire, service_tier=asked), NOW_MS))
    entry = settle(prices, call, Usage(output_tokens=1_000, service_tier=served))
    assert (entry.charged.nanousd, entry.quality) == (usd_per_million * 1_000_000, quality)
    assert bool(entry.reason) == (quality == "estimated")


def test_an_answer_without_usage_is_estimated_at_the_tier_that_was_asked_for(prices: PriceList) -> None:
    call = admitted(desk_with(prices, budget("all", 5)).admit("ws_1", WHO, ask("gpt-5", service_tier="flex"), NOW_MS))
    entry = settle(prices, call, None)
    assert (entry.usage.service_tier, entry.quality) == ("flex", "estimated")
    assert entry.lines[0].rate == "0.625"


def trial(desk: Desk, arm: Arm, unit: str = "run") -> Desk:
    """Every unit is in this arm."""
    desk.experiments = ready([Experiment("models", unit, (arm,), arm.name, "support", 0)], desk, NOW_MS)
    return desk


RUN = Attribution(org="acme", team="core", run="r1")
SMALL = Arm("small", model="gpt-5-nano")


def test_an_arms_model_is_planned_priced_and_held(prices: PriceList) -> None:
    call = admitted(trial(desk_with(prices, budget("all", 5)), SMALL).admit("ws_1", RUN, ask("gpt-5"), NOW_MS))
    plain = admitted(desk_with(prices, budget("all", 5)).admit("ws_1", RUN, ask("gpt-5-nano"), NOW_MS))
    assert (call.attempts, call.reserved.held) == (plain.attempts, plain.reserved.held)
    assert (call.reserved.model_asked, call.reserved.model, call.degraded_from) == ("gpt-5", "gpt-5-nano", "")
    assert (call.arms, call.reserved.attribution.tags) == (("models=small",), (("experiment.models", "small"),))
    outside = admitted(trial(desk_with(prices), SMALL).admit("ws_1", WHO, ask("gpt-5"), NOW_MS))
    assert (outside.arms, outside.reserved.model, outside.reserved.attribution) == ((), "gpt-5", WHO)


def test_a_budget_degrades_an_arms_model_as_it_does_any_other(prices: PriceList) -> None:
    desk = trial(desk_with(prices, budget("all", 0, degrade_to=("llama-4",))), Arm("small", model="gpt-5-mini"))
    call = admitted(desk.admit("ws_1", RUN, ask("gpt-5"), NOW_MS))
    assert (call.attempts[0].attempt.model, call.degraded_from, call.arms) == ("llama-4", "gpt-5-mini", ("models=small",))


def test_a_budget_may_limit_an_arm(prices: PriceList) -> None:
    desk = trial(desk_with(prices, budget("arm", 0, "tag:experiment.models=small")), SMALL)
    refused = desk.admit("ws_1", RUN, ask("gpt-5"), NOW_MS)
    assert isinstance(refused, Refusal) and refused.code == "budget_exhausted"
    admitted(desk.admit("ws_1", WHO, ask("gpt-5"), NOW_MS))


def test_a_model_that_its_caller_may_not_use_is_not_asked_and_the_unit_stays_in_its_arm(prices: PriceList) -> None:
    desk = trial(desk_with(prices), SMALL)
    desk.policies_of = lambda _: (Policy(Scope("team", "core"), models_allowed=("gpt-5",)),)
    call = admitted(desk.admit("ws_1", RUN, ask("gpt-5"), NOW_MS))
    assert (call.reserved.model, call.arms) == ("gpt-5", ("models=small",))
    refused = desk.admit("ws_1", RUN, ask("gpt-4o"), NOW_MS)
    assert isinstance(refused, Refusal) and refused.code == "model_not_allowed"


def test_a_holdout_takes_no_rate_and_no_hold(prices: PriceList) -> None:
    desk = trial(desk_with(prices, budget("all", 5)), Arm("none", holdout=True))
    desk.policies_of = lambda _: (Policy(Scope("team", "core"), requests_per_minute=1),)
    for _ in range(3):
        refused = desk.admit("ws_1", RUN, ask("gpt-5"), NOW_MS)
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.status, refused.headers()[-1]) == ("experiment_holdout", 402, (b"x-should-retry", b"false"))
    admitted(desk.admit("ws_2", WHO, ask("gpt-5"), NOW_MS))
