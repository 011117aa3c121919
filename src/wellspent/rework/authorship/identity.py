"""Agents that sign as the author of a commit.

A commit has an author, who wrote it, and a committer, who put it into the history. An agent that is only the committer wrote nothing: aider commits
what it finds uncommitted under its own name as committer and the person's as author (aider's documentation, *Git integration*).
"""

from collections.abc import Iterator

from msgspec import Struct

from wellspent.rework.authorship.agents import agent_of
from wellspent.rework.authorship.claim import Claim, Rung, ai

AIDER = "(aider)"


class Identity(Struct, frozen=True):
    """Who signs a commit, while it is being read; it is not kept."""

    author_name: str
    author_address: str
    committer_name: str = ""
    committer_address: str = ""


def identity_claims(identity: Identity, subject: str = "") -> Iterator[Claim]:
    """What the signatures say. A subject that begins with ``aider:`` is aider's older way to sign."""
    tool = signer_of(identity.author_name, identity.author_address)
    if tool:
        yield Claim(ai(tool), Rung.IDENTITY, f"author is {tool}")
    elif subject.startswith("aider:"):
        yield Claim(ai("aider"), Rung.IDENTITY, "subject begins with aider:")


def only_committed(identity: Identity) -> str:
    """The agent that committed what somebody else wrote; "" where there is none."""
    return "" if signer_of(identity.author_name, identity.author_address) else signer_of(identity.committer_name, identity.committer_address)


def signer_of(name: str, address: str) -> str:
    """The agent behind a name and an address."""
    return "aider" if name.rstrip().endswith(AIDER) else agent_of(name, address)
