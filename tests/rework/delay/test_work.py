"""What a change is for, by its labels and the form of its title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent import limits
from wellspent.rework.delay.work import TITLES, labels_of, work_of


@pytest.mark.parametrize(
    ("title", "labels", "work"),
    [
        ("fix: totals", (), "bug"),
        ("Fix(api)!: totals", (), "bug"),
        ("Draft: fix: totals", (), "bug"),
        ('Revert "feat: pages"', (), "bug"),
        ("chore(deps): bump ruff from 0.1 to 0.2", (), "upkeep"),
        ("fix(deps): update dependency x to v2", (), "upkeep"),
        ("Bump actions/checkout from 4 to 5", (), "upkeep"),
        ("Update dependency react to v20", (), "upkeep"),
        ("Update actions/checkout action to v5", (), "upkeep"),
        ("ci: cache", (), "upkeep"),
        ("feat: pages", (), "feature"),
        ("docs: a page", (), ""),
        ("Update the README", (), ""),
        ("Bumpy road", (), ""),
        ("feat: pages", ("bug",), "bug"),
        ("x", ("type::bug",), "bug"),
        ("x", ("kind/feature",), "feature"),
        ("x", ("type: enhancement",), "feature"),
        ("x", ("enhancement", "dependencies"), "upkeep"),
        ("x", ("debug",), ""),
    ],
)
def test_what_it_is_for(title: str, labels: tuple[str, ...], work: str) -> None:
    assert work_of(title, labels) == work


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=40))
def test_any_title_and_labels_are_read(title: str, names: list[str]) -> None:
    labels = labels_of(names)
    assert work_of(title, labels) in ("", *TITLES.values())
    assert len(labels) <= limits.REVIEW_LABELS_MAX and labels_of(labels) == labels
