"""Made-up histories in real git."""

import os
import subprocess
from pathlib import Path

from wellspent.rework.git import Repository, open_repository, tip_of
from wellspent.rework.history import History
from wellspent.rework.lifetimes import Lifetimes, read

DAY_S = 86_400
START_S = 1_700_000_000
NOW_S = START_S + 1_000 * DAY_S


class Made:
    """A repository that is written to; each commit a day after the last one."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.day = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, at_s: int | None = None, given: bytes | None = None) -> str:
        moment = f"@{START_S + self.day * DAY_S if at_s is None else at_s} +0000"
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "N"), ("EMAIL", "n@example.org"))}
        env = {**os.environ, **who, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(["git", *arguments], cwd=self.folder, env=env, input=given, capture_output=True, check=True)
        return done.stdout.decode(errors="surrogateescape").strip()

    def write(self, **files: str | bytes | None) -> None:
        for name, content in files.items():
            self.put(name, content)

    def put(self, name: str, content: str | bytes | None) -> None:
        path = self.folder / name
        if content is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "change", at_s: int | None = None) -> str:
        self.day += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, at_s=at_s)
        return self.git("rev-parse", "HEAD")

    def saved(self, message: str = "change", **files: str | bytes | None) -> str:
        self.write(**files)
        return self.commit(message)

    @property
    def repository(self) -> Repository:
        return open_repository(self.folder)

    def read(self, history: History = "first-parent", earlier: Lifetimes | None = None) -> Lifetimes:
        return read(self.repository, tip_of(self.repository, "HEAD"), history, NOW_S, earlier, lambda *_: None)

    def blame(self, path: str, history: History = "first-parent") -> list[str]:
        first = ["--first-parent"] if history == "first-parent" else []
        printed = self.git("blame", *first, "-s", "--line-porcelain", "HEAD", "--", path)
        lines = printed.split("\n")
        return [line.split(" ")[0] for line in lines if len(line.split(" ")[0]) == 40 and line.split(" ")[1].isdigit() and not line.startswith("\t")]


def births(lifetimes: Lifetimes) -> dict[str, list[str]]:
    """The commit in which each line at the tip was born, by file."""
    commit_of = {span.first + n: lifetimes.commits[span.commit].id for span in lifetimes.spans() for n in range(span.count)}
    return {path.decode(errors="surrogateescape"): [commit_of[line] for line in ids] for path, ids in lifetimes.files.items() if ids}


def told(lifetimes: Lifetimes, moves: bool = True) -> list[tuple[str, bytes, int, str, int]]:
    """Every line: where and when it was born, how it ended, whether it counts. In an order of its own."""
    fates = lifetimes.fates(moves)
    names = [commit.id for commit in lifetimes.commits]
    found = []
    for span in lifetimes.spans():
        for n in range(span.count):
            end = fates.ends[span.first + n]
            what = "alive" if end == -1 else f"died in {names[end]}" if end >= 0 else f"lost in {names[-2 - end]}"
            found.append((names[span.commit], span.path, span.line + n, what, fates.counts[span.first + n]))
    return sorted(found)
