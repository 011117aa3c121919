from pathlib import Path

import pytest
from tests.surfaces.cli.seeded import Folder, seed


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A seeded folder that tests only look at."""
    return seed(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def own(tmp_path: Path) -> Folder:
    """A seeded folder that the test may change."""
    return seed(tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Folder:
    """A folder with nothing in it."""
    return Folder(tmp_path)
