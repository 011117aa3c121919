"""What coding cost, by session: from the ledger, and from the logs that coding agents leave on this machine."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from wellspent.analytics.contract import contracts_of
from wellspent.analytics.engine import questions
from wellspent.analytics.engine.answers import SessionCost, Where
from wellspent.analytics.engine.engine import Engine
from wellspent.config import Config
from wellspent.connectors.usage import sources_here
from wellspent.connectors.usage.base import Billing, LoggedCall
from wellspent.facts.clock import Clock
from wellspent.facts.usage import Quality
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms
from wellspent.rework.authorship.agents import AGENTS
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.report import Money

CODING = tuple(agent.tool for agent in AGENTS)
LEDGER, LOGS = "the ledger", "logs of coding agents on this machine, at list prices"


def merged_of(config: Config, clock: Clock, since_ms: int) -> tuple[Merged, ...]:
    """Changes that another system says were merged, with what they name."""
    path = config.data_dir / FILE
    if not path.is_file():
        return ()
    with closing(OutcomeLog(path, clock)) as log:
        return tuple(_merged(log, since_ms))


def _merged(log: OutcomeLog, since_ms: int) -> Iterator[Merged]:
    for outcome in log.outcomes():
        links, began_ms = outcome.last.links, outcome.began_at_ms
        commit = next((name for kind, name in links if kind == "commit"), "")
        if commit and began_ms is not None and began_ms >= since_ms:
            branch = next((name.rpartition(":")[2] for kind, name in links if kind == "branch"), "")
            yield Merged(outcome.last.outcome, commit, tuple(link for link in links if link[0] != "commit"), branch, outcome.last.source)


def of_ledger(config: Config, clock: Clock, since_ms: int, merged: Iterable[Merged]) -> Money:
    """Sessions of the ledger since a moment, in whole days of the operator's time zone. Raises what ``Engine.open`` does."""
    named = {kind: {name for each in merged for link, name in each.links if link == kind} for kind in ("run", "session")}
    zone = ZoneInfo(config.timezone)
    since, until = _day(since_ms, zone), _day(clock.now_ms(), zone, later=1)
    with Engine.open(config.data_dir, contracts_of(config.contracts), zone, clock) as engine:
        costs = questions.sessions(engine, since, until, CODING, named["run"], named["session"])
        (whole,) = questions.spending(engine, Where(since, until), ())
    sessions = tuple(_of_cost(each) for each in costs)
    return Money(sessions, whole.nanousd - sum(each.nanousd for each in sessions), LEDGER)


def _of_cost(cost: SessionCost) -> Session:
    pairs = [(kind, name) for kind, _, name in (link.partition("=") for link in cost.links)]
    links = (*pairs, *([("run", cost.run)] if cost.run else []))
    return Session(cost.client, cost.session, cost.nanousd, cost.team, links, cost.unpriced_calls)


def _day(at_ms: int, zone: ZoneInfo, later: int = 0) -> str:
    return (datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date() + timedelta(days=later)).isoformat()


class Logged(Struct):
    """What the logs say of one session in one folder and on one branch."""

    nanousd: int = 0
    unpriced_calls: int = 0
    started_ms: int = 0
    ended_ms: int = 0
    billing: set[Billing] = msgspec.field(default_factory=set)

    def add(self, call: LoggedCall, prices: PriceList) -> None:
        """One more call, rated as of its moment and its tier."""
        charge = rate(call.usage, prices.price(call.provider, call.model, call.at_ms, call.usage.service_tier) if call.model else None)
        self.nanousd += charge.amount_nanousd
        self.unpriced_calls += charge.quality is Quality.UNPRICED
        self.started_ms = min(self.started_ms or call.at_ms, call.at_ms)
        self.ended_ms = max(self.ended_ms, call.at_ms)
        self.billing.add(call.billing)


Key = tuple[str, str, str, str]  # client, session, folder, branch


def with_logs(money: Money, config: Config, env: Mapping[str, str], since_ms: int) -> Money:
    """The same with what the logs of this machine say: where sessions of the ledger worked, and sessions that the ledger does not know."""
    problems: Counter[str] = Counter()
    prices = PriceList(PriceBook.bundled(), Terms.parse(list(config.terms)))
    logged: dict[Key, Logged] = {}
    for source in sources_here(env):
        for call in source.calls(since_ms):
            key = call.client, call.session, call.project, call.branch
            logged.setdefault(key, Logged()).add(call, prices)
        problems.update({each.what: each.times for each in source.problems()})
    return msgspec.structs.replace(joined(money, logged), problems=problems)


def joined(money: Money, logged: Mapping[Key, Logged]) -> Money:
    """Ledger and logs as one: a session's money counts once, as the ledger has it where it has any. Whose a session is that the ledger has
    without a client, the logs say."""
    clients = {session: client for client, session, _, _ in logged}
    told = [each if each.client else msgspec.structs.replace(each, client=clients.get(each.session, "")) for each in money.sessions]
    places: dict[tuple[str, str], list[tuple[Key, Logged]]] = {}
    for key, found in logged.items():
        places.setdefault(key[:2], []).append((key, found))
    known = {(each.client, each.session) for each in told if each.session}
    sessions = [_placed(each, places.get((each.client, each.session), ())) for each in told]
    added = [_of_log(key, found) for key, found in sorted(logged.items()) if key[:2] not in known]
    source = money.source if not added else f"{money.source}, and {LOGS}" if money.sessions else LOGS
    return msgspec.structs.replace(money, sessions=(*sessions, *added), source=source)


def _placed(session: Session, found: Sequence[tuple[Key, Logged]]) -> Session:
    """A session of the ledger with where and when its log says that most of it happened."""
    if not session.session or not found:
        return session
    (_, _, folder, branch), most = max(found, key=lambda each: (each[1].nanousd, each[0]))
    return msgspec.structs.replace(session, folder=folder, branch=branch, started_ms=most.started_ms, ended_ms=most.ended_ms)


def _of_log(key: Key, found: Logged) -> Session:
    client, session, folder, branch = key
    return Session(
        client=client,
        session=session,
        nanousd=found.nanousd,
        unpriced_calls=found.unpriced_calls,
        list_price=found.billing != {Billing.API_KEY},
        folder=folder,
        branch=branch,
        started_ms=found.started_ms,
        ended_ms=found.ended_ms,
    )
