"""Which price keys of genai-prices price which of our units, and how much a key's price buys."""

# The keys that may price a unit, most specific first: genai-prices counts a unit without a price of its own in the wider unit that has one.
KEYS = {
    "input_tokens": ("input_text_mtok", "input_mtok"),
    "cache_read_tokens": ("cache_text_read_mtok", "cache_read_mtok", "input_text_mtok", "input_mtok"),
    "cache_write_5m_tokens": ("cache_write_5m_mtok", "cache_write_mtok", "input_text_mtok", "input_mtok"),
    "cache_write_1h_tokens": ("cache_write_1h_mtok", "cache_write_mtok", "input_text_mtok", "input_mtok"),
    "output_tokens": ("output_text_mtok", "output_mtok"),
    "output_reasoning_tokens": ("output_reasoning_mtok", "output_text_mtok", "output_mtok"),
    "input_audio_tokens": ("input_audio_mtok", "input_mtok"),
    "cache_audio_read_tokens": ("cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"),
    "output_audio_tokens": ("output_audio_mtok", "output_mtok"),
    "input_image_tokens": ("input_image_mtok", "input_mtok"),
    "cache_image_read_tokens": ("cache_image_read_mtok", "cache_read_mtok", "input_image_mtok", "input_mtok"),
    "output_image_tokens": ("output_image_mtok", "output_mtok"),
    "input_video_tokens": ("input_video_mtok", "input_mtok"),
    "output_video_tokens": ("output_video_mtok", "output_mtok"),
    "web_searches": ("web_searches_kcount",),
    "storage_searches": ("storage_searches_kcount",),
    "code_executions": ("code_executions_kcount",),
    "social_searches": ("social_searches_kcount",),
    "requests": ("requests_kcount",),
}
PRICE_KEYS = frozenset(key for keys in KEYS.values() for key in keys)


def bought_by(key: str) -> int:
    """How many units a key's price is for.

    >>> bought_by("input_mtok"), bought_by("web_searches_kcount")
    (1000000, 1000)
    """
    return 1_000 if key.endswith("_kcount") else 1_000_000
