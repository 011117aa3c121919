"""Vendors' bills: what is charged and what is not, from the files as they document them; whose file it is, by its fields alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.bills import files
from tests.connectors.outcomes.wild import JSON

from wellspent import limits
from wellspent.connectors.bills import FORMATS, bill_of
from wellspent.connectors.bills.line import Bill, BillLine, Row
from wellspent.connectors.bills.rows import key
from wellspent.facts.errors import InvalidInput

CASE = "f0983c1edb5a8300dd1cf9b5ae961912"
CHARGED = {
    "intercom": [
        BillLine("215473840001", evidence=(("fin", "confirmed_resolution"),)),
        BillLine("215473840002", evidence=(("fin", "assumed_resolution"),)),
    ],
    "intercom json": [
        BillLine("215473840001", evidence=(("fin", "confirmed_resolution"),)),
        BillLine("215473840002", evidence=(("fin", "procedure_handoff"),)),
    ],
    "zendesk": [
        BillLine("5158", ("ai-1",), evidence=(("tier", "core resolution"), ("ended", "2026-10-05T10:00:00Z"), ("channel", "messaging"))),
        BillLine("ai-2", evidence=(("tier", "core resolution"), ("ended", "2026-10-05T10:00:00Z"), ("channel", "messaging"))),
    ],
    "salesforce": [
        BillLine(
            f"0dw-{number}",
            (f"cbo-{number}",),
            against=against,
            evidence=(
                ("outcome", "Resolved"),
                ("window_began", "2026-10-04T10:00:00.000Z"),
                ("window_ended", "2026-10-05T10:00:00.000Z"),
                ("escalated", escalated),
            ),
        )
        for number, escalated, against in ((1, "false", ""), (2, "true", "the vendor's own record says that it was escalated"))
    ],
    "servicenow": [
        BillLine(CASE, units=26, evidence=(("table", "sn_customerservice_case"), ("assists", "26"), ("uses", "2"))),
        BillLine("aa983c1edb5a8300dd1cf9b5ae961913", units=25, evidence=(("table", "sn_customerservice_case"), ("assists", "25"), ("uses", "1"))),
    ],
}
LEFT_OUT = {
    "intercom": {"Fin gave no answer": 1, "not resolved, by Fin's own record": 1},
    "intercom json": {"Fin gave no answer": 1, "a preview of Fin": 1, "not resolved, by Fin's own record": 2},
    "zendesk": {"a test": 1, "not resolved, by Zendesk's own record": 1},
    "salesforce": {"not resolved, by Salesforce's own record": 1},
    "servicenow": {"a test or an evaluation": 1, "no assists, or those of a trial": 1, "not completed": 1, "on no record": 1},
}
FILES: dict[str, Any] = {
    "intercom": files.INTERCOM_CSV,
    "intercom json": files.INTERCOM_JSON,
    "zendesk": files.ZENDESK_JSON,
    "salesforce": files.SALESFORCE_JSON,
    "servicenow": files.SERVICENOW_CSV,
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "bill"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(folder: Path, content: Any, vendor: str = "") -> Bill:
    return bill_of(written(folder, content), vendor)


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_it_is_documented(name: str, tmp_path: Path) -> None:
    vendor = name.split()[0]
    found = read(tmp_path, FILES[name])
    assert (found.format, list(found.lines), dict(found.left_out)) == (vendor, CHARGED[name], LEFT_OUT[name])
    assert read(tmp_path, FILES[name], vendor) == found


def test_the_same_in_another_shape(tmp_path: Path) -> None:
    assert read(tmp_path, files.SERVICENOW_JSON) == read(tmp_path, files.SERVICENOW_CSV)
    lines = "\n".join(json.dumps({name.lower(): value for name, value in each.items()}) for each in files.ZENDESK_JSON)
    assert read(tmp_path, lines) == read(tmp_path, files.ZENDESK_JSON)
    rows = [{key(name): value for name, value in each.items()} for each in files.SALESFORCE_JSON["data"]]
    names = list(rows[0])
    table = "\n".join([",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)])
    assert [each.outcome for each in read(tmp_path, table).lines] == ["0dw-1", "0dw-2"]


def test_a_table_of_ones_own_and_hubspots(tmp_path: Path) -> None:
    """HubSpot documents no file of what it charged: it is taken as a table, and never told by its columns."""
    content = "\ufeffoutcome,amount_usd,note\n2105,0.50,x\n2106,,\n"
    lines = (BillLine("2105", amount_nanousd=500_000_000), BillLine("2106"))
    assert read(tmp_path, content) == Bill("table", lines, ())
    assert read(tmp_path, content, "hubspot") == Bill("hubspot", lines, ())
    assert read(tmp_path, [{"outcome": 2105, "amount_usd": "0.50"}]).lines == lines[:1]


def test_nothing_that_somebody_wrote_is_kept(tmp_path: Path) -> None:
    told = [read(tmp_path, each) for each in FILES.values()]
    assert "wrote" not in repr(told)


@pytest.mark.parametrize(
    ("content", "vendor", "says"),
    [
        ("ticket\none\n", "", "has no column outcome, and is no export that is known"),
        ("", "", "has no column outcome"),
        ([], "", "has no column outcome"),
        ("outcome,amount_usd\n,1\n", "", "line 2 of .* names no outcome"),
        ("outcome,amount_usd\nx,much\n", "", "line 2 of .*not an amount"),
        ("outcome,amount_usd\nx\n", "", "line 2 of .* has fewer values"),
        ("outcome,amount_usd\nx,1,2\n", "", "line 2 of .* has more values"),
        ("outcome\n" + "x" * 200_000 + "\n", "", "cannot be read: field larger"),
        ("conversation_id,automated_resolution,outcome_count\n1,true,1\n", "", "could be a file of zendesk or salesforce"),
        ("outcome\nx\n", "fin", "no bill of 'fin' is known"),
        ("outcome\nx\n", "zendesk", "has not the fields of zendesk: automatedresolution and conversationid"),
        ("{", "", "is not valid JSON"),
        ([1], "", "record 1 of .* is no object"),
        (files.INTERCOM_CSV.replace("Routed to team", "Upsold"), "", "line 4 of .* has the resolution state 'upsold', which is not known"),
        (files.INTERCOM_CSV.replace("215473840001", ""), "", "line 2 of .* names no conversation"),
        ([*files.INTERCOM_JSON["conversations"], {"id": "7"}], "", "record 7 of .* does not say what Fin did"),
        ([{**files.ZENDESK_JSON[0], "AUTOMATED_RESOLUTION": "perhaps"}], "", "record 1 of .* says automated_resolution 'perhaps'"),
        ([{"CONVERSATION_ID": "", "AUTOMATED_RESOLUTION": True}], "", "record 1 of .* names no conversation"),
        ([{"ConversationId": "1", "OutcomeCount": "1.5"}], "", "record 1 of .* says OutcomeCount '1.5'"),
        ([{"ConversationId": "1", "OutcomeCount": "9" * 5000}], "", "says OutcomeCount"),
        ([{"ConversationId": "", "OutcomeCount": 1}], "", "names no conversation"),
        ([{"assists": "-1", "document": "1"}], "", "record 1 of .* says assists '-1'"),
    ],
)
def test_what_cannot_be_read_is_told(content: Any, vendor: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        read(tmp_path, content, vendor)
    assert caught.value.fix


def test_a_file_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        bill_of(tmp_path / "nowhere.csv")
    (tmp_path / "bytes").write_bytes(b"outcome\n\xff\n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        bill_of(tmp_path / "bytes")
    monkeypatch.setattr(limits, "EXPORT_BYTES_MAX", 3)
    with pytest.raises(InvalidInput, match="has more than 0 MiB"):
        read(tmp_path, "outcome\n")


@pytest.mark.parametrize("name", FORMATS)
@given(fields=st.dictionaries(st.sampled_from(sorted({each for form in FORMATS.values() for needed in form.needs for each in needed})), JSON))
def test_anything_is_charged_left_out_or_refused(name: str, fields: dict[str, Any]) -> None:
    found: BillLine | str = ""
    try:
        found = FORMATS[name].read(Row("here", fields))
    except InvalidInput as error:
        found = str(error)
    assert (found if isinstance(found, str) else found.outcome) != ""
