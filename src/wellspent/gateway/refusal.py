"""Refusals: what a caller reads when a call is not let through.

A budget is 402 in the wire's own error shape with ``x-should-retry: false`` and no Retry-After, because that is what reaches a person at
once in every client measured; so is every other no of an operator (a 400 makes Claude Code ask six times, with fewer betas each time; it takes
a 403 for a failed login). Codex needs a plain-text 400. 429 is for rates alone, with a short Retry-After. 401 carries the header too, or
Claude Code retries for minutes. See docs/refusals.md for each code.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from wellspent.budgets.decide import Blocked, Refuse
from wellspent.facts.money import format_usd

STATUS = {
    "key_missing": 401,
    "key_unknown": 401,
    "key_revoked": 401,
    "key_expired": 401,
    "budget_exhausted": 402,
    "model_unpriced": 402,
    "request_unbounded": 402,
    "scope_stopped": 402,
    "model_not_allowed": 402,
    "experiment_holdout": 402,
    "path_unmetered": 400,
    "invalid_request": 400,
    "websocket_unsupported": 426,
    "model_unknown": 404,
    "path_unknown": 404,
    "method_not_allowed": 405,
    "request_too_slow": 408,
    "request_too_large": 413,
    "rate_exceeded": 429,
    "upstream_unreachable": 502,
    "upstream_broken": 502,
    "journal_unavailable": 503,
}


class Refusal(Struct, frozen=True):
    """An expected no, with everything the caller needs to go on.

    Attributes:
        code: One of ``STATUS``; a heading in docs/refusals.md.
        message: What happened, why, and what to do.
        retry_after_s: Seconds until it is worth asking again; 0 says never of itself.
        resets_at_ms: When the budget's window ends; 0 for never.
    """

    code: str
    message: str
    retry_after_s: int = 0
    resets_at_ms: int = 0

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that make clients do the right thing with it."""
        found = [(b"x-wellspent-refusal", self.code.encode())]
        if self.retry_after_s:
            found.append((b"retry-after", b"%d" % self.retry_after_s))
        else:
            found.append((b"x-should-retry", b"false"))
        return found


def budget_refusal(refuse: Refuse, timezone: str, cheaper: str, contact: str, public_url: str) -> Refusal:
    """The refusal of a used-up budget: which, what is left, when it resets, what would fit, whom to ask."""
    standing = refuse.standing
    budget = standing.budget
    left, limit = (_amount(budget.measure, value) for value in (max(standing.left, 0), budget.limit))
    needs = _amount(budget.measure, refuse.needed)
    parts = [f"Budget reached: {standing.window.key.split('@')[0]} ({budget.scope}) has {left} of {limit} left; this call may need {needs}."]
    if standing.window.ends_ms is not None:
        parts.append(f"Resets {readable(standing.window.ends_ms, timezone)}.")
    if cheaper:
        parts.append(f"Cheaper now: {cheaper}.")
    if budget.contact or contact:
        parts.append(f"Ask: {budget.contact or contact}.")
    if public_url:
        parts.append(f"See {public_url}/")
    return Refusal("budget_exhausted", " ".join(parts), resets_at_ms=standing.window.ends_ms or 0)


def policy_refusal(blocked: Blocked, contact: str) -> Refusal:
    """The refusal of an allow-list or a kill switch."""
    ask = f" Ask: {contact}." if contact else ""
    return Refusal(blocked.code, f"{blocked.message}.{ask}")


def holdout_refusal(experiment: str, contact: str) -> Refusal:
    """The refusal of a unit that chance has put into the arm without AI."""
    ask = f" Ask: {contact}." if contact else ""
    text = f"The experiment {experiment!r} compares work with and without AI, and chance has put this one into the part without."
    return Refusal("experiment_holdout", f"{text} Do it by hand; another model or another key changes nothing.{ask}")


def readable(at_ms: int, timezone: str) -> str:
    """``1 Dec 2026 00:00 CET``."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{at.day} {at:%b %Y %H:%M %Z}"


def _amount(measure: str, value: int) -> str:
    return format_usd(value) if measure == "usd" else f"{value:,} {measure}"
