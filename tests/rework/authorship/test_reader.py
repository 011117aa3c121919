"""Evidence from repositories that git made."""

from pathlib import Path

import msgspec
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rework.authorship.making import PERSON, Making, agent, metadata

from wellspent import limits
from wellspent.facts.errors import InvalidInput, NotFound, WellspentError
from wellspent.rework.authorship.added import added_by
from wellspent.rework.authorship.claim import UNKNOWN, Rung, State, ai
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import Evidence, of_commit
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.reader import ABSENT_NOTE, ABSENT_TEXT, TOO_MANY_TRACES, TRACES, Reader
from wellspent.rework.authorship.sessions import session_key
from wellspent.rework.authorship.transcript import Edit, Transcripts
from wellspent.rework.contents import blobs_of
from wellspent.rework.git import open_repository, roots_of

SESSION = "11111111-2222-4333-8444-555555555555"
KEY = session_key("claude-code", SESSION)
CLAUDE = ai("claude-code", "claude-opus-4-6", SESSION)
AIDER = ("Maxine Muster (aider)", "maxine@muster.example")


@pytest.fixture
def made(tmp_path: Path) -> Making:
    return Making(tmp_path / "apollo")


def read(made: Making, **more: Transcripts) -> dict[str, Evidence]:
    return {each.commit: each for each in Reader(open_repository(made.folder), **more).evidence()}


def fail(commit: str) -> None:
    raise AssertionError(commit)


def test_every_rung_from_one_repository(made: Making) -> None:
    made.write("a.py", "one", "two", "three")
    noted = made.commit("a change")
    made.note(noted, f"a.py\n  {KEY}::t_1 2-3\n" + metadata(sessions={KEY: agent()}))
    aider = made.commit("another", author=AIDER)
    committed = made.commit("a third", committer=AIDER)
    trailer = made.commit("a fourth\n\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n")
    session = made.commit("a fifth\n\nClaude-Session: https://claude.ai/code/session_1\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n")
    generated = made.commit("a sixth\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n")
    plain = made.commit("a seventh")
    found = read(made)
    assert list(found)[-1] == noted and next(iter(found)) == plain, "children before parents"
    verdicts = {commit: of_commit(each) for commit, each in found.items()}
    assert {commit: (verdict.rung, verdict.author) for commit, verdict in verdicts.items()} == {
        noted: (Rung.NOTE, CLAUDE),
        aider: (Rung.IDENTITY, ai("aider")),
        committed: (None, UNKNOWN),
        trailer: (Rung.TRAILER, ai("claude-code", "claude-opus-4-6")),
        session: (Rung.SESSION, ai("claude-code", "claude-opus-4-6", "session_1")),
        generated: (Rung.GENERATED, ai("claude-code")),
        plain: (None, UNKNOWN),
    }
    assert found[committed].only_committed == "aider" and found[noted].looked == (Rung.NOTE,)
    assert [(each.count, each.verdict.author.state) for each in Authorship(found.values()).of_lines(noted, "a.py", 1, 3)] == [
        (1, State.UNKNOWN),
        (2, State.AI),
    ]


def test_no_name_and_no_address_of_a_person_is_in_the_evidence(made: Making) -> None:
    made.write("a.py", "one")
    commit = made.commit(
        "a change\n\nCo-authored-by: Fritz Fischer <fritz@fischer.example>\nReviewed-by: Fritz Fischer <fritz@fischer.example>\n", author=AIDER
    )
    made.note(commit, f"a.py\n  {KEY}::t_1 1\n" + metadata(sessions={KEY: agent()}))
    made.commit("another\n\nCo-authored-by: Claude <noreply@anthropic.com>", committer=("Max (aider)", "max@max.example"))
    kept = msgspec.json.encode([*read(made).values()]).decode().lower()
    assert "claude-code" in kept and "aider" in kept
    assert not [name for name in ("maxine", "muster", "fritz", "fischer", "max.example") if name in kept]


def test_notes_in_folders_are_found(made: Making) -> None:
    """git makes folders (``ab/cdef…``) when there are many notes; so do other tools."""
    commit = made.commit()
    blob = made.git("hash-object", "-w", "--stdin", given=f"a\n  {KEY}::t_1 1\n" + metadata(sessions={KEY: agent()}))
    tree = made.git("mktree", given=f"100644 blob {blob}\t{commit[2:]}\n")
    tree = made.git("mktree", given=f"040000 tree {tree}\t{commit[:2]}\n")
    made.git("update-ref", "refs/notes/ai", made.git("commit-tree", tree, "-m", "notes"))
    assert of_commit(read(made)[commit]).author == CLAUDE


def test_an_entire_checkpoint_is_followed(made: Making) -> None:
    about = {"checkpoint_id": "ab12cd34ef56", "session_id": SESSION, "agent": "Claude Code", "initial_attribution": {"agent_lines": 7}}
    made.git("checkout", "-q", "--orphan", "entire/checkpoints/v1")
    made.write("ab/12cd34ef56/0/metadata.json", orjson.dumps(about).decode())
    made.write("ab/12cd34ef56/metadata.json", "{}")
    made.commit("checkpoint")
    made.git("checkout", "-q", "--orphan", "main")
    linked = made.commit("a change\n\nEntire-Checkpoint: ab12cd34ef56\n")
    lost = made.commit("a change\n\nEntire-Checkpoint: 000000000000\n")
    found = read(made)
    assert of_commit(found[linked]).author == ai("claude-code", session=SESSION)
    assert of_commit(found[lost]).author == ai("") and of_commit(found[lost]).rung is Rung.CHECKPOINT


def test_traces_that_were_committed_are_read_at_their_revision(made: Making) -> None:
    made.write("a.py", "one", "two")
    commit = made.commit()
    files = [{"path": "a.py", "conversations": [{"contributor": {"type": "ai"}, "ranges": [{"start_line": 2, "end_line": 2}]}]}]
    trace = {"version": "0.1.0", "id": "1", "timestamp": "x", "vcs": {"type": "git", "revision": commit}, "tool": {"name": "cursor"}, "files": files}
    made.write(TRACES, orjson.dumps(trace).decode(), "{")
    made.commit()
    reader = Reader(open_repository(made.folder))
    found = Authorship(reader.evidence())
    assert [each.verdict.author.tool for each in found.of_lines(commit, "a.py", 1, 2)] == ["", "cursor"]
    assert reader.problems.total() == 1


def test_a_transcript_is_matched_to_the_commit_that_came_after_it(made: Making) -> None:
    wrote = Edit(CLAUDE, made.at_s * 1000 + 90_000, f"{made.folder}/a.py", hashed("a.py", ["alpha = 1", "", "beta = 2"]))
    made.write("a.py", "alpha = 1")
    before = made.commit()
    made.write("a.py", "alpha = 1", "typed by hand", "alpha = 1", "", "beta = 2")
    after = made.commit()
    found = read(made, transcripts=Transcripts([wrote], roots=[str(made.folder)]))
    assert found[before].says_nothing
    assert [(line.first, line.last, line.claim.author) for line in found[after].lines["a.py"]] == [(3, 5, CLAUDE)]
    assert read(made, transcripts=Transcripts([]))[after].says_nothing


def test_what_a_branch_brought_is_on_it(made: Making) -> None:
    root = made.commit("root")
    made.git("checkout", "-q", "-b", "claude/fix")
    side = made.commit("side")
    made.git("checkout", "-q", "main")
    main = made.commit("main")
    made.at_s += 60
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'claude/fix'", "claude/fix")
    found = read(made)
    assert {commit: of_commit(found[commit]).rung for commit in (root, side, main)} == {root: None, side: Rung.BRANCH, main: None}
    assert [each.is_merge for each in found.values()].count(True) == 1


def test_odd_text_does_not_shift_what_is_read(made: Making) -> None:
    subjects = ["", "\n\n", "ünïcödé 🤖", "x" * 100_000, "%x00 %H", "a\tb\r\n\r\nc"]
    made_of = [made.commit(subject or " ") for subject in subjects]
    assert [each.commit for each in Reader(open_repository(made.folder)).evidence()] == made_of[::-1]


def test_a_missing_note_is_counted_and_the_rest_is_read(made: Making) -> None:
    noted, other = made.commit(), made.commit("x\n\nMade-with: Cursor\n")
    made.note(noted, metadata())
    blob = made.git("notes", "--ref=ai", "list", noted)
    (made.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    reader = Reader(open_repository(made.folder))
    found = {each.commit: each for each in reader.evidence()}
    assert found[noted].says_nothing and of_commit(found[other]).author.tool == "cursor"
    assert reader.problems.total() == 1


def test_what_is_larger_than_it_may_be_is_counted(made: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    made.git("checkout", "-q", "--orphan", "entire/checkpoints/v1")
    made.write("ab/12cd34ef56/0/metadata.json", orjson.dumps({"agent": "Claude Code", "session_id": SESSION}).decode())
    made.commit("checkpoint")
    made.git("update-ref", "refs/remotes/origin/entire/checkpoints/v1", "HEAD")
    made.git("checkout", "-q", "--orphan", "main")
    made.git("rm", "-rq", "--cached", ".")
    made.write(TRACES, "x" * 100)
    commit = made.commit("a change\n\nEntire-Checkpoint: ab12cd34ef56\n")
    made.note(commit, f"a\n  {KEY}::t_1 1\n" + metadata())
    monkeypatch.setattr(limits, "NOTE_BYTES_MAX", 20)
    monkeypatch.setattr(limits, "TRACES_BYTES_MAX", 20)
    reader = Reader(open_repository(made.folder))
    (found,) = reader.evidence()
    assert of_commit(found).author == ai("") and of_commit(found).rung is Rung.CHECKPOINT
    assert reader.problems == {ABSENT_NOTE: 2, TOO_MANY_TRACES: 1}


def test_a_line_can_be_named_by_a_note_and_by_a_transcript(made: Making) -> None:
    made.write("a.py", "alpha = 1", "beta = 2", "gamma = 3")
    commit = made.commit()
    made.note(commit, f"a.py\n  {KEY}::t_1 3\n" + metadata(sessions={KEY: agent()}))
    other = ai("codex", session="t-1")
    wrote = Edit(other, made.at_s * 1000, f"{made.folder}/a.py", hashed("a.py", ["beta = 2", "gamma = 3"]))
    (found,) = read(made, transcripts=Transcripts([wrote], name="apollo")).values()
    stretches = list(Authorship([found]).of_lines(commit, "a.py", 1, 3))
    assert [(each.verdict.author, each.verdict.rung, each.verdict.against) for each in stretches] == [
        (UNKNOWN, Rung.NOTE, ()),
        (other, Rung.TRANSCRIPT, ()),
        (CLAUDE, Rung.NOTE, (Rung.TRANSCRIPT,)),
    ]


def test_a_reader_of_git_may_leave_early_and_a_folder_in_a_repository_is_the_repository(made: Making) -> None:
    made.write("deep/a.py", *(str(number) for number in range(50_000)))
    commit = made.commit()
    with open_repository(made.folder / "deep").stream("cat-file", "-p", "HEAD:deep/a.py") as read_on:
        assert read_on(2) == b"0\n"
    ((_, hunks),) = added_by(open_repository(made.folder / "deep"), [(commit,)], absent=fail)
    assert [(hunk.path, hunk.count) for hunk in hunks] == [("deep/a.py", 50_000)]
    assert list(added_by(open_repository(made.folder), [], absent=fail)) == []


def test_only_lines_of_files_are_added_lines(made: Making) -> None:
    """Where a link points, and which commit a submodule is at, is nobody's line."""
    made.write("a.py", "one", "two")
    (made.folder / "link").symlink_to("a.py")
    commit = made.commit()
    made.git("update-index", "--add", "--cacheinfo", f"160000,{commit},module")
    made.git("commit", "-q", "-m", "module")
    asks = [(commit,), (made.git("rev-parse", "HEAD"),)]
    found = [hunks for _, hunks in added_by(open_repository(made.folder), asks, absent=fail)]
    assert [[(hunk.path, hunk.first, hunk.count) for hunk in hunks] for hunks in found] == [[("a.py", 1, 2)], []]


def test_blobs_that_are_none_are_passed_over(made: Making) -> None:
    commit = made.commit()
    made.write("a.py", "alpha")
    made.commit()
    blob = made.git("rev-parse", "HEAD:a.py")
    with blobs_of(open_repository(made.folder)) as blobs:
        assert blobs.read(commit) is None and blobs.read("0" * 40) is None and blobs.read(blob) == b"alpha\n"


def test_commits_without_their_text_are_told_and_the_others_matched(made: Making) -> None:
    made.write("a.py", "alpha = 1")
    lost = made.commit()
    blob = made.git("rev-parse", "HEAD:a.py")
    made.write("a.py", "nothing of it")
    edge = made.commit()
    made.write("b.py", "beta = 2")
    kept = made.commit()
    (made.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    wrote = Edit(CLAUDE, 1_790_000_000_000, f"{made.folder}/b.py", hashed("b.py", ["beta = 2"]))
    reader = Reader(open_repository(made.folder), Transcripts([wrote], roots=[str(made.folder)]))
    found = {each.commit: each for each in reader.evidence()}
    assert [line.first for line in found[kept].lines["b.py"]] == [1]
    assert reader.problems == {ABSENT_TEXT: 2} and found[lost].says_nothing and found[edge].says_nothing


TEXTS = st.lists(st.sampled_from(("+++ b/x", "@@ -1 +1 @@", "-- a", "a" * 40, "diff --git a/x b/x", "\\ No newline", "", "plain", "ü")), max_size=8)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(("a.py", "a b/ü.txt", 'q"uote\t.md')), TEXTS, st.booleans()), min_size=1, max_size=4))
def test_added_lines_stand_in_the_file_at_their_numbers(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, list[str], bool]]) -> None:
    made = Making(tmp_path_factory.mktemp("added"))
    commits: dict[str, dict[str, list[str]]] = {}
    for path, lines, ends in changes:
        made.write(path, *lines)
        if not ends and lines:
            whole = made.folder / path
            whole.write_text(whole.read_text().removesuffix("\n"))
        known = {each: (made.folder / each).read_text().splitlines() for each in {path for path, _, _ in changes} if (made.folder / each).exists()}
        commits[made.commit()] = known
    seen = []
    for commit, hunks in added_by(open_repository(made.folder), [(commit,) for commit in commits], with_text=True, absent=fail):
        seen.append(commit)
        for hunk in hunks:
            assert list(hunk.lines) == commits[commit][hunk.path][hunk.first - 1 : hunk.first - 1 + hunk.count]
        without = dict(added_by(open_repository(made.folder), [(commit,)], absent=fail))
        assert [(hunk.path, hunk.first, hunk.count) for hunk in hunks] == [(hunk.path, hunk.first, hunk.count) for hunk in without[commit]]
    assert seen == list(commits)


def test_a_repository_that_is_none_is_told(tmp_path: Path, made: Making) -> None:
    for folder, fix in ((tmp_path, "name the folder of a git repository"), (tmp_path / "nowhere", "name a folder with a git repository")):
        with pytest.raises(WellspentError, match=fix):
            open_repository(folder)
    for tip in ("HEAD", "--help", "nowhere"):
        with pytest.raises(InvalidInput, match=r"name one, like main|name a branch, tag or commit|check out a branch that has commits"):
            list(Reader(open_repository(made.folder)).evidence(tip))


def test_git_that_fails_half_way_is_told(made: Making) -> None:
    made.commit()
    first = made.git("rev-parse", "HEAD")
    made.commit()
    (made.folder / ".git/objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(WellspentError, match="git cannot read"):
        list(Reader(open_repository(made.folder)).evidence())


def test_without_git_it_is_said(made: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotFound, match="git is not installed"):
        list(Reader(open_repository(made.folder)).evidence())


def test_who_leaves_early_leaves_no_process(made: Making) -> None:
    made.commit()
    made.commit()
    reading = Reader(open_repository(made.folder)).evidence()
    assert next(reading).commit
    reading.close()  # type: ignore[attr-defined]


def test_a_bare_repository_is_read_too(made: Making, tmp_path: Path) -> None:
    commit = made.commit("x\n\nMade-with: Cursor\n", author=PERSON)
    made.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    (found,) = Reader(open_repository(tmp_path / "bare.git")).evidence()
    assert found.commit == commit and of_commit(found).author.tool == "cursor"


def test_the_folders_in_which_assistants_may_have_worked(made: Making, tmp_path: Path) -> None:
    made.commit()
    made.git("worktree", "add", "-q", str(tmp_path / "beside"))
    made.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    roots = [str(made.folder), str(tmp_path / "beside")]
    assert roots_of(open_repository(made.folder)) == roots_of(open_repository(tmp_path / "beside")) == roots
    assert roots_of(open_repository(tmp_path / "bare.git")) == []
    whole = Making(tmp_path / "whole")
    whole.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "bare.git"), "part")
    assert str(whole.folder / "part") in roots_of(open_repository(whole.folder / "part"))
