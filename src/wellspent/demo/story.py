"""The story of ninety days, as a list of planned calls: pure, and the same for a seed. Days are counted back from today (0)."""

import random
from collections.abc import Iterator

from msgspec import Struct

from wellspent.demo.company import AGENTS, CODING, FABLE, HABITS, TEAMS, TRIVIA, WIRE_OF, Agent, Habit

DAYS = 90
SEED = 20_260
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
GROWTH_A_DAY = 1.006  # everybody was told to use AI as much as they could
RUNAWAY_DAYS, RUNAWAY_CALLS = (23, 9), 1_800  # doc-crawler reads its own output as new pages, all night
RUNAWAY_RUN = "doc-crawler-night-{}"
LEAK_DAYS, LEAK_CALLS = (41, 40), 260  # the key of a nightly job is found in a public repository
DISCOUNT_DAY, DISCOUNT_PERCENT = 30, 12  # a contract with one provider begins
CEILING_DAY = 22  # the morning after the first runaway: a ceiling for each run, which stops the second


class Planned(Struct, frozen=True):
    """One call that somebody will make.

    Attributes:
        at_ms: Milliseconds after the day's first, in the company's time zone.
        key: The name of the key that is shown.
        run: The run of an agent, or "".
        output_cap: What the caller asks for at most.
    """

    at_ms: int
    key: str
    habit: Habit
    model: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    output_cap: int
    run: str = ""
    session: str = ""

    @property
    def wire(self) -> str:
        """The wire of its model."""
        return WIRE_OF[self.model]


def day_of(days_ago: int, *, weekend: bool, seed: int = SEED) -> list[Planned]:
    """All calls of one day, in order of time."""
    choose = random.Random(f"{seed}-{days_ago}")
    grown = GROWTH_A_DAY ** (DAYS - days_ago)
    calls = [*_people(choose, grown, weekend=weekend), *_agents(choose, grown, days_ago, weekend=weekend)]
    if days_ago in RUNAWAY_DAYS:
        calls += _runaway(choose, days_ago)
    if days_ago in LEAK_DAYS:
        calls += _leak(choose)
    return sorted(calls, key=lambda call: call.at_ms)


def _people(choose: random.Random, grown: float, *, weekend: bool) -> Iterator[Planned]:
    for team, names in TEAMS.items():
        for name in names:
            for habit in HABITS[team]:
                eager = 0.4 + 1.2 * random.Random(name + habit.name).random()
                count = _count(choose, habit.calls * grown * eager * (0.08 if weekend else 1.0))
                session = f"{name.lower()}-{choose.randrange(10**6):06d}"
                for _ in range(count):
                    yield planned(choose, name.lower(), habit, _office_ms(choose), session=session)


def _agents(choose: random.Random, grown: float, days_ago: int, *, weekend: bool) -> Iterator[Planned]:
    for agent in AGENTS:
        for number in range(_count(choose, agent.habit.calls * grown * (0.5 if weekend else 1.0))):
            run = f"{agent.name}-{days_ago}-{number // 10}"
            session = run if agent.habit.client == CODING.client else ""  # which sends its session with each call
            yield planned(choose, agent.name, agent.habit, choose.randrange(DAY_MS), run=run, session=session)


def _runaway(choose: random.Random, days_ago: int) -> Iterator[Planned]:
    """One run, from 22:00 on, each call dearer than the one before because the prompt grows."""
    crawler = next(agent for agent in AGENTS if agent.name == "doc-crawler")
    for number in range(RUNAWAY_CALLS):
        at_ms = 22 * HOUR_MS + number * (2 * HOUR_MS - 60_000) // RUNAWAY_CALLS
        call = planned(choose, crawler.name, crawler.habit, at_ms, run=RUNAWAY_RUN.format(days_ago))
        input_tokens = 30_000 + 200 * number
        yield Planned(at_ms, call.key, call.habit, call.model, min(input_tokens, 350_000), 0, 4_000, 8_000, call.run)


def _leak(choose: random.Random) -> Iterator[Planned]:
    """Strangers use the key by night: the dearest model, long answers, no cache."""
    habit = Habit("unknown", FABLE, 0, 3_000, 3_500, 0.0, "python-requests")
    for _ in range(LEAK_CALLS):
        yield planned(choose, "nightly-export", habit, choose.randrange(6 * HOUR_MS))


def planned(choose: random.Random, key: str, habit: Habit, at_ms: int, *, run: str = "", session: str = "") -> Planned:
    """One call of a habit: sizes spread like real ones, a few much longer than most."""
    input_tokens = max(50, int(habit.input_tokens * choose.lognormvariate(0, 0.45)))
    output_tokens = max(1, int(habit.output_tokens * choose.lognormvariate(0, 0.5))) if habit.output_tokens else 0
    cached = int(input_tokens * habit.cached * choose.uniform(0.8, 1.1))
    cap = 32_000 if habit is CODING else 4_096
    return Planned(at_ms, key, habit, habit.model, input_tokens, min(cached, input_tokens - 1), min(output_tokens, cap), cap, run, session)


def live(choose: random.Random) -> tuple[str, Habit, Agent | None]:
    """Somebody who calls now: the key's name, the habit, and the agent where it is one."""
    if choose.random() < 0.45:
        agent = choose.choice(AGENTS)
        return agent.name, agent.habit, agent
    team = choose.choice(list(TEAMS))
    habit = choose.choice(HABITS[team])
    return choose.choice(TEAMS[team]).lower(), TRIVIA if team == "growth" and choose.random() < 0.6 else habit, None


def _count(choose: random.Random, mean: float) -> int:
    whole = int(mean)
    return whole + (choose.random() < mean - whole)


def _office_ms(choose: random.Random) -> int:
    return int(min(max(choose.gauss(13.2, 2.6), 7.0), 21.0) * HOUR_MS)
