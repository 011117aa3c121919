"""What a bill of outcomes comes to, whoever sent it. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

COUNT = re.compile(r"(\d{1,9})(\.0*)?", re.ASCII)


class BillLine(Struct, frozen=True):
    """One outcome that a vendor charges for.

    Attributes:
        outcome: The id by which the customer's own systems may know it.
        names: Other ids that the vendor has for it.
        quantity: How many it is charged as.
        amount_nanousd: What the bill says that it costs; None where it says none.
        units: Units of the vendor's own, in place of an amount; None where it does not count in such.
        against: Why the vendor's own record does not bear it out, in words.
        evidence: What the vendor says of it, as ``(name, value)``.
    """

    outcome: str
    names: tuple[str, ...] = ()
    quantity: int = 1
    amount_nanousd: int | None = None
    units: int | None = None
    against: str = ""
    evidence: tuple[tuple[str, str], ...] = ()


class Row(Struct, frozen=True):
    """One line of a file.

    Attributes:
        where: Where it stands, for people: "line 3 of fin.csv".
        fields: Its values by ``key`` of their names.
    """

    where: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field's text, number or yes and no, as text; "" where there is none. ServiceNow wraps values: ``{"value": …}``."""
        value = self.fields.get(name)
        if isinstance(value, Mapping):
            value = value.get("value")
        if isinstance(value, bool):
            return str(value).lower()
        return str(value).strip() if isinstance(value, str | int | float) else ""

    def count(self, name: str) -> int | None:
        """A field's whole number, zero where it is empty; None for anything else."""
        found = COUNT.fullmatch(self.text(name) or "0")
        return int(found[1]) if found else None

    def evidence(self, **fields: str) -> tuple[tuple[str, str], ...]:
        """What the vendor says: names for people to names of fields, those that say something."""
        return tuple((name, said) for name, field in fields.items() if (said := self.text(field)))


class Bill(Struct, frozen=True):
    """A file, read.

    Attributes:
        format: Who wrote it, as ``--vendor`` names them.
        lines: What is charged.
        left_out: Why lines of the file are not charged, and how many.
    """

    format: str
    lines: tuple[BillLine, ...]
    left_out: tuple[tuple[str, int], ...]
