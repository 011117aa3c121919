"""What a contract counts, and what cannot be one."""

from typing import Any

import msgspec
import pytest

from wellspent.analytics.contract import HOUR_MS, Contract, contract_named, contracts_of
from wellspent.facts.errors import ConfigError, NotFound
from wellspent.facts.outcome import Outcome, OutcomeEvent, State, outcome_of

AT_MS = 1_000_000


def outcome(state: str = "settled", **said: Any) -> Outcome:
    found = outcome_of([OutcomeEvent(**{"source": "zendesk", "outcome": "T1", "kind": "solved", "state": state, "occurred_at_ms": AT_MS, **said})])
    assert found is not None
    return found


def test_an_outcome_counts_once_it_has_stood_long_enough() -> None:
    contract = Contract("support", "solved", settle_after="72h")
    assert not contract.counts(outcome(), AT_MS + 72 * HOUR_MS - 1)
    assert contract.counts(outcome(), AT_MS + 72 * HOUR_MS)
    assert not contract.counts(outcome("reversed"), AT_MS + 99 * HOUR_MS)
    assert not contract.counts(outcome("pending"), AT_MS + 99 * HOUR_MS)
    assert Contract("a", "solved", settle_after="7d").settle_after_ms == 168 * HOUR_MS


@pytest.mark.parametrize(
    ("terms", "said", "counts"),
    [
        ({}, {}, True),
        ({"kind": "merged"}, {}, False),
        ({"source": "zendesk"}, {}, True),
        ({"source": "intercom"}, {}, False),
        ({"where": {"team": "support"}}, {"team": "support"}, True),
        ({"where": {"team": "support"}}, {"team": "sales"}, False),
        ({"attested": "confirmed"}, {"attested": "assumed"}, False),
        ({"attested": "confirmed"}, {"attested": "confirmed"}, True),
    ],
)
def test_what_counts(terms: dict[str, Any], said: dict[str, Any], counts: bool) -> None:
    contract = Contract(**{"name": "support", "kind": "solved", **terms})
    assert contract.counts(outcome(**said), AT_MS) is counts
    assert contract.covers(outcome(**said)) or not counts


@pytest.mark.parametrize(
    ("other", "both"),
    [
        ({}, True),
        ({"kind": "merged"}, False),
        ({"source": "intercom"}, True),
        ({"where": {"team": "sales"}}, True),
        ({"where": {"team": "sales", "project": "x"}}, True),
    ],
)
def test_two_contracts_for_one_outcome_are_refused_by_name(other: dict[str, Any], both: bool) -> None:
    lines = [{"name": "one", "kind": "solved"}, {"name": "two", "kind": "solved", **other}]
    if both:
        with pytest.raises(ConfigError, match="'one' and 'two' would both count one solved"):
            contracts_of(lines)
    else:
        assert [each.name for each in contracts_of(lines)] == ["one", "two"]


def test_contracts_that_are_told_apart() -> None:
    base = {"kind": "solved"}
    for one, other in (
        ({"source": "zendesk"}, {"source": "intercom"}),
        ({"where": {"team": "a"}}, {"where": {"team": "b"}}),
        ({"where": {"team": "a", "project": "x"}}, {"where": {"team": "a", "project": "y"}}),
    ):
        assert len(contracts_of([{"name": "1", **base, **one}, {"name": "2", **base, **other}])) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"kind": "solved"}, "missing required field `name`"),
        ({"name": "", "kind": "solved"}, "has no name or no kind"),
        ({"name": "a", "kind": "time_saved"}, "what people say of themselves: no outcome, and part of no sum"),
        ({"name": "-", "kind": "solved"}, "is named as pages name"),
        ({"name": "total", "kind": "solved"}, "is named as reports name a sum"),
        ({"name": "Unallocated", "kind": "solved"}, "is named as reports name a sum"),
        ({"name": "a, b", "kind": "solved"}, "has a comma in its name"),
        ({"name": "a", "kind": "solved", "rework": ["solved"]}, "says that solved is rework of itself"),
        ({"name": "a", "kind": "solved", "until": 1}, "unknown field `until`"),
        ({"name": "a", "kind": "solved", "where": {"person": "ann"}}, "asks where person"),
        ({"name": "a", "kind": "solved", "match": {"person": "zoe"}}, "says match person, which is one person; use org, team, key"),
        ({"name": "a", "kind": "solved", "split": {"team": "t", "session": "s"}}, "says split session, which is one person"),
        ({"name": "a", "kind": "solved", "match": {"teem": "growth"}}, "says match teem, which is no kind of scope"),
        ({"name": "a", "kind": "solved", "split": {"model": "m"}}, "use org, team, key, project, workflow, run, tag"),
        ({"name": "a", "kind": "solved", "match": {"team": ""}}, "says match team '', which nothing is charged to"),
        ({"name": "a", "kind": "solved", "match": {"tag": "customer"}}, "says match tag 'customer', which nothing is charged to"),
        ({"name": "a", "kind": "solved", "settle_after": "3 days"}, "settles after '3 days'"),
        ({"name": "a", "kind": "solved", "reopen_within": "3 days"}, "can be reopened within '3 days'"),
        ({"name": "a", "kind": "solved", "settle_after": "7d", "reopen_within": "48h"}, "cannot be reopened any more before it settles"),
        ({"name": "a", "kind": "solved", "worth_usd": "much"}, "is not an amount"),
        ({"name": "a", "kind": "solved", "vendor": {"name": "x", "price_usd": "-1"}}, "amount"),
        ({"name": "a", "kind": "solved", "worth_usd": "-1"}, "says -1"),
        ({"name": "a", "kind": "solved", "running": {"source": "x", "monthly_usd": "-2"}}, "says -2"),
        ({"name": "a", "kind": "solved", "running": {"monthly_usd": "2"}}, "missing required field `source`"),
        ({"name": "a", "kind": "solved", "baseline": {"cost_usd": "8"}}, "missing required field `source`"),
    ],
)
def test_a_contract_that_cannot_be_is_told(line: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        contracts_of([line])
    assert said in str(caught.value)
    assert caught.value.fix


def test_what_is_rework_of_one_is_not_counted_by_another() -> None:
    with pytest.raises(ConfigError, match="'code' and 'reverts' would both count one reverting"):
        contracts_of([{"name": "code", "kind": "merged", "rework": ["reverting"]}, {"name": "reverts", "kind": "reverting"}])


def test_two_that_match_the_same_spending_are_refused_and_two_that_split_it_are_not() -> None:
    base = [{"name": "a", "kind": "x"}, {"name": "b", "kind": "y"}]
    with pytest.raises(ConfigError, match="'a' and 'b' match the same spending"):
        contracts_of([{**line, "match": {"team": "core"}} for line in base])
    assert len(contracts_of([{**line, "split": {"team": "core"}} for line in base])) == 2


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="two contracts are named 'a'"):
        contracts_of([{"name": "a", "kind": "x"}, {"name": "a", "kind": "y"}])


def test_a_contract_that_is_not_there_names_those_that_are() -> None:
    one = Contract("leads", "lead")
    assert contract_named((one,), "leads") is one
    with pytest.raises(NotFound, match="use one of leads"):
        contract_named((one,), "sales")
    with pytest.raises(NotFound, match=r"wellspent\.toml"):
        contract_named((), "sales")


def test_what_is_reopened_after_its_window_goes_on_counting() -> None:
    contract = Contract("a", "solved", settle_after="24h", reopen_within="48h")
    hours = 3_600_000

    def told(*states: tuple[State, int]) -> Outcome:
        found = outcome_of([OutcomeEvent("desk", "T1", "solved", state, at * hours) for state, at in states])
        assert found is not None
        return found

    assert not contract.counts(told(("settled", 0)), 23 * hours)
    assert not contract.counts(told(("settled", 0), ("reversed", 30)), 99 * hours)
    assert contract.counts(told(("settled", 0), ("reversed", 49)), 99 * hours)
    assert contract.counts(told(("settled", 0), ("pending", 72)), 99 * hours)
    assert not contract.counts(told(("settled", 0), ("reversed", 1), ("settled", 30)), 50 * hours)
    assert contract.had_counted(told(("settled", 0), ("reversed", 30)))
    assert not contract.had_counted(told(("settled", 0), ("reversed", 23)))
    assert not contract.had_counted(told(("pending", 0), ("reversed", 23)))
    assert not msgspec.structs.replace(contract, attested="confirmed").had_counted(told(("settled", 0), ("reversed", 30)))
