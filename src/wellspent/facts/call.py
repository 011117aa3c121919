"""A call as far as money cares: what was asked, before it is planned and priced."""

import random
import time
from functools import lru_cache

from msgspec import Struct


class Ask(Struct, frozen=True):
    """The money-relevant part of one parsed request.

    Attributes:
        wire: Which wire it came in.
        model: The model as the caller wrote it.
        stream: Whether the answer comes in events.
        input_tokens_max: An upper bound of the prompt in tokens; None where nothing bounds it.
        output_tokens_max: The caller's own cap of each answer; None where it set none.
        output_tokens_min: The least a lowered cap may be for the provider to take it (Anthropic: above the thinking budget).
        answers: How many answers are asked for at once (``n``, ``candidateCount``).
        rounds_max: How often the provider may read the prompt again by itself (hosted tools).
        unbounded: Names of the things in it that no documented maximum bounds ("web_search", "file_id" …).
        counts_max: Upper bounds of plain counts, e.g. ``(("web_searches", 5),)``.
        service_tier: The tier the caller asked for, or "".
        cache_writes: Whether it may be written to a cache that charges for it.
        cache_write_1h: Whether it asks for one-hour cache writes.
        audio_in: Whether the prompt holds audio, which has its own rates.
        pictures_in: Whether it may hold pictures or film, which may have their own rates.
        audio_out: Whether the answer may hold audio.
    """

    wire: str
    model: str
    stream: bool = False
    input_tokens_max: int | None = 0
    output_tokens_max: int | None = None
    output_tokens_min: int = 1
    answers: int = 1
    rounds_max: int = 1
    unbounded: tuple[str, ...] = ()
    counts_max: tuple[tuple[str, int], ...] = ()
    service_tier: str = ""
    cache_writes: bool = True
    cache_write_1h: bool = False
    audio_in: bool = False
    pictures_in: bool = True
    audio_out: bool = False


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)  # ten bits each


@lru_cache(maxsize=2)
def _time_part(at_ms: int) -> str:
    """The first ten characters: 50 bits of milliseconds."""
    return "ws_" + "".join([_PAIRS[at_ms >> shift & 1023] for shift in range(40, -1, -10)])


def new_call_id(at_ms: int | None = None) -> str:
    """A new id: ``ws_`` + 26 characters that sort by time (50 bits of milliseconds, 80 random bits; ULID, lower case).

    Args:
        at_ms: The call's time; None is now.
    """
    pairs, bits = _PAIRS, random.getrandbits(80)  # unique, not secret
    high, low = bits >> 40, bits & 0xFFFFFFFFFF  # whole numbers that fit a machine word shift faster
    return (
        f"{_time_part(time.time_ns() // 1_000_000 if at_ms is None else at_ms)}"
        f"{pairs[high >> 30]}{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}{pairs[high & 1023]}"
        f"{pairs[low >> 30]}{pairs[low >> 20 & 1023]}{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )
