"""Who calls, and what for: from the key, the path prefix, and the headers that known clients send by themselves.

What the key says wins; the caller's own words fill only what the key leaves open, so that nobody can spend another team's money by naming
it: give keys a team. Org and person come from the key alone.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
import orjson
from msgspec import Struct

from wellspent import limits
from wellspent.facts.attribution import Attribution
from wellspent.identity.keys import Key
from wellspent.routing.experiment import TAG as ARM_TAG

RawHeaders = dict[bytes, bytes]
Find = Callable[[bytes], Key | None]

KEY_HEADER = b"x-wellspent-key"
OTHER_KEY_HEADERS = (b"x-api-key", b"x-goog-api-key", b"api-key")
PREFIX_FIELDS = {"p": "project", "w": "workflow", "r": "run", "t": "team", "k": "key"}
OPEN_FIELDS = ("team", "project", "workflow", "run")
OPEN_HEADERS = {b"x-wellspent-" + field.encode(): field for field in OPEN_FIELDS}
SESSION_HEADERS = (b"x-claude-code-session-id", b"session-id", b"x-session-id", b"thread-id", b"helicone-session-id")
TAG_PREFIXES = (b"x-wellspent-tag-", b"helicone-property-")
CODEX_TURN = b"x-codex-turn-metadata"
AGENT_HEADER = b"x-claude-code-agent-id"
SAYING_HEADERS = frozenset((*OPEN_HEADERS, *SESSION_HEADERS, AGENT_HEADER, CODEX_TURN, b"user-agent"))
CODEX_MAIN_AGENT = b'"agent_name":"/root"'
CLIENTS = (
    (b"claude-cli", "claude-code"),
    (b"codex", "codex"),
    (b"geminicli", "gemini-cli"),
    (b"opencode", "opencode"),
    (b"openai/python", "openai-python"),
    (b"openai/js", "openai-js"),
    (b"anthropic/python", "anthropic-python"),
    (b"anthropic/js", "anthropic-js"),
    (b"google-genai-sdk", "google-genai"),
    (b"agents/python", "openai-agents"),
    (b"litellm", "litellm"),
    (b"ai-sdk", "ai-sdk"),
)


class Prefix(Struct, frozen=True):
    """What a path prefix said: ``/p/apollo/w/triage/v1/messages`` -> project and workflow; the rest is the path proper."""

    path: str
    said: tuple[tuple[str, str], ...] = ()


class Caller(Struct, frozen=True):
    """One identified caller.

    Attributes:
        attribution: Who and what to charge.
        provider_key: The caller's own provider key to pass on, or None: the operator's is used.
    """

    attribution: Attribution
    provider_key: bytes | None = None


class Unidentified(Struct, frozen=True):
    """Why a caller is not let in."""

    code: str
    message: str


def split_prefix(path: str) -> Prefix:
    """Take ``/p/NAME``, ``/w/NAME``, ``/r/NAME``, ``/t/NAME`` and ``/k/KEY`` pairs off the front of a path, and decode all of it."""
    said = []
    while len(path) > 3 and path[0] == "/" and path[2] == "/" and path[1] in PREFIX_FIELDS:
        value, _, rest = path[3:].partition("/")
        said.append((PREFIX_FIELDS[path[1]], unquote(value)[: limits.TAG_CHARS_MAX]))
        path = "/" + rest
    return Prefix(unquote(path) if "%" in path else path, tuple(said))


def secrets_of(headers: RawHeaders, query: bytes, prefix: Prefix) -> list[bytes]:
    """Every credential in a request, the most deliberate first: all routes take all of them (Bearer, x-api-key, x-goog-api-key, ?key=)."""
    found = [value.encode() for name, value in prefix.said if name == "key"] if prefix.said else []
    if KEY_HEADER in headers:
        found.append(headers[KEY_HEADER])
    authorization = headers.get(b"authorization", b"")
    if authorization[:7].lower() == b"bearer ":
        found.append(authorization[7:].strip())
    for name in OTHER_KEY_HEADERS:
        if name in headers:
            found.append(headers[name])
    if b"key=" in query:
        found.extend(value.encode() for name, value in parse_qsl(query.decode("latin-1")) if name == "key")
    return found


def identify(headers: RawHeaders, query: bytes, prefix: Prefix, find: Find, own_provider_keys: str, now_ms: int) -> Caller | Unidentified:
    """Find the caller's key among its credentials.

    Args:
        own_provider_keys: The setting: ``refuse``, ``with-wellspent-key`` (the caller's second credential is passed on) or ``alone``
            (a provider key by itself is let in and charged to a key named after its hash).
    """
    secrets = secrets_of(headers, query, prefix)
    key, own = None, None
    for secret in secrets:
        found = find(secret)
        if found is not None:
            key = key or found
        elif not secret.startswith(b"ws-") and own is None:
            own = secret
    if key is None:
        if own is None or own_provider_keys != "alone":
            return _unknown(secrets)
        attribution = Attribution(key="own-" + hashlib.sha256(own).hexdigest()[:12])
    elif key.revoked:
        return Unidentified("key_revoked", f"the key {key.id} was revoked; ask for a new one")
    elif key.expires_ms is not None and key.expires_ms <= now_ms:
        return Unidentified("key_expired", f"the key {key.id} has expired; ask for a new one")
    else:
        attribution = key.attribution
    return Caller(described(attribution, headers, prefix), own if own_provider_keys != "refuse" else None)


def speaks_codex(headers: RawHeaders) -> bool:
    """Whether a no has to be said in Codex' dialect: it retries what others show, and loses the text of what others keep."""
    return CODEX_TURN in headers or any(headers.get(name, b"")[:5].lower() == b"codex" for name in (b"originator", b"user-agent"))


def _unknown(secrets: list[bytes]) -> Unidentified:
    if not secrets:
        return Unidentified("key_missing", "no key was sent; send a wellspent key as Authorization: Bearer, x-api-key or x-goog-api-key")
    return Unidentified("key_unknown", "this key is not known here; use a wellspent key (it starts with ws-), not a provider's")


def described(attribution: Attribution, headers: RawHeaders, prefix: Prefix) -> Attribution:
    """The key's attribution with what the caller says of itself filled in where the key leaves it open."""
    said = [(name, value) for name, value in headers.items() if name in SAYING_HEADERS or name.startswith(TAG_PREFIXES)]
    return _described(attribution, tuple(said), prefix.said)


@lru_cache(maxsize=2000)
def _described(attribution: Attribution, headers: tuple[tuple[bytes, bytes], ...], prefix: tuple[tuple[str, str], ...]) -> Attribution:
    """Remembered, because a client says the same of itself in most of its calls."""
    said, found = dict(prefix), dict(headers)
    own_tags = dict(attribution.tags)
    for name, value in headers:
        if name in OPEN_HEADERS and value:
            said[OPEN_HEADERS[name]] = _text(value)
        elif name.startswith(TAG_PREFIXES) and len(own_tags) < limits.TAGS_MAX:
            tag = _text(name[len(TAG_PREFIXES[0] if name[:1] == b"x" else TAG_PREFIXES[1]) :])
            if not tag.startswith(ARM_TAG):  # chance says in which arm a call is, not its caller
                own_tags.setdefault(tag, _text(value))
    session = next((found[name] for name in SESSION_HEADERS if name in found), b"")
    agent = found.get(AGENT_HEADER) or _codex_agent(found.get(CODEX_TURN, b""))
    return Attribution(
        org=attribution.org,
        team=attribution.team or said.get("team", ""),
        person=attribution.person,
        key=attribution.key,
        project=attribution.project or said.get("project", ""),
        workflow=attribution.workflow or said.get("workflow", ""),
        run=attribution.run or said.get("run", ""),
        session=_text(session),
        agent=_text(agent),
        client="codex" if CODEX_TURN in found else client_of(found.get(b"user-agent", b"")),
        tags=tuple(sorted(own_tags.items())) if own_tags else (),
    )


def with_metadata(caller: Caller, payload: dict[str, Any]) -> Caller:
    """What Claude Code says of itself in the body, where key, path and headers leave it open.

    ``metadata.user_id`` is JSON text: the session, and what ``CLAUDE_CODE_EXTRA_METADATA='{"project": "apollo"}'`` adds.
    """
    metadata = payload.get("metadata")
    text = metadata.get("user_id") if isinstance(metadata, dict) else None
    if not isinstance(text, str) or text[:1] != "{":
        return caller
    said = _json_object(text)
    names = {**{field: field for field in OPEN_FIELDS}, "session": "session_id"}
    attribution = caller.attribution
    found = {field: said[name] for field, name in names.items() if isinstance(said.get(name), str) and not getattr(attribution, field)}
    if not found:
        return caller
    texts = {field: _text(value.encode("utf-8", "replace")) for field, value in found.items()}
    return msgspec.structs.replace(caller, attribution=msgspec.structs.replace(attribution, **texts))


def _codex_agent(turn: bytes) -> bytes:
    """The sub-agent that Codex names in its turn's metadata (``/root/reviewer``); nothing for the main one."""
    if b'"agent_name"' not in turn or CODEX_MAIN_AGENT in turn:
        return b""
    name = _json_object(turn).get("agent_name")
    return name.encode("utf-8", "replace") if isinstance(name, str) and name != "/root" else b""


def _json_object(text: str | bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def client_of(user_agent: bytes) -> str:
    """The program behind a user agent, or its first word."""
    lowered = user_agent.lower()
    for mark, name in CLIENTS:
        if mark in lowered:
            return name
    return _text(lowered.split(b"/", 1)[0].split(b" ", 1)[0])


def _text(value: bytes) -> str:
    return value[: limits.TAG_CHARS_MAX].decode("utf-8", "replace").strip()
