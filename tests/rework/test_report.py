"""The report: its parts sum to its totals, too few people are told as one, and what is kept is what was said."""

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.rework.cost.test_work import Books, books
from tests.rework.studies import DAY_S, START_S, UNTIL_DAY, sha, study_of

from wellspent import limits
from wellspent.rework.authorship.claim import HUMAN as PERSON
from wellspent.rework.authorship.claim import UNKNOWN as NOBODY
from wellspent.rework.authorship.claim import Author, ai
from wellspent.rework.cost.linking import NAMED, PLACE, RECORDED, Accuracy
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.delay.folding import ALL, JOINED, OTHERS
from wellspent.rework.report import Asked, FixRow, History, Money, Report, Row
from wellspent.rework.reporting import FEW_SESSIONS, report_of
from wellspent.rework.study import MAIN, Study, Unread
from wellspent.rework.survival.fixes import Fix, LinkQuality
from wellspent.rework.survival.lifetime import AI, HUMAN, UNKNOWN, Lifetime
from wellspent.rework.survival.sensitivity import Way
from wellspent.rework.survival.spent import Fate

NOW_MS = (START_S + UNTIL_DAY * DAY_S) * 1000
ASKED = Asked(NOW_MS, 0, 30, (7, 30))
CLAUDE = ai("claude-code")
QUALITY = LinkQuality("most lines", 0.5, 0.5, 0.5, "here")
some = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def reported(found: Books, team_told: Callable[[str], str] = lambda team: team, unread: Sequence[Unread] = ()) -> Report:
    studies = [
        replace(each, fixes={place: fix for (study, place), fix in found.fixes.items() if study == number}, qualities=(QUALITY,))
        for number, each in enumerate(found.studies)
    ]
    return report_of(ASKED, [*studies, *unread], Money(tuple(found.sessions), 7, "the ledger"), History(tuple(found.merged)), team_told)


def summed(rows: Sequence[Row]) -> dict[Fate, int]:
    return {fate: sum(row.fates[fate] for row in rows) for fate in Fate}


@some
@given(books())
def test_repositories_and_teams_each_sum_to_the_totals(found: Books) -> None:
    report = reported(found, lambda team: "teams of fewer than 5" if team == "core" else team)
    fates = report.measured.fates
    assert report.measured.total_nanousd == sum(each.nanousd for each in found.sessions) == report.columns.total_nanousd
    assert summed(report.teams) == fates
    assert summed(report.rows) == {**fates, Fate.UNLINKED: 0}, "what is not linked is of no repository"
    assert sum(row.nanousd for row in report.links) == report.measured.total_nanousd
    assert sum(row.sessions for row in report.links) == len(found.sessions)
    lines = Counter[str]()
    for row in report.rows:
        lines.update(row.lines)
    assert lines == {curve.group: curve.lines for curve in report.curves}
    assert "core" not in {row.name for row in report.teams}
    assert all(row.spent_nanousd == sum(row.fates.values()) for row in (*report.rows, *report.teams))


@some
@given(books(), st.integers(0, 2))
def test_whoever_is_told_apart_is_at_least_five(found: Books, missing: int) -> None:
    """In rows, losses, notes and kinds of links of fixes, however many of the repositories that are asked about can be read."""
    report = reported(found, unread=[Unread(f"gone {number}", "", "") for number in range(missing)])
    told = {row.name for row in report.rows}
    apart = [each for each in found.studies if each.name in told]
    folded = [each for each in found.studies if each.name not in told]
    assert all(len(each.people) >= limits.PEOPLE_MIN or not each.people for each in apart)
    assert told - {each.name for each in apart} <= {OTHERS, JOINED, ALL}
    if any(each.people for each in apart) and any(each.people for each in folded):
        assert len(frozenset[str]().union(*(each.people for each in folded))) >= limits.PEOPLE_MIN
    hidden = {each.name for each in folded}
    assert not hidden & {each.repository for each in report.losses}
    assert {each.name for each in report.repositories if not each.apart} == hidden
    assert all((each.commits is None) is (each.name in hidden) and (each.known is None or each.apart) for each in report.repositories)
    assert not any(each.kind.endswith(f", {name}") for each in report.fixes for name in hidden)


@some
@given(books())
def test_of_several_kinds_of_links_each_is_of_enough_sessions(found: Books) -> None:
    rows = [row for row in reported(found).links if row.kind]
    linked = sum(row.sessions for row in rows)
    assert len(rows) < 2 or all(row.sessions >= limits.PEOPLE_MIN for row in rows)
    apart = msgspec.structs.replace(ASKED, alone=True)
    alone = [row for row in report_of(apart, found.studies, Money(tuple(found.sessions)), History(tuple(found.merged))).links if row.kind]
    assert sum(row.sessions for row in alone) == linked
    assert sum(row.nanousd for row in alone) == sum(row.nanousd for row in rows)


def test_one_repository_of_few_people_is_told_to_whoever_asks_for_themselves_alone() -> None:
    app = study_of("app", (0, 3, 50), {(0, 1, CLAUDE): 2}, people=people(1, 2))
    own = replace(ASKED, alone=True)
    gone = Unread("gone", "it is not there", "")
    cases: list[tuple[Asked, list[Study | Unread], str, int]] = [
        (own, [app], "app", 1),
        (ASKED, [app], ALL, 0),
        (own, [app, gone], ALL, 0),
        (ASKED, [replace(app, people=people(*range(5))), gone], "app", 1),
    ]
    for asked, found, name, losses in cases:
        report = report_of(asked, found, Money(), History())
        assert [(row.name, row.lines) for row in report.rows] == [(name, {AI: 2})]
        assert (len(report.losses), report.repositories[0].apart, report.repositories[0].commits) == (losses, name == "app", 3 if losses else None)
        assert report.curves[0].lines == 2, "totals are told"


def people(*numbers: int) -> frozenset[str]:
    return frozenset(map(str, numbers))


def test_small_repositories_are_told_as_one_with_the_next_larger_until_they_are_enough() -> None:
    sizes = {"one": people(1), "two": people(1, 2), "five": people(3, 4, 5, 6, 7), "six": people(8, 9, 10, 11, 12, 13)}
    found = [study_of(name, (0, 1), {(0, -1, NOBODY): 1}, people=each) for name, each in sizes.items()]
    assert [row.name for row in report_of(ASKED, found, Money(), History()).rows] == ["six", JOINED]
    assert [row.name for row in report_of(ASKED, found[2:], Money(), History()).rows] == ["five", "six"]
    assert [row.name for row in report_of(ASKED, found[:2], Money(), History()).rows] == [ALL]
    assert [row.name for row in report_of(ASKED, found[:1], Money(), History()).rows] == [ALL], "one alone is no other"


@some
@given(books())
def test_a_report_survives_json(found: Books) -> None:
    report = reported(found, unread=[Unread("gone", "it is not there", "name another folder")])
    kept = msgspec.json.encode(report)
    assert b"NaN" not in kept
    back = msgspec.json.decode(kept, type=Report)
    assert back == report
    assert msgspec.json.encode(back) == kept


def test_nothing_at_all_is_a_report_too() -> None:
    report = report_of(ASKED, [Unread("gone", "it is not there", "")], Money(), History())
    assert (report.repositories, report.curves, report.rows, report.teams, report.links, report.losses) == ((), (), (), (), (), ())
    assert report.measured.total_nanousd == 0 and report.measured.gone_nanousd == 0
    assert all(each.difference is None and each.verdict for each in (*report.people, *report.unknown))
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_the_window_of_the_headline_is_among_the_windows() -> None:
    report = report_of(Asked(NOW_MS, 0, 45, (7, 90)), [], Money(), History())
    assert report.asked.windows == (7, 45, 90)
    assert [each.days for each in report.people] == [7, 45, 90]


def grown(name: str = "app", control: bool = True) -> Study:
    """Forty commits over forty days, watched for another eighty; an agent's lines die after three days, half of them, the others' a tenth."""
    days = [*range(40), 43, UNTIL_DAY]
    pieces: dict[tuple[int, int, Author], int] = {}
    for birth in range(40):
        end = next(place for place, day in enumerate(days) if day >= birth + 3)
        dead = 4 + 2 * (birth % 2)
        pieces |= {(birth, end, CLAUDE): dead, (birth, -1, CLAUDE): 10 - dead}
        if control:
            pieces |= {(birth, end, NOBODY): 1, (birth, -1, NOBODY): 9}
    return study_of(name, days, pieces, people=people(*range(5)))


def test_the_figures_of_a_history_that_is_known() -> None:
    commits = [grown().calendar.ids[place] for place in range(40)]
    sessions = tuple(Session("codex", f"s{n}", 10**9, "core", (("commit", commit),)) for n, commit in enumerate(commits))
    money = Money((*sessions, Session("codex", "lost", 5 * 10**9, "web", unpriced_calls=2, list_price=True)), 3 * 10**9, "the ledger")
    report = report_of(ASKED, [grown()], money, History())
    (row,) = report.rows
    assert (row.name, row.lines, row.gone_nanousd, row.gone_share) == ("app", {AI: 400, UNKNOWN: 400}, 20 * 10**9, 0.5)
    assert {group: reading.gone for group, reading in row.readings.items()} == pytest.approx({AI: 0.5, UNKNOWN: 0.1})
    assert report.control == UNKNOWN and report.unknown[1].difference == pytest.approx(0.4)
    assert report.measured.fates[Fate.GONE] == 20 * 10**9 and report.measured.fates[Fate.UNLINKED] == 5 * 10**9
    assert [(team.name, team.spent_nanousd, team.gone_nanousd) for team in report.teams] == [("core", 40 * 10**9, 20 * 10**9), ("web", 5 * 10**9, 0)]
    assert report.teams[1].gone_share is None, "no line was paid for"
    assert [(each.kind, each.sessions, each.nanousd) for each in report.links] == [(RECORDED, 40, 40 * 10**9), ("", 1, 5 * 10**9)]
    assert (report.unpriced_calls, report.list_price_nanousd, report.other_nanousd, report.source) == (2, 5 * 10**9, 3 * 10**9, "the ledger")
    assert report.repositories[0].known == 0.5 and report.repositories[0].commits == 42
    assert [each.days for each in report.curves[0].readings] == list(range(1, 31))


def test_while_lines_are_too_young_what_is_gone_is_unknown() -> None:
    young = study_of("app", (0, 1), {(0, 1, CLAUDE): 1, (0, -1, CLAUDE): 3})
    report = report_of(ASKED, [young], Money((Session("codex", "s", 8, "core", (("commit", sha("app", 0)),)),)), History())
    (team,) = report.teams
    assert (team.gone_nanousd, team.gone_share, team.fates[Fate.OPEN], team.fates[Fate.GONE]) == (None, None, 6, 2)
    assert report.measured.gone_nanousd is None


def test_people_are_the_control_as_soon_as_enough_of_their_lines_are_attested() -> None:
    history = grown(control=False)
    attested = {piece._replace(author=PERSON): lines for piece, lines in grown().pieces.items() if piece.author is NOBODY}
    pieces = type(history.pieces)({**history.pieces, **attested})
    whole = [*history.ways[MAIN], *(replace(each, group=HUMAN) for each in grown().ways[MAIN] if each.group == UNKNOWN)]
    report = report_of(ASKED, [replace(history, pieces=pieces, ways={MAIN: whole})], Money(), History())
    assert report.control == HUMAN and report.people[1].difference == pytest.approx(0.4)
    assert {row.found.control for row in report.ways.rows} == {HUMAN}


def test_links_are_told_best_first_and_the_unlinked_last() -> None:
    app = study_of("app", (0, 1, 2), {(0, -1, ai("claude-code", session="a")): 1}, made_s=[(START_S + DAY_S, 1)])
    placed = Session("codex", "c", 9, folder="/srv/app", branch="main", started_ms=(START_S + DAY_S) * 1000, ended_ms=(START_S + DAY_S) * 1000)
    sessions = (Session("", "", 100), placed, Session("codex", "b", 2, links=(("commit", sha("app", 2)),)), Session("claude-code", "a", 3))
    report = report_of(replace(ASKED, alone=True), [app], Money(sessions), History())
    assert [each.kind for each in report.links] == [NAMED, RECORDED, PLACE, ""]
    few = report_of(ASKED, [app], Money(sessions), History())
    assert [(each.kind, each.sessions, each.nanousd) for each in few.links] == [(FEW_SESSIONS, 3, 14), ("", 1, 100)]
    assert report.place == Accuracy(0, 0, 0)


def test_commits_that_lost_most_lines_with_what_killed_them() -> None:
    app = study_of(
        "app", (0, 3, 5, 50), {(0, 1, CLAUDE): 2, (0, 2, NOBODY): 5, (0, 3, NOBODY): 70, (0, -1, CLAUDE): 1, (1, 2, CLAUDE): 9, (2, -4, NOBODY): 4}
    )
    report = report_of(ASKED, [app], Money(), History((Merged("acme/app#7", sha("app", 1), source="github"),)))
    assert [(each.commit, each.source, each.change, each.gone, each.lines) for each in report.losses] == [
        (sha("app", 1), "github", "acme/app#7", 9, {AI: 9}),
        (sha("app", 0), "", "", 7, {AI: 3, UNKNOWN: 75}),
    ]
    assert report.losses[1].killers == ((sha("app", 2), 5), (sha("app", 1), 2))


def test_losses_are_bounded() -> None:
    many = limits.REWORK_LOSSES_MAX + 3
    app = study_of("app", [n / 100 for n in range(many + 1)], {(n, many, NOBODY): n + 1 for n in range(many)})
    losses = report_of(ASKED, [app], Money(), History()).losses
    assert len(losses) == limits.REWORK_LOSSES_MAX and losses[0].gone == many and losses[-1].gone == 4


def test_a_way_that_changes_nothing_somewhere_is_measured_with_what_is_there() -> None:
    """A repository without merges has no other history, and one without notes no other labels: they count in every way."""
    all_commits, notes = Way("all commits", "alive", MAIN.labels), Way("all commits", "alive", "line notes")
    plain, rich = grown("app"), grown("web")
    other = [Lifetime("web@x", ("web",), AI, 1, 0, None, 1)]
    rich = replace(rich, ways={**rich.ways, all_commits: other, notes: other})
    report = report_of(ASKED, [plain, rich], Money(), History())
    assert {row.way for row in report.ways.rows} == {MAIN, all_commits, notes}
    alone = report_of(ASKED, [plain], Money(), History())
    found = {(row.way, row.found.days): row.found for row in report.ways.rows}
    assert found[notes, 30].difference == pytest.approx(alone.unknown[1].difference)


def test_a_fix_is_the_fates_fix_by_repository_and_commit() -> None:
    app, web = (study_of(name, (0, 40), {(0, -1, CLAUDE): 1}) for name in ("app", "web"))
    money = Money(tuple(Session("codex", name, 5, links=(("commit", sha(name, 0)),)) for name in ("app", "web")))
    stated = LinkQuality("stated", 0.5, 0.5, 0.5, "here")
    app = replace(app, fixes={0: Fix("stated", {AI: 1}), 1: Fix()}, qualities=(stated,))
    report = report_of(ASKED, [app, web], money, History())
    assert report.measured.fates[Fate.FIX] == 5
    assert [(each.kind, each.cause, each.nanousd) for each in report.measured.fixes] == [("stated, app", AI, 3), ("stated, app", UNKNOWN, 2)]
    assert report.fixes == (FixRow("stated, app", 1, replace(stated, kind="stated, app"), 5, 3), FixRow("", 1, None, 0, 0))
