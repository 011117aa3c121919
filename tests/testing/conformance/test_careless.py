"""The suite finds what is wrong with a gateway that makes the field's mistakes, with the profile that the documentation shows."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.testing.conformance.careless import Careless

from wellspent.surfaces.cli.app import main
from wellspent.testing.conformance.profiles import profile
from wellspent.testing.conformance.run import Plan, benches, run
from wellspent.testing.provider import FakeProvider

DOCS = Path(__file__).parents[3] / "docs" / "conformance.md"
RIGHT = {"a failed call costs nothing", "usage beside choices", "failures do not use a limit up"}
WRONG = {
    "many calls at once",
    "no output cap",
    "a long prompt",
    "leaving before the first chunk",
    "leaving after one chunk",
    "leaving an answer that is not streamed",
    "a stream without usage",
    "an answer without usage",
    "usage twice",
    "cached prompt",
    "audio",
    "side doors of a spent key",
    "a refusal that people can read",
    "no price against a limit",
}


@pytest.fixture(scope="module")
def own_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation's profile, as its reader would keep it."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) <= 36
    path = tmp_path_factory.mktemp("profile") / "careless.py"
    path.write_text(found[1])
    return path


@pytest.fixture(scope="module")
def gateway() -> Iterator[Careless]:
    with FakeProvider() as free, Careless(0) as server:
        port = free.port
        free.stop()
        server.provider_port = port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_careless_gateway_fails_where_it_is_wrong_and_nowhere_else(gateway: Careless, own_profile: Path) -> None:
    plan = Plan(profile(str(own_profile)), gateway.url, provider_port=gateway.provider_port, only=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 17))
    told: list[str] = []
    with benches(plan, told.append) as bench:
        results = {result.case: result for result in run(bench, plan, told.append)}
    verdicts = {name: result.verdict for name, result in results.items()}
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} >= WRONG
    assert {name: verdicts[name] for name in RIGHT} == dict.fromkeys(RIGHT, "pass")
    assert verdicts["killed in the middle of a call"] == "not offered"
    assert verdicts["a window begins anew with calls open"] == "not offered"
    rush = results["many calls at once"].finding
    assert rush.overshoot_nanousd is not None
    assert rush.overshoot_nanousd > 20 * 15_000_000  # thirty calls passed where five could be paid


def test_the_command_tells_it_and_fails(gateway: Careless, own_profile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "reports" / "page.html"
    where = ["--gateway", gateway.url, "--provider-port", str(gateway.provider_port), "--profile", str(own_profile)]
    assert main(["conformance", *where, "--only", "5,9", "--json", "--html", str(page)]) == 1
    out, err = capsys.readouterr()
    rows: list[dict[str, Any]] = json.loads(out)
    assert {(row["case"], row["verdict"]) for row in rows} >= {("an answer without usage", "fail"), ("a failed call costs nothing", "pass")}
    missing = next(row for row in rows if row["case"] == "an answer without usage")
    assert missing["counted_nanousd"] == 0 < missing["true_nanousd"]
    assert "BerriAI/litellm#37924" in missing["sources"]
    assert "careless 0.1: " in err
    text = page.read_text()
    assert "Spend conformance of careless 0.1" in text
    assert text.count('<td class="api">') == len(rows)


def test_a_gateway_that_does_not_lead_to_the_provider_is_told_at_once(own_profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Careless(1) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = main(["conformance", "--gateway", server.url, "--profile", str(own_profile), "--provider-port", "0"])
        server.shutdown()
    assert code == 2
    assert "did not come from" in capsys.readouterr().err
