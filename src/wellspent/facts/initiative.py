"""Initiative: a pilot with an owner, a budget, a hypothesis, an outcome, a date to decide, and a decision."""

from typing import Literal

from msgspec import Struct

from wellspent.facts.attribution import Scope
from wellspent.facts.clock import day_ms

Choice = Literal["scale", "stop", "change"]
CHOICES: tuple[Choice, ...] = ("scale", "stop", "change")


class Target(Struct, frozen=True, omit_defaults=True):
    """What would make it a success: a cost, or an effect, never both.

    Attributes:
        cost_nanousd: An outcome costs at most this; None where the target is an effect.
        effect: The experiment's difference is at least this where it is above zero (0.05), at most this where it is below (-0.10).
        unit: The unit of that difference, as ``analytics.effect.Effect`` says it: ``share``, ``USD per outcome`` …
    """

    cost_nanousd: int | None = None
    effect: float | None = None
    unit: str = ""


class Decision(Struct, frozen=True, omit_defaults=True):
    """What people decided.

    Attributes:
        by: Who.
        because: Why, in their words.
    """

    choice: Choice
    by: str
    at_ms: int
    because: str


class Initiative(Struct, frozen=True, omit_defaults=True):
    """A pilot: money on trial.

    Attributes:
        name: Small letters, figures and dashes; its address on the page.
        owner: Who answers for it.
        hypothesis: What it is about, and what is expected of it, in words.
        scope: Whose spending is the pilot's.
        contract: The contract whose outcomes it is after.
        begins_on: YYYY-MM-DD, its first day.
        decide_by: YYYY-MM-DD, the last day on which a decision is in time.
        budget: The id of the budget that limits it, "" for none. What it may spend is there, and only there.
        target: What would make it a success; None where nobody said.
        experiment: The experiment or comparison that looks for its effect, "" for none.
        decision: None until there is one. Earlier ones are in the audit log.
    """

    name: str
    owner: str
    hypothesis: str
    scope: Scope
    contract: str
    begins_on: str
    decide_by: str
    budget: str = ""
    target: Target | None = None
    experiment: str = ""
    decision: Decision | None = None

    def begins_ms(self, timezone: str) -> int:
        """The first millisecond of its first day."""
        return day_ms(self.begins_on, timezone)

    def due_ms(self, timezone: str) -> int:
        """The first millisecond in which a decision is late: the end of the day to decide by."""
        return day_ms(self.decide_by, timezone, 1)
