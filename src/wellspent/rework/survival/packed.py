"""Many curves at once as arrays, so that a thousand resamplings of a large history take seconds. numpy is imported where it is used.

``curve.py`` is the specification; random lifetimes are put to both.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Ints = np.ndarray[Any, np.dtype[np.int64]]


class Row(NamedTuple):
    """One observation.

    Attributes:
        cell: The number of the curve that it is part of.
        cluster: Its unit of chance.
        age_ms: At its end, or when it was last seen.
        died: Whether its end was seen.
        weight: Of it, above zero.
    """

    cell: int
    cluster: str
    age_ms: int
    died: bool
    weight: int


class Packed(NamedTuple):
    """Rows by cell and age.

    Attributes:
        clusters: How many units of chance.
        cells: How many curves.
        cluster, weight, dead_weight: Of each row; the weight of rows that did not die is 0 in the last.
        row_cell: The cell of each row.
        first: For each age of a cell at which something died, the row with which it begins.
        last: The row after it.
        cell_last: For these ages, the row after their cell.
        until: For each cell and window, how many of these ages lie before the end of the window, in cells up to it.
        since: The same for the beginning of the cell.
    """

    clusters: int
    cells: int
    cluster: "Ints"
    weight: "Floats"
    dead_weight: "Floats"
    row_cell: "Ints"
    first: "Ints"
    last: "Ints"
    cell_last: "Ints"
    until: "Ints"
    since: "Ints"


def pack(rows: Iterable[Row], cells: int, windows_ms: Sequence[int]) -> Packed:
    """Rows as arrays; rows that differ in nothing but their weight are one, and what happens after the last window is not told apart.

    Args:
        rows: All observations, in any order.
        cells: How many curves there are; each has at least one row.
        windows_ms: Ages at which they will be read, ascending.
    """
    import numpy as np

    horizon, sums = windows_ms[-1] + 1, defaultdict[tuple[int, int, bool, str], int](int)
    for row in rows:
        sums[row.cell, min(row.age_ms, horizon), row.died and row.age_ms < horizon, row.cluster] += row.weight
    keys = sorted(sums)
    names = {name: number for number, name in enumerate(sorted({key[3] for key in keys}))}
    cell, age, died = (np.array([key[i] for key in keys], dtype=np.int64) for i in range(3))
    weight = np.array([sums[key] for key in keys], dtype=np.float64)
    begins = np.flatnonzero(np.diff(cell, prepend=-1) | np.diff(age, prepend=-1))
    ends = np.append(begins[1:], len(keys))
    deadly = np.add.reduceat(died, begins) > 0
    first, last = begins[deadly], ends[deadly]
    place = cell[first] * (horizon + 1) + age[first]
    offsets = np.arange(cells, dtype=np.int64)[:, None] * (horizon + 1)
    return Packed(
        clusters=len(names),
        cells=cells,
        cluster=np.array([names[key[3]] for key in keys], dtype=np.int64),
        weight=weight,
        dead_weight=weight * died,
        row_cell=cell,
        first=first,
        last=last,
        cell_last=np.searchsorted(cell, cell[first], side="right"),
        until=np.searchsorted(place, offsets + np.array(windows_ms, dtype=np.int64), side="right"),
        since=np.searchsorted(place, offsets, side="left"),
    )


def alive(packed: Packed, draws: "Floats") -> tuple["Floats", "Floats"]:
    """For each draw the share alive, by cell and window; and each cell's weight.

    Args:
        packed: The rows.
        draws: For each draw (first axis) the weight of each cluster (second axis).
    """
    import numpy as np

    def cumulated(values: "Floats") -> "Floats":
        sums = np.zeros((len(values), values.shape[1] + 1))
        np.cumsum(values, axis=1, out=sums[:, 1:])
        return sums

    drawn = draws[:, packed.cluster]
    weights, deaths = cumulated(drawn * packed.weight), cumulated(drawn * packed.dead_weight)
    at_risk = weights[:, packed.cell_last] - weights[:, packed.first]
    dead = np.maximum(deaths[:, packed.last] - deaths[:, packed.first], 0.0)
    at_risk = np.maximum(np.maximum(at_risk, dead), np.finfo(float).tiny)  # differences of large sums: rounding must not turn them round
    survived = cumulated(np.log1p(-np.minimum(dead / at_risk, 1 - 1e-15)))
    ends = np.searchsorted(packed.row_cell, np.arange(packed.cells + 1))
    return np.exp(survived[:, packed.until] - survived[:, packed.since]), np.diff(weights[:, ends], axis=1)
