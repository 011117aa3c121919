"""What git prints is read as it is meant, in whatever portions it comes, whatever is in the files."""

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.repos import Made, births

from wellspent.rework.lines import splice
from wellspent.rework.patch import Diff, diffs

NAME, OTHER, BLOB = b"a" * 40, b"b" * 40, b"c" * 40
NO = b"0" * 40
PRINTED = (
    NAME + b"\0" + OTHER + b"\0"
    b":100644 100644 " + BLOB + b" " + NAME + b" M\0replaced\0"
    b":100644 100644 " + BLOB + b" " + OTHER + b" M\0x\0"
    b":100644 100755 " + BLOB + b" " + BLOB + b" R090\0old name\0new\nname\0"
    b":000000 160000 " + NO + b" " + BLOB + b" A\0module\0"
    b":120000 100644 " + BLOB + b" " + BLOB + b" T\0link\0"
    b":100644 000000 " + BLOB + b" " + NO + b" D\0gone\0"
    b"\0diff --git a/x b/x\nindex "
    + BLOB
    + b".."
    + OTHER
    + b" 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1 @@ @@ -9 +9 @@\n-@@ -5 +5 @@\n-diff --git\n+"
    + NAME
    + b"\0\n"
    b"@@ -5,0 +5,2 @@\n+one\n+two\n\\ No newline at end of file\n"
    b"diff --git a/old name b/new\nold mode 100644\n"
    b"diff --git a/module b/module\nindex " + NO + b".." + BLOB + b"\n@@ -0,0 +1 @@\n+Subproject commit\n"
    b"diff --git a/link b/link\ndeleted file mode 120000\nindex " + BLOB + b".." + NO + b"\n@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n"
    b"diff --git a/link b/link\nnew file mode 100644\nindex " + NO + b".." + BLOB + b"\n@@ -0,0 +1 @@\n+a file\n"
    b"diff --git a/gone b/gone\nindex "
    + BLOB
    + b".."
    + NO
    + b"\nBinary files a/gone and /dev/null differ\n"
    + NAME
    + b"\0:100644 100644 "
    + BLOB
    + b" "
    + NAME
    + b" M\0replaced\0\0"
    + OTHER
    + b"\0"
)


def read_in(sizes: list[int]) -> list[Diff]:
    rest, given_sizes = PRINTED, iter(sizes)

    def read(size: int) -> bytes:
        nonlocal rest
        part, rest = rest[: (cut := min(size, next(given_sizes, size)))], rest[cut:]
        return part

    return list(diffs(read))


@given(st.lists(st.integers(1, 60)))
def test_portions_make_no_difference(sizes: list[int]) -> None:
    first, second, third, last = read_in(sizes)
    assert [change.hunks for change in third.changes] == [[]]
    assert (first.commit, first.changes, last.commit, last.changes) == (NAME.decode(), [], OTHER.decode(), [])
    replaced, x, renamed, link, gone = second.changes
    assert replaced.hunks == []
    assert [hunk[:3] for hunk in x.hunks] == [(0, 2, 1), (5, 0, 2)]
    assert x.hunks[0][3] == b"-@@ -5 +5 @@\n-diff --git\n+" + NAME + b"\0"
    assert (renamed.old, renamed.new, renamed.hunks) == (b"old name", b"new\nname", [])
    assert (link.old, link.new, [hunk[:3] for hunk in link.hunks]) == (None, b"link", [(0, 0, 1)])
    assert (gone.old, gone.new, gone.opaque, x.opaque) == (b"gone", None, "binary", "")


@pytest.mark.parametrize("name", ["with space", 'quote"d', "tab\there", "new\nline", "é", "\udcff\udcfe", "-dash", "a b/c d", "@@ -1 +1 @@"])
def test_names_as_people_give_them(tmp_path: Path, name: str) -> None:
    made = Made(tmp_path / "r")
    made.put(name, "one\ntwo\n")
    first = made.commit()
    made.put(name, "one\n2\n")
    second = made.commit()
    made.git("mv", "--", name, "moved")
    made.commit()
    assert births(made.read()) == {"moved": [first, second]}


def test_a_hunk_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit a file of 0 lines"):
        splice(array("I"), [(0, 1, 0, b"")], 0)
