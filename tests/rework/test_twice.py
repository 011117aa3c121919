"""Histories that are the same count once, as the first, whatever else is measured beside them."""

from hypothesis import given, settings
from msgspec.structs import replace
from tests.rework.cost.test_work import Books, books
from tests.rework.studies import DAY_S, START_S, study_of
from tests.rework.test_report import ASKED, grown

from wellspent.rework.cost.session import Session
from wellspent.rework.report import History, Money
from wellspent.rework.reporting import report_of
from wellspent.rework.twice import once


@settings(deadline=None, max_examples=25)
@given(books())
def test_a_mirror_beside_each_changes_no_figure(found: Books) -> None:
    mirrors = [replace(each, name=f"{each.name}, mirror", roots=()) for each in found.studies]
    plain = report_of(ASKED, found.studies, Money(tuple(found.sessions)), History(tuple(found.merged)))
    both = report_of(ASKED, [*found.studies, *mirrors], Money(tuple(found.sessions)), History(tuple(found.merged)))
    assert [(each.name, each.of) for each in both.twice] == [(f"{each.name}, mirror", each.name) for each in found.studies]
    assert replace(both, twice=()) == plain


def test_the_first_is_taken_with_the_folders_of_both() -> None:
    clone = grown()
    mirror = replace(clone, name="mirror", roots=())
    (kept,), (left,) = once([mirror, clone])
    assert (kept.name, kept.roots, left.name, left.of) == ("mirror", clone.roots, "app", "mirror")
    at_work = Session("codex", "s", 7, folder="/srv/app", branch="main", started_ms=(START_S + DAY_S) * 1000, ended_ms=(START_S + DAY_S) * 1000)
    assert report_of(ASKED, [mirror, clone], Money((at_work,)), History()).links[0].kind == "same place and time"


def test_a_mirror_that_is_behind_is_one_and_what_was_shared_long_ago_is_none() -> None:
    whole = grown()
    behind = replace(study_of("app", range(10)), name="behind")
    assert [each.why for each in once([whole, behind])[1]] == ["it shares 10 of its 10 commits since with app"]
    assert [each.name for each in once([behind, whole])[0]] == ["behind"]
    fork = replace(whole, name="fork", since_s=START_S + 200 * DAY_S)
    assert once([whole, fork])[1] == [], "no commit of it counts"
    apart = replace(study_of("app", range(42)), name="fork")
    ids = (*apart.calendar.ids[:21], *(f"{number:040}" for number in range(21)))
    apart = replace(apart, calendar=apart.calendar._replace(ids=ids))
    assert once([whole, apart])[1] == [], "half is not most"


def test_a_branch_that_was_merged_is_the_same_as_what_it_was_merged_into() -> None:
    develop, main = study_of("develop", range(6)), study_of("main", (6, 7))
    main = replace(main, brought={1: develop.calendar.ids})
    assert [each.name for each in once([main, develop])[1]] == ["develop"]
