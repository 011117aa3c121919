from collections.abc import Iterator

import pytest

from wellspent.testing.provider import FakeProvider


@pytest.fixture(scope="session")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as started:
        yield started
