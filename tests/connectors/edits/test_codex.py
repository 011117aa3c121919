from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.usage.writing import PARENT, THREAD, Line, meta, rollout, turn, write

from wellspent.connectors.edits.codex import changed, codex_edits, patched
from wellspent.connectors.usage.base import Problems
from wellspent.rework.authorship.claim import ai
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.transcript import Edit

AT = "2026-11-20T10:00:00.000Z"
AT_MS = 1_795_168_800_000
PATCH = "*** Begin Patch\n*** Update File: a.py\n@@\n a first line\n-x\n+a second line\n*** End Patch"


def event(kind: str, call: str = "call_1", at: str | None = AT, **more: Any) -> Line:
    return {"timestamp": at, "type": "event_msg", "payload": {"type": kind, "call_id": call, **more}}


def item(kind: str, call: str = "call_1", **more: Any) -> Line:
    return {"timestamp": AT, "type": "response_item", "payload": {"type": kind, "call_id": call, **more}}


def ended(changes: Mapping[str, object], success: bool = True) -> Line:
    return event("patch_apply_end", success=success, stdout="Success.", changes=changes)


def update(*lines: str) -> dict[str, object]:
    return {"type": "update", "unified_diff": "".join(["@@ -1 +1,2 @@\n", *(f"{line}\n" for line in lines)]), "move_path": None}


def read(folder: Path, *lines: Line, since_ms: int = 0) -> list[Edit]:
    if lines:
        write(rollout(folder), [meta(), turn(model="gpt-5.2-codex"), *lines])
    return list(codex_edits([folder], Problems(), since_ms))


def edit(*lines: str, path: str = "/srv/apollo/a.py", session: str = THREAD) -> Edit:
    return Edit(ai("codex", "gpt-5.2-codex", session), AT_MS, path, hashed(path, lines))


def test_what_a_patch_did_is_said_by_its_end(tmp_path: Path) -> None:
    changes = {
        "/srv/apollo/a.py": update(" a first line", "-x", "+a second line"),
        "b.py": {"type": "add", "content": "alpha\nbeta\n"},
        "c.py": {"type": "delete", "content": "x"},
    }
    assert read(tmp_path, ended(changes)) == [edit("a second line"), edit("alpha", "beta", path="/srv/apollo/b.py")]


def test_a_patch_that_failed_wrote_nothing(tmp_path: Path) -> None:
    assert (
        read(
            tmp_path,
            ended({"a.py": update("+a second line")}, success=False),
            event("patch_apply_begin", "call_2", changes={"a.py": update("+a second line")}),
        )
        == []
    )


def test_older_logs_say_at_the_beginning_what_is_done_at_the_end(tmp_path: Path) -> None:
    begun = event(
        "patch_apply_begin", changes={"/srv/apollo/a.py": {"update": {"unified_diff": "@@\n+a second line\n"}}, "b": {"delete": {"content": "x"}}}
    )
    assert read(tmp_path, begun, event("patch_apply_end", success=True)) == [edit("a second line")]


@pytest.mark.parametrize(
    "called",
    [
        item("custom_tool_call", name="apply_patch", input=PATCH),
        item(
            "function_call",
            name="functions.apply_patch",
            arguments='{"patch": "*** Begin Patch\\n*** Update File: a.py\\n+a second line\\n*** End Patch"}',
        ),
        item("function_call", name="apply_patch", arguments='{"input": "*** Begin Patch\\n*** Update File: a.py\\n+a second line\\n*** End Patch"}'),
    ],
)
@pytest.mark.parametrize(
    "output", ['{"output":"Success. Updated the following files:\\nM a.py\\n","metadata":{"exit_code":0}}', "Exit code: 0\nOutput:"]
)
def test_logs_without_events_have_the_call_and_its_answer(tmp_path: Path, called: Line, output: str) -> None:
    answer = item(f"{called['payload']['type']}_output", output=output)
    assert read(tmp_path, called, answer) == [edit("a second line")]
    assert read(tmp_path, called, item(f"{called['payload']['type']}_output", output="error: no such line")) == []


def test_a_patch_counts_once_though_event_and_call_both_tell_of_it(tmp_path: Path) -> None:
    called, answer = item("custom_tool_call", name="apply_patch", input=PATCH), item("custom_tool_call_output", output="Success.")
    assert read(tmp_path, called, ended({"a.py": update("+a second line")}), answer) == [edit("a second line")]
    assert read(tmp_path, called, answer, ended({"a.py": update("+a second line")})) == [edit("a second line")]


def test_a_fork_that_copies_its_parent_adds_nothing(tmp_path: Path) -> None:
    lines = [turn(model="gpt-5.2-codex"), ended({"a.py": update("+a second line")})]
    write(rollout(tmp_path, PARENT), [meta(PARENT), *lines])
    write(rollout(tmp_path, THREAD), [meta(THREAD, forked_from_id=PARENT), meta(PARENT, cwd="/elsewhere"), *lines])
    assert read(tmp_path) == [edit("a second line", session=PARENT)]


def test_only_edits_since_a_moment_and_with_a_time(tmp_path: Path) -> None:
    assert read(tmp_path, ended({"a.py": update("+a second line")}), since_ms=AT_MS + 1) == []
    problems = Problems()
    write(rollout(tmp_path), [meta(), event("patch_apply_end", at=None, success=True, changes={"a.py": update("+a second line")})])
    assert list(codex_edits([tmp_path], problems)) == [] and problems.times == 1


def test_odd_calls_are_no_patches(tmp_path: Path) -> None:
    odd = [("{", None), ("[]", None), (None, 3), ("{}", None)]
    calls = [item("function_call", f"c{n}", name="apply_patch", arguments=text, input=given) for n, (text, given) in enumerate(odd)]
    outputs = [item("function_call_output", f"c{n}", output="Success.") for n in range(len(odd))]
    assert read(tmp_path, *calls, *outputs, item("function_call", "c9", name="shell", arguments="{}")) == []


def test_files_that_are_moved_are_told_by_their_new_name() -> None:
    assert patched("*** Update File: a\n*** Move to: b\n+a first line\n*** Add File: c\n+a second line\n*** Delete File: d\n+") == {
        "b": ["a first line"],
        "c": ["a second line"],
        "d": [""],
    }
    assert changed({"a": {"type": "update", "unified_diff": "--- a\n+++ b\n@@\n+a first line", "move_path": "b"}, "x": 3}) == {"b": ["a first line"]}
