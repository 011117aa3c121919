"""What a pilot bought: each outcome once, in one way, as its contract counts it, and the range of a count as printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from tests.analytics.pilots import BEGAN_MS, CONTRACT, DAY_MS, NOW_MS, PILOT, RUN, SCOPE, USD, linked, outcome

from wellspent.analytics.allocate import links_of
from wellspent.analytics.bought import Bought, bought_by, each_of, how_found, poisson_range, words
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.outcome import Outcome

LINKS = frozenset({RUN, ("session", "s1")})
STATES = st.sampled_from([("settled",), ("pending",), ("reversed",), ("settled", "reversed"), ("pending", "settled"), ("settled", "pending")])
SAID = st.fixed_dictionaries(
    {
        "links": st.sampled_from([(), (RUN,), (("run", "other"),)]),
        "workflow": st.sampled_from(["", "researcher", "other"]),
        "kind": st.sampled_from(["lead", "deal"]),
        "quantity": st.integers(1, 5),
        "day": st.sampled_from([-3.0, 1.0, 59.5]),
    }
)


def bought(outcomes: list[Outcome], now_ms: int = NOW_MS) -> Bought:
    return bought_by(PILOT, CONTRACT, outcomes, LINKS, now_ms, "UTC")


@given(st.lists(st.tuples(STATES, SAID), max_size=12))
def test_every_outcome_is_in_one_place_or_none(drawn: list[tuple[tuple[str, ...], dict[str, object]]]) -> None:
    outcomes = [outcome(f"o{number}", *states, **said) for number, (states, said) in enumerate(drawn)]  # type: ignore[arg-type]
    found = bought(outcomes)
    assert found.linked + found.named + found.ruled == found.settled
    assert found.settled + found.pending + found.reversed <= sum(each.last.quantity for each in outcomes)
    assert found.counted <= found.settled
    assert found == bought(outcomes[::-1])
    one_by_one = [bought([each]) for each in outcomes]
    assert found == Bought(*(sum(getattr(each, name) for each in one_by_one) for name in Bought.__struct_fields__))


def test_what_is_undone_later_leaves_and_what_is_not_settled_for_long_enough_waits() -> None:
    outcomes = [
        outcome("one", quantity=3, links=(RUN,)),
        outcome("two", "settled", "reversed", links=(RUN,)),
        outcome("six", "pending", links=(RUN,)),
    ]
    assert bought(outcomes) == Bought(settled=3, pending=1, reversed=1, counted=1, waiting=1, linked=3)
    early = BEGAN_MS + DAY_MS + 2 * 3_600_000
    assert bought(outcomes, early).pending == 4
    assert bought([outcome("waits", "reversed", links=(RUN,)), outcome("came to nothing", "pending", "reversed", links=(RUN,))]) == Bought()


def test_only_since_the_pilot_began() -> None:
    assert bought([outcome("before", day=-0.01, links=(RUN,)), outcome("at once", day=0.0, links=(RUN,))]).settled == 1


@pytest.mark.parametrize(
    ("said", "scope", "how"),
    [
        ({"links": (RUN,)}, SCOPE, "linked"),
        ({"links": (RUN,), "workflow": "other"}, SCOPE, "linked"),
        ({"links": (("run", "other"),), "workflow": "researcher"}, SCOPE, "named"),
        ({"links": (("run", "other"),)}, SCOPE, None),
        ({}, SCOPE, "ruled"),
        ({}, Scope("team", "growth"), None),
        ({"team": "growth"}, Scope("team", "growth"), "named"),
        ({"links": (("customer", "acme"),)}, Scope("tag", "customer=acme"), "named"),
        ({"links": (("customer", "else"),)}, Scope("tag", "customer=acme"), None),
        ({"kind": "deal", "links": (RUN,)}, SCOPE, None),
    ],
)
def test_how_an_outcome_is_found(said: dict[str, object], scope: Scope, how: str | None) -> None:
    assert how_found(scope, CONTRACT, outcome("one", **said), LINKS) == how  # type: ignore[arg-type]


def test_what_a_call_names() -> None:
    who = Attribution("acme", run="r1", session="s1", tags=(("change", "acme/app#4"), ("pilot", "leads")))
    assert set(links_of(who)) == {("run", "r1"), ("session", "s1"), ("change", "acme/app#4")}
    assert links_of(Attribution("acme")) == []


@pytest.mark.parametrize("count", [1, 2, 5, 10, 30, 100, 1_000])
def test_the_range_of_a_count_is_near_the_exact_one(count: int) -> None:
    """Garwood's exact limits by chi-square; Byar's approximation is within 0.3 outcomes of them at any count."""
    low, high = poisson_range(count)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2, abs=0.3)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2, abs=0.3)
    assert low < count < high


def test_nothing_may_still_be_up_to_four() -> None:
    low, high = poisson_range(0)
    assert low == 0
    assert 3 < high < 4


@given(st.integers(0, 10**15), st.integers(1, 500), st.integers(1, 9))
def test_the_range_holds_the_cost(spent_nanousd: int, counted: int, quantity: int) -> None:
    each = each_of(spent_nanousd, Bought(settled=counted * quantity, counted=counted))
    assert each is not None
    assert each.low_nanousd <= each.nanousd + 1
    assert each.nanousd <= each.high_nanousd + 1


def test_the_cost_of_one() -> None:
    each = each_of(600 * USD, bought(linked(10)))
    assert each is not None
    assert each.nanousd == 60 * USD
    assert each_of(600 * USD, Bought(pending=3)) is None


def test_kinds_are_words() -> None:
    assert words("conversation_solved") == "conversation solved"
