"""What is refused before anything starts. Every function raises InvalidInput."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from wellspent.facts.errors import InvalidInput
from wellspent.testing.conformance.run import Plan

PORT_MAX = 65_535


def checked_port(port: int) -> int:
    """A port that the suite's provider could listen on."""
    if not 0 <= port <= PORT_MAX:
        raise InvalidInput(f"there is no port {port}", fix=f"use one from 1 to {PORT_MAX}, or 0 for any that is free")
    return port


def check(plan: Plan, tell: Callable[[str], object]) -> None:
    """Whether a plan can be run at all.

    Args:
        tell: Called with what was given and will not be used.
    """
    checked_port(plan.provider_port)
    _check_gateway(plan)
    _check_program(plan, tell)
    if not any(wire.name in case.wires for case in plan.chosen() for wire in plan.spoken()):
        fix = f"the chosen cases are for {', '.join(sorted({name for case in plan.chosen() for name in case.wires}))}"
        raise InvalidInput(f"none of the chosen cases is for {', '.join(wire.name for wire in plan.spoken()) or 'any API'}", fix=fix)


def _check_gateway(plan: Plan) -> None:
    if not (plan.key.isascii() and plan.key.isprintable()):
        raise InvalidInput("the key holds a line break or another character that no header can hold", fix="give --key as it was made, in one line")
    if not plan.gateway:
        return
    try:
        parts = urlsplit(plan.gateway)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InvalidInput(f"{plan.gateway!r} is no address of a gateway", fix="write --gateway http://127.0.0.1:4000")


def _check_program(plan: Plan, tell: Callable[[str], object]) -> None:
    if not plan.program:
        return
    if plan.gateway or not plan.profile.takes_program:
        why = "the gateway runs already" if plan.gateway else f"the profile {plan.profile.name} does not need to be told where its gateway is"
        tell(f"--program is not used: {why}")
    elif not Path(plan.program).exists() and shutil.which(plan.program) is None:
        raise InvalidInput(f"there is no {plan.program}", fix="name with --program where the gateway is installed")


def checked_page(path: Path) -> Path:
    """A file that a report can be written to; its folder is made."""
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder", fix="name a file in it, such as report.html")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error}", fix="name a file elsewhere") from None
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InvalidInput(f"{path} cannot be written", fix="name a file elsewhere")
    return path
