"""Runs cases against a gateway, one after the other: what one leaves behind must not help or hurt the next."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from wellspent.testing.conformance.adapter import NotOffered
from wellspent.testing.conformance.bench import Bench
from wellspent.testing.conformance.cases import Case
from wellspent.testing.conformance.result import Finding, Result
from wellspent.testing.conformance.wires import Wire


def run(bench: Bench, cases: Iterable[Case], wires: Sequence[Wire], tell: Callable[[str], object]) -> Iterator[Result]:
    """Every case for every API that it and the gateway are for.

    Args:
        tell: Called with what is about to run.
    """
    for case in cases:
        for wire in wires:
            if wire.name not in case.wires:
                continue
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
