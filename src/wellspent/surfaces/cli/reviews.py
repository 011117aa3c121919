"""``wellspent reviews``: what happened to changes, from GitHub and GitLab."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec
from cyclopts import Parameter

from wellspent.config import Config
from wellspent.connectors.reviews import apis, saved
from wellspent.connectors.reviews.api import Api
from wellspent.connectors.reviews.asking import Forge, address_of
from wellspent.connectors.reviews.fetching import fetch as fetch_changes
from wellspent.connectors.reviews.people import People
from wellspent.connectors.reviews.telling import timely
from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.facts.review import ReviewEvent
from wellspent.identity.pseudonyms import pseudonyms_of
from wellspent.ledger.reviews import FILE, ReviewLog
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, emit
from wellspent.surfaces.cli.when import ACCEPTED, iso, local, since_ms, zone_of

MARKS = "reviews-fetched.json"
COLUMNS = (
    Column("at_text", "when"),
    Column("what", "what"),
    Column("who", "who"),
    Column("work", "work"),
    Column("lines_text", "lines", right=True),
)


@contextmanager
def log_of(config: Config) -> Iterator[ReviewLog]:
    """The log of reviews of a data folder, for one command."""
    with closing(ReviewLog(config.data_dir / FILE, SystemClock())) as log:
        yield log


def people_of(config: Config) -> People:
    """How people are told apart in a data folder."""
    return People(pseudonyms_of(config.data_dir), config.rework.machines)


def fetch(
    forge: Literal["github", "gitlab"],
    repository: str,
    /,
    *,
    since: Annotated[str, Parameter(help=f"Only changes that something happened to since then: {ACCEPTED}. Else since the last fetch, or all.")] = "",
    api: Annotated[str, Parameter(help="The address of the forge's API, where it is your own: https://github.example.com.")] = "",
    token_env: Annotated[str, Parameter(help="The environment variable with the token; GITHUB_TOKEN or GITLAB_TOKEN unless given.")] = "",
    save: Annotated[Path | None, Parameter(help="Also write the answers into this file, for `reviews import` elsewhere.")] = None,
    common: Common = COMMON,
) -> None:
    """Ask GitHub or GitLab what happened to the changes of a repository, and keep it, each thing once.

    Reads only what changed since the last fetch; the first one may begin at --since. Sends the name of the repository and your token to the forge,
    and keeps no names and no text.

    Args:
        forge: Whose API.
        repository: As in its address: acme/app, or group/subgroup/app.
    """
    config, clock, asked = common.load(), SystemClock(), apis()[forge]
    if repository.count("/") < 1 or not all(repository.split("/")):
        raise InvalidInput(f"{repository!r} is no repository", fix="write it as in its address, like acme/app")
    host = address_of(api or asked.host)
    marks = Marks(config.data_dir / MARKS, f"{host} {repository}")
    known_ms = marks.read()
    from_ms = since_ms(since, clock.now_ms(), zone_of(config.timezone)) if since else known_ms
    joins = from_ms is None or known_ms is None or from_ms <= known_ms  # else there would be a gap before it
    ask = Forge(forge, host, _token(asked, token_env), token_env or asked.token, talk).ask
    people, read, new, known = people_of(config), 0, 0, 0
    with log_of(config) as log, _saving(save) as file:
        for page in fetch_changes(asked, ask, repository, from_ms):
            events = [event for change in page.changes for event in asked.events(page.repository, change, people)]
            added = log.add(timely(events, clock.now_ms()))
            read, new, known = read + len(page.changes), new + added.new, known + added.duplicates
            if file:
                file.writelines(saved.line_of(asked, page.repository, change) for change in page.changes)
            if page.complete and page.until_ms is not None and joins:
                marks.write(page.until_ms)
            _progress(read)
    talk(f"{read:,} changes read: {new:,} events taken, {known:,} known already")


def import_reviews(file: Path, *, common: Common = COMMON) -> None:
    """Take what happened to changes from a file that `reviews fetch --save` wrote, or an answer of the API, each thing once.

    Args:
        file: JSON, or a line of it for each change.
    """
    config, clock = common.load(), SystemClock()
    with log_of(config) as log:
        added = log.add(timely(saved.events_of(apis(), file, people_of(config)), clock.now_ms()))
    talk(f"{added.new:,} events taken, {added.duplicates:,} known already")


def show(change: str, /, *, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show all that is known of one change, in the order it happened. People are the author, or numbered as they come.

    Args:
        change: acme/app#418 or acme/app!12.
    """
    config = common.load()
    with log_of(config) as log:
        events = sorted(log.events(change), key=lambda event: event.at_ms)
    if not events:
        raise NotFound(f"nothing is known of {change!r}", fix="fetch it with: wellspent reviews fetch github acme/app")
    zone, others = zone_of(config.timezone), list(dict.fromkeys(each.actor for each in events if each.actor and not each.author and not each.machine))
    emit([{**_row(event, others), "at_text": local(event.at_ms, zone)} for event in events], COLUMNS, shape)


def _row(event: ReviewEvent, others: list[str]) -> dict[str, object]:
    who = "author" if event.author else "machine" if event.machine else f"person {others.index(event.actor) + 1}" if event.actor else ""
    lines = "" if event.added is None else f"+{event.added:,} -{event.deleted or 0:,}"
    row: dict[str, object] = {"source": event.source, "change": event.change, "at": iso(event.at_ms), "recorded_at": iso(event.recorded_at_ms)}
    row |= {"what": event.what, "who": who, "work": event.work, "labels": list(event.labels), "branch": event.branch, "commit": event.commit}
    return row | {"added": event.added, "deleted": event.deleted, "event": event.event, "lines_text": lines}


class Marks:
    """Up to when repositories were read. It can be deleted: then everything is read again, and known already."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name

    def read(self) -> int | None:
        """Up to when, None for never."""
        return self._all().get(self._name)

    def write(self, until_ms: int) -> None:
        """It is read up to a moment."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode({**self._all(), self._name: until_ms}))
        fresh.replace(self._path)

    def _all(self) -> dict[str, int]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError:
            raise InvalidInput(f"{self._path} is broken", fix="delete it: everything is read again, and known already") from None


def _token(api: Api, token_env: str) -> str:
    name = token_env or api.token
    token = os.environ.get(name, "").strip()
    if not token or not token.isprintable() or not token.isascii():
        what = f"{name} is not set" if not token else f"{name} holds no token"
        raise InvalidInput(what, fix="set it to a token that may read the repository's changes, or name another variable with --token-env")
    return token


def _progress(read: int) -> None:
    """One line on a terminal, cleared by whatever is told next."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{read:,} changes read …\r", end="", file=sys.stderr, flush=True)


@contextmanager
def _saving(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", fix="name a file in a folder that is there") from None
