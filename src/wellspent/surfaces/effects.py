"""What an experiment or a comparison found, for whoever shows it: at once on the command line, in a process of its own for pages.

Reckoning an effect walks the journal and loads scipy, which is too much beside live calls; so pages ask ``python -m wellspent.surfaces.effects``.
"""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.analytics import comparison as before_after
from wellspent.analytics import experiment as randomised
from wellspent.analytics.comparison import Comparison, comparisons_of
from wellspent.analytics.contract import Contract, contracts_of
from wellspent.analytics.effect import Effect
from wellspent.config import Config
from wellspent.facts.clock import Clock, SystemClock, day_ms
from wellspent.facts.errors import WellspentError
from wellspent.facts.outcome import Outcome
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.routing.experiment import Experiment
from wellspent.routing.experiment_lines import experiments_of

JOURNAL = "journal.db"


class Asked(Struct, frozen=True):
    """What a process of its own has to know.

    Attributes:
        name: The experiment or comparison.
        contracts, experiments, comparisons: Lines of the configuration.
    """

    name: str
    now_ms: int
    data_dir: str
    timezone: str
    contracts: tuple[dict[str, Any], ...]
    experiments: tuple[dict[str, Any], ...]
    comparisons: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, config: Config, name: str, now_ms: int) -> "Asked":
        """From the configuration."""
        lines = (config.contracts, config.experiments, config.comparisons)
        return cls(name, now_ms, str(config.data_dir.absolute()), config.timezone, *lines)


class Told(Struct, frozen=True):
    """What was found.

    Attributes:
        planned_units: At how many units it was to end; None where nobody planned.
        problem: Why nothing can be known, e.g. that there is no experiment of that name.
    """

    effects: tuple[Effect, ...] = ()
    planned_units: int | None = None
    problem: str = ""


def none_told(name: str) -> Told:
    """For an installation without experiments."""
    return Told(problem=f"there is no experiment {name!r} in the configuration")


def tell(asked: Asked) -> Told:
    """Reckon it here."""
    try:
        return _told(asked)
    except ImportError as error:
        return Told(problem=f"effects need {error.name}; install it with: pip install 'wellspent[analytics]'")
    except WellspentError as error:
        return Told(problem=str(error))


class Aside:
    """Asks in a process of its own, and remembers the answer for ``limits.EFFECT_KEPT_S``. Several threads may ask."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock, self._lock = config, clock, threading.Lock()
        self._kept: dict[str, tuple[int, Told]] = {}

    def __call__(self, name: str) -> Told:
        """What the experiment or comparison of that name found."""
        with self._lock:
            now_ms = self._clock.now_ms()
            at_ms, told = self._kept.get(name, (None, Told()))
            if at_ms is None or not 0 <= now_ms - at_ms < limits.EFFECT_KEPT_S * 1000:
                told = _ask(Asked.of(self._config, name, now_ms))
                self._kept[name] = (now_ms, told)
            return told


def _ask(asked: Asked) -> Told:
    command = [sys.executable, "-m", "wellspent.surfaces.effects"]
    try:
        done = subprocess.run(command, input=msgspec.json.encode(asked), capture_output=True, timeout=limits.EFFECT_ASK_S_MAX, check=True)
        return msgspec.json.decode(done.stdout, type=Told)
    except subprocess.TimeoutExpired:
        return Told(problem=f"reckoning it took longer than {limits.EFFECT_ASK_S_MAX:g} s; ask for it with: wellspent effect {asked.name}")
    except (subprocess.CalledProcessError, msgspec.DecodeError):
        return Told(problem=f"it could not be reckoned; see why with: wellspent effect {asked.name}")


def _told(asked: Asked) -> Told:
    contracts = {contract.name: contract for contract in contracts_of(asked.contracts)}
    experiments = experiments_of(asked.experiments, asked.timezone, list(contracts))
    for experiment in experiments:
        if experiment.name == asked.name:
            planned = experiment.planned_n if len(experiment.arms) == 2 else None
            return Told(_randomised(experiment, contracts[experiment.contract], asked), planned)
    for comparison in comparisons_of(asked.comparisons, asked.timezone, list(contracts), [each.name for each in experiments]):
        if comparison.name == asked.name:
            return Told((_before_after(comparison, contracts[comparison.contract], asked),))
    return none_told(asked.name)


def _randomised(experiment: Experiment, contract: Contract, asked: Asked) -> tuple[Effect, ...]:
    charges = JournalReader(Path(asked.data_dir) / JOURNAL).charges(experiment.from_ms, asked.now_ms)
    return randomised.evaluate(experiment, contract, _outcomes(asked), charges, asked.now_ms)


def _before_after(comparison: Comparison, contract: Contract, asked: Asked) -> Effect:
    charges = JournalReader(Path(asked.data_dir) / JOURNAL).charges(day_ms(comparison.from_, asked.timezone), asked.now_ms)
    seen = before_after.look(comparison, contract, _outcomes(asked), charges, asked.now_ms, asked.timezone)
    return before_after.compare(comparison, seen)


def _outcomes(asked: Asked) -> list[Outcome]:
    with closing(OutcomeLog(Path(asked.data_dir) / FILE, SystemClock())) as log:
        return list(log.outcomes())


def main() -> None:
    """Read what is asked on stdin, answer on stdout."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    sys.stdout.buffer.write(msgspec.json.encode(tell(asked)))


if __name__ == "__main__":
    main()
