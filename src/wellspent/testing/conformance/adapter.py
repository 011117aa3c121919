"""What the suite asks of a gateway. A profile is a subclass that says how; what it leaves out is *not offered*, and no failure.

The suite drives calls over HTTP by itself. A profile only has to say how a key is sent, how a limited key is had, and where spending is read
back. ``docs/conformance.md`` has one in thirty lines.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct

from wellspent.testing.conformance.client import Reply
from wellspent.testing.conformance.wires import Wire
from wellspent.testing.provider import Seen


class NotOffered(Exception):
    """The gateway does not offer what a case needs; the text says what."""


class Key(Struct, frozen=True):
    """A caller of the gateway.

    Attributes:
        secret: What a client sends.
        name: How the gateway names it when spending is read back.
        headers: What is sent besides, such as the name of a run.
    """

    secret: str
    name: str = ""
    headers: dict[str, str] = {}


class Providers(Struct, frozen=True):
    """Where the suite's own provider listens.

    Attributes:
        url: Its address, without a path; it speaks every API and takes any key.
    """

    url: str


class Adapter:
    """A gateway under test. Every method but ``headers``, ``model`` and ``path`` may raise NotOffered, which is what they do here.

    Args:
        url: Its address, where it runs already; "" where ``start`` is to start it.
        key: A key of it.
        data_dir: Its data folder, for a profile that reads spending there.

    Attributes:
        name: What the report calls it.
        url: Its address.
        wires: Names of the APIs it speaks.
        falls_back: Whether ``conformance-fallback`` is a route: the small model, then, where that fails, the large one.
        long_prices: Whether longer prompts can have a price of their own.
        settle_s: How long after an answer spending may take to show.
        deferred_s: How long a changed setting (a limit, a revoked key) may take to hold.
        takes_program: Whether ``start`` looks at ``program``.
    """

    name = "generic"
    wires: tuple[str, ...] = ("openai-chat", "openai-responses", "openai-embeddings", "anthropic-messages", "gemini")
    falls_back = False
    long_prices = True
    settle_s = 10.0
    deferred_s = 2.0
    takes_program = True

    def __init__(self, url: str = "", key: str = "", data_dir: Path | None = None) -> None:
        self.url, self._key, self._data_dir = url.rstrip("/"), key, data_dir

    def version(self) -> str:
        """What is measured."""
        return "unknown"

    # Starting and stopping: only where the suite runs the gateway itself

    def start(self, providers: Providers, folder: Path, program: str) -> None:
        """Set the gateway up in an empty folder, in front of the provider, and wait until it answers; ``url`` is its address then.

        Args:
            program: Where it is installed, as ``--program`` said; "" is wherever it is found.
        """
        raise NotOffered(f"{self.name} is not started by the suite; start it yourself, and name it with --gateway")

    def stop(self) -> None:
        """End what ``start`` began. At a gateway that ran already: take back what was made there. Called once, whatever ended the run."""

    def restart(self) -> None:
        """Kill the gateway without a warning (SIGKILL), and start it again on the same data."""
        raise NotOffered("the suite cannot kill and start this gateway")

    def second(self) -> "Adapter":
        """Another process of the same gateway, on the same budgets."""
        raise NotOffered("a second process on the same budgets is not offered")

    def advance(self, seconds: int) -> None:
        """Move the gateway's clock on; 0 only makes ready to, and comes first, before calls are open."""
        raise NotOffered("the suite cannot move this gateway's clock")

    def seconds_to_price_change(self) -> int:
        """How far ahead on the gateway's clock the price of ``conformance-dated`` changes."""
        raise NotOffered("prices with dates are not offered")

    # Calling

    def headers(self, wire: Wire, key: Key) -> dict[str, str]:
        """What a client of this API sends to be known."""
        return {**wire.key_headers(key.secret), **key.headers}

    def model(self, model: str, wire: Wire) -> str:
        """What the gateway calls a model of the suite, for this API."""
        return model

    def fields(self, wire: Wire, key: Key, *, stream: bool) -> dict[str, Any]:
        """What a client of the gateway says in a request's body besides, where a key is not enough."""
        return {}

    def path(self, path: str) -> str:
        """Where the gateway has a path of the provider."""
        return path

    # Keys and limits

    def key(self) -> Key:
        """A key without a limit."""
        if not self._key:
            raise NotOffered("no key was given")
        return Key(self._key)

    def limited(self, limit_nanousd: int, window: str = "month") -> Key:
        """A new key that may spend so much.

        Args:
            window: ``hour``, ``day`` or ``month``: when the limit begins anew.
        """
        raise NotOffered("keys with a limit cannot be made")

    def limited_together(self, limit_nanousd: int, count: int) -> list[Key]:
        """So many new keys under one limit on what is above them all (a team, an organisation)."""
        raise NotOffered("a limit above several keys cannot be made")

    def limited_run(self, limit_nanousd: int) -> Key:
        """A key whose calls name a run (a session of an agent), each run of which may spend so much."""
        raise NotOffered("a limit for each run cannot be made")

    def lower(self, key: Key, limit_nanousd: int) -> None:
        """Set a key's limit anew, perhaps below what it has spent."""
        raise NotOffered("a limit cannot be changed")

    def revoke(self, key: Key) -> None:
        """Take a key back."""
        raise NotOffered("a key cannot be taken back")

    def import_again(self, call: Seen) -> None:
        """Hand the gateway a call that it has relayed itself once more, as a record of a client or a provider would."""
        raise NotOffered("records of calls cannot be imported")

    # Reading back

    def spent(self, key: Key) -> int:
        """What a key has spent since it was made, in nano-dollars, whatever windows its limit has: the sum that is shown."""
        raise NotOffered("spending cannot be read back by key")

    def rows(self, key: Key) -> list[int | None]:
        """The cost of each of a key's calls, in nano-dollars, from the gateway's own log of calls; None for an unknown one."""
        raise NotOffered("costs of single calls cannot be read back")

    def cost(self, reply: Reply) -> int | None:
        """What an answer says of its own cost, in nano-dollars; None where it says nothing, or that it is unknown."""
        raise NotOffered("answers do not say what they cost")
