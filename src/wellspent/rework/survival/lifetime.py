"""A lifetime: lines that came in together, share their fate, and were watched for a while."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from wellspent import limits
from wellspent.facts.errors import InvalidInput

DAY_MS = 24 * 60 * 60 * 1000
DIRECTORY_DEPTH = 2
AI, HUMAN, UNKNOWN = "ai", "human", "unknown"
WORDS: Mapping[str, str] = {AI: "AI lines", HUMAN: "lines attested to people", UNKNOWN: "lines of unknown origin"}


class Lifetime(Struct, frozen=True):
    """Lines of one commit or pull request that have the same author, place and end.

    Attributes:
        cluster: The commit or pull request that brought them, unique over all repositories. It is the unit of chance: its lines die together.
        stratum: What is compared with its like: repository, month of birth, directory, from the largest to the smallest.
        group: ``ai``, ``human`` (attested) or ``unknown``; unknown is never counted as human.
        lines: How many, 1 or more.
        born_at_ms: When they came in: for merged code the moment of the merge, not of the writing.
        died_at_ms: When they were deleted or rewritten; None while they live. A move is no death.
        observed_until_ms: Up to when the history is known: after it nothing can be told of lines that still live.
    """

    cluster: str
    stratum: tuple[str, ...]
    group: str
    lines: int
    born_at_ms: int
    died_at_ms: int | None
    observed_until_ms: int

    def __post_init__(self) -> None:
        if self.lines < 1:
            raise InvalidInput(f"{self.cluster} has a lifetime of {self.lines} lines", fix="leave out what has no lines")
        end_ms = self.observed_until_ms if self.died_at_ms is None else self.died_at_ms
        if not self.born_at_ms <= end_ms <= self.observed_until_ms:
            raise InvalidInput(
                f"lines of {self.cluster} are born at {self.born_at_ms}, end at {end_ms} and are watched until {self.observed_until_ms}",
                fix="give dates in the order of history: clocks that ran backwards are to be put right, or left out and listed",
            )

    @property
    def died(self) -> bool:
        """Whether the end was seen."""
        return self.died_at_ms is not None

    @property
    def age_ms(self) -> int:
        """At death, or so far."""
        return (self.observed_until_ms if self.died_at_ms is None else self.died_at_ms) - self.born_at_ms

    @property
    def followed_ms(self) -> int:
        """For how long it would have been watched, had it lived."""
        return self.observed_until_ms - self.born_at_ms


def stratum_of(repository: str, born_at_ms: int, path: str, depth: int = DIRECTORY_DEPTH) -> tuple[str, str, str]:
    """Where a line has its like: repository, month of birth (UTC) and directory, down to a depth.

    >>> stratum_of("acme/api", 1_793_577_600_000, "src/gateway/http/head.py")
    ('acme/api', '2026-11', 'src/gateway')
    """
    month = datetime.fromtimestamp(born_at_ms // 1000, UTC).strftime("%Y-%m")
    return repository, month, "/".join(path.split("/")[:-1][:depth])


def whole_days(windows_days: Iterable[int]) -> tuple[int, ...]:
    """Windows, each once, from short to long.

    Raises:
        InvalidInput: There is none, or one is shorter than a day or longer than ``limits.SURVIVAL_DAYS_MAX``.
    """
    windows = tuple(sorted(set(windows_days)))
    if not windows:
        raise InvalidInput("no window was asked for", fix="give one or more, in days, such as 30")
    for days in (windows[0], windows[-1]):
        if not 1 <= days <= limits.SURVIVAL_DAYS_MAX:
            raise InvalidInput(f"a window of {days} days cannot be measured", fix=f"give 1 to {limits.SURVIVAL_DAYS_MAX} days")
    return windows
