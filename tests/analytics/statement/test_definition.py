"""Definitions in words, and a digest that differs where the words or the rules do."""

import msgspec
from tests.analytics.statement.made import CHANGES, SUPPORT

from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.statement.definition import definition_of, digest_of


def test_a_contract_in_words() -> None:
    assert definition_of(SUPPORT).text == (
        "Counts each solved, once it has stood for 72h. Its money is what names the same id, else what team care spent."
        " One is said to be worth $6.50. Before AI: $8.20 each, 14 minutes each (time study). Fin charges $0.99 each."
    )
    assert definition_of(CHANGES).text == "Counts each merged, once it is settled. Its money is what names the same id; reverting is rework of it."
    whole = Contract(
        "all", "lead", source="crm", where={"team": "a", "project": "b"}, attested="confirmed", split={"team": "p"},
        baseline=Baseline("a guess", per_month=1200), vendor=Vendor("v", "1"),
    )  # fmt: skip
    assert definition_of(whole).text == (
        "Counts each lead that crm says of team a and project b, once it is settled and somebody confirmed it."
        " Its money is what names the same id, else its share of what team p spent. Before AI: 1,200 a month (a guess). V charges $1.00 each."
    )
    assert "nothing is said (a guess)" in definition_of(msgspec.structs.replace(whole, baseline=Baseline("a guess"))).text


def test_the_digest_is_that_of_what_is_said() -> None:
    same = Contract("a", "k", where={"team": "t", "project": "p"})
    assert digest_of(same) == digest_of(Contract("a", "k", where={"project": "p", "team": "t"}, settle_after="0h"))
    others = (Contract("b", "k"), Contract("a", "l"), Contract("a", "k"), Contract("a", "k", worth_usd="1"), Contract("a", "k", rework=("l",)))
    assert len({digest_of(each) for each in (same, *others)}) == 6
