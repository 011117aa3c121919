"""``wellspent keys``."""

import json
from typing import Annotated

from cyclopts import Parameter

from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.identity.keys import Key
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, Yes, confirm, settings_of, talk
from wellspent.surfaces.cli.output import Column, emit, joined
from wellspent.surfaces.cli.when import ahead_ms, iso, zone_of

COLUMNS = (
    Column("id", "key"),
    Column("state", "state"),
    Column("org", "org"),
    Column("team", "team"),
    Column("person", "person"),
    Column("project", "project"),
    Column("tags", "tags", show=joined),
    Column("created", "created"),
    Column("expires", "expires"),
)


def list_keys(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List keys, revoked ones too. Secrets are kept nowhere, so none is shown."""
    now_ms = SystemClock().now_ms()
    with settings_of(common.load()) as settings:
        rows = [describe(record.key, now_ms) for record in settings.key_records()]
    emit(rows, COLUMNS, shape, empty="there are no keys yet; make one with: wellspent keys create NAME")


def create(
    name: str,
    *,
    team: str = "",
    person: str = "",
    project: str = "",
    workflow: str = "",
    tag: tuple[str, ...] = (),
    expires: Annotated[str, Parameter(help="90d, or a date; that day is included.")] = "",
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    common: Common = COMMON,
) -> None:
    """Make a key and print its secret, which is shown this once and kept nowhere.

    Args:
        name: What to call it, e.g. laptop.
        team: Whom its calls are charged to; follows from the person or the project unless given.
        person: Whose key it is.
        project: What it is for.
        workflow: Which workflow uses it.
        tag: NAME=VALUE; may be given several times.
    """
    config = common.load()
    now_ms = SystemClock().now_ms()
    expires_ms = ahead_ms(expires, now_ms, zone_of(config.timezone)) if expires else None
    org = "" if team or person or project else config.org
    with settings_of(config) as settings:
        secret, key = settings.create_key(
            name, org=org, team=team, person=person, project=project, workflow=workflow, tags=read_tags(tag), expires_ms=expires_ms
        )
    if as_json:
        print(json.dumps({"secret": secret, **describe(key, now_ms)}, indent=2, ensure_ascii=False))
    else:
        talk(f"key {key.id}: this is its secret, shown once")
        print(secret)


def revoke(key_id: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Take a key back, for ever. A running gateway refuses it within a second."""
    confirm(f"Revoke the key {key_id} for ever?", yes)
    with settings_of(common.load()) as settings:
        settings.revoke_key(key_id)
    talk(f"key {key_id} is revoked")


def describe(key: Key, now_ms: int) -> dict[str, object]:
    """A key as a row."""
    who = key.attribution
    expired = key.expires_ms is not None and key.expires_ms <= now_ms
    return {
        "id": key.id,
        "name": key.name,
        "state": "revoked" if key.revoked else "expired" if expired else "live",
        "org": who.org,
        "team": who.team,
        "person": who.person,
        "project": who.project,
        "workflow": who.workflow,
        "tags": [f"{name}={value}" for name, value in who.tags],
        "created": iso(key.created_ms),
        "expires": iso(key.expires_ms),
        "revoked": iso(key.revoked_ms),
    }


def read_tags(written: tuple[str, ...]) -> dict[str, str]:
    """``("customer=acme",)`` as names and values. Raises InvalidInput."""
    tags = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals or not name or not value:
            raise InvalidInput(f"{each!r} is not a tag", fix="write it as NAME=VALUE")
        tags[name] = value
    return tags
