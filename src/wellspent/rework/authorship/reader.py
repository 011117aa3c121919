"""From a repository to the evidence of each of its commits: one pass of ``git log``, with notes, checkpoints and traces beside it.

Names and addresses are looked at while a commit is read, and forgotten. A ref that does not exist is no error: its rung has nothing to say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from wellspent import limits
from wellspent.rework.authorship.added import added_by
from wellspent.rework.authorship.branch import BranchWalk, branch_claims
from wellspent.rework.authorship.checkpoint import checkpoint_claims, checkpoint_ids, checkpoint_of_path
from wellspent.rework.authorship.claim import Claim, Rung
from wellspent.rework.authorship.generated import generated_claims
from wellspent.rework.authorship.identity import Identity, identity_claims, only_committed
from wellspent.rework.authorship.ladder import Evidence, Lines, joined
from wellspent.rework.authorship.matching import hashed
from wellspent.rework.authorship.message import Message, message_of
from wellspent.rework.authorship.notes import note_of
from wellspent.rework.authorship.sessions import session_claims
from wellspent.rework.authorship.trace import Traces, traces_of
from wellspent.rework.authorship.trailers import review_suggestions, trailer_claims
from wellspent.rework.authorship.transcript import Added, Transcripts
from wellspent.rework.contents import Blobs, blobs_of, content_at, files_of, sizes
from wellspent.rework.git import Read, Repository, tip_of

NOTES = "refs/notes/ai"
CHECKPOINTS = ("refs/heads/entire/checkpoints/v1", "refs/remotes/origin/entire/checkpoints/v1")
TRACES = ".agent-trace/traces.jsonl"
FIELDS = ("%H", "%P", "%ct", "%an", "%ae", "%cn", "%ce", "%B")
FORMAT = "--format=" + "%x00".join(FIELDS)
LOG = ("log", "-z", "--topo-order", "--encoding=UTF-8", "--no-decorate", "--no-color", "--no-notes", "--no-show-signature", "--no-mailmap", FORMAT)
ABSENT_NOTE = "a git-ai note or checkpoint is not here, or larger than NOTE_BYTES_MAX; it is not used"
ABSENT_TEXT = "a commit's text is not here (a partial clone); its lines are not matched to transcripts"
ABSENT_TRACES = "the records of Agent Trace are not here (a partial clone); they are not used"
TOO_MANY_TRACES = "the records of Agent Trace are larger than TRACES_BYTES_MAX; they are not used"


class Logged(Struct, frozen=True):
    """A commit as ``git log`` gives it, while it is being read."""

    id: str
    parents: tuple[str, ...]
    committed_at_ms: int
    identity: Identity
    message: Message


class Reader:
    """Reads the evidence of a repository's commits.

    Attributes:
        problems: What could not be used, and how often; complete when everything is read.
    """

    def __init__(self, repository: Repository, transcripts: Transcripts | None = None) -> None:
        self._repository = repository
        self._transcripts = transcripts
        self.problems: Counter[str] = Counter()

    def evidence(self, tip: str = "HEAD") -> Iterator[Evidence]:
        """Every commit that leads to ``tip``, children before parents. Raises InvalidInput where there is no such commit."""
        start = tip_of(self._repository, tip)
        notes = {path.replace("/", ""): blob for path, blob in files_of(self._repository, NOTES)}
        checkpoints = self._checkpoints()
        walk = BranchWalk()
        with blobs_of(self._repository) as blobs, self._repository.stream(*LOG, start, "--") as read:
            traces = self._traces(start)
            matched = self._matched(start)
            for logged in logged_in(read):
                noted, note_lines = self._note(notes.get(logged.id, ""), blobs)
                lines = joined(note_lines, traces.lines.get(logged.id, {}), matched.get(logged.id, {}))
                branch = walk.of(logged.id, logged.parents, logged.message.subject)
                linked = self._linked(logged, checkpoints, blobs)
                yield said_by(logged, branch, lines, linked, (Rung.NOTE,) if noted else ())

    def _note(self, blob: str, blobs: Blobs) -> tuple[bool, Lines]:
        if not blob:
            return False, {}
        body = blobs.read(blob)
        if body is None:
            self.problems[ABSENT_NOTE] += 1
            return False, {}
        note = note_of(body)
        self.problems.update(note.problems)
        return True, note.lines

    def _checkpoints(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for ref in CHECKPOINTS:
            for path, blob in files_of(self._repository, ref):
                checkpoint = checkpoint_of_path(path)
                if checkpoint and blob not in found.setdefault(checkpoint, []):
                    found[checkpoint].append(blob)
        return found

    def _linked(self, logged: Logged, known: Mapping[str, Sequence[str]], blobs: Blobs) -> Iterator[Claim]:
        """What the checkpoints say that a commit names."""
        for checkpoint in checkpoint_ids(logged.message):
            listed = known.get(checkpoint, ())
            sessions = blobs.read_all(listed)
            if len(sessions) < len(listed):
                self.problems[ABSENT_NOTE] += len(listed) - len(sessions)
            yield from checkpoint_claims(sessions)

    def _traces(self, start: str) -> Traces:
        blob = content_at(self._repository, start, TRACES)
        size = sizes(self._repository, [blob])[0] if blob else 0
        if size is None or size > limits.TRACES_BYTES_MAX:
            self.problems[ABSENT_TRACES if size is None else TOO_MANY_TRACES] += 1
            return Traces({}, {})
        traces = traces_of(self._repository.run("cat-file", "blob", blob).split(b"\n") if blob else ())
        self.problems.update(traces.problems)
        return traces

    def _matched(self, start: str) -> dict[str, Lines]:
        """The lines of commits that transcripts wrote, of those commits that can hold any."""
        span_ms = self._transcripts.span_ms if self._transcripts else None
        if self._transcripts is None or span_ms is None:
            return {}
        since, until = (f"--{name}={at_ms // 1000}" for name, at_ms in zip(("since", "until"), (span_ms[0] - 1000, span_ms[1]), strict=True))
        listed = self._repository.run("log", "--no-merges", "--no-show-signature", "--format=%H %ct", since, until, start, "--")
        times = {commit: int(at_s) * 1000 + 999 for commit, at_s in (row.split() for row in listed.decode().splitlines())}
        found: dict[str, Lines] = {}
        for commit, hunks in added_by(self._repository, [(commit,) for commit in times], with_text=True, absent=self._absent):
            added = [Added(hunk.path, hunk.first, hashed(hunk.path, hunk.lines)) for hunk in hunks]
            claims = self._transcripts.claims(added, times[commit])
            if claims:
                found[commit] = claims
        return found

    def _absent(self, commit: str) -> None:
        self.problems[ABSENT_TEXT] += 1


def said_by(logged: Logged, branch: str, lines: Lines, linked: Iterable[Claim] = (), looked: tuple[Rung, ...] = ()) -> Evidence:
    """What a commit itself says, with what is known of its lines and its checkpoints."""
    message = logged.message
    claims = [
        *linked,
        *session_claims(message),
        *identity_claims(logged.identity, message.subject),
        *trailer_claims(message),
        *generated_claims(message),
        *branch_claims(branch),
    ]
    return Evidence(
        commit=logged.id,
        committed_at_ms=logged.committed_at_ms,
        is_merge=len(logged.parents) > 1,
        claims=tuple(sorted(claims, key=lambda claim: claim.rung)),
        lines=lines,
        looked=looked,
        only_committed=only_committed(logged.identity),
        suggestions=review_suggestions(message),
        branch=branch,
    )


def logged_in(read: Read) -> Iterator[Logged]:
    """The commits that ``git log`` prints with ``LOG``."""
    rest: list[bytes] = []
    kept = b""
    while chunk := read(limits.LOG_READ_BYTES):
        *whole, kept = (kept + chunk).split(b"\0")
        rest += whole
        ready = len(rest) - len(rest) % len(FIELDS)
        for start in range(0, ready, len(FIELDS)):
            yield _logged([field.decode(errors="replace") for field in rest[start : start + len(FIELDS)]])
        rest = rest[ready:]


def _logged(fields: Sequence[str]) -> Logged:
    commit, parents, committed_s, *names, text = fields
    return Logged(commit, tuple(parents.split()), int(committed_s) * 1000, Identity(*names), message_of(text))
