"""Tidewater's pilots: one to scale, one to stop that nobody has decided in time, and one that was changed the morning after it ran away. Pure."""

from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from wellspent.demo.story import CEILING_DAY
from wellspent.facts.attribution import Scope
from wellspent.facts.initiative import Choice, Initiative, Target
from wellspent.facts.money import parse_usd


class Pilot(Struct, frozen=True):
    """A pilot of the story. Days are counted back from today.

    Attributes:
        begins, decide: Its first day, and the last to decide; below zero is to come.
        decided: On which day it was, with what, by whom and why; None where it was not.
    """

    name: str
    owner: str
    hypothesis: str
    workflow: str
    contract: str
    begins: int
    decide: int
    budget_usd: str
    target_usd: str
    decided: tuple[int, Choice, str, str] | None = None

    def initiative(self, today: date) -> Initiative:
        """The record that its owner writes on its first day."""
        days: dict[str, Any] = {
            name: (today - timedelta(days=ago)).isoformat() for name, ago in (("begins_on", self.begins), ("decide_by", self.decide))
        }
        target = Target(cost_nanousd=parse_usd(self.target_usd))
        return Initiative(self.name, self.owner, self.hypothesis, Scope("workflow", self.workflow), self.contract, target=target, **days)


PILOTS = (
    Pilot(
        "reply-drafter",
        "petra",
        "Support answers with a draft from an agent, and solves more conversations in the same hours",
        "reply-drafter",
        "support",
        84,
        -9,
        "120",
        "0.99",
    ),
    Pilot(
        "lead-researcher",
        "zoe",
        "An agent reads the web at night and finds leads for less than a broker of addresses asks",
        "lead-researcher",
        "leads",
        80,
        3,
        "150",
        "3.20",
    ),
    Pilot(
        "doc-crawler",
        "goran",
        "An agent keeps the documents of the shop current, so that changes are merged sooner",
        "doc-crawler",
        "changes",
        70,
        14,
        "250",
        "40",
        (CEILING_DAY, "change", "ada", "it read its own output all night; it goes on with a ceiling for each run"),
    ),
)
