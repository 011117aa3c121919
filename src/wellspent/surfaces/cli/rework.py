"""``wellspent rework``: how long lines of code live, and with ``--audit`` how well their authors are known."""

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from wellspent.facts.clock import SystemClock
from wellspent.facts.errors import InvalidInput
from wellspent.rework.gaps import Gaps
from wellspent.rework.summary import DAYS
from wellspent.rework.survey import Ask, Failed, LeftOut, Survey, survey_all
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, talk
from wellspent.surfaces.cli.output import Column, Row, count, emit, visible
from wellspent.surfaces.gaps import gaps_told

FOLDER = "rework"
DEFAULT_DAYS = ",".join(map(str, DAYS))
LEFT_OUT = (Column("repository", "repository"), Column("path", "file"), Column("why", "why"), Column("lines", "lines born", right=True, show=count))


def rework(
    repositories: Annotated[
        list[Path] | None, Parameter(name="REPO", help="Folders of git repositories; the one here unless given.", negative="")
    ] = None,
    /,
    *,
    ref: Annotated[str, Parameter(help="The branch, tag or commit to measure up to.")] = "HEAD",
    all_commits: Annotated[
        bool,
        Parameter(
            name="--all",
            negative="--first-parent",
            help="Every commit of every merged branch: what was rewritten before it was merged, too; else lines are born when they are merged.",
        ),
    ] = False,
    days: Annotated[str, Parameter(help="Windows in days, separated by commas.")] = DEFAULT_DAYS,
    no_moves: Annotated[
        bool,
        Parameter(negative="", show_default=False, help="Count lines that moved, or were only indented or wrapped anew, as dead and born again."),
    ] = False,
    left_out: Annotated[bool, Parameter(negative="", show_default=False, help="List the files that are left out instead.")] = False,
    fresh: Annotated[bool, Parameter(negative="", show_default=False, help="Read history from the beginning, not only what is new.")] = False,
    audit: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Say instead of how many commits the author is known, and how good each rung of evidence is."
        ),
    ] = False,
    common: Common = COMMON,
    shape: Shape = SHAPE,
) -> int:
    """Report how long lines of code live: born, dead, alive, and the share gone so many days after birth, of the lines that are old enough to know.

    Reads git history on this machine; sends nothing. What was read is kept in the data folder, so that the next run reads only new commits.
    """
    paths = list(dict.fromkeys(repositories or [Path()]))
    if audit:
        from wellspent.surfaces.cli.rework_audit import audit_repositories  # with all that reads agents' logs: a third of the start

        _check_alone({"--all": all_commits, "--days": days != DEFAULT_DAYS, "--no-moves": no_moves, "--left-out": left_out, "--fresh": fresh})
        return audit_repositories(paths, ref, os.environ, shape)
    windows = windows_of(days)
    kept, now_s = common.load().data_dir / FOLDER, SystemClock().now_ms() // 1000
    history = "all" if all_commits else "first-parent"
    asks = [Ask(path, ref, history, kept, now_s, windows, not no_moves, fresh) for path in paths]  # type: ignore[arg-type]
    found = list(survey_all(asks, Progress()))
    surveys = [each for each in found if isinstance(each, Survey)]
    _tell(found, shape)
    if left_out:
        emit([_file(each, file) for each in surveys for file in each.left_out], LEFT_OUT, shape, empty="no file is left out")
    elif surveys or not found:
        emit([_row(each) for each in surveys], _columns(windows), shape)
    return 0 if len(surveys) == len(found) else 1


def _check_alone(given: dict[str, bool]) -> None:
    """Raises InvalidInput where a flag of the other report is given."""
    for flag, is_given in given.items():
        if is_given:
            raise InvalidInput(f"--audit tells who wrote commits, and {flag} how lines are counted", fix=f"leave out {flag} or --audit")


class Progress:
    """One line on a terminal that says how far each repository is."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._done: dict[str, str] = {}

    def __call__(self, repository: str, done: int, of: int) -> None:
        """So many commits of a repository are read."""
        if self._shown:
            self._done[repository] = f"{Path(repository).absolute().name} {100 * done // of} %"
            line = visible(", ".join(self._done.values()))[:110]
            print(
                f"\r\x1b[K{line}",
                end="" if any(not text.endswith(" 100 %") for text in self._done.values()) else "\r\x1b[K",
                file=sys.stderr,
                flush=True,
            )


def windows_of(days: str) -> tuple[int, ...]:
    """Windows as people write them. Raises InvalidInput."""
    try:
        windows = tuple(sorted({int(each) for each in days.split(",")}))
    except ValueError:
        windows = ()
    if not windows or windows[0] < 1:
        raise InvalidInput(f"{days!r} are no windows", fix="write whole numbers of days, like --days 7,30")
    return windows


def _columns(windows: tuple[int, ...]) -> list[Column]:
    whole = [Column(name, name, right=True, show=count) for name in ("commits", "born", "dead", "alive", "moved")]
    return [Column("repository", "repository"), *whole, *(Column(f"gone_{days}d_text", f"gone in {days} d", right=True) for days in windows)]


def _row(found: Survey) -> Row:
    summary = found.summary
    row: dict[str, object] = {name: getattr(found, name) for name in ("repository", "history", "tip", "commits")}
    row |= {"since": _time(found.since_s), "until": _time(found.until_s)}
    row |= {name: getattr(summary, name) for name in ("born", "dead", "alive", "lost", "moved", "unknown")}
    row |= {f"aside_{kind}": summary.aside.get(kind, 0) for kind in ("lock", "generated", "vendored")}
    row |= {name: getattr(found, name) for name in ("borders", "misdated", "ignored")}
    row["left_out_files"] = len(found.left_out)
    for gone in summary.gone:
        row |= {f"gone_{gone.days}d": gone.lines, f"old_enough_{gone.days}d": gone.of}
        row |= {f"gone_{gone.days}d_percent": None if gone.percent is None else round(gone.percent, 4)}
        row[f"gone_{gone.days}d_text"] = "unknown" if gone.percent is None else f"{gone.percent:.1f} %"
    return row


def _file(found: Survey, file: LeftOut) -> Row:
    return {"repository": found.repository, "path": file.path, "why": file.why, "lines": file.lines}


def _time(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def tell_failed(failed: Failed) -> None:
    """Say why a repository could not be read, and what to do."""
    talk(visible(f"wellspent: {failed.why}") + (visible(f"\n  to do: {failed.fix}") if failed.fix else ""))


def _tell(found: list[Survey | Failed], shape: Shape) -> None:
    for each in found:
        if isinstance(each, Failed):
            tell_failed(each)
        elif not shape.json and not shape.csv:
            talk(f"{visible(each.repository)}: {'; '.join(_notes(each))}")


def _notes(found: Survey) -> list[str]:
    """What a reader has to know to read the figures of a repository."""
    merged = "merged code" if found.history == "first-parent" else "every commit of every merged branch"
    notes = [f"{merged}, {_time(found.since_s)[:10]} to {_time(found.until_s)[:10]}, {found.new:,} of {found.commits:,} commits read now"]
    files = Counter(file.why for file in found.left_out)
    if found.unkept:
        notes.append(f"the next run reads everything again, since {found.unkept}: name another folder with --data-dir")
    gaps = Gaps(found.borders, found.summary.unknown, found.summary.lost, found.misdated, found.ignored, files)
    return [*notes, *gaps_told(gaps, "--left-out")]
