"""``Known``: who wrote a repository, by everything that tells it and by some of it alone; and how many people there are."""

import hashlib
from collections.abc import Mapping, Sequence

from wellspent.rework.authorship.believing import OF_COMMITS, OF_LINES, believing
from wellspent.rework.authorship.claim import Rung
from wellspent.rework.authorship.identity import signer_of
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import Evidence
from wellspent.rework.authorship.merges import brought_by, learn_merges
from wellspent.rework.authorship.reader import Reader
from wellspent.rework.authorship.transcript import Edit, Transcripts
from wellspent.rework.contents import absent, content_at
from wellspent.rework.git import Repository, roots_of

ALL_EVIDENCE = "all evidence"
LABELS: Mapping[str, Sequence[Rung]] = {ALL_EVIDENCE: tuple(Rung), "line notes": OF_LINES, "trailers": OF_COMMITS}
ABSENT = "a commit's text is not here (a partial clone); lines that it brought to a merge are of unknown authors"


class Known:
    """Evidence of one repository, read once, and indexes of it by what is believed.

    Attributes:
        roots: The folders in which people work on it.
        evidence: By commit.
        problems: What could not be used, and how often.
        brought: For each merge on the way to the tip, the commits that it brought.
        labels: The sources of labels that are asked.
        merged, plain: By source, who wrote which lines, where code is born when it is merged, and where it is when it is written.
    """

    def __init__(self, repository: Repository, tip: str, edits: Sequence[Edit], name: str, *, every_source: bool) -> None:
        """Read.

        Args:
            edits: What assistants wrote, wherever.
            name: What the repository's folder is called where it is not checked out.
            every_source: Whether sources of labels are told apart, too.
        """
        self.roots = tuple(roots_of(repository))
        transcripts = Transcripts(edits, self.roots, name) if edits else None
        reader = Reader(repository, transcripts)
        self.evidence: dict[str, Evidence] = {each.commit: each for each in reader.evidence(tip)}
        self.problems = reader.problems
        parents = {row.split()[0]: row.split()[1:] for row in repository.run("rev-list", "--parents", tip, "--").decode().splitlines()}
        self.brought = brought_by(parents, tip)
        self.labels = self._sources() if every_source else [ALL_EVIDENCE]
        self.merged = {label: self._index(label) for label in self.labels}
        if self.brought:
            learn_merges(repository, *self.merged.values(), tip=tip, absent=lambda _: self.problems.update([ABSENT]))
        self.plain = {label: self._index(label) for label in self.labels} if every_source and self.brought else {}

    def _sources(self) -> list[str]:
        """The sources of labels that there are: apart from all evidence, only where some is of lines and some of commits."""
        both = any(each.lines for each in self.evidence.values()) and any(each.claims for each in self.evidence.values())
        return [*LABELS] if both else [ALL_EVIDENCE]

    def _index(self, label: str) -> Authorship:
        """Who wrote what, when these labels are believed."""
        evidence = self.evidence.values()
        return Authorship(evidence if label == ALL_EVIDENCE else believing(evidence, LABELS[label]))


def people_of(repository: Repository, tip: str, since_s: int, salt: bytes) -> frozenset[str]:
    """Who wrote commits since, agents and bots apart; only hashes leave. Addresses of one name are one person, and whatever .mailmap joins."""
    since = [f"--since=@{since_s}"] if since_s else []
    mailmap = content_at(repository, tip, ".mailmap")
    joined = ["-c", f"mailmap.blob={mailmap}"] if mailmap and not absent(repository, [mailmap]) else []
    printed = repository.run(*joined, "log", "--no-show-signature", "--format=%aN%x00%aE", *since, tip, "--").decode(errors="replace")
    people: dict[str, str] = {}
    for name, address in sorted({(line[0], line[2]) for line in (each.partition("\0") for each in printed.split("\n")) if line[1]}):
        if not signer_of(name, address) and "[bot]" not in name + address:
            people.setdefault(name.casefold(), address.casefold())
    return frozenset(hashlib.blake2b(each.encode(), key=salt, digest_size=8).hexdigest() for each in people.values())
