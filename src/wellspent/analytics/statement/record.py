"""What a statement is made of. It is kept as issued, so a field may only be added at the end, with a default."""

from typing import Literal

from msgspec import Struct

from wellspent.analytics.statement.definition import Definition

Unit = Literal["nanousd", "outcomes", "calls", "percent"]
Number = int | float  # money and counts are whole
COUNTED = "counted"
GRADES = {
    "A": "an effect that was measured by chance assignment",
    "B": "an effect from a controlled comparison",
    "C": "money linked to outcomes by id",
    "D": "money matched by a rule, or split",
    "none": "no evidence of ours: declared by somebody, or carried by no outcome",
    COUNTED: "added up from the ledger, or from what sources said of outcomes; nothing is inferred",
}


class Figure(Struct, frozen=True):
    """One figure.

    Attributes:
        section: Where it stands, e.g. ``cost per outcome``.
        item: What it is about: a contract's name; "" for all.
        name: Which it is, e.g. ``of which prices``.
        value: Nano-dollars, a count, or percent; None is unknown.
        grade: One of ``GRADES``.
        open: A command, or the path of a page, that shows what is behind it.
        before: The same of the period before; None is unknown.
        low, high: The interval that holds it, 95 %, where it has one.
        note: What has to be known with it, e.g. the source of a figure that was declared.
    """

    section: str
    item: str
    name: str
    unit: Unit
    value: Number | None
    grade: str
    open: str
    before: Number | None = None
    low: Number | None = None
    high: Number | None = None
    note: str = ""


class Month(Struct, frozen=True):
    """One contract in one month, for charts: spending and output as two series."""

    contract: str
    month: str
    spent_nanousd: int
    settled: int
    each_nanousd: int | None
    low_nanousd: int | None
    high_nanousd: int | None


class Facts(Struct, frozen=True):
    """The facts it was made from: who keeps these hashes can show that nobody changed what came before.

    Attributes:
        journal_row, journal_hash: The newest row of the journal.
        outcome_event, outcome_hash: The newest event of the log of outcomes.
        first_day: The day of the oldest entry; "" for an empty journal.
    """

    journal_row: int
    journal_hash: str
    outcome_event: int
    outcome_hash: str
    first_day: str = ""


class EffectLine(Struct, frozen=True):
    """What a comparison found.

    Attributes:
        figure: The difference with its interval, in words; "" where nothing can be said.
    """

    name: str
    figure: str
    grade: str
    verdict: str
    open: str = ""


class InitiativeLine(Struct, frozen=True):
    """A pilot.

    Attributes:
        limit_nanousd: Its budget; None where it has none.
        evidence: What is known of what it brought.
        decision: What was decided; "" where nothing is yet.
        decide_by: The day on which that is due.
    """

    name: str
    owner: str
    spent_nanousd: int
    limit_nanousd: int | None
    evidence: str
    grade: str
    decision: str
    decide_by: str = ""
    open: str = ""


class SelfReportLine(Struct, frozen=True):
    """Time that people say they saved; None where too few said it to be shown."""

    period: str
    reports: int | None
    minutes: int | None


class Restated(Struct, frozen=True):
    """A figure of an earlier statement that is another now.

    Attributes:
        number, period, version: The earlier statement.
        was, now: None is unknown, or was not in it.
        why: What happened since, as far as facts say.
        told: The later statement that said so already; 0 where this one is the first.
    """

    number: int
    period: str
    version: int
    section: str
    item: str
    name: str
    unit: Unit
    was: Number | None
    now: Number | None
    why: tuple[str, ...]
    told: int = 0


class Statement(Struct, frozen=True):
    """What was spent in a period, and what it bought.

    Attributes:
        first, last: Its days, both included.
        before: The period it is held against, in words.
        as_of_ms: What has not stood for long enough by then is pending.
        provisional: Whether the period was not over.
        made_with: The version of the product.
        contracts: Names, in their order.
        notes: What has to be known with all of it.
        compared: Numbers of the earlier statements whose periods were recomputed.
    """

    period: str
    title: str
    first: str
    last: str
    before: str
    org: str
    timezone: str
    as_of_ms: int
    provisional: bool
    made_with: str
    contracts: tuple[str, ...]
    figures: tuple[Figure, ...]
    months: tuple[Month, ...]
    definitions: tuple[Definition, ...]
    facts: Facts
    notes: tuple[str, ...] = ()
    effects: tuple[EffectLine, ...] = ()
    initiatives: tuple[InitiativeLine, ...] = ()
    self_reported: tuple[SelfReportLine, ...] = ()
    compared: tuple[int, ...] = ()
    restated: tuple[Restated, ...] = ()

    def figure(self, section: str, item: str, name: str) -> Figure | None:
        """One of its figures, or None."""
        return next((each for each in self.figures if (each.section, each.item, each.name) == (section, item, name)), None)
