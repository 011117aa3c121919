"""Whoever is told apart on a page is at least five people, and what is told as one sums to what it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.analytics.engine.answers import Cut
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput
from wellspent.surfaces.web.groups import ALL, JOINED, SMALL, Groups, folded, together

sizes = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 9), max_size=7)
spent = st.dictionaries(st.tuples(st.sampled_from(["w1", "w2", "w3", ""]), st.sampled_from("abcdefgxy")), st.integers(0, 100), max_size=20)


@given(sizes)
def test_whoever_is_told_is_enough_people(sizes: dict[str, int]) -> None:
    teams, name = together(sizes)
    people = sum(sizes[team] for team in teams)
    assert all(size >= limits.PEOPLE_MIN for team, size in sizes.items() if team not in teams)
    assert not teams or people >= limits.PEOPLE_MIN or (name == ALL and teams == frozenset(sizes))
    assert bool(teams) == any(size < limits.PEOPLE_MIN for size in sizes.values())
    assert (name == JOINED) == (people >= limits.PEOPLE_MIN and any(sizes[team] >= limits.PEOPLE_MIN for team in teams))


@given(sizes)
def test_no_larger_team_joins_than_has_to(sizes: dict[str, int]) -> None:
    teams, _ = together(sizes)
    joined = [team for team in teams if sizes[team] >= limits.PEOPLE_MIN]
    assert len(joined) <= 1
    for team in joined:
        assert sum(sizes[each] for each in teams if each != team) < limits.PEOPLE_MIN
        assert sizes[team] == min(size for size in sizes.values() if size >= limits.PEOPLE_MIN)


@given(sizes, spent)
def test_what_is_a_folded_teams_alone_is_told_with_it_and_cannot_be_chosen(sizes: dict[str, int], spent: dict[tuple[str, str], int]) -> None:
    groups = Groups(*together(sizes))
    cuts = folded([Cut(pair, nanousd, 1) for pair, nanousd in spent.items()], groups)
    assert sum(cut.nanousd for cut in cuts) == sum(spent.values())
    assert sum(cut.calls for cut in cuts) == len(spent)
    shown = {cut.group[0] for cut in cuts}
    for workflow in {workflow for workflow, _ in spent}:
        teams = {team for each, team in spent if each == workflow}
        alone = groups.name == ALL or teams <= groups.together
        assert (workflow in shown) != alone
        if alone:
            with pytest.raises(InvalidInput, match="is not shown apart"):
                groups.check({"workflow": workflow}, teams)
        else:
            groups.check({"workflow": workflow}, teams)
    for team in sizes:
        if groups.folds(team):
            with pytest.raises(InvalidInput, match="fewer than 5"):
                groups.check({"team": team}, [team])
        else:
            groups.check({"team": team}, [team])


def test_scopes_of_too_few_are_hidden() -> None:
    groups = Groups(frozenset({"pair"}), SMALL, frozenset({"ci"}))
    for hidden in ("person:ada", "session:s", "team:pair", "key:ada", "person:*", "key:*"):
        assert groups.hides(Scope.parse(hidden)), hidden
    for told in ("org:acme", "team:core", "team:*", "key:ci", "workflow:bot", "run:*", "tag:a=b"):
        assert not groups.hides(Scope.parse(told)), told
