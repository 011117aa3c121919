"""Groups of few people: whoever is told is at least five people, also in what is left."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.rework.delay.folding import ALL, JOINED, OTHERS, folded

PEOPLE = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.frozensets(st.sampled_from("abcdefghijkl")), max_size=8)


@given(PEOPLE)
def test_nobody_is_told_apart(people: dict[str, frozenset[str]]) -> None:
    few, name = folded(people)
    told = {group: members for group, members in people.items() if group not in few and members}
    assert all(len(members) >= limits.PEOPLE_MIN for members in told.values())
    together = frozenset().union(*(people[group] for group in few))
    assert not few or len(together) >= limits.PEOPLE_MIN or (name == ALL and not told)
    assert (name == JOINED) <= any(len(people[group]) >= limits.PEOPLE_MIN for group in few)
    assert name in (ALL, JOINED, OTHERS)


def test_the_next_larger_joins() -> None:
    assert folded({"a": frozenset("abcde"), "b": frozenset("a"), "c": frozenset("fghijk")}) == (frozenset({"a", "b"}), JOINED)
    assert folded({"a": frozenset("abcdef"), "b": frozenset("ghijk")}) == (frozenset(), OTHERS)
    assert folded({"a": frozenset("ab"), "b": frozenset("c")}) == (frozenset({"a", "b"}), ALL)
    assert folded({"bots": frozenset(), "a": frozenset("abcde")}) == (frozenset(), OTHERS)
    assert folded({"bots": frozenset(), "a": frozenset("abcd")}) == (frozenset({"a"}), ALL)
