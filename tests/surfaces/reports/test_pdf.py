"""The PDF: the same facts give the same bytes, what people wrote is not read as markup, and no content breaks the page."""

import json
import sys
from typing import Any

import msgspec
import pytest
import typst
from tests.analytics.statement.made import CHANGES, SUPPORT, USD, bought, spent, stated

from wellspent.analytics.contract import Baseline, Contract, Vendor
from wellspent.analytics.statement.compose import Told
from wellspent.analytics.statement.record import EffectLine, InitiativeLine, Restated, SelfReportLine, Statement
from wellspent.facts.errors import ConfigError
from wellspent.surfaces.reports.page import Issue, page_of, status_of
from wellspent.surfaces.reports.pdf import charts_of, check, pdf_of, pictures_of

HOSTILE = '*bold* #panic("x") $x^2$ _it_ @ref <label> ```raw``` \\ // /* = [a] "q" €'
ISSUE = Issue(3, 2, 1, 1_800_000_000_000, "ada", "f" * 64)


def statement(count: int = 2, scale: int = USD, name: str = "contract") -> Statement:
    contracts = [
        Contract(f"{name} {number}", f"kind{number}", baseline=Baseline(HOSTILE, "8.20"), vendor=Vendor(HOSTILE, "0.99")) for number in range(count)
    ]
    days = [f"2026-{month:02d}-{day:02d}" for month in (9, 10) for day in range(1, 9)]
    monies = [spent(each.name, day, scale, price_nanousd=scale // 9) for each in contracts for day in days]
    outcomes = [bought(each.name, day, 3, valued_nanousd=USD, unvalued=0, pending=1) for each in contracts for day in days]
    told = Told(
        (EffectLine(HOSTILE, HOSTILE, "A", HOSTILE),),
        (InitiativeLine(HOSTILE, "ada", scale, None, HOSTILE, "D", "", "2026-12-01"), InitiativeLine("two", "bob", 1, 2, "", "none", "stop")),
        (SelfReportLine("2026-10", None, None), SelfReportLine("2026-09", 9, 600)),
    )
    lines = (
        Restated(1, "2026-09", 1, "output", HOSTILE, "settled", "outcomes", 1, None, (HOSTILE,), 2),
        Restated(1, "2026-09", 2, "output", HOSTILE, "reversed", "outcomes", 1, 2, (HOSTILE,), 2),
    )
    found = stated(contracts, [*monies, spent("", "2026-10-03", scale)], outcomes, told=told)
    return msgspec.structs.replace(found, compared=(1, 2), restated=lines, org=HOSTILE)


def test_the_same_facts_give_the_same_bytes() -> None:
    found = statement()
    first = pdf_of(found, ISSUE)
    assert first.startswith(b"%PDF")
    assert pdf_of(msgspec.json.decode(msgspec.json.encode(found), type=Statement), ISSUE) == first
    assert pdf_of(found) != first


@pytest.mark.parametrize(
    ("count", "scale", "name"),
    [(0, 1, ""), (1, 1, "x" * 90), (2, 10**9, HOSTILE), (12, 10**17, "a-very-long-name-of-a-contract-that-somebody-wrote"), (1, 0, "nothing")],
)
def test_nothing_breaks_the_page(count: int, scale: int, name: str) -> None:
    pages = pictures_of(statement(count, scale, name), ISSUE, ppi=30)
    assert 2 <= len(pages) <= 18
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_what_people_wrote_is_text() -> None:
    source = b"#let page = json(bytes(sys.inputs.page))\n#metadata(page.org) <org>"
    found = typst.query(source, "<org>", field="value", one=True, sys_inputs={"page": msgspec.json.encode(page_of(statement())).decode()})
    assert json.loads(found) == HOSTILE
    assert len(pdf_of(statement(1, USD, HOSTILE))) > 10_000


def test_the_page_says_what_the_statement_says() -> None:
    page = page_of(stated((SUPPORT, CHANGES), [spent("", "2026-10-05", 250 * USD), spent("support", "2026-10-06", 750 * USD)], []), None)
    assert page["spending"][0] == ["total", "$1,000.00", "$0.00", "–"]
    assert page["carried"][3] == ["unallocated", "$250.00", "25.0 %", "none", "$0.00", "unknown"]
    assert page["each"][0] == ["support", "unknown", "unknown", "none", "unknown", "unknown", "unknown", "unknown"]
    assert page["status"] == "Draft: not issued"
    assert ["spending reconciled to invoices", "none: no invoice has been reconciled"] in page["coverage"]
    assert page["margin"] == []
    assert len(page["annex"]) == len(stated((SUPPORT, CHANGES), [], []).figures)


def test_corrections_of_earlier_periods_are_on_page_one() -> None:
    monies = [spent("support", "2026-10-05", 4 * USD), spent("", "2026-10-06", -9 * USD, of_day="2026-08-15")]
    page = page_of(stated((SUPPORT,), monies, []))
    assert page["carried"][-1] == ["of it corrections of earlier periods", "-$9.00", "–", "counted", "$0.00", "–"]
    assert [row[2] for row in page["carried"][:-1]] == ["unknown"] * 4
    assert "alike and independent" in page["interval"]


def test_a_cost_of_few_days_has_no_interval() -> None:
    page = page_of(stated((CHANGES,), [spent("changes", "2026-10-05", USD)], [bought("changes", "2026-10-05", 2)]))
    assert page["each"][0][:4] == ["changes", "$0.500", "too few", "C"]


def test_what_it_is_worth_is_said_at_the_top() -> None:
    found = statement(1)
    assert status_of(found, ISSUE) == "Statement 3, version 2, supersedes statement 1, issued on 2027-01-15 08:00 UTC by ada"
    assert status_of(found, msgspec.structs.replace(ISSUE, supersedes=0)) == "Statement 3, version 2, issued on 2027-01-15 08:00 UTC by ada"
    assert status_of(msgspec.structs.replace(found, provisional=True), None) == "Provisional: the period is not over"


def test_restatements_and_what_others_found_are_in_it() -> None:
    page: dict[str, Any] = page_of(statement(), ISSUE)
    assert [row[4] for row in page["restated"]] == [f"{HOSTILE} (as statement 2 says)", "as above"]
    assert [row[0] for row in page["restated"]] == ["1: 2026-09", "1: 2026-09 v2"]
    assert [row[-1] for row in page["initiatives"]] == ["none yet, due 2026-12-01", "stop"]
    assert page["self_reported"] == [["2026-10", "unknown", "too few people to be shown"], ["2026-09", "9", "10.0 hours"]]


def test_a_drawing_for_each_contract_that_did_something() -> None:
    drawn = charts_of(statement(2))
    assert [name for name, _ in drawn] == ["contract 0", "contract 1"]
    assert all(text in drawn[0][1] for text in ("Spending (USD)", "Output (settled)", "Cost per outcome (USD)", "Oct 26"))
    assert charts_of(stated((SUPPORT,), [], [])) == []


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    check()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ConfigError, match="not installed") as error:
        check()
    assert error.value.fix == "install wellspent[reports]"
