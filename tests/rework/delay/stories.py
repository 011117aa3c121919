"""Changes as a test writes them: a line for each thing, in hours since the opening."""

from collections.abc import Iterator

from hypothesis import strategies as st

from wellspent.facts.review import ReviewEvent, What

HOUR_MS = 3_600_000
START_MS = 1_760_000_400_000  # Thursday 9 October 2025, 09:00 UTC
NOW_MS = START_MS + 1000 * HOUR_MS


def story(text: str, change: str = "acme/app#1", author: str = "ann") -> list[ReviewEvent]:
    """``2.5 approved ben``: a person (``ann`` is the author), or ``bot``; ``described 300 bug`` says lines and work.

    >>> [event.what for event in story("0 opened; 1 commented ben; 2 merged")]
    ['opened', 'commented', 'merged']
    """
    return list(_events(text, change, author))


def _events(text: str, change: str, author: str) -> Iterator[ReviewEvent]:
    for number, line in enumerate(text.split(";")):
        hours, what, *rest = line.split()
        at_ms = START_MS + round(float(hours) * HOUR_MS)
        if what == "described":
            lines, work = int(rest[0]), rest[1] if len(rest) > 1 else ""
            yield ReviewEvent(
                "github",
                change,
                "described",
                at_ms,
                f"{change} {number}",
                repository=change.split("#")[0],
                added=lines,
                deleted=0,
                work=work,  # type: ignore[arg-type]
            )
            continue
        who = rest[0] if rest else author
        commit = f"merge of {change}" if what == "merged" else ""
        yield ReviewEvent(
            "github",
            change,
            what,  # type: ignore[arg-type]
            at_ms,
            f"{change} {number}",
            actor=who,
            machine=who.startswith("bot"),
            author=who == author,
            repository=change.split("#")[0],
            commit=commit,
        )


WHATS: list[What] = ["drafted", "ready", "pushed", "approved", "changes", "reviewed", "commented", "merged", "closed", "reopened", "described"]


@st.composite
def any_story(draw: st.DrawFn, change: str = "acme/app#1") -> list[ReviewEvent]:
    """Whatever a forge may say of one change, opened first."""
    lines = ["0 opened"]
    for _ in range(draw(st.integers(0, 12))):
        what = draw(st.sampled_from(WHATS))
        rest = draw(st.integers(0, 3000)) if what == "described" else draw(st.sampled_from(["ann", "ben", "cat", "bot"]))
        lines.append(f"{draw(st.integers(0, 600)) / 2} {what} {rest}")
    return story("; ".join(lines), change)
