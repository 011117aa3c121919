"""Trailers: whatever a change's text says, its links are few, short and each once; what is written as documented is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.connectors.outcomes.trailers import CHARS_MAX, links_of
from wellspent.facts.outcome import LINK_KINDS


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("wellspent-run: triage-81", [("run", "triage-81")]),
        ("wellspent-session: 7f3a\nwellspent-session: 9c\nwellspent-session: 7f3a", [("session", "7f3a"), ("session", "9c")]),
        ("Wellspent-Conversation:c1\r\nWELLSPENT-ISSUE:\tacme/app#7 \r\n", [("conversation", "c1"), ("issue", "acme/app#7")]),
        ("Claude-Session: https://claude.ai/code/session_01Ab", [("session", "session_01Ab")]),
        ("Claude-Session: <https://claude.ai/code/session_01Ab/?from=pr#top>", [("session", "session_01Ab")]),
        ("Claude-Session: session_01Ab", [("session", "session_01Ab")]),
        ("Amp-Thread-ID: https://ampcode.com/threads/T-0d5c", [("session", "T-0d5c")]),
        ("Fixes the till.\n\n  wellspent-session: `7f3a`\nCo-authored-by: Ann <ann@acme.example>", [("session", "7f3a")]),
        ("wellspent-session: https://a.example/b", [("session", "https://a.example/b")]),
        ("> wellspent-session: quoted", []),
        ("see wellspent-session: 7f3a", []),
        ("wellspent-session: 7f3a and more", []),
        ("wellspent-session:\nwellspent-run:", []),
        ("Claude-Session: ///?x", []),
        ("wellspent-team: core\nwellspent-customer: c", []),
        (f"wellspent-run: {'x' * (limits.OUTCOME_TEXT_CHARS_MAX + 1)}", []),
        ("wellspent-run: a\u200bb", []),
        (" " * CHARS_MAX + "\nwellspent-run: beyond", []),
    ],
)
def test_lines_and_their_links(text: str, links: list[tuple[str, str]]) -> None:
    assert list(links_of(text)) == links


def test_what_is_no_text_is_passed_over() -> None:
    assert links_of(None, 5, ["wellspent-run: a"], {"wellspent-run": "a"}, "wellspent-run: b", "wellspent-run: a") == (("run", "b"), ("run", "a"))


ids = st.text("abc019._:/#-", min_size=1, max_size=20)
ours = st.sampled_from(["run", "session", "conversation", "issue"])
prose = st.text(max_size=30).filter(lambda text: not links_of(text))


@given(st.lists(st.tuples(ours, ids), max_size=60), prose)
def test_what_is_written_is_found_up_to_a_bound(written: list[tuple[str, str]], before: str) -> None:
    found = links_of(before, "\n".join(f"wellspent-{kind}: {name}" for kind, name in written))
    once = list(dict.fromkeys(written))
    for kind in LINK_KINDS:
        assert [pair for pair in found if pair[0] == kind] == [pair for pair in once if pair[0] == kind][: limits.OUTCOME_TRAILERS_MAX]


@given(st.lists(st.text() | st.from_regex(r"(?i)\n(wellspent-(run|issue)|claude-session|amp-thread-id):.*\n"), max_size=4))
def test_any_text_has_few_short_links_each_once(texts: list[str]) -> None:
    found = links_of(*texts)
    assert len(found) == len(set(found)) <= limits.OUTCOME_TRAILERS_MAX * len(LINK_KINDS)
    assert all(kind in LINK_KINDS and name.isprintable() and 0 < len(name) <= limits.OUTCOME_TEXT_CHARS_MAX for kind, name in found)
