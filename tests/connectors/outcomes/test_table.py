"""Outcomes from a CSV file."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.connectors.outcomes import table
from wellspent.facts.errors import InvalidInput
from wellspent.facts.outcome import OutcomeEvent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "outcomes.csv"


def test_a_line_is_an_event(file: Path) -> None:
    file.write_text(
        "\ufeffoutcome,kind,occurred_at,state,value_usd,branch,note\n"
        'D-1,deal_won,2026-11-23,,"$1,200.50",,"said ""yes"", by phone"\n'
        "\n"
        "D-2,deal_won,2026-11-24T10:00:00+01:00,reversed,,app:fix,\n",
        encoding="utf-8",
    )
    first, second = table.events_of(file, "crm")
    evidence = (("note", 'said "yes", by phone'),)
    assert first == OutcomeEvent("crm", "D-1", "deal_won", "settled", 1_795_392_000_000, value_nanousd=1_200_500_000_000, evidence=evidence)
    assert second == OutcomeEvent("crm", "D-2", "deal_won", "reversed", 1_795_510_800_000, links=(("branch", "app:fix"),))


def test_a_file_read_twice_says_the_same(file: Path) -> None:
    file.write_text("outcome,kind,occurred_at\n1,lead,2026-11-23\n2,lead,2026-11-24\n")
    assert list(table.events_of(file, "crm")) == list(table.events_of(file, "crm"))


def test_names_alone_are_no_events(file: Path) -> None:
    file.write_text("outcome,kind,occurred_at\n")
    assert list(table.events_of(file, "crm")) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no line of column names"),
        ("outcome,kind,when\n", "has a column 'when'"),
        ("outcome,kind,occurred_at,run,run\n1,lead,2026-11-23,a,b\n", "has two columns 'run'"),
        ("outcome,kind,occurred_at\n1,lead\n", "line 2 of .* has fewer values"),
        ("outcome,kind,occurred_at\n1,lead,2026-11-23,x\n", "line 2 of .* has more values"),
        ("outcome,kind,occurred_at\n1,lead,2026-11-23\n2,lead,soon\n", "line 3 of .*'soon' is not a moment"),
        ("outcome,kind,occurred_at\n,lead,2026-11-23\n", "line 2 of .*outcome is missing"),
        ('outcome,kind,occurred_at\n"a\nb",lead,2026-11-23\n', "line 3 of .*which is no text"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidInput, match=says):
        list(table.events_of(file, "crm"))


def test_a_file_that_cannot_be_read(file: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(table.events_of(file, "crm"))
    file.write_bytes(b"outcome,kind\n\xff\xfe,lead\n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(table.events_of(file, "crm"))
    file.write_text("outcome,kind,occurred_at\n" + "x" * 200_000 + ",lead,2026-11-23\n")
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(table.events_of(file, "crm"))


@given(body=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"outcome,kind,occurred_at\n{text}".encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(body)
    with contextlib.suppress(InvalidInput):
        assert list(table.events_of(path, "crm")) == list(table.events_of(path, "crm"))
