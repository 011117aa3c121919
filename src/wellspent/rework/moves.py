"""Lines that a commit takes out in one place and puts in at another, or writes again with other white space: they moved, they did not die.

Pure. The rules are those of ``git blame -w -M -C``: a block of lines counts as moved where it has enough letters and digits that it is no
coincidence, 20 within a file and 40 between files as git has it; at the same place a line of four is enough. White space is no difference.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

NOBODY: Final = 0xFFFF_FFFF  # the other end of a line that came from none, or went to none, that can be told
CANDIDATES: Final = 4  # places that are tried for one line
GAP: Final = b"\n"  # which no line is
SPACE: Final = b" \t\r\f\v"
WRAPPING: Final = b"\n'\","  # what formatters change freely, besides white space
NOT_LETTERS: Final = bytes(each for each in range(128) if not chr(each).isalnum())

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


class Rules(Struct, frozen=True):
    """What is the same line elsewhere. As it stands, the rules of ``git blame -w -M -C`` and those of formatters.

    Attributes:
        here: Letters and digits that a block has in one hunk.
        file: Within a file.
        elsewhere: Between files.
        anchor_here: Letters and digits of one line of a block in one hunk, and of ``anchor`` in any other.
        spaces: Whether white space is a difference.
        wraps: Whether a hunk that only breaks lines elsewhere, or changes quotes and commas, kills nothing.
    """

    here: int = 4
    file: int = 20
    elsewhere: int = 40
    anchor_here: int = 4
    anchor: int = 8
    spaces: bool = False
    wraps: bool = True


RULES: Final = Rules()


def pairs_of(pieces: Sequence[Piece], ignored: bool, rules: Rules = RULES) -> list[Pair]:
    """Which lines of a commit are which.

    Args:
        ignored: Whether the commit is one that only changes how code looks (``.git-blame-ignore-revs``): nothing is born in it and nothing dies.
    """
    out, put = _texts(pieces, rules.spaces)
    if not out or not put:
        return []
    both = set(out).intersection(put)
    common = {text for text in both if _letters(text) >= rules.anchor_here}
    far = {text for text in common if _letters(text) >= rules.anchor} if len(pieces) > 1 else set()
    found: list[Pair] = []
    sides: list[tuple[int, Sides]] = []
    end_out = end_put = 0
    for piece in pieces:
        at_out, at_put = end_out, end_put
        end_out, end_put = at_out + len(piece.taken), at_put + piece.count
        wraps = stays = False
        if at_out < end_out and at_put < end_put:
            wraps = rules.wraps and _wraps(out, at_out, end_out, put, at_put, end_put)
            stays = not wraps and not common.isdisjoint(out[at_out:end_out]) and not common.isdisjoint(put[at_put:end_put])
        if wraps or stays or ignored or (far and not (far.isdisjoint(out[at_out:end_out]) and far.isdisjoint(put[at_put:end_put]))):
            here = _sides(piece, out[at_out:end_out], put[at_put:end_put])
            found += _rewrapped(*here) if wraps else _blocks(*here, rules.here, common) if stays else ()
            sides.append((piece.file, here))
    if far:
        found += _across(sides, far, rules)
    if ignored:
        found += [pair for _, (gone, come) in sides for pair in _in_order(gone, come)]
    return found


def _texts(pieces: Iterable[Piece], spaces: bool) -> tuple[list[bytes], list[bytes]]:
    """Every line taken out and every line put in, each with a plus in front: cutting off a million signs takes longer than it helps."""
    taken, put = [], []
    for piece in pieces:
        content = piece.content
        if not piece.count:
            taken.append(content)
        elif not piece.taken:
            put.append(content)
        else:
            cut = content.index(b"\n+")
            taken.append(content[:cut])
            put.append(content[cut + 1 :])
    return _lines(taken, spaces, b"\n-"), _lines(put, spaces, b"")


def _lines(parts: Iterable[bytes], spaces: bool, sign: bytes) -> list[bytes]:
    whole = b"\n" + b"\n".join(parts)
    if not spaces:
        whole = whole.translate(None, SPACE)
    if sign:
        whole = whole.replace(sign, b"\n+")
    lines = whole.split(b"\n")
    if b"\n\\" in whole:  # which tells that the line before has no line feed
        lines = [line for line in lines if line[:1] != b"\\"]
    del lines[0]
    return lines


def _wraps(out: Sequence[bytes], at_out: int, end_out: int, put: Sequence[bytes], at_put: int, end_put: int) -> bool:
    """Whether a hunk only breaks lines elsewhere, or changes quotes and commas."""
    first, other = out[at_out].translate(None, WRAPPING), put[at_put].translate(None, WRAPPING)
    if not first.startswith(other) and not other.startswith(first):  # nearly all, for less than both hunks in full
        return False
    before = _run(out[at_out:end_out])
    return before != b"" and before == _run(put[at_put:end_put])


def _run(texts: Sequence[bytes]) -> bytes:
    return b"".join([text[1:] for text in texts]).translate(None, WRAPPING)


def _sides(piece: Piece, out: list[bytes], put: list[bytes]) -> Sides:
    fresh = array("I", range(piece.first, piece.first + piece.count))
    return Side(out, piece.taken, bytearray(len(out))), Side(put, fresh, bytearray(len(put)))


def _across(sides: Sequence[tuple[int, Sides]], anchors: set[bytes], rules: Rules) -> list[Pair]:
    """Blocks that went from one hunk to another: first within a file, then between files."""
    files: dict[int, list[Sides]] = {}
    for file, both in sides:
        files.setdefault(file, []).append(both)
    found = [pair for hunks in files.values() if len(hunks) > 1 for pair in _between(hunks, rules.file, anchors)]
    return found + (_between([both for _, both in sides], rules.elsewhere, anchors) if len(files) > 1 else [])


def _left(side: Side) -> Iterable[bytes]:
    return [text for text, used in zip(side.texts, side.used) if not used] if 1 in side.used else side.texts


def _between(sides: Sequence[Sides], least: int, anchors: set[bytes]) -> list[Pair]:
    """Blocks between hunks; those that have no line of any other one are left alone."""
    gone = [(out, anchors.intersection(_left(out))) for out, _ in sides]
    come = [(put, anchors.intersection(_left(put))) for _, put in sides]
    common = set[bytes]().union(*(texts for _, texts in gone)).intersection(*[set[bytes]().union(*(texts for _, texts in come))])
    if not common:
        return []
    out, put = ([side for side, texts in each if not common.isdisjoint(texts)] for each in (gone, come))
    whole_out, whole_put = _joined(out), _joined(put)
    found = _blocks(whole_out, whole_put, least, common)
    if found:
        _apart(whole_out, out)
        _apart(whole_put, put)
    return found


def _apart(whole: Side, sides: Iterable[Side]) -> None:
    at = 0
    for side in sides:
        size = len(side.used)
        side.used = whole.used[at : at + size]
        at += size + 1


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
