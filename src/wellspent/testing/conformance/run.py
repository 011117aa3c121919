"""Runs cases against a gateway, one after the other: what one leaves behind must not help or hurt the next."""

import contextlib
import secrets
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
from wellspent.testing.conformance.signals import ending_as_interrupted
from wellspent.testing.conformance.wires import Wire, wires
from wellspent.testing.provider import FakeProvider

PROVIDER_PORT = 9001
FIRST_CALL_S_MAX = 10.0  # how long a gateway that has just been started may take to lead to the provider


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
        """The APIs to call: those that were named, whether or not the gateway speaks them. Raises InvalidInput for an unknown one."""
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


class Ran(Struct, frozen=True):
    """What a run found.

    Attributes:
        gateway: What the report calls it.
        version: What was measured.
    """

    gateway: str
    version: str
    results: list[Result]


def run_all(plan: Plan, tell: Callable[[str], object], progress: Callable[[str], object]) -> Ran:
    """Every case of a plan, from the start of what is needed to its end, whatever ends it. Raises as ``benches``.

    Args:
        tell: Called with what is started, and what could not be cleaned up.
        progress: Called with what is about to run, and with "" at the end.
    """
    with ending_as_interrupted(), benches(plan, tell) as bench:
        name, version = bench.gateway.name, bench.gateway.version()
        results = list(run(bench, plan, progress))
        progress("")
    return Ran(name, version, results)


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
            stack.callback(_stop, gateway, tell)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True)))
            tell(f"starting {gateway.name}")
            stack.callback(_stop, gateway, tell)
            try:
                gateway.start(Providers(provider.url), folder, plan.program)
            except NotOffered as why:
                raise InvalidInput(str(why), fix="wellspent conformance --setup tells how to set it up") from None
        # Marks are new in every run: a gateway that outlives it may keep what it answered, and counted, by the text of a call.
        bench = Bench(gateway, provider, started=f"run-{secrets.token_hex(4)}")
        _check(bench, plan)
        yield bench


def _stop(gateway: Adapter, tell: Callable[[str], object]) -> None:
    """What a gateway's stop says of itself must not hide what the run found."""
    try:
        gateway.stop()
    except Exception as error:
        tell(f"{gateway.name} was not cleaned up: {type(error).__name__}: {error}")


def _check(bench: Bench, plan: Plan) -> None:
    """One call, to see that the gateway leads to the provider. Raises InvalidInput, or WellspentError where the profile started the gateway.

    Anything else would fail every case for one reason, or let cases pass because nothing was ever called.
    """
    speaks = [wire for wire in wires().values() if wire.name in plan.profile.wires]
    if not speaks:
        raise InvalidInput(f"the profile {plan.profile.name} speaks no API of the suite", fix=f"give it wires of {', '.join(wires())}")
    wire = next((each for each in speaks if each.name in plan.wires), speaks[0])
    try:
        key = bench.key()
    except NotOffered as why:
        raise InvalidInput(str(why), fix="add --key") from None
    except WellspentError:
        raise
    except Exception as error:  # of a profile that calls an admin API
        raise InvalidInput(f"{bench.gateway.name} made no key: {type(error).__name__}: {error}", fix="check --gateway, --key and --profile") from None
    deadline = time.monotonic() + (0 if plan.gateway else FIRST_CALL_S_MAX)
    while True:
        call = bench.call("output_tokens=1")
        reply = bench.send(wire, key, call)
        if reply.ok and bench.arrived(call):
            return
        if time.monotonic() >= deadline:
            break
        time.sleep(0.5)
    text = f"a call of {SMALL} in {wire.name} did not come from {bench.gateway.url} to the suite's provider: {said(wire, reply)}"
    if plan.gateway:
        raise InvalidInput(text, fix="wellspent conformance --setup tells what has to be set up")
    raise WellspentError(text, fix=f"the profile {plan.profile.name} has to set its gateway up in front of the provider that it is given")


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
    if wire.name not in bench.gateway.wires:
        reason = f"{bench.gateway.name} does not speak this API"
        return Result(case.number, case.name, wire.name, "not offered", Finding(False, reason), case.sources)
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


def told(ran: Ran) -> str:
    """A run in a line."""
    found = summary(ran.results)
    return f"{ran.gateway} {ran.version}: {found['pass']} passed, {found['fail']} failed, {found['not offered']} not offered"


def names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def numbers(text: str) -> tuple[int, ...]:
    """Numbers of cases with commas between. Raises InvalidInput for what is none."""
    for name in names(text):
        if not (name.isascii() and name.isdecimal()):
            raise InvalidInput(f"{name!r} is no number of a case", fix="write --only 1,4")
    return tuple(int(name) for name in names(text))
