"""Live traffic: simulated people and agents who call the running gateway over the real wire, whatever it answers."""

import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

from wellspent.demo.company import AGENTS, TRIVIA, WIRE_OF, Habit
from wellspent.demo.story import RUNAWAY_DAYS, RUNAWAY_RUN, live, planned

PAUSE_S = 0.35  # between two calls, on average
ERRANDS = {"coding": "Mend the failing checkout test.", "trivia": "Is it 'log in' or 'login'?", "review": "Review this change."}
FILLER = "The shop's stock page shows a count that lags behind the warehouse by a few minutes. "


class Traffic:
    """Two callers on threads of their own, until ``stop``.

    Args:
        address: The gateway, ``http://host:port``.
        secrets: Keys by name; ``nightly-export`` is the revoked one, which somebody still tries now and then.
    """

    def __init__(self, address: str, secrets: dict[str, str]) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._secrets = secrets
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,), name=f"traffic-{number}", daemon=True) for number in range(2)]

    def start(self) -> None:
        """Begin to call."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Call no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)

    def _run(self, number: int) -> None:
        choose = random.Random(number)
        connection = http.client.HTTPConnection(self._host, self._port, timeout=60)
        while not self._stop.wait(choose.expovariate(1 / (2 * PAUSE_S))):
            try:
                self._one(choose, connection)
            except (OSError, http.client.HTTPException):  # the gateway is stopping, or hung up as its client would
                connection.close()
                self._stop.wait(1)

    def _one(self, choose: random.Random, connection: http.client.HTTPConnection) -> None:
        name, habit, agent = live(choose)
        run = f"{agent.name}-live-{int(time.time()) // 600}" if agent else ""
        if choose.random() < 0.02:
            name, habit, run = "nightly-export", TRIVIA, ""
        elif choose.random() < 0.05:
            crawler = next(each for each in AGENTS if each.name == "doc-crawler")
            name, habit, run = crawler.name, crawler.habit, RUNAWAY_RUN.format(RUNAWAY_DAYS[-1])  # over its ceiling
        call = planned(choose, name, habit, 0)
        stream = bool(call.output_tokens) and choose.random() < 0.7
        path, body = request(habit, min(call.input_tokens, 40_000), call.output_tokens, int(4 * call.cached_tokens / 5), stream=stream)
        headers = {"authorization": f"Bearer {self._secrets[name]}", "content-type": "application/json", "user-agent": f"{habit.client}/1.0"}
        tags = {"x-wellspent-run": run, "x-wellspent-workflow": habit.workflow, "x-wellspent-project": habit.project}
        connection.request("POST", path, json.dumps(body), headers | {name: value for name, value in tags.items() if value})
        answer = connection.getresponse()
        if stream and choose.random() < 0.03:
            answer.read(400)  # somebody presses stop
            connection.close()
        else:
            answer.read()


def request(habit: Habit, input_tokens: int, output_tokens: int, cached_tokens: int, *, stream: bool) -> tuple[str, dict[str, object]]:
    """Path and body of a call in its wire. The prompt has its real length; a directive tells the fake provider how long to answer."""
    told = f"[[fake: output_tokens={output_tokens}; cached={cached_tokens}; chunks=20; chunk_ms=15]]"
    prompt = f"{ERRANDS.get(habit.name, 'Please help.')} {told} {(FILLER * (4 * input_tokens // len(FILLER) + 1))[: 4 * input_tokens]}"
    wire = WIRE_OF[habit.model]
    if wire == "anthropic-messages":
        return "/v1/messages", {"model": habit.model, "max_tokens": 4096, "stream": stream, "messages": [{"role": "user", "content": prompt}]}
    if wire == "openai-responses":
        return "/v1/responses", {"model": habit.model, "input": prompt, "max_output_tokens": 4096, "stream": stream}
    if wire == "openai-embeddings":
        return "/v1/embeddings", {"model": habit.model, "input": prompt}
    if wire == "gemini":
        call = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{habit.model}:{call}", {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
    return "/v1/chat/completions", {"model": habit.model, "stream": stream, "messages": [{"role": "user", "content": prompt}]}
