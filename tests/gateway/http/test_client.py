"""The way out, beside the fallback: what both do with what providers do. The provider is a script of bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wellspent import limits
from wellspent.gateway.aiohttp_client import AiohttpClient
from wellspent.gateway.http.client import Address, HttpClient, Origin, address_of
from wellspent.gateway.upstream import Headers, Unanswered, Unreached, UpstreamClient

Script = Callable[["Provider", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEADERS: Headers = [(b"content-type", b"application/json"), (b"x-a", b"1"), (b"x-a", b"2")]
WHOLE = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nx-one: 2\r\ncontent-length: 5\r\n\r\nhello"


class Provider:
    """Answers each request with the next bytes of a script; a list of them comes piece by piece."""

    def __init__(self, *answers: bytes | list[bytes], hang_up: bool = False) -> None:
        self.answers, self.hang_up = list(answers), hang_up
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = self.lost = 0
        self.url = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                self.bodies.append(await reader.readexactly(int(length[0][15:])) if length else b"")
                answer = self.answers.pop(0)
                for piece in answer if isinstance(answer, list) else [answer]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.05 if isinstance(answer, list) else 0)
                if self.hang_up:
                    break
            else:
                await reader.read(1)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.lost += 1
            writer.close()


@asynccontextmanager
async def serving(provider: Provider, trust: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    server = await asyncio.start_server(provider.talk, "127.0.0.1", 0, ssl=trust)
    provider.url = f"http{'s' if trust else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.close()


def run(kind: type, provider: Provider, talk: Callable[[UpstreamClient, str], Awaitable[Any]], timeout_s: float = 5.0) -> Any:
    async def main() -> Any:
        async with serving(provider), asyncio.timeout(20):
            client: UpstreamClient = kind(timeout_s)
            try:
                return await talk(client, provider.url)
            finally:
                await client.close()

    return asyncio.run(main())


async def send(client: UpstreamClient, url: str) -> Any:
    answer = await client.send("POST", url + "/v1/x?y=z", HEADERS, b"{}")
    return answer.status, answer.body


async def stream(client: UpstreamClient, url: str) -> Any:
    async with client.stream("POST", url + "/v1/x", HEADERS, b"{}") as answer:
        return answer.status, await answer.whole()


BEGUN = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


async def pause() -> None:
    await asyncio.sleep(0)


both = pytest.mark.parametrize("kind", [HttpClient, AiohttpClient])
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@both
@pytest.mark.parametrize("ask", [send, stream])
@pytest.mark.parametrize("answer", [WHOLE, CHUNKED, b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE])
def test_answers_framed_in_any_way(kind: type, ask: Any, answer: bytes) -> None:
    assert run(kind, Provider(answer), ask) == (200, b"hello")


@both
@pytest.mark.parametrize("ask", [send, stream])
def test_an_answer_without_a_length_ends_with_its_connection(kind: type, ask: Any) -> None:
    assert run(kind, Provider(b"HTTP/1.0 200 OK\r\n\r\nhello", hang_up=True), ask) == (200, b"hello")


@both
def test_an_empty_answer(kind: type) -> None:
    assert run(kind, Provider(b"HTTP/1.1 204 No Content\r\n\r\n"), send) == (204, b"")


@both
def test_the_request_goes_out_as_it_was_given_and_headers_come_back_in_order(kind: type) -> None:
    provider = Provider(WHOLE)

    async def talk(client: UpstreamClient, url: str) -> Headers:
        return (await client.send("POST", url + "/v1/x?y=z", HEADERS, b"{}")).headers

    headers = run(kind, provider, talk)
    assert headers == [(b"x-one", b"1"), (b"x-one", b"2"), (b"content-length", b"5")]
    head = provider.heads[0].lower()
    assert head.startswith(b"post /v1/x?y=z http/1.1\r\nhost: 127.0.0.1:")
    assert head.index(b"x-a: 1\r\n") < head.index(b"x-a: 2\r\n")
    assert b"content-length: 2\r\n" in head
    assert provider.bodies == [b"{}"]


def test_nothing_is_added_to_a_request() -> None:
    provider = Provider(WHOLE)
    run(HttpClient, provider, send)
    names = [line.partition(b":")[0] for line in provider.heads[0].split(b"\r\n")[1:] if line]
    assert names == [b"host", b"content-type", b"x-a", b"x-a", b"content-length"]


@both
def test_connections_are_kept_and_used_again(kind: type) -> None:
    provider = Provider(WHOLE, CHUNKED, WHOLE)

    async def talk(client: UpstreamClient, url: str) -> None:
        for ask in (send, stream, send):
            assert (await ask(client, url))[1] == b"hello"

    run(kind, provider, talk)
    assert provider.connections == 1


@both
@pytest.mark.parametrize("answer", [WHOLE.replace(b"X-One: 1", b"connection: close"), b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello"])
def test_a_connection_that_is_to_be_closed_is_not_used_again(kind: type, answer: bytes) -> None:
    provider = Provider(answer, answer)

    async def talk(client: UpstreamClient, url: str) -> None:
        assert await send(client, url) == await send(client, url) == (200, b"hello")

    run(kind, provider, talk)
    assert provider.connections == 2


@both
def test_a_connection_that_the_provider_closed_while_idle_is_not_used_again(kind: type) -> None:
    provider = Provider(WHOLE, WHOLE, hang_up=True)

    async def talk(client: UpstreamClient, url: str) -> None:
        assert await send(client, url) == (200, b"hello")
        await asyncio.sleep(0.05)
        assert await send(client, url) == (200, b"hello")

    run(kind, provider, talk)
    assert provider.connections == 2


@both
@pytest.mark.parametrize("ask", [send, stream])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        b"SSH-2.0\r\n\r\n",
    ],
)
def test_a_provider_that_breaks_off_may_have_charged(kind: type, ask: Any, answer: bytes) -> None:
    with pytest.raises(Unanswered, match=r"the provider at 127\.0\.0\.1"):
        run(kind, Provider(answer, hang_up=True), ask)


@both
@pytest.mark.parametrize("ask", [send, stream])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel"])
def test_a_provider_that_falls_silent_is_given_up(kind: type, ask: Any, answer: bytes) -> None:
    provider = Provider(answer, b"never")
    with pytest.raises(Unanswered, match=r"was silent for 0\.3 s"):
        run(kind, provider, ask, timeout_s=0.3)


@both
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://nowhere.invalid"])
def test_who_cannot_be_reached_was_not_asked(kind: type, url: str) -> None:
    with pytest.raises(Unreached, match="could not be reached"):
        run(kind, Provider(), lambda client, _: send(client, url))


@both
def test_leaving_an_answer_hangs_up_on_its_provider(kind: type) -> None:
    provider = Provider(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", b"never")

    async def talk(client: UpstreamClient, url: str) -> None:
        def take(chunk: bytes) -> bool:
            assert chunk == b"hello"
            raise InterruptedError

        with pytest.raises(InterruptedError):
            async with client.stream("POST", url, HEADERS, b"{}") as answer:
                await answer.chunks.each(take, pause)
        while not provider.lost:
            await asyncio.sleep(0.01)

    run(kind, provider, talk)


@both
def test_a_chunk_is_handed_on_as_it_comes_and_none_while_there_is_no_room(kind: type) -> None:
    events: list[str] = []
    provider = Provider([BEGUN + b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n0\r\n\r\n"])

    async def talk(client: UpstreamClient, url: str) -> None:
        def take(chunk: bytes) -> bool:
            events.append(chunk.decode())
            return False

        async def room() -> None:
            events.append("full")
            await asyncio.sleep(0.3)  # the rest comes meanwhile
            events.append("room")

        async with client.stream("POST", url, HEADERS, b"{}") as answer:
            await answer.chunks.each(take, room)

    run(kind, provider, talk)
    told = "".join(event for event in events if event not in ("full", "room"))
    assert told == "abc"
    assert events[:3] == ["a", "full", "room"]
    assert all(first != "full" or second == "room" for first, second in pairwise(events))


@both
def test_what_the_taker_raises_reaches_who_asked(kind: type) -> None:
    provider = Provider([BEGUN + b"1\r\na\r\n", b"1\r\nb\r\n", b"1\r\nc\r\n"], b"never")

    async def talk(client: UpstreamClient, url: str) -> None:
        def take(chunk: bytes) -> bool:
            if chunk == b"b":
                raise KeyError("b")
            return True

        async with client.stream("POST", url, HEADERS, b"{}") as answer:
            with pytest.raises(KeyError):
                await answer.chunks.each(take, pause)

    run(kind, provider, talk)


@both
@pytest.mark.parametrize("ask", [send, stream])
def test_a_cancelled_request_hangs_up_before_any_answer(kind: type, ask: Any) -> None:
    provider = Provider(b"", b"never")

    async def talk(client: UpstreamClient, url: str) -> None:
        asking = asyncio.create_task(ask(client, url))
        while not provider.heads:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        while not provider.lost:
            await asyncio.sleep(0.01)

    run(kind, provider, talk)


@both
def test_a_large_body_and_a_large_answer(kind: type) -> None:
    size = 3_000_000
    provider = Provider(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"a" * size)

    async def talk(client: UpstreamClient, url: str) -> int:
        return len((await client.send("POST", url, HEADERS, b"b" * size)).body)

    assert run(kind, provider, talk) == size
    assert provider.bodies == [b"b" * size]


def test_what_nobody_takes_is_not_read() -> None:
    size = 50_000_000
    provider = Provider(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size + b"a" * size)

    async def talk(client: UpstreamClient, url: str) -> tuple[int, int]:
        async with client.stream("POST", url, HEADERS, b"{}") as answer:
            await asyncio.sleep(0.5)
            waiting = answer.chunks._waiting_bytes  # type: ignore[attr-defined]
            return waiting, len(await answer.whole())

    waiting, taken = run(HttpClient, provider, talk, timeout_s=0.4)  # a reader's pause is none of the provider's silence
    assert waiting < limits.RELAY_WAITING_BYTES_MAX + 1_000_000
    assert taken == size


def test_more_than_was_asked_for_ends_the_connection() -> None:
    provider = Provider(WHOLE + WHOLE, WHOLE)

    async def talk(client: UpstreamClient, url: str) -> None:
        assert await send(client, url) == (200, b"hello")
        assert await send(client, url) == (200, b"hello")

    run(HttpClient, provider, talk)
    assert provider.connections == 2


def test_too_many_headers_are_no_answer() -> None:
    with pytest.raises(Unanswered):
        run(HttpClient, Provider(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * (limits.HEADERS_MAX + 1) + b"\r\n"), send)


def test_idle_connections_are_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPSTREAM_IDLE_S_MAX", 0.1)
    provider = Provider(WHOLE, WHOLE)

    async def talk(client: UpstreamClient, url: str) -> None:
        await send(client, url)
        while not provider.lost:
            await asyncio.sleep(0.01)

    run(HttpClient, provider, talk, timeout_s=0.4)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder


def test_tls_is_verified(certificate: Path) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")

    async def main(trust: ssl.SSLContext | None) -> Any:
        async with serving(Provider(WHOLE, CHUNKED), theirs) as provider:
            client = HttpClient(5, trust)
            try:
                return await send(client, provider.url), await stream(client, provider.url), provider.connections
            finally:
                await client.close()

    assert asyncio.run(main(trusting)) == ((200, b"hello"), (200, b"hello"), 1)
    with pytest.raises(Unreached, match="could not be trusted"):
        asyncio.run(main(None))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://a/b?c=d", Address(Origin(False, "a", 80), b"/b?c=d", b"a")),
        ("https://a:8443", Address(Origin(True, "a", 8443), b"/", b"a:8443")),
        ("https://user:pass@a/", Address(Origin(True, "a", 443), b"/", b"a")),
        ("http://[::1]:8000/v1", Address(Origin(False, "::1", 8000), b"/v1", b"[::1]:8000")),
        ("http://a/b c\u00e4%20", Address(Origin(False, "a", 80), b"/b%20c%C3%A4%20", b"a")),
        ("http://a/b HTTP/1.1\r\nx: y", Address(Origin(False, "a", 80), b"/b%20HTTP/1.1x:%20y", b"a")),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert address_of(url) == address


def test_an_address_that_cannot_be() -> None:
    with pytest.raises(Unreached, match="is no address"):
        address_of("http://a:b/")
