"""Who wrote commits, and how good the evidence is, on the command line."""

import csv
import io
import json
from datetime import UTC, datetime

from tests.rework.authorship.making import Making, agent, metadata
from tests.surfaces.cli.seeded import Folder

CLAUDE = "\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
NOTED = {"agents": 3, "people": 0, "unknown": 1, "known_percent": 75.0}


def made(folder: Folder, name: str = "app") -> Making:
    """Four commits: a note and a trailer that agree on two lines of three; a note that denies a trailer; a trailer alone; nothing."""
    made = Making(folder.path / name)
    made.write("a.py", "one = 1", "two = 2", "three = 3")
    noted = made.commit(f"a change{CLAUDE}")
    made.note(noted, "a.py\n  s_00000000000000::t_1 1-2\n" + metadata(sessions={"s_00000000000000": agent()}))
    made.write("b.py", "four = 4")
    denied = made.commit(f"another{CLAUDE}")
    made.note(denied, metadata())
    made.commit(f"a third{CLAUDE}")
    made.commit("a fourth")
    return made


def test_coverage_comes_first_then_each_rung_against_better_ones(empty: Folder) -> None:
    repository = made(empty)
    told = empty.run("rework", "--audit", cwd=repository.folder)
    assert told.code == 0 and told.err == ""
    about, known, *rest = told.out.splitlines()
    assert about == f"., up to {repository.git('rev-parse', 'HEAD')[:12]}, merges apart"
    assert known.startswith("The author of 75.0 % of 4 commits is known: an agent took part in 3, 0 are attested to people. Of 1 it is unknown")
    head, commits, lines = (" ".join(line.split()) for line in rest[rest.index("") + 1 :])
    assert head == "rung against of precision recall same tool an agent, by the rung by the better one by both"
    assert commits == "co-author trailer git-ai note commits 50.0 % 100.0 % 100.0 % 2 1 1"
    assert lines == "co-author trailer git-ai note lines 50.0 % 100.0 % 100.0 % 4 2 2"


def test_for_machines(empty: Folder) -> None:
    repository = made(empty)
    (found,) = json.loads(empty.run("rework", "app", "--audit", "--json").out)
    assert (found["repository"], found["tip"], found["commits"]) == ("app", repository.git("rev-parse", "HEAD"), 4)
    assert NOTED.items() <= found.items() and found["by_rung"] == {"git-ai note": 1, "co-author trailer": 2} and found["problems"] == {}
    assert [(each["rung"], each["better"], each["of"], each["precision_percent"], each["recall_percent"]) for each in found["rungs"]] == [
        ("co-author trailer", "git-ai note", "commits", 50.0, 100.0),
        ("co-author trailer", "git-ai note", "lines", 50.0, 100.0),
    ]
    Making(empty.path / "plain").commit("nobody knows")
    rows = list(csv.DictReader(io.StringIO(empty.run("rework", "app", "plain", "--audit", "--csv").out)))
    assert [(row["repository"], row["unknown"], row["rung"], row["of"], row["recall_percent"]) for row in rows] == [
        ("app", "1", "co-author trailer", "commits", "100.0"),
        ("app", "1", "co-author trailer", "lines", "100.0"),
        ("plain", "1", "", "", ""),
    ]
    told = empty.run("rework", "plain", "--audit")
    assert "The author of 0.0 % of 1 commits is known" in told.out and "no rung can be audited: no commit is spoken of by two rungs" in told.err


def test_what_assistants_on_this_machine_wrote_is_a_rung(empty: Folder) -> None:
    """Their log says that they wrote the second and the third line; the note knows of the first and the second."""
    repository = made(empty)
    path, session = str(repository.folder / "a.py"), "11111111-2222-4333-8444-555555555555"
    at = datetime.fromtimestamp(repository.at_s - 300, UTC).isoformat()
    block = {"type": "tool_use", "id": "t1", "name": "Edit", "input": {"file_path": path, "new_string": "two = 2\nthree = 3\n"}}
    asked = {"type": "assistant", "timestamp": at, "sessionId": session, "message": {"model": "claude-opus-4-6", "content": [block]}}
    result = {"filePath": path, "structuredPatch": [{"lines": [" one = 1", "+two = 2", "+three = 3"]}]}
    answer = {"type": "user", "timestamp": at, "sessionId": session, "message": {"content": [{"type": "tool_result", "tool_use_id": "t1"}]}}
    log = empty.path / ".claude/projects/app/s.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(f"{json.dumps(asked)}\n{json.dumps({**answer, 'toolUseResult': result})}\n")
    (found,) = json.loads(empty.run("rework", "app", "--audit", "--json").out)
    (lines,) = [each for each in found["rungs"] if (each["rung"], each["better"], each["of"]) == ("transcript", "git-ai note", "lines")]
    assert (lines["agent_by_rung"], lines["agent_by_better"], lines["both"], lines["same_tool_percent"]) == (2, 2, 1, 100.0)


def test_what_cannot_be_read_is_told_and_the_others_are(empty: Folder) -> None:
    repository = made(empty)
    blob = repository.git("rev-parse", "HEAD:b.py")
    (repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    (empty.path / "none").mkdir()
    Making(empty.path / "new")
    told = empty.run("rework", "--audit", "none", "app", "nowhere", "new", "--json")
    assert told.code == 1 and [each["repository"] for each in json.loads(told.out)] == ["app"]
    assert "wellspent: none is not a git repository that can be read" in told.err
    assert "wellspent: there is no nowhere\n  to do: name a folder with a git repository" in told.err
    assert "wellspent: new cannot be measured: it has no commits yet" in told.err
    assert "app: once: a commit's text is not here (a partial clone)" in told.err and "Traceback" not in told.err


def test_flags_of_the_other_report_are_refused(empty: Folder) -> None:
    made(empty)
    for flags in (("--all",), ("--days", "7"), ("--no-moves",), ("--left-out",), ("--fresh",)):
        told = empty.run("rework", "app", "--audit", *flags)
        assert told.code == 2 and f"leave out {flags[0]} or --audit" in told.err and told.out == ""
    told = empty.run("rework", "app", "--audit", "--ref", "release")
    assert told.code == 1 and "it has no commit called 'release'" in told.err
