"""``wellspent experiments``."""

from msgspec.structs import asdict

from wellspent.analytics.comparison import Comparison
from wellspent.config import Config
from wellspent.facts.clock import SystemClock, day_of
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.routing.experiment import Arm, Experiment, assignment
from wellspent.surfaces.asking.asked import Setup
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape
from wellspent.surfaces.cli.output import Column, emit, joined


def _yes(value: object) -> str:
    return "yes" if value else ""


LISTED = (
    Column("name", "name"),
    Column("design", "design"),
    Column("unit", "unit"),
    Column("sides", "arms or sides", show=joined),
    Column("control", "control"),
    Column("contract", "contract"),
    Column("from", "from"),
    Column("until", "until"),
    Column("running", "running", show=_yes),
)
ASSIGNED = (
    Column("unit", "unit"),
    Column("arm", "arm", show=lambda value: str(value or "none: not listed")),
    Column("model", "model", show=lambda value: str(value or "as asked")),
    Column("holdout", "holdout", show=_yes),
    Column("control", "control", show=_yes),
    Column("running", "running", show=_yes),
)


def list_experiments(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List experiments and comparisons."""
    config = common.load()
    experiments, comparisons = known(config)
    now_ms = SystemClock().now_ms()
    rows = [_experiment(each, config.timezone, now_ms) for each in experiments]
    rows += [_comparison(each, day_of(now_ms, config.timezone)) for each in comparisons]
    emit(rows, LISTED, shape, empty="there are no experiments; write one in wellspent.toml: see docs/experiments.md")


def assign(name: str, *units: str, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Say in which arm of an experiment a unit is. It is computed from the two names: nothing is asked or kept.

    Args:
        name: The experiment, as the configuration names it.
        units: Ids of what it assigns: a run, a conversation, a team …
    """
    experiments, _ = known(common.load())
    experiment = next((each for each in experiments if each.name == name), None)
    if experiment is None:
        names = ", ".join(each.name for each in experiments)
        raise NotFound(f"there is no experiment {name!r}", fix=f"use one of {names}" if names else "write one: see docs/experiments.md")
    if not units:
        raise InvalidInput(f"no {experiment.unit} is named", fix=f"write: wellspent experiments assign {name} ID")
    now_ms = SystemClock().now_ms()
    emit([asdict(assignment(experiment, unit, now_ms)) for unit in units], ASSIGNED, shape)


def known(config: Config) -> tuple[tuple[Experiment, ...], tuple[Comparison, ...]]:
    """The experiments and comparisons of a configuration. Raises ConfigError."""
    setup = Setup.of(config)
    return setup.experiments, setup.comparisons


def _experiment(each: Experiment, timezone: str, now_ms: int) -> dict[str, object]:
    return {
        "name": each.name,
        "design": "randomised",
        "unit": each.unit,
        "sides": [_arm(arm) for arm in each.arms],
        "control": each.control,
        "contract": each.contract,
        "from": day_of(each.from_ms, timezone),
        "until": None if each.until_ms is None else day_of(each.until_ms, timezone),
        "running": each.runs_at(now_ms),
    }


def _arm(arm: Arm) -> str:
    does = "no AI" if arm.holdout else arm.model or "as asked"
    return f"{arm.name}: {does}, share {arm.share}"


def _comparison(each: Comparison, today: str) -> dict[str, object]:
    return {
        "name": each.name,
        "design": f"before and after {each.began}",
        "unit": each.unit,
        "sides": [f"treated: {', '.join(each.treated)}", f"control: {', '.join(each.control)}"],
        "control": "control",
        "contract": each.contract,
        "from": each.from_,
        "until": each.until or None,
        "running": each.from_ <= today and (not each.until or today < each.until),
    }
