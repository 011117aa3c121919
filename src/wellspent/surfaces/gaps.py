"""What the figures of a repository leave out, in words: the same for every surface. Pure."""

from collections.abc import Iterator

from wellspent.rework.gaps import Gaps

WHY = {
    "lock": "lock files",
    "generated": "generated files",
    "vendored": "vendored files",
    "binary": "binary files",
    "large": "files above 16 MiB",
    "missing": "files whose contents are not here, or broken",
}


def gaps_told(gaps: Gaps, listed_by: str) -> Iterator[str]:
    """A sentence for each kind of gap that there is.

    Args:
        listed_by: What lists the files.
    """
    if gaps.borders:
        yield f"a shallow clone that breaks off at {gaps.borders:,} commits: what was there before is not counted (git fetch --unshallow)"
    if gaps.unknown:
        yield f"{gaps.unknown:,} lines were born nobody knows when and are not counted"
    if gaps.lost:
        yield f"{gaps.lost:,} lines were lost sight of: joined to others by a formatter or a merge, or in files that cannot be read any more"
    if gaps.misdated:
        yield f"{gaps.misdated:,} commits have a date that cannot be true beside those around them; their author's or their parents' is taken"
    if gaps.ignored:
        yield f"{gaps.ignored:,} commits are in .git-blame-ignore-revs"
    if gaps.files:
        told = ", ".join(f"{gaps.files[why]:,} {name}" for why, name in WHY.items() if gaps.files.get(why))
        yield f"left out: {told} ({listed_by} lists them)"
