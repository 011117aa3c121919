"""The house: every room has its page, files and functions stay small, and nothing in the repository names a machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
FILE_LINES_MAX, FUNCTION_LINES_MAX = 500, 70
LARGER: dict[str, str] = {}  # file or file:function, and why
ROOMS = [path for path in (ROOT / "src" / "wellspent").iterdir() if (path / "__init__.py").exists()]
NAMES_A_MACHINE = re.compile(r"/(?:home|Users)/[a-z]+/|/work/(?:main|shared)|/root/\.|/opt/pypi|pypi-more|[a-z]:\\\\Users", re.IGNORECASE)
REGISTRY = re.compile(r"https?://[^\s\"')]*(?:simple/|/pypi/|files\.pythonhosted|registry\.npmjs)")


def tracked() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and path != Path(__file__) and path.suffix not in (".png", ".gz", ".svg", ".parquet"):
            yield name, path.read_text()


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1


def test_files_and_functions_stay_small() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name for name, lines in sizes.items() if lines > FILE_LINES_MAX} | {
        name for name, lines in functions() if lines > FUNCTION_LINES_MAX
    } == set(LARGER)


def test_every_room_has_its_page() -> None:
    for room in ROOMS:
        assert (room / "README.md").exists(), room
        text = (room / "README.md").read_text()
        assert len(text.splitlines()) <= 60, room
        for name in re.findall(r"^\| `(\w+\.py)`", text, re.MULTILINE):
            assert (room / name).exists(), f"{room.name}: {name}"


def test_every_file_of_a_room_is_on_its_page() -> None:
    for room in ROOMS:
        text = (room / "README.md").read_text()
        for path in room.glob("*.py"):
            assert path.stem == "__init__" or path.stem in text, f"{path.relative_to(ROOT)} is not on its room's page"


def test_nothing_names_a_machine_or_a_registry() -> None:
    for name, text in tracked():
        assert not NAMES_A_MACHINE.search(text), f"{name}: {NAMES_A_MACHINE.search(text)}"
        assert not REGISTRY.search(text), f"{name}: {REGISTRY.search(text)}"


def test_every_bound_is_used() -> None:
    text = "".join(path.read_text() for path in SOURCES if path.name != "limits.py")
    bounds = re.findall(r"^([A-Z_]+): Final", (ROOT / "src" / "wellspent" / "limits.py").read_text(), re.MULTILINE)
    assert bounds
    assert [name for name in bounds if f"limits.{name}" not in text] == []
