"""What moved, was indented or wrapped anew lives on; what only looks alike does not."""

from array import array

from wellspent.rework.moves import NOBODY, Pair, Piece, Rules, pairs_of

LONG = b"the_quick_brown_fox_jumps = over(the_lazy_dog)"


def piece(first_taken: int, taken: list[bytes], first_put: int, put: list[bytes], file: int = 0) -> Piece:
    lines = [*(b"-" + each for each in taken), *(b"+" + each for each in put)]
    return Piece(file, array("I", range(first_taken, first_taken + len(taken))), first_put, len(put), b"\n".join(lines))


def pairs(*pieces: Piece, ignored: bool = False) -> list[Pair]:
    return sorted(pairs_of(pieces, ignored))


def test_indentation_is_no_death() -> None:
    assert pairs(piece(0, [b"stay()", b"go()"], 10, [b"if x:", b"    stay()"])) == [(0, 11)]
    assert pairs(piece(0, [b"stay()\r"], 10, [b"stay()"])) == [(0, 10)]
    assert pairs(piece(0, [b"\tstay()"], 10, [b"        stay( )"])) == [(0, 10)]


def test_a_changed_line_dies() -> None:
    assert pairs(piece(0, [b"one = 1"], 10, [b"one = 2"])) == []
    assert pairs(piece(0, [b"}", b"one = 1"], 10, [b"two = 2", b"  }"])) == [], "a brace is no evidence"
    assert pairs(piece(0, [b"}"], 10, [b"", b"  }"])) == [(0, 11)], "unless it is all that there is"


def test_a_block_moves_within_a_file_and_between_files() -> None:
    gone, come = piece(0, [LONG, b"}"], 10, []), piece(5, [], 20, [LONG, b"}"])
    assert pairs(gone, come) == [(0, 20), (1, 21)]
    come.file = 1
    assert pairs(gone, come) == [], "32 letters are too few between files"
    gone, come = piece(0, [LONG, LONG + b"2"], 10, []), piece(5, [], 20, [LONG, LONG + b"2"], file=1)
    assert pairs(gone, come) == [(0, 20), (1, 21)]


def test_few_letters_do_not_move() -> None:
    assert pairs(piece(0, [b"return None"], 10, []), piece(5, [], 20, [b"return None"])) == []


def test_a_line_goes_to_one_place_and_comes_from_one() -> None:
    found = pairs(piece(0, [LONG], 10, []), piece(5, [], 20, [LONG]), piece(6, [], 30, [LONG]))
    assert len(found) == 1
    found = pairs(piece(0, [LONG], 10, []), piece(5, [LONG], 20, []), piece(6, [], 30, [LONG]))
    assert len(found) == 1


def test_no_block_crosses_a_gap() -> None:
    half = b"twelve_letter"
    gone = [piece(0, [half], 10, []), piece(5, [half + b"s"], 10, [])]
    assert pairs(*gone, piece(9, [], 20, [half, half + b"s"])) == []


def test_the_weightiest_place_is_taken() -> None:
    gone = [piece(0, [b"x = 1", LONG], 10, []), piece(5, [b"y = 2", LONG, b"z_is_here = 3"], 10, [])]
    assert pairs(*gone, piece(9, [], 20, [b"y = 2", LONG, b"z_is_here = 3"])) == [(5, 20), (6, 21), (7, 22)]


def test_new_line_breaks_and_quotes_kill_nothing() -> None:
    assert pairs(piece(0, [b"f('a', b)"], 10, [b'f("a", b)'])) == [(0, 10)]
    assert pairs(piece(0, [b"f(a, b)"], 10, [b"f(", b"    a,", b"    b,", b")"])) == [(0, 10), (NOBODY, 11), (NOBODY, 12), (NOBODY, 13)]
    assert pairs(piece(0, [b"f(", b"    a", b")"], 10, [b"f(a)"])) == [(0, 10), (1, NOBODY), (2, NOBODY)]
    assert pairs(piece(0, [b"a = 1", b"", b"", b"b = 2"], 10, [b"a = 1", b"", b"b = 2"])) == [(0, 10), (2, 11), (3, 12)]


def test_parentheses_are_not_free() -> None:
    assert pairs(piece(0, [b"(a + b) * c"], 10, [b"a + (b * c)"])) == []


def test_in_an_ignored_commit_nothing_is_born_and_nothing_dies() -> None:
    found = pairs(piece(0, [b"old one", b"old two"], 10, [b"new"]), piece(5, [b"x"], 20, [b"y", b"z"]), ignored=True)
    assert found == [(0, 10), (1, NOBODY), (5, 20), (NOBODY, 21)]


def test_a_missing_line_feed_is_no_line() -> None:
    content = b"-last\n\\ No newline at end of file\n+    last"
    assert pairs_of([Piece(0, array("I", [3]), 7, 1, content)], False) == [(3, 7)]


def test_signs_in_the_text_are_text() -> None:
    assert pairs(piece(0, [b"-- drop table"], 10, [b"    -- drop table"])) == [(0, 10)]
    assert pairs(piece(0, [b"++ counter_one"], 10, [b"-- counter_one"])) == []


def test_only_one_side_moves_nothing() -> None:
    assert pairs(piece(0, [LONG], 10, [])) == pairs(piece(0, [], 10, [LONG])) == []


def test_the_rules_can_be_those_of_another() -> None:
    """Blame with ``-M100 -C100`` and without ``-w``: white space is a difference, and a block has more than a hundred letters and digits."""
    strict = Rules(here=101, file=101, elsewhere=101, anchor_here=1, anchor=1, spaces=True, wraps=False)
    assert pairs_of([piece(0, [b"stay()"], 10, [b"    stay()"])], False, strict) == []
    assert pairs_of([piece(0, [b"f('a', b)"], 10, [b'f("a", b)'])], False, strict) == []
    for lines, moves in ((2, False), (3, True)):  # 36 letters each
        block = [LONG + b"%d" % number for number in range(lines)]
        for file in (0, 1):
            found = pairs_of([piece(0, block, 10, []), piece(5, [], 20, block, file)], False, strict)
            assert found == ([(number, 20 + number) for number in range(lines)] if moves else [])
        indented = [b"  " + line for line in block]
        assert pairs_of([piece(0, block, 10, []), piece(5, [], 20, indented)], False, strict) == []


def test_hunks_without_a_line_of_another_are_left_alone() -> None:
    alone = piece(0, [LONG + b"alone"], 10, [b"nothing"]), piece(1, [b"something_else"], 11, [LONG + b"new"], file=1)
    gone, come = piece(5, [LONG, LONG + b"2"], 20, []), piece(7, [], 20, [LONG, LONG + b"2"], file=1)
    assert pairs(alone[0], gone, alone[1], come) == [(5, 20), (6, 21)]
