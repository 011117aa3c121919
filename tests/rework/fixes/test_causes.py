"""Which commit is taken for the cause."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.fixes.causes import cause_of
from wellspent.rework.fixes.evidence import Evidence, weight_of

COUNTS = st.dictionaries(st.integers(0, 9), st.integers(1, 50), max_size=5).map(Counter)


def unlike(_: int) -> float:
    return 0.0


@given(COUNTS, COUNTS, COUNTS)
def test_the_best_lines_that_there_are_decide_who_can_be_it(killed: Counter[int], moved: Counter[int], near: Counter[int]) -> None:
    found = cause_of(Evidence(killed, moved, near), unlike)
    if not (killed or moved or near):
        assert found is None
        return
    assert found is not None
    kind, cause, weight = found
    counter = {"most lines": killed, "moved lines": moved, "neighbours": near}[kind]
    assert counter[cause] == weight > 0
    assert kind == "most lines" or not killed
    assert kind != "neighbours" or not moved


@given(COUNTS.filter(bool), st.integers(2, 9))
def test_how_large_a_fix_is_decides_nothing(killed: Counter[int], times: int) -> None:
    larger = Counter({commit: times * lines for commit, lines in killed.items()})
    one, other = cause_of(Evidence(killed), unlike), cause_of(Evidence(larger), unlike)
    assert one is not None and other is not None and one[:2] == other[:2]


def test_of_equals_the_newest_and_words_decide_between_what_is_close() -> None:
    even = Evidence(Counter({3: 5, 7: 5}))
    assert cause_of(even, unlike) == ("most lines", 7, 5)
    assert cause_of(even, {3: 0.2, 7: 0.0}.__getitem__) == ("most lines", 3, 5)
    clear = Evidence(Counter({3: 9, 7: 1}))
    assert cause_of(clear, {3: 0.0, 7: 0.2}.__getitem__) == ("most lines", 3, 9)


def test_lines_of_tests_documents_and_of_nobody_count_a_quarter() -> None:
    for path in (b"tests/a.c", b"lib/test-a.c", b"web/a.spec.ts", b"docs/a.c", b"NEWS", b"a/CHANGELOG.md", b"uv.lock", b"vendor/a.c", b"man/ovs.8"):
        assert weight_of(path) == 1, path
    for path in (b"lib/a.c", b"latest/a.py", b"src/contest.py", b"src/attest/a.go"):
        assert weight_of(path) == 4, path
