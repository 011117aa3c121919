"""Claude Code's session logs: ``projects/PROJECT/SESSION.jsonl``, and those of its subagents below.

The client writes a line for every block of an answer, each with the answer's usage so far, and copies lines into sessions that resume or
fork another. So an answer is known by ``message.id`` and ``requestId`` over all files, and its most complete line counts. Anthropic says of
these figures that they are estimates by the client (Claude Code docs, Costs): output can be missing where the last line was never written.
"""

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.connectors.usage.base import BadCount, Billing, LoggedCall, Problem, Problems, count_of, object_of, text_of
from wellspent.connectors.usage.billing import claude_code_billing
from wellspent.connectors.usage.files import folders_named, home_of, log_files, moment_ms, named, records
from wellspent.facts.usage import Usage

CLIENT = "claude-code"
MARKS = (b'"usage"',)
SYNTHETIC = "<synthetic>"  # the client's own words, e.g. of a refusal; no model was asked
MARGIN_MS = int(limits.LOG_STREAM_S_MAX * 1000)
UNCHARGED_REGIONS = ("", "global", "not_available")  # docs: Data residency
CLOUDS = (("msg_bdrk_", "aws"), ("msg_vrtx_", "google"))  # how ids of answers begin that came by way of a cloud
MAKERS = (("claude", "anthropic"), ("glm", "zai"), ("kimi", "moonshotai"), ("minimax", "minimax"))


class ClaudeCode:
    """The UsageSource of Claude Code's logs."""

    client = CLIENT

    def __init__(self, folders: tuple[Path, ...], billing: Billing = Billing.UNKNOWN) -> None:
        self.folders = folders
        self._billing = billing
        self._problems = Problems()

    @classmethod
    def here(cls, env: Mapping[str, str]) -> "ClaudeCode":
        """The logs of this machine: those of ``CLAUDE_CONFIG_DIR`` (several with commas), else of the two usual places."""
        home = home_of(env)
        config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
        homes = folders_named(env, "CLAUDE_CONFIG_DIR", (home / ".claude", config / "claude"))
        folders = tuple(each if each.name == "projects" else each / "projects" for each in homes)
        profiles = homes if env.get("CLAUDE_CONFIG_DIR") else (home, *homes)
        return cls(folders, claude_code_billing(env, profiles, homes))

    def calls(self, since_ms: int = 0) -> Iterator[LoggedCall]:
        """See UsageSource. Nothing is given before everything is read: any file may hold the fuller line of an answer."""
        self._problems = Problems()
        answers: dict[tuple[str, str], Answer] = {}
        for folder in self.folders:
            for log in log_files(folder, (".jsonl",), self._problems):
                if log.written_ms < since_ms - MARGIN_MS:
                    continue
                for key, call in self._file(folder, log.path, since_ms - MARGIN_MS):
                    answers[key] = answers[key].joined(Answer.of(call)) if key in answers else Answer.of(call)
        for call in settled(answers):
            if not call.usage.total_tokens:
                self._problems.add("an answer is logged without any tokens; what it cost is not known, and it is not counted", call.source, call.line)
            elif call.at_ms >= since_ms:
                yield call

    def problems(self) -> tuple[Problem, ...]:
        """See UsageSource."""
        return self._problems.found()

    def _file(self, folder: Path, path: Path, since_ms: int) -> Iterator[tuple[tuple[str, str], LoggedCall]]:
        names: dict[str, str] = {}  # every name once in memory, however many lines say it
        parts = path.relative_to(folder).parts
        for line, record in records(path, MARKS, self._problems):
            answer = answer_in(record)
            if answer is None:
                continue
            try:
                call = self._call(answer, path, line, names)
            except BadCount as field:
                self._problems.add(f"{field} is no number that can be true; the line is not counted", path, line)
                continue
            if call is None or call.at_ms < since_ms:
                continue
            project = names.get(f"in {call.project}")
            if project is None:
                project = names[f"in {call.project}"] = project_of(call.project, named(parts[0]) if len(parts) > 1 else "")
            yield key_of(answer, call), msgspec.structs.replace(call, project=project)

    def _call(self, record: dict[str, Any], path: Path, line: int, names: dict[str, str]) -> LoggedCall | None:
        def name(fields: dict[str, Any], field: str) -> str:
            text = text_of(fields, field)
            return names.setdefault(text, text)

        message = record["message"]
        model = name(message, "model")
        if model == SYNTHETIC:
            return None
        at_ms = moment_ms(record.get("timestamp"))
        if at_ms is None:
            self._problems.add("an answer has no time that can be read; it is not counted", path, line)
            return None
        usage = message.get("usage")
        if not isinstance(usage, dict):
            self._problems.add("an answer has no usage in a known form; it is not counted", path, line)
            return None
        region = text_of(usage, "inference_geo")
        if region not in UNCHARGED_REGIONS:
            self._problems.add("inference is bound to a region, whose surcharge has no known price; it is not in the amounts", path, line)
        message_id, agent = text_of(message, "id"), name(record, "agentId")
        return LoggedCall(
            at_ms=at_ms,
            client=CLIENT,
            session=name(record, "sessionId") or named(path.stem),
            project=name(record, "cwd"),
            branch=name(record, "gitBranch"),
            model=model,
            provider=provider_of(model, message_id),
            usage=usage_from(usage),
            message_id=message_id,
            request_id=text_of(record, "requestId"),
            billing=Billing.API_KEY if message_id.startswith(tuple(start for start, _ in CLOUDS)) else self._billing,
            is_subagent=bool(agent) or record.get("isSidechain") is True,
            agent=agent,
            source=path,
            line=line,
        )


class Answer(Struct, frozen=True):
    """All lines of one answer.

    Attributes:
        began: The line it began with: it says whose it is.
        usage: Of its most complete line, which ``source`` and ``line`` name.
        at_ms: The earliest time that any says.
    """

    began: LoggedCall
    at_ms: int
    request_id: str
    usage: Usage
    source: Path
    line: int

    @classmethod
    def of(cls, call: LoggedCall) -> "Answer":
        """An answer of which one line is known."""
        return cls(call, call.at_ms, call.request_id, call.usage, call.source, call.line)

    def joined(self, other: "Answer") -> "Answer":
        """Both as one, the same in whatever order lines come."""
        began = min(self.began, other.began, key=_origin)
        full = max(self, other, key=_completeness)
        request_id = max(self.request_id, other.request_id)
        return Answer(began, min(self.at_ms, other.at_ms), request_id, full.usage, full.source, full.line)

    def call(self) -> LoggedCall:
        """The call that they are."""
        return msgspec.structs.replace(self.began, at_ms=self.at_ms, request_id=self.request_id, usage=self.usage, source=self.source, line=self.line)


def key_of(record: dict[str, Any], call: LoggedCall) -> tuple[str, str]:
    """What an answer is known by: its message and request. One without a message id by its request, its line's own id, or all it says."""
    if call.message_id:
        return call.message_id, call.request_id
    return "", call.request_id or text_of(record, "uuid") or f"{call.session} {call.at_ms} {call.usage}"


def settled(answers: Mapping[tuple[str, str], Answer]) -> Iterator[LoggedCall]:
    """Each call once. A line without a request id, or copied into a subagent's log under a new one, belongs to the answer of its message id."""
    for message_id, keys in groupby(sorted(answers), key=lambda key: key[0]):
        own: list[Answer] = []
        loose: list[Answer] = []
        for key in keys:
            answer = answers[key]
            is_own = not message_id or (key[1] != "" and not answer.began.is_subagent)
            (own if is_own else loose).append(answer)
        own.sort(key=lambda answer: _origin(answer.began))
        if loose:
            whole = reduce(Answer.joined, loose + own[:1])
            own[:1] = [msgspec.structs.replace(whole, request_id=own[0].request_id) if own else whole]
        yield from (answer.call() for answer in own)


def _origin(call: LoggedCall) -> tuple[object, ...]:
    return call.is_subagent, call.at_ms, call.session, call.agent, str(call.source), call.line


def _completeness(answer: Answer) -> tuple[object, ...]:
    usage = answer.usage  # an older line can have all written tokens as short-lived ones
    return usage.answer_tokens, usage.context_tokens, usage.cache_write_1h_tokens, msgspec.structs.astuple(usage), str(answer.source), answer.line


def answer_in(record: dict[str, Any]) -> dict[str, Any] | None:
    """The record of an answer: the line itself, or what a parent's log repeats of a subagent. None for all other lines."""
    if record.get("type") == "progress":
        inner = object_of(object_of(record, "data"), "message")
        if not inner.get("message"):
            return None
        agent = text_of(object_of(record, "data"), "agentId")
        record = {**record, **inner, "isSidechain": True, **({"agentId": agent} if agent else {})}
    message = record.get("message")
    if not isinstance(message, dict) or "usage" not in message or record.get("type", "assistant") != "assistant":
        return None
    return record


def usage_from(usage: dict[str, Any]) -> Usage:
    """Anthropic counts cached and written tokens beside ``input_tokens``; writes of old logs, without a split, are of the short lifetime.

    A compaction at the provider is a sampling of its own, billed but not in the sums (docs: Compaction, usage.iterations). Raises BadCount.
    """
    samplings = [usage]
    iterations = usage.get("iterations")
    if isinstance(iterations, list):
        samplings += [each for each in iterations if isinstance(each, dict) and each.get("type") == "compaction"]
    written = hour = 0
    for each in samplings:
        split = object_of(each, "cache_creation")
        each_hour = count_of(split, "ephemeral_1h_input_tokens")
        hour += each_hour
        written += max(count_of(each, "cache_creation_input_tokens"), each_hour + count_of(split, "ephemeral_5m_input_tokens"))
    tier = text_of(usage, "speed") if usage.get("speed") == "fast" else text_of(usage, "service_tier")
    return Usage(
        input_tokens=sum(count_of(each, "input_tokens") for each in samplings),
        cache_read_tokens=sum(count_of(each, "cache_read_input_tokens") for each in samplings),
        cache_write_5m_tokens=written - hour,
        cache_write_1h_tokens=hour,
        output_tokens=sum(count_of(each, "output_tokens") for each in samplings),
        web_searches=count_of(object_of(usage, "server_tool_use"), "web_search_requests"),
        service_tier=tier if tier != "standard" else "",
    )


def provider_of(model: str, message_id: str) -> str:
    """Whose prices apply: the cloud's that answered, else the maker's."""
    for start, provider in CLOUDS:
        if message_id.startswith(start):
            return provider
    if re.search(r"(^|\.)anthropic\.", model):
        return "aws"
    return next((provider for start, provider in MAKERS if model.lower().startswith(start)), "")


def project_of(cwd: str, folder: str) -> str:
    """The folder a session was begun in: the one at or above its working folder that the log's folder is named after (``/a/b.c``: ``-a-b-c``)."""
    if not cwd:
        return folder
    at = Path(cwd)
    return next((str(each) for each in (at, *at.parents) if re.sub(r"[^A-Za-z0-9]", "-", str(each)) == folder), cwd)
