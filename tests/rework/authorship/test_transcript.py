from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.rework.authorship.claim import Author, LineClaim, ai
from wellspent.rework.authorship.matching import HASH_BYTES, TRIVIAL, hashed
from wellspent.rework.authorship.transcript import DAY_MS, Added, Edit, Transcripts

NOW_MS = 1_790_000_000_000
ME, YOU = ai("claude-code", "m", "1"), ai("codex", "n", "2")
LINES = st.lists(st.sampled_from(("alpha = 1", "beta = 2", "  alpha = 1", "}", "", "gamma()")), max_size=12)


def edit(*lines: str, path: str = "/srv/apollo/src/a.py", at_ms: int = NOW_MS - 1000, author: Author = ME) -> Edit:
    return Edit(author, at_ms, path, hashed(path, lines))


def claimed(transcripts: Transcripts, lines: Sequence[str], path: str = "src/a.py", first: int = 1) -> list[tuple[int, int, Author]]:
    found: dict[str, tuple[LineClaim, ...]] = transcripts.claims([Added(path, first, hashed(path, lines))], NOW_MS)
    return [(line.first, line.last, line.claim.author) for line in found.get(path, ())]


def covered(lines: Sequence[tuple[int, int, Author]]) -> int:
    return sum(last - first + 1 for first, last, _ in lines)


@given(LINES)
def test_what_an_edit_wrote_is_found_whole(lines: list[str]) -> None:
    spoken = any(len(line.strip()) > 3 for line in lines)
    found = claimed(Transcripts([edit(*lines)]), lines, first=7)
    assert found == ([(7, 6 + len(lines), ME)] if spoken else [])


@given(LINES, LINES)
def test_no_line_is_found_more_often_than_it_was_written(written: list[str], added: list[str]) -> None:
    times = Counter(line.strip() for line in written if len(line.strip()) > 3)
    found = claimed(Transcripts([edit(*written)]), added)
    assert (
        not Counter(added[number - 1].strip() for first, last, _ in found for number in range(first, last + 1) if len(added[number - 1].strip()) > 3)
        - times
    )


@given(LINES)
def test_an_edit_after_the_commit_or_long_before_it_wrote_nothing_of_it(lines: list[str]) -> None:
    late, old = edit(*lines, at_ms=NOW_MS + 1), edit(*lines, at_ms=NOW_MS - limits.EDIT_COMMITTED_DAYS_MAX * DAY_MS - 1)
    assert claimed(Transcripts([late, old]), lines) == []


@given(LINES)
def test_a_file_of_the_same_name_elsewhere_is_another_file(lines: list[str]) -> None:
    others = [edit(*lines, path="/srv/other/lib/a.py"), edit(*lines, path="/srv/apollo/src/xa.py"), edit(*lines, path="/srv/apollo/xsrc/a.py")]
    assert claimed(Transcripts(others), lines) == []


def test_the_last_writing_counts() -> None:
    first, last = edit("alpha = 1", at_ms=NOW_MS - 5, author=YOU), edit("alpha = 1", at_ms=NOW_MS - 4, author=ME)
    for edits in ([first, last], [last, first]):
        assert claimed(Transcripts(edits), ["alpha = 1"]) == [(1, 1, ME)]


def test_a_short_line_follows_its_neighbours() -> None:
    transcripts = Transcripts([edit("alpha = 1", "beta = 2"), edit("gamma()", author=YOU)])
    assert claimed(transcripts, ["", "alpha = 1", "}", "beta = 2", "}"]) == [(1, 5, ME)]
    assert claimed(transcripts, ["alpha = 1", "}", "gamma()"]) == [(1, 1, ME), (3, 3, YOU)]
    assert claimed(transcripts, ["alpha = 1", "}", "typed by hand", "}"]) == [(1, 1, ME)]
    assert claimed(transcripts, ["}", "", "{"]) == []


def test_indentation_and_ends_of_lines_do_not_count() -> None:
    assert claimed(Transcripts([edit("alpha = 1")]), ["\talpha = 1\r"]) == [(1, 1, ME)]
    assert hashed("a", ["x = 1"]) != TRIVIAL and hashed("a", ["a;"]) == TRIVIAL and len(hashed("a", ["x = 1", ""])) == 2 * HASH_BYTES


def test_a_cell_of_a_notebook_is_compared_to_its_json() -> None:
    transcripts = Transcripts([edit('print("hello")', "alpha = 1", path="/srv/apollo/n.ipynb")])
    assert claimed(transcripts, ['    "print(\\"hello\\")\\n",', '    "alpha = 1"', '   "metadata": {}', '"broken\\"'], path="n.ipynb") == [
        (1, 2, ME)
    ]


def test_only_edits_in_the_repositorys_folders_count() -> None:
    here, tree, elsewhere = (
        edit("alpha = 1", path=f"{folder}/src/a.py") for folder in ("/srv/apollo", "/srv/apollo/.claude/worktrees/x", "/tmp/copy")
    )
    for each in (here, tree):
        assert claimed(Transcripts([each], roots=["/srv/apollo/"]), ["alpha = 1"]) == [(1, 1, ME)]
        assert claimed(Transcripts([each], name="apollo"), ["alpha = 1"]) == [(1, 1, ME)]
    assert claimed(Transcripts([elsewhere], roots=["/srv/apollo"]), ["alpha = 1"]) == []
    assert claimed(Transcripts([elsewhere], name="apollo"), ["alpha = 1"]) == []
    assert claimed(Transcripts([edit("alpha = 1", path="src/a.py")], roots=["/srv/apollo"]), ["alpha = 1"]) == [(1, 1, ME)]
    assert claimed(Transcripts([edit("alpha = 1", path="C:/work/apollo/src/a.py")], name="apollo"), ["alpha = 1"]) == [(1, 1, ME)]


def test_hunks_of_one_file_share_what_was_written() -> None:
    hunks = [Added("src/a.py", first, hashed("src/a.py", ["alpha = 1"])) for first in (1, 9)]
    assert [line.first for line in Transcripts([edit("alpha = 1")]).claims(hunks, NOW_MS)["src/a.py"]] == [1]


def test_when_commits_can_hold_an_edit() -> None:
    assert Transcripts([]).span_ms is None
    assert Transcripts([edit("alpha = 1", at_ms=5), edit("beta = 2", at_ms=9)]).span_ms == (5, 9 + limits.EDIT_COMMITTED_DAYS_MAX * DAY_MS)
