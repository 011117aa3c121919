"""Runs cases against a gateway, one after the other: what one leaves behind must not help or hurt the next."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from wellspent.facts.errors import InvalidInput, WellspentError
from wellspent.testing.conformance.adapter import Adapter, NotOffered, Providers
from wellspent.testing.conformance.bench import Bench, said
from wellspent.testing.conformance.cases import Case, cases
from wellspent.testing.conformance.prices import FALLBACK, LARGE, LONG_PROMPT_TOKENS, SMALL, UNPRICED, tariffs
from wellspent.testing.conformance.result import Finding, Result
from wellspent.testing.conformance.wires import Wire, wires
from wellspent.testing.provider import FakeProvider

PROVIDER_PORT = 9001


class Plan(Struct, frozen=True):
    """What to run against what.

    Attributes:
        profile: How the gateway is limited and read.
        gateway: Its address, or "" where the profile starts it.
        key: A key of it.
        program: Where it is installed, for a profile that starts it.
        data_dir: Its data folder, for a profile that reads it.
        provider_port: Where the suite's provider listens; 0 takes any port.
        wires: Names of APIs; empty is all that the gateway speaks.
        only: Numbers of cases; empty is all.
    """

    profile: type[Adapter]
    gateway: str = ""
    key: str = ""
    program: str = ""
    data_dir: Path | None = None
    provider_port: int = PROVIDER_PORT
    wires: tuple[str, ...] = ()
    only: tuple[int, ...] = ()

    def spoken(self) -> list[Wire]:
        """The APIs to call. Raises InvalidInput for an unknown one."""
        known = wires()
        for name in self.wires:
            if name not in known:
                raise InvalidInput(f"there is no API {name!r}", fix=f"use {', '.join(known)}")
        return [wire for name, wire in known.items() if name in (self.wires or self.profile.wires)]

    def chosen(self) -> list[Case]:
        """The cases to run. Raises InvalidInput for a number that none has."""
        numbers = {case.number for case in cases()}
        for number in self.only:
            if number not in numbers:
                raise InvalidInput(f"there is no case {number}", fix=f"use numbers from 1 to {max(numbers)}")
        return [case for case in cases() if not self.only or case.number in self.only]


@contextlib.contextmanager
def benches(plan: Plan, tell: Callable[[str], object]) -> Iterator[Bench]:
    """The provider and the gateway in front of it, up and connected. Raises InvalidInput, WellspentError."""
    gateway = plan.profile(plan.gateway, plan.key, plan.data_dir)
    try:
        provider = FakeProvider(plan.provider_port, first=int(time.time()) * 1_000_000).start()
    except OSError as error:
        raise WellspentError(f"the suite's provider cannot listen on port {plan.provider_port}: {error}", fix="choose another") from None
    with contextlib.ExitStack() as stack:
        stack.callback(provider.stop)
        if plan.gateway:
            bench = Bench(gateway, provider)
            _check(bench, plan)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)))
            tell(f"starting {gateway.name}")
            stack.callback(gateway.stop)
            try:
                gateway.start(Providers(provider.url), folder, plan.program)
            except NotOffered as why:
                raise InvalidInput(str(why), fix="wellspent conformance --setup tells how to set it up") from None
            bench = Bench(gateway, provider)
        yield bench


def _check(bench: Bench, plan: Plan) -> None:
    """One call, to see that the gateway leads to the provider. Raises InvalidInput: anything else would fail every case for one reason."""
    wire, call = plan.spoken()[0], bench.call("output_tokens=1")
    try:
        key = bench.key()
    except NotOffered as why:
        raise InvalidInput(str(why), fix="add --key") from None
    reply = bench.send(wire, key, call)
    if not reply.ok or not bench.arrived(call):
        text = f"a call of {SMALL} in {wire.name} did not come from {bench.gateway.url} to the suite's provider: {said(wire, reply)}"
        raise InvalidInput(text, fix="wellspent conformance --setup tells what has to be set up")


def run(bench: Bench, plan: Plan, tell: Callable[[str], object]) -> Iterator[Result]:
    """Every chosen case for every API that it and the gateway are for.

    Args:
        tell: Called with what is about to run.
    """
    for case in plan.chosen():
        for wire in plan.spoken():
            if wire.name in case.wires:
                tell(f"{case.number} {case.name} · {wire.name}")
                yield _result(bench, case, wire)


def _result(bench: Bench, case: Case, wire: Wire) -> Result:
    try:
        finding = case.run(bench, wire)
    except NotOffered as why:
        return Result(case.number, case.name, wire.name, "not offered", Finding(False, str(why)), case.sources)
    except Exception as error:  # a case that breaks is a failure that has to be looked at, and no reason to stop
        return Result(case.number, case.name, wire.name, "fail", Finding(False, f"{type(error).__name__}: {error}"), case.sources)
    return Result(case.number, case.name, wire.name, "pass" if finding.ok else "fail", finding, case.sources)


def setup(provider_port: int) -> str:
    """What an operator sets up at a gateway before the suite is run against it."""
    lines = [
        f"Providers (OpenAI, Anthropic and Gemini): http://127.0.0.1:{provider_port}, any key",
        f"  OpenAI's base URL is http://127.0.0.1:{provider_port}/v1",
        "",
        "Models, under these names, in every API, and their prices in dollars (a million tokens, a thousand searches):",
    ]
    for model, tariff in tariffs().items():
        lines.append(f"  {model}")
        lines += [f"    {unit:<24} {_dollars(unit, rate)}" for unit, rate in tariff.rates.items()]
        lines += [
            f"    {unit:<24} {_dollars(unit, rate)}  for prompts of more than {LONG_PROMPT_TOKENS:,} tokens"
            for unit, rate in tariff.long_rates.items()
        ]
    lines += ["", f"Without a price: {UNPRICED}", f"A route with a fallback, where that is offered: {FALLBACK}, which is {SMALL}, then {LARGE}"]
    return "\n".join(lines)


def _dollars(unit: str, rate: int) -> str:
    nanousd = rate * (1_000 if unit == "web_searches" else 1_000_000)
    return f"{nanousd / 10**9:>9,.2f}"


def summary(results: Iterable[Result]) -> dict[str, int]:
    """How many passed, failed and are not offered."""
    found = {"pass": 0, "fail": 0, "not offered": 0}
    for result in results:
        found[result.verdict] += 1
    return found


def falls(results: Sequence[Result]) -> bool:
    """Whether a case failed."""
    return any(result.verdict == "fail" for result in results)
