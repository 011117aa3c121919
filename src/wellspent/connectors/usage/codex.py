"""Codex' session logs: ``sessions/YYYY/MM/DD/rollout-TIME-THREAD.jsonl``, and the archived ones.

Files that have rested for a week are compressed to ``.jsonl.zst`` (openai/codex, rollout/src/compression.rs).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from wellspent.connectors.usage.base import BadCount, Billing, LoggedCall, Problem, Problems, count_of, object_of, text_of
from wellspent.connectors.usage.billing import codex_billing
from wellspent.connectors.usage.codex_thread import FIELDS, UUID, Context, Event, Replay, Tokens, calls_in, usage_of
from wellspent.connectors.usage.files import COMPRESSED, folders_named, home_of, log_files, moment_ms, named, records
from wellspent.pricing.pricelist import FREE

CLIENT = "codex"
MARKS = tuple(
    f'"{name}"'.encode() for name in ("token_count", "token_usage_record", "turn_context", "task_started", "session_meta", "thread_settings")
)
OPENAI = ("", "openai")
LOCAL = ("oss", "ollama", "lmstudio")  # Codex' names for models on the person's own machine
STANDARD_TIERS = ("auto", "default", "standard")


class Codex:
    """The UsageSource of Codex' logs."""

    client = CLIENT

    def __init__(self, folders: tuple[Path, ...], billing: Billing = Billing.UNKNOWN) -> None:
        self.folders = folders
        self._billing = billing
        self._problems = Problems()

    @classmethod
    def here(cls, env: Mapping[str, str]) -> "Codex":
        """The logs of this machine: those of ``CODEX_HOME`` (several with commas), else of the usual place."""
        homes = folders_named(env, "CODEX_HOME", (home_of(env) / ".codex",))
        return cls(tuple(home / name for home in homes for name in ("sessions", "archived_sessions")), codex_billing(homes))

    def calls(self, since_ms: int = 0) -> Iterator[LoggedCall]:
        """See UsageSource. Nothing is given before everything is read: a thread can be in several files."""
        self._problems = Problems()
        threads: dict[str, list[Rollout]] = {}
        names: list[str] = []
        for folder in self.folders:
            for log in log_files(folder, (".jsonl", ".jsonl" + COMPRESSED), self._problems):
                names.append(log.path.name)
                if log.written_ms >= since_ms and log.size_bytes:
                    rollout = Rollout(log.path, since_ms, self._problems)
                    rollout.read()
                    threads.setdefault(rollout.replay.thread, []).append(rollout)
        known = set(threads) | {found for name in names for found in UUID.findall(name)}
        for rollouts in threads.values():
            for rollout in rollouts:
                if rollout.copies and rollout.replay.parent not in known:
                    what = "a fork repeats a call of a session whose log is not here; when it was is not known, and it is not counted"
                    self._problems.add(what, rollout.path, times=rollout.copies)
            yield from self._thread(rollouts)

    def problems(self) -> tuple[Problem, ...]:
        """See UsageSource."""
        return self._problems.found()

    def _thread(self, rollouts: Sequence["Rollout"]) -> Iterator[LoggedCall]:
        has_plan = any(rollout.has_plan for rollout in rollouts)
        for event, tokens in calls_in(chain.from_iterable(rollout.events for rollout in rollouts)):
            context = event.context
            own_account = self._billing if context.model_provider in OPENAI else Billing.UNKNOWN
            yield LoggedCall(
                at_ms=event.at_ms,
                client=CLIENT,
                session=context.session,
                project=context.project,
                branch=context.branch,
                model=context.model,
                provider="openai" if context.model_provider in OPENAI else FREE if context.model_provider in LOCAL else "",
                usage=usage_of(tokens, context.service_tier),
                message_id=event.response_id,
                billing=Billing.SUBSCRIPTION if has_plan else own_account,
                is_subagent=context.is_subagent,
                agent=context.agent,
                source=Path(event.source),
                line=event.line,
            )


class Rollout:
    """One file, read from its beginning: what holds changes from line to line.

    Attributes:
        events: What says usage. Of events that do not count only the last of a row is kept, for its total.
        copies: How many calls of another session it repeats.
        has_plan: Whether the provider spoke of the limits of a subscription.
    """

    def __init__(self, path: Path, since_ms: int, problems: Problems) -> None:
        self.path = path
        found = UUID.search(path.name)
        self.replay = Replay(found[0] if found else named(str(path)))
        self.events: list[Event] = []
        self.copies = 0
        self.has_plan = False
        self._since_ms, self._problems = since_ms, problems
        self._context = Context(self.replay.thread)
        self._turn = ""
        self._copied: Tokens | None = None

    def read(self) -> None:
        """Read the file to its end."""
        steps = {"session_meta": self._session, "turn_context": self._turn_context, "token_usage_record": self._record, "event_msg": self._event}
        known, unusable = False, self._problems.times
        for line, record in records(self.path, MARKS, self._problems):
            step = steps.get(text_of(record, "type"))
            known = known or step is not None
            if step is None:
                continue
            try:
                step(object_of(record, "payload"), moment_ms(record.get("timestamp")), line)
            except BadCount as field:
                self._problems.add(f"{field} is no number that can be true; the line is not counted", self.path, line)
        if not known and self._problems.times == unusable:
            self._problems.add("a log has no line in a known form (an old version of Codex wrote no usage); nothing of it is counted", self.path)

    def _session(self, payload: dict[str, Any], at_ms: int | None, line: int) -> None:
        source = object_of(object_of(payload, "source"), "subagent")
        parent = text_of(payload, "forked_from_id") or text_of(object_of(source, "thread_spawn"), "parent_thread_id")
        thread = text_of(payload, "id")
        self.replay.session(thread, parent, at_ms)
        if thread and thread != self.replay.thread:
            return
        is_subagent = bool(source) or "subagent" in (text_of(payload, "thread_source"), *object_of(payload, "source"))
        self._context = msgspec.structs.replace(
            self._context,
            session=text_of(payload, "session_id") or self.replay.thread,
            project=text_of(payload, "cwd") or self._context.project,
            branch=text_of(object_of(payload, "git"), "branch"),
            model_provider=text_of(payload, "model_provider"),
            is_subagent=is_subagent,
            agent=self.replay.thread if is_subagent else "",
        )

    def _turn_context(self, payload: dict[str, Any], at_ms: int | None, line: int) -> None:
        self._turn_begins(text_of(payload, "turn_id"))
        self._settings(payload)

    def _turn_begins(self, turn: str) -> None:
        self._turn = turn
        self.replay.turn(turn)

    def _settings(self, said: dict[str, Any]) -> None:
        tier = text_of(said, "service_tier") if "service_tier" in said else self._context.service_tier
        self._context = msgspec.structs.replace(
            self._context,
            model=text_of(said, "model") or self._context.model,
            model_provider=text_of(said, "model_provider_id") or self._context.model_provider,
            service_tier="" if tier in STANDARD_TIERS else tier,
        )

    def _event(self, payload: dict[str, Any], at_ms: int | None, line: int) -> None:
        kind = payload.get("type")
        if kind == "task_started":
            self._turn_begins(text_of(payload, "turn_id"))
        elif kind == "thread_settings_applied":
            self._settings(object_of(payload, "thread_settings"))
        elif kind == "token_count":
            self.has_plan = self.has_plan or bool(text_of(object_of(payload, "rate_limits"), "plan_type"))
            info = payload.get("info")
            if info is not None:
                self._count(info, at_ms, line)

    def _count(self, info: object, at_ms: int | None, line: int) -> None:
        total, own = _tokens(info, "total_token_usage"), _tokens(info, "last_token_usage")
        if total is None and own is None:
            self._problems.add("an event says its usage in no known form; it is not counted", self.path, line)
        elif at_ms is None:
            self._problems.add("an event has no time that can be read; it is not counted", self.path, line)
        else:
            counts = not self.replay.copied(at_ms)
            self._keep(Event(at_ms, total, own, self._turn, self._context, line, str(self.path), counts))

    def _record(self, payload: dict[str, Any], at_ms: int | None, line: int) -> None:
        total, own = _tokens(payload, "thread_token_usage"), _tokens(payload, "usage")
        if own is None:
            self._problems.add("an event says its usage in no known form; it is not counted", self.path, line)
        elif at_ms is None:
            self._problems.add("an event has no time that can be read; it is not counted", self.path, line)
        else:
            turn = text_of(payload, "turn_id")
            self.replay.turn(turn)
            counts = not self.replay.copied(at_ms, text_of(payload, "thread_id"))
            response = text_of(payload, "response_id")
            self._keep(Event(at_ms, total, own, turn, self._context, line, str(self.path), counts, response, is_record=True))

    def _keep(self, event: Event) -> None:
        if not event.counts:
            self.copies += event.total is None or event.total != self._copied
            self._copied = event.total
        elif event.at_ms < self._since_ms:
            event = msgspec.structs.replace(event, counts=False)
        if self.events and not event.counts and not self.events[-1].counts:
            self.events.pop()
        self.events.append(event)


def _tokens(fields: object, name: str) -> Tokens | None:
    said = object_of(fields, name)
    return tuple(count_of(said, field) for field in FIELDS) if said else None
