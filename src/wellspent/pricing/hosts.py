"""Whose prices apply to an address."""

from urllib.parse import urlsplit

# Hosts of providers that speak OpenAI's API (genai-prices: api_pattern).
PROVIDER_OF_HOST = {
    "api.openai.com": "openai",
    "api.mistral.ai": "mistral",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x-ai",
    "api.groq.com": "groq",
    "api.cerebras.ai": "cerebras",
    "api.together.xyz": "together",
    "api.fireworks.ai": "fireworks",
    "api.moonshot.ai": "moonshotai",
    "api.novita.ai": "novita",
    "api.perplexity.ai": "perplexity",
    "api.z.ai": "zai",
    "openrouter.ai": "openrouter",
    "generativelanguage.googleapis.com": "google",
}


def provider_of_url(base_url: str) -> str:
    """The genai-prices provider behind an address; "" where it is not known, so that prices are found by the model's name.

    >>> provider_of_url("https://openrouter.ai/api/v1"), provider_of_url("http://127.0.0.1:8000/v1")
    ('openrouter', '')
    """
    return PROVIDER_OF_HOST.get(urlsplit(base_url).hostname or "", "")
