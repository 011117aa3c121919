"""``python -m wellspent.testing.conformance``: the suite by itself, without the rest of wellspent.

Results go to stdout, talk to stderr. Exit codes: 0 nothing failed, 1 a case failed, 2 used wrongly, 130 interrupted.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.testing.conformance import report
from wellspent.testing.conformance.checks import check, checked_port
from wellspent.testing.conformance.profiles import SHIPPED, profile
from wellspent.testing.conformance.result import Result
from wellspent.testing.conformance.run import PROVIDER_PORT, Plan, falls, names, numbers, run_all, setup, told


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suite, or say what it needs; the exit code."""
    options = _parser().parse_args(argv)
    try:
        return int(options.do(options))
    except WellspentError as error:
        _talk(f"conformance: {error}")
        return 2 if isinstance(error, InvalidInput) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away, e.g. head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wellspent.testing.conformance", description="Spend conformance of any LLM gateway.")
    commands = parser.add_subparsers(required=True, metavar="run | setup")
    runs = commands.add_parser("run", help="run the cases against a gateway")
    runs.set_defaults(do=_run)
    runs.add_argument("--gateway", default="", help="the address of a gateway that runs already; without it the profile starts one")
    runs.add_argument("--key", default="", help="a key of it: an admin's, where the profile makes keys")
    runs.add_argument("--profile", default="generic", help=f"{', '.join(SHIPPED)}, or a Python file with a profile of your own (generic)")
    runs.add_argument("--wire", default="", help="APIs to call, with commas between")
    runs.add_argument("--only", default="", help="numbers of cases, with commas between")
    runs.add_argument("--program", default="", help="where a gateway is installed that the profile starts")
    runs.add_argument("--data-dir", type=Path, default=None, help="the gateway's data folder, for a profile that reads it")
    runs.add_argument("--provider-port", type=int, default=None, help="where the suite's provider listens (9001, or any where it starts the gateway)")
    runs.add_argument("--json", action="store_true", help="print JSON")
    setups = commands.add_parser("setup", help="say what has to be set up at a gateway")
    setups.set_defaults(do=_setup)
    setups.add_argument("--provider-port", type=int, default=PROVIDER_PORT, help="where the suite's provider will listen (9001)")
    return parser


def _setup(options: argparse.Namespace) -> int:
    print(setup(checked_port(options.provider_port)))
    return 0


def _run(options: argparse.Namespace) -> int:
    port = options.provider_port
    plan = Plan(
        profile(options.profile),
        options.gateway,
        options.key,
        options.program,
        options.data_dir,
        port if port is not None else PROVIDER_PORT if options.gateway else 0,
        names(options.wire),
        numbers(options.only),
    )
    check(plan, _talk)
    ran = run_all(plan, _talk, lambda text: None)
    print(json.dumps([report.row(each) for each in ran.results], indent=2, ensure_ascii=False) if options.json else _table(ran.results))
    _talk(told(ran))
    return int(falls(ran.results))


def _table(results: Sequence[Result]) -> str:
    """A line for each case and API."""
    lines = [f"{each.number:>2}  {each.verdict:<11}  {each.wire:<18}  {each.case}: {each.finding.note or '-'}" for each in results]
    return "\n".join(" ".join(line.splitlines()) for line in lines)


def _talk(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
