"""The answering process: ``python -m wellspent.surfaces.asking.answering``, with questions on stdin and answers on stdout.

It ends when stdin does, in the middle of a question too: whoever asked is gone then, killed or not, and what it keeps is written whole or not at
all. It gives way to the process that serves calls. Interrupts from a terminal are for that one.
"""

import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import msgspec

from wellspent.analytics.engine import pilot, questions
from wellspent.analytics.engine.engine import Engine
from wellspent.analytics.value import Period
from wellspent.facts.clock import ManualClock
from wellspent.facts.errors import WellspentError
from wellspent.surfaces.asking.asked import Answered, Asked, AsOf, Setup, Trouble, ValueOf
from wellspent.surfaces.cli.when import PERIODS
from wellspent.surfaces.effects import tell

NICE = 10  # lower priority than the calls of the machine


def period_of(asked: ValueOf) -> Period:
    """What a day's line is; of all the time asked for as one, a day outside it is of another."""
    return PERIODS[asked.by] if asked.by != "whole" else lambda day: "" if asked.since <= day < asked.until else "other"


def main() -> None:
    """Answer until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    setup = msgspec.json.decode(sys.stdin.buffer.readline(), type=Setup)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()
    while True:
        answers.write(msgspec.json.encode(_answer(setup, lines.get())) + b"\n")
        answers.flush()


def _read(source: BinaryIO, lines: "queue.SimpleQueue[bytes]") -> None:
    while line := source.readline():
        lines.put(line)
    os._exit(0)


def _answer(setup: Setup, line: bytes) -> Answered | Trouble:
    try:
        question = msgspec.json.decode(line, type=AsOf)
        return answered(setup, question.asked, question.as_of_ms)
    except WellspentError as error:
        return Trouble(type(error).__name__, error.args[0], error.fix)
    except Exception as error:
        traceback.print_exc()
        return Trouble("", f"{type(error).__name__}: {error}", "see what the server printed, and report it")


def answered(setup: Setup, asked: Asked, as_of_ms: int) -> Answered:
    """Answer here. Raises what ``Engine.open`` does, and InvalidInput for a question that is none."""
    effects = tuple(tell(setup, name, as_of_ms) for name in asked.effects)
    if asked == Asked(effects=asked.effects):
        return Answered(as_of_ms, effects=effects)  # the engine's files are neither needed nor waited for
    with Engine.open(Path(setup.data_dir), setup.contracts, ZoneInfo(setup.timezone), ManualClock(as_of_ms)) as engine:
        return msgspec.structs.replace(_joined(engine, asked, as_of_ms), effects=effects)


def _joined(engine: Engine, asked: Asked, as_of_ms: int) -> Answered:
    """What is known by joining spending to outcomes."""
    return Answered(
        as_of_ms,
        values=tuple(questions.value(engine, each.since, each.until, as_of_ms, period_of(each)) for each in asked.values),
        outcomes=tuple(
            tuple(questions.outcomes(engine, each.where, as_of_ms, state=each.state, limit=each.limit, offset=each.offset)) for each in asked.outcomes
        ),
        spending=tuple(tuple(questions.spending(engine, each.where, each.by, limit=each.limit)) for each in asked.spending),
        calls=tuple(tuple(questions.calls(engine, each.where, limit=each.limit, offset=each.offset)) for each in asked.calls),
        bought=tuple(pilot.bought(engine, each, as_of_ms) for each in asked.bought),
    )


if __name__ == "__main__":
    main()
