"""``wellspent logs``, and ``wellspent`` alone: what the coding agents of this machine spent, from their own logs."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from wellspent.config import Config
from wellspent.connectors.usage import sources_here
from wellspent.connectors.usage.base import Billing, LoggedCall, Problem, UsageSource
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Quality
from wellspent.pricing.book import PriceBook
from wellspent.pricing.pricelist import PriceList
from wellspent.pricing.rate import rate
from wellspent.pricing.terms import Terms
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, count, emit, money, often, visible
from wellspent.surfaces.cli.spend import amount_text
from wellspent.surfaces.cli.when import ACCEPTED, local, since_ms, until_ms, zone_of

TIMES = ("day", "week", "month")
GROUPS = (*TIMES, "client", "model", "project", "branch", "session", "billing")
BILLED_TO = {Billing.SUBSCRIPTION: "subscription", Billing.API_KEY: "API key", Billing.UNKNOWN: "unknown"}
NAMES = {"claude-code": "Claude Code", "codex": "Codex"}


def logs_report(
    *,
    since: Annotated[str, Parameter(help=f"From when: {ACCEPTED}.")] = "30d",
    until: Annotated[str, Parameter(help="To when, the day or month included; now unless given.")] = "",
    by: Annotated[str, Parameter(help=f"Group by these, separated by commas: {', '.join(GROUPS)}.")] = "day,model",
    tz: Annotated[str, Parameter(help="Time zone of days, e.g. Europe/Zurich; the configured one unless given, else this machine's.")] = "",
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Report what the coding agents of this machine spent, from their own logs: Claude Code and Codex.

    Needs no configuration and no gateway, writes nothing, sends nothing. CLAUDE_CONFIG_DIR and CODEX_HOME say where to look.
    """
    config = common.load()
    zone = zone_of(tz) if tz else _zone(config)
    now_ms = SystemClock().now_ms()
    begin_ms, end_ms = since_ms(since, now_ms, zone), until_ms(until, now_ms, zone) if until else now_ms
    if end_ms <= begin_ms:
        raise InvalidInput(f"--until {until or 'now'} is not after --since {since}", fix="swap them")
    groups = _groups(by)
    key_of = keys(groups, zone, config.week_starts_on)
    prices = PriceList(PriceBook.bundled(), Terms.parse(list(config.terms)))
    sources = sources_here(os.environ)
    sums: dict[tuple[str, ...], Sums] = {}
    with _patience():
        for call in _calls(sources, begin_ms, end_ms):
            sums.setdefault(key_of(call), Sums()).add(call, prices)
    price_name = "configured price" if config.terms else "list price"
    rows = [{**dict(zip(groups, key, strict=True)), **found.figures(price_name)} for key, found in _ordered(sums, groups)]
    whole = Sums.of(sums.values())
    people = not shape.json and not shape.csv
    if people and rows:
        talk(f"{local(begin_ms, zone)} to {local(end_ms, zone)} ({zone.key}), as of {local(now_ms, zone)}; {_priced(whole)}")
    total = {**dict.fromkeys(groups, " "), groups[0]: "total", **whole.figures(price_name)} if len(rows) > 1 else None
    emit(rows, _columns(groups, whole, price_name), shape, total=total, empty=_nothing(sources, local(begin_ms, zone), local(end_ms, zone)))
    for line in (*_unpriced(whole), *problem_lines(problem for source in sources for problem in source.problems())):
        talk(line)
    if people and rows:
        for line in _meaning(sources, whole, prices.version, price_name):
            talk(line)


@dataclass
class Sums:
    """What the calls of a group add up to.

    Attributes:
        unpriced: Calls and tokens of each model without a (whole) price.
    """

    nanousd: int = 0
    calls: int = 0
    context_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    answer_tokens: int = 0
    estimated_calls: int = 0
    billing: set[Billing] = field(default_factory=set)
    unpriced: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, call: LoggedCall, prices: PriceList) -> None:
        """One more call, rated as of its moment and its tier."""
        usage = call.usage
        charge = rate(usage, prices.price(call.provider, call.model, call.at_ms, usage.service_tier) if call.model else None)
        self.nanousd += charge.amount_nanousd
        self.calls += 1
        self.context_tokens += usage.context_tokens
        self.cached_tokens += usage.cache_read_tokens
        self.cache_write_tokens += usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
        self.answer_tokens += usage.answer_tokens
        self.estimated_calls += charge.quality is Quality.ESTIMATED
        self.billing.add(call.billing)
        if charge.quality is Quality.UNPRICED:
            calls, tokens = self.unpriced.get(call.model, (0, 0))
            self.unpriced[call.model] = (calls + 1, tokens + usage.total_tokens)

    @classmethod
    def of(cls, parts: Iterable["Sums"]) -> "Sums":
        """All parts together."""
        whole = cls()
        for part in parts:
            for name in ("nanousd", "calls", "context_tokens", "cached_tokens", "cache_write_tokens", "answer_tokens", "estimated_calls"):
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
            whole.billing |= part.billing
            for model, (calls, tokens) in part.unpriced.items():
                before = whole.unpriced.get(model, (0, 0))
                whole.unpriced[model] = (before[0] + calls, before[1] + tokens)
        return whole

    @property
    def unpriced_calls(self) -> int:
        """Calls whose amount is not known, or not all of it."""
        return sum(calls for calls, _ in self.unpriced.values())

    def basis(self, price_name: str) -> str:
        """What the amount is: a price, or what an API key would have paid where something else, or nobody knows what, was billed."""
        return price_name if self.billing <= {Billing.API_KEY} else f"{price_name.replace(' ', '-')} equivalent"

    def figures(self, price_name: str) -> dict[str, object]:
        """The figures of a row. An amount of which nothing is known is None, never zero."""
        unknown = self.nanousd == 0 and self.unpriced_calls == self.calls > 0
        billed = BILLED_TO[next(iter(self.billing))] if len(self.billing) == 1 else "mixed"
        return {
            **money("amount", None if unknown else self.nanousd),
            "amount_text": amount_text(self.nanousd, self.unpriced_calls),
            "amount_basis": self.basis(price_name),
            "billed_to": billed,
            "calls": self.calls,
            "context_tokens": self.context_tokens,
            "cached_tokens": self.cached_tokens,
            "cache_write_tokens": self.cache_write_tokens,
            "answer_tokens": self.answer_tokens,
            "estimated_calls": self.estimated_calls,
            "unpriced_calls": self.unpriced_calls,
            "unpriced_tokens": sum(tokens for _, tokens in self.unpriced.values()),
        }


def keys(groups: Sequence[str], zone: ZoneInfo, week_starts_on: int) -> Callable[[LoggedCall], tuple[str, ...]]:
    """What a call is grouped by; days, weeks (by their first day) and months in a time zone."""

    def key(call: LoggedCall) -> tuple[str, ...]:
        day = datetime.fromtimestamp(call.at_ms / 1000, UTC).astimezone(zone).date()
        week = day - timedelta(days=(day.weekday() - week_starts_on) % 7)
        times = {"day": day.isoformat(), "week": week.isoformat(), "month": day.isoformat()[:7]}
        return tuple(times[name] if name in times else str(getattr(call, name)) for name in groups)

    return key


def _groups(by: str) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(part.strip() for part in by.split(",") if part.strip()))
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise InvalidInput(f"logs are not told apart by {unknown[0]!r}", fix=f"use {', '.join(GROUPS)}")
    return groups


def _calls(sources: Sequence[UsageSource], begin_ms: int, end_ms: int) -> Iterator[LoggedCall]:
    for source in sources:
        yield from (call for call in source.calls(begin_ms) if call.at_ms < end_ms)


def _ordered(sums: Mapping[tuple[str, ...], Sums], groups: Sequence[str]) -> list[tuple[tuple[str, ...], Sums]]:
    """By time where a time is grouped by, then dearest first."""
    timed = [place for place, name in enumerate(groups) if name in TIMES]
    return sorted(sums.items(), key=lambda item: (*(item[0][place] for place in timed), -item[1].nanousd, item[0]))


def _columns(groups: Sequence[str], whole: Sums, price_name: str) -> list[Column]:
    """What people see: narrow, and without what is the same in all rows."""
    named = [Column(name, name, show=_home_shortened if name == "project" else _known) for name in groups]
    numbers = [
        Column("amount_text", whole.basis(price_name).replace(" ", "\n"), right=True),
        Column("calls", "calls", right=True, show=count),
        Column("context_tokens", "tokens\nin", right=True, show=_tokens),
        Column("cached_tokens", "from\ncache", right=True, show=_tokens),
        Column("cache_write_tokens", "into\ncache", right=True, show=_tokens),
        Column("answer_tokens", "tokens\nout", right=True, show=_tokens),
    ]
    billed = [Column("billed_to", "billed to")] if len(whole.billing) > 1 else []
    unpriced = [Column("unpriced_calls", "unpriced", right=True, show=count)] if whole.unpriced_calls else []
    return [*named, *numbers, *unpriced, *billed]


def _tokens(value: object) -> str:
    return f"{value / 1e6:,.1f}M" if isinstance(value, int) and value >= 1_000_000 else count(value)


def _known(value: object) -> str:
    return str(value) or "unknown"


def _home_shortened(value: object) -> str:
    home = os.path.expanduser("~")
    text = str(value)
    return f"~{text[len(home) :]}" if text == home or text.startswith(home + os.sep) else _known(text)


def _zone(config: Config) -> ZoneInfo:
    """The configured time zone; where none is, this machine's: days are those of the person whose logs they are."""
    if config.origins.get("timezone") != "default":
        return zone_of(config.timezone)
    written = os.environ.get("TZ", "").removeprefix(":") or os.path.realpath("/etc/localtime").rpartition("zoneinfo/")[2]
    try:
        return zone_of(written)
    except InvalidInput:
        return zone_of(config.timezone)


def _patience() -> AbstractContextManager[Any]:
    """Something that moves while logs are read, on a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status("reading logs")


def _priced(whole: Sums) -> str:
    if not whole.unpriced_calls:
        return "every call is priced"
    return f"{whole.unpriced_calls:,} of {whole.calls:,} calls have no known price and are not in the amounts"


def _unpriced(whole: Sums) -> Iterator[str]:
    for model, (calls, tokens) in sorted(whole.unpriced.items()):
        if model:
            yield visible(f"UNPRICED: {model}: {_times(calls, 'call')}, {tokens:,} tokens. Give it a price under [[terms]] in wellspent.toml.")
        else:
            yield f"UNPRICED: no model is logged: {_times(calls, 'call')}, {tokens:,} tokens."


def _times(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """What could not be used, for people."""
    for problem in problems:
        place = f"{problem.source}:{problem.line}" if problem.line else str(problem.source)
        yield visible(f"{often(problem.times)}: {problem.what} (first: {place})")


def _nothing(sources: Sequence[UsageSource], begin: str, end: str) -> str:
    folders = [folder for source in sources for folder in source.folders]
    looked = [f"  {folder}{'' if folder.is_dir() else ' (not there)'}" for folder in folders]
    lines = [
        f"nothing was logged from {begin} to {end}; looked in",
        *looked,
        "to do: ask for longer with --since 2026-01; or say where the logs are with CLAUDE_CONFIG_DIR and CODEX_HOME;",
        "       or let calls pass the gateway, which needs no logs: wellspent serve",
    ]
    return visible("\n".join(lines))


def _meaning(sources: Sequence[UsageSource], whole: Sums, version: str, price_name: str) -> Iterator[str]:
    clients = " and ".join(NAMES.get(source.client, source.client) for source in sources)
    text = f"Tokens as {clients} logged them, at {price_name}s ({version}): an estimate, not a bill"
    if whole.billing == {Billing.SUBSCRIPTION}:
        text += f"; {whole.basis(price_name)}: a subscription pays them"
    elif Billing.UNKNOWN in whole.billing:
        text += f"; {whole.basis(price_name)} unless these were billed to an API key"
    elif Billing.SUBSCRIPTION in whole.billing:
        text += f"; {whole.basis(price_name)} where a subscription pays"
    yield f"{text}."
    yield "Next: limit it before it is spent, with wellspent serve; or see where it went: wellspent logs --by project,model"
