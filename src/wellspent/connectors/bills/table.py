"""A table of the customer's own making: ``outcome`` and, where the contract does not say the price, ``amount_usd``. Pure.

It is also what HubSpot's charges are read from: HubSpot documents no file that lists the conversations it charged for. Its terms, by its product
catalogue as others quote it (read in November 2026): since 14 April 2026 the Customer Agent takes 50 credits of $0.01 for each conversation that
it resolved without a person, 100 for any conversation before; how long the customer has to be silent is not said in public.
"""

from wellspent.connectors.bills.line import BillLine, Row
from wellspent.facts.errors import InvalidInput
from wellspent.facts.money import parse_usd

NEEDS = (frozenset({"outcome"}),)


def read(row: Row) -> BillLine | str:
    """One line. Raises InvalidInput that names it."""
    outcome, amount = row.text("outcome"), row.text("amountusd")
    if not outcome:
        raise InvalidInput(f"{row.where} names no outcome", fix="mend the line")
    try:
        return BillLine(outcome, amount_nanousd=parse_usd(amount) if amount else None)
    except InvalidInput as error:
        raise InvalidInput(f"{row.where}: {error.args[0]}", fix=error.fix) from None
