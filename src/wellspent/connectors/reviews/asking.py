"""One question to a forge's GraphQL API: waiting where it says so, trying again where it stumbles, saying what is wrong where it refuses.

A redirect is followed on the same host alone, or the token would go elsewhere; a token travels unencrypted on this machine alone.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

import orjson

from wellspent import __version__, limits
from wellspent.connectors.outcomes.payload import at, list_at, text_at
from wellspent.facts.errors import ConfigError, InvalidInput, NotFound, UpstreamError, WellspentError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TOO_MUCH = ("timeout", "something went wrong", "complexity")  # of GitHub's time; of GitLab's measure of a question
LEAVE = "give the token leave to read pull requests and contents; where the organisation has single sign-on, authorise it there"
LATER = "run it again later; what is known is not asked for again"


class TooMuch(UpstreamError):
    """The forge could not make the answer in its time: a smaller page may do."""


class Forge:
    """A forge's API, and the right to ask it.

    Args:
        source: Its name, as errors tell it.
        url: Its GraphQL address, see ``address_of``.
        token: What it is asked with; never part of an error.
        token_env: The variable that it came from.
        tell: Takes a line about waiting.
        sleep, now_s: A clock.
    """

    def __init__(
        self,
        source: str,
        url: str,
        token: str,
        token_env: str,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._source, self._url, self._token, self._token_env = source, url, token, token_env
        self._tell, self._sleep, self._now_s = tell, sleep, now_s
        self._opener = urllib.request.build_opener(_SameHost)

    def ask(self, query: str, variables: Mapping[str, Any], *, large: bool = False) -> Any:
        """The ``data`` of an answer.

        Args:
            large: Whether less could be asked for: what the forge cannot make in its time is then not asked for again.

        Raises ConfigError (the token), NotFound (the repository, or the API), TooMuch, UpstreamError (all else).
        """
        body = orjson.dumps({"query": query, "variables": dict(variables)})
        problem: WellspentError = UpstreamError("")
        for attempt in range(limits.REVIEW_ATTEMPTS_MAX):
            status, headers, content = self._sent(body)
            if status == 200:
                found = _json(content)
                if not self._limited(found):
                    return self._data(found)
                status = 429
            if large and status in (502, 504):
                raise TooMuch(f"{self._source} ({self._url}) could not answer in time", fix=LATER)
            wait_s, problem = self._refused(status, headers, content)
            if attempt + 1 < limits.REVIEW_ATTEMPTS_MAX:
                self._wait(wait_s if wait_s is not None else float(2**attempt), problem)
        raise problem

    def _sent(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers with names in small letters, and content; status 0 where nothing came, with the reason as content."""
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": f"wellspent/{__version__}",
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with self._opener.open(request, timeout=limits.REVIEW_ASK_S_MAX) as answer:
                return 200, _small(answer.headers), _bounded(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _small(error.headers), error.read(limits.REVIEW_ERROR_BYTES_MAX)
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            return 0, {}, str(reason or type(error).__name__).encode()

    def _refused(self, status: int, headers: Mapping[str, str], content: bytes) -> tuple[float | None, WellspentError]:
        """How long to wait before it is asked again, None for our own choice. Raises where asking again is in vain."""
        where, said = f"{self._source} ({self._url})", _said(content)
        if status == 401:
            raise ConfigError(f"{where} does not accept the token in {self._token_env}", fix="make a new one, and check that it has not expired")
        if status == 404:
            raise NotFound(f"there is no GraphQL API at {self._url}", fix="name the address with --api, like https://github.example.com")
        wait_s = self._wait_s(headers)
        if status == 429 or (status == 403 and (wait_s is not None or "rate limit" in said.lower())):
            return wait_s if wait_s is not None else limits.REVIEW_WAIT_S, UpstreamError(f"{where} allows no more questions for now", fix=LATER)
        if status == 403:
            raise ConfigError(f"{where} refuses the token in {self._token_env}{said}", fix=LEAVE)
        if status == 0:
            return None, UpstreamError(f"{where} cannot be reached{said}", fix="check the address, the network and HTTPS_PROXY")
        if status < 500:
            raise UpstreamError(f"{where} answers with status {status}{said}", fix="check the address that --api names")
        return None, UpstreamError(f"{where} fails with status {status}", fix=LATER)

    def _wait_s(self, headers: Mapping[str, str]) -> float | None:
        """``Retry-After``, or the end of a limit that is used up (GitHub ``x-ratelimit-…``, GitLab ``ratelimit-…``)."""
        after = headers.get("retry-after", "")
        if after.isdecimal():
            return float(after)
        for prefix in ("x-ratelimit", "ratelimit"):
            reset = headers.get(f"{prefix}-reset", "")
            if headers.get(f"{prefix}-remaining") == "0" and reset.isdecimal():
                return max(1.0, float(reset) - self._now_s())
        return None

    def _wait(self, wait_s: float, problem: WellspentError) -> None:
        if wait_s > limits.REVIEW_WAIT_S_MAX:
            raise UpstreamError(f"{problem.args[0]}: it asks to wait {wait_s / 60:,.0f} minutes", fix=LATER)
        self._tell(f"{problem.args[0]}; asking again in {wait_s:,.0f} s")
        self._sleep(wait_s)

    @staticmethod
    def _limited(found: Any) -> bool:
        return any(text_at(error, "type") == "RATE_LIMITED" for error in list_at(found, "errors"))

    def _data(self, found: Any) -> Any:
        errors = list_at(found, "errors")
        if errors and text_at(errors[0], "type") == "NOT_FOUND":
            raise NotFound(f"{self._source} knows no such repository", fix=f"check its name, and that {self._token_env} may read it")
        if errors and text_at(errors[0], "type") in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
            raise ConfigError(f"{self._source} refuses the token in {self._token_env}: {text_at(errors[0], 'message')[:300]}", fix=LEAVE)
        if errors or not isinstance(at(found, "data"), Mapping):
            said = text_at(errors[0], "message") if errors else "there is no data in it"
            too_much = any(words in said.lower() for words in TOO_MUCH)
            raise (TooMuch if too_much else UpstreamError)(f"{self._source} ({self._url}) answers with an error: {said[:300]}", fix=LATER)
        return found["data"]


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """POST is sent again as it was, to the same host alone; any other redirect is an error."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            return None
        return urllib.request.Request(newurl, req.data, dict(req.header_items()), method="POST")


def address_of(host: str) -> str:
    """The GraphQL address below a host, or an address that ends with ``graphql`` as it is.

    >>> address_of("https://api.github.com"), address_of("https://gitlab.example.com/")
    ('https://api.github.com/graphql', 'https://gitlab.example.com/api/graphql')

    Raises InvalidInput for what is no address, or would send a token unencrypted over a network.
    """
    parts = urlsplit(host)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidInput(f"{host!r} is no address of an API", fix="write it like https://github.example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise InvalidInput(f"{host} would send the token unencrypted", fix="use https")
    base = host.rstrip("/")
    if base.endswith("graphql"):
        return base
    return f"{base}/graphql" if parts.hostname.startswith("api.") or base.endswith("/api") else f"{base}/api/graphql"


def _bounded(answer: Any) -> bytes:
    content: bytes = answer.read(limits.REVIEW_ANSWER_BYTES_MAX + 1)
    if len(content) > limits.REVIEW_ANSWER_BYTES_MAX:
        raise TooMuch(f"an answer has more than {limits.REVIEW_ANSWER_BYTES_MAX // 1024**2} MiB", fix="leave this repository out")
    return content


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise UpstreamError("the answer is no JSON", fix="check that --api names an API, and that no proxy answers in its place") from None


def _said(content: bytes) -> str:
    """What an error says of itself, in front of which stands a colon."""
    try:
        said = text_at(orjson.loads(content), "message")
    except orjson.JSONDecodeError:
        text = content.decode("utf-8", "replace").strip()
        said = text if text.isprintable() and not text.startswith("<") else ""
    return f": {said[:300]}" if said else ""


def _small(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
