"""Lifetimes, windows and the field's words for them."""

from pathlib import Path

import pytest

from wellspent import limits
from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.lifetime import DAY_MS, Lifetime, stratum_of, whole_days
from wellspent.rework.survival.terms import TERMS, WINDOWS_DAYS, names


def test_a_lifetime_has_an_age_and_was_watched() -> None:
    dead = Lifetime("c", ("acme",), "ai", 3, 0, 5 * DAY_MS, 90 * DAY_MS)
    alive = Lifetime("c", ("acme",), "ai", 3, 0, None, 90 * DAY_MS)
    assert (dead.died, dead.age_ms, dead.followed_ms) == (True, 5 * DAY_MS, 90 * DAY_MS)
    assert (alive.died, alive.age_ms, alive.followed_ms) == (False, 90 * DAY_MS, 90 * DAY_MS)


@pytest.mark.parametrize(
    ("lines", "born", "died", "until"),
    [(0, 0, None, 9), (-1, 0, None, 9), (1, 5, 4, 9), (1, 5, 10, 9), (1, 10, None, 9), (1, 10, 10, 9)],
)
def test_what_cannot_be_is_refused_with_a_way_out(lines: int, born: int, died: int | None, until: int) -> None:
    with pytest.raises(InvalidInput, match="c ") as refused:
        Lifetime("c", ("acme",), "ai", lines, born, died, until)
    assert refused.value.fix


def test_a_stratum_is_repository_month_and_directory() -> None:
    assert stratum_of("acme", 40 * DAY_MS, "src/gateway/http/head.py") == ("acme", "1970-02", "src/gateway")
    assert stratum_of("acme", 40 * DAY_MS, "src/gateway/http/head.py", depth=3) == ("acme", "1970-02", "src/gateway/http")
    assert stratum_of("acme", 40 * DAY_MS, "setup.py") == ("acme", "1970-02", "")


def test_windows_are_sorted_and_bounded() -> None:
    assert whole_days([30, 7, 30]) == (7, 30)
    for windows in ([], [0], [-7], [limits.SURVIVAL_DAYS_MAX + 1]):
        with pytest.raises(InvalidInput):
            whole_days(windows)


def test_the_fields_words_name_their_source_and_their_windows_are_read() -> None:
    assert names(14) == ("churn (GitClear)",)
    assert names(21) == ("rework (LinearB)", "rework (Code Climate Velocity)"), "others' words are of one author's edits"
    assert names(1) == ()
    assert all(term.source and term.counts for term in TERMS)
    assert {term.days for term in TERMS} - {None} <= set(WINDOWS_DAYS)


def test_the_page_of_durability_has_all_of_them() -> None:
    rows = [line for line in (Path(__file__).parents[3] / "docs" / "durability.md").read_text().splitlines() if line.startswith("| ")]
    for term in TERMS:
        assert any(row.startswith(f"| {term.days or 'none'} |") and term.who in row and term.term in row for row in rows), term
