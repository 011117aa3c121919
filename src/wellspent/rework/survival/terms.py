"""What the field calls lines that do not last: who says which word for which window. Facts with their sources; nothing is computed here."""

from msgspec import Struct

WINDOWS_DAYS = (7, 14, 21, 30, 90)


class Term(Struct, frozen=True):
    """One vendor's or standard's word.

    Attributes:
        who: Whose word it is.
        term: The word.
        days: The window; None where the figure has none.
        edits: Whose edits count: ``any``, ``own`` (the author's), ``other``.
        counts: What is counted, in words.
        source: Where it is written.
    """

    who: str
    term: str
    days: int | None
    edits: str
    counts: str
    source: str


TERMS = (
    Term("Entelligence", "code rework", 7, "any", "lines written and discarded within the week", "research.entelligence.ai, May 2026"),
    Term("GitClear", "churn", 14, "any", "lines reverted or substantially changed after being pushed", "GitClear code quality reports"),
    Term("LinearB", "rework", 21, "any", "lines changed that are younger than 21 days; older ones are refactored", "LinearB help, work breakdown"),
    Term("Code Climate Velocity", "rework", 21, "any", "lines, counted at the push, edits inside a pull request included", "Velocity documentation"),
    Term("Hatica", "churn", 21, "own", "lines changed within 21 days after the merge", "Hatica help"),
    Term("Hatica", "helping others", 21, "other", "the same, changed by another author", "Hatica help"),
    Term("Pluralsight Flow", "rework", 30, "own", "hunks; formerly GitPrime", "Pluralsight help"),
    Term("Harness SEI", "refactored work", 30, "any", "lines; the window can be set", "Harness developer documentation"),
    Term("Faros AI", "code churn", None, "any", "lines deleted over lines added in merged pull requests, however old", "AI Engineering Report 2026"),
    Term("DORA", "deployment rework rate", None, "any", "unplanned deployments that fix what users met, of all deployments", "DORA 2024"),
)


def names(days: int) -> tuple[str, ...]:
    """What the field calls lines that die within a window, whoever edits them: ``churn (GitClear)`` for 14 days."""
    return tuple(f"{term.term} ({term.who})" for term in TERMS if term.days == days and term.edits == "any")
