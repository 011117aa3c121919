"""``wellspent audit``."""

import json

from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, settings_of
from wellspent.surfaces.cli.output import Column, emit
from wellspent.surfaces.cli.when import iso

COLUMNS = (
    Column("at", "when"),
    Column("actor", "who"),
    Column("action", "did"),
    Column("kind", "what"),
    Column("name", "which"),
    Column("before", "before", show=lambda value: _text(value)),
    Column("after", "after", show=lambda value: _text(value)),
)


def audit(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """Show every change of a setting: who, when, what, before and after. The log is chained by hashes; doctor re-derives it."""
    with settings_of(common.load()) as settings:
        changes = settings.audit()
    rows = [
        {
            "seq": change.seq,
            "at": iso(change.at_ms),
            "actor": change.actor,
            "action": change.action,
            "kind": change.kind,
            "name": change.name,
            "before": _without_digest(change.before),
            "after": _without_digest(change.after),
            "hash": change.hash,
        }
        for change in changes
    ]
    emit(rows, COLUMNS, shape, empty="nothing was changed yet")


def _without_digest(value: str | None) -> object:
    if value is None:
        return None
    setting = json.loads(value)
    return setting["key"] if "sha256" in setting else setting


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
