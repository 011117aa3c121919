from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.authorship.making import Making, agent, metadata
from tests.rework.authorship.test_ladder import CLAIMS, LINES, evidence

from wellspent.rework.authorship.added import Hunk
from wellspent.rework.authorship.audit import Row, audit, audit_rows
from wellspent.rework.authorship.auditing import ABSENT, audit_of
from wellspent.rework.authorship.claim import HUMAN, Claim, LineClaim, Rung, ai
from wellspent.rework.authorship.ladder import Evidence
from wellspent.rework.git import open_repository

NOTED = (Rung.NOTE,)
TRAILER = Claim(ai("codex"), Rung.TRAILER, "x")


def note(first: int, last: int, tool: str = "codex") -> LineClaim:
    return LineClaim(first, last, Claim(ai(tool), Rung.NOTE, "x"))


def row(rows: Sequence[Row], rung: Rung, better: Rung) -> Row:
    (found,) = [each for each in rows if (each.rung, each.better) == (rung, better)]
    return found


def test_precision_and_recall_by_commit_and_by_line() -> None:
    """Four commits of ten lines each with notes; one more without, which is in no figure."""
    commits: list[tuple[Evidence, Sequence[Hunk]]] = [
        (evidence([TRAILER], [note(1, 8)], NOTED), [Hunk("a", 1, 10)]),
        (evidence([TRAILER], [], NOTED), [Hunk("a", 1, 10)]),
        (evidence([], [note(1, 4)], NOTED), [Hunk("a", 1, 10)]),
        (evidence([TRAILER], [note(20, 30, "amp")], NOTED), [Hunk("a", 1, 10), Hunk("a", 30, 5)]),
        (evidence([TRAILER]), [Hunk("a", 1, 10)]),
    ]
    found = row(audit(commits), Rung.TRAILER, Rung.NOTE)
    assert found.can_deny and (found.commits.both, found.commits.only_rung, found.commits.only_better, found.commits.same_tool) == (2, 1, 1, 1)
    assert found.commits.precision_percent == pytest.approx(200 / 3) and found.commits.recall_percent == pytest.approx(200 / 3)
    assert found.lines is not None and (found.lines.both, found.lines.only_rung, found.lines.only_better) == (9, 2 + 10 + 10 + 4, 4)
    assert found.lines.same_tool_percent == pytest.approx(800 / 9)
    shown = audit_rows([found])
    assert [(each["of"], each["agent_by_rung"], each["agent_by_better"], each["both"]) for each in shown] == [
        ("commits", 3, 3, 2),
        ("lines", 35, 13, 9),
    ]


def test_without_a_rung_that_can_deny_precision_is_unknown() -> None:
    session = Claim(ai("claude-code"), Rung.SESSION, "x")
    rows = audit([(evidence([session, TRAILER]), ()), (evidence([TRAILER]), ()), (evidence([session]), ())])
    found = row(rows, Rung.TRAILER, Rung.SESSION)
    assert not found.can_deny and found.lines is None
    (shown,) = audit_rows(rows)
    assert (shown["precision_percent"], shown["recall_percent"], shown["same_tool_percent"], shown["agent_by_rung"]) == (None, 50.0, 0.0, 1)


def test_a_rung_that_tells_of_lines_is_compared_line_by_line() -> None:
    seen = LineClaim(3, 6, Claim(ai("codex"), Rung.TRANSCRIPT, "x"))
    found = row(audit([(evidence([], [note(1, 4), seen], NOTED), [Hunk("a", 1, 10), Hunk("b", 1, 1)])]), Rung.TRANSCRIPT, Rung.NOTE)
    assert found.lines is not None and (found.lines.both, found.lines.only_rung, found.lines.only_better) == (2, 2, 2)


def test_people_are_no_agents() -> None:
    lines = [LineClaim(1, 10, Claim(HUMAN, Rung.NOTE, "x")), note(20, 20)]
    found = row(audit([(evidence([TRAILER], lines, NOTED), [Hunk("a", 1, 10)]), (evidence([], [note(1, 1)], NOTED), ())]), Rung.TRAILER, Rung.NOTE)
    assert found.lines is not None and (found.lines.both, found.lines.only_rung) == (0, 10)
    assert found.lines.recall_percent is None


def test_a_repository_is_audited_with_the_lines_it_added(tmp_path: Path) -> None:
    made = Making(tmp_path / "apollo")
    made.write("a.py", "one", "two", "three")
    commit = made.commit("a change\n\nCo-authored-by: Claude <noreply@anthropic.com>\n")
    made.note(commit, "a.py\n  s_00000000000000::t_1 1-2\n" + metadata(sessions={"s_00000000000000": agent()}))
    made.commit("another\n\nCo-authored-by: Claude <noreply@anthropic.com>\n")
    made.write("lost.py", "gone")
    lost = made.commit("a third\n\nCo-authored-by: Claude <noreply@anthropic.com>\n")
    made.note(lost, metadata())
    blob = made.git("rev-parse", "HEAD:lost.py")
    (made.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    made.git("rm", "-q", "--cached", "lost.py")
    (made.folder / "lost.py").unlink()
    made.commit("a merge of nothing")
    found = audit_of(open_repository(made.folder))
    (trailer,) = found.rows
    assert (trailer.commits.both, trailer.commits.only_rung) == (1, 1)
    assert trailer.lines is not None and (trailer.lines.both, trailer.lines.only_rung, trailer.lines.only_better) == (2, 1, 0)
    assert found.coverage.commits == 4 and found.problems == {ABSENT: 1}


def test_nothing_to_audit_is_said() -> None:
    assert audit([]) == () and audit_rows([]) == []
    assert audit([(evidence([TRAILER]), ())]) == ()


@given(st.lists(st.tuples(CLAIMS, LINES), max_size=4))
def test_what_is_counted_adds_up(said: list[tuple[list[Claim], list[LineClaim]]]) -> None:
    known = [(evidence(claims, lines, NOTED if number % 2 else ()), [Hunk("a", 1, 20)]) for number, (claims, lines) in enumerate(said)]
    for each in audit(known):
        assert each.rung > each.better
        for counted, whole in ((each.commits, len(known)), (each.lines, 20 * len(known))):
            if counted:
                assert counted.both + counted.only_rung + counted.only_better <= whole
                assert counted.same_tool <= counted.both and counted.both_deniable <= counted.both
                for percent in (counted.precision_percent, counted.recall_percent, counted.same_tool_percent):
                    assert percent is None or 0 <= percent <= 100
