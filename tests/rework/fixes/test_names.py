"""Names stand for one older commit, or for none."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.fixes.message import said_in
from wellspent.rework.fixes.names import Names
from wellspent.rework.fixes.told import Told

IDS = st.lists(st.text("0123456789abcdef", min_size=40, max_size=40), min_size=1, max_size=6, unique=True)


@given(IDS, st.integers(7, 40), st.integers(0, 6))
def test_an_abbreviation_stands_for_an_older_commit_that_has_it_alone(ids: list[str], letters: int, than: int) -> None:
    names = Names(Told([[""] for _ in ids], {each: number for number, each in enumerate(ids)}))
    for number, each in enumerate(ids):
        alone = sum(other.startswith(each[:letters]) for other in ids) == 1
        assert names.earlier([each[:letters], each[:letters]], than) == ([number] if alone and number < than else [])


def test_two_commits_that_begin_alike_and_none() -> None:
    names = Names(Told([["a"], ["b"]], {"1234567" + "a" * 33: 0, "1234567" + "b" * 33: 1}))
    assert names.earlier(["1234567", "1234567b", "7654321"], 2) == [1]


def test_a_revert_takes_back_by_name_else_by_number_else_the_newest_with_the_subject() -> None:
    texts = ["Count (#1)", "Count (#2)", "Other (#3)", "Count"]
    names = Names(Told([[text] for text in texts], {f"{number}" * 40: number for number in range(4)}))
    assert names.taken_back(said_in(f'Revert "Count"\n\nThis reverts commit {"2" * 40}.'), 4) == [2]
    assert names.taken_back(said_in('Revert "Count"\n\nReverts acme/app#1'), 4) == [0]
    assert names.taken_back(said_in('Revert "Count (#1)" (#9)'), 4) == [3]
    assert names.taken_back(said_in('Revert "Count"'), 3) == [1]
    assert names.taken_back(said_in('Revert "Nothing known"\n\nReverts acme/app#77'), 4) == []
