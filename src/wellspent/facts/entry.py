"""Entries: the immutable facts of the ledger. A correction is a new entry.

Every ``Reserved`` ends in exactly one ``Settled`` or ``Released``; ``Adjusted`` corrects a settled call; ``Opened`` gives the window of a
new budget what was spent before it existed.
Times are whole milliseconds since 1970-01-01 UTC. In the journal an entry is an array in the order of its fields, so a field may only be
added at the end, with a default.
"""

from msgspec import Struct

from wellspent.facts.attribution import Attribution
from wellspent.facts.usage import Quality, Usage


class ChargeLine(Struct, frozen=True, gc=False, array_like=True):
    """One line of a receipt.

    Attributes:
        unit: A unit of ``facts.usage.UNITS``.
        quantity: How many.
        rate: Dollars for ``per`` of them, as exact decimal text, discount included.
        per: The quantity that ``rate`` buys, e.g. 1,000,000.
        amount_nanousd: quantity × rate / per, rounded once.
    """

    unit: str
    quantity: int
    rate: str
    per: int
    amount_nanousd: int


class Amounts(Struct, frozen=True, gc=False, array_like=True):
    """One movement in each measure a budget can have."""

    nanousd: int = 0
    tokens: int = 0
    calls: int = 0

    def plus(self, other: "Amounts") -> "Amounts":
        """Both together."""
        return Amounts(self.nanousd + other.nanousd, self.tokens + other.tokens, self.calls + other.calls)


class Reserved(Struct, frozen=True, gc=False, tag="reserved", array_like=True):
    """Money set aside for a call in flight.

    Attributes:
        call_id: The call, e.g. ``"ws_…"``; also the ``request-id`` of the answer.
        held: The proven upper bound, in each measure.
        windows: Budget windows it was held in, as ``"budget@window"`` (see ``budgets.window``).
        wire: ``openai-chat``, ``openai-responses``, ``openai-embeddings``, ``anthropic-messages``, ``gemini``, ``passthrough``.
        model_asked: As the caller wrote it.
        model: The dearest model of the plan, which the hold was quoted for.
        price_book: Version the hold was quoted with.
        quality: ``unpriced`` where no price is known, so that held dollars bound nothing.
    """

    call_id: str
    at_ms: int
    attribution: Attribution
    wire: str
    model_asked: str
    model: str
    held: Amounts
    windows: tuple[str, ...] = ()
    price_book: str = ""
    quality: Quality = Quality.EXACT


class Settled(Struct, frozen=True, gc=False, tag="settled", array_like=True):
    """What a call really cost. Never refused.

    Attributes:
        charged: The truth in each measure; above the hold is an overrun.
        overrun_nanousd: How far the charge went past the hold; 0 nearly always.
        upstream: Name of the configured upstream that answered.
        model: The model that answered.
        status: HTTP status relayed to the caller.
        duration_ms: From the request's last byte to the answer's last.
        reason: Why the amount is an estimate, or "".
        for_day: Day (YYYY-MM-DD, UTC) it belongs to when recorded later than that day, else "".
        ref: The provider's own id of the answer, where it gave one.
    """

    call_id: str
    at_ms: int
    charged: Amounts
    quality: Quality
    usage: Usage
    lines: tuple[ChargeLine, ...] = ()
    price_book: str = ""
    overrun_nanousd: int = 0
    upstream: str = ""
    model: str = ""
    status: int = 200
    duration_ms: int = 0
    reason: str = ""
    for_day: str = ""
    ref: str = ""


class Released(Struct, frozen=True, gc=False, tag="released", array_like=True):
    """A hold given back whole: nothing was bought."""

    call_id: str
    at_ms: int
    reason: str
    status: int = 0
    upstream: str = ""


class Adjusted(Struct, frozen=True, gc=False, tag="adjusted", array_like=True):
    """A later correction of a settled call.

    Attributes:
        delta: What is added to the charge (may be negative).
        reason: Which evidence: an invoice, a client's log, a re-rating.
        for_day: Day (YYYY-MM-DD, UTC) the call belongs to.
    """

    call_id: str
    at_ms: int
    delta: Amounts
    reason: str
    for_day: str = ""
    quality: Quality = Quality.EXACT
    price_book: str = ""
    lines: tuple[ChargeLine, ...] = ()


class Opened(Struct, frozen=True, gc=False, tag="opened", array_like=True):
    """What a scope had spent in a window before the budget existed: the window's opening balance, written once.

    Attributes:
        window: The budget window.
    """

    window: str
    at_ms: int
    spent: Amounts

    @property
    def call_id(self) -> str:
        """No call."""
        return ""


Entry = Reserved | Settled | Released | Adjusted | Opened
