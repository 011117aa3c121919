"""``wellspent rework --audit``: of how many commits the author is known, and how good each rung of evidence is."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from wellspent.connectors.edits import edits_here
from wellspent.connectors.usage.base import Problems
from wellspent.facts.errors import WellspentError
from wellspent.rework.authorship.audit import audit_rows
from wellspent.rework.authorship.auditing import Audit, audit_of
from wellspent.rework.authorship.claim import State
from wellspent.rework.authorship.coverage import Coverage, coverage_text
from wellspent.rework.authorship.transcript import Edit, Transcripts
from wellspent.rework.git import open_repository, roots_of, tip_of
from wellspent.rework.survey import Failed
from wellspent.surfaces.cli.common import Shape, talk
from wellspent.surfaces.cli.logs import problem_lines
from wellspent.surfaces.cli.output import Column, Row, count, emit, emit_json, often, visible
from wellspent.surfaces.cli.rework import tell_failed

NOTHING = "no rung can be audited: no commit is spoken of by two rungs"


class Audited(Struct, frozen=True):
    """A repository as it was named, the commit up to which it was read, and its audit."""

    repository: str
    tip: str
    audit: Audit


def percent(value: object) -> str:
    """A column's percentage for people; None is unknown."""
    return f"{value:.1f} %" if isinstance(value, float) else "unknown"


RUNGS = (
    Column("rung", "rung"),
    Column("better", "against"),
    Column("of", "of"),
    Column("precision_percent", "precision", right=True, show=percent),
    Column("recall_percent", "recall", right=True, show=percent),
    Column("same_tool_percent", "same tool", right=True, show=percent),
    Column("agent_by_rung", "an agent, by the rung", right=True, show=count),
    Column("agent_by_better", "by the better one", right=True, show=count),
    Column("both", "by both", right=True, show=count),
)
FLAT = (Column("repository", "repository"), *RUNGS)


def audit_repositories(paths: Sequence[Path], ref: str, env: Mapping[str, str], shape: Shape) -> int:
    """Print the audit of each; those that cannot be read are told, and make the exit code 1."""
    unread = Problems()
    edits = list(edits_here(env, unread))
    failed = 0
    audited: list[Audited] = []
    for path in paths:
        found = _tried(path, ref, edits)
        if isinstance(found, Failed):
            failed += 1
            tell_failed(found)
            continue
        audited.append(found)
        for what, times in found.audit.problems.items():
            talk(visible(f"{found.repository}: {often(times)}: {what}"))
        if not shape.json and not shape.csv:
            _show(found, shape, first=len(audited) == 1)
    _emit(audited, shape)
    for line in problem_lines(unread.found()):
        talk(line)
    return 1 if failed else 0


def _tried(path: Path, ref: str, edits: Sequence[Edit]) -> Audited | Failed:
    try:
        repository = open_repository(path)
        tip = tip_of(repository, ref)
        transcripts = Transcripts(edits, roots_of(repository), path.absolute().name.removesuffix(".git"))
        return Audited(str(path), tip, audit_of(repository, tip, transcripts))
    except WellspentError as error:
        return Failed(str(path), str(error.args[0]), error.fix)


def _show(found: Audited, shape: Shape, *, first: bool) -> None:
    if not first:
        print()
    print(visible(f"{found.repository}, up to {found.tip[:12]}, merges apart"))
    for line in coverage_text(found.audit.coverage):
        print(visible(line))
    print(flush=True)
    emit(audit_rows(found.audit.rows), RUNGS, shape, empty=NOTHING)
    sys.stdout.flush()


def _emit(audited: Sequence[Audited], shape: Shape) -> None:
    """For machines: as JSON one object for each repository, as CSV one row for each comparison."""
    if shape.csv:
        emit([row for each in audited for row in _flat(each)], FLAT, shape)
    elif shape.json:
        emit_json([_whole(each) for each in audited])


def _flat(found: Audited) -> Iterator[Row]:
    about = {"repository": found.repository, "tip": found.tip, **_known(found.audit.coverage)}
    nothing: dict[str, object] = {column.name: None for column in RUNGS}
    for row in audit_rows(found.audit.rows) or [nothing]:
        yield {**about, **row}


def _whole(found: Audited) -> Row:
    coverage = found.audit.coverage
    return {
        "repository": found.repository,
        "tip": found.tip,
        **_known(coverage),
        "by_rung": {rung.words: commits for rung, commits in coverage.by_rung.items()},
        "by_tool": dict(coverage.by_tool),
        "contradicted": [{"rung": rung.words, "by": other.words, "commits": commits} for (rung, other), commits in coverage.contradicted.items()],
        "only_committed": dict(coverage.only_committed),
        "suggestions": coverage.suggestions,
        "rungs": audit_rows(found.audit.rows),
        "problems": dict(found.audit.problems),
    }


def _known(coverage: Coverage) -> dict[str, object]:
    agents, people, unknown = (coverage.by_state[state] for state in (State.AI, State.HUMAN, State.UNKNOWN))
    return {"commits": coverage.commits, "agents": agents, "people": people, "unknown": unknown, "known_percent": coverage.known_percent}
