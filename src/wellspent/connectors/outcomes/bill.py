"""A vendor's bill of outcomes from a CSV file: ``outcome`` and, where the contract does not say the price, ``amount_usd``."""

import csv
from collections.abc import Iterator
from pathlib import Path

from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import parse_usd


def lines_of(path: Path, price_nanousd: int | None) -> Iterator[tuple[str, int]]:
    """Every line's outcome and amount.

    Args:
        price_nanousd: What a line costs that says no amount; None where every line has to.

    Raises InvalidInput that names the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if "outcome" not in (reader.fieldnames or ()):
                raise InvalidInput(f"{path} has no column outcome", fix="name the columns outcome and amount_usd")
            for row in reader:
                yield _line(row, path, reader.line_num, price_nanousd)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}", fix="name a CSV file in UTF-8") from None


def _line(row: dict[str | None, str | None], path: Path, line: int, price_nanousd: int | None) -> tuple[str, int]:
    outcome, amount = (row.get("outcome") or "").strip(), (row.get("amount_usd") or "").strip()
    if not outcome:
        raise InvalidInput(f"line {line} of {path} names no outcome", fix="mend the line")
    if amount:
        try:
            return outcome, parse_usd(amount)
        except InvalidInput as error:
            raise InvalidInput(f"line {line} of {path}: {error.args[0]}", fix=error.fix) from None
    if price_nanousd is None:
        raise InvalidInput(f"line {line} of {path} has no amount_usd", fix="add it, or say the vendor's price in the contract")
    return outcome, price_nanousd
