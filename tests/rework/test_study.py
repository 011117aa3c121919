"""One repository read whole: lines with their authors, the sessions that commits name, every way of measuring, and nobody's name."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.rework.authorship.making import PERSON, TIME_S, Making, metadata

from wellspent.facts.errors import NotFound, WellspentError
from wellspent.rework.authorship.claim import UNKNOWN, Rung, State, ai
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.sessions import session_key
from wellspent.rework.authorship.transcript import Edit
from wellspent.rework.cost.session import Session
from wellspent.rework.gaps import Gaps
from wellspent.rework.git import open_repository
from wellspent.rework.known import ABSENT, ALL_EVIDENCE
from wellspent.rework.report import Asked, History, Money
from wellspent.rework.reporting import report_of
from wellspent.rework.study import MAIN, Naming, Study, StudyAsk, Unread, branch_of, study, tried
from wellspent.rework.survival.sensitivity import Way

SESSION = "11111111-2222-4333-8444-555555555555"
KEY = session_key("claude-code", SESSION)
PROMPT = "please pour the secret sauce"
DAY_S = 86_400
CLAUDE = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
FRITZ = ("Fritz Fischer", "fritz@fischer.example")


@pytest.fixture
def made(tmp_path: Path) -> Making:
    return Making(tmp_path / "apollo")


def asked(made: Making, **more: Any) -> StudyAsk:
    said: dict[str, Any] = {"name": "acme/apollo", "path": made.folder, "ref": "HEAD", "team": "core", "kept": made.folder.parent / "kept"}
    return StudyAsk(**{**said, "now_s": TIME_S + 400 * DAY_S, "since_s": 0, "salt": b"salt", **more})


def merged(made: Making) -> dict[str, str]:
    """A branch with a commit of a session, one with a note and somebody's, merged into main, which went on; then an agent mends it."""
    named = {}
    made.write("a.py", "first", "last")
    named["root"] = made.commit("root")
    made.git("checkout", "-q", "-b", "fix")
    made.write("a.py", "first", "agent = 1", "agent = 2", "last")
    named["session"] = made.commit("by an agent\n\nClaude-Session: https://claude.ai/code/session_1\n")
    made.write("b.py", "noted = 1", "untracked = 1")
    named["note"] = made.commit("with a note")
    prompt = {"agent_id": {"tool": "claude", "id": SESSION, "model": "m"}, "human_author": f"{PERSON[0]} <{PERSON[1]}>"}
    messages = [{"type": "user", "text": PROMPT}]
    made.note(named["note"], f"b.py\n  {KEY}::t_1 1\n" + metadata(sessions={KEY: {**prompt, "messages": messages}}))
    made.write("c.py", "by somebody")
    named["plain"] = made.commit("by somebody", author=FRITZ)
    made.git("checkout", "-q", "main")
    made.write("d.py", "main goes on")
    named["main"] = made.commit("main goes on")
    made.at_s += 60
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'fix'", "fix")
    named["merge"] = made.git("rev-parse", "HEAD")
    made.at_s += 3 * DAY_S
    made.write("a.py", "first", "agent = 1", "agent = two", "last")
    named["mend"] = made.commit(f"mend it{CLAUDE}")
    return named


def lines(found: Study) -> dict[tuple[str, str, str, str], int]:
    """By the commit of birth, that of the end, the author's state and session."""
    ids = found.calendar.ids
    return {
        (ids[piece.birth], ids[piece.end] if piece.end >= 0 else "", piece.author.state.value, piece.author.session): count
        for piece, count in found.pieces.items()
    }


def test_what_a_merge_brought_is_its_own_with_authors_sessions_and_branches(made: Making) -> None:
    named = merged(made)
    found = study(asked(made))
    merge, mend = named["merge"], named["mend"]
    assert lines(found) == {
        (named["root"], "", "unknown", ""): 2,
        (named["main"], "", "unknown", ""): 1,
        (merge, "", "ai", "session_1"): 1,
        (merge, mend, "ai", "session_1"): 1,
        (merge, "", "ai", SESSION): 1,
        (merge, "", "unknown", ""): 2,
        (mend, "", "ai", ""): 1,
    }
    assert found.calendar.ids == (named["root"], named["main"], merge, mend)
    assert found.brought == {2: (named["session"], named["note"], named["plain"])}
    assert found.naming == {2: (Naming(ai("claude-code", "m", SESSION), Rung.NOTE), Naming(ai("claude-code", "", "session_1"), Rung.SESSION))}
    assert found.branches == {2: ("fix",)} and found.branch == "main"
    made_s = [made.git("show", "-s", "--format=%ct", named[each]) for each in ("root", "session", "note", "plain", "main", "merge", "mend")]
    assert found.made_s == list(zip(map(int, made_s), [0, 2, 2, 2, 1, 2, 3], strict=True))
    assert (found.name, found.team, found.tip, found.roots, found.gaps, found.problems) == (
        "acme/apollo",
        "core",
        mend,
        (str(made.folder),),
        Gaps(),
        {},
    )
    assert (found.coverage.commits, found.coverage.by_state[State.AI]) == (6, 3) and len(found.people) == 2


def test_every_way_of_measuring_is_there(made: Making) -> None:
    merged(made)
    ways = study(asked(made)).ways
    assert set(ways) == {
        Way(history, moves, labels)
        for history in ("merged", "all commits")
        for moves in ("alive", "dead")
        for labels in ("all evidence", "line notes", "trailers")
    }
    known = {way.labels: sum(each.lines for each in found if each.group == "ai") for way, found in ways.items() if way.history == "merged"}
    assert known == {"all evidence": 4, "line notes": 1, "trailers": 3}
    assert {sum(each.lines for each in found) for found in ways.values()} == {9}
    assert set(study(asked(made, ways=False)).ways) == {MAIN}


def test_ways_that_make_no_difference_are_not_read(made: Making) -> None:
    """Without merges there is one history; with one kind of evidence one source of labels."""
    made.write("a.py", "one", "two")
    made.commit(f"a change{CLAUDE}")
    assert set(study(asked(made)).ways) == {MAIN, Way("merged", "dead", ALL_EVIDENCE)}


def test_a_second_reading_says_the_same_and_a_fresh_one_too(made: Making) -> None:
    merged(made)
    first = study(asked(made))
    for each in (study(asked(made)), study(asked(made, fresh=True))):
        assert (each.pieces, each.ways, each.naming, each.people) == (first.pieces, first.ways, first.naming, first.people)
    assert study(asked(made, salt=b"other")).people.isdisjoint(first.people), "people of two runs cannot be joined"


def test_only_what_was_born_since(made: Making) -> None:
    named = merged(made)
    found = study(asked(made, since_s=made.at_s - DAY_S))
    assert lines(found) == {(named["mend"], "", "ai", ""): 1}
    assert {each.born_at_ms for ways in found.ways.values() for each in ways} == {made.at_s * 1000}
    assert len(found.people) == 1


def test_what_assistants_here_wrote_is_known_line_by_line(made: Making) -> None:
    made.write("src/a.py", "alpha = 1", "somebody = 1")
    made.commit("a change")
    author = ai("claude-code", "m", SESSION)
    edit = Edit(author, (made.at_s - 60) * 1000, str(made.folder / "src/a.py"), hashed("src/a.py", ["alpha = 1"]))
    found = study(asked(made, edits=(edit,)))
    assert {piece.author: count for piece, count in found.pieces.items()} == {author: 1, UNKNOWN: 1}
    assert found.naming == {0: (Naming(author, Rung.TRANSCRIPT),)}


def test_files_that_nobody_wrote_are_not_counted(made: Making) -> None:
    made.write("uv.lock", "locked")
    made.write("a.py", "one")
    made.commit()
    assert study(asked(made)).pieces.total() == 1


def test_the_branch_that_counts(made: Making) -> None:
    made.commit()
    made.git("tag", "v1")
    made.git("update-ref", "refs/remotes/origin/release/2", "HEAD")
    repository = open_repository(made.folder)
    names = {ref: branch_of(repository, ref) for ref in ("HEAD", "main", "origin/release/2", "v1", made.git("rev-parse", "HEAD"), "nowhere")}
    assert list(names.values()) == ["main", "main", "release/2", "", "", ""]
    made.git("checkout", "-q", "--detach")
    assert branch_of(repository, "HEAD") == ""


def test_people_are_counted_once_and_agents_are_none(made: Making) -> None:
    for author in (
        PERSON,
        (PERSON[0], "12345+maxine@users.noreply.github.com"),
        (PERSON[0].upper(), PERSON[1].upper()),
        FRITZ,
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("Claude", "noreply@anthropic.com"),
        ("Maxine Muster (aider)", PERSON[1]),
    ):
        made.commit(author=author)
    assert len(study(asked(made)).people) == 2
    made.commit(author=("F. F.", "ff@home.example"))
    assert len(study(asked(made)).people) == 3
    made.write(".mailmap", f"{FRITZ[0]} <{FRITZ[1]}> <ff@home.example>")
    made.commit(author=FRITZ)
    assert len(study(asked(made)).people) == 2


def test_a_bare_clone_and_a_folder_within_say_the_same(made: Making, tmp_path: Path) -> None:
    merged(made)
    made.write("deep/x.py", "x")
    made.commit()
    whole = study(asked(made))
    made.git("clone", "-q", "--mirror", str(made.folder), str(tmp_path / "bare.git"))
    within, bare = study(asked(made, path=made.folder / "deep")), study(asked(made, path=tmp_path / "bare.git"))
    assert within.pieces == bare.pieces == whole.pieces
    assert (within.roots, bare.roots, bare.branch) == (whole.roots, (), "main")


def test_a_shallow_clone_is_measured_from_where_it_begins(made: Making, tmp_path: Path) -> None:
    merged(made)
    made.git("clone", "-q", "--depth", "1", f"file://{made.folder}", str(tmp_path / "shallow"))
    found = study(asked(made, path=tmp_path / "shallow"))
    assert found.gaps.borders == 1 and found.pieces.total() == 0


def test_contents_that_are_not_here_are_told(made: Making) -> None:
    merged(made)
    study(asked(made))
    blob = made.git("rev-parse", "fix~2:a.py")
    (made.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    found = study(asked(made, ways=False))
    assert found.problems.get(ABSENT) == 2, "the commit that wrote it and the one after it"


def test_what_cannot_be_read_is_told_with_what_to_do(made: Making, tmp_path: Path) -> None:
    empty, nowhere = asked(made), asked(made, path=tmp_path / "nowhere")
    with pytest.raises(NotFound):
        study(nowhere)
    for ask in (empty, nowhere):
        with pytest.raises(WellspentError):
            study(ask)
        found = tried(ask, lambda *_: None)
        assert isinstance(found, Unread) and found.name == "acme/apollo" and found.why and found.fix
    made.commit()
    assert isinstance(tried(asked(made), lambda *_: None), Study)


def test_no_name_no_address_and_no_prompt_is_in_a_study_or_a_report(made: Making) -> None:
    merged(made)
    made.commit(
        "a change\n\nCo-authored-by: Fritz Fischer <fritz@fischer.example>\nSigned-off-by: Maxine Muster <maxine@muster.example>\n", author=FRITZ
    )
    found = study(asked(made))
    money = Money((Session("claude-code", SESSION, 10**9, "core"),), 0, "the ledger")
    report = report_of(Asked(made.at_s * 1000, 0), [found], money, History())
    assert report.links[0].kind == "named by the commit"
    text = msgspec.json.encode(report).decode().lower() + repr(found).replace(str(made.folder), "").lower()
    assert "claude-code" in text
    for word in ("maxine", "muster", "fritz", "fischer", "secret", "sauce", "@"):
        assert word not in text.replace("acme/apollo@", ""), word
