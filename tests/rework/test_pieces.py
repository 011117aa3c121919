"""Lines meet their authors: nothing is lost or told twice, whoever wrote them and whatever the clocks said."""

import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rework.repos import DAY_S, START_S, Made
from tests.rework.test_lifetimes import HISTORIES, edit, history

from wellspent.rework.authorship.claim import HUMAN, UNKNOWN, Author, Claim, LineClaim, Rung, ai
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import Evidence
from wellspent.rework.lifetimes import OWN, Fates, Lifetimes
from wellspent.rework.lines import ALIVE
from wellspent.rework.pieces import Calendar, Piece, Pieces, lifetimes_of, pieces_of
from wellspent.rework.survival.lifetime import DAY_MS

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AUTHORS = (ai("claude-code", session="s1"), ai("codex"), HUMAN)


def told_by_chance(lifetimes: Lifetimes, chance: random.Random) -> list[Evidence]:
    """Of each commit nothing, something of the whole, or something of some lines of its files."""
    found = []
    for commit in lifetimes.commits:
        claims = (Claim(chance.choice(AUTHORS), Rung.TRAILER, "a trailer"),) if chance.random() < 0.4 else ()
        lines = {}
        for path in lifetimes.lines.paths if chance.random() < 0.6 else ():
            firsts = [chance.randrange(1, 30) for _ in range(chance.randrange(3))]
            lines[path.decode()] = tuple(
                LineClaim(n, n + chance.randrange(9), Claim(chance.choice(AUTHORS), Rung.NOTE, "a note")) for n in sorted(firsts)
            )
        found.append(Evidence(commit.id, claims=claims, lines={path: each for path, each in lines.items() if each}))
    return found


def ends(pieces: Pieces) -> Counter[tuple[int, int]]:
    found: Counter[tuple[int, int]] = Counter()
    for piece, lines in pieces.items():
        found[piece.birth, piece.end] += lines
    return found


@few
@given(st.integers(0, 10**9))
def test_pieces_are_the_lines_that_count_whoever_wrote_them(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        made = history(Path(place) / "r", seed, 8, merges=True)
        for which in HISTORIES:
            found = made.read(which)
            wanted = {path for path in found.lines.paths if chance.random() < 0.8}
            index = Authorship(told_by_chance(found, chance))
            for moves in (True, False):
                fates = found.fates(moves)
                nobody, somebody = (pieces_of(found, fates, wanted, each, "r") for each in (None, index))
                assert ends(nobody) == ends(somebody) == +found.pairs(fates, wanted)
                assert {piece.author for piece in nobody} <= {UNKNOWN}
                assert all(lines > 0 for lines in somebody.values())
                assert by_author(somebody) == line_by_line(found, fates, wanted, index)


def line_by_line(found: Lifetimes, fates: Fates, wanted: set[bytes], index: Authorship) -> Counter[Author]:
    """The same, asked of one line after another."""
    authors: Counter[Author] = Counter()
    for span in found.spans():
        for stretch in index.of_lines(found.commits[span.commit].id, span.path.decode(), span.line, span.count):
            for line in range(stretch.first, stretch.first + stretch.count):
                authors[stretch.verdict.author] += span.path in wanted and fates.counts[span.first + line - span.line] == OWN
    return +authors


def by_author(pieces: Pieces) -> Counter[Author]:
    authors: Counter[Author] = Counter()
    for piece, lines in pieces.items():
        authors[piece.author] += lines
    return authors


@few
@given(st.integers(0, 10**9), st.lists(st.integers(-300, 300), min_size=6, max_size=6))
def test_no_age_is_below_zero_where_clocks_run_backwards(seed: int, days: list[int]) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        made = Made(Path(place) / "r")
        for day in days:
            edit(made, chance)
            made.git("commit", "-q", "--amend", "--allow-empty", "--no-edit", "--reset-author", at_s=START_S + day * DAY_S)
        for which in HISTORIES:
            found = made.read(which)
            calendar = Calendar.of(found)
            for moves in (True, False):
                pieces = pieces_of(found, found.fates(moves), set(found.lines.paths), None, "r")
                lifetimes = lifetimes_of(pieces, calendar)
                assert all(0 <= each.age_ms <= each.followed_ms for each in lifetimes)
                assert sum(each.lines for each in lifetimes) == pieces.total()
                assert sum(each.lines for each in lifetimes if each.died) == sum(lines for piece, lines in pieces.items() if piece.end > ALIVE)


def test_only_lines_that_were_born_since(tmp_path: Path) -> None:
    made = Made(tmp_path / "r")
    made.saved(a="one\ntwo\n")
    made.saved(a="one\ntwo\nthree\n", **{"deep/er/est/b.py": "four\n"})
    found = made.read()
    all_of_it, late = (pieces_of(found, found.fates(), set(found.lines.paths), None, "acme/r", since) for since in (0, found.commits[1].at_s))
    assert all_of_it == {
        Piece(0, ALIVE, ("acme/r", "2023-11", ""), UNKNOWN): 2,
        Piece(1, ALIVE, ("acme/r", "2023-11", ""), UNKNOWN): 1,
        Piece(1, ALIVE, ("acme/r", "2023-11", "deep/er"), UNKNOWN): 1,
    }
    assert late == {piece: lines for piece, lines in all_of_it.items() if piece.birth == 1}


def test_a_line_lost_sight_of_was_watched_until_then_and_one_that_died_for_longer() -> None:
    at_s = tuple(START_S + day * DAY_S for day in (0, 3, 10))
    calendar = Calendar(("a" * 40, "b" * 40, "c" * 40), at_s, at_s[-1])
    stratum = ("r", "2023-11", "")
    ends = {ALIVE: 1, 1: 2, -2 - 1: 4}
    found = lifetimes_of(Pieces({Piece(0, end, stratum, author): n for end, n in ends.items() for author in (AUTHORS[0], AUTHORS[1])}), calendar)
    assert [(each.lines, each.group, each.died, each.age_ms // DAY_MS, each.followed_ms // DAY_MS) for each in found] == [
        (2, "ai", False, 10, 10),
        (4, "ai", True, 3, 10),
        (8, "ai", False, 3, 3),
    ]
    assert {each.cluster for each in found} == {f"r@{'a' * 40}"}
