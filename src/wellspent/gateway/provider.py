"""One configured upstream at run time: where a wire's request goes, with which credential, and which headers pass.

Pass-through: all headers go as they came but those that belong to one hop, to the caller's credential, or to us.
"""

from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode

from msgspec import Struct

from wellspent.gateway.upstream import Headers, UpstreamClient

HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host content-length expect".split()
)
OURS = frozenset(b"authorization x-api-key x-goog-api-key api-key accept-encoding cookie x-wellspent-key originator-key".split())
NOT_FORWARDED = HOP | OURS
NOT_RELAYED = frozenset(b"connection keep-alive proxy-authenticate te trailer transfer-encoding upgrade content-length set-cookie".split())
ASIDE = {b"request-id": b"x-upstream-request-id", b"x-request-id": b"x-upstream-request-id"}
OPENAI_PATHS = {"openai-chat": "/chat/completions", "openai-responses": "/responses", "openai-embeddings": "/embeddings"}


class Provider(Struct, frozen=True):
    """One upstream.

    Attributes:
        name: Its name in the configuration.
        kind: How it takes its key and lays out its paths.
        base_url: Without a trailing slash.
        key: The operator's key, or "" for none.
        client: Its connections.
        api_version: Azure's dated API, or "".
        cap_field: The chat field an injected cap goes in.
    """

    name: str
    kind: str
    base_url: str
    key: str
    client: UpstreamClient
    api_version: str = ""
    cap_field: str = "max_completion_tokens"

    def url(self, wire: str, model: str, path: str, query: bytes) -> str:
        """Where the call goes. The caller's query passes, without a key in it."""
        asked, model = _clean(query), _escaped(model)
        if self.kind == "azure" and self.api_version:
            return f"{self.base_url}/openai/deployments/{model}{OPENAI_PATHS[wire]}?api-version={self.api_version}"
        if self.kind == "azure":
            return f"{self.base_url}/openai/v1{OPENAI_PATHS[wire]}{asked}"
        if wire in OPENAI_PATHS:
            return f"{self.base_url}{OPENAI_PATHS[wire]}{asked}"
        if wire == "gemini":
            version = _gemini_path(path).split("/", 2)[1]
            return f"{self.base_url}/{version}/models/{model}:{path.rpartition(':')[2]}{asked}"
        return f"{self.base_url}{path}{asked}"

    def free_url(self, path: str, query: bytes) -> str:
        """Where a call that is no model call goes (models, counting)."""
        rest = path.removeprefix("/v1") if self.kind in ("openai", "openai-compatible") else path
        if self.kind == "gemini":
            rest = _gemini_path(path)
        prefix = "/openai" if self.kind == "azure" and not path.startswith("/openai") else ""
        return f"{self.base_url}{prefix}{rest}{_clean(query)}"

    def request_headers(self, headers: Headers, provider_key: bytes | None) -> Headers:
        """The caller's headers with this provider's credential in place of the caller's."""
        out = [header for header in headers if header[0] not in NOT_FORWARDED and header[0][:12] != b"x-wellspent-"]
        out.append((b"accept-encoding", b"identity"))
        out.extend(self._credential(headers, provider_key))
        return out

    def _credential(self, headers: Headers, provider_key: bytes | None) -> Headers:
        key = self.key.encode("latin-1") if provider_key is None else provider_key
        if not key:
            return []
        if self.kind == "anthropic":
            bearer = provider_key is not None and dict(headers).get(b"authorization", b"").endswith(provider_key)
            return [(b"authorization", b"Bearer " + key)] if bearer else [(b"x-api-key", key)]
        if self.kind == "gemini":
            return [(b"x-goog-api-key", key)]
        if self.kind == "azure":
            return [(b"api-key", key)]
        return [(b"authorization", b"Bearer " + key)]


def relayed_headers(headers: Headers) -> Headers:
    """An answer's headers as they go to the caller; the provider's own request ids move aside for ours."""
    return [(ASIDE.get(header[0], header[0]), header[1]) for header in headers if header[0] not in NOT_RELAYED]


@lru_cache(maxsize=1000)
def _escaped(model: str) -> str:
    """A name is one piece of the path, whatever is in it."""
    return quote(model, safe="@")


def _gemini_path(path: str) -> str:
    """Under the version that has all models: google-genai says ``v1``, which lacks some, and litellm says none."""
    return path if path.startswith(("/v1beta/", "/v1alpha/")) else "/v1beta" + path.removeprefix("/v1")


def _clean(query: bytes) -> str:
    if not query:
        return ""
    if b"key=" not in query:
        return "?" + query.decode("latin-1")
    kept = [(name, value) for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if name != "key"]
    return "?" + urlencode(kept) if kept else ""
