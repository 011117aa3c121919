"""Where figures open: one outcome with all that was said of it, and the calls behind an amount. From there, receipts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict, replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wellspent import limits
from wellspent.analytics.engine.answers import CallCost, Cut, Where
from wellspent.analytics.value import state_of
from wellspent.facts.clock import Clock
from wellspent.facts.errors import NotFound
from wellspent.facts.outcome import OutcomeEvent, outcome_of
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.surfaces.asking.asked import Asked, CallsOf, SpendingOf
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.web.answer import Render, as_csv, as_json, page
from wellspent.surfaces.web.groups import check_team, small_teams, told
from wellspent.surfaces.web.value_question import NONE, Chosen, contract_path, outcome_link, page_of, rows_of

HERE = "/value"
EVIDENCE = ("url", "note", "amount")  # not "by": that may be a person
HIDDEN_LINKS = ("customer",)  # an id that may be a person's address
BECAME = {
    "counted": "It counts",
    "open": "It may still come to count",
    "undone": "It was undone",
    "rework": "It undid or mended others: its money is rework",
    "": "No contract is about it, so that it carries no money",
}
WAITS = "Only its reversal is known: it waits for its beginning"
ALWAYS = ("0001-01-01", "9999-12-31")


class Said(Struct, frozen=True):
    """One thing a source said, without names of people.

    Attributes:
        url: Where a person can check it; "" for nowhere.
        links: As ``kind id``; of one that may name a person, the kind alone.
    """

    occurred_at_ms: int
    recorded_at_ms: int
    state: str
    event: str
    quantity: int
    value_nanousd: int | None
    attested: str
    links: tuple[str, ...]
    url: str
    evidence: tuple[tuple[str, str], ...]


class OutcomeView(Struct, frozen=True):
    """One outcome.

    Attributes:
        contract: The one that is about it; "" for none.
        became: What became of it by the contract's rule.
        events: All that was said of it, in the order in which it happened.
        shares: The money it carries, by tier and rule; ``nanousd`` is their sum.
        calls: Calls whose money it carries, alone or with others, each with its own whole amount.
    """

    source: str
    outcome: str
    kind: str
    state: str
    contract: str
    became: str
    as_of_ms: int
    events: tuple[Said, ...]
    nanousd: int
    shares: tuple[Cut, ...]
    calls: tuple[CallCost, ...]
    more: bool


class CallsView(Struct, frozen=True):
    """Calls behind an amount, dearest first.

    Attributes:
        asked: What was chosen, by name.
        nanousd: The amount; ``calls`` are behind it in all. Calls shared by several outcomes have more than that in them.
    """

    asked: dict[str, str]
    as_of_ms: int
    nanousd: int
    calls: int
    rows: tuple[CallCost, ...]
    more: bool


class OpenedPages:
    """The handlers."""

    def __init__(self, asking: Asking, log: OutcomeLog, settings: Settings, clock: Clock, render: Render) -> None:
        self._asking, self._log, self._settings, self._clock, self._render = asking, log, settings, clock, render
        self._zone = ZoneInfo(asking.setup.timezone)

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route("/outcomes/{source}/{outcome:path}", page(self._outcome_page, self._render, HERE)),
            Route("/api/v1/outcomes/{source}/{outcome:path}", as_json(self._outcome)),
            Route("/calls", page(self._calls_page, self._render, HERE)),
            Route("/calls.csv", as_csv(self._call_rows)),
            Route("/api/v1/calls", as_json(self._calls)),
        ]

    def _outcome_page(self, request: Request) -> Response:
        values = {"page": page_of(request.query_params), "path": contract_path, "opens": outcome_link}
        return self._render("outcome.html", here=HERE, view=self._outcome(request), **values)

    def _outcome(self, request: Request) -> OutcomeView:
        source, outcome = request.path_params["source"], request.path_params["outcome"]
        events = sorted(self._log.events(source, outcome), key=lambda each: (each.occurred_at_ms, each.recorded_at_ms))
        found = outcome_of(events)
        if found is None:
            raise NotFound(f"{source!r} said nothing of {outcome!r}", fix="list what is known with: wellspent outcomes list")
        contracts, where = self._asking.setup.contracts, Where(*ALWAYS, outcome=(source, outcome))
        contract = next((each.name for each in contracts if each.carries(found)), "")
        asked = Asked(spending=(SpendingOf(where, ("tier", "rule")),), calls=(CallsOf(where, **rows_of(page_of(request.query_params))),))
        answer = self._asking.ask(asked)
        return OutcomeView(
            source=source,
            outcome=outcome,
            kind=found.last.kind,
            state="waits" if found.waits else found.state,
            contract=contract,
            became=WAITS if found.waits else BECAME[state_of(contracts, found, answer.as_of_ms)],
            as_of_ms=answer.as_of_ms,
            events=tuple(map(_said, events)),
            nanousd=sum(share.nanousd for share in answer.spending[0]),
            shares=answer.spending[0],
            calls=self._shown(answer.calls[0]),
            more=len(answer.calls[0]) > limits.VALUE_PAGE_ROWS,
        )

    def _calls_page(self, request: Request) -> Response:
        chosen = self._chosen(request)
        return self._render("calls.html", here=HERE, view=self._calls_view(chosen), chosen=chosen, none=NONE, page_rows=limits.VALUE_PAGE_ROWS)

    def _calls(self, request: Request) -> CallsView:
        return self._calls_view(self._chosen(request))

    def _calls_view(self, chosen: Chosen) -> CallsView:
        answer = self._asking.ask(Asked(spending=(SpendingOf(chosen.where),), calls=(CallsOf(chosen.where, **rows_of(chosen.page)),)))
        ((total,),), (calls,) = answer.spending, answer.calls
        return CallsView(chosen.asked, answer.as_of_ms, total.nanousd, total.calls, self._shown(calls), len(calls) > limits.VALUE_PAGE_ROWS)

    def _call_rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        answer = self._asking.ask(Asked(calls=(CallsOf(self._chosen(request).where, limits.VALUE_CSV_ROWS_MAX),)))
        return CallCost.__struct_fields__, map(asdict, self._folded(answer.calls[0]))

    def _chosen(self, request: Request) -> Chosen:
        chosen = Chosen.parse(request.query_params, self._today())
        names = [each.name for each in self._asking.setup.contracts]
        if chosen.where.contract not in ("", NONE, *names):
            raise NotFound(f"there is no contract {chosen.where.contract!r}", fix=f"use one of {', '.join(names)}, or {NONE} for none")
        check_team(chosen.where.cuts.get("team", ""), small_teams(self._settings))
        return chosen

    def _shown(self, calls: Sequence[CallCost]) -> tuple[CallCost, ...]:
        return self._folded(calls[: limits.VALUE_PAGE_ROWS])

    def _folded(self, calls: Sequence[CallCost]) -> tuple[CallCost, ...]:
        small = small_teams(self._settings)
        return tuple(replace(each, team=told(each.team, small)) for each in calls)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).astimezone(self._zone).date()


def _said(event: OutcomeEvent) -> Said:
    evidence = dict(event.evidence)
    url = evidence.get("url", "")
    return Said(
        occurred_at_ms=event.occurred_at_ms,
        recorded_at_ms=event.recorded_at_ms,
        state=event.state,
        event=event.event,
        quantity=event.quantity,
        value_nanousd=event.value_nanousd,
        attested=event.attested,
        links=tuple(kind if kind in HIDDEN_LINKS else f"{kind} {name}" for kind, name in event.links),
        url=url if url.startswith(("https://", "http://")) else "",
        evidence=tuple((name, evidence[name]) for name in EVIDENCE if name in evidence),
    )
