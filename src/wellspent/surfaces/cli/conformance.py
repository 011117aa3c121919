"""``wellspent conformance``: does a gateway bill right, and does it hold its budgets?"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, emit, usd
from wellspent.testing.conformance import report
from wellspent.testing.conformance.checks import check, checked_page, checked_port
from wellspent.testing.conformance.profiles import profile as profile_named
from wellspent.testing.conformance.result import Result
from wellspent.testing.conformance.run import PROVIDER_PORT, Plan, falls, names, numbers, run_all, setup, told

COLUMNS = (
    Column("number", "#", right=True),
    Column("case", "Case"),
    Column("wire", "API"),
    Column("verdict", "Result"),
    Column("true_text", "True", right=True),
    Column("counted_text", "Counted", right=True),
    Column("limit_text", "Limit", right=True),
    Column("over_text", "Over", right=True),
    Column("refused_text", "Refused falsely", right=True),
    Column("note", "Note"),
)


def conformance(
    *,
    gateway: str = "",
    key: str = "",
    profile: str = "wellspent",
    wire: str = "",
    only: str = "",
    program: str = "",
    provider_port: int | None = None,
    html: Path | None = None,
    setup_only: Annotated[bool, Parameter(name="--setup", negative="")] = False,
    shape: Shape = SHAPE,
    common: Common = COMMON,
) -> int:
    """Run the spend conformance suite against a gateway: a black box with a provider behind it that knows the true bill.

    Without --gateway, the profile starts the gateway itself, in a folder of its own. Exit code 1 where a case failed. With --gateway and the
    profile wellspent, keys and budgets are made in its data folder and taken back at the end; what was spent stays in its ledger.

    Args:
        gateway: The address of a gateway that runs already, set up as --setup says.
        key: A key of it: an admin's, where the profile makes keys.
        profile: How the gateway is limited and read: a name, or a Python file with a profile of your own.
        wire: APIs to call, with commas between; all that the gateway speaks unless given.
        only: Numbers of cases, with commas between.
        program: Where a gateway is installed that the profile starts; wellspent needs none.
        provider_port: Where the suite's provider listens (9001, or any port where the profile starts the gateway).
        html: Write the results as a page, too.
        setup_only: Say what has to be set up at a gateway, and stop.
    """
    port = checked_port(provider_port if provider_port is not None else PROVIDER_PORT if gateway or setup_only else 0)
    if setup_only:
        print(setup(port))
        return 0
    data_dir = common.load().data_dir if gateway and profile == "wellspent" else common.data_dir
    plan = Plan(profile_named(profile), gateway, key, program, data_dir, port, names(wire), numbers(only))
    check(plan, talk)
    if html is not None:
        checked_page(html)
    ran = run_all(plan, talk, _progress)
    emit([_row(result) for result in ran.results], COLUMNS, shape)
    if html is not None:
        html.write_text(report.html(ran.results, ran.gateway, ran.version, datetime.now(UTC)), encoding="utf-8")
    talk(told(ran))
    return int(falls(ran.results))


def _progress(text: str) -> None:
    """What is being done, on a line that the next one replaces; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _row(result: Result) -> dict[str, object]:
    refused = result.finding.refused_falsely
    texts = {f"{name}_text": "" if amount is None else usd(amount) for name, amount in report.amounts(result.finding).items()}
    return {**report.row(result), **texts, "refused_text": "" if refused is None else str(refused)}
