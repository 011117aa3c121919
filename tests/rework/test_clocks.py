"""When commits count: a wrong clock is told by the commits around it, and moves nothing but its own commit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rework.repos import DAY_S, NOW_S, START_S, Made, told

from wellspent.rework.clocks import EARLIEST_S, TOLERANCE_S, Dated, moments
from wellspent.rework.history import History, commits_of, settled
from wellspent.rework.survey import Ask, survey

SOME = st.integers(EARLIEST_S + DAY_S, NOW_S)
ANY = st.integers(-NOW_S, 4 * NOW_S)
RIGHT = st.lists(SOME, min_size=1, max_size=12).map(sorted)


def chain(*committed_s: int) -> list[Dated]:
    """One commit after another, each with an author's date that is as wrong as its own."""
    return [Dated((number - 1,) if number else (), at_s, at_s) for number, at_s in enumerate(committed_s)]


@st.composite
def histories(draw: st.DrawFn, dates: st.SearchStrategy[int]) -> list[Dated]:
    """Any history, all of whose commits lead to the last one, by any dates."""
    found: list[Dated] = []
    loose: set[int] = set()
    for number in range(draw(st.integers(1, 12))):
        parents = draw(st.lists(st.integers(0, number - 1), max_size=3, unique=True)) if number else []
        loose = (loose - {*parents}) | {number}
        found.append(Dated(tuple(parents), draw(dates), draw(dates)))
    return [*found, Dated(tuple(sorted(loose)), draw(dates), draw(dates))]


@given(RIGHT)
def test_dates_that_do_not_fall_are_believed(dates: list[int]) -> None:
    assert moments(chain(*dates), NOW_S) == dates


@given(RIGHT, st.data())
def test_clocks_that_differ_by_less_than_half_a_day_are_believed(dates: list[int], data: st.DataObject) -> None:
    skewed = [at_s + data.draw(st.integers(-DAY_S // 2, DAY_S // 2)) for at_s in dates]
    assert moments(chain(*skewed), NOW_S) == skewed


@given(st.lists(SOME, min_size=3, max_size=12).map(sorted), st.data())
def test_one_wrong_clock_moves_neither_the_end_nor_the_others_that_are_apart(dates: list[int], data: st.DataObject) -> None:
    apart = [at_s + number * 3 * DAY_S for number, at_s in enumerate(dates)]
    place = data.draw(st.integers(0, len(dates) - 2))
    wrong = data.draw(ANY)
    found = moments(chain(*apart[:place], wrong, *apart[place + 1 :]), NOW_S + 40 * DAY_S)
    assert max(found) <= apart[-1] + TOLERANCE_S and found[-1] == apart[-1]
    if wrong > apart[-1] + TOLERANCE_S and place:
        assert found == [*apart[:place], apart[place - 1], *apart[place + 1 :]]


@given(st.lists(st.one_of(SOME, ANY), min_size=1, max_size=12), st.integers(START_S, NOW_S))
def test_no_commit_counts_over_a_day_before_one_that_it_grew_out_of(dates: list[int], now_s: int) -> None:
    found = moments(chain(*dates), now_s)
    assert all(at_s >= max(found[: number + 1]) - TOLERANCE_S for number, at_s in enumerate(found))


@given(histories(ANY), st.integers(START_S, NOW_S))
def test_no_commit_counts_in_the_future_or_in_1970(commits: list[Dated], now_s: int) -> None:
    assert all(at_s == 0 or EARLIEST_S <= at_s <= now_s + TOLERANCE_S for at_s in moments(commits, now_s))


@given(histories(st.one_of(SOME, ANY)), st.integers(START_S, NOW_S))
def test_merged_code_counts_at_the_same_time_with_branches_and_without(commits: list[Dated], now_s: int) -> None:
    place, first = len(commits) - 1, [len(commits) - 1]
    while commits[place].parents:
        place = commits[place].parents[0]
        first.append(place)
    first.reverse()
    alone = [Dated((number - 1,) if number else (), commits[at].authored_at_s, commits[at].committed_at_s) for number, at in enumerate(first)]
    both = moments(commits, now_s)
    assert moments(alone, now_s) == [both[at] for at in first]


@given(histories(st.integers(1, 4).map(lambda n: START_S + n * 30 * DAY_S)))
def test_what_a_merge_brought_is_not_newer_than_the_merge(commits: list[Dated]) -> None:
    """But where it grew out of a commit that counts later than the merge itself does: then it counts with that one, not before it."""
    found = moments(commits, NOW_S)
    for number, each in enumerate(commits[:-1]):
        above = [child for child, other in enumerate(commits) if number in other.parents]
        newest = max(found[child] for child in above) + TOLERANCE_S
        assert found[number] <= newest or (each.parents and found[number] <= found[each.parents[0]]), each


def test_the_authors_date_stands_in_where_it_fits() -> None:
    day = START_S
    late = [Dated((), day, day), Dated((0,), day + DAY_S, day + 300 * DAY_S), Dated((1,), day, day + 2 * DAY_S)]
    assert moments(late, NOW_S) == [day, day + DAY_S, day + 2 * DAY_S]
    assert moments(chain(0, day), NOW_S) == [day, day], "the first commit has no parent: its child's"
    assert moments(chain(0), NOW_S) == [0] and moments([], NOW_S) == []


def test_a_wrong_clock_does_not_move_the_end_of_what_is_known(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    for number in range(40):
        made.put(f"f{number}", f"{number}\n" * 10)
        made.commit(at_s=START_S + 220 * DAY_S if number == 20 else None)
    found = survey(Ask(made.folder, "HEAD", "first-parent", tmp_path / "kept", NOW_S))
    assert (found.misdated, found.until_s) == (1, START_S + 40 * DAY_S)
    assert found.summary.gone[-1].of == 0, "nothing is ninety days old"


@pytest.mark.parametrize("history", ["first-parent", "all"])
@pytest.mark.parametrize("late", [0, 1])
def test_going_on_is_reading_from_the_beginning_when_a_clock_turns_out_wrong(tmp_path: Path, history: History, late: int) -> None:
    """The newest commit may be right, for all that is known; the next ones show that it is not."""
    made = Made(tmp_path / "r")
    made.saved(a="1\n2\n3\n")
    made.git("checkout", "-q", "-b", "side")
    made.saved(a="1\n2\n")
    made.git("checkout", "-q", "main")
    made.saved(b="1\n")
    made.put("a", "1\n3\n")
    made.commit(at_s=START_S + 300 * DAY_S)
    earlier = made.read(history)
    assert not any(commit.misdated for commit in earlier.commits)
    made.day += late * 500
    for number in range(3):
        made.saved(c=f"{number}\n")
        made.git("merge", "-q", "--no-ff", "-m", "merge", "-s", "ours", "side")
        earlier, whole = made.read(history, earlier), made.read(history)
        assert earlier.commits == whole.commits and told(earlier) == told(whole)
    assert sum(commit.misdated for commit in earlier.commits) == (0 if late else 1)
    repository = made.repository
    assert settled(commits_of(repository, "HEAD", history), NOW_S) == whole.commits
