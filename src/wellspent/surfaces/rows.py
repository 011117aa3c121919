"""Cells of a row that machines read, whichever surface writes it."""

from wellspent.facts.money import exact_usd

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def money(name: str, amount_nanousd: int | None) -> dict[str, object]:
    """An amount for machines: whole nano-dollars, and exact dollars as text."""
    return {f"{name}_nanousd": amount_nanousd, f"{name}_usd": None if amount_nanousd is None else exact_usd(amount_nanousd)}


def cell(value: object) -> object:
    """A cell of CSV: a spreadsheet would run a text that begins like a formula, unless it is a number."""
    if isinstance(value, str) and value.startswith(FORMULA):
        try:
            float(value)
        except ValueError:
            return f"'{value}"
    return value
