"""Where figures open: one outcome with all that was said of it, and the calls behind an amount. From there, receipts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.answers import CallCost, Cut, Where
from wellspent.analytics.value import state_of
from wellspent.facts.clock import Clock, day_of
from wellspent.facts.errors import NotFound
from wellspent.facts.outcome import OutcomeEvent, outcome_of
from wellspent.identity.settings import Settings
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.surfaces.asking.asked import Answered, Asked, CallsOf, SpendingOf, ValueOf
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.web.answer import Render, as_csv, as_json, at_most, page
from wellspent.surfaces.web.calls import Call
from wellspent.surfaces.web.groups import PERSONAL, Groups
from wellspent.surfaces.web.value_question import NONE, Chosen, contract_path, outcome_link, page_of, rows_of

HERE = "/value"
EVIDENCE = ("url", "note", "amount")  # not "by": that may be a person
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
    calls: tuple[Call, ...]
    more: bool


class CallsView(Struct, frozen=True):
    """Calls behind an amount, dearest first.

    Attributes:
        asked: What was chosen, by name.
        nanousd: The amount; ``calls`` are behind it in all.
        part_nanousd: Of an amount that contracts share, what the chosen one carries; None where that is not the question.
        notes: Why the calls do not sum to the amount, or to what led here; none where they do.
    """

    asked: dict[str, str]
    as_of_ms: int
    nanousd: int
    part_nanousd: int | None
    calls: int
    notes: tuple[str, ...]
    rows: tuple[Call, ...]
    more: bool


class OpenedPages:
    """The handlers."""

    def __init__(self, asking: Asking, log: OutcomeLog, settings: Settings, clock: Clock, render: Render) -> None:
        self._asking, self._log, self._settings, self._clock, self._render = asking, log, settings, clock, render

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
        return self._render(
            "calls.html",
            here=HERE,
            view=self._calls_view(chosen),
            chosen=chosen,
            none=NONE,
            page_rows=limits.VALUE_PAGE_ROWS,
            csv_rows=limits.VALUE_CSV_ROWS_MAX,
        )

    def _calls(self, request: Request) -> CallsView:
        return self._calls_view(self._chosen(request))

    def _calls_view(self, chosen: Chosen) -> CallsView:
        asked = Asked(values=_parts_of(chosen), spending=self._who(chosen), calls=(CallsOf(chosen.where, **rows_of(chosen.page)),))
        answer = self._asking.ask(asked)
        calls, total = answer.calls[0], self._total(chosen, answer)
        part = next((row.split_nanousd for value in answer.values for row in value.lines if row.contract == chosen.where.sharing), None)
        notes = notes_of(chosen, self._asking.setup.contracts)
        more = len(calls) > limits.VALUE_PAGE_ROWS
        return CallsView(chosen.asked, answer.as_of_ms, total.nanousd, part, total.calls, notes, self._shown(calls), more)

    def _call_rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        chosen, most = self._chosen(request), limits.VALUE_CSV_ROWS_MAX
        answer = self._asking.ask(Asked(spending=self._who(chosen), calls=(CallsOf(chosen.where, most + 1),)))
        self._total(chosen, answer)
        columns = Call.__struct_fields__
        return columns, at_most(most, columns, [asdict(each) for each in self._told(answer.calls[0])])

    def _who(self, chosen: Chosen) -> tuple[SpendingOf, ...]:
        """What was spent in a choice, and which teams did."""
        return SpendingOf(chosen.where), SpendingOf(chosen.where, ("team",))

    def _total(self, chosen: Chosen, answer: Answered) -> Cut:
        """What was spent in a choice. Raises InvalidInput where it is of too few people."""
        (total,), teams = answer.spending
        Groups.of(self._settings).check(chosen.where.cuts, [cut.group[0] for cut in teams])
        return total

    def _chosen(self, request: Request) -> Chosen:
        chosen = Chosen.parse(request.query_params, self._today())
        names = [each.name for each in self._asking.setup.contracts]
        if chosen.asked.get("contract", "") not in ("", NONE, *names):
            raise NotFound(f"there is no contract {chosen.asked['contract']!r}", fix=f"use one of {', '.join(names)}, or {NONE} for none")
        return chosen

    def _shown(self, calls: Sequence[CallCost]) -> tuple[Call, ...]:
        return self._told(calls[: limits.VALUE_PAGE_ROWS])

    def _told(self, calls: Sequence[CallCost]) -> tuple[Call, ...]:
        groups = Groups.of(self._settings)
        return tuple(Call.of(each, groups) for each in calls)

    def _today(self) -> date:
        return date.fromisoformat(day_of(self._clock.now_ms(), self._asking.setup.timezone))


def notes_of(chosen: Chosen, contracts: Sequence[Contract]) -> tuple[str, ...]:
    """Why calls do not sum to their amount, or to the figure that led to them."""
    where, notes = chosen.where, []
    contract = next((each for each in contracts if each.name == where.contract), None)
    if where.tier == "linked" or where.outcome is not None or (contract and not where.tier):
        notes.append(
            "Each call with its own whole amount; where several outcomes share one, each carries a part of it, and the amount has those parts."
        )
    if where.tier == "split":
        notes.append(
            "Contracts share these calls: each carries a part of the amount, by how many outcomes it settled in the month."
            " What was spent in a month in which none of them settled any is carried by no outcome."
        )
    if contract and contract.split and not where.tier:
        notes.append(f"What {contract.name} shares with other contracts is not in this list: choose its tier split.")
    return tuple(notes)


def _parts_of(chosen: Chosen) -> tuple[ValueOf, ...]:
    """What tells a contract's part of all that it shares; of a choice within that, no part is known."""
    where = chosen.where
    whole = where.sharing and "since" in chosen.asked and not where.cuts and where.outcome is None
    return (ValueOf(where.since, where.until, "whole"),) if whole else ()


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
        links=tuple(kind if kind in PERSONAL else f"{kind} {name}" for kind, name in event.links),
        url=url if url.startswith(("https://", "http://")) else "",
        evidence=tuple((name, evidence[name]) for name in EVIDENCE if name in evidence),
    )
