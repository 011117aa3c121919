from datetime import UTC, datetime

from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Initiative

PILOT = Initiative("leads", "zoe", "finds leads", Scope("workflow", "researcher"), "leads", "2026-03-01", "2026-03-29")


def ms(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


def test_days_are_those_of_the_operators_calendar_also_where_clocks_change() -> None:
    zurich = "Europe/Zurich"
    assert PILOT.begins_ms("UTC") == ms(2026, 3, 1)
    assert PILOT.begins_ms(zurich) == ms(2026, 2, 28, 23)
    assert PILOT.due_ms("UTC") == ms(2026, 3, 30)
    assert PILOT.due_ms(zurich) == ms(2026, 3, 29, 22)  # the day that has 23 hours
