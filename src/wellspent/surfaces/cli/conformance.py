"""``wellspent conformance``: does a gateway bill right, and does it hold its budgets?"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from wellspent.facts.errors import InvalidInput
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, emit, money, usd
from wellspent.testing.conformance import report
from wellspent.testing.conformance.profiles import profile as profile_named
from wellspent.testing.conformance.result import Result
from wellspent.testing.conformance.run import PROVIDER_PORT, Plan, benches, falls, run, setup, summary

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

    Without --gateway, the profile starts the gateway itself, in a folder of its own. Exit code 1 where a case failed.

    Args:
        gateway: The address of a gateway that runs already, set up as --setup says.
        key: A key of it: an admin's, where the profile makes keys.
        profile: How the gateway is limited and read: a name, or a Python file with a profile of your own.
        wire: APIs to call, with commas between; all that the gateway speaks unless given.
        only: Numbers of cases, with commas between.
        program: Where a gateway is installed that the profile starts.
        provider_port: Where the suite's provider listens (9001, or any port where the profile starts the gateway).
        html: Write the results as a page, too.
        setup_only: Say what has to be set up at a gateway, and stop.
    """
    port = provider_port if provider_port is not None else PROVIDER_PORT if gateway or setup_only else 0
    if setup_only:
        print(setup(port))
        return 0
    data_dir = common.load().data_dir if gateway and profile == "wellspent" else common.data_dir
    plan = Plan(profile_named(profile), gateway, key, program, data_dir, port, _names(wire), _numbers(only))
    plan.spoken(), plan.chosen()
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    with benches(plan, talk) as bench:
        name, version = bench.gateway.name, bench.gateway.version()
        for result in run(bench, plan, _progress):
            results.append(result)
    _progress("")
    emit([_row(result) for result in results], COLUMNS, shape, empty="no case is for these APIs")
    if html is not None:
        html.write_text(report.html(results, name, version, datetime.now(UTC)), encoding="utf-8")
    found = summary(results)
    talk(f"{name} {version}: {found['pass']} passed, {found['fail']} failed, {found['not offered']} not offered")
    return int(falls(results))


def _progress(text: str) -> None:
    """What is being done, on a line that the next one replaces; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _numbers(text: str) -> tuple[int, ...]:
    for name in _names(text):
        if not name.isdecimal():
            raise InvalidInput(f"{name!r} is no number of a case", fix="write --only 1,4")
    return tuple(int(name) for name in _names(text))


def _row(result: Result) -> dict[str, object]:
    finding = result.finding
    row: dict[str, object] = {"number": result.number, "case": result.case, "wire": result.wire, "verdict": result.verdict}
    amounts = {"true": finding.true_nanousd, "counted": finding.billed_nanousd, "limit": finding.limit_nanousd, "over": finding.overshoot_nanousd}
    for name, amount in amounts.items():
        row |= money(name, amount) | {f"{name}_text": "" if amount is None else usd(amount)}
    refused = finding.refused_falsely
    row |= {"refused_falsely": refused, "refused_text": "" if refused is None else str(refused)}
    return row | {"note": finding.note, "sources": list(result.sources)}
