"""What the tests of real clients share: a gateway with keys of every kind before the fake provider, and one tap per test."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.clients.tap import Answered, Tap
from tests.gateway.harness import Gateway

from wellspent.budgets.budget import Budget, Policy
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.entry import Reserved, Settled
from wellspent.facts.money import exact_usd
from wellspent.facts.usage import Usage
from wellspent.ledger.reader import JournalReader, Receipt
from wellspent.limits import SETTINGS_POLL_S
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms
from wellspent.testing.provider import FakeProvider
from wellspent.testing.provider.seen import Seen

# A discount that no client knows of: an amount in the ledger can only come from our own price list.
DISCOUNT_PERCENT = 25
TERMS = f'\n[[terms]]\nprovider = "anthropic"\ndiscount_percent = {DISCOUNT_PERCENT}\n'
PRICE_PROVIDER = {"gemini": "google", "anthropic-messages": "anthropic"}
POOR_LIMIT_NANOUSD = 20_000_000
CONTACT = "finops@acme.example"
REFUSAL = (
    rf"Budget reached: poor-month \(key:poor\) has \$[\d.]+ of \$0\.02\d* left; this call may need \$[\d.]+\. Resets 1 .* UTC\..* Ask: {CONTACT}\."
)


class Paid(NamedTuple):
    """One call in the ledger."""

    reserved: Reserved
    ended: Settled

    @property
    def who(self) -> Attribution:
        return self.reserved.attribution


@dataclass
class Stage:
    """A running gateway and its keys: ``rich`` and ``poor`` by their hard budget, the rest by their names."""

    gateway: Gateway
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> FakeProvider:
        return self.gateway.provider

    def set_up(self) -> None:
        config = self.gateway.folder / "wellspent.toml"
        config.write_text(config.read_text() + TERMS)
        with contextlib.closing(self.gateway.store()) as settings:
            for name in ("rich", "poor", "gone", "narrow", "hurried", "stopped"):
                self.keys[name], _ = settings.create_key(name, org="acme", team="core")
            self.keys["open"], _ = settings.create_key("open", org="acme")
            settings.set_budget(Budget("rich-month", Scope("key", "rich"), 10_000 * 10**9))
            settings.set_budget(Budget("poor-month", Scope("key", "poor"), POOR_LIMIT_NANOUSD, contact=CONTACT))
            settings.set_policy(Policy(Scope("key", "narrow"), models_allowed=("claude-opus-*", "gpt-5")))
            settings.set_policy(Policy(Scope("key", "hurried"), requests_per_minute=1))
            settings.revoke_key("gone")

    def spend_up(self) -> None:
        """Spend the poor key's budget to where not even the cheapest call fits."""
        headers = {"authorization": "", "x-goog-api-key": self.keys["poor"]}
        for said in ("[[fake: output_tokens=9000]]", *["hi"] * 50):
            body = {"contents": [{"role": "user", "parts": [{"text": said}]}]}
            status, _, _ = self.gateway.post("/v1beta/models/gemini-2.5-flash:generateContent", body, headers)
            if status == 402:
                return
        raise AssertionError("the poor key is still not at its limit")

    def set_policy(self, policy: Policy) -> None:
        """Change a policy of the running gateway, and wait until it has read it."""
        with contextlib.closing(self.gateway.store()) as settings:
            settings.set_policy(policy)
        time.sleep(3 * SETTINGS_POLL_S)

    def receipt(self, call_id: str) -> Receipt:
        reader = JournalReader(self.gateway.journal)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            found = reader.receipt(call_id)
            if found is not None and found.ended is not None:
                return found
            time.sleep(0.01)
        raise AssertionError(f"call {call_id} has no end in the ledger")


@dataclass
class Scene:
    """One test's view: what its client sent and got (by its own tap), and what of it reached the provider."""

    stage: Stage
    tap: Tap
    first: int

    @property
    def url(self) -> str:
        return self.tap.url

    def key(self, name: str) -> str:
        return self.stage.keys[name]

    @property
    def arrived(self) -> list[Seen]:
        """Requests that the provider got in this test."""
        return self.stage.provider.calls[self.first :]

    @property
    def billed(self) -> list[Usage]:
        """What the provider truly charged in this test."""
        return [call.usage for call in self.arrived if call.usage is not None]

    @property
    def metered(self) -> list[Answered]:
        """Answers to model calls."""
        return [answer for answer in self.tap.answers if answer.status == 200 and "x-wellspent-held-usd" in answer.headers]

    def receipts(self) -> list[Receipt]:
        return [self.stage.receipt(answer.headers["x-wellspent-call-id"]) for answer in self.metered]

    def paid_exactly(self, calls: int = 1) -> list[Paid]:
        """Check that so many calls are in the ledger at exactly what the provider charged, times our prices, and said so to the client."""
        found = self.receipts()
        assert len(found) == calls == len(self.billed), (self.tap.seen, [answer.status for answer in self.tap.answers])
        paid = []
        for answer, receipt in zip(self.metered, found, strict=True):
            ended, reserved = receipt.ended, receipt.reserved
            assert isinstance(ended, Settled)
            assert ended.quality == "exact", ended.reason
            price = price_list().price(PRICE_PROVIDER.get(reserved.wire, "openai"), ended.model, reserved.at_ms)
            assert ended.charged.nanousd == rate(ended.usage, price).amount_nanousd > 0
            assert ended.charged.nanousd <= reserved.held.nanousd
            assert ended.overrun_nanousd == 0
            assert answer.headers["x-wellspent-held-usd"] == exact_usd(reserved.held.nanousd)
            if "x-wellspent-cost-usd" in answer.headers:
                assert answer.headers["x-wellspent-cost-usd"] == exact_usd(ended.charged.nanousd)
            paid.append(Paid(reserved, ended))
        assert sorted((each.ended.usage for each in paid), key=repr) == sorted(self.billed, key=repr)
        return paid

    def refused(self, status: int = 402, code: str = "budget_exhausted") -> None:
        """Check that exactly one request came, that it was refused so, and that nothing was bought."""
        answers = [answer for answer in self.tap.answers if "x-wellspent-refusal" in answer.headers]
        assert [answer.status for answer in answers] == [status], self.tap.seen
        assert answers[0].headers["x-wellspent-refusal"] == code
        assert answers[0].headers["x-should-retry"] == "false"
        assert "retry-after" not in answers[0].headers
        assert len([request for request in self.tap.requests if request.method == "POST"]) == 1
        assert not self.billed


def price_list() -> PriceList:
    return PriceList(PriceBook.bundled(), Terms.parse([{"provider": "anthropic", "discount_percent": DISCOUNT_PERCENT}]))


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """The gateway, set up and started; stopped at the end."""
    with FakeProvider() as provider:
        stage = Stage(Gateway(folder, provider))
        stage.gateway.prepare()
        stage.set_up()
        stage.gateway.start()
        try:
            stage.spend_up()
            yield stage
        finally:
            stage.gateway.stop()
