"""Made-up code: Python that reads like a shop's and compiles, varied enough that no function is taken for another that moved. Pure for a seed."""

import random
from collections.abc import Sequence

VERBS = (
    "reserve", "release", "collect", "merge", "rank", "check", "split", "ship", "count", "round", "load", "store", "notify", "cancel", "renew",
    "apply", "quote", "track", "settle", "match", "pack", "close", "export", "refresh", "group", "hold", "price", "sign", "confirm", "restock",
)  # fmt: skip
NOUNS = (
    "order", "basket", "parcel", "voucher", "stock", "supplier", "customer", "invoice", "address", "discount", "refund", "carrier", "shelf",
    "delivery", "payment", "batch", "size", "colour", "margin", "season", "review", "wishlist", "label", "pallet", "warehouse", "receipt", "gift",
)  # fmt: skip
FIELDS = (
    "amount", "quantity", "weight", "status", "country", "due_on", "priority", "total", "reference", "channel", "limit", "rate", "source",
    "position", "currency", "version", "opened_at", "width", "height", "owner",
)  # fmt: skip
BLANKS = ("", "")


class Writer:
    """Writes functions.

    Attributes:
        quote: The quotation mark around its strings, until a formatter changes the habit.
    """

    def __init__(self, choose: random.Random, quote: str = '"') -> None:
        self._choose = choose
        self.quote = quote

    def head(self) -> list[str]:
        """How a file begins."""
        listed = ", ".join(sorted({self._name() for _ in range(3)}))
        what = f"{self._noun().capitalize()} and {self._noun()}: how a {self._noun()} gets its {self._field()}."
        return [f'"""{what}"""', "", f"from shop.{self._noun()} import {listed}", "", f"{self._name().upper()}_MAX = {self._number()}"]

    def name(self) -> str:
        """What a function does, as its name."""
        return f"{self._choose.choice(VERBS)}_{self._noun()}_{self._field()}"

    def function(self, name: str, statements: int) -> list[str]:
        """A function with its two blank lines before it."""
        one, two = self._noun(), self._name()
        signature = f"def {name}({one}, {two}, {self._field()}_hint={self._number()}):"
        return [*BLANKS, signature, *self.body(one, two, statements)]

    def body(self, one: str, two: str, statements: int) -> list[str]:
        """The lines below a signature."""
        names, lines = [one, two], list[str]()
        for _ in range(statements):
            lines += self._statement(names)
        return [f"    {line}" for line in (*lines, f"return {self._call(names)}")]

    def data(self, rows: int) -> list[str]:
        """Lines of a file that a program writes."""
        return [f"{self._name()}_{self._field()}: {self._choose.getrandbits(64):016x}" for _ in range(rows)]

    def _statement(self, names: list[str]) -> list[str]:
        kind = self._choose.randrange(9)
        known, fresh, field = self._choose.choice(names), f"{self._name()}_{self._number() % 90 + 10}", self._field()
        if kind < 3:
            names.append(fresh)
            return [f"{fresh} = {self._call(names[:-1])}"]
        if kind == 3:
            names.append(fresh)
            return [f"{fresh} = max({known}.{field}, {self._number()}) - {self._field()}_hint_of({known}, {self._text()})"]
        if kind == 4:
            return [
                f"if {known}.{field} > {self._number()}:",
                f"    raise ValueError(f{self._words(f'{self._noun()} of {{{known}}} is over its {field}')})",
            ]
        if kind == 5:
            return [
                f"for each_{field} in {known}.every_{self._noun()}:",
                f"    {self._choose.choice(names)}.{self.name()}(each_{field}, {self._number()})",
            ]
        if kind == 6:
            return [f"{known}[{self._text()}] = {self._call(names)}"]
        if kind == 7:
            return [f"log.info({self._words(f'{self._noun()} {field} is %s, with {self._number()} times {self._noun()}')}, {known})"]
        names.append(fresh)
        return [f"{fresh} = [each.{field} for each in {known}.every_{self._noun()} if each.{self._field()} != {self._number()}]"]

    def _call(self, names: Sequence[str]) -> str:
        return f"{self.name()}({self._choose.choice(names)}, {self._field()}={self._number()}, {self._field()}_by={self._text()})"

    def _text(self) -> str:
        return self._words(f"{self._noun()}-{self._field()}")

    def _words(self, words: str) -> str:
        return f"{self.quote}{words}{self.quote}"

    def _name(self) -> str:
        return f"{self._noun()}_{self._field()}"

    def _noun(self) -> str:
        return self._choose.choice(NOUNS)

    def _field(self) -> str:
        return self._choose.choice(FIELDS)

    def _number(self) -> int:
        return self._choose.randrange(2, 9_000)
