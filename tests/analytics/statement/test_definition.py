"""Definitions in words, and a digest that differs where the words or the rules do."""

import msgspec
from tests.analytics.statement.made import CHANGES, SUPPORT

from wellspent.analytics.contract import Baseline, Contract, Running
from wellspent.analytics.statement.definition import definition_of, digest_of, vendor_words
from wellspent.analytics.vendor import Later, Tier, Vendor


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
    window = msgspec.structs.replace(CHANGES, reopen_within="30d")
    assert definition_of(window).text.startswith(
        "Counts each merged, once it is settled; what undoes it more than 30d later takes nothing away. Its money"
    )
    assert definition_of(window).digest != definition_of(CHANGES).digest
    assert "nothing that is said (a guess)" in definition_of(msgspec.structs.replace(whole, baseline=Baseline("a guess"))).text


def test_all_terms_of_a_vendor_are_said() -> None:
    assert vendor_words(Vendor("Fin", "0.99")) == "$0.99 each"
    whole = Vendor(
        "Fin", "0.99", "49", 50, "100", (Tier(1000, "0.90"),), reopened="charged", later=(Later(price_usd="1.20", since="2026-05"),)
    )  # fmt: skip
    assert vendor_words(whole) == (
        "$0.99 each, $0.90 above 1,000, $49.00 a month, 50 a month included, at least $100.00 a month; from 2026-05 $1.20 each;"
        " those that came back stay on the bill"
    )
    running = msgspec.structs.replace(CHANGES, running=Running("payroll", "500", "0.10"))
    assert "Beside tokens it costs $500.00 a month, $0.10 each (payroll)." in definition_of(running).text
    assert "Beside tokens it costs nothing that is said (x)." in definition_of(msgspec.structs.replace(running, running=Running("x"))).text


def test_who_shares_a_scope_is_known() -> None:
    """Those whose scopes some spending is in at once; a scope of another kind may be that, another team cannot."""
    growth, project, sales = (
        Contract(name, name, split=split) for name, split in (("a", {"team": "g"}), ("b", {"project": "p"}), ("c", {"team": "s"}))
    )
    of = (growth, project, sales, CHANGES)
    assert [definition_of(each, of).split_among for each in of] == [("a", "b"), ("a", "b", "c"), ("b", "c"), ()]


def test_the_digest_is_that_of_what_is_said() -> None:
    same = Contract("a", "k", where={"team": "t", "project": "p"})
    assert digest_of(same) == digest_of(Contract("a", "k", where={"project": "p", "team": "t"}, settle_after="0h"))
    others = (Contract("b", "k"), Contract("a", "l"), Contract("a", "k"), Contract("a", "k", worth_usd="1"), Contract("a", "k", rework=("l",)))
    assert len({digest_of(each) for each in (same, *others)}) == 6
