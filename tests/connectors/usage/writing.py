"""Logs as the agents write them, line by line."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

LOGS = Path(__file__).parent / "logs"
CLAUDE_LOGS, CODEX_LOGS = LOGS / "claude", LOGS / "codex"
Line = dict[str, Any]


def write(path: Path, lines: Iterable[Line | bytes], written_s: float | None = None) -> Path:
    """A log of these lines; bytes are written as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line if isinstance(line, bytes) else orjson.dumps(line) + b"\n" for line in lines))
    if written_s is not None:
        os.utime(path, (written_s, written_s))
    return path


def answer(message: str = "msg_1", request: str | None = "req_1", out: int = 10, at: str | None = "2026-11-20T10:00:00.000Z", **more: Any) -> Line:
    """One line of Claude Code about an answer: 100 tokens in, 1,000 read from the cache, 50 written to it."""
    usage = {
        "input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 50,
        "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 0},
        "output_tokens": out,
        "server_tool_use": {"web_search_requests": 0},
        "service_tier": "standard",
        **more.pop("usage", {}),
    }
    line = {
        "type": "assistant",
        "timestamp": at,
        "sessionId": "session-a",
        "cwd": "/srv/apollo",
        "gitBranch": "main",
        "isSidechain": False,
        "requestId": request,
        "uuid": f"line {message} {request} {out}",
        "message": {"id": message, "role": "assistant", "model": more.pop("model", "claude-opus-4-8"), "content": [], "usage": usage},
        **more,
    }
    return {name: value for name, value in line.items() if value is not None}


THREAD, PARENT = "019a0000-2000-7000-8000-000000000002", "019a0000-1000-7000-8000-000000000001"
PARENT_TURN, OWN_TURN = "019a0000-1500-7000-8000-0000000000aa", "019a0000-2500-7000-8000-0000000000bb"


def rollout(folder: Path, thread: str = THREAD, kind: str = "sessions") -> Path:
    """Where Codex keeps a thread."""
    return folder / kind / "2026/11/20" / f"rollout-2026-11-20T10-00-00-{thread}.jsonl"


def meta(thread: str = THREAD, at: str = "2026-11-20T10:00:00.000Z", **more: Any) -> Line:
    """How a rollout begins."""
    payload = {"id": thread, "timestamp": at, "cwd": "/srv/apollo", "git": {"branch": "main"}, "model_provider": "openai", **more}
    return {"timestamp": at, "type": "session_meta", "payload": payload}


def turn(turn_id: str | None = None, model: str | None = "gpt-5", at: str = "2026-11-20T10:00:00.000Z", **more: Any) -> Line:
    """A turn begins."""
    payload = {"turn_id": turn_id, "model": model, "cwd": "/srv/apollo", **more}
    return {"timestamp": at, "type": "turn_context", "payload": {name: value for name, value in payload.items() if value is not None}}


def tokens(quantities: Sequence[int]) -> Mapping[str, int]:
    """Input, of it cached, output, of it reasoning."""
    total_in, cached, out, reasoning = quantities
    return {
        "input_tokens": total_in,
        "cached_input_tokens": cached,
        "output_tokens": out,
        "reasoning_output_tokens": reasoning,
        "total_tokens": total_in + out,
    }


def token_count(at: str, total: Sequence[int] | None, last: Sequence[int] | None = None, **limits: Any) -> Line:
    """A ``token_count`` event."""
    said = {"total_token_usage": total, "last_token_usage": last}
    info = {name: tokens(value) for name, value in said.items() if value is not None}
    return {"timestamp": at, "type": "event_msg", "payload": {"type": "token_count", "info": info, "rate_limits": limits or None}}


def usage_record(at: str, response: str, own: Sequence[int], total: Sequence[int], turn_id: str = OWN_TURN, thread: str = THREAD) -> Line:
    """A ``token_usage_record``."""
    payload = {"thread_id": thread, "turn_id": turn_id, "response_id": response, "usage": tokens(own), "thread_token_usage": tokens(total)}
    return {"timestamp": at, "type": "token_usage_record", "payload": payload}
