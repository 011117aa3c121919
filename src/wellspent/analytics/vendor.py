"""What a vendor charges for outcomes: a price for each, and what real price lists add to it. Pure.

A month is charged by itself: ``monthly_usd`` + max(``minimum_usd``, units beyond ``included`` at the price of the tier that each falls in).
The published lists that this has to hold (read in November 2026):

- Intercom Fin: $0.99 for each; alone, $49 a month with 50 included. A customer who comes back later is deducted (help article "Fin AI Agent
  resolutions").
- Zendesk: $1.50 for each that was committed to, $2.00 beyond, some included with each seat (help article "About automated resolutions for AI
  agents"). A commitment of 1,000 is ``minimum_usd = "1500"`` with a tier above 1,000.
- HubSpot Customer Agent: 50 credits of $0.01 for each since April 2026, 100 before; 3,000 or 5,000 credits a month included, none carried over (its
  catalogue, as others quote it).
- Salesforce Agentforce: $2 a conversation, or flex credits at $500 for 100,000, 20 for an action (pricing page of October 2026); $2 a resolution is
  reported.
- ServiceNow: assists from a pool, of which it publishes no price.
"""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import apportion, parse_usd

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
FIRST = "0000-01"  # before all later terms


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """Another price for the units of a month beyond a number, the included ones counted."""

    above: int
    price_usd: str


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """What a month costs. Amounts are decimal text.

    Attributes:
        price_usd: What one outcome costs.
        monthly_usd: What a month costs, however many there are.
        included: How many of a month that fee, or the plan, pays for. What is left over is lost.
        minimum_usd: The least that the outcomes of a month are charged: a commitment.
        tiers: Other prices beyond a number, in ascending order.
    """

    price_usd: str
    monthly_usd: str = ""
    included: int = 0
    minimum_usd: str = ""
    tiers: tuple[Tier, ...] = ()

    @property
    def fee_nanousd(self) -> int:
        """What a month costs without any outcome, a commitment left aside."""
        return _nanousd(self.monthly_usd)

    def usage_nanousd(self, units: int) -> int:
        """What so many units of one month cost, without the fee.

        >>> Terms("1.50", included=10, minimum_usd="30", tiers=(Tier(100, "2.00"),)).usage_nanousd(103) // 10**9
        141
        """
        steps = [(0, self.price_usd), *((tier.above, tier.price_usd) for tier in self.tiers)]
        ends = [start for start, _ in steps[1:]] + [units]
        parts = (max(0, min(end, units) - max(start, self.included)) * parse_usd(price) for (start, price), end in zip(steps, ends, strict=True))
        return max(sum(parts), _nanousd(self.minimum_usd))


class Later(Terms, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds from a month on, in place of all that held before.

    Attributes:
        since: The first month, like ``2026-05``; ``from`` in the configuration.
    """

    since: str = field(name="from")


class Vendor(Struct, frozen=True, forbid_unknown_fields=True):
    """Who charges for each outcome, and how much.

    Attributes:
        price_usd, monthly_usd, included, minimum_usd, tiers: As in ``Terms``.
        reopened: Whether outcomes that came back are taken off the bill again (``deducted``) or stay on it (``charged``).
        unit_usd: What one unit costs where a bill is in units of the vendor's own (ServiceNow's assists).
        later: Terms of later months, in ascending order.
    """

    name: str
    price_usd: str
    monthly_usd: str = ""
    included: int = 0
    minimum_usd: str = ""
    tiers: tuple[Tier, ...] = ()
    reopened: Literal["deducted", "charged"] = "deducted"
    unit_usd: str = ""
    later: tuple[Later, ...] = ()

    def terms_of(self, period: str) -> Terms:
        """The terms of a month (``2026-11``); "" asks for the last ones."""
        first = Terms(self.price_usd, self.monthly_usd, self.included, self.minimum_usd, self.tiers)
        return next((terms for terms in reversed(self.later) if not period or terms.since <= period), first)

    def units(self, quantity: int, reopened: int) -> int:
        """How many are charged of so many that stand and so many that came back."""
        return quantity + (reopened if self.reopened == "charged" else 0)

    def charge_nanousd(self, quantity: int, period: str = "", reopened: int = 0) -> int:
        """What one month costs.

        Args:
            quantity: Outcomes that stand.
            period: The month, like ``2026-11``; "" takes the last terms.
            reopened: Outcomes that had been settled and came back.
        """
        terms = self.terms_of(period)
        return terms.fee_nanousd + terms.usage_nanousd(self.units(quantity, reopened))

    def shares_nanousd(self, quantities: Sequence[int], period: str = "") -> list[int]:
        """What each line of a month's bill costs where the bill says no amounts: its share of what all cost, the fee left out."""
        units = sum(quantities)
        return apportion(self.terms_of(period).usage_nanousd(units), quantities) if units else [0] * len(quantities)


def check(vendor: Vendor) -> None:
    """Raises InvalidInput for terms that cannot be."""
    _check_amount("unit_usd", vendor.unit_usd)
    for terms in (vendor.terms_of(FIRST), *vendor.later):
        _check_terms(terms)
    months = [terms.since for terms in vendor.later]
    if not all(MONTH.fullmatch(month) for month in months) or months != sorted(set(months)):
        raise InvalidInput(f"later terms begin in {', '.join(map(repr, months))}", fix="write months like 2026-05, in ascending order, each once")


def _check_terms(terms: Terms) -> None:
    for name, text in (("price_usd", terms.price_usd), *(("price_usd of a tier", tier.price_usd) for tier in terms.tiers)):
        if not text:
            raise InvalidInput(f"the vendor's {name} is empty", fix="write an amount like 0.99")
        _check_amount(name, text)
    _check_amount("monthly_usd", terms.monthly_usd)
    _check_amount("minimum_usd", terms.minimum_usd)
    starts = [tier.above for tier in terms.tiers]
    if any(start < 1 for start in starts) or starts != sorted(set(starts)):
        raise InvalidInput(f"tiers begin above {', '.join(map(str, starts))}", fix="write numbers of one or more, in ascending order, each once")
    if not 0 <= terms.included <= limits.OUTCOME_QUANTITY_MAX:
        raise InvalidInput(f"{terms.included} outcomes are included", fix=f"write a number from 0 to {limits.OUTCOME_QUANTITY_MAX:,}")


def _check_amount(name: str, text: str) -> None:
    if _nanousd(text) < 0:
        raise InvalidInput(f"the vendor's {name} is {text}", fix="write an amount of zero or more")


def _nanousd(text: str) -> int:
    return parse_usd(text) if text else 0
