"""What Tidewater's spending bought: conversations, merged changes and leads of the same days and runs, and what was undone later. Pure.

Support's agent solves what people would have solved, and some of it comes back; engineering merges what its sessions wrote, and some of it is
reverted; the lead researcher finds leads, few for its money; outreach ends in deals that bring money. Not everything leaves an id behind by
which money finds it.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from wellspent.demo.company import HAIKU
from wellspent.demo.merges import Change, Sessions, changes_of
from wellspent.demo.story import DAY_MS, HOUR_MS, SEED, Planned
from wellspent.facts.outcome import OutcomeEvent

LEAD_EVERY_RUN = 0.12  # a night's reading for one lead in eight
# As they stand in the demo's wellspent.toml.
CONTRACTS: tuple[dict[str, Any], ...] = (
    {
        "name": "support",
        "kind": "conversation_solved",
        "settle_after": "72h",
        "worth_usd": "6.50",
        "baseline": {"source": "time study, before the agent", "cost_usd": "8.20", "minutes": 14},
        "vendor": {"name": "a vendor that charges by outcome", "price_usd": "0.99", "monthly_usd": "49", "included": 50},
        "running": {"source": "hours of the desk's lead and hosting, from its cost centre", "monthly_usd": "340"},
        "match": {"project": "helpdesk"},
    },
    {
        "name": "changes",
        "kind": "change_merged",
        "settle_after": "7d",
        "baseline": {"source": "payroll and merges of last year", "cost_usd": "310"},
        "match": {"team": "engineering"},
        "rework": ["change_reverting"],
    },
    {
        "name": "leads",
        "kind": "lead",
        "worth_usd": "4",
        "baseline": {"source": "what a broker of addresses asks", "cost_usd": "3.20"},
        "match": {"workflow": "lead-researcher"},
        "split": {"team": "growth"},
    },
    {"name": "deals", "kind": "deal", "match": {"workflow": "outreach-writer"}, "split": {"team": "growth"}},
)
# Chance decides which model drafts a reply; as it stands in the demo's wellspent.toml, with the day it began.
EXPERIMENT: dict[str, Any] = {
    "name": "reply-model",
    "unit": "run",
    "where": {"workflow": "reply-drafter"},
    "arms": [{"name": "as-asked"}, {"name": "small", "model": HAIKU}],
    "control": "as-asked",
    "contract": "support",
    "planned_n": 160,
}
EXPERIMENT_DAYS = 45
DEAL_EVERY_RUN = 0.12
MINUTES_SAID = (20, 30, 45, 60, 90)


def outcomes_of(days_ago: int, day_ms: int, calls: Sequence[Planned], sessions: Sessions) -> Iterator[OutcomeEvent | Change]:
    """What came of one day's calls, with what was undone in the days after; merged changes as they are, without the commits that they became.

    Args:
        day_ms: The day's first millisecond.
        sessions: Who was coding on another day.
    """
    choose = random.Random(f"outcomes-{SEED}-{days_ago}")
    runs = {call.run: call for call in calls if call.run and call.key in ("reply-drafter", "lead-researcher")}
    for run, call in sorted(runs.items()):
        solved = call.key == "reply-drafter"
        for number in range(choose.randrange(4, 9) if solved else choose.random() < LEAD_EVERY_RUN):
            name = f"{run}-{number}"
            links = (("run", run),) if choose.random() < 0.85 else ()
            at_ms = day_ms + call.at_ms + choose.randrange(HOUR_MS)
            kind, team = ("conversation_solved", "support") if solved else ("lead", "growth")
            yield from _told(choose, "helpdesk" if solved else "crm", name, kind, team, at_ms, links, 0.14 if solved else 0.05, 3)
    yield from changes_of(choose, days_ago, day_ms, calls, sessions)
    yield from _sales(choose, days_ago, day_ms, calls)
    for number in range(choose.randrange(7)):  # a weekly form asks how much time AI saved; who answers is a number
        at_ms, by = day_ms + choose.randrange(DAY_MS), (("by", f"respondent {choose.randrange(30)}"),)
        yield OutcomeEvent("survey", f"{days_ago}-{number}", "time_saved", "settled", at_ms, quantity=choose.choice(MINUTES_SAID), evidence=by)


def _sales(choose: random.Random, days_ago: int, day_ms: int, calls: Sequence[Planned]) -> Iterator[OutcomeEvent]:
    """Deals that an outreach ended in, with what they brought; a few are called off and refunded."""
    runs = {call.run: call for call in calls if call.run and call.key == "outreach-writer"}
    for run, call in sorted(runs.items()):
        if choose.random() < DEAL_EVERY_RUN:
            at_ms = day_ms + call.at_ms + choose.randrange(DAY_MS)
            value_nanousd = choose.randrange(120, 900) * 1_000_000_000
            yield from _told(choose, "crm", f"deal-{days_ago}-{run}", "deal", "growth", at_ms, (("run", run),), 0.08, 20, value_nanousd)


def _told(
    choose: random.Random,
    source: str,
    name: str,
    kind: str,
    team: str,
    at_ms: int,
    links: tuple[tuple[str, str], ...],
    undone: float,
    days: int,
    value_nanousd: int | None = None,
) -> Iterator[OutcomeEvent]:
    attested = "confirmed" if kind == "conversation_solved" and choose.random() < 0.4 else "assumed" if kind == "conversation_solved" else ""
    said = OutcomeEvent(source, name, kind, "settled", at_ms, attested=attested, team=team, links=links, value_nanousd=value_nanousd)  # type: ignore[arg-type]
    yield said
    if choose.random() < undone:
        undone_ms = at_ms + choose.randrange(DAY_MS // 4, days * DAY_MS)
        yield OutcomeEvent(source, name, kind, "reversed", undone_ms, team=team)


def bill_of(events: Iterable[OutcomeEvent], since_ms: int) -> str:
    """What the support agent's vendor bills, as Intercom exports conversations: each that it thinks it solved, whatever came of it after, some
    that nobody knows, and beside them those that it handed over."""
    lines = [("Conversation ID", "Conversation started at (UTC)", "Fin AI Agent involved", "Fin AI Agent resolution state")]
    number = 0
    for each in events:
        if each.kind != "conversation_solved" or each.state != "settled" or each.occurred_at_ms < since_ms:
            continue
        began = f"{datetime.fromtimestamp(each.occurred_at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"
        lines.append((each.outcome, began, "true", "Confirmed Resolution" if each.attested == "confirmed" else "Assumed Resolution"))
        if number % 40 == 0:
            lines.append((f"{each.outcome}-again", began, "true", "Assumed Resolution"))
        if number % 9 == 0:
            lines.append((f"{each.outcome}-handed-over", began, "true", "Routed to team"))
        number += 1
    return "\n".join(",".join(line) for line in lines) + "\n"
