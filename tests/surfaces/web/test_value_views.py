"""Laws of the figures on the pages of value: parts sum to what they are parts of, and the answer claims no more than the intervals."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from wellspent.analytics.contract import Contract, Running
from wellspent.analytics.engine.answers import Cut
from wellspent.analytics.value import Bought, Spent, Value, assemble
from wellspent.analytics.vendor import Later, Tier, Vendor
from wellspent.surfaces.cli.when import PERIODS
from wellspent.surfaces.web.contract_view import amounts_of, became_of, cuts_of, rule_of, shared_with
from wellspent.surfaces.web.groups import ALL, SMALL, Groups, folded
from wellspent.surfaces.web.value_question import Chosen, Months, Question
from wellspent.surfaces.web.value_view import row_of, view_of

USD = 10**9
TODAY = date(2026, 11, 20)
A, B = Contract("a", "lead", split={"team": "t"}), Contract("b", "deal", split={"team": "t"}, worth_usd="2")
DAYS = [f"2026-{month:02d}-{day:02d}" for month in (9, 10, 11) for day in (1, 7, 15, 28)]
amounts = st.integers(-(10**12), 10**13)
days, counts = st.sampled_from(DAYS), st.integers(0, 50)


def money_of(contracts: list[str], tier: str, rule: str, states: list[str]) -> st.SearchStrategy[Spent]:
    return st.builds(
        Spent,
        st.sampled_from(contracts),
        days,
        st.just(tier),
        st.just(rule),
        st.sampled_from(states),
        amounts,
        amounts,
        st.just("") | days,
    )


spent = st.lists(
    money_of(["a", "b"], "linked", "the same run", ["counted", "open", "undone", "rework"])
    | money_of(["a"], "matched", "team x", [""])
    | money_of([""], "split", "a, b", [""])
    | money_of([""], "unallocated", "nothing", [""]),
    max_size=30,
)
bought = st.lists(
    st.builds(Bought, st.sampled_from(["a", "b"]), days, counts, counts, counts, st.integers(0, 10**12), st.just(0), st.integers(0, 3)), max_size=20
)


def question(by: str = "month", contract: str = "a") -> Question:
    return Question.parse({"since": "2026-09", "until": "2026-11", "by": by, "contract": contract}, TODAY, (A, B))


def values(money: list[Spent], outcomes: list[Bought], by: str) -> tuple[Value, Value]:
    return assemble((A, B), money, outcomes, lambda _: ""), assemble((A, B), money, outcomes, PERIODS[by])


@given(spent, bought, st.sampled_from(["week", "month"]))
def test_lines_steps_and_the_unallocated_are_the_total(money: list[Spent], outcomes: list[Bought], by: str) -> None:
    whole, steps = values(money, outcomes, by)
    view = view_of(question(by), (A, B), whole, steps, 0, TODAY)
    assert sum(row.spent_nanousd for row in view.lines) + view.unallocated_nanousd == view.total_nanousd == sum(each.nanousd for each in money)
    assert sum(row.spent_nanousd for row in view.steps) == sum(row.spent_nanousd for row in view.lines)
    for row in view.lines:
        assert sum(part.nanousd for part in became_of(row, question().months)) == row.spent_nanousd


@given(spent, bought)
def test_the_amounts_of_a_contract_are_what_was_spent_on_it(money: list[Spent], outcomes: list[Bought]) -> None:
    whole, _ = values(money, outcomes, "month")
    for line in whole.lines:
        sums: dict[tuple[str, str], int] = {}
        shared: dict[str, int] = {}
        for each in money:
            if each.contract == line.contract:
                sums[each.tier, each.rule] = sums.get((each.tier, each.rule), 0) + each.nanousd
            elif each.tier == "split":
                shared[each.rule] = shared.get(each.rule, 0) + each.nanousd
        cuts = shared_with(line.contract, [Cut((rule,), nanousd, 1) for rule, nanousd in shared.items()])
        parts = amounts_of(row_of(line), [Cut(group, nanousd, 1) for group, nanousd in sums.items()], cuts, question().months)
        assert sum(part.nanousd for part in parts) == line.spent_nanousd


pairs = st.tuples(st.text(max_size=4), st.sampled_from(["", "core", "pair", "trio"]))


@given(st.dictionaries(pairs, amounts, max_size=30), amounts, st.sets(st.sampled_from(["", "pair", "trio"])), st.sampled_from([SMALL, ALL]))
def test_a_break_down_sums_to_what_it_breaks_down(spent: dict[tuple[str, str], int], shared: int, small: set[str], name: str) -> None:
    groups = Groups(frozenset(small), name)
    cuts = [Cut(pair, nanousd, 1) for pair, nanousd in spent.items()]
    loose = Cut((), sum(spent.values()), len(spent))
    whole = loose.nanousd + shared
    for by in ("team", "client"):
        told = [Cut(cut.group[1:], cut.nanousd, cut.calls) for cut in cuts] if by == "team" else cuts
        parts = cuts_of(by, told, loose, whole, groups, Months("2026-09", "2026-11"))
        assert sum(part.nanousd for part in parts) == whole
        assert len(parts) <= 12
        assert sum(cut.nanousd for cut in folded(told, groups)) == loose.nanousd


def told(*each_by_month: tuple[str, float, int]) -> str:
    """The answer where each month has steady days of some dollars for one outcome."""
    money, outcomes = [], []
    for month, usd, pending in each_by_month:
        for day in range(1, 11):
            money.append(Spent("a", f"{month}-{day:02d}", "matched", "team x", "", round(usd * USD)))
            outcomes.append(Bought("a", f"{month}-{day:02d}", 1, pending, 0, 0, 0, 0))
    whole, steps = values(money, outcomes, "month")
    return view_of(question(), (A, B), whole, steps, 0, TODAY).answer


def test_the_answer_claims_no_more_than_it_knows() -> None:
    assert "It got dearer: $1.00 ($1.00 to $1.00) in 2026-09, $2.00 ($2.00 to $2.00) in 2026-10." in told(("2026-09", 1, 0), ("2026-10", 2, 0))
    assert "It got cheaper: $2.00 ($2.00 to $2.00) in 2026-09, $1.00" in told(("2026-09", 2, 0), ("2026-10", 1, 0))
    assert "not clear" in told(("2026-09", 1, 0), ("2026-10", 1, 0))
    assert "Too few finished months" in told(("2026-09", 1, 0), ("2026-10", 2, 1))  # half of October is pending
    assert "Too few finished months" in told(("2026-10", 1, 0), ("2026-11", 2, 0))  # November is not over
    assert told(("2026-09", 0.25, 0)).startswith("$1 bought 4.0: one lead cost $0.25")
    assert told(("2026-09", 250, 0)).startswith("$10,000 bought 40.0: one lead cost $250.00")
    assert told() == "Nothing was spent on a and nothing settled in these months."


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    outcomes = [Bought("a", "2026-09-01", 1, 0, 0, 0, 1, 1)]
    whole, steps = values([], outcomes, "month")
    view = view_of(question(), (A, B), whole, steps, 0, TODAY)
    assert "unknown: no spending is known to be for it" in view.answer
    assert view.lines[0].each_nanousd is None
    whole, steps = values([Spent("a", "2026-09-01", "matched", "team x", "", USD)], [], "month")
    assert "unknown: none settled in these months" in view_of(question(), (A, B), whole, steps, 0, TODAY).answer
    assert all("unknown" in text for name, text in rule_of(A) if name in ("Worth", "Before AI", "By outcome"))


def test_a_vendors_terms_are_told() -> None:
    vendor = Vendor("Fin", "0.99", later=(Later("1.50", "49", 50, "100", (Tier(1000, "2"),), since="2026-05"),), reopened="charged")
    rule = dict(rule_of(Contract("a", "lead", vendor=vendor, running=Running("payroll", "4000"))))
    assert rule["By outcome"] == (
        "Fin charges $1.50 each, $2.00 each beyond 1,000 a month, a fee of $49.00 a month, 50 a month included, at least $100.00 a month"
        " since 2026-05, other terms before. Outcomes that came back stay on its bill."
    )
    assert rule["Beside tokens"].startswith("$4,000.00 a month. Source: payroll.")


def test_the_address_holds_everything() -> None:
    asked = Question.parse({"since": "2026-09", "until": "2026-11", "contract": "b", "by": "month"}, TODAY, (A, B))
    assert asked.link() == "/value?since=2026-09&until=2026-11&by=month&contract=b"
    assert asked.link("/value/b", state="open") == "/value/b?since=2026-09&until=2026-11&by=month&state=open"
    assert (asked.months.first, asked.months.after, asked.months.count) == ("2026-09-01", "2026-12-01", 3)
    assert asked.months.moved(-3) == Months("2026-06", "2026-08")
    fresh = Question.parse({}, TODAY, (A, B))
    assert (fresh.months, fresh.by, fresh.contract) == (Months("2026-08", "2026-11"), "week", "a")
    assert Question.parse({"since": "2025-11"}, TODAY, (A, B)).by == "month"
    chosen = Chosen.parse({"contract": "-", "team": "", "since": "2026-09", "until": "2026-11"}, TODAY)
    assert chosen.where.cuts == {"team": ""}
    assert Chosen.parse(dict(pair.split("=") for pair in chosen.link().split("?")[1].split("&")), TODAY) == chosen
    whole = Chosen.parse({"source": "desk", "outcome": "T-1"}, TODAY)
    assert (whole.where.outcome, whole.where.since) == (("desk", "T-1"), "0001-01-01")
