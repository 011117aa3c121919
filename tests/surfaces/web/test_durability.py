"""The page of durability shows the report that was kept, whole, and reads no repository."""

import csv
import io
from pathlib import Path

import msgspec
from msgspec.structs import replace
from tests.surfaces.durability.test_tables import NASTY, PARTS, told
from tests.surfaces.web.shop import shop

from wellspent.rework.report import Report
from wellspent.rework.study import Unread
from wellspent.surfaces.durability.kept import FILE, keep
from wellspent.surfaces.durability.tables import headline, tables


def test_without_a_report_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    with shop(tmp_path) as made, made.client() as client:
        page = client.get("/durability")
        assert page.status_code == 200 and "[[repository]]" in page.text
        assert client.get("/api/v1/durability").status_code == 404
        assert client.get("/durability/gone.csv").status_code == 404
        (tmp_path / FILE).write_bytes(b"{")
        assert "[[repository]]" in client.get("/durability").text, "what cannot be read is no report"


def test_the_page_tells_the_whole_report_and_names_stay_text(tmp_path: Path) -> None:
    report = replace(told("<b>app"), unread=(Unread(NASTY, "it is not there", "look"),))
    keep(report, tmp_path)
    with shop(tmp_path) as made, made.client() as client:
        page = client.get("/durability").text
        assert "<b>app" not in page and "&lt;b&gt;app" in page and "<img" not in page
        for sentence in headline(report):
            assert sentence in page
        for name, table in tables(report).items():
            assert name == "gone" or table.title in page
        assert '<svg class="figure"' in page and "could not be read: it is not there" in page
        assert msgspec.json.decode(client.get("/api/v1/durability").content, type=Report) == report
        for part in PARTS:
            found = list(csv.DictReader(io.StringIO(client.get(f"/durability/{part}.csv").text)))
            assert len(found) == len(tables(report)[part].rows)
            assert not any(name.endswith("_text") for row in found for name in row)
        unknown = client.get("/durability/people.csv")
        assert unknown.status_code == 404 and "gone" in unknown.text


def test_a_report_without_spending_has_a_page_too(tmp_path: Path) -> None:
    keep(told(spent=False), tmp_path)
    with shop(tmp_path) as made, made.client() as client:
        page = client.get("/durability").text
    assert "No spending on code is known" in page and "$0.00" not in page, "unknown is not zero"
