"""Value in the browser: what is shown adds up to what was spent, every figure opens, and what cannot be shown says why."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.surfaces.web.shop import CONTRACTS, USD, month_of_trade, shop

from wellspent import limits

MONTHS = "since=2026-09&until=2026-11"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with shop(tmp_path_factory.mktemp("shop")) as made:
        month_of_trade(made)
        with made.client() as asked:
            yield asked


def told(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_lines_and_the_unallocated_are_the_total(client: TestClient) -> None:
    view = told(client, f"/api/v1/value?{MONTHS}")
    assert sum(line["spent_nanousd"] for line in view["lines"]) + view["unallocated_nanousd"] == view["total_nanousd"]
    assert view["total_nanousd"] == round((14 * 2.5 + 3 + 1 + 9 + 4 + 0.25 + 0.5 + 7) * USD)
    assert view["unallocated_nanousd"] == round(11.75 * USD)  # $4 of September were shared and nothing settled in it
    for line in view["lines"]:
        steps = [step for step in view["steps"] if step["contract"] == line["contract"]]
        for name in ("spent_nanousd", "settled", "pending", "reversed", "price_nanousd"):
            assert sum(step[name] for step in steps) == line[name]
    rows = list(csv.DictReader(io.StringIO(client.get(f"/value.csv?{MONTHS}&by=month").text)))
    assert rows[-1]["contract"] == "total"
    assert sum(int(row["spent_nanousd"]) for row in rows[:-1]) == int(rows[-1]["spent_nanousd"]) == view["total_nanousd"]


def test_what_support_bought(client: TestClient) -> None:
    view = told(client, f"/api/v1/value?{MONTHS}")
    support, leads, deals = view["lines"]
    assert (support["settled"], support["pending"], support["reversed"], support["grade"]) == (15, 1, 1, "D")
    assert (support["linked_nanousd"], support["matched_nanousd"], support["open_nanousd"]) == (
        32 * USD,
        7 * USD,
        round(1.4375 * USD),
    )  # 1 of 16 that share the matched $7 is pending
    assert support["rework_nanousd"] == 3 * USD
    assert support["each_nanousd"] == round(37.5625 * USD / 15)
    assert support["low_nanousd"] < support["each_nanousd"] < support["high_nanousd"]
    assert (support["worth_nanousd"], support["before_nanousd"], support["vendor_nanousd"]) == (97_500_000_000, 123 * USD, 14_850_000_000)
    assert (leads["split_nanousd"], deals["split_nanousd"], leads["worth_nanousd"], deals["revenue_nanousd"]) == (6 * USD, 3 * USD, None, 1200 * USD)
    seen = view["coverage"]
    assert (seen["unpriced_calls"], seen["unlinked"]) == (1, 4)
    assert seen["carried_percent"] == pytest.approx(100 * 48 / 59.75)
    page = client.get(f"/value?{MONTHS}").text
    assert "$1 bought" not in page
    assert "$100 bought 39.9: one conversation solved cost $2.50" in page
    assert "<strong>unknown</strong>" in page
    assert page.count('class="figure"') == 1


def test_the_rule_and_the_amounts_of_each_contract(client: TestClient) -> None:
    for contract, path in (("support", "support"), ("leads", "leads"), ("a/b deals", "a%2Fb%20deals")):
        view = told(client, f"/api/v1/value/{path}?{MONTHS}")
        assert view["contract"] == contract
        spent = view["figures"]["spent_nanousd"]
        assert sum(part["nanousd"] for part in view["amounts"]) == spent == sum(part["nanousd"] for part in view["became"])
        page = client.get(f"/value/{path}?{MONTHS}")
        assert page.status_code == 200
    rule = dict(told(client, f"/api/v1/value/support?{MONTHS}")["rule"])
    assert rule["What counts"].startswith("A conversation solved, as any source tells it, once it has stood for 24h.")
    assert "time study" in rule["Before AI"] and "14 minutes" in rule["Before AI"] and "900 a month" in rule["Before AI"]
    assert "workflow bot" in rule["Money is matched"]
    deals = told(client, f"/api/v1/value/a%2Fb%20deals?{MONTHS}")
    assert "as crm tells it, and somebody confirmed it" in dict(deals["rule"])["What counts"]
    assert [part["nanousd"] for part in deals["shared"]] == [13 * USD]


def test_outcomes_dearest_first_and_by_what_became_of_them(client: TestClient) -> None:
    outcomes = told(client, f"/api/v1/value/support?{MONTHS}")["outcomes"]
    costs = [each["nanousd"] for each in outcomes]
    assert costs == sorted(costs, reverse=True)
    assert len(outcomes) == 18
    for state, names in (("undone", {"T-undone"}), ("open", {"T-fresh"}), ("rework", {"T-mend"})):
        assert {each["outcome"] for each in told(client, f"/api/v1/value/support?{MONTHS}&state={state}")["outcomes"]} == names
    rows = list(csv.DictReader(io.StringIO(client.get(f"/outcomes.csv?{MONTHS}&contract=support&state=undone").text)))
    assert [row["outcome"] for row in rows] == ["T-undone"]


def test_every_link_of_every_page_leads_somewhere(client: TestClient) -> None:
    """From the first page down to receipts: everything that is linked is there."""
    seen, waiting = {"/value"}, ["/value"]
    kinds = set()
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        assert answer.status_code == 200, path
        kinds.add(re.split(r"[/?]", path)[1])
        if path.startswith(("/api", "/static", "/calls/")) or ".csv" in path:
            continue
        for link in re.findall(r'href="([^"]+)"', answer.text):
            link = unescape(link).split("#")[0]
            fresh = link.startswith(("/value", "/calls", "/outcomes", "/api")) and re.sub(r"since=[^&]*&until=[^&]*", "", link) not in seen
            if fresh and len(seen) < 400:
                seen.add(re.sub(r"since=[^&]*&until=[^&]*", "", link))
                waiting.append(link)
    assert {"value", "calls", "outcomes", "outcomes.csv", "calls.csv", "value.csv", "api"} <= kinds


def test_an_amount_opens_to_its_calls(client: TestClient) -> None:
    view = told(client, f"/api/v1/value/support?{MONTHS}")
    for part in view["amounts"]:
        ((_, url),) = part["opens"]
        calls = told(client, f"/api/v1{url}")
        assert calls["nanousd"] == part["nanousd"] == sum(row["nanousd"] for row in calls["rows"])
        assert calls["calls"] == part["calls"] == len(calls["rows"])
    page = client.get(f"/calls?{MONTHS}&contract=support&tier=linked").text
    (receipt, *_) = re.findall(r'href="(/calls/ws_\d+)"', page)
    assert client.get(receipt).status_code == 200


def test_what_no_outcome_carries_by_group(client: TestClient) -> None:
    view = told(client, f"/api/v1/value/-?{MONTHS}")
    assert set(view["cuts"]) == {"team", "workflow", "client"}
    for parts in view["cuts"].values():
        assert sum(part["nanousd"] for part in parts) == view["nanousd"] == round(11.75 * USD)
    by_team = {part["name"]: (part["nanousd"], bool(part["opens"])) for part in view["cuts"]["team"]}
    assert by_team["teams of fewer than 5"] == (round(0.75 * USD), False)
    assert by_team["shared, and nothing settled in its month"] == (4 * USD, True)
    assert "pair" not in by_team and "trio" not in by_team


def test_people_are_not_shown(client: TestClient) -> None:
    for path in (
        f"/value?{MONTHS}", f"/value/support?{MONTHS}", f"/value/-?{MONTHS}", f"/calls?{MONTHS}", f"/calls.csv?{MONTHS}", f"/api/v1/calls?{MONTHS}",
        "/outcomes/desk/T-fresh", "/api/v1/outcomes/desk/T-fresh", "/outcomes/desk/T-undone", "/api/v1/outcomes/desk/T-undone",
    ):  # fmt: skip
        text = client.get(path).text
        for name in ("core-1", "pair", "trio", "Zoe", "zoe@"):
            assert name not in text, (path, name)
    refused = client.get(f"/calls?{MONTHS}&team=pair")
    assert (refused.status_code, "fewer than 5 people" in refused.text) == (400, True)


def test_an_outcome_tells_all_that_was_said_of_it(client: TestClient) -> None:
    undone = told(client, "/api/v1/outcomes/desk/T-undone")
    assert [event["state"] for event in undone["events"]] == ["settled", "reversed"]
    assert (undone["contract"], undone["became"], undone["nanousd"]) == ("support", "It was undone", round(1.5 * USD))  # shared with what mended it
    assert all(event["recorded_at_ms"] > event["occurred_at_ms"] for event in undone["events"])
    assert "customer" in undone["events"][0]["links"]
    fresh = client.get("/outcomes/desk/T-fresh").text
    assert 'href="https://desk.example/T-fresh"' in fresh
    assert "It may still come to count" in fresh
    assert "the same run" in fresh
    assert client.get("/outcomes/desk/L%2F2").status_code == 200
    assert client.get("/outcomes/desk/T-nobody").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/value?since=yesterday", 400, "&#39;yesterday&#39; is no month"),
        ("/value?since=2026-12&until=2026-01", 400, "swap them"),
        ("/value?since=2001-01&until=2026-01", 400, "ask for 60 at most"),
        ("/value?by=hour", 400, "use week or month"),
        ("/value?contract=sales", 404, "use one of support, leads, a/b deals"),
        ("/value/sales", 404, "there is no contract"),
        ("/value/support?state=gone", 400, "use counted, open, undone, rework"),
        ("/value/support?page=0", 400, "use a number from 1"),
        ("/value/support?page=²", 400, "use a number from 1"),
        ("/value/support?since=2020-01&until=2020-02", 404, "choose other months"),
        ("/calls?tier=spread", 400, "use linked, matched, split, unallocated"),
        ("/calls?contract=sales", 404, "there is no contract"),
        ("/value?since=%3Cscript%3E", 400, "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_shown_says_why(client: TestClient, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    as_json = client.get(f"/api/v1{path}")
    assert (as_json.status_code, "error" in as_json.json()) == (status, True)


def test_a_spreadsheet_runs_nothing(client: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"/calls.csv?{MONTHS}&client=%3Dcmd()").text)))
    assert len(rows) == 1
    assert not any(value.startswith("=") for value in rows[0].values())


def test_months_without_anything_are_a_page_too(client: TestClient) -> None:
    page = client.get("/value?since=2020-01&until=2020-02")
    assert page.status_code == 200
    assert "Nothing was spent on support and nothing settled in these months." in page.text
    assert "no calls in these months" in page.text


def test_without_a_contract_the_page_says_how_to_write_one(tmp_path: Path) -> None:
    with shop(tmp_path) as made, made.client(()) as client:
        page = client.get("/value")
        assert (page.status_code, "[[contract]]" in page.text) == (200, True)
        assert client.get("/api/v1/value").status_code == 404
        assert client.get("/value/support").status_code == 404


def test_a_page_that_takes_long_says_so_and_asks_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING_S_MAX", 0.0)
    page = client.get("/value?since=2019-01&until=2019-02")
    assert (page.status_code, page.headers["refresh"], "Still being worked out" in page.text) == (503, str(limits.ASKING_RETRY_S), True)
    machine = client.get("/api/v1/value?since=2019-03&until=2019-04")
    assert (machine.status_code, machine.headers["retry-after"], "refresh" in machine.headers) == (503, str(limits.ASKING_RETRY_S), False)


def test_a_call_without_a_price_costs_unknown(client: TestClient) -> None:
    page = client.get(f"/calls?{MONTHS}&contract=-&tier=unallocated&team=core").text
    assert '<td class="n">unknown</td>' in page
    assert "Calls without a known price are in no amount" in page


def test_without_duckdb_the_page_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "duckdb.py").write_text("raise ImportError\n")
    monkeypatch.syspath_prepend(tmp_path / "hidden")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'hidden'}:{Path(__file__).parents[3] / 'src'}")
    with shop(tmp_path / "hidden") as made, made.client(CONTRACTS) as client:
        page = client.get("/value")
        assert (page.status_code, "pip install" in page.text) == (503, True), page.text
