"""However the lines of the same calls are cut up, repeated and shuffled over files, they are the same calls."""

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connectors.usage.writing import OWN_TURN, THREAD, Line, answer, meta, rollout, token_count, turn, usage_record, write

from wellspent.connectors.usage.claude_code import ClaudeCode
from wellspent.connectors.usage.codex import Codex

answers = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["req_a", None]),
        st.integers(1, 500),
        st.integers(0, 59),
        st.booleans(),
        st.sampled_from(["session-a", "session-b"]),
    ),
    min_size=1,
    max_size=12,
)


def claude_calls(files: list[list[Line]]) -> list[tuple[object, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        for number, lines in enumerate(files):
            write(Path(folder) / "p" / f"{number}.jsonl", lines)
        found = ClaudeCode((Path(folder),)).calls()
        return sorted((call.message_id, call.request_id, call.at_ms, call.session, call.is_subagent, call.usage.output_tokens) for call in found)


@settings(max_examples=150, deadline=None)
@given(answers, st.data())
def test_claude_code(said: list[tuple[int, str | None, int, int, bool, str]], data: st.DataObject) -> None:
    lines = [
        answer(f"msg_{message}", request, out, f"2026-11-20T10:00:{second:02d}.000Z", isSidechain=side, sessionId=session)
        for message, request, out, second, side, session in said
    ]
    expected = claude_calls([lines])
    assert [call[0] for call in expected] == sorted({line["message"]["id"] for line in lines})
    for message, *_, output in expected:
        assert output == max(line["message"]["usage"]["output_tokens"] for line in lines if line["message"]["id"] == message)
    shuffled = data.draw(st.permutations(lines + data.draw(st.lists(st.sampled_from(lines), max_size=6))))
    files: list[list[Line]] = [[], [], []]
    for line in shuffled:
        files[data.draw(st.integers(0, 2))].append(line)
    assert claude_calls(files) == expected


def codex_total(files: list[list[Line]]) -> tuple[int, int]:
    with tempfile.TemporaryDirectory() as folder:
        for number, lines in enumerate(files):
            write(rollout(Path(folder)).with_name(f"rollout-{number}-{THREAD}.jsonl"), lines)
        calls = list(Codex((Path(folder),)).calls())
        return sum(call.usage.total_tokens for call in calls), len(calls)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=10), st.booleans(), st.integers(0, 2**32))
def test_codex(said: list[tuple[int, int, bool]], records: bool, seed: int) -> None:
    """Small quantities, so that many calls are of the same size."""
    lines: list[Line] = []
    total_in = total_out = expected = 0
    for second, (read, written, anew) in enumerate(said):
        fallen = anew and total_in > read and not records
        total_in, total_out = (read, written) if fallen else (total_in + read, total_out + written)
        expected += read + written
        own, total, at = (read, 0, written, 0), (total_in, 0, total_out, 0), f"2026-11-20T10:00:{second:02d}"
        lines += [usage_record(f"{at}.100Z", f"resp_{second}", own, total)] if records else []
        lines += [token_count(f"{at}.200Z", total, own), token_count(f"{at}.300Z", total, own)]
    order = random.Random(seed)
    shuffled = lines + order.choices(lines, k=order.randrange(6))
    order.shuffle(shuffled)
    files: list[list[Line]] = [[meta(), turn(OWN_TURN)] for _ in range(3)]
    for line in shuffled:
        order.choice(files).append(line)
    assert codex_total(files) == (expected, len(said))
