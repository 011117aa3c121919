"""Repositories made by git, commit by commit, with whatever identities, messages and notes a test wants."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import orjson

PERSON = ("Maxine Muster", "maxine@muster.example")
TIME_S = 1_790_000_000


class Making:
    """A repository that is being made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.at_s = TIME_S
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, given: str = "", author: tuple[str, str] = PERSON, committer: tuple[str, str] = PERSON) -> str:
        """Run git as somebody."""
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_NAME": author[0],
            "GIT_AUTHOR_EMAIL": author[1],
            "GIT_COMMITTER_NAME": committer[0],
            "GIT_COMMITTER_EMAIL": committer[1],
            "GIT_AUTHOR_DATE": f"{self.at_s} +0000",
            "GIT_COMMITTER_DATE": f"{self.at_s} +0000",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }
        return subprocess.run(["git", *arguments], cwd=self.folder, env=env, input=given, capture_output=True, text=True, check=True).stdout.strip()

    def write(self, path: str, *lines: str) -> None:
        """A file of these lines."""
        whole = self.folder / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text("".join(f"{line}\n" for line in lines))

    def commit(self, message: str = "a change", author: tuple[str, str] = PERSON, committer: tuple[str, str] | None = None) -> str:
        """Commit everything, a minute later than the last; the new commit's id."""
        self.at_s += 60
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", given=message, author=author, committer=committer or author)
        return self.git("rev-parse", "HEAD")

    def note(self, commit: str, body: str) -> None:
        """git-ai's note on a commit."""
        self.git("notes", "--ref=ai", "add", "-f", "-F", "-", commit, given=body)


def metadata(**fields: object) -> str:
    """The part of a note below its line."""
    known: Mapping[str, object] = {"schema_version": "authorship/3.0.0", "git_ai_version": "1.4.5", "base_commit_sha": "0" * 40, "prompts": {}}
    return "---\n" + orjson.dumps({**known, **fields}, option=orjson.OPT_INDENT_2).decode()


def agent(tool: str = "claude", session: str = "11111111-2222-4333-8444-555555555555", model: str = "claude-opus-4-6") -> dict[str, object]:
    """A session or prompt of a note, with the person who asked."""
    return {"agent_id": {"tool": tool, "id": session, "model": model}, "human_author": f"{PERSON[0]} <{PERSON[1]}>"}
