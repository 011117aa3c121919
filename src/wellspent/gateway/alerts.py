"""Alerts: a threshold of a budget was crossed. One line on stderr, and, where ``alert_url`` is set, one POST of JSON to it.

The body has ``text`` (what Slack and most chat webhooks show) and the same as fields. It is sent beside the calls, tried
``limits.ALERT_ATTEMPTS_MAX`` times, and never holds a call up; what could not be delivered is said on stderr.
"""

import asyncio
import sys
from datetime import UTC, datetime

import orjson

from wellspent import limits
from wellspent.facts.errors import UpstreamError
from wellspent.facts.money import exact_usd, format_usd
from wellspent.gateway.refusal import readable
from wellspent.gateway.upstream import UpstreamClient
from wellspent.ledger.ledger import Alert


class Alerts:
    """Where alerts go.

    Args:
        url: Gets a POST for each alert; "" for none.
        client: Its connections.
    """

    def __init__(self, url: str, client: UpstreamClient, timezone: str) -> None:
        self._url, self._client, self._timezone = url, client, timezone
        self._sending: set[asyncio.Task[None]] = set()

    def __call__(self, alert: Alert) -> None:
        """Tell of an alert, at once and without waiting. On the event loop's thread."""
        message = text(alert, self._timezone)
        at = datetime.fromtimestamp(alert.at_ms / 1000, UTC)
        print(f"{at:%Y-%m-%dT%H:%M:%SZ} alert: {message}", file=sys.stderr, flush=True)
        if self._url:
            task = asyncio.get_running_loop().create_task(self._send(orjson.dumps({"text": message, **fields(alert)})))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, body: bytes) -> None:
        why = ""
        for attempt in range(limits.ALERT_ATTEMPTS_MAX):
            try:
                answer = await self._client.send("POST", self._url, [(b"content-type", b"application/json")], body)
            except UpstreamError as error:
                why = str(error)
            else:
                if answer.status < 300:
                    return
                why = f"it answered {answer.status}"
            await asyncio.sleep(limits.ALERT_RETRY_S * 2**attempt)
        print(f"an alert could not be delivered to alert_url: {why}", file=sys.stderr, flush=True)


def text(alert: Alert, timezone: str) -> str:
    """``budget core-month (team:core) has used 80 % of $4,000.00; it resets 1 Dec 2026 00:00 CET``."""
    budget, ends_ms = alert.budget, alert.window.ends_ms
    limit = format_usd(budget.limit) if budget.measure == "usd" else f"{budget.limit:,} {budget.measure}"
    resets = f"; it resets {readable(ends_ms, timezone)}" if ends_ms is not None else ""
    return f"budget {budget.id} ({_scope(alert)}) has used {alert.percent} % of {limit}{resets}"


def fields(alert: Alert) -> dict[str, object]:
    """The same for programs; a limit in dollars is exact decimal text."""
    budget = alert.budget
    limit = exact_usd(budget.limit) if budget.measure == "usd" else str(budget.limit)
    return {
        "budget": budget.id,
        "scope": _scope(alert),
        "window": alert.window.key,
        "percent": alert.percent,
        "measure": budget.measure,
        "limit": limit,
        "at_ms": alert.at_ms,
    }


def _scope(alert: Alert) -> str:
    """The scope; of a budget on each value, the value whose window it is."""
    kind, name = alert.budget.scope.kind, alert.budget.scope.name
    return f"{kind}:{alert.window.key.partition('/')[2]}" if name == "*" else f"{kind}:{name}"
