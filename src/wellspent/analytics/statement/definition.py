"""What a contract says, in words that somebody who signs can read, and as a digest that shows whether it was changed."""

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from wellspent.analytics.allocate import words
from wellspent.analytics.contract import Contract
from wellspent.analytics.vendor import FIRST, Terms, Vendor
from wellspent.facts.money import format_usd, parse_usd


class Definition(Struct, frozen=True):
    """One contract as a statement used it.

    Attributes:
        text: What it says, in sentences.
        digest: SHA-256 of it: two that are equal say the same.
        split_among: The contracts by whose outcomes money that it shares is split, itself among them; none where it shares nothing.
    """

    contract: str
    text: str
    digest: str
    split_among: tuple[str, ...] = ()


def definition_of(contract: Contract, contracts: Sequence[Contract] = ()) -> Definition:
    """A contract's definition.

    Args:
        contracts: All there are.
    """
    said = [_counts(contract), _money(contract), *_amounts(contract)]
    return Definition(
        contract.name, " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in said), digest_of(contract), split_among(contract, contracts)
    )


def split_among(contract: Contract, contracts: Sequence[Contract]) -> tuple[str, ...]:
    """Contracts that one may share money with: some spending is in the scopes of both."""
    if not contract.split:
        return ()
    return tuple(each.name for each in contracts if each.split and all(contract.split.get(kind, name) == name for kind, name in each.split.items()))


def digest_of(contract: Contract) -> str:
    """Of what it says; what it leaves unsaid has no part in it, so that a newer version of the product changes nothing."""
    said = {each.name: getattr(contract, each.name) for each in fields(contract)}
    unsaid = Contract(name=contract.name, kind=contract.kind)
    told = {name: value for name, value in said.items() if name in ("name", "kind") or value != getattr(unsaid, name)}
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def _counts(contract: Contract) -> str:
    told = f"Counts each {contract.kind}"
    told += f" that {contract.source} says" if contract.source else ""
    told += f" of {words(contract.where)}" if contract.where else ""
    told += f", once it has stood for {contract.settle_after}" if contract.settle_after_ms else ", once it is settled"
    told += " and somebody confirmed it" if contract.attested == "confirmed" else ""
    return told + (f"; what undoes it more than {contract.reopen_within} later takes nothing away" if contract.reopen_within else "")


def _money(contract: Contract) -> str:
    told = "Its money is what names the same id"
    told += f", else what {words(contract.match)} spent" if contract.match else ""
    told += f", else its share of what {words(contract.split)} spent" if contract.split else ""
    return told + (f"; {', '.join(contract.rework)} is rework of it" if contract.rework else "")


def _amounts(contract: Contract) -> list[str]:
    said = [f"One is said to be worth {_usd(contract.worth_usd)}"] if contract.worth_usd else []
    baseline, vendor, running = contract.baseline, contract.vendor, contract.running
    if baseline:
        cost = f"{_usd(baseline.cost_usd)} each" if baseline.cost_usd else ""
        time = f"{baseline.minutes:g} minutes each" if baseline.minutes else ""
        volume = f"{baseline.per_month:,} a month" if baseline.per_month else ""
        said.append(f"Before AI: {_listed(cost, time, volume)} ({baseline.source})")
    if running:
        month = f"{_usd(running.monthly_usd)} a month" if running.monthly_usd else ""
        each = f"{_usd(running.each_usd)} each" if running.each_usd else ""
        said.append(f"Beside tokens it costs {_listed(month, each)} ({running.source})")
    return said + ([f"{vendor.name} charges {vendor_words(vendor)}"] if vendor else [])


def vendor_words(vendor: Vendor) -> str:
    """What a vendor charges, in words."""
    told = terms_words(vendor.terms_of(FIRST))
    told += "".join(f"; from {each.since} {terms_words(each)}" for each in vendor.later)
    return told + ("; those that came back stay on the bill" if vendor.reopened == "charged" else "")


def terms_words(terms: Terms) -> str:
    """The terms of a month, in words."""
    parts = [f"{_usd(terms.price_usd)} each", *(f"{_usd(tier.price_usd)} above {tier.above:,}" for tier in terms.tiers)]
    parts += [f"{_usd(terms.monthly_usd)} a month"] if terms.monthly_usd else []
    parts += [f"{terms.included:,} a month included"] if terms.included else []
    return ", ".join(parts + ([f"at least {_usd(terms.minimum_usd)} a month"] if terms.minimum_usd else []))


def _listed(*parts: str) -> str:
    return ", ".join(filter(None, parts)) or "nothing that is said"


def _usd(text: str) -> str:
    return format_usd(parse_usd(text))
