"""wellspent passes its own suite, as a user runs it. Cases that need what it does not have say so."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from wellspent.testing.conformance.cases import cases

NOT_OFFERED = {"many calls at two processes", "the same call imported again"}
HALVES = ("1,2,3,4,5,6,7", "8,9,10,11,12,13,14,15,16,17,18")


@pytest.mark.parametrize("numbers", HALVES)
def test_every_case_passes_in_every_api(numbers: str) -> None:
    command = [sys.executable, "-m", "wellspent", "conformance", "--json", "--only", numbers]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert ran.stdout, ran.stderr
    rows = json.loads(ran.stdout)
    wrong = [row for row in rows if row["verdict"] != ("not offered" if row["case"] in NOT_OFFERED else "pass")]
    assert not wrong
    assert ran.returncode == 0
    chosen = [case for case in cases() if str(case.number) in numbers.split(",")]
    assert Counter(row["case"] for row in rows) == Counter(name for case in chosen for name in [case.name] * len(case.wires))


def test_the_halves_are_all_cases() -> None:
    assert sorted(int(number) for half in HALVES for number in half.split(",")) == list(range(1, 19))
    assert {case.number for case in cases()} == set(range(1, 19))
