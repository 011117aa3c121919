"""Fills a new data folder: entries written through the real admission, pricing and ledger, two for each call.

The calls are spread evenly over the 31 days before now, so that days can be sealed; 16 of them are held, and settled, together, as in a busy
minute. Prints the id of a call out of the middle.

    python -m benchmarks.writer FOLDER ENTRIES
"""

import asyncio
import random
import sys
import time
from pathlib import Path

from wellspent.budgets.budget import Budget
from wellspent.config import Config, UpstreamConfig
from wellspent.facts.attribution import Attribution, Scope
from wellspent.facts.call import Ask, new_call_id
from wellspent.facts.clock import ManualClock
from wellspent.facts.usage import Usage
from wellspent.gateway.admission import Admitted
from wellspent.gateway.settlement import Outcome, settled
from wellspent.gateway.wires.base import Metered
from wellspent.wiring import Running, build

DAYS = 31
DAY_MS = 86_400_000
TOGETHER = 16
UPSTREAMS = (UpstreamConfig("openai", "openai", "http://127.0.0.1:9"),)
MODELS = ("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-4o-mini")
TEAMS = ("core", "web", "data", "support")


def write(folder: Path, entries: int) -> str:
    """Write them; a call's id out of the middle."""
    clock = ManualClock(time.time_ns() // 1_000_000 - DAYS * DAY_MS)
    running = build(Config(data_dir=folder, org="acme", upstreams=UPSTREAMS), {}, clock)
    scopes = [("org", "acme"), *(("team", team) for team in TEAMS), ("person", "*"), ("key", "*")]
    running.ledger.set_budgets([Budget(f"{kind}-{name.strip('*')}", Scope(kind, name), 10**18) for kind, name in scopes])
    ids = asyncio.run(_calls(running, clock, entries // 2))
    running.ledger.close()
    running.settings.close()
    return ids[len(ids) // 2]


async def _calls(running: Running, clock: ManualClock, calls: int) -> list[str]:
    chance, ids, open_ = random.Random(7), [], []
    for number in range(calls):
        clock.advance_ms(DAYS * DAY_MS * (number + 1) // calls - DAYS * DAY_MS * number // calls)
        open_.append(_admit(running, clock.now_ms(), chance))
        ids.append(open_[-1].reserved.call_id)
        if len(open_) == TOGETHER or number == calls - 1:
            waiting = running.ledger.durable(open_[-1].ticket.seq)
            if waiting is not None:
                await waiting
            for admitted in open_:
                _settle(running, admitted, clock.now_ms(), chance)
            open_ = []
    return ids


def _admit(running: Running, now_ms: int, chance: random.Random) -> Admitted:
    person, session = chance.randrange(40), f"session{chance.randrange(2000)}"
    who = Attribution("acme", TEAMS[person % 4], f"person{person}", f"key{person}", f"project{person % 12}", session=session, client="codex")
    ask = Ask("openai-chat", chance.choice(MODELS), True, 24_000, 4_096)
    admitted = running.pipeline.desk.admit(new_call_id(now_ms), who, ask, now_ms)
    assert isinstance(admitted, Admitted)
    return admitted


def _settle(running: Running, admitted: Admitted, now_ms: int, chance: random.Random) -> None:
    usage = Usage(input_tokens=chance.randrange(4_000), cache_read_tokens=chance.randrange(20_000), output_tokens=chance.randrange(1, 1_200))
    priced, desk = admitted.attempts[0], running.pipeline.desk
    metered = Metered(usage, priced.attempt.model)
    desk.ledger.settle(settled(admitted, Outcome(priced, 200, metered), desk.prices, desk.providers[priced.attempt.upstream], now_ms))


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])))
