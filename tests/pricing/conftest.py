import pytest

from wellspent.pricing.book import PriceBook


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.bundled()
