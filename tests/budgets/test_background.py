import pytest

from wellspent.budgets.background import KNOWN, left_out


@pytest.mark.parametrize(
    ("allowed", "forgotten"),
    [
        (["gpt-*"], []),
        (["*"], []),
        (["claude-*", "gemini-*"], []),
        (["claude-opus-*"], ["claude-haiku-4-5-20251001", "claude-haiku-5-5"]),
        (["claude-opus-*", "claude-haiku-*"], []),
        (["gpt-5", "gemini-3.1-pro-preview"], ["gemini-3.5-flash-lite"]),
    ],
)
def test_a_list_is_told_what_it_forgets(allowed: list[str], forgotten: list[str]) -> None:
    assert [each.model for each in left_out(allowed)] == forgotten


def test_each_belongs_to_its_family() -> None:
    assert all(each.family in each.model for each in KNOWN)
