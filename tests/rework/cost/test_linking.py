"""How sessions find their commits: the best kind of evidence wins, and place and time obey the folder, the branch and the hours."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.rework.studies import DAY_S, START_S, changes, sessions, sha, studies, study_of

from wellspent import limits
from wellspent.rework.authorship.claim import Rung, ai
from wellspent.rework.authorship.sessions import session_key
from wellspent.rework.cost.linking import NAMED, PLACE, RECORDED, Accuracy, Links, link
from wellspent.rework.cost.session import Link, Merged, Session
from wellspent.rework.study import Naming

HOUR_S = 3600
SOON_S = limits.SESSION_COMMITTED_MINUTES_MAX * 60
LATE_S = limits.EDIT_COMMITTED_DAYS_MAX * DAY_S


def at_work(
    day: float, hours: float = 1, folder: str = "/srv/app", branch: str = "main", session: str = "s", links: tuple[Link, ...] = ()
) -> Session:
    began_ms = (START_S + round(day * DAY_S)) * 1000
    ended_ms = began_ms + round(hours * HOUR_S) * 1000
    return Session("claude-code", session, 100, links=links, folder=folder, branch=branch, started_ms=began_ms, ended_ms=ended_ms)


def places(found: Links, session: int = 0) -> Sequence[int]:
    return [place for _, place in found.of[session].commits] if session in found.of else []


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_each_session_has_one_kind_and_the_better_wins(data: st.DataObject) -> None:
    histories = data.draw(studies())
    listed, merged = data.draw(sessions()), data.draw(changes(histories))
    whole = link(listed, histories, merged)
    nameless = link(listed, [replace(each, naming={}, pieces=type(each.pieces)()) for each in histories], merged)
    alone = link([replace(each, session="", links=()) for each in listed], histories, merged)
    assert set(whole.of) == set(nameless.of) | {place for place, each in whole.of.items() if each.kind == NAMED}
    assert set(alone.of) <= set(whole.of)
    for place, each in whole.of.items():
        assert each.commits and list(each.commits) == sorted(set(each.commits))
        if each.kind != NAMED:
            assert each == nameless.of[place]
        if each.kind == PLACE:
            assert each == alone.of[place]
    assert all(each.kind == PLACE for each in alone.of.values())
    assert 0 <= whole.place.right <= whole.place.commits and whole.place.sessions <= min(len(listed), whole.place.commits)
    assert whole.place.commits <= whole.place.sessions * limits.SESSION_COMMITS_MAX


def test_named_beats_recorded_and_recorded_beats_place() -> None:
    app = study_of("app", (0, 1, 2), naming={2: (Naming(ai("claude-code", session="s"), Rung.SESSION),)}, made_s=[(START_S, 0)])
    by_hand = (("commit", sha("app", 1)),)
    found = link([at_work(0, links=by_hand), at_work(0, session="t", links=by_hand), at_work(0, session="u")], [app], [])
    assert [(found.of[n].kind, found.of[n].evidence, places(found, n)) for n in range(3)] == [
        (NAMED, "session trailer", [2]),
        (RECORDED, "the same commit", [1]),
        (PLACE, "the folder, the branch and the hours", [0]),
    ]


def test_a_session_is_named_by_its_id_and_by_the_hash_that_git_ai_makes_of_it() -> None:
    hashed = ai("claude-code", session=session_key("claude-code", "s"))
    app = study_of("app", (0, 1), naming={0: (Naming(ai("claude-code", session="s"), Rung.SESSION),), 1: (Naming(hashed, Rung.NOTE),)})
    found = link([Session("claude-code", "s", 1, "core"), Session("claude-code", "s", 2, "web"), Session("codex", "s", 4)], [app], [])
    assert [(found.of[n].evidence, places(found, n)) for n in (0, 1)] == [("git-ai note, session trailer", [0, 1])] * 2
    assert 2 not in found.of, "another client's session of that id is another session"


def test_what_is_recorded_with_a_change_finds_its_commit_the_most_telling_first() -> None:
    app = study_of("app", (0, 1, 2), brought={2: ("b" * 40,)})
    merged = [
        Merged("acme/app#1", sha("app", 0), (("run", "r1"), ("branch", "fix"))),
        Merged("acme/app#2", "b" * 40, (("session", "s"), ("branch", "fix"))),
        Merged("acme/app#3", "f" * 40, (("run", "r3"),)),
    ]
    told = [
        Session("", "", 1, links=(("branch", "fix"), ("run", "r1"))),
        Session("codex", "s", 1),
        Session("", "", 1, links=(("branch", "fix"),)),
        Session("", "", 1, links=(("change", "acme/app#2"),)),
        Session("", "", 1, links=(("commit", "b" * 40),)),
        Session("", "", 1, links=(("run", "r3"),)),
    ]
    found = link(told, [app], merged)
    assert [(found.of[n].evidence, places(found, n)) for n in range(5)] == [
        ("the same run", [0]),
        ("the same session", [2]),
        ("the same branch", [0, 2]),
        ("the same change", [2]),
        ("the same commit", [2]),
    ]
    assert 5 not in found.of, "a change whose commit is not in these histories"
    assert all(each.kind == RECORDED for each in found.of.values())


@pytest.mark.parametrize(
    ("folder", "is_in"),
    [("/srv/app", True), ("/srv/app/src/deep", True), ("/srv", False), ("/srv/apple", False), ("", False), ("app", False)],
)
def test_the_folder_is_the_repositorys(folder: str, is_in: bool) -> None:
    app = study_of("app", (1,))
    assert places(link([at_work(1 - 0.5 / 24, folder=folder)], [app], [])) == ([0] if is_in else [])


def test_work_in_any_working_tree_is_the_repositorys() -> None:
    app = study_of("app", (1,), roots=("/srv/app", "/srv/app-fix"))
    assert places(link([at_work(1, folder="/srv/app-fix/src")], [app], [])) == [0]
    assert not link([at_work(1)], [study_of("app", (1,), roots=())], []).of, "a bare repository, in which nobody works"


def test_work_in_a_repository_within_another_is_the_inner_ones() -> None:
    outer, inner = study_of("app", (1,)), study_of("lib", (1,), roots=("/srv/app/lib",))
    found = link([at_work(1, folder="/srv/app/lib/src"), at_work(1, folder="/srv/app/src", session="t")], [outer, inner], [])
    assert (found.of[0].commits, found.of[1].commits) == (((1, 0),), ((0, 0),))


@given(
    st.integers(-10 * DAY_S, 10 * DAY_S),
    st.sampled_from(["", "main", "fix", "other"]),
    st.sampled_from([(), ("fix",), ("main", "fix")]),
    st.sampled_from([0.5, 2, 8, 8.5, 36]),
)
def test_the_branch_and_the_hours(after_s: int, branch: str, known: tuple[str, ...], hours: float) -> None:
    """A commit of a branch is a session's that had it for itself, for days; on everybody's branch it is one's of a few hours, for minutes."""
    began_s = START_S + 20 * DAY_S
    app = study_of("app", (0,), made_s=[(began_s + after_s, 0)], branches={0: known} if known else {})
    session = at_work(20, hours=hours, branch=branch)
    has_own = branch not in ("", "main")
    in_time = 0 <= after_s <= hours * HOUR_S + (LATE_S if has_own else SOON_S)
    is_short = has_own or hours <= limits.SESSION_PLACED_HOURS_MAX
    expected = in_time and is_short and (branch in known if known or has_own else True)
    assert bool(places(link([session], [app], []))) is expected


def test_a_squashed_change_has_the_branch_that_another_system_knows() -> None:
    app = study_of("app", (1.5,))
    session = at_work(1, branch="fix-418")
    assert not places(link([session], [app], []))
    assert places(link([session], [app], [Merged("acme/app#418", sha("app", 0), branch="fix-418")])) == [0]
    assert not places(link([session], [app], [Merged("acme/app#419", sha("app", 0), branch="fix-419")]))


def test_a_session_without_hours_or_a_folder_is_placed_nowhere() -> None:
    app = study_of("app", (1,))
    assert not link([replace(at_work(1), started_ms=0, ended_ms=0), replace(at_work(1), folder="")], [app], []).of


def test_how_right_place_and_time_is_where_it_is_known_better() -> None:
    """Of four that were placed two are known better; of the three commits that place and time name for them, the better link names one."""
    naming = {0: (Naming(ai("claude-code", session="a"), Rung.NOTE),), 1: (Naming(ai("claude-code", session="b"), Rung.NOTE),)}
    app = study_of("app", (1, 5, 9, 9.01), naming=naming)
    told = [at_work(1, session="a"), at_work(9, session="b"), at_work(5, session="c"), at_work(9, session="d"), at_work(30, session="a")]
    found = link(told, [app], [])
    assert found.place == Accuracy(sessions=2, commits=3, right=1)
    assert [each.kind for each in found.of.values()] == [NAMED, NAMED, PLACE, PLACE, NAMED]
    assert link([], [], []).place == Accuracy(0, 0, 0)


def test_where_many_commits_fit_a_place_none_is_taken() -> None:
    days = [number / 1000 for number in range(limits.SESSION_COMMITS_MAX + 1)]
    busy = study_of("app", days, branch="main")
    here = Session("codex", "s", 1, folder=busy.roots[0], branch="main", started_ms=START_S * 1000, ended_ms=(START_S + 3600) * 1000)
    assert not link([here], [busy], []).of
    calm = study_of("app", days[:-1], branch="main")
    assert len(link([here], [calm], []).of[0].commits) == limits.SESSION_COMMITS_MAX
