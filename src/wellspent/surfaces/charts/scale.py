"""Round figures for axes, and short ones for labels."""

from wellspent.facts.money import format_usd


def nice(nanousd: int) -> int:
    """The next round figure above: 1, 2, 4 or 8 times a power of ten, so that quarters are round too."""
    power = 1
    while True:
        for factor in (1, 2, 4, 8):
            if nanousd <= factor * power:
                return factor * power
        power *= 10


def short(nanousd: int) -> str:
    """``$12.4k``; exact figures are in the table."""
    usd = nanousd / 10**9
    if usd >= 9_999.5:
        return f"${usd / 1000:,.0f}k" if usd >= 99_950 else f"${usd / 1000:.1f}k"
    return format_usd(nanousd, places=0) if usd >= 10 or not nanousd else format_usd(nanousd, places=2)
