"""``wellspent audit``."""

import json
from typing import Any

from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, settings_of
from wellspent.surfaces.cli.output import Column, emit
from wellspent.surfaces.cli.when import iso

COLUMNS = (
    Column("at", "when"),
    Column("actor", "who"),
    Column("action", "did"),
    Column("kind", "what"),
    Column("name", "which"),
    Column("change_text", "from → to"),
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
            "change_text": _difference(_without_digest(change.before), _without_digest(change.after)),
        }
        for change in changes
    ]
    emit(rows, COLUMNS, shape, empty="nothing was changed yet")


def _without_digest(value: str | None) -> dict[str, Any] | None:
    if value is None:
        return None
    setting: dict[str, Any] = json.loads(value)
    return dict(setting["key"]) if "sha256" in setting else setting


def _difference(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    """Only what is different, e.g. ``limit 5 → 6``."""
    if before is None or after is None:
        return _text(after if before is None else before)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return ", ".join(f"{name} {_text(before.get(name))} → {_text(after.get(name))}" for name in names)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
