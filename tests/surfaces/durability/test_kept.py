"""The newest report is kept whole or not at all, and one of another form is none."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.surfaces.durability.test_tables import told

from wellspent.surfaces.durability.kept import FILE, FORMAT, Kept, keep, made_ms, newest


def test_what_is_kept_is_what_was_said(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    assert newest(folder) is None and made_ms(folder) == 0
    report = told()
    keep(report, folder)
    assert newest(folder) == report and made_ms(folder) == report.asked.now_ms
    later = replace(report, source="later")
    keep(later, folder)
    assert newest(folder) == later
    assert [each.name for each in folder.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "report": {}}', b"\xff", b'{"format": "1"}'])
def test_what_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert newest(tmp_path) is None


def test_another_form_is_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(msgspec.json.encode(Kept(FORMAT + 1, told())))
    assert newest(tmp_path) is None


def test_a_report_that_cannot_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = told()
    keep(report, tmp_path)

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        keep(replace(report, source="later"), tmp_path)
    monkeypatch.undo()
    assert newest(tmp_path) == report
    assert [each.name for each in tmp_path.iterdir()] == [FILE], "nothing is left behind"
