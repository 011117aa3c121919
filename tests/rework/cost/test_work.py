"""Money and the lines that it paid for: every nano-dollar once, every line at most once for a team, and never another's."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.rework.studies import changes, mended, sessions, sha, studies, study_of

from wellspent.rework.authorship.claim import HUMAN, UNKNOWN, Rung, ai
from wellspent.rework.cost.linking import NAMED, Node, link
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.cost.work import Work, unlinked, work_of
from wellspent.rework.study import MAIN, Naming, Study
from wellspent.rework.survival.fixes import Fix

CLAUDE = ai("claude-code")
S1, S2 = ai("claude-code", session="s1"), ai("claude-code", session="s2")


class Books:
    """Sessions, repositories, changes and fixes that belong together."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.studies: list[Study] = draw(studies())
        self.sessions: list[Session] = draw(sessions())
        self.merged: list[Merged] = draw(changes(self.studies))
        self.fixes: dict[Node, Fix] = mended(draw, self.studies)

    def work(self, order: Sequence[int] | None = None) -> tuple[list[Work], Counter[str]]:
        listed = self.sessions if order is None else [self.sessions[place] for place in order]
        found = link(listed, self.studies, self.merged)
        return work_of(listed, self.studies, found, self.fixes), unlinked(listed, found)


books = st.composite(Books)
many = settings(deadline=None, max_examples=150)


@many
@given(books())
def test_all_money_is_there_once(found: Books) -> None:
    work, left = found.work()
    assert sum(each.spending.nanousd for each in work) + left.total() == sum(each.nanousd for each in found.sessions)
    by_team = Counter[str]()
    for each in work:
        by_team[each.team] += each.spending.nanousd
    by_team.update(left)
    owed = Counter[str]()
    for session in found.sessions:
        owed[session.team] += session.nanousd
    assert {team: sum_ for team, sum_ in by_team.items() if sum_} == {team: sum_ for team, sum_ in owed.items() if sum_}
    assert len({each.spending.name for each in work}) == len(work), "each piece of work has a name of its own"


@many
@given(books())
def test_lines_of_a_session_are_paid_by_no_other_that_has_lines_and_those_of_people_by_nobody(found: Books) -> None:
    """The directory of a made-up line is the session that evidence gives it to. Without sessions that join those of their commits, they are alone."""
    assert all(lifetime.group != "human" for each in found.work()[0] for lifetime in each.spending.lifetimes)
    clients = {name: {each.client for each in found.sessions if each.session == name} for name in {each.session for each in found.sessions} - {""}}
    known = {name for name, each in clients.items() if each == {"claude-code"}}
    alone = [each for each in found.sessions if (each.session in known and has_lines(found, each)) or not recorded_or_placed(found, each)]
    assert all(len(owners_in(each, known)) <= 1 for each in worked(alone, found.studies, found.fixes, found.merged))
    for name in known:
        without = [replace(each, nanousd=0) if each.session == name else each for each in alone]
        for each in worked(without, found.studies, found.fixes, found.merged):
            if any(lifetime.stratum[2] == name for lifetime in each.spending.lifetimes):
                assert each.spending.nanousd == 0


def recorded_or_placed(found: Books, session: Session) -> bool:
    links = link([session], found.studies, found.merged)
    return bool(links.of) and links.of[0].kind != NAMED


def has_lines(found: Books, session: Session) -> bool:
    """Whether evidence gives it any line."""
    return any(piece.author.session == session.session != "" for study in found.studies for piece in study.pieces)


def owners_in(work: Work, known: set[str]) -> set[str]:
    owners = {lifetime.stratum[2] for lifetime in work.spending.lifetimes}
    assert not owners & known or owners <= known
    return owners & known


@many
@given(books())
def test_money_that_is_linked_to_lines_pays_for_lines(found: Books) -> None:
    """Wherever a commit that is recorded with a session, or of its place and time, has a line that an agent may have written."""
    links = link(found.sessions, found.studies, found.merged)
    written = {(number, piece.birth) for number, study in enumerate(found.studies) for piece in study.pieces if piece.author is not HUMAN}
    for place, linked in links.of.items():
        if linked.kind != NAMED and written & {*linked.commits}:
            only = [replace(each, nanousd=10**9 if number == place else 0) for number, each in enumerate(found.sessions)]
            paid = [each for each in work_of(only, found.studies, links, found.fixes) if each.spending.nanousd]
            assert any(each.spending.lifetimes for each in paid)


@many
@given(books())
def test_a_team_pays_for_a_line_once_and_the_ai_lines_before_others(found: Books) -> None:
    work, _ = found.work()
    there = Counter[tuple[str, str]]()
    for study in found.studies:
        for lifetime in study.ways[MAIN]:
            there[lifetime.cluster, lifetime.group] += lifetime.lines
    for team in {each.team for each in work}:
        paid = Counter[tuple[str, str]]()
        for each in work:
            for lifetime in each.spending.lifetimes if each.team == team else ():
                paid[lifetime.cluster, lifetime.group] += lifetime.lines
        assert all(lines <= there[key] for key, lines in paid.items())


@many
@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_sessions_is_nothing(found: Books, chance: random.Random) -> None:
    order = list(range(len(found.sessions)))
    chance.shuffle(order)
    assert plain(*found.work()) == plain(*found.work(order))


def plain(work: Sequence[Work], left: Counter[str]) -> tuple[Counter[object], Counter[str]]:
    alike = Counter[object]()
    for each in work:
        lifetimes = tuple(sorted(Counter(each.spending.lifetimes).items(), key=repr))
        alike[each.team, each.repository, each.spending.nanousd, lifetimes, repr(each.spending.fix)] += 1
    return alike, +left


def amounts(work: Sequence[Work]) -> list[tuple[str, int, int, bool]]:
    return [(each.repository, each.spending.nanousd, sum(x.lines for x in each.spending.lifetimes), each.spending.fix is not None) for each in work]


def worked(
    sessions: Sequence[Session], studies: Sequence[Study], fixes: Mapping[Node, Fix] | None = None, merged: Sequence[Merged] = ()
) -> list[Work]:
    return work_of(sessions, studies, link(sessions, studies, merged), fixes or {})


def test_a_session_pays_for_its_own_lines_and_others_for_the_ai_lines_that_are_left() -> None:
    app = study_of("app", (0, 1), {(1, -1, S1): 10, (1, -1, CLAUDE): 5, (1, -1, UNKNOWN): 7, (1, -1, HUMAN): 3})
    by_branch = Session("claude-code", "s2", 50, links=(("commit", sha("app", 1)),))
    assert amounts(worked([Session("claude-code", "s1", 100), by_branch], [app])) == [("app", 100, 10, False), ("app", 50, 5, False)]


def test_where_no_line_is_known_to_be_an_agents_those_of_unknown_origin_are_paid_for() -> None:
    app = study_of("app", (0, 1), {(1, -1, UNKNOWN): 7, (1, -1, HUMAN): 3})
    assert amounts(worked([Session("codex", "s2", 50, links=(("commit", sha("app", 1)),))], [app])) == [("app", 50, 7, False)]


def test_sessions_that_share_a_commit_pay_for_it_together() -> None:
    app = study_of("app", (0, 1, 2), {(0, -1, CLAUDE): 4, (1, -1, CLAUDE): 5, (2, -1, CLAUDE): 6})
    both = (("commit", sha("app", 0)), ("commit", sha("app", 0)))
    several = [
        Session("codex", "a", 10, "core", both[:1]),
        Session("codex", "b", 20, "core", both[:1]),
        Session("codex", "c", 40, "web", both[:1]),
        Session("codex", "d", 7, "web", (("commit", sha("app", 2)),)),
    ]
    work = worked(several, [app])
    assert [(each.team, *amounts([each])[0]) for each in work] == [
        ("core", "app", 30, 4, False),
        ("web", "app", 40, 4, False),
        ("web", "app", 7, 6, False),
    ]


def test_money_of_several_repositories_and_fixes_is_split_by_lines() -> None:
    """Ten lines there, twenty here, and a fix of one commit without any line, which counts as one."""
    app, web = study_of("app", (0, 1), {(0, -1, S1): 20}), study_of("web", (0,), {(0, -1, S1): 10})
    naming = {**app.naming, 1: (Naming(S1, Rung.SESSION),)}
    work = worked([Session("claude-code", "s1", 31)], [replace(app, naming=naming), web], {(0, 1): Fix("issue", {"ai": 1})})
    assert amounts(work) == [("app", 20, 20, False), ("app", 1, 0, True), ("web", 10, 10, False)]


def test_a_session_whose_commits_are_all_anothers_pays_together_with_it() -> None:
    app = study_of("app", (0, 1), {(0, -1, S1): 4, (1, -1, S1): 10, (1, -1, UNKNOWN): 7, (1, -1, HUMAN): 3})
    by_change = Session("codex", "x", 50, "web", links=(("commit", sha("app", 1)),))
    work = worked([Session("claude-code", "s1", 100, "core"), by_change, replace(by_change, session="y", team="core")], [app])
    assert [(each.team, *amounts([each])[0]) for each in work] == [("core", "app", 150, 14, False), ("web", "app", 50, 14, False)]
    elsewhere = replace(app, pieces=type(app.pieces)({piece: n for piece, n in app.pieces.items() if piece.author is not S1 or piece.birth == 0}))
    assert amounts(worked([Session("claude-code", "s1", 100), by_change], [elsewhere])) == [("app", 100, 4, False), ("app", 50, 7, False)]


def test_a_session_between_two_whose_lines_its_commit_has_brings_them_together() -> None:
    app = study_of("app", (0, 1, 2), {(1, -1, S1): 10, (1, -1, S2): 5, (2, -1, S2): 1})
    two = [Session("claude-code", "s1", 100), Session("claude-code", "s2", 10)]
    assert amounts(worked(two, [app])) == [("app", 100, 10, False), ("app", 10, 6, False)]
    assert amounts(worked([*two, Session("codex", "x", 1, links=(("commit", sha("app", 1)),))], [app])) == [("app", 111, 16, False)]


def test_a_session_with_lines_left_in_one_commit_does_not_pay_for_anothers() -> None:
    app = study_of("app", (0, 1), {(0, -1, CLAUDE): 4, (1, -1, S1): 10})
    both = Merged("acme/app#1", sha("app", 0), (("run", "r"),)), Merged("acme/app#2", sha("app", 1), (("run", "r"),))
    work = worked([Session("claude-code", "s1", 100), Session("codex", "x", 50, links=(("run", "r"),))], [app], merged=both)
    assert amounts(work) == [("app", 100, 10, False), ("app", 50, 4, False)]


def test_a_named_commit_whose_lines_are_anothers_is_work_without_lines() -> None:
    app = study_of("app", (0, 1), {(1, -1, S1): 10})
    named = replace(app, naming={1: (Naming(S1, Rung.NOTE), Naming(S2, Rung.NOTE))})
    work = worked([Session("claude-code", "s1", 5), Session("claude-code", "s2", 6)], [named])
    assert amounts(work) == [("app", 5, 10, False), ("app", 6, 0, False)]


def test_a_line_that_only_evidence_of_lines_gives_to_a_session_is_linked_too() -> None:
    """Two notes name one session under two tools: of the line nobody knows which tool, but the session is there."""
    app = study_of("app", (0,), {(0, -1, ai("", session="s1")): 4}, naming={0: (Naming(ai("codex", session="s1"), Rung.NOTE),)})
    sessions = [Session("claude-code", "s1", 9)]
    found = link(sessions, [app], [])
    assert amounts(work_of(sessions, [app], found, {})) == [("app", 9, 4, False)]
    assert unlinked(sessions, found).total() == 0
    assert found.of[0].kind == NAMED
