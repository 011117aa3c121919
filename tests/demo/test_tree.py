"""What a commit is said to have put in is what it put in."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent.demo.repositories.evidence import note
from wellspent.demo.repositories.importing import Signature
from wellspent.demo.repositories.places import Told
from wellspent.demo.repositories.tree import AGENT, NOBODY, PERSON, Piece, Tree
from wellspent.rework.authorship.claim import State
from wellspent.rework.authorship.notes import note_of

STATES = {AGENT: State.AI, PERSON: State.HUMAN}
ACTS = st.lists(
    st.tuples(st.sampled_from(["add", "rewrite", "remove", "take"]), st.integers(0, 5), st.integers(1, 6), st.sampled_from([AGENT, PERSON, NOBODY])),
    max_size=40,
)


@given(ACTS)
def test_ranges_and_notes_name_the_new_lines_and_no_others(acts: list[tuple[str, int, int, str]]) -> None:
    """Every line is another, so that a line is new exactly where it was in no file before; and by whom, each line says itself."""
    tree, before, pieces, made = Tree(), dict[str, set[str]](), list[Piece](), 0
    for path in ("a/one.py", "a/two.py"):
        tree.add(Piece(path, [f"head of {path}"]))
    for act, which, count, by in [*acts, ("take", 0, 0, "")]:
        lines = [f"{by} {made + number}" for number in range(count)]
        made += count
        if act == "add":
            pieces.append(tree.add(Piece(("a/one.py", "a/two.py")[which % 2], lines, by)))
        elif act == "rewrite" and pieces:
            tree.rewrite(pieces[which % len(pieces)], 0, lines, by)
        elif act == "remove" and pieces and len(tree.files[pieces[which % len(pieces)].path]) > 2:
            tree.remove(pieces.pop(which % len(pieces)))
        elif act == "take":
            _same_lines(tree, before)


def _same_lines(tree: Tree, before: dict[str, set[str]]) -> None:
    taken = tree.taken()
    contents, ranges = taken.files, taken.ranges
    assert taken.added == sum(each.last - each.first + 1 for path in ranges for each in ranges[path])
    body = note(Told.NOTE, ranges, "session-1", "model-1", Signature("A", "a@x.example"))
    said = note_of(body).lines if body else {}
    for path, content in contents.items():
        assert content is not None
        lines = content.decode().splitlines()
        numbered = {number: (each.writer, lines[number - 1]) for each in ranges.get(path, []) for number in range(each.first, each.last + 1)}
        new = {number for number, line in enumerate(lines, 1) if line not in before.get(path, set())}
        assert set(numbered) == new
        assert all(line.startswith(writer) for writer, line in numbered.values())
        noted = {number: line.claim.author.state for line in said.get(path, ()) for number in range(line.first, line.last + 1)}
        assert noted == {number: STATES[writer] for number, (writer, _) in numbered.items() if writer in STATES}
        before[path] = set(lines)
