"""No page, CSV or JSON names a person, their key or their session, or tells fewer than five people apart; the command line has it all."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.web.shop import USD, Shop, shop

from wellspent import limits
from wellspent.analytics.contract import Contract
from wellspent.budgets.budget import Budget
from wellspent.facts.attribution import Scope

MONTHS = "since=2026-11&until=2026-11"
SECRET = ("zoe", "nils", "laptop-7", "sess-4711", "acct-9")  # a person, one of the small team, a key, a session, a customer
CONTRACTS = (Contract("leads", "lead"), Contract("deals", "deal", split={"team": "big"}), Contract("demos", "demo", split={"team": "big"}))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as found:
        yield found


def trade(made: Shop) -> list[str]:
    """A person with a key and a session in a team of seven, four in another with a workflow of their own, eight in the largest."""
    for team, people in (("core", 7), ("ops", 4), ("big", 8)):
        made.settings.add_team(team, org="acme")
        for number in range(people):
            made.settings.add_person(f"{team}-{number}", team=team)
    for id, scope in (("zoe-month", "person:zoe"), ("of-key", "key:laptop-7"), ("ops-month", "team:ops"), ("all", "org:acme"), ("bot", "key:ci")):
        made.settings.set_budget(Budget(id, Scope.parse(scope), 100 * USD))
    made.ledger.set_budgets(made.settings.budgets())
    made.settings.create_key("ci", org="acme")
    who: dict[str, Any] = {"person": "zoe", "key": "laptop-7", "session": "sess-4711", "tags": (("customer", "acct-9"), ("app", "shop"))}
    ids = [made.spend(3, 5, **who), made.spend(3, 2, team="ops", workflow="sheets", client="abacus", person="nils")]
    ids.append(made.spend(3, 1, **{**who, "team": "big", "session": "sess-4711b", "tags": (("app", "shop"), ("customer", "acct-9b"))}))
    made.spend(4, 1, team="core", workflow="shared")
    made.spend(4, 1, team="ops", workflow="shared")
    made.say("L-1", "lead", "settled", links=(("session", "sess-4711"), ("customer", "acct-9"), ("change", "a#1")))
    made.say("D-1", "deal", "settled", "settled")
    return ids


def test_nobody_is_named_on_any_page(made: Shop) -> None:
    ids = trade(made)
    with made.client(CONTRACTS) as web:
        paths = ["/", "/value", "/calls", "/outcomes/desk/L-1", "/value/leads", "/value/-", *(f"/calls/{id}" for id in ids)]
        machine = [f"/api/v1{path}" for path in paths[1:]] + ["/api/v1/overview", "/calls.csv", "/outcomes.csv?contract=leads", "/overview.csv"]
        for path in (*paths, *machine):
            answer = web.get(path)
            assert answer.status_code == 200, (path, answer.text)
            for name in SECRET:
                assert name not in answer.text, (path, name)


def test_a_link_that_is_one_persons_is_told_by_its_kind(made: Shop) -> None:
    trade(made)
    with made.client(CONTRACTS) as web:
        view = web.get("/api/v1/outcomes/desk/L-1").json()
        assert sorted(view["events"][0]["links"]) == ["change a#1", "customer", "session"]
        assert view["nanousd"] == 5 * USD


def test_a_receipt_tells_what_is_nobodys(made: Shop) -> None:
    _, ops, big = trade(made)
    with made.client(CONTRACTS) as web:
        told = web.get(f"/api/v1/calls/{big}").json()
        assert told["charged_to"] == [{"kind": "org", "name": "acme"}, {"kind": "team", "name": "big"}]
        assert told["tags"] == ["app=shop", "customer"]
        assert (told["budgets"], told["budgets_not_shown"]) == (["all@2026-11"], 2)
        assert "2 not shown here" in web.get(f"/calls/{big}").text
        small = web.get(f"/api/v1/calls/{ops}").json()
        assert {each["kind"]: each["name"] for each in small["charged_to"]} == {"org": "acme", "team": TOGETHER, "client": "abacus"}
        assert (small["budgets"], small["budgets_not_shown"]) == (["all@2026-11"], 1)


TOGETHER = "teams of fewer than 5, with the next larger"


def test_four_people_are_told_with_the_next_larger_team(made: Shop) -> None:
    trade(made)
    with made.client(CONTRACTS) as web:
        view = web.get(f"/api/v1/value/-?{MONTHS}").json()
        found = {name: {part["name"]: part["nanousd"] // USD for part in parts} for name, parts in view["cuts"].items()}
        assert found == {"team": {TOGETHER: 4}, "workflow": {TOGETHER: 4}, "client": {TOGETHER: 4}}  # the largest team's is shared by contracts
        for cut in ("team=ops", "team=core", "workflow=sheets", "client=abacus"):
            for path in ("/calls", "/calls.csv", "/api/v1/calls"):
                assert web.get(f"{path}?{MONTHS}&{cut}").status_code == 400, (path, cut)
            assert web.get(f"/?{cut}").status_code == web.get(f"/api/v1/overview?{cut}").status_code == 400, cut
        assert web.get("/?team=big").status_code == web.get(f"/calls?{MONTHS}&team=big").status_code == 200
        rows = list(csv.DictReader(io.StringIO(web.get(f"/calls.csv?{MONTHS}").text)))
        assert {row["team"]: row["workflow"] for row in rows} == {TOGETHER: "", "big": ""}
        assert "ops" not in {group["name"] for group in web.get("/api/v1/overview").json()["teams"]}


def test_of_too_few_people_only_the_total_is_told(made: Shop) -> None:
    made.settings.add_team("duo", org="acme")
    for name in ("ada", "bo"):
        made.settings.add_person(name, team="duo")
    made.spend(3, 2, team="duo", workflow="w")
    made.spend(3, 3, team="other", workflow="v")
    with made.client(CONTRACTS) as web:
        view = web.get(f"/api/v1/value/-?{MONTHS}").json()
        for parts in view["cuts"].values():
            assert [(part["name"], part["nanousd"], part["opens"]) for part in parts] == [("all teams", 5 * USD, [])]
        assert web.get(f"/calls?{MONTHS}&workflow=v").status_code == web.get(f"/calls?{MONTHS}&team=other").status_code == 400
        assert [group["name"] for group in web.get("/api/v1/overview").json()["teams"]] == ["all teams"]


def test_budgets_of_one_person_are_not_on_the_overview(made: Shop) -> None:
    trade(made)
    with made.client(CONTRACTS) as web:
        view = web.get("/api/v1/overview").json()
        assert sorted(line["id"] for line in view["budgets"]) == ["all", "bot"]
        assert view["budgets_not_shown"] == 3
        assert "3 more are of persons" in web.get("/").text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/calls?source=desk", "write both source and outcome"), ("/calls?outcome=x", "write both source and outcome"),
        ("/calls?person=zoe", "nobody can ask for one person"), ("/calls?key=laptop-7", "nobody can ask for one person"),
        ("/calls?session=s", "nobody can ask for one person"), ("/calls?teem=core", "there is no such choice"),
        ("/calls.csv?person=zoe", "nobody can ask for one person"), ("/api/v1/calls?run=r", "there is no such choice"),
        ("/value?team=core", "there is no such choice"), ("/value/leads?person=zoe", "nobody can ask for one person"),
        ("/value/-?tier=split", "there is no such choice"), ("/outcomes.csv?source=desk", "there is no such choice"),
        ("/?person=zoe", "nobody can ask for one person"), ("/overview.csv?tem=core", "there is no such choice"),
        ("/initiatives?team=core", "there is no such choice"), ("/initiatives.csv?person=zoe", "nobody can ask for one person"),
    ],
)  # fmt: skip
def test_a_choice_that_is_not_applied_is_refused(made: Shop, path: str, says: str) -> None:
    with made.client(CONTRACTS) as web:
        made.spend(3, 1)
        answer = web.get(path)
        assert (answer.status_code, says in answer.text) == (400, True), answer.text


def test_a_shared_amount_opens_to_its_calls_and_tells_the_part(made: Shop) -> None:
    trade(made)
    made.say("M-1", "demo", "settled")
    with made.client(CONTRACTS) as web:
        view = web.get(f"/api/v1/value/deals?{MONTHS}").json()
        assert view["figures"]["split_nanousd"] == USD // 2
        (counted, *_) = view["became"]
        (url,) = [url for text, url in counted["opens"] if text == "shared calls"]
        calls = web.get(f"/api/v1{url}").json()
        assert (calls["nanousd"], calls["part_nanousd"], len(calls["rows"])) == (USD, USD // 2, 1)
        assert "deals carries $0.50 of it." in web.get(url).text
        whole = web.get(f"/api/v1/calls?{MONTHS}&contract=deals").json()
        assert whole["rows"] == [] and any("choose its tier split" in note for note in whole["notes"])
        narrowed = web.get(f"/api/v1/calls?{MONTHS}&contract=deals&tier=split&team=big").json()
        assert (narrowed["nanousd"], narrowed["part_nanousd"]) == (USD, None)
        assert web.get(f"/api/v1/calls?{MONTHS}&contract=leads&tier=split").json()["rows"] == []


def test_a_list_that_does_not_sum_to_the_figure_says_why(made: Shop) -> None:
    made.spend(40, 3, run="old")
    made.spend(3, 2, run="old")
    made.say("L-1", "lead", "settled", "reversed", days_ago=3, links=(("run", "old"),))
    with made.client(CONTRACTS) as web:
        view = web.get(f"/api/v1/value/leads?{MONTHS}&state=undone").json()
        assert (view["figures"]["rework_nanousd"], view["listed_nanousd"]) == (2 * USD, 5 * USD)
        page = web.get(f"/value/leads?{MONTHS}&state=undone").text
        assert "the figures above count money by the day it was spent" in page
        assert "These 1 carry $5.00 in all." in page
        linked = web.get(f"/calls?{MONTHS}&contract=leads&tier=linked").text
        assert "each carries a part of it" in linked


def test_a_file_that_is_cut_says_so(made: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        made.spend(3, 1 + number)
        made.say(f"L-{number}", "lead", "settled")
    with made.client(CONTRACTS) as web:
        whole = web.get(f"/calls.csv?{MONTHS}").text
        monkeypatch.setattr(limits, "VALUE_CSV_ROWS_MAX", 4)
        assert web.get(f"/calls.csv?{MONTHS}").text == whole
        monkeypatch.setattr(limits, "VALUE_CSV_ROWS_MAX", 3)
        for path, column in (("/calls.csv?", "call_id"), ("/outcomes.csv?contract=leads&", "source")):
            rows = list(csv.DictReader(io.StringIO(web.get(f"{path}{MONTHS}").text)))
            assert len(rows) == 4
            assert rows[-1][column].startswith("cut: only the first 3 are here")
        assert "(the dearest 3)" in web.get(f"/calls?{MONTHS}").text


def test_every_choice_in_a_link_is_one_that_is_applied(made: Shop) -> None:
    """No page leads to an address that is refused."""
    trade(made)
    with made.client(CONTRACTS) as web:
        for page in ("/", f"/value?{MONTHS}", f"/value/deals?{MONTHS}&state=counted", f"/value/-?{MONTHS}", f"/calls?{MONTHS}", "/initiatives"):
            for link in re.findall(r'href="(/[^"#]*)', web.get(page).text):
                assert web.get(link.replace("&amp;", "&")).status_code != 400, (page, link)
