"""``POST /api/v1/outcomes/SOURCE``, or without it for the source ``cloudevents``: outcomes as other systems send them, signed, each taken once.

A forge's delivery tells outcomes and what happened to a change both; each goes into its own log.
"""

import sys
from collections.abc import Callable, Mapping

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wellspent.connectors.outcomes import Source
from wellspent.connectors.outcomes.fields import timely
from wellspent.connectors.reviews import telling
from wellspent.connectors.reviews.people import People
from wellspent.facts.clock import Clock
from wellspent.facts.errors import ConfigError, InvalidInput
from wellspent.facts.review import ReviewEvent
from wellspent.ledger.outcomes import OutcomeLog
from wellspent.ledger.reviews import ReviewLog

NAMELESS = "cloudevents"  # whose outcomes come to the path without a name


class Sender(Struct, frozen=True):
    """Somebody who may send, and the secret that proves it.

    Attributes:
        reviews: Headers and body -> what happened to a change, where they send that too.
    """

    source: Source
    secret: str
    reviews: Callable[[Mapping[str, str], bytes, People], list[ReviewEvent]] | None = None


class Reviews(Struct, frozen=True):
    """Where it is kept what happened to changes, and how the people in it are told apart."""

    log: ReviewLog
    people: People


class Intake:
    """Takes what is signed, refuses what is not, and says so on stderr.

    Args:
        public_url: The address that senders call, where it is not the one they are served at: some sign it.
        reviews: None where no sender tells of changes.
    """

    def __init__(self, log: OutcomeLog, senders: Mapping[str, Sender], clock: Clock, public_url: str, reviews: Reviews | None = None) -> None:
        self._log, self._senders, self._clock, self._public_url = log, senders, clock, public_url.rstrip("/")
        self._reviews = reviews

    async def take(self, request: Request) -> Response:
        """202 with how many were new and known; 401 for a signature that is not theirs, 400 for what cannot be read, 503 where it cannot be kept."""
        name = request.path_params.get("source", NAMELESS)
        sender = self._senders.get(name)
        if sender is None:
            return _no(404, f"no source of outcomes is named {name}; an operator adds one as [[outcome_source]]")
        body, headers = await request.body(), {key.lower(): value for key, value in request.headers.items()}
        url = f"{self._public_url}{request.url.path}" if self._public_url else str(request.url)
        wrong = sender.source.verify(headers, body, sender.secret, self._clock.now_ms() / 1000, url)
        if wrong:
            print(f"outcomes from {name} were refused: {wrong}", file=sys.stderr, flush=True)
            return _no(401, wrong)
        try:
            events = list(timely(sender.source.read(headers, body), self._clock.now_ms()))
            told = self._told(sender, headers, body)
            added = await run_in_threadpool(self._log.add, events)
            if told and self._reviews:
                await run_in_threadpool(self._reviews.log.add, told)
        except InvalidInput as error:
            return _no(400, str(error))
        except ConfigError as error:
            print(f"outcomes from {name} could not be kept: {error}", file=sys.stderr, flush=True)
            return _no(503, "outcomes cannot be kept at the moment; send them again later")
        return JSONResponse({"new": added.new, "known": added.duplicates}, 202)

    def _told(self, sender: Sender, headers: Mapping[str, str], body: bytes) -> list[ReviewEvent]:
        """What happened to a change."""
        if not self._reviews or not sender.reviews:
            return []
        return list(telling.timely(sender.reviews(headers, body, self._reviews.people), self._clock.now_ms()))


def _no(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status)
