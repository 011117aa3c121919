"""What a change is for: bug, upkeep or feature, by its labels, else by the form of its title. The title is not kept. Pure.

Titles as in Conventional Commits 1.0.0, as Dependabot and Renovate write them, and as GitHub's button to revert does. What only tidies, tests or
documents is neither: the article behind the classes counts bugs, and infrastructure, dependencies and configuration ("keep the lights on").
"""

import re
from collections.abc import Iterable

from wellspent import limits
from wellspent.facts.review import Work

TITLE = re.compile(r"\s*(?:draft:\s*|wip:\s*)?([a-z]+)\s*(?:\(([^)]{0,80})\))?!?:", re.IGNORECASE)
UPDATES = re.compile(r"\s*(?:bump|update (?:dependency|module|[\w./@-]+ (?:docker tag|action|digest)))\s", re.IGNORECASE)
REVERTS = re.compile(r'\s*revert\s+"', re.IGNORECASE)
TITLES: dict[str, Work] = {
    **dict.fromkeys(("fix", "bugfix", "hotfix", "bug", "revert"), "bug"),
    **dict.fromkeys(("chore", "build", "ci", "deps", "dep", "ops", "infra", "config"), "upkeep"),
    **dict.fromkeys(("feat", "feature"), "feature"),
}
LABELS: dict[Work, frozenset[str]] = {
    "bug": frozenset(("bug", "bugfix", "fix", "hotfix", "defect", "regression", "incident", "revert")),
    "upkeep": frozenset(
        ("dependencies", "deps", "dependency", "chore", "maintenance", "upkeep", "ktlo", "ci", "build", "infrastructure", "infra", "configuration")
    ),
    "feature": frozenset(("feature", "enhancement", "feat")),
}


def work_of(title: str, labels: Iterable[str]) -> Work:
    """What a change is for; of several labels the first in the order of ``LABELS`` counts. "" where nothing tells.

    >>> work_of("feat(api): pages", ()), work_of("Tidy up", ("type::bug",)), work_of("Tidy up", ())
    ('feature', 'bug', '')
    """
    words = {re.split(r"[:/]\s*", label)[-1] for label in labels}
    for work, known in LABELS.items():
        if words & known:
            return work
    if REVERTS.match(title):
        return "bug"
    if UPDATES.match(title):
        return "upkeep"
    found = TITLE.match(title)
    if found and (found[2] or "").lower() in ("deps", "deps-dev"):
        return "upkeep"
    return TITLES.get(found[1].lower(), "") if found else ""


def labels_of(names: Iterable[str]) -> tuple[str, ...]:
    """Labels as they are kept: in small letters, each once, not more than ``limits.REVIEW_LABELS_MAX``."""
    return tuple(sorted({name.lower() for name in names if name})[: limits.REVIEW_LABELS_MAX])
