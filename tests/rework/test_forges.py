"""Changes and issues are a history's own, or nobody's: by the commits of merges, else by the repository's name."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.rework.delay.stories import NOW_MS, story
from tests.rework.studies import sha, study_of

from wellspent.rework.delay.timeline import Timeline, timelines
from wellspent.rework.fixes.links import Tracker
from wellspent.rework.forges import Elsewhere, changes_by_history, forges_of, merges_of
from wellspent.rework.report import Asked, History, Money, Report
from wellspent.rework.reporting import report_of
from wellspent.rework.study import Study


def change(number: int, commit: str = "", repository: str = "acme/app", source: str = "github") -> Timeline:
    return Timeline(source, f"{repository}#{number}", repository, commit=commit, merged=bool(commit))


commits = st.sets(st.sampled_from("abcdefgh"))
changes = st.lists(
    st.tuples(
        st.sampled_from(["github", "gitlab"]), st.sampled_from(["acme/app", "acme/web", "else/app", ""]), st.sampled_from(["", *"abcdefghxyz"])
    ).map(lambda each: change(0, each[2], each[1], each[0])),
    max_size=12,
)


@given(st.lists(st.tuples(st.sampled_from(["acme/app", "web"]), commits), max_size=3), changes)
def test_every_change_is_at_most_one_histories_and_a_merged_one_is_in_it(histories: list[tuple[str, set[str]]], known: list[Timeline]) -> None:
    found = changes_by_history(histories, known)
    assert len(found) == len(histories)
    assert sum(map(len, found)) <= len(known)
    for (name, own), told in zip(histories, found, strict=True):
        for each in told:
            if each.commit:
                assert each.commit in own
            else:
                merged = [other.commit for other in known if (other.source, other.repository) == (each.source, each.repository) and other.commit]
                assert each.repository == name or 2 * sum(commit in own for commit in set(merged)) > len(set(merged))
    without = [each for each in known if not any(each.commit in own for _, own in histories)]
    nameless = changes_by_history([("nobody's", own) for _, own in histories], without)
    assert not any(nameless), "without a merge in a history, and without its name, nothing is its own"


@given(st.lists(st.tuples(st.sampled_from(["acme/app", "acme/web"]), commits), max_size=3), changes, changes)
def test_what_is_known_of_other_repositories_changes_nothing(
    histories: list[tuple[str, set[str]]], known: list[Timeline], more: list[Timeline]
) -> None:
    others = [replace(each, source="elsewhere", repository="else/where", commit=each.commit and f"{each.commit}!") for each in more]
    assert changes_by_history(histories, [*known, *others]) == changes_by_history(histories, known)


def test_an_open_change_is_of_the_repository_whose_merges_are_here() -> None:
    known = [change(1, "a"), change(2, "b"), change(3, "elsewhere"), change(4), change(5, repository="acme/web"), change(6, "c", "acme/web")]
    (found,) = changes_by_history([("app", {"a", "b", "z"})], known)
    assert [each.change for each in found] == ["acme/app#1", "acme/app#2", "acme/app#4"]
    (by_name,) = changes_by_history([("ACME/web", {"z"})], known)
    assert [each.change for each in by_name] == ["acme/web#5"]


def test_a_fork_whose_changes_are_in_both_is_the_first_ones() -> None:
    assert changes_by_history([("up", {"a"}), ("fork", {"a", "b"})], [change(1, "a"), change(2, "b", "bob/app")])[1][0].change == "bob/app#2"


def test_a_repository_is_known_by_most_of_its_merges() -> None:
    merges = merges_of([("github", "acme/app", "a"), ("github", "acme/app", "b"), ("gitlab", "acme/app", ""), ("github", "", "c")])
    assert merges == {("github", "acme/app"): {"a", "b"}, ("gitlab", "acme/app"): set()}
    assert forges_of("app", {"a"}, merges) == frozenset(), "half is not most"
    assert forges_of("app", {"a", "b"}, merges) == {("github", "acme/app")}
    assert forges_of("acme/app", (), merges) == set(merges)


@pytest.mark.parametrize(
    ("name", "own", "bugs"),
    [
        ("acme/app", (), {"#12"}),
        ("app", {"a"}, {"#12"}),
        ("acme/web", (), {"#7"}),
        ("elsewhere", (), set()),
        ("APP-3", (), set()),
    ],
)
def test_a_number_alone_is_the_issue_of_its_own_repository(name: str, own: Sequence[str], bugs: set[str]) -> None:
    known = Elsewhere(
        frozenset({("github", "acme/app#12"), ("github", "acme/web#7"), ("servicenow", "APP-3")}),
        {"a": True},
        merges_of([("github", "acme/app", "a")]),
    )
    whole = {"acme/app#12", "acme/web#7", "APP-3"}
    assert known.tracker(name, own) == Tracker(dict.fromkeys(whole | bugs, True), labelled={"a": True})


HISTORY = History(
    timelines=tuple(
        timelines(
            [
                event
                for number in range(1, 7)
                for event in story(f"{number} opened; {number + 1} approved ben; {number + 5} merged; 0 described 10 bug", f"acme/app#{number}")
            ]
            + story("1 opened; 3 commented cyd", "acme/app#9")
            + story("1 opened; 90 closed", "other/thing#9"),
            NOW_MS,
        )[0]
    )
)


def reported(*found: Study) -> Report:
    return report_of(Asked(NOW_MS, 0), found, Money(), HISTORY)


def with_merges(name: str, *numbers: int) -> Study:
    study = study_of(name, (0, 1), works=("feature", "feature"))
    return replace(study, brought={1: tuple(f"merge of acme/app#{number}" for number in numbers)})


def test_a_repository_of_which_no_change_is_known_has_no_delays() -> None:
    other = reported(with_merges("web"))
    assert other.delays == ()
    assert report_of(Asked(NOW_MS, 0), [with_merges("web")], Money(), History()).columns == other.columns, "as if nobody had told of changes"


def test_delays_are_of_the_changes_of_what_was_measured() -> None:
    assert [(each.group, each.changes, each.merged, each.open) for each in reported(with_merges("app", *range(1, 7))).delays[:1]] == [
        (("all",), 7, 6, 1)
    ]
    assert reported(with_merges("app", 1, 2)).delays[0].changes == 2, "an open change of a repository that is mostly elsewhere is not here"
    both = reported(with_merges("app", *range(1, 7)), with_merges("web"))
    assert both.delays == reported(with_merges("app", *range(1, 7))).delays
    assert sha("app", 0) in with_merges("app").commits
