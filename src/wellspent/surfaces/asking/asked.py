"""What is asked of the answering process, and what it says: one line of JSON each."""

from typing import Literal, Protocol

from msgspec import Struct

from wellspent.analytics.bought import Bought
from wellspent.analytics.comparison import Comparison, comparisons_of
from wellspent.analytics.contract import Contract, contracts_of
from wellspent.analytics.effect import Effect
from wellspent.analytics.engine.answers import CallCost, Cut, OutcomeCost, Where
from wellspent.analytics.value import Value
from wellspent.config import Config
from wellspent.facts.initiative import Initiative
from wellspent.routing.experiment import Experiment
from wellspent.routing.experiment_lines import experiments_of

By = Literal["whole", "day", "week", "month"]


class Setup(Struct, frozen=True):
    """What all questions are about; the first line that the process is told.

    Attributes:
        data_dir: An absolute path.
    """

    data_dir: str
    contracts: tuple[Contract, ...]
    timezone: str
    experiments: tuple[Experiment, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    @classmethod
    def of(cls, config: Config) -> "Setup":
        """What the configuration says. Raises ConfigError for what cannot be."""
        contracts = contracts_of(config.contracts)
        names = [each.name for each in contracts]
        experiments = experiments_of(config.experiments, config.timezone, names)
        comparisons = comparisons_of(config.comparisons, config.timezone, names, [each.name for each in experiments])
        return cls(str(config.data_dir.absolute()), contracts, config.timezone, experiments, comparisons)


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
    """Questions that are answered of one state of the books, each in the order it stands in.

    Attributes:
        bought: What pilots bought.
        effects: What experiments or comparisons of these names found.
    """

    values: tuple[ValueOf, ...] = ()
    outcomes: tuple[OutcomesOf, ...] = ()
    spending: tuple[SpendingOf, ...] = ()
    calls: tuple[CallsOf, ...] = ()
    bought: tuple[Initiative, ...] = ()
    effects: tuple[str, ...] = ()


class AsOf(Struct, frozen=True):
    """Questions with the moment they are asked at."""

    as_of_ms: int
    asked: Asked


class Told(Struct, frozen=True):
    """What an experiment or a comparison found.

    Attributes:
        planned_units: At how many units it was to end; None where nobody planned.
        problem: Why nothing can be known, e.g. that there is no experiment of that name.
    """

    effects: tuple[Effect, ...] = ()
    planned_units: int | None = None
    problem: str = ""


class Answered(Struct, frozen=True, tag="answered"):
    """The answers, in the order of the questions.

    Attributes:
        as_of_ms: The moment they are of.
        bought: None for a pilot whose contract is not in the configuration.
    """

    as_of_ms: int
    values: tuple[Value, ...] = ()
    outcomes: tuple[tuple[OutcomeCost, ...], ...] = ()
    spending: tuple[tuple[Cut, ...], ...] = ()
    calls: tuple[tuple[CallCost, ...], ...] = ()
    bought: tuple[Bought | None, ...] = ()
    effects: tuple[Told, ...] = ()


class Trouble(Struct, frozen=True, tag="trouble"):
    """Why there is no answer.

    Attributes:
        kind: The name of the error's class.
    """

    kind: str
    message: str
    fix: str


class Ask(Protocol):
    """Who answers: the process beside a server, or whoever asks, at once."""

    def __call__(self, asked: Asked, wait_s: float | None = None) -> Answered:
        """The answers.

        Args:
            wait_s: How long to wait where another process answers; ``limits.ASKING_S_MAX`` unless said.
        """
        ...
