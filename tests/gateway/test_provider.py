import pytest

from wellspent.gateway.provider import Provider

GENERATE = "/models/gemini-2.5-pro:generateContent"
COUNT = "/models/gemini-2.5-pro:countTokens"


@pytest.mark.parametrize(("prefix", "version"), [("/v1beta", "v1beta"), ("/v1alpha", "v1alpha"), ("/v1", "v1beta"), ("", "v1beta")])
def test_gemini_is_asked_under_a_version_that_has_all_models(prefix: str, version: str) -> None:
    google = Provider("google", "gemini", "https://google.example", "k", client=None)  # type: ignore[arg-type]
    assert (
        google.url("gemini", "gemini-2.5-flash", prefix + GENERATE, b"")
        == f"https://google.example/{version}/models/gemini-2.5-flash:generateContent"
    )
    assert google.free_url(prefix + COUNT, b"key=k&alt=sse") == f"https://google.example/{version}{COUNT}?alt=sse"
