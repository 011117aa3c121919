"""Starting and stopping the fake provider: in a thread for tests, in the foreground for the command line."""

import asyncio
import threading
from pathlib import Path
from typing import Self

from wellspent.testing.provider.app import ProviderApp
from wellspent.testing.provider.seen import Seen, SeenLog
from wellspent.testing.provider.server import Connection

START_S_MAX = 10.0


class FakeProvider:
    """A fake provider on loopback, in a thread of its own.

    ``with FakeProvider() as provider:`` then point a client at ``provider.url`` and look at ``provider.calls``.

    Args:
        port: 0 takes any free one; ``port`` and ``url`` say which.
        log_path: A file that gets a line of JSON per call.
        name: Directives with ``at=NAME`` are only for this one.
        key: The only credential let in; "" lets in anything.
        keep_bodies: Whether ``calls`` keep the request bodies.
        first: The first call's number, which the ids of answers follow from: a gateway that outlives several providers knows their calls by them.
    """

    def __init__(
        self, port: int = 0, *, log_path: Path | None = None, name: str = "", key: str = "", keep_bodies: bool = True, first: int = 1
    ) -> None:
        self.port = port
        self._log = SeenLog(log_path, keep_bodies=keep_bodies, first=first)
        self._app = ProviderApp(self._log, name=name, key=key)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started, self._ended = threading.Event(), threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="fake-provider", daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def calls(self) -> list[Seen]:
        """What arrived, oldest first, answered or still being answered."""
        return self._log.calls

    def start(self) -> Self:
        """Listen. Raises OSError where the port is taken, or is none."""
        self._thread.start()
        if not self._started.wait(START_S_MAX):
            raise OSError(f"the fake provider did not start within {START_S_MAX:g} s")
        if isinstance(self._failure, OSError):
            raise self._failure
        if self._failure is not None:
            raise OSError(f"{type(self._failure).__name__}: {self._failure}") from self._failure
        return self

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_S_MAX)

    def wait(self) -> None:
        """Until it is stopped. Waits for an event: an interrupted ``Thread.join`` would take the thread for ended."""
        self._ended.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # whatever it is, ``start`` has to say it: nobody sees a thread end
            self._failure = error
        finally:
            self._started.set()
            self._ended.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()
        server = await self._loop.create_server(lambda: Connection(self._app, tasks), "127.0.0.1", self.port, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close
