"""Ninety days of history, made by the product's own admission, pricing and ledger: each planned call is let in, held and settled, or refused."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.budgets.budget import Budget
from wellspent.config import Config
from wellspent.connectors.reviews import github
from wellspent.connectors.reviews.people import People
from wellspent.demo import story
from wellspent.demo.company import AGENTS, HAIKU, ORG, PROJECTS, TEAMS
from wellspent.demo.merges import Change, Merged, events_of
from wellspent.demo.outcomes import bill_of
from wellspent.demo.pilots import PILOTS
from wellspent.demo.plan import Plan, plan_of
from wellspent.demo.repositories import FOLDER, make
from wellspent.demo.reviews import deliveries_of
from wellspent.demo.story import DAY_MS, Planned
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.call import Ask, new_call_id
from wellspent.facts.clock import ManualClock, SystemClock
from wellspent.facts.money import parse_usd
from wellspent.facts.outcome import OutcomeEvent
from wellspent.facts.review import ReviewEvent
from wellspent.facts.usage import Usage
from wellspent.gateway.admission import Admitted
from wellspent.gateway.settlement import Outcome, settled
from wellspent.gateway.wires.base import Metered
from wellspent.identity.pseudonyms import pseudonyms_of
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reviews import FILE as REVIEWS
from wellspent.ledger.reviews import ReviewLog
from wellspent.wiring import Running, build

BILL = "vendor-bill.csv"
YEAR_BUDGET = "16000"
UNTIL_NOW_MS = 5_000  # the last planned call is so long ago


class Told(Struct):
    """What came of it.

    Attributes:
        secrets: Each key's secret by its name, for live traffic.
        without: Why there are no git repositories, "" where there are.
    """

    calls: int
    refused: int
    secrets: dict[str, str]
    without: str = ""


def write(config: Config, now_ms: int, on_day: Callable[[int], None]) -> Told:
    """Fill an empty data folder with the story up to now. ``on_day`` is told how many days are done."""
    plan = plan_of(now_ms, ZoneInfo(config.timezone))
    clock = ManualClock(plan.start_ms(story.DAYS))
    running = build(config, {}, clock)
    running.ledger.on_alert = lambda alert: None  # nobody is told today what was told then
    told = Told(0, 0, {})
    try:
        with ThreadPoolExecutor(1) as beside:  # repositories are git's work, and the ledger ours
            making = beside.submit(make, config.data_dir / FOLDER, plan.changes, plan.nights, now_ms)
            _spend(running, plan, clock, told, on_day)
            made = making.result()
        told.without = made.without
        _bought(config.data_dir, plan, made.merged)
    finally:
        running.ledger.close()
        running.settings.close()
    return told


def _bought(folder: Path, plan: Plan, merged: Mapping[int, Merged]) -> None:
    """Write what was bought, how changes were reviewed, and the bill of a vendor for some of it."""
    events = list[OutcomeEvent]()
    for each in plan.bought:
        events += events_of(each, merged.get(each.number, Merged())) if isinstance(each, Change) else [each]
    with closing(OutcomeLog(folder / FILE, SystemClock())) as log:
        log.add(events)
    people = People(pseudonyms_of(folder))
    with closing(ReviewLog(folder / REVIEWS, SystemClock())) as reviews:
        reviews.add(told for each in plan.bought if isinstance(each, Change) for told in _reviewed(each, merged.get(each.number, Merged()), people))
    (folder / BILL).write_text(bill_of(events, plan.now_ms - 30 * DAY_MS), encoding="utf-8")


def _reviewed(change: Change, merged: Merged, people: People) -> Iterator[ReviewEvent]:
    """What happened to a change until its merge, read as GitHub's webhooks are."""
    for delivery in deliveries_of(change, merged):
        yield from github.events_of(delivery.event, delivery.payload, people)


def _spend(running: Running, plan: Plan, clock: ManualClock, told: Told, on_day: Callable[[int], None]) -> None:
    """Ninety days of calls, and what people decided on the way."""
    _people(running.settings, told, plan.today)
    who = {key.id: key.attribution for key in running.settings.keys()}  # noqa: SIM118
    for days_ago, calls in plan.calls.items():
        start_ms = plan.start_ms(days_ago)
        _events(running, days_ago, clock, plan.today - timedelta(days=days_ago), start_ms)
        _pilots(running.settings, days_ago, plan.today)
        running.rulebook.reload()
        for call in calls:
            if start_ms + call.at_ms < plan.now_ms - UNTIL_NOW_MS:
                _call(running, clock, who[call.key], call, start_ms + call.at_ms, told)
        on_day(story.DAYS - days_ago)


def _people(settings: Settings, told: Told, today: date) -> None:
    """Everybody, their keys, and the budgets the company began with."""
    for team, names in TEAMS.items():
        settings.add_team(team, org=ORG)
        for name in names:
            settings.add_person(name.lower(), team=team)
            told.secrets[name.lower()], _ = settings.create_key(name.lower(), person=name.lower())
    for project, team in PROJECTS.items():
        settings.add_project(project, team=team)
    for agent in AGENTS:
        told.secrets[agent.name], _ = settings.create_key(agent.name, team=agent.team, project=agent.habit.project, workflow=agent.name)
    told.secrets["nightly-export"], _ = settings.create_key("nightly-export", team="operations", workflow="nightly-export")
    began = (today - timedelta(days=story.DAYS)).isoformat()
    year = Budget("ai-this-year", Scope("org", ORG), parse_usd(YEAR_BUDGET), "usd", "fixed", "alert", began, 365, contact="finance@tidewater.example")
    settings.set_budget(year)
    settings.set_budget(Budget("engineering-month", Scope("team", "engineering"), parse_usd("4500"), at_limit="alert"))


def _events(running: Running, days_ago: int, clock: ManualClock, day: date, start_ms: int) -> None:
    """What people decided on the morning of a day. The teams' budgets run for weeks from that day, whatever day of the month it is."""
    _turn(clock, start_ms)
    settings = running.settings
    if days_ago == min(story.LEAK_DAYS) - 1:
        settings.revoke_key("nightly-export")
    if days_ago == story.CEILING_DAY:
        settings.set_budget(Budget("each-run", Scope("run", "*"), parse_usd("15"), period="total", contact="platform@tidewater.example"))
    if days_ago == 20:
        cheaper = (HAIKU, "gpt-5-nano")
        settings.set_budget(_weeks("support-autumn", "support", "26", day, 42, at_limit="degrade", degrade_to=cheaper))
    if days_ago == 14:
        settings.set_budget(_weeks("growth-sprint", "growth", "60", day, 28, contact="zoe@tidewater.example"))


def _pilots(settings: Settings, days_ago: int, today: date) -> None:
    """What owners begin and decide on the morning of a day."""
    for pilot in PILOTS:
        if days_ago == pilot.begins:
            settings.set_initiative(pilot.initiative(today), limit_nanousd=parse_usd(pilot.budget_usd))
        if pilot.decided and days_ago == pilot.decided[0]:
            _, choice, by, because = pilot.decided
            settings.decide_initiative(pilot.name, choice, by=by, because=because)


def _weeks(name: str, team: str, limit_usd: str, day: date, days: int, **more: Any) -> Budget:
    return Budget(name, Scope("team", team), parse_usd(limit_usd), period="fixed", starts_on=day.isoformat(), length_days=days, **more)


def _call(running: Running, clock: ManualClock, key: Attribution, call: Planned, at_ms: int, told: Told) -> None:
    at_ms = _turn(clock, at_ms)
    desk = running.pipeline.desk
    ask = Ask(call.wire, call.model, True, 4 * call.input_tokens, call.output_cap if call.output_tokens else 0)
    admitted = desk.admit(new_call_id(at_ms), attribution(key, call), ask, at_ms)
    told.calls += 1
    if not isinstance(admitted, Admitted):
        told.refused += 1
        return
    priced = admitted.attempts[0]
    output_tokens = min(call.output_tokens, admitted.output_cap or call.output_tokens)
    usage = Usage(input_tokens=call.input_tokens - call.cached_tokens, cache_read_tokens=call.cached_tokens, output_tokens=output_tokens)
    metered = Metered(usage, priced.attempt.model)
    done_ms = at_ms + 800 + output_tokens * 12
    entry = settled(admitted, Outcome(priced, 200, metered), desk.prices, desk.providers[priced.attempt.upstream], done_ms)
    desk.ledger.settle(entry)


def _turn(clock: ManualClock, at_ms: int) -> int:
    """Turn the clock on, never back; what it shows then."""
    clock.advance_ms(max(0, at_ms - clock.now_ms()))
    return clock.now_ms()


def attribution(key: Attribution, call: Planned) -> Attribution:
    """Who a call is charged to: its key's holder, and what the call says of itself."""
    return Attribution(
        key.org, key.team, key.person, key.key, key.project or call.habit.project, key.workflow or call.habit.workflow, call.run, call.session,
        client=call.habit.client,
    )  # fmt: skip
