"""Requests and tokens per minute: token buckets in memory, one pair for each scope that a policy limits.

Rates protect providers and neighbours, not money, so they live with the process and start full.
"""

from collections.abc import Iterable

from msgspec import Struct

from wellspent.budgets.budget import Policy

MINUTE_MS = 60_000


class Bucket(Struct):
    """A bucket that refills to ``per_minute`` within a minute; it may go below zero when a call used more than it announced."""

    per_minute: int
    level: float
    at_ms: int

    def refill(self, now_ms: int) -> None:
        """Let time pass; a clock that goes back lets none pass."""
        elapsed_ms = max(0, now_ms - self.at_ms)
        self.level = min(float(self.per_minute), self.level + self.per_minute * elapsed_ms / MINUTE_MS)
        self.at_ms = now_ms

    def wait_s(self, need: int) -> int:
        """Whole seconds until ``need`` fits, at least 1; a need above the rate waits for a full bucket."""
        missing = min(need, self.per_minute) - self.level
        return max(1, -int(-missing * 60 // self.per_minute)) if self.per_minute else 60


class RateExceeded(Struct, frozen=True):
    """Which rate of which scope is used up, and for how long."""

    scope: str
    measure: str
    per_minute: int
    wait_s: int


class Rates:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, int], Bucket] = {}

    def take(self, policies: Iterable[Policy], tokens: int, now_ms: int) -> RateExceeded | None:
        """Take one request and its announced tokens from every bucket in scope, or from none."""
        taken: list[tuple[Bucket, int]] = []
        for policy in policies:
            for measure, per_minute, need in (("requests", policy.requests_per_minute, 1), ("tokens", policy.tokens_per_minute, tokens)):
                if not per_minute:
                    continue
                bucket = self._bucket(str(policy.scope), measure, per_minute, now_ms)
                if bucket.level < min(need, per_minute):
                    return RateExceeded(str(policy.scope), measure, per_minute, bucket.wait_s(need))
                taken.append((bucket, need))
        for bucket, need in taken:
            bucket.level -= need
        return None

    def give_back(self, policies: Iterable[Policy], tokens: int, now_ms: int) -> None:
        """Undo ``take`` for a call that was let in by the rates and refused by something else."""
        for policy in policies:
            for measure, per_minute, taken in (("requests", policy.requests_per_minute, 1), ("tokens", policy.tokens_per_minute, tokens)):
                if per_minute:
                    self._bucket(str(policy.scope), measure, per_minute, now_ms).level += taken

    def true_up(self, policies: Iterable[Policy], announced_tokens: int, tokens: int, now_ms: int) -> None:
        """Correct the tokens of a call once they are known."""
        for policy in policies:
            if policy.tokens_per_minute:
                self._bucket(str(policy.scope), "tokens", policy.tokens_per_minute, now_ms).level += announced_tokens - tokens

    def _bucket(self, scope: str, measure: str, per_minute: int, now_ms: int) -> Bucket:
        bucket = self._buckets.get((scope, measure, per_minute))
        if bucket is None:
            bucket = self._buckets[scope, measure, per_minute] = Bucket(per_minute, float(per_minute), now_ms)
        bucket.refill(now_ms)
        return bucket
