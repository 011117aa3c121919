"""What a contract says, in words that somebody who signs can read, and as a digest that shows whether it was changed."""

import hashlib

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from wellspent.analytics.allocate import words
from wellspent.analytics.contract import Contract
from wellspent.facts.money import format_usd, parse_usd


class Definition(Struct, frozen=True):
    """One contract as a statement used it.

    Attributes:
        text: What it says, in sentences.
        digest: SHA-256 of it: two that are equal say the same.
    """

    contract: str
    text: str
    digest: str


def definition_of(contract: Contract) -> Definition:
    """A contract's definition."""
    said = [_counts(contract), _money(contract), *_amounts(contract)]
    return Definition(contract.name, " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in said), digest_of(contract))


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
    return told + (" and somebody confirmed it" if contract.attested == "confirmed" else "")


def _money(contract: Contract) -> str:
    told = "Its money is what names the same id"
    told += f", else what {words(contract.match)} spent" if contract.match else ""
    told += f", else its share of what {words(contract.split)} spent" if contract.split else ""
    return told + (f"; {', '.join(contract.rework)} is rework of it" if contract.rework else "")


def _amounts(contract: Contract) -> list[str]:
    said = [f"One is said to be worth {format_usd(parse_usd(contract.worth_usd))}"] if contract.worth_usd else []
    baseline, vendor = contract.baseline, contract.vendor
    if baseline:
        cost = f"{format_usd(parse_usd(baseline.cost_usd))} each" if baseline.cost_usd else ""
        time = f"{baseline.minutes:g} minutes each" if baseline.minutes else ""
        volume = f"{baseline.per_month:,} a month" if baseline.per_month else ""
        said.append(f"Before AI: {', '.join(filter(None, (cost, time, volume))) or 'nothing is said'} ({baseline.source})")
    return said + ([f"{vendor.name} charges {format_usd(parse_usd(vendor.price_usd))} each"] if vendor else [])
