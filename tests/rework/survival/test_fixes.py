"""What fixes cost goes as far as their links are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.facts.errors import InvalidInput
from wellspent.rework.survival.fixes import Fix, FixShare, LinkQuality, caused_by_ai, qualities_of, shares_of_fix
from wellspent.rework.survival.lifetime import AI, HUMAN, UNKNOWN

MOST = LinkQuality("most lines", 0.63, 0.49, 0.55, "Open vSwitch, 1,357 fixes")
STATED = LinkQuality("stated", 1.0, 0.2, 0.33, "Open vSwitch")
QUALITIES = {"most lines": MOST, "stated": STATED}


def test_a_links_precision_decides_how_much_of_a_fix_follows_it() -> None:
    shares = shares_of_fix(1_000, Fix("most lines", {AI: 30, HUMAN: 10}), QUALITIES)
    assert shares == [
        FixShare("most lines", AI, 473),  # 1000 * 3/4 * 0.63 = 472.5
        FixShare("most lines", HUMAN, 157),
        FixShare("most lines", UNKNOWN, 370),
    ]
    assert caused_by_ai(shares) == 473


def test_what_nothing_links_is_never_booked_to_anybody() -> None:
    assert shares_of_fix(1_000, Fix(), QUALITIES) == [FixShare("", UNKNOWN, 1_000)]


def test_a_kind_of_link_that_nobody_measured_proves_nothing() -> None:
    assert shares_of_fix(1_000, Fix("issue", {AI: 1}), QUALITIES) == [FixShare("issue", UNKNOWN, 1_000)]


@given(st.integers(-(10**15), 10**15), st.dictionaries(st.sampled_from([AI, HUMAN, UNKNOWN]), st.integers(1, 10**6), min_size=1), st.floats(0, 1))
def test_shares_sum_to_the_fix(nanousd: int, causes: dict[str, int], precision: float) -> None:
    shares = shares_of_fix(nanousd, Fix("most lines", causes), {"most lines": LinkQuality("most lines", precision, 0.5, 0.5, "here")})
    assert sum(share.nanousd for share in shares) == nanousd


def test_what_cannot_be_is_refused() -> None:
    for kind, causes in (("stated", {}), ("", {AI: 1}), ("stated", {AI: 0}), ("stated", {AI: 2, HUMAN: -1})):
        with pytest.raises(InvalidInput, match="a fix linked by"):
            Fix(kind, causes)
    with pytest.raises(InvalidInput, match="are shares"):
        LinkQuality("stated", 1.2, 0.5, 0.5, "here")


def test_a_kind_has_one_quality() -> None:
    assert qualities_of([MOST, STATED, MOST]) == {"most lines": MOST, "stated": STATED}
    with pytest.raises(InvalidInput, match="two measured qualities"):
        qualities_of([MOST, LinkQuality("most lines", 0.6, 0.5, 0.5, "elsewhere")])
