"""Each page that a statement names shows the figure beside which it stands."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.surfaces.web.shop import CALENDAR, CONTRACTS, NOON, month_of_trade, shop

from wellspent.analytics.statement.record import Statement
from wellspent.config import Config
from wellspent.surfaces.reports.ask import statement_of

SHOWN = {
    "spent": "spent_nanousd",
    "AI spending": "spent_nanousd",
    "not counted yet": "open_nanousd",
    "cost per outcome": "each_nanousd",
    "rework": "rework_nanousd",
    "revenue": "revenue_nanousd",
    "as many before AI": "before_nanousd",
}


def told(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    with shop(tmp_path) as made:
        month_of_trade(made)
        with made.client() as client:
            contracts = tuple(msgspec.to_builtins(each) for each in CONTRACTS)
            config = Config(data_dir=tmp_path, timezone=CALENDAR.timezone, org="acme", contracts=contracts)
            yield client, statement_of(config, "2026-11", NOON)


def test_pages_show_what_they_are_named_for(opened: tuple[TestClient, Statement]) -> None:
    client, found = opened
    pages = [each for each in found.figures if each.open.startswith("/")]
    assert {each.item for each in pages} == {"", "support", "leads", "a/b deals"}
    for each in pages:
        path, _, part = each.open.partition("#")
        page = client.get(path)
        assert page.status_code == 200 and (not part or f'id="{part}"' in page.text), each.open
        if each.name in SHOWN:
            assert told(client, f"/api/v1{path}")["figures"][SHOWN[each.name]] == each.value, each
        elif each.name in ("linked", "matched", "unallocated"):
            assert told(client, f"/api/v1{path}")["nanousd"] == each.value, each
