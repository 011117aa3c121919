"""What can move a figure: by which facts it may be another one, so that nothing else is told as its reason."""

from collections.abc import Callable, Mapping
from typing import Literal

from wellspent.analytics.statement.carried import CARRIED, OUTCOMES
from wellspent.analytics.statement.contracts import BEFORE_AI, BY_OUTCOME, EACH, MARGIN, OUTPUT, REWORK, SPENT

# Of outcomes: how many of a period count, are pending, were undone, name nothing, brought how much (``valued``); whether what money is linked to may
# still come to count (``open``), was undone, or undid others (``undone``, ``rework``); which money outcomes carry at all (``carried``), and how many
# settled where contracts split money by that (``split``).
Facet = Literal["settled", "pending", "reversed", "unlinked", "valued", "open", "undone", "rework", "carried", "split"]
Facets = frozenset[Facet]
NOTHING: Facets = frozenset()
MONEY: Facets = frozenset({"carried", "split"})
COUNTED_YET: Facets = frozenset({"settled", "pending", "open"})  # pending outcomes carry their part of what is carried together
BY_NAME: Mapping[tuple[str, str], Facets] = {
    (OUTPUT, "settled"): frozenset({"settled"}),
    (OUTPUT, "pending"): frozenset({"pending"}),
    (OUTPUT, "reversed"): frozenset({"reversed"}),
    (SPENT, "not counted yet"): MONEY | COUNTED_YET,
    (REWORK, "on what was undone"): frozenset({"carried", "undone"}),
    (REWORK, "on undoing and mending"): frozenset({"carried", "rework"}),
    (MARGIN, "revenue"): frozenset({"settled", "valued"}),
    (MARGIN, "revenue less AI spending"): MONEY | {"settled", "valued"},
    (BEFORE_AI, "as many before AI"): frozenset({"settled"}),  # what one cost is declared
}
BY_SECTION: Mapping[str, Facets] = {  # what was spent in all, and how well that is known, no outcome and no contract can move
    CARRIED: MONEY,
    SPENT: MONEY,
    EACH: MONEY | COUNTED_YET,
    MARGIN: MONEY,
    REWORK: frozenset({"carried", "undone", "rework"}),
    BY_OUTCOME: frozenset({"settled", "reversed"}),
    OUTCOMES: frozenset({"unlinked"}),
}
BEFORE = ", period before"
CHANGES = ("change", "of which prices", "of which everything else")  # of both periods


def facets_of(section: str, name: str) -> Facets:
    """What a figure follows from."""
    return BY_NAME.get((section, name.removesuffix(BEFORE))) or BY_SECTION.get(section, NOTHING)


def within(name: str, first: str, last: str, before_first: str) -> Callable[[str], bool]:
    """Whether a day lies where a figure is from: in the period, in the one before, or in either.

    Args:
        name: The figure's.
        first, last: The period's days.
        before_first: The first day of the one before; "" where that is not kept, for any.
    """
    since = before_first if name.endswith(BEFORE) or name in CHANGES else first
    return lambda day: since <= day <= last and (not name.endswith(BEFORE) or day < first)
