from collections.abc import Iterator

import pytest
from tests.clients.stage import Scene, Stage, staged
from tests.clients.tap import Tap


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("clients")) as started:
        yield started


@pytest.fixture
def scene(stage: Stage) -> Iterator[Scene]:
    with Tap(stage.gateway.port) as tap:
        yield Scene(stage, tap, len(stage.provider.calls))
