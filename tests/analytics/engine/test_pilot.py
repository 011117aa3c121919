"""What a pilot bought is the same by DuckDB as outcome by outcome over a walk of the journal, whatever the scope, the zone and the facts."""

import tempfile
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.analytics.engine.company import BEGIN_MS, DAY_MS, Company, event, who

from wellspent.analytics.allocate import links_of
from wellspent.analytics.bought import Bought, bought_by
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine import pilot
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.errors import InvalidInput
from wellspent.facts.initiative import Initiative
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.usage import Quality
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader

CONTRACT = Contract("support", "solved", match={"workflow": "bot"}, settle_after="24h", rework=("reopened",))
CONFIRMED = Contract("code", "merged", match={"tag": "app=shop's"}, attested="confirmed")
ZONES = ("UTC", "Europe/Zurich", "Asia/Kolkata", "Pacific/Apia")
SCOPES = [
    Scope("workflow", "bot"),
    Scope("team", "core"),
    Scope("tag", "app=shop's"),
    Scope("tag", "conversation=b"),
    Scope("key", "k"),
    Scope("org", "acme"),
]
names = st.sampled_from(["a", "b"])
people = st.builds(
    Attribution,
    org=st.just("acme"),
    team=st.sampled_from(["", "core"]),
    key=st.sampled_from(["", "k"]),
    workflow=st.sampled_from(["", "bot"]),
    run=st.sampled_from(["", "a", "b"]),
    session=st.sampled_from(["", "a", "b"]),
    tags=st.sampled_from([(), (("app", "shop's"),), (("change", "a"), ("mood", "good")), (("conversation", "b"),)]),
)
spent = st.lists(st.tuples(st.integers(0, 5 * DAY_MS - 1), st.integers(0, 10**12), people), min_size=1, max_size=8)
told = st.lists(
    st.builds(
        OutcomeEvent,
        source=st.just("desk"),
        outcome=st.sampled_from(["1", "2", "3", "4"]),
        kind=st.sampled_from(["solved", "solved", "merged", "reopened"]),
        state=st.sampled_from(["pending", "settled", "settled", "reversed"]),
        occurred_at_ms=st.integers(BEGIN_MS, BEGIN_MS + 6 * DAY_MS),
        quantity=st.integers(1, 5),
        attested=st.sampled_from(["", "confirmed"]),
        team=st.sampled_from(["", "", "core"]),
        workflow=st.sampled_from(["", "", "bot"]),
        links=st.lists(st.tuples(st.sampled_from(["run", "session", "conversation", "change"]), names), max_size=2).map(tuple),
    ),
    min_size=2,
    max_size=8,
)
pilots = st.builds(
    Initiative,
    st.just("try"),
    st.just("zoe"),
    st.just("x"),
    st.sampled_from(SCOPES),
    st.sampled_from(["support", "support", "code"]),
    st.sampled_from(["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03", "2026-10-09"]),
    st.just("2026-12-31"),
)


def specified(company: Company, found: Initiative) -> Bought:
    """Outcome by outcome, with what the journal's calls of the scope name since the first day."""
    now_ms, zone = company.clock.now_ms(), company.zone.key
    charges = JournalReader(company.path / "journal.db").charges(found.begins_ms(zone), 2**60)
    links = frozenset(link for charge in charges if found.scope in charge.attribution.scopes() for link in links_of(charge.attribution))
    with closing(OutcomeLog(company.path / FILE, company.clock)) as log:
        outcomes = list(log.outcomes())
    contract = next(each for each in company.contracts if each.name == found.contract)
    return bought_by(found, contract, outcomes, links, now_ms, zone)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spent, told, st.lists(pilots, min_size=6, max_size=12), st.sampled_from(ZONES), st.booleans())
def test_the_engine_is_its_specification(
    calls: list[tuple[int, int, Attribution]], heard: list[OutcomeEvent], found: list[Initiative], zone: str, sealed: bool
) -> None:
    with tempfile.TemporaryDirectory() as place:
        company = Company(Path(place), [CONTRACT, CONFIRMED], ZoneInfo(zone))
        company.spend(*calls)
        company.hear(*heard)
        company.turn(6 * DAY_MS)
        if sealed:
            company.seal()
        with company.engine() as engine:
            assert [pilot.bought(engine, each, company.clock.now_ms()) for each in found] == [specified(company, each) for each in found]


def test_calls_without_a_price_and_corrections_name_outcomes_too(tmp_path: Path) -> None:
    company = Company(tmp_path, [CONTRACT])
    company.spend((0, 0, who("a", workflow="bot")), quality=Quality.UNPRICED)
    company.spend((DAY_MS, -5, who("b", workflow="bot")))
    company.hear(*(event(run, "settled", DAY_MS, ("run", run)) for run in ("a", "b", "c")))
    company.turn(3 * DAY_MS)
    company.seal()
    found = Initiative("try", "zoe", "x", Scope("workflow", "bot"), "support", "2026-10-01", "2026-12-31")
    with company.engine() as engine:
        assert pilot.bought(engine, found, company.clock.now_ms()) == Bought(settled=2, counted=2, linked=2) == specified(company, found)


def test_without_its_contract_what_it_bought_is_unknown_and_a_scope_that_is_none_is_refused(tmp_path: Path) -> None:
    company = Company(tmp_path, [CONTRACT])
    company.spend((0, 5, who("a")))
    with company.engine() as engine:
        assert pilot.bought(engine, Initiative("try", "zoe", "x", Scope("team", "core"), "gone", "2026-10-01", "2026-12-31"), 0) is None
        with pytest.raises(InvalidInput, match="money is not charged to a 'mood'"):
            pilot.bought(engine, Initiative("try", "zoe", "x", Scope("mood", "good"), "support", "2026-10-01", "2026-12-31"), 0)
