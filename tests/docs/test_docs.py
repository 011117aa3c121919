"""Docs are true: every setting, code, header and command has its place, links lead somewhere, and what can be run is run."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wellspent import limits
from wellspent.analytics.comparison import Comparison, comparisons_of
from wellspent.analytics.contract import Contract, contracts_of
from wellspent.config import (
    CHOICES,
    SCALARS,
    Config,
    OutcomeSourceConfig,
    RepositoryConfig,
    ReworkConfig,
    RouteConfig,
    UpstreamConfig,
    load_config,
)
from wellspent.gateway.refusal import STATUS
from wellspent.pricing.terms import Term
from wellspent.routing.experiment import Arm, Experiment
from wellspent.routing.experiment_lines import ExperimentLine, experiments_of
from wellspent.wiring import price_list

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "src").rglob("*.md")])
RUNNABLE = re.compile(r"<!-- runnable -->\n```sh\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"```.*?```", re.DOTALL)


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def test_every_setting_has_its_heading_and_default() -> None:
    found = headings(DOCS / "configuration.md")
    assert sorted(name.strip("`") for name in found if name.startswith("`")) == sorted(
        [
            *SCALARS,
            *(f"upstream.{name}" for name in UpstreamConfig.__struct_fields__),
            *(f"route.{name}" for name in RouteConfig.__struct_fields__),
            *(f"terms.{name}" for name in Term.__struct_encode_fields__),
            *(f"contract.{name}" for name in Contract.__struct_fields__),
            *(f"experiment.{name}" for name in ExperimentLine.__struct_encode_fields__),
            *(f"comparison.{name}" for name in Comparison.__struct_encode_fields__),
            *(f"outcome_source.{name}" for name in OutcomeSourceConfig.__struct_fields__),
            *(f"repository.{name}" for name in RepositoryConfig.__struct_fields__),
            *(f"rework.{name}" for name in ReworkConfig.__struct_fields__),
        ]
    )
    text = (DOCS / "configuration.md").read_text()
    for name in SCALARS:
        section = text.split(f"### `{name}`")[1].split("\n#")[0]
        assert all(f"`{choice}`" in section for choice in CHOICES.get(name, ())), name
        default = getattr(Config, name, None)
        if isinstance(default, int) and not isinstance(default, bool):
            assert f"Default: `{default}`" in section, name


def test_every_example_of_a_setting_is_one(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", (DOCS / "configuration.md").read_text(), re.DOTALL)
    assert len(examples) > len(SCALARS)
    for example in examples:
        file = tmp_path / "wellspent.toml"
        file.write_text(example)
        config = load_config(file, {"HOME": str(tmp_path)})
        price_list(config)
        contracts = [each.name for each in contracts_of(config.contracts)]
        experiments_of(config.experiments, config.timezone, contracts)
        comparisons_of(config.comparisons, config.timezone, contracts)


def test_what_is_told_of_experiments_is_how_they_are_assigned() -> None:
    """The examples can be read, and the published recipe gives the arm that the gateway gives."""
    text = (DOCS / "experiments.md").read_text()
    for example in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        lines = tomllib.loads(example)
        contracts = [each.name for each in contracts_of(lines["contract"])]
        experiments_of(lines.get("experiment", []), "UTC", contracts)
        comparisons_of(lines.get("comparison", []), "UTC", contracts)
    (recipe,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    told: dict[str, Any] = {}
    exec(recipe, told)
    arms = (Arm("a", 5), Arm("b", 3), Arm("c", 1))
    experiment = Experiment("support-model", "run", arms, "a", "support", 0)
    for number in range(1000):
        arm = experiment.arm_of(f"T-{number}")
        assert arm is not None and arm.name == told["arm_of"]("support-model", f"T-{number}", [(arm.name, arm.share) for arm in arms])


def test_every_bound_has_its_line() -> None:
    text = (DOCS / "configuration.md").read_text()
    assert {name for name in vars(limits) if name.isupper()} == set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def test_every_refusal_has_its_heading_and_status() -> None:
    text = (DOCS / "refusals.md").read_text()
    assert {name.strip("`") for name in headings(DOCS / "refusals.md") if name.startswith("`")} == set(STATUS)
    for code, status in STATUS.items():
        assert str(status) in text.split(f"### `{code}`")[1].split("\n#")[0], code


def test_every_header_of_ours_is_told() -> None:
    said = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    told = "".join(page.read_text() for page in PAGES)
    for header in set(re.findall(r'b"(x-wellspent-[a-z-]+)"', said)):
        assert header.rstrip("-") in told, header


def test_every_directive_of_the_fake_provider_is_told() -> None:
    room = ROOT / "src" / "wellspent" / "testing"
    used = {"at", *re.findall(r'said\.(?:on|number|seconds|text)\("(\w+)"', "".join(path.read_text() for path in (room / "provider").glob("*.py")))}
    told = set(re.findall(r"`(\w+)`", "".join(line for line in (room / "README.md").read_text().splitlines(True) if line.startswith("| `"))))
    assert used <= told, used - told


def test_the_page_of_commands_is_current() -> None:
    found = subprocess.run([sys.executable, "scripts/make_cli_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A machine on which the gateway has run once."""
    home = tmp_path_factory.mktemp("docs")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WELLSPENT_")}
    env = {**kept, "HOME": str(home), "WELLSPENT_DATA_DIR": str(home / "data"), "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}"}
    serving = subprocess.Popen(["wellspent", "serve", "--port", "0"], env=env, cwd=home, stderr=subprocess.PIPE, text=True)
    assert serving.stderr is not None
    with serving.stderr:
        assert any(line.startswith("Overview:") for line in serving.stderr)
        serving.send_signal(signal.SIGINT)
        assert serving.wait(60) == 0
    return env


def runnable() -> Iterator[tuple[str, str]]:
    for page in sorted(DOCS.glob("*.md")):
        for number, script in enumerate(RUNNABLE.findall(page.read_text()), 1):
            yield f"{page.name} {number}", script


@pytest.mark.parametrize(("name", "script"), list(runnable()))
def test_what_can_be_run_runs(environment: dict[str, str], name: str, script: str) -> None:
    ran = subprocess.run(
        ["bash", "-euo", "pipefail"], input=script, env=environment, cwd=environment["HOME"], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
