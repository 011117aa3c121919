"""Trailers that name an agent beside the author: Co-authored-by, Assisted-by and their kin."""

import re
from collections.abc import Iterator

from wellspent.rework.authorship.agents import agent_of, known_tool, model_named, reviewer_of
from wellspent.rework.authorship.claim import Author, Claim, Rung, ai
from wellspent.rework.authorship.message import Message

COAUTHORS = ("co-authored-by", "co-developed-by", "generated-by", "assisted-by")
PLAIN = ("assisted-by", "generated-by", "made-with")
AIDER_MODEL = re.compile(r"aider\s*\(([^()]+)\)", re.IGNORECASE)
VIA = re.compile(r"(?P<model>.+?)\s+via\s+(?P<tool>\S+)", re.IGNORECASE)


def trailer_claims(message: Message) -> Iterator[Claim]:
    """Every agent that a trailer names. People are named by most such trailers: what names no known agent says nothing."""
    for key, name, address in message.signatures:
        if key in COAUTHORS and not reviewer_of(address):
            tool = agent_of(name, address)
            if tool:
                yield Claim(ai(tool, _model(name)), Rung.TRAILER, f"{key} {tool}")
    for key, value in message.trailers:
        author = _plain(key, value)
        if author:
            yield Claim(author, Rung.TRAILER, f"{key} {author.tool or author.model}")


def review_suggestions(message: Message) -> int:
    """How many bots that review have a suggestion in the commit: somebody accepted it, and wrote the rest."""
    return sum(key == "co-authored-by" and reviewer_of(address) for key, _, address in message.signatures)


def _model(name: str) -> str:
    aider = AIDER_MODEL.match(name)
    if aider:
        return aider[1].strip().rpartition("/")[2]
    via = VIA.fullmatch(name)
    return model_named(via["model"] if via else name)


def _plain(key: str, value: str) -> Author | None:
    """``Assisted-by: crush:MODEL``, ``Assisted-by: MODEL``, ``Made-with: Cursor``, ``Replit-Commit-Author: Agent``."""
    if key == "replit-commit-author":
        return ai("replit") if value.lower() in ("agent", "assistant") else None
    if key not in PLAIN or "<" in value:
        return None
    via = VIA.fullmatch(value)
    tool, _, model = (via["tool"], "", via["model"]) if via else value.partition(":")
    if known_tool(tool):
        return ai(known_tool(tool), model_named(model) or model.strip())
    return ai("", model_named(value)) if model_named(value) else None
