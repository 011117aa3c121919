"""Attribution: who and what a dollar is charged to, and the scopes that follow from it."""

from collections.abc import Iterator

from msgspec import Struct

from wellspent.facts.errors import InvalidInput

SCOPE_KINDS = ("org", "team", "person", "key", "project", "workflow", "run", "session", "tag")


class Scope(Struct, frozen=True, gc=False, order=True):
    """One node that money can be charged to, and that a budget can limit.

    Attributes:
        kind: One of ``SCOPE_KINDS``.
        name: Its value. For a tag ``"name=value"``. ``"*"`` in a budget means each value by itself.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read ``"team:core"`` or ``"tag:customer=acme"``. Raises InvalidInput."""
        kind, colon, name = text.partition(":")
        if not colon or not name or kind not in SCOPE_KINDS or (kind == "tag" and "=" not in name):
            raise InvalidInput(f"{text!r} is not a scope", fix=f"write KIND:NAME with KIND one of {', '.join(SCOPE_KINDS)}, a tag as tag:NAME=VALUE")
        return cls(kind, name)


class Attribution(Struct, frozen=True, gc=False, array_like=True, cache_hash=True):
    """Who and what a call is charged to; an empty string is *unknown*.

    Attributes:
        org: The organisation, the root of the tree.
        key: Id of the key (never the secret).
        session: The client's conversation id, read from its own headers.
        agent: The client's sub-agent, where it says so.
        client: The program that called, from its user agent: "claude-code", "codex", "openai-python" …
        tags: Free ``(name, value)`` pairs, sorted by name.
    """

    org: str = ""
    team: str = ""
    person: str = ""
    key: str = ""
    project: str = ""
    workflow: str = ""
    run: str = ""
    session: str = ""
    agent: str = ""
    client: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    def scopes(self) -> Iterator[Scope]:
        """Every scope the call is charged to, widest first."""
        for kind in ("org", "team", "person", "key", "project", "workflow", "run", "session"):
            name = getattr(self, kind)
            if name:
                yield Scope(kind, name)
        for name, value in self.tags:
            yield Scope("tag", f"{name}={value}")
