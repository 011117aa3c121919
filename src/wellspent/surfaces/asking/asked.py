"""What is asked of the answering process, and what it says: one line of JSON each."""

from typing import Literal

from msgspec import Struct

from wellspent.analytics.contract import Contract
from wellspent.analytics.engine.answers import CallCost, Cut, OutcomeCost, Where
from wellspent.analytics.value import Value

By = Literal["whole", "day", "week", "month"]


class Setup(Struct, frozen=True):
    """What all questions are about; the first line that the process is told.

    Attributes:
        data_dir: An absolute path.
    """

    data_dir: str
    contracts: tuple[Contract, ...]
    timezone: str


class ValueOf(Struct, frozen=True):
    """What was bought from one day to another, that day excluded; ``whole`` is one line for each contract."""

    since: str
    until: str
    by: By


class OutcomesOf(Struct, frozen=True):
    """A contract's outcomes, dearest first; ``state`` as in ``OutcomeCost``, "" for any."""

    where: Where
    state: str = ""
    limit: int = 100
    offset: int = 0


class SpendingOf(Struct, frozen=True):
    """Spending by some of ``CUTS``, dearest first; without any, its sum."""

    where: Where
    by: tuple[str, ...] = ()
    limit: int = 1_000


class CallsOf(Struct, frozen=True):
    """The calls behind spending, dearest first."""

    where: Where
    limit: int = 100
    offset: int = 0


class Asked(Struct, frozen=True):
    """Questions that are answered of one state of the books, each in the order it stands in."""

    values: tuple[ValueOf, ...] = ()
    outcomes: tuple[OutcomesOf, ...] = ()
    spending: tuple[SpendingOf, ...] = ()
    calls: tuple[CallsOf, ...] = ()


class AsOf(Struct, frozen=True):
    """Questions with the moment they are asked at."""

    as_of_ms: int
    asked: Asked


class Answered(Struct, frozen=True, tag="answered"):
    """The answers, in the order of the questions.

    Attributes:
        as_of_ms: The moment they are of.
    """

    as_of_ms: int
    values: tuple[Value, ...]
    outcomes: tuple[tuple[OutcomeCost, ...], ...]
    spending: tuple[tuple[Cut, ...], ...]
    calls: tuple[tuple[CallCost, ...], ...]


class Trouble(Struct, frozen=True, tag="trouble"):
    """Why there is no answer.

    Attributes:
        kind: The name of the error's class.
    """

    kind: str
    message: str
    fix: str
