"""Entire's checkpoints: a commit's trailer ``Entire-Checkpoint: ID`` leads to its sessions, on the branch ``entire/checkpoints/v1``.

``ab/cdef012345/N/metadata.json`` tells of the Nth session its agent, its id, and how many of the commit's lines the agent wrote. Transcripts and
prompts, which lie beside it, are not read. A session for which no line was counted makes no claim, and denies none: in Entire's own repository 49
of 68 commits with such a count hold lines that the session's transcript wrote.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from wellspent.rework.authorship.agents import known_tool
from wellspent.rework.authorship.claim import Claim, Rung, ai
from wellspent.rework.authorship.message import Message

EVIDENCE = "Entire checkpoint with its session"
ID = re.compile(r"[0-9a-f]{12}")
SESSION_FILE = re.compile(r"([0-9a-f]{2})/([0-9a-f]{10})/\d+/metadata\.json")


class _Attribution(Struct):
    agent_lines: int | None = None


class _Session(Struct):
    session_id: str | None = ""
    agent: str | None = ""
    initial_attribution: _Attribution | None = None


def checkpoint_ids(message: Message) -> tuple[str, ...]:
    """The checkpoints that a message names."""
    return tuple(value for key, value in message.trailers if key == "entire-checkpoint" and ID.fullmatch(value))


def checkpoint_of_path(path: str) -> str:
    """The checkpoint that a file tells of, where it is a session's metadata; else ""."""
    found = SESSION_FILE.fullmatch(path)
    return found[1] + found[2] if found else ""


def checkpoint_claims(sessions: Iterable[bytes]) -> tuple[Claim, ...]:
    """What the metadata of a checkpoint's sessions say; without any, that an agent whose name is not known took part."""
    known = list(_known(sessions))
    if not known:
        return (Claim(ai(""), Rung.CHECKPOINT, "Entire checkpoint"),)
    wrote = [each for each in known if not each.initial_attribution or each.initial_attribution.agent_lines != 0]
    return tuple(dict.fromkeys(Claim(ai(known_tool(each.agent or ""), session=each.session_id or ""), Rung.CHECKPOINT, EVIDENCE) for each in wrote))


def _known(sessions: Iterable[bytes]) -> Iterator[_Session]:
    for text in sessions:
        try:
            yield msgspec.json.decode(text, type=_Session)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # what cannot be read says no more than that the checkpoint exists
