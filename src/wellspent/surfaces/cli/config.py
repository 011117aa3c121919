"""``wellspent config show``."""

from typing import Annotated

import msgspec
from cyclopts import Parameter

from wellspent.config import SCALARS
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape
from wellspent.surfaces.cli.output import Column, emit


def show(
    *,
    origin: Annotated[bool, Parameter(negative="", help="Say where each value comes from.")] = False,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> None:
    """Show every setting. Provider keys are never shown: settings only name the variables they are read from."""
    config = common.load()
    values = [(name, getattr(config, name), config.origins.get(name, "default")) for name in SCALARS]
    for table, things in (("upstream", config.upstreams), ("route", config.routes)):
        for number, thing in enumerate(things):
            values.append((f"{table}[{number}]", msgspec.to_builtins(thing), config.origins.get(f"{table}s", "default")))
    values += [(f"rework.{name}", value, "file" if value else "default") for name, value in msgspec.to_builtins(config.rework).items()]
    values += [(f"terms[{number}]", terms, config.origins.get("terms", "file")) for number, terms in enumerate(config.terms)]
    rows = [
        {"setting": name, "value": value if isinstance(value, dict | int | bool) else str(value), "origin": where} for name, value, where in values
    ]
    columns = [Column("setting", "setting"), Column("value", "value", show=_text)]
    if origin:
        columns.append(Column("origin", "from"))
    else:
        rows = [{"setting": row["setting"], "value": row["value"]} for row in rows]
    emit(rows, columns, shape)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items() if each not in ("", None, [], False))
    return str(value).lower() if isinstance(value, bool) else str(value)
