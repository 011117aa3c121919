"""The made-up company does what the README and its pages say of it, on any day it is made."""

from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from wellspent.analytics.compare import Month, compare
from wellspent.analytics.contract import contracts_of
from wellspent.analytics.experiment import evaluate
from wellspent.analytics.recount import Billed, recount
from wellspent.analytics.selfreport import self_reported
from wellspent.config import Config, load_config
from wellspent.connectors.bills import bill_of
from wellspent.demo import demo_config, story
from wellspent.demo.company import AGENTS, TEAMS
from wellspent.demo.history import BILL, Told, write
from wellspent.facts.clock import SystemClock
from wellspent.facts.money import parse_usd
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.ledger.reviews import FILE as REVIEWS
from wellspent.ledger.reviews import ReviewLog
from wellspent.ledger.verify import verify
from wellspent.rework.delay.delays import delay, delays
from wellspent.rework.delay.effort import efforts
from wellspent.rework.delay.settings import rates_of
from wellspent.rework.delay.timeline import timelines
from wellspent.routing.experiment_lines import experiments_of
from wellspent.surfaces.asking.answering import answered
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.initiatives import Initiatives, Sources

DAY_MS = 86_400_000
NANO = 1_000_000_000
ENDS = {"UTC": "2026-11-24T15:00", "Europe/Zurich": "2026-04-01T00:30"}  # the second: a new month, and the clocks changed three days ago


@pytest.fixture(scope="module", params=list(ENDS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Told, int]:
    """A company, what was told of it, and its last moment."""
    zone = request.param
    now_ms = int(datetime.fromisoformat(ENDS[zone]).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    plain = msgspec.structs.replace(load_config(None, {"HOME": "/home-of-nobody"}), timezone=zone)
    config = demo_config(plain, tmp_path_factory.mktemp("company"), "http://127.0.0.1:1", now_ms)
    return config, write(config, now_ms, lambda days: None), now_ms


def reader(made: tuple[Config, Told, int]) -> JournalReader:
    return JournalReader(made[0].data_dir / "journal.db")


def balance(made: tuple[Config, Told, int], budget: str) -> int:
    return max(each.spent.nanousd for each in reader(made).balances() if each.key.startswith(budget + "@"))


def test_who_works_there() -> None:
    assert len(TEAMS) == 4
    assert sum(map(len, TEAMS.values())) == 40
    assert len(AGENTS) == 12
    names = [name for people in TEAMS.values() for name in people] + [agent.name for agent in AGENTS]
    assert len(set(names)) == len(names)


def test_the_same_day_is_the_same_and_another_seed_is_not() -> None:
    assert story.day_of(40, weekend=False) == story.day_of(40, weekend=False)
    assert story.day_of(40, weekend=False) != story.day_of(40, weekend=False, seed=1)
    times = [call.at_ms for call in story.day_of(40, weekend=False)]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < DAY_MS


def test_the_books_are_in_order(made: tuple[Config, Told, int]) -> None:
    found = verify(made[0].data_dir / "journal.db")
    assert found.open_holds == 0
    assert found.calls == made[1].calls - made[1].refused
    assert found.calls > 50_000


def test_the_years_money_will_be_gone_in_four_months(made: tuple[Config, Told, int]) -> None:
    spent = balance(made, "ai-this-year")
    assert 100 < story.DAYS * parse_usd("16000") / spent < 135
    assert spent == sum(row.nanousd for row in reader(made).spend(0, 2**50))


def test_an_agent_runs_away_and_the_second_time_a_ceiling_stops_it(made: tuple[Config, Told, int]) -> None:
    first, second = (story.RUNAWAY_RUN.format(days) for days in story.RUNAWAY_DAYS)
    assert balance(made, "each-run") <= 15 * NANO
    ceiling = {each.key: each.spent for each in reader(made).balances() if second in each.key}
    assert [each.nanousd > 14 * NANO for each in ceiling.values()] == [True]
    assert not [each for each in reader(made).balances() if first in each.key]  # it ran before there was a ceiling
    hours = reader(made).spend(made[2] - 24 * DAY_MS, made[2] - 22 * DAY_MS, ("key", "hour"))
    assert max(row.nanousd for row in hours if row.group[0] == "doc-crawler") > 150 * NANO


def test_a_leaked_key_spends_for_two_nights_and_is_revoked(made: tuple[Config, Told, int]) -> None:
    leaked = reader(made).spend(0, 2**50, ("client", "day"), {"key": "nightly-export"}, ZoneInfo(made[0].timezone))
    assert len(leaked) == len(story.LEAK_DAYS)
    assert {row.group[0] for row in leaked} == {"python-requests"}


def test_one_budget_refuses_and_one_goes_on_with_a_cheaper_model(made: tuple[Config, Told, int]) -> None:
    assert made[1].refused > 100
    sprint = balance(made, "growth-sprint")
    assert 59 * NANO < sprint <= 60 * NANO
    assert balance(made, "support-autumn") > 26 * NANO  # the cheaper model is not held to it
    cheap = {row.group[0]: row.calls for row in reader(made).spend(made[2] - 2 * DAY_MS, made[2], ("model",), {"workflow": "reply"})}
    assert cheap.get("claude-haiku-4-5", 0) > cheap.get("claude-sonnet-5", 0)


def test_a_discount_begins_and_the_past_keeps_its_price(made: tuple[Config, Told, int]) -> None:
    def per_token(days_ago: int) -> float:
        since = made[2] - days_ago * DAY_MS
        rows = reader(made).spend(since, since + DAY_MS * 4, ("model",), {"workflow": "ci-reviewer"})
        return sum(row.nanousd for row in rows) / sum(row.total_tokens for row in rows)

    before, after = per_token(story.DISCOUNT_DAY + 6), per_token(story.DISCOUNT_DAY - 2)
    assert 0.8 < after / before < 0.95


def test_premium_models_are_asked_for_trivia(made: tuple[Config, Told, int]) -> None:
    rows = reader(made).spend(0, 2**50, ("model",), {"workflow": "wording"})
    assert rows[0].group == ("claude-fable-5",)
    assert rows[0].answer_tokens / rows[0].calls < 500


def test_what_took_a_change_back_is_other_work_than_the_change(made: tuple[Config, Told, int]) -> None:
    """GitHub's outcomes carry what its connector gives; most name a session, and no revert names that of what it reverts: its money is its own."""
    with closing(OutcomeLog(made[0].data_dir / FILE, SystemClock())) as log:
        found = {each.last.outcome: each.last for each in log.outcomes() if each.last.source == "github"}
        sessions = {name: {link for kind, link in each.links if kind == "session"} for name, each in found.items()}
        undone = {each.outcome: dict(each.evidence)["note"].removeprefix("reverted by ") for each in log.events("github") if each.state == "reversed"}
    changes = [name for name, each in found.items() if each.kind == "change_merged"]
    assert 0.7 < sum(bool(sessions[name]) for name in changes) / len(changes) < 0.9
    assert all({"change", "commit", "branch"} <= {kind for kind, _ in each.links} for each in found.values())
    assert len(undone) > 10 and {found[name].kind for name in undone.values()} == {"change_reverting"}
    assert not any(sessions[name] & sessions[revert] for name, revert in undone.items())
    assert sum(bool(sessions[revert]) for revert in undone.values()) >= len(undone) / 3


def test_the_support_vendor_bills_more_than_was_settled_and_would_be_dearer(made: tuple[Config, Told, int]) -> None:
    """Its file is known by its columns; some that it thinks it solved came back, some nobody knows; by tokens is cheaper in the whole months."""
    config, _, now_ms = made
    with closing(OutcomeLog(config.data_dir / FILE, SystemClock())) as log:
        outcomes = list(log.outcomes())
    contract = contracts_of(config.contracts)[0]
    bill = bill_of(config.data_dir / BILL)
    assert (bill.format, {why for why, _ in bill.left_out}) == ("intercom", {"not resolved, by Fin's own record"})
    assert contract.vendor is not None
    shares = contract.vendor.shares_nanousd([1] * len(bill.lines))
    found = recount(contract, outcomes, [Billed(line.outcome, share) for line, share in zip(bill.lines, shares, strict=True)], now_ms)
    assert found.confirmed < found.settled < found.billed
    assert {each.why for each in found.disputed} == {"it was undone", "none of our sources knows it", "it has not stood for 72h"}


def test_by_tokens_is_cheaper_for_support_once_there_are_enough(made: tuple[Config, Told, int]) -> None:
    """The company's own question: its desk costs $340 a month beside tokens, so that a vendor at $0.99 pays below some hundreds a month."""
    contract = contracts_of(made[0].contracts)[0]
    found = compare(contract, [Month("2026-09", 430, 0, 60, 40 * NANO), Month("2026-10", 515, 0, 80, 47 * NANO)])
    assert [each.cheaper for each in found.stretches] == ["outcome", "tokens"]
    assert 350 < found.stretches[1].first < 420
    assert (found.cheaper, found.sure) == ("tokens", True)


def test_one_pilot_is_to_scale_one_to_stop_and_one_is_decided(made: tuple[Config, Told, int]) -> None:
    config, _, now_ms = made
    zone = ZoneInfo(config.timezone)
    with closing(Settings.open(config.data_dir / "settings.db")) as settings:
        setup = Setup.of(config)
        sources = Sources(settings, reader(made), setup.contracts, zone, lambda asked, wait_s=None: answered(setup, asked, now_ms))
        found = {each.initiative.name: each for each in Initiatives(sources).all(now_ms)}
        budgets = {each.id: each.limit for each in settings.budgets()}
    scale, stop, changed = (found[name] for name in ("reply-drafter", "lead-researcher", "doc-crawler"))
    assert (scale.suggestion.choice, scale.overdue) == ("scale", False)
    assert (stop.suggestion.choice, stop.overdue) == ("stop or change", True)
    assert changed.initiative.decision is not None
    assert changed.initiative.decision.choice == "change"
    for each in found.values():
        assert each.limit_nanousd == budgets[each.initiative.budget]
        assert each.spending.nanousd == balance(made, each.initiative.budget)  # the page and the budget count the same calls


def test_chance_decided_which_model_drafts_and_the_small_one_is_cheaper_for_an_outcome(made: tuple[Config, Told, int]) -> None:
    config, _, now_ms = made
    (experiment,) = experiments_of(config.experiments, config.timezone, [each.name for each in contracts_of(config.contracts)])
    with closing(OutcomeLog(config.data_dir / FILE, SystemClock())) as log:
        outcomes = list(log.outcomes())
    charges = reader(made).charges(experiment.from_ms, now_ms)
    successes, dollars, each = evaluate(experiment, contracts_of(config.contracts)[0], outcomes, charges, now_ms)
    assert {found.grade for found in (successes, dollars, each)} == {"A"}
    assert "No evidence" in successes.verdict
    assert all(found.high is not None and found.high < 0 for found in (dollars, each))
    assert sum(report.reports or 0 for report in self_reported(outcomes, lambda at_ms: "all")) > 100


def test_how_changes_were_reviewed(made: tuple[Config, Told, int]) -> None:
    """Every merged change has its timeline, with the commit by which it is an outcome; a table can be told of it."""
    config, _, now_ms = made
    with closing(ReviewLog(config.data_dir / REVIEWS, SystemClock())) as log:
        found, headless = timelines(log.events(), now_ms)
    with closing(OutcomeLog(config.data_dir / FILE, SystemClock())) as outcomes:
        merged = {each.last.outcome: dict(each.last.links)["commit"] for each in outcomes.outcomes() if each.last.kind.startswith("change_")}
    assert headless == 0 and {each.change for each in found} == merged.keys()
    assert all(each.merged and merged[each.change] == each.commit for each in found)
    lines = delays(found, efforts(found), lambda timeline: (timeline.repository,), rates=rates_of(config))
    assert {line.group[0] for line in lines} >= {"tidewater/shop", "tidewater/shop-tests"}
    line = delay(("all",), found, efforts(found), None, rates_of(config))
    pickup = line.every_hour.pickup
    assert pickup.low_ms is not None and pickup.high_ms is not None and pickup.low_ms < 3 * 3_600_000 * 1.5 and pickup.high_ms > 3_600_000
    assert 0.1 < line.unreviewed / line.merged < 0.3 and line.people == 14
    assert line.review_nanousd is not None and 0 < line.review_nanousd.low < line.review_nanousd.high
