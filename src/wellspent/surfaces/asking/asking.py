"""``Asking``: questions to the answering process, which is started with the first one and ended when nobody asks any more.

A pipe rather than a pool of processes: a pool's workers outlive a server that is killed, because they hold both ends of their own queue. Here the
process ends with the pipe that it reads, however the server ended.
"""

import contextlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillWorking

import msgspec
from msgspec import Struct

from wellspent import limits
from wellspent.facts import errors
from wellspent.facts.clock import Clock
from wellspent.facts.errors import WellspentError
from wellspent.surfaces.asking.asked import Answered, Asked, AsOf, Setup, Trouble

COMMAND = (sys.executable, "-m", "wellspent.surfaces.asking.answering")
STOP = None


class Unanswered(WellspentError):
    """There is no answer, or none yet.

    Attributes:
        retry_s: After how long asking again makes sense; 0 where it makes none.
    """

    def __init__(self, message: str, *, fix: str = "", retry_s: int = 0) -> None:
        super().__init__(message, fix=fix)
        self.retry_s = retry_s


class _Waiting(Struct):
    """A question and its answer to come.

    Attributes:
        until: The ``time.monotonic()`` until which the answer is given again; None while there is none.
    """

    asked: Asked
    answer: "Future[Answered]"
    until: float | None = None


class Asking:
    """One process that answers, one question at a time. Any thread may ask."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self._setup, self._clock = setup, clock
        self._lock = threading.Lock()
        self._known: dict[bytes, _Waiting] = {}
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._patient = 0  # how many wait
        self._closed = False

    @property
    def setup(self) -> Setup:
        """What all questions are about."""
        return self._setup

    @property
    def process_id(self) -> int | None:
        """The answering process; None while there is none."""
        process = self._process
        return process.pid if process else None

    def ask(self, asked: Asked, wait_s: float | None = None) -> Answered:
        """The answers; those of the last ``limits.ASKING_KEPT_S`` seconds again where the same was asked, ``limits.EFFECT_KEPT_S`` for effects.

        Args:
            wait_s: Seconds to wait for them; ``limits.ASKING_S_MAX`` unless said.

        Raises Unanswered where it takes longer than that (ask again: work goes on), where too many wait, and where the process stopped;
        InvalidInput, NotFound, ConfigError, JournalLocked and JournalCorrupt as the engine does.
        """
        waiting = self._waiting(msgspec.json.encode(asked), asked)
        try:
            with self._patience(waiting):
                return waiting.answer.result(limits.ASKING_S_MAX if wait_s is None else wait_s)
        except StillWorking:
            if waiting.answer.done():  # just now
                return waiting.answer.result()
            told = "the books are being brought up to date, which takes a while the first time and after many changes"
            raise Unanswered(told, fix="this page asks again by itself", retry_s=limits.ASKING_RETRY_S) from None

    def close(self) -> None:
        """End the process; whoever waits for an answer is told."""
        with self._lock:
            self._closed, thread = True, self._thread
            if self._process is not None:
                self._process.kill()
        self._queue.put(STOP)
        if thread is not None:
            thread.join()

    def _waiting(self, key: bytes, asked: Asked) -> _Waiting:
        with self._lock:
            now = time.monotonic()
            self._known = {name: each for name, each in self._known.items() if each.until is None or each.until > now}
            if key in self._known:
                return self._known[key]
            if self._closed:
                raise Unanswered("the server is stopping", fix="ask again once it has started", retry_s=limits.ASKING_RETRY_S)
            if sum(each.until is None for each in self._known.values()) >= limits.ASKING_WAITING_MAX:
                raise _too_many()
            waiting = self._known[key] = _Waiting(asked, Future())
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="asking", daemon=True)
                self._thread.start()
            self._queue.put(waiting)
            return waiting

    @contextlib.contextmanager
    def _patience(self, waiting: _Waiting) -> Iterator[None]:
        """Waiting takes a thread of the server's few, so that not all may."""
        with self._lock:
            if self._patient >= limits.ASKING_WAITING_MAX and not waiting.answer.done():
                raise _too_many()
            self._patient += 1
        try:
            yield
        finally:
            with self._lock:
                self._patient -= 1

    # In the thread that owns the process

    def _run(self) -> None:
        while True:
            try:
                waiting = self._queue.get(timeout=limits.ASKING_IDLE_S if self._process else None)
            except queue.Empty:
                self._end()
                continue
            if waiting is STOP:
                break
            self._settle(waiting)
        self._end()

    def _settle(self, waiting: _Waiting) -> None:
        try:
            answer = self._answer(waiting.asked)
        except Exception as error:
            waiting.until = time.monotonic() + (limits.EFFECT_KEPT_S if waiting.asked.effects else 0.0)  # dear, so not tried at every look
            waiting.answer.set_exception(error)
        else:
            waiting.until = time.monotonic() + (limits.EFFECT_KEPT_S if waiting.asked.effects else limits.ASKING_KEPT_S)
            waiting.answer.set_result(answer)

    def _answer(self, asked: Asked) -> Answered:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with self._bounded(process), contextlib.suppress(BrokenPipeError):
            process.stdin.write(msgspec.json.encode(AsOf(self._clock.now_ms(), asked)) + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if line.endswith(b"\n"):
                return _said(line)
        self._end()
        told = f"the process that answers ended ({_end_of(process.returncode)})"
        raise Unanswered(told, fix="load the page again; if it happens again, see what the server printed, and how much memory the machine has")

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self._end()
        with self._lock:
            if self._closed:
                raise Unanswered("the server is stopping", fix="ask again once it has started", retry_s=limits.ASKING_RETRY_S)
            if self._process is None:
                # A session of its own: what is typed at the server's terminal is for the server, which ends this one.
                process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
                assert process.stdin is not None
                process.stdin.write(msgspec.json.encode(self._setup) + b"\n")
                self._process = process
            return self._process

    @contextlib.contextmanager
    def _bounded(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """Nobody waits for ever, whatever the process does."""
        timer = threading.Timer(limits.ASKING_QUESTION_S_MAX, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            process.wait()


_ANSWERS = msgspec.json.Decoder(Answered | Trouble)


def _said(line: bytes) -> Answered:
    """An answer, or the trouble raised as what it was."""
    said = _ANSWERS.decode(line)
    if isinstance(said, Answered):
        return said
    kind = getattr(errors, said.kind, None) if said.kind else None
    raise (kind or Unanswered)(said.message, fix=said.fix)


def _too_many() -> Unanswered:
    told = f"{limits.ASKING_WAITING_MAX} others wait for their answers"
    return Unanswered(told, fix="this page asks again by itself", retry_s=limits.ASKING_RETRY_S)


def _end_of(returncode: int) -> str:
    return f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
