"""Lines that a commit takes out in one place and puts in at another, or writes again with other white space: they moved, they did not die.

Pure. The rules are those of ``git blame -w -M -C``: a block of lines counts as moved where it has enough letters and digits that it is no
coincidence, 20 within a file and 40 between files as git has it; at the same place a line of four is enough. White space is no difference.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

NOBODY: Final = 0xFFFF_FFFF  # the other end of a line that came from none, or went to none, that can be told
HERE_LETTERS, FILE_LETTERS, ELSEWHERE_LETTERS = 4, 20, 40
ANCHOR_LETTERS: Final = 8  # of one line of a block that moved elsewhere; so a block of braces is not looked for
CANDIDATES: Final = 4  # places that are tried for one line
GAP: Final = b"\n"  # which no line is
SPACE: Final = b" \t\r\f\v"
WRAPPING: Final = b"\n'\","  # what formatters change freely, besides white space
NOT_LETTERS: Final = bytes(each for each in range(128) if not chr(each).isalnum())
FREE: Final = (b"", b"'", b'"', b",")  # how a line can begin that a formatter changed

Pair = tuple[int, int]  # the line that was, and the line that it is now


class Piece(Struct, gc=False):
    """A hunk on its way into the lines.

    Attributes:
        file: Which file of the commit, by number.
        taken: The lines taken out.
        first: The first line put in.
        count: How many were put in.
        content: Both, as git prints them.
    """

    file: int
    taken: "array[int]"
    first: int
    count: int
    content: bytes


class Side(Struct, gc=False):
    """Lines in a row; those of several hunks with a gap between them, so that no block crosses it."""

    texts: list[bytes]
    ids: "array[int]"
    used: bytearray


Sides = tuple[Side, Side]  # what was taken out, and what was put in


def pairs_of(pieces: Sequence[Piece], ignored: bool) -> list[Pair]:
    """Which lines of a commit are which.

    Args:
        ignored: Whether the commit is one that only changes how code looks (``.git-blame-ignore-revs``): nothing is born in it and nothing dies.
    """
    if not any(piece.taken for piece in pieces) or not any(piece.count for piece in pieces):
        return []
    texts, at = _texts(pieces), 0
    gone, places = set[bytes](), list[tuple[Piece, int, int, int]]()
    for piece in pieces:
        cut = at + len(piece.taken)
        end = cut + piece.count
        gone.update(texts[at:cut])
        places.append((piece, at, cut, end))
        at = end
    both = set[bytes]().union(*(gone.intersection(texts[cut:end]) for _, _, cut, end in places))
    common = {text for text in both if _letters(text) >= HERE_LETTERS}
    far = {text for text in common if _letters(text) >= ANCHOR_LETTERS} if len(pieces) > 1 else set()
    found: list[Pair] = []
    sides: list[tuple[int, Sides]] = []
    for piece, at, cut, end in places:
        wraps = at < cut < end and _wraps(texts, at, cut, end)
        stays = not wraps and not common.isdisjoint(texts[at:cut]) and not common.isdisjoint(texts[cut:end])
        if wraps or stays or ignored or not far.isdisjoint(texts[at:end]):
            here = _sides(piece, texts, at, cut, end)
            found += _rewrapped(*here) if wraps else _blocks(*here, HERE_LETTERS, common) if stays else ()
            sides.append((piece.file, here))
    if far:
        found += _across(sides, far)
    if ignored:
        found += [pair for _, (out, put) in sides for pair in _in_order(out, put)]
    return found


def _texts(pieces: Iterable[Piece]) -> list[bytes]:
    """Every line taken out and put in, without white space, each with a plus in front: cutting off a million signs takes longer than it helps."""
    whole = b"\n" + b"\n".join([piece.content for piece in pieces]).translate(None, SPACE)
    lines = whole.replace(b"\n-", b"\n+").split(b"\n")
    if b"\n\\" in whole:  # which tells that the line before has no line feed
        lines = [line for line in lines if line[:1] != b"\\"]
    return lines[1:]


def _wraps(texts: Sequence[bytes], at: int, cut: int, end: int) -> bool:
    """Whether a hunk only breaks lines elsewhere, or changes quotes and commas."""
    first, other = texts[at][1:2], texts[cut][1:2]
    if first != other and first not in FREE and other not in FREE:
        return False
    before = _run(texts[at:cut])
    return before != b"" and before == _run(texts[cut:end])


def _run(texts: Sequence[bytes]) -> bytes:
    return b"".join([text[1:] for text in texts]).translate(None, WRAPPING)


def _sides(piece: Piece, texts: list[bytes], at: int, cut: int, end: int) -> Sides:
    fresh = array("I", range(piece.first, piece.first + piece.count))
    return Side(texts[at:cut], piece.taken, bytearray(cut - at)), Side(texts[cut:end], fresh, bytearray(end - cut))


def _across(sides: Sequence[tuple[int, Sides]], common: set[bytes]) -> list[Pair]:
    """Blocks that went from one hunk to another: first within a file, then between files."""
    near = [(file, both) for file, both in sides if not (common.isdisjoint(both[0].texts) and common.isdisjoint(both[1].texts))]
    files = Counter(file for file, _ in near)
    found = [
        pair for file, hunks in files.items() if hunks > 1 for pair in _between([both for each, both in near if each == file], FILE_LETTERS, common)
    ]
    return found + (_between([both for _, both in near], ELSEWHERE_LETTERS, common) if len(files) > 1 else [])


def _left(side: Side) -> Iterable[bytes]:
    return [text for text, used in zip(side.texts, side.used) if not used] if 1 in side.used else side.texts


def _between(sides: Sequence[Sides], least: int, common: set[bytes]) -> list[Pair]:
    out, put = _joined([out for out, _ in sides]), _joined([put for _, put in sides])
    found = _blocks(out, put, least, common)
    for number, whole in enumerate((out, put) if found else ()):
        at = 0
        for both in sides:
            size = len(both[number].used)
            both[number].used = whole.used[at : at + size]
            at += size + 1
    return found


def _joined(sides: Iterable[Side]) -> Side:
    whole = Side([], array("I"), bytearray())
    for side in sides:
        whole.texts += [*side.texts, GAP]
        whole.ids.extend(side.ids)
        whole.ids.append(NOBODY)
        whole.used += side.used + b"\1"
    return whole


def _blocks(out: Side, put: Side, least: int, anchors: set[bytes]) -> list[Pair]:
    """Blocks of the same lines on both sides, each line in one of them, the weightiest of some places first.

    Args:
        least: Letters and digits that a block has.
        anchors: Lines of which a block has one at least.
    """
    common = anchors.intersection(_left(out)).intersection(_left(put)) if not anchors.isdisjoint(put.texts) else None
    if not common:
        return []
    places: dict[bytes, list[int]] = {text: [] for text in common}
    for number in range(len(out.texts) - 1, -1, -1):
        if out.texts[number] in common and not out.used[number]:
            places[out.texts[number]].append(number)
    found: list[Pair] = []
    for number, text in enumerate(put.texts):
        if text in common and not put.used[number]:
            here = places[text]
            while here and out.used[here[-1]]:
                here.pop()
            tried = [_grown(out, put, each, number) for each in here[-CANDIDATES:] if not out.used[each]]
            weight, first, at, size = max(tried, default=(0, 0, 0, 0))
            if weight >= least:
                out.used[first : first + size] = put.used[at : at + size] = b"\1" * size
                found += zip(out.ids[first : first + size], put.ids[at : at + size])
    return found


def _grown(out: Side, put: Side, first: int, at: int) -> tuple[int, int, int, int]:
    """A block around two lines that are the same: letters and digits in it, where it begins on both sides, how long it is."""
    end_first, end_at = first, at
    while first > 0 and at > 0 and _same(out, put, first - 1, at - 1):
        first, at = first - 1, at - 1
    while end_first < len(out.texts) and end_at < len(put.texts) and _same(out, put, end_first, end_at):
        end_first, end_at = end_first + 1, end_at + 1
    return _letters(b"".join(out.texts[first:end_first])), first, at, end_first - first


def _same(out: Side, put: Side, first: int, at: int) -> bool:
    return out.texts[first] == put.texts[at] and not out.used[first] and not put.used[at]


def _letters(text: bytes) -> int:
    return len(text.translate(None, NOT_LETTERS))


def _rewrapped(out: Side, put: Side) -> list[Pair]:
    """The pairs of a hunk that only breaks lines elsewhere or changes quotes and commas; what a line was split off from others has no other end."""
    before, after = ([_run([text]) for text in side.texts] for side in (out, put))
    starts = dict(zip(_starts(before), out.ids))
    found = [(starts.pop(start, NOBODY), line) for start, line in zip(_starts(after), put.ids)]
    went = {was for was, _ in found}
    out.used, put.used = bytearray(b"\1" * len(out.ids)), bytearray(b"\1" * len(put.ids))
    kept = [(was, now) for (was, now), text in zip(found, after) if text or was != NOBODY]  # a blank line more or less is born or dead
    return kept + [(line, NOBODY) for line, text in zip(out.ids, before) if text and line not in went]


def _starts(texts: Sequence[bytes]) -> Iterator[tuple[int, bool]]:
    """Where each begins, and whether it is blank: a blank line begins where the next one does."""
    at = 0
    for text in texts:
        yield at, not text
        at += len(text)


def _in_order(out: Side, put: Side) -> Iterator[Pair]:
    gone = [line for line, used in zip(out.ids, out.used) if not used]
    come = [line for line, used in zip(put.ids, put.used) if not used]
    yield from zip(gone, come)
    yield from ((line, NOBODY) for line in gone[len(come) :])
    yield from ((NOBODY, line) for line in come[len(gone) :])
