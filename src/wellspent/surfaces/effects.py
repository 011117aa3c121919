"""What an experiment or a comparison found. Reckoning it walks the journal and loads scipy: pages leave that to the answering process."""

from contextlib import closing
from pathlib import Path

from wellspent.analytics import comparison as before_after
from wellspent.analytics import experiment as randomised
from wellspent.analytics.comparison import Comparison
from wellspent.analytics.contract import Contract
from wellspent.analytics.effect import Effect
from wellspent.facts.clock import SystemClock, day_ms
from wellspent.facts.errors import WellspentError
from wellspent.facts.outcome import Outcome
from wellspent.ledger.outcomes import FILE, OutcomeLog
from wellspent.ledger.reader import JournalReader
from wellspent.routing.experiment import Experiment
from wellspent.surfaces.asking.asked import Setup, Told

JOURNAL = "journal.db"


def tell(setup: Setup, name: str, now_ms: int) -> Told:
    """What the experiment or comparison of that name found; reckoned here, which may take a while."""
    try:
        return _told(setup, name, now_ms)
    except ImportError as error:
        return Told(problem=f"effects need {error.name}; install it with: pip install 'wellspent[analytics]'")
    except WellspentError as error:
        return Told(problem=str(error))


def _told(setup: Setup, name: str, now_ms: int) -> Told:
    contracts = {contract.name: contract for contract in setup.contracts}
    for experiment in setup.experiments:
        if experiment.name == name:
            planned = experiment.planned_n if len(experiment.arms) == 2 else None
            return Told(_randomised(experiment, contracts[experiment.contract], setup, now_ms), planned)
    for comparison in setup.comparisons:
        if comparison.name == name:
            return Told((_before_after(comparison, contracts[comparison.contract], setup, now_ms),))
    return Told(problem=f"there is no experiment {name!r} in the configuration")


def _randomised(experiment: Experiment, contract: Contract, setup: Setup, now_ms: int) -> tuple[Effect, ...]:
    charges = JournalReader(Path(setup.data_dir) / JOURNAL).charges(experiment.from_ms, now_ms)
    return randomised.evaluate(experiment, contract, _outcomes(setup), charges, now_ms)


def _before_after(comparison: Comparison, contract: Contract, setup: Setup, now_ms: int) -> Effect:
    charges = JournalReader(Path(setup.data_dir) / JOURNAL).charges(day_ms(comparison.from_, setup.timezone), now_ms)
    seen = before_after.look(comparison, contract, _outcomes(setup), charges, now_ms, setup.timezone)
    return before_after.compare(comparison, seen)


def _outcomes(setup: Setup) -> list[Outcome]:
    with closing(OutcomeLog(Path(setup.data_dir) / FILE, SystemClock())) as log:
        return list(log.outcomes())
