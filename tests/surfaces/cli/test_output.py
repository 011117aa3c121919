"""Tables to a pipe are the ones that rich would lay out."""

import io
from contextlib import redirect_stdout

from hypothesis import example, given
from hypothesis import strategies as st

from wellspent.surfaces.cli import output
from wellspent.surfaces.cli.output import Column, table, visible

MARKS = st.sampled_from("ab 1.,$[]/:\\\n\t\x1b\u00e9\u4f60\u597d\u0301\u200d\U0001f600\U0001f44d\u3000")
CELLS = st.text(MARKS, max_size=8)
COLUMNS = st.lists(st.tuples(st.sampled_from(["spent", "tokens in", "n"]), st.booleans()), min_size=1, max_size=4)


def lines(rows: list[list[str]], columns: list[Column], total: bool, by_rich: bool) -> list[str]:
    named = [{column.name: cell for column, cell in zip(columns, row, strict=False)} for row in rows]
    body, last = (named[:-1], named[-1]) if total and named else (named, None)
    written = io.StringIO()
    with redirect_stdout(written):
        if by_rich:
            every = [[visible(column.text(row)) for column in columns] for row in named]
            output._drawn(every, columns, last is not None)
        else:
            table(body, columns, last)
    return written.getvalue().splitlines()


@given(COLUMNS, st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=5), st.booleans())
@example([("n", True)], [[":smile:", "", "", ""], ["[bold]", "", "", ""]], True)
@example([("n", False)] * 4, [["a b " * 60, "", "1", "a" * 300]], False)
def test_a_table_to_a_pipe_is_the_one_that_rich_lays_out(titles: list[tuple[str, bool]], rows: list[list[str]], total: bool) -> None:
    columns = [Column(str(number), title, right) for number, (title, right) in enumerate(titles)]
    assert lines(rows, columns, total, by_rich=False) == lines(rows, columns, total, by_rich=True)


def test_a_name_is_shown_as_it_is_written() -> None:
    for by_rich in (False, True):
        assert lines([["[red]:fire:"]], [Column("0", "team")], total=False, by_rich=by_rich) == ["team", "[red]:fire:"]
