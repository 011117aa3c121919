"""Measure, and print Markdown.

gateway     wellspent beside nginx, Envoy, LiteLLM, Portkey and TensorZero (scripts/setup_bench.sh installs them): CPU, time, memory, start
ledger      a journal of a million entries: writing, a receipt, a month's spending, sealing, verifying, its size
rework      reading git history, beside git alone, git-of-theseus and PyDriller
fixes       how often the commit that brought a bug is found, beside plain ways, in repositories whose commits state it
aider-shares  aider's own shares of its releases, reckoned again; by name only, with --repository (a clone of Aider-AI/aider)
value       ten million calls joined to a million outcomes: all of it, what is new, questions
startup     commands that do little
durability  what each durability costs
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, is_dataclass
from pathlib import Path

from benchmarks import aider_shares, durability, fixes, gateway, ledger, report, rework, startup, value
from benchmarks.peers import PEERS

BENCHMARKS = ("gateway", "ledger", "value", "rework", "fixes", "startup", "durability")
BY_NAME = ("aider-shares",)  # they need something that is not here


def options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="BENCHMARK", help=f"{', '.join(BENCHMARKS)}; all unless given; or: {', '.join(BY_NAME)}")
    parser.add_argument(
        "--peers", default=",".join([*PEERS, *rework.PEERS]), help="who is measured beside wellspent, separated by commas; default: %(default)s"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=20_000, help="calls of a load, at most; streams are a fortieth; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=8.0, help="of a load, at most; default: %(default)s")
    parser.add_argument("--many", type=int, default=1024, help="streams at once; default: %(default)s")
    parser.add_argument("--pace", type=int, default=200, metavar="MS", help="between the chunks of those many streams; default: %(default)s")
    parser.add_argument(
        "--entries", type=int, default=1_000_000, help="of the journal; a tenth of the calls of value, and its outcomes; default: %(default)s"
    )
    parser.add_argument(
        "--repository",
        type=Path,
        action="append",
        metavar="FOLDER",
        help="of git, for rework and fixes; this one unless given, several by saying it again",
    )
    parser.add_argument("--all", action="store_true", help="every commit instead of merged code, for fixes")
    parser.add_argument("--lines", type=int, default=rework.MANY_LINES, help="alive at once, for rework; default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single value too")
    found = parser.parse_args(arguments)
    unknown = {*found.names} - {*BENCHMARKS, *BY_NAME} | {name for name in found.peers.split(",") if name} - {*PEERS, *rework.PEERS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if "aider-shares" in found.names and not found.repository:
        parser.error("aider-shares needs --repository: a clone of Aider-AI/aider with its tags")
    return found


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    chosen = options(arguments)
    found: dict[str, object] = {"machine": report.machine()}
    print(found["machine"])
    for name in chosen.names or BENCHMARKS:
        print(f"\n## {name}\n", flush=True)
        if name == "gateway":
            peers = ["wellspent", *(each for each in chosen.peers.split(",") if each not in ("", "wellspent", *rework.PEERS))]
            gateways = gateway.measure(gateway.Plan(peers, chosen.rounds, chosen.calls, chosen.seconds, chosen.many, chosen.pace), tell)
            found[name] = {each: asdict(figures) if is_dataclass(figures) else figures for each, figures in gateways.items()}
            print(report.gateways(gateways), flush=True)
            continue
        if name == "fixes":
            found[name] = fixes.measure(_repositories(chosen), "all" if chosen.all else "first-parent", tell)
            print(found[name], flush=True)
        if name == "aider-shares":
            shares = aider_shares.measure(chosen.repository[0], tell)
            found[name] = aider_shares.values(shares)
            print(aider_shares.table(shares), flush=True)
            continue
        figures = _figures(name, chosen)
        found[name] = figures
        print(report.plain(figures), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1))


def _repositories(chosen: argparse.Namespace) -> list[Path]:
    return chosen.repository or [Path(__file__).parents[1]]


def _figures(name: str, chosen: argparse.Namespace) -> dict[str, list[float]]:
    if name == "ledger":
        return ledger.measure(chosen.entries, tell)
    if name == "value":
        return value.measure(10 * chosen.entries, chosen.entries, tell)
    if name == "rework":
        return rework.measure(_repositories(chosen), chosen.rounds, chosen.lines, chosen.peers, tell)
    if name == "startup":
        return startup.measure(4 * chosen.rounds, tell)
    tell("durability")
    return durability.measure(Path(tempfile.gettempdir()), min(3.0, chosen.seconds), chosen.rounds)


if __name__ == "__main__":
    main()
