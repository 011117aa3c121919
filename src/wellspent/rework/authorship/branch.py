"""Names of branches that agents choose: ``claude/fix-418``. The weakest evidence: people work on such branches too."""

import re
from collections.abc import Iterator, Sequence

from wellspent.rework.authorship.claim import Claim, Rung, ai

PREFIXES = {
    "claude": "claude-code",
    "codex": "codex",
    "copilot": "copilot",
    "cursor": "cursor",
    "devin": "devin",
    "cline": "cline",
    "aider": "aider",
    "gemini": "gemini-cli",
    "jules": "jules",
    "amp": "amp",
}
MERGED = re.compile(r"Merge (?:pull request #\d+ from [^\s/]+/(\S+)|(?:remote-tracking )?branch '([^']+)')")


def branch_claims(branch: str) -> Iterator[Claim]:
    """What a branch's name says."""
    prefix, slash, rest = branch.removeprefix("refs/heads/").removeprefix("origin/").partition("/")
    tool = PREFIXES.get(prefix.lower())
    if tool and slash and rest:
        yield Claim(ai(tool), Rung.BRANCH, f"branch {prefix.lower()}/")


def merged_branch(subject: str) -> str:
    """The branch that a merge brought in, as its subject says; "" where it does not."""
    found = MERGED.match(subject)
    return (found[1] or found[2]).removeprefix("origin/") if found else ""


class BranchWalk:
    """Which branch each commit was made on, told from merges while commits come, children before parents.

    A merge passes its own branch to its first parent and the one that it names to its second. A commit that is reached in two ways, such as
    the one that a branch began at, is on no branch that could be told.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {}

    def of(self, commit: str, parents: Sequence[str], subject: str) -> str:
        """The branch of the next commit; "" where it cannot be told."""
        branch = self._waiting.pop(commit, "")
        names = [branch, *(merged_branch(subject) if number == 0 else "" for number in range(len(parents) - 1))]
        for parent, name in zip(parents, names, strict=False):
            self._waiting[parent] = name if self._waiting.get(parent, name) == name else ""
        return branch
