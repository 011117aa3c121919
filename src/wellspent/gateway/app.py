"""The gateway: paths to wires; what is no wire goes to the pages and the API.

Routing is two dictionary look-ups for the common paths. ``/v1/models`` has three shapes and Gemini's SDK sends its model calls to
``/v1/models/X:generateContent``, so those are told apart by headers.
"""

from dataclasses import dataclass

from wellspent import limits
from wellspent.facts.call import new_call_id
from wellspent.gateway.experiments import PATH as EXPERIMENTS
from wellspent.gateway.experiments import Arms
from wellspent.gateway.http.asgi import AsgiApp, serve
from wellspent.gateway.incoming import Incoming
from wellspent.gateway.pipeline import Pipeline, refuse
from wellspent.gateway.refusal import Refusal
from wellspent.gateway.sidedoor import Shape, SideDoor
from wellspent.gateway.wires.base import Wire

OPENAI_KINDS = ("openai", "openai-compatible", "azure")
GEMINI_CALLS = ("generateContent", "streamGenerateContent")
OUTCOMES = "/api/v1/outcomes/"
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
PROVIDER_ROOTS = ("/v1/", "/v1beta/", "/v1alpha/", "/openai/")


@dataclass
class Wires:
    """The wires by name."""

    chat: Wire
    responses: Wire
    embeddings: Wire
    messages: Wire
    gemini: Wire


class Gateway:
    """What the server hands requests to."""

    def __init__(self, pipeline: Pipeline, side_door: SideDoor, wires: Wires, pages: AsgiApp, pages_for: str) -> None:
        self._pipeline, self._side_door, self._wires, self._pages, self._pages_for = pipeline, side_door, wires, pages, pages_for
        self._arms = Arms(pipeline)
        posts = {"/chat/completions": wires.chat, "/responses": wires.responses, "/embeddings": wires.embeddings, "/messages": wires.messages}
        # With and without /v1: SDKs differ in whether the base URL carries it.
        self._posts = {prefix + path: wire for path, wire in posts.items() for prefix in ("/v1", "", "/openai/v1")}

    async def __call__(self, incoming: Incoming) -> None:
        """Serve one request."""
        wire = self._posts.get(incoming.path)
        if wire is not None and incoming.method == "POST":
            return await self._pipeline.handle(incoming, wire)
        path = incoming.path
        if not incoming.prefix.said and not path.startswith(PROVIDER_ROOTS) and path not in self._posts and not self._is_bare(path):
            return await self._outside(incoming)
        await self._inside(incoming)

    def _is_bare(self, path: str) -> bool:
        return path.startswith(("/models/", "/analytics/codex/")) or path == "/models"

    async def _outside(self, incoming: Incoming) -> None:
        """Not a provider's path: a client's warm-up, outcomes that somebody sends, an arm that an application asks for, or the pages."""
        if incoming.method == "POST" and f"{incoming.path}/".startswith(OUTCOMES):
            return await self._outcomes(incoming)
        if incoming.path.startswith(EXPERIMENTS):
            return await self._arms.answer(incoming)
        if incoming.method == "HEAD" and incoming.path == "/":
            return await incoming.answer(200, [], b"")
        if incoming.path != "/healthz" and not self._may_read(incoming):
            text = b'These pages are for the machine that serves them. An operator can set pages = "open" where a proxy asks who reads them.\n'
            return await incoming.answer(403, [(b"content-type", b"text/plain; charset=utf-8")], text)
        await serve(self._pages, incoming)

    async def _outcomes(self, incoming: Incoming) -> None:
        """Signed by whoever sends them, so that no key is asked for, and none is taken that is not signed: that is told by the pages."""
        said = incoming.headers.get(b"content-length", b"")
        if not said.isdigit() or int(said) > limits.OUTCOMES_BYTES_MAX:
            text = b"Say content-length, of at most %d bytes.\n" % limits.OUTCOMES_BYTES_MAX
            return await incoming.answer(413 if said.isdigit() else 411, [(b"content-type", b"text/plain; charset=utf-8")], text)
        body = await incoming.body()
        await serve(self._pages, incoming, body if isinstance(body, bytes) else b"")

    def _may_read(self, incoming: Incoming) -> bool:
        """Whether pages are shown to this client: there is no sign-in yet, so by default only to the serving machine itself.

        The name it was asked for by has to be the machine's own too, or a foreign page could read these by pointing its name here.
        """
        if self._pages_for != "loopback":
            return self._pages_for == "open"
        host = incoming.headers.get(b"host", b"").decode("latin-1")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return incoming.client_host in LOOPBACK and name.strip("[]") in ("localhost", *LOOPBACK)

    async def _inside(self, incoming: Incoming) -> None:
        path, method, wires = incoming.path, incoming.method, self._wires
        if method == "HEAD":
            return await incoming.answer(200, [], b"")
        wire = self._posts.get(path)
        if wire is not None and method == "POST":
            return await self._pipeline.handle(incoming, wire)
        if wire is wires.responses and incoming.headers.get(b"upgrade", b"").lower() == b"websocket":
            return await refuse(incoming, wire, Refusal("websocket_unsupported", "use HTTP: this gateway does not speak WebSocket"), new_call_id())
        if wire is not None:
            return await refuse(incoming, wire, Refusal("method_not_allowed", f"send a POST to {path}; this was {method}"), new_call_id())
        bare = path.removeprefix("/openai").removeprefix("/v1beta").removeprefix("/v1alpha").removeprefix("/v1")
        await self._other(incoming, bare)

    async def _other(self, incoming: Incoming, bare: str) -> None:
        method, wires, side_door = incoming.method, self._wires, self._side_door
        dialect = self._dialect(incoming)
        if method == "POST" and bare.startswith("/models/") and ":" in bare:
            return await self._gemini(incoming, bare)
        if method == "POST" and bare.startswith("/deployments/") and bare.count("/") == 4:
            wire = self._posts.get("/" + bare.split("/", 3)[3])
            if wire is not None:
                return await self._pipeline.handle(incoming, wire, bare.split("/")[2])
        if method == "GET" and bare == "/models":
            return await side_door.models(incoming, dialect)
        if method == "GET" and bare.startswith("/models/"):
            return await side_door.free(incoming, dialect.wire, dialect.name)
        if method == "POST" and bare == "/messages/count_tokens":
            return await side_door.free(incoming, wires.messages, "anthropic")
        if method == "POST" and bare == "/analytics/codex/turn-costs":
            return await side_door.turn_costs(incoming, wires.responses)
        kinds = {"anthropic": ("anthropic",), "gemini": ("gemini",)}.get(dialect.name, OPENAI_KINDS)
        await side_door.other(incoming, dialect.wire, kinds)

    async def _gemini(self, incoming: Incoming, bare: str) -> None:
        model, _, call = bare.removeprefix("/models/").rpartition(":")
        if call in GEMINI_CALLS:
            return await self._pipeline.handle(incoming, self._wires.gemini, model)
        if call == "countTokens":
            return await self._side_door.free(incoming, self._wires.gemini, "gemini")
        await self._side_door.other(incoming, self._wires.gemini, ("gemini",))

    def _dialect(self, incoming: Incoming) -> Shape:
        """Whose shape to answer in: Google's by its key header, query or path, Anthropic's by its version header, else OpenAI's."""
        headers = incoming.headers
        if b"x-goog-api-key" in headers or b"x-goog-api-client" in headers or incoming.path.startswith(("/v1beta", "/v1alpha")):
            return Shape("gemini", self._wires.gemini)
        if b"anthropic-version" in headers:
            return Shape("anthropic", self._wires.messages)
        return Shape("openai", self._wires.chat)
