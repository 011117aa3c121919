"""How much one message speaks of what another spoke of."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.fixes.words import Words

TEXTS = st.lists(st.sampled_from(["flow", "table", "flow_wait", "count", "ofpBuf", "Fixes: 1a2b3c4d"]), max_size=5).map(" ".join)


@given(st.lists(TEXTS, min_size=2, max_size=8))
def test_it_is_a_share_and_whole_for_oneself(texts: list[str]) -> None:
    words = Words([[text] for text in texts])
    for first in range(len(texts)):
        assert all(0 <= words.likeness(first, other) <= 1 for other in range(len(texts)))
        assert words.likeness(first, first) in (0, 1)


def test_rare_words_weigh_more() -> None:
    words = Words([["count tokens wrongly"], ["count flows"], ["tokens"], ["count"], ["count"]])
    assert words.likeness(0, 2) > words.likeness(0, 1) > 0
