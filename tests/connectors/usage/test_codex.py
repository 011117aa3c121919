from pathlib import Path

import pyarrow
import pytest
from tests.connectors.usage.writing import (
    CODEX_LOGS,
    OWN_TURN,
    PARENT,
    PARENT_TURN,
    THREAD,
    Line,
    meta,
    rollout,
    token_count,
    turn,
    usage_record,
    write,
)

from wellspent.connectors.usage.base import Billing, LoggedCall
from wellspent.connectors.usage.codex import Codex
from wellspent.facts.usage import Usage


def at(second: int, minute: int = 0) -> str:
    return f"2026-11-20T10:{minute:02d}:{second:02d}.000Z"


def read(folder: Path, billing: Billing = Billing.UNKNOWN, since_ms: int = 0) -> tuple[list[LoggedCall], list[str]]:
    source = Codex((folder / "sessions", folder / "archived_sessions"), billing)
    calls = sorted(source.calls(since_ms), key=lambda call: (call.at_ms, call.session))
    return calls, [f"{problem.times} {problem.what}" for problem in source.problems()]


def read_lines(folder: Path, *lines: Line | bytes) -> tuple[list[LoggedCall], list[str]]:
    write(rollout(folder), lines)
    return read(folder)


def answers(calls: list[LoggedCall]) -> list[tuple[int, int]]:
    return [(call.usage.context_tokens, call.usage.answer_tokens) for call in calls]


ONE, TWO, THREE = (100, 40, 10, 4), (250, 90, 30, 5), (600, 300, 50, 5)


def test_what_a_real_client_wrote_is_counted_once_per_response() -> None:
    calls, problems = read(CODEX_LOGS)
    assert problems == []
    assert [(call.message_id, call.model) for call in calls] == [("resp_stub1", "gpt-5"), ("resp_stub371", "gpt-5"), ("resp_stub372", "gpt-5")]
    assert {call.usage for call in calls} == {Usage(input_tokens=40, cache_read_tokens=80, output_tokens=4, output_reasoning_tokens=3)}
    assert {(call.client, call.project, call.provider, call.is_subagent) for call in calls} == {("codex", "/srv/apollo", "", False)}
    assert '"resp_stub372"' in calls[2].source.read_text().splitlines()[calls[2].line - 1]


def test_repeated_totals_are_one_call(tmp_path: Path) -> None:
    events = [
        token_count(at(1), ONE, ONE),
        token_count(at(2), ONE, ONE),
        token_count(at(3), TWO, (150, 50, 20, 1)),
        token_count(at(9), TWO, (150, 50, 20, 1)),
    ]
    calls, problems = read_lines(tmp_path, meta(), turn(), *events)
    assert [call.usage for call in calls] == [Usage(60, 40, 0, 0, 6, 4), Usage(100, 50, 0, 0, 19, 1)]
    assert problems == []


def test_two_calls_of_the_same_size_are_two(tmp_path: Path) -> None:
    calls, _ = read_lines(tmp_path, meta(), turn(), token_count(at(1), ONE, ONE), token_count(at(2), (200, 80, 20, 8), ONE))
    assert answers(calls) == [(100, 10), (100, 10)]


def test_a_total_that_falls_begins_anew(tmp_path: Path) -> None:
    events = [token_count(at(1), TWO, TWO), token_count(at(2), ONE, ONE), token_count(at(3), TWO, (150, 50, 20, 1))]
    assert answers(read_lines(tmp_path, meta(), turn(), *events)[0]) == [(250, 30), (100, 10), (150, 20)]


def test_an_old_total_said_again_is_no_new_beginning(tmp_path: Path) -> None:
    step = (150, 50, 20, 1)
    events = [
        token_count(at(1), ONE, ONE),
        token_count(at(2), TWO, step),
        token_count(at(3), THREE, (350, 210, 20, 0)),
        token_count(at(4), TWO, step),
    ]
    last = token_count(at(5), (700, 300, 50, 5), (100, 0, 0, 0))
    assert answers(read_lines(tmp_path, meta(), turn(), *events, last)[0]) == [(100, 10), (150, 20), (350, 20), (100, 0)]


def test_totals_alone_and_last_calls_alone_are_enough(tmp_path: Path) -> None:
    assert answers(read_lines(tmp_path, meta(), turn(), token_count(at(1), ONE), token_count(at(2), TWO))[0]) == [(100, 10), (150, 20)]
    alone = token_count(at(1), None, ONE)
    assert answers(read_lines(tmp_path, meta(), turn(), alone, alone, token_count(at(2), None, ONE))[0]) == [(100, 10), (100, 10)]


def test_calls_of_which_a_line_is_lost_are_in_the_next_total(tmp_path: Path) -> None:
    calls, _ = read_lines(tmp_path, meta(), turn(), token_count(at(1), ONE, ONE), token_count(at(3), THREE, (350, 210, 20, 0)))
    assert answers(calls) == [(100, 10), (500, 40)]


def test_a_file_that_goes_on_from_another_counts_its_own_calls_alone(tmp_path: Path) -> None:
    assert answers(read_lines(tmp_path, meta(), turn(), token_count(at(1), THREE, (350, 210, 20, 0)))[0]) == [(350, 20)]


def test_a_full_context_window_is_no_call(tmp_path: Path) -> None:
    """Codex then sets the total to the window's size, in total_tokens alone."""
    full = token_count(at(2), (0, 0, 0, 0), (0, 0, 0, 0))
    full["payload"]["info"]["total_token_usage"]["total_tokens"] = 272_000
    calls, problems = read_lines(tmp_path, meta(), turn(), token_count(at(1), TWO, TWO), full, token_count(at(3), ONE, ONE))
    assert answers(calls) == [(250, 30), (100, 10)]
    assert problems == []


def test_a_record_and_the_event_of_the_same_response_are_one_call(tmp_path: Path) -> None:
    lines = [
        meta(),
        turn(OWN_TURN),
        usage_record(at(1), "resp_1", ONE, ONE),
        token_count(at(2), ONE, ONE),
        usage_record(at(3), "resp_2", ONE, (200, 80, 20, 8)),
        token_count(at(4), (201, 80, 20, 8), ONE),
    ]
    calls, _ = read_lines(tmp_path, *lines)
    assert [call.message_id for call in calls] == ["resp_1", "resp_2"]
    assert answers(calls) == [(100, 10), (100, 10)]


def test_a_thread_that_a_newer_version_goes_on_with(tmp_path: Path) -> None:
    """Its first turn is told by totals, its second by records too."""
    older = [meta(), turn("019a0000-2100-7000-8000-0000000000cc"), token_count(at(1), ONE, ONE)]
    newer = [turn(OWN_TURN), usage_record(at(3), "resp_2", (150, 50, 20, 1), TWO), token_count(at(4), TWO, (150, 50, 20, 1))]
    assert answers(read_lines(tmp_path, *older, *newer)[0]) == [(100, 10), (150, 20)]


def test_the_model_is_that_of_the_turn(tmp_path: Path) -> None:
    change = {
        "timestamp": at(3),
        "type": "event_msg",
        "payload": {"type": "thread_settings_applied", "thread_settings": {"model": "o3", "service_tier": "fast"}},
    }
    events = [
        turn(service_tier="default"),
        token_count(at(1), ONE, ONE),
        turn(model="gpt-5-codex"),
        token_count(at(2), TWO),
        change,
        token_count(at(4), THREE),
    ]
    calls, _ = read_lines(tmp_path, meta(), *events)
    assert [(call.model, call.usage.service_tier) for call in calls] == [("gpt-5", ""), ("gpt-5-codex", ""), ("o3", "fast")]


def test_a_model_that_is_not_said_is_not_guessed(tmp_path: Path) -> None:
    (call,), _ = read_lines(tmp_path, meta(), token_count(at(1), ONE, ONE))
    assert call.model == ""
    assert call.usage.total_tokens == 110


HISTORY = [token_count(at(0), ONE, ONE), token_count(at(0), TWO, (150, 50, 20, 1))]
SLOW_HISTORY = [token_count(at(7), ONE, ONE), token_count(at(9), TWO, (150, 50, 20, 1))]
OWN = [token_count(at(30), TWO, (150, 50, 20, 1)), token_count(at(31), THREE, (350, 210, 20, 0))]
FORK: Line = {"forked_from_id": PARENT}
SPAWN: Line = {"source": {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}}


@pytest.mark.parametrize(
    "copied",
    [
        [meta(**FORK), meta(PARENT), turn(PARENT_TURN), *HISTORY, turn(OWN_TURN)],
        [meta(**FORK), turn(PARENT_TURN), *HISTORY, turn(OWN_TURN), meta(**FORK)],
        [meta(**SPAWN), turn(PARENT_TURN), *HISTORY, turn(OWN_TURN)],
        [meta(), meta(PARENT), turn(PARENT_TURN), *HISTORY, turn(OWN_TURN)],  # an old version, that does not say where it came from
        [meta(**FORK), turn(PARENT_TURN), *SLOW_HISTORY, turn(OWN_TURN)],
        [meta(**FORK), meta(PARENT), turn(), *HISTORY, turn()],  # turns without ids: what was stamped at once
    ],
)
def test_a_forks_copy_of_its_parents_calls_is_not_counted(tmp_path: Path, copied: list[Line]) -> None:
    write(rollout(tmp_path, PARENT), [meta(PARENT), turn(PARENT_TURN), token_count(at(0), ONE, ONE), token_count(at(5), TWO, (150, 50, 20, 1))])
    write(rollout(tmp_path), [*copied, *OWN])
    calls, problems = read(tmp_path)
    assert [(call.session, call.usage.context_tokens) for call in calls] == [(PARENT, 100), (PARENT, 150), (THREAD, 350)]
    assert problems == []


def test_a_fork_without_a_copy_counts_whole(tmp_path: Path) -> None:
    calls, _ = read_lines(tmp_path, meta(**SPAWN), turn(OWN_TURN), token_count(at(0), ONE, ONE), token_count(at(3), TWO))
    assert answers(calls) == [(100, 10), (150, 20)]
    assert {(call.is_subagent, call.agent) for call in calls} == {(True, THREAD)}


def test_copied_records_belong_to_the_parent(tmp_path: Path) -> None:
    write(rollout(tmp_path, PARENT), [meta(PARENT), turn(PARENT_TURN), usage_record(at(1), "resp_1", ONE, ONE, PARENT_TURN, PARENT)])
    copied = usage_record(at(0), "resp_1", ONE, ONE, PARENT_TURN, PARENT)
    write(rollout(tmp_path), [meta(**FORK), turn(PARENT_TURN), copied, turn(OWN_TURN), usage_record(at(9), "resp_2", (150, 50, 20, 1), TWO)])
    calls, problems = read(tmp_path)
    assert [(call.session, call.message_id) for call in calls] == [(PARENT, "resp_1"), (THREAD, "resp_2")]
    assert problems == []


def test_copied_calls_whose_own_log_is_gone_are_said(tmp_path: Path) -> None:
    calls, problems = read_lines(tmp_path, meta(**FORK), turn(PARENT_TURN), *HISTORY, turn(OWN_TURN), *OWN)
    assert answers(calls) == [(350, 20)]
    assert problems == ["2 a fork repeats a call of a session whose log is not here; when it was is not known, and it is not counted"]


def test_archived_and_compressed_copies_of_a_thread_count_once(tmp_path: Path) -> None:
    lines = [meta(), turn(), token_count(at(1), ONE, ONE), token_count(at(2), TWO), token_count(at(3), ONE, ONE)]
    plain = write(rollout(tmp_path), lines)
    write(rollout(tmp_path, kind="archived_sessions"), lines)
    packed = plain.with_name(plain.name + ".zst")
    packed.write_bytes(pyarrow.Codec("zstd").compress(plain.read_bytes(), asbytes=True))
    calls, problems = read(tmp_path)
    assert answers(calls) == [(100, 10), (150, 20), (100, 10)]
    assert problems == []
    plain.unlink()
    rollout(tmp_path, kind="archived_sessions").unlink()
    assert answers(read(tmp_path)[0]) == [(100, 10), (150, 20), (100, 10)]


def test_a_compressed_log_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = rollout(tmp_path).with_suffix(".jsonl.zst")
    whole = write(path, [meta(), turn(), token_count(at(1), ONE, ONE)]).read_bytes()
    path.write_bytes(pyarrow.Codec("zstd").compress(whole, asbytes=True)[:-4])
    _, problems = read(tmp_path)
    assert problems == ["1 a file cannot be read to its end (Truncated compressed stream); the rest of it is not counted"]


def test_a_plan_that_the_provider_speaks_of_is_a_subscription(tmp_path: Path) -> None:
    write(rollout(tmp_path), [meta(), turn(), token_count(at(1), ONE, ONE, plan_type="pro"), token_count(at(2), TWO)])
    calls, _ = read(tmp_path, Billing.API_KEY)
    assert {call.billing for call in calls} == {Billing.SUBSCRIPTION}


@pytest.mark.parametrize(
    ("provider", "billing", "prices"), [("openai", Billing.API_KEY, "openai"), ("gw", Billing.UNKNOWN, ""), ("ollama", Billing.UNKNOWN, "free")]
)
def test_another_provider_is_not_billed_to_the_account(tmp_path: Path, provider: str, billing: Billing, prices: str) -> None:
    write(rollout(tmp_path), [meta(model_provider=provider), turn(), token_count(at(1), ONE, ONE, plan_type=None)])
    (call,), _ = read(tmp_path, Billing.API_KEY)
    assert (call.billing, call.provider) == (billing, prices)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (token_count(at(9), (-1, 0, 0, 0)), "1 input_tokens is no number that can be true; the line is not counted"),
        (token_count(at(9), (10**13, 0, 0, 0)), "1 input_tokens is no number that can be true; the line is not counted"),
        (token_count(at(9), None), "1 an event says its usage in no known form; it is not counted"),
        (token_count("soon", TWO), "1 an event has no time that can be read; it is not counted"),
        ({**usage_record("", "r", ONE, ONE)}, "1 an event has no time that can be read; it is not counted"),
        ({"timestamp": at(9), "type": "token_usage_record", "payload": {}}, "1 an event says its usage in no known form; it is not counted"),
        (
            b'{"timestamp":"2026-11-20T10:00:09.000Z","type":"event_msg","pay',
            "1 a last line is not finished (its session is running, or was cut off); it is not counted",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_counted(tmp_path: Path, line: Line | bytes, problem: str) -> None:
    calls, problems = read_lines(tmp_path, meta(), turn(), token_count(at(1), ONE, ONE), line)
    assert answers(calls) == [(100, 10)]
    assert problems == [problem]


def test_limits_without_usage_are_no_problem(tmp_path: Path) -> None:
    refresh = {"timestamp": at(2), "type": "event_msg", "payload": {"type": "token_count", "info": None, "rate_limits": {"plan_type": None}}}
    assert read_lines(tmp_path, meta(), turn(), refresh) == ([], [])


def test_a_log_of_an_unknown_version_is_said_and_an_empty_one_is_not(tmp_path: Path) -> None:
    write(rollout(tmp_path), [])
    write(rollout(tmp_path, PARENT), [{"id": PARENT, "instructions": ""}, {"type": "message", "role": "user"}])
    calls, problems = read(tmp_path)
    assert calls == []
    assert problems == ["1 a log has no line in a known form (an old version of Codex wrote no usage); nothing of it is counted"]


def test_only_what_is_asked_for_but_totals_from_before_are_known(tmp_path: Path) -> None:
    write(rollout(tmp_path), [meta(), turn(), token_count(at(0), ONE), token_count(at(1), TWO), token_count(at(2), THREE)])
    write(rollout(tmp_path, PARENT), [meta(PARENT), turn(), token_count(at(0), ONE)], written_s=1_000)
    (first, *_), _ = read(tmp_path)
    calls, problems = read(tmp_path, since_ms=first.at_ms + 2_000)
    assert answers(calls) == [(350, 20)]
    assert problems == []


def test_where_it_looks() -> None:
    assert Codex.here({"HOME": "/h"}).folders == (Path("/h/.codex/sessions"), Path("/h/.codex/archived_sessions"))
    assert Codex.here({"HOME": "/h", "CODEX_HOME": "/c"}).folders == (Path("/c/sessions"), Path("/c/archived_sessions"))
