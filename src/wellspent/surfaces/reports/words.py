"""Figures as people read them on paper. Pure."""

from collections.abc import Iterable

from wellspent.analytics.statement.record import Number, Unit
from wellspent.facts.money import NANO_PER_USD, format_usd

UNKNOWN = "unknown"
WHOLE_DOLLARS_FROM = 100_000 * NANO_PER_USD  # a column that reaches so far is written without cents
BREAK = "\u200b"  # where a long name may be broken
RUN_MAX = 14  # letters of a name that stand together


def text_of(value: Number | None, unit: Unit) -> str:
    """One figure."""
    if value is None:
        return UNKNOWN
    if unit == "percent":
        return f"{value:.1f} %"
    return format_usd(int(value)) if unit == "nanousd" else f"{int(value):,}"


def pair_of(was: Number | None, now: Number | None, unit: Unit) -> tuple[str, str]:
    """Two figures that differ, with as many places as it takes to see it."""
    texts = text_of(was, unit), text_of(now, unit)
    places = 2
    while unit == "nanousd" and was != now and texts[0] == texts[1] and places < 9:
        places += 1
        texts = usd_in(was, places), usd_in(now, places)
    return texts


def usd_column(amounts_nanousd: Iterable[Number | None]) -> list[str]:
    """Amounts that stand below each other, with as many places: whole dollars where one is large. One that this would blot out keeps its own."""
    amounts = [None if each is None else int(each) for each in amounts_nanousd]
    places = 0 if any(abs(each) >= WHOLE_DOLLARS_FROM for each in amounts if each is not None) else 2
    least = NANO_PER_USD * 10 // 10**places
    return [UNKNOWN if each is None else format_usd(each, places=places if not each or abs(each) >= least else None) for each in amounts]


def places_of(amount_nanousd: Number | None) -> int:
    """How many places show three figures of a small amount; two at least, none from ten thousand dollars on."""
    if amount_nanousd and abs(amount_nanousd) >= 10_000 * NANO_PER_USD:
        return 0
    places = 2
    while amount_nanousd and places < 9 and abs(amount_nanousd) * 10**places < 100 * NANO_PER_USD:
        places += 1
    return places


def usd_in(amount_nanousd: Number | None, places: int) -> str:
    """An amount with so many places."""
    return UNKNOWN if amount_nanousd is None else format_usd(int(amount_nanousd), places=places)


def signed_usd(amount_nanousd: Number | None, places: int) -> str:
    """A difference: its sign is always said."""
    text = usd_in(amount_nanousd, places)
    if amount_nanousd is None or not any(mark in "123456789" for mark in text):
        return text
    return f"−{text[1:]}" if amount_nanousd < 0 else f"+{text}"


def signed_percent(now: Number | None, before: Number | None) -> str:
    """How much more it is than before; nothing to say where there was nothing, or where either is unknown."""
    if now is None or before is None:
        return UNKNOWN
    if not before:
        return "–"
    change = round(100 * (now - before) / abs(before), 1)
    return f"{'+' if change > 0 else '−' if change < 0 else ''}{abs(change):,.1f} %"


def breakable(name: str) -> str:
    """A name that may be broken after its marks, and within a run of letters that has none."""
    out, run = [], 0
    for mark in name:
        out.append(mark)
        run = 0 if mark in "-_./:@ " else run + 1
        if (mark in "-_./:@") or run == RUN_MAX:
            out.append(BREAK)
            run = 0
    return "".join(out)
