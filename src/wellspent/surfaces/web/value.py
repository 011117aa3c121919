"""The pages of Value: what did a dollar buy? And one contract, and what no outcome carries, each down to outcomes and calls."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.answers import OutcomeCost, Where
from wellspent.facts.clock import Clock, day_of
from wellspent.facts.errors import NotFound
from wellspent.identity.settings import Settings
from wellspent.surfaces.asking.asked import Asked, OutcomesOf, SpendingOf, ValueOf
from wellspent.surfaces.asking.asking import Asking
from wellspent.surfaces.web import contract_view as of_contract
from wellspent.surfaces.web.answer import Render, as_csv, as_json, at_most, page
from wellspent.surfaces.web.contract_view import ContractView, Unallocated
from wellspent.surfaces.web.groups import Groups
from wellspent.surfaces.web.value_question import NONE, STATES, STEPS, Question, calls_link, contract_path, outcome_link, rows_of
from wellspent.surfaces.web.value_view import Row, View, coverage_of, row_of, view_of

HERE = "/value"
OUTCOME_COLUMNS = tuple(name for name in OutcomeCost.__struct_fields__ if name != "calls")  # a shared call is counted with one of its outcomes
UNALLOCATED_BY = ("team", "workflow", "client")


class ValuePages:
    """The handlers. All figures come from one question to the answering process each."""

    def __init__(self, asking: Asking, settings: Settings, clock: Clock, render: Render) -> None:
        self._asking, self._settings, self._clock, self._render = asking, settings, clock, render
        self._contracts = asking.setup.contracts

    def routes(self) -> list[Route]:
        """Their paths."""
        return [
            Route(HERE, page(self._value_page, self._render, HERE)),
            Route("/value.csv", as_csv(self._value_rows)),
            Route("/api/v1/value", as_json(self._value)),
            Route(f"/value/{NONE}", page(self._unallocated_page, self._render, HERE)),
            Route(f"/api/v1/value/{NONE}", as_json(self._unallocated)),
            Route("/value/{contract:path}", page(self._contract_page, self._render, HERE)),
            Route("/api/v1/value/{contract:path}", as_json(self._contract)),
            Route("/outcomes.csv", as_csv(self._outcome_rows)),
        ]

    # What did a dollar buy?

    def _value_page(self, request: Request) -> Response:
        if not self._contracts:
            return self._render("no_contract.html", here=HERE)
        question = self._question(request)
        view = self._view(question)
        return self._render(
            "value.html",
            here=HERE,
            this_month=self._this_month(),
            view=view,
            question=question,
            contracts=self._contracts,
            steps=STEPS,
            path=contract_path,
            calls=calls_link,
        )

    def _value(self, request: Request) -> View:
        return self._view(self._question(request))

    def _value_rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        view = self._value(request)
        rows: list[Mapping[str, object]] = [asdict(row) for row in view.steps]
        rows += [{"contract": "unallocated", "spent_nanousd": view.unallocated_nanousd}, {"contract": "total", "spent_nanousd": view.total_nanousd}]
        return Row.__struct_fields__, rows

    def _view(self, question: Question) -> View:
        first, after = question.months.first, question.months.after
        found = self._asking.ask(Asked(values=(ValueOf(first, after, "whole"), ValueOf(first, after, question.by))))
        whole, steps = found.values
        return view_of(question, self._contracts, whole, steps, found.as_of_ms, self._today(found.as_of_ms))

    # One contract

    def _contract_page(self, request: Request) -> Response:
        question = self._question(request, request.path_params["contract"])
        view = self._contract_view(question)
        values = {"states": STATES, "opens": outcome_link, "page_rows": limits.VALUE_PAGE_ROWS, "here_path": contract_path(view.contract)}
        return self._render("contract.html", here=HERE, this_month=self._this_month(), view=view, question=question, **values)

    def _contract(self, request: Request) -> ContractView:
        return self._contract_view(self._question(request, request.path_params["contract"]))

    def _contract_view(self, question: Question) -> ContractView:
        months, contract = question.months, self._named(question.contract)
        asked = Asked(
            values=(ValueOf(months.first, months.after, "whole"),),
            outcomes=(OutcomesOf(question.where(), question.state, **rows_of(question.page)),),
            spending=(
                SpendingOf(question.where(), ("tier", "rule")),
                SpendingOf(Where(months.first, months.after, NONE, "split"), ("rule",)),
            ),
        )
        found = self._asking.ask(asked)
        (whole,), (outcomes,), (cuts, split) = found.values, found.outcomes, found.spending
        row = next((row_of(line) for line in whole.lines if line.contract == contract.name), None)
        if row is None:
            raise NotFound(f"there is neither spending nor an outcome from {months.since} to {months.until}", fix="choose other months")
        shared, more = of_contract.shared_with(contract.name, split), len(outcomes) > limits.VALUE_PAGE_ROWS
        return ContractView(
            contract=contract.name,
            since=months.since,
            until=months.until,
            as_of_ms=found.as_of_ms,
            coverage=coverage_of(whole),
            rule=of_contract.rule_of(contract),
            figures=row,
            amounts=of_contract.amounts_of(row, cuts, shared, months),
            became=of_contract.became_of(row, months),
            shared=of_contract.shared_of(shared, months),
            outcomes=outcomes[: limits.VALUE_PAGE_ROWS],
            listed_nanousd=None if more or question.page > 1 else sum(each.nanousd for each in outcomes),
            more=more,
        )

    def _outcome_rows(self, request: Request) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        question = self._question(request)
        most = limits.VALUE_CSV_ROWS_MAX
        found = self._asking.ask(Asked(outcomes=(OutcomesOf(question.where(), question.state, most + 1),)))
        return OUTCOME_COLUMNS, at_most(most, OUTCOME_COLUMNS, [asdict(each) for each in found.outcomes[0]])

    # What no outcome carries

    def _unallocated_page(self, request: Request) -> Response:
        question = self._question(request, NONE)
        return self._render("unallocated.html", here=HERE, this_month=self._this_month(), view=self._unallocated_view(question), question=question)

    def _unallocated(self, request: Request) -> Unallocated:
        return self._unallocated_view(self._question(request, NONE))

    def _unallocated_view(self, question: Question) -> Unallocated:
        months, where = question.months, question.where("unallocated")
        by = tuple(SpendingOf(where, tuple(dict.fromkeys((name, "team")))) for name in UNALLOCATED_BY)
        found = self._asking.ask(Asked(values=(ValueOf(months.first, months.after, "whole"),), spending=(SpendingOf(where), *by)))
        (whole,), ((loose,), *cuts) = found.values, found.spending
        groups, nanousd = Groups.of(self._settings), whole.unallocated_nanousd
        return Unallocated(
            since=months.since,
            until=months.until,
            as_of_ms=found.as_of_ms,
            coverage=coverage_of(whole),
            nanousd=nanousd,
            percent=whole.share_percent("unallocated"),
            total_nanousd=whole.total_nanousd,
            cuts={name: of_contract.cuts_of(name, each, loose, nanousd, groups, months) for name, each in zip(UNALLOCATED_BY, cuts, strict=True)},
        )

    # What they share

    def _question(self, request: Request, contract: str = "") -> Question:
        if not self._contracts:
            raise NotFound("there is no contract, so nothing says what an outcome is", fix="write one in wellspent.toml: see docs/outcomes.md")
        return Question.parse(request.query_params, self._today(self._clock.now_ms()), self._contracts, contract)

    def _named(self, name: str) -> Contract:
        return next(each for each in self._contracts if each.name == name)

    def _this_month(self) -> str:
        return f"{self._today(self._clock.now_ms()):%Y-%m}"

    def _today(self, at_ms: int) -> date:
        return date.fromisoformat(day_of(at_ms, self._asking.setup.timezone))
