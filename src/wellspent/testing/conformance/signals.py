"""A run that is told to end, cleans up."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ending_as_interrupted() -> Iterator[None]:
    """SIGTERM and SIGHUP end what runs within as Ctrl-C does: with KeyboardInterrupt, so that gateways are stopped and folders removed.

    Only the first one counts, so that it does not interrupt the cleaning up. A signal that was ignored (nohup) stays ignored, and outside of
    the main thread nothing is changed: signals never come there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in former:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    former = {each: signal.getsignal(each) for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN}
    for each in former:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
