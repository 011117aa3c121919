"""What a repository says of itself: commits that only change how code looks."""

import re
from typing import Final

from wellspent.rework.git import Repository

FILE: Final = ".git-blame-ignore-revs"  # the name that GitHub, GitLab and most projects have for git's blame.ignoreRevsFile
_NAME: Final = re.compile(rb"^\s*([0-9a-f]{40}(?:[0-9a-f]{24})?)\b", re.MULTILINE)


def ignored_commits(repository: Repository, tip: str) -> frozenset[str]:
    """The commits listed in ``.git-blame-ignore-revs`` of the tip; none where there is no such file."""
    return frozenset(name.decode() for name in _NAME.findall(repository.ask("cat-file", "blob", f"{tip}:{FILE}")))
