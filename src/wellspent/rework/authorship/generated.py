"""Lines that an agent leaves in messages: "Generated with Claude Code"."""

import re
from collections.abc import Iterator

from wellspent.rework.authorship.agents import known_tool
from wellspent.rework.authorship.claim import Claim, Rung, ai
from wellspent.rework.authorship.message import Message

LINE = re.compile(
    r"^[^\w\n]{0,8}generated (?:with|by|using) \[?(?P<name>[a-z][a-z .-]{1,30}?)(?:\]\(|\.?[ \t]*$|[ \t]*\()", re.IGNORECASE | re.MULTILINE
)


def generated_claims(message: Message) -> Iterator[Claim]:
    """Each known agent that a whole line thanks; a sentence that speaks of one says nothing."""
    tools = (known_tool(found["name"]) for found in LINE.finditer(message.text))
    for tool in dict.fromkeys(filter(None, tools)):
        yield Claim(ai(tool), Rung.GENERATED, f"generated with {tool}")
