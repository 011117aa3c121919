"""What the operator says of hours, from ``[rework]`` of the configuration."""

from wellspent.config import Config
from wellspent.rework.delay.delays import Rates
from wellspent.rework.delay.worktime import Workweek
from wellspent.rework.survival.people import Span


def rates_of(config: Config) -> Rates:
    """What an hour of review, and of waiting, costs."""
    review, delay = (config.rework.rate_nanousd(name) for name in ("review_usd_per_hour", "delay_usd_per_hour"))
    return Rates(Span(*review) if review else None, Span(*delay) if delay else None)


def workweek_of(config: Config) -> Workweek | None:
    """Working hours in the operator's time zone; None where they are not known."""
    found = config.rework.workweek()
    return Workweek(config.timezone, *found) if found else None
