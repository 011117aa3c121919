import re

import pytest
from genai_prices.data import providers

from wellspent.pricing.hosts import PROVIDER_OF_HOST, provider_of_url


@pytest.mark.parametrize(("host", "provider"), PROVIDER_OF_HOST.items())
def test_hosts_are_those_of_genai_prices(host: str, provider: str) -> None:
    pattern = next(each.api_pattern for each in providers if each.id == provider)
    assert re.match(pattern, f"https://{host}/v1")
    assert provider_of_url(f"https://{host}/v1") == provider


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "http://litellm.internal/v1", "https://openrouter.ai.example.com/v1", "nonsense"])
def test_other_hosts_are_unknown(url: str) -> None:
    assert provider_of_url(url) == ""
