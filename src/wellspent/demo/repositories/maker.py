"""One repository, written commit by commit as its company works: changes of sessions, an agent's nights, reverts."""

import random
from collections.abc import Mapping, Sequence

from msgspec import Struct

from wellspent.demo.company import CODING, SONNET, TEAMS
from wellspent.demo.merges import Change
from wellspent.demo.repositories.code import Writer
from wellspent.demo.repositories.evidence import FORGE, NIGHT, note, trailers
from wellspent.demo.repositories.importing import BRANCH, MAIN, Draft, Import, Signature, Written
from wellspent.demo.repositories.places import Place, Told
from wellspent.demo.repositories.tree import AGENT, NOBODY, PERSON, SIGNED_LINES, Range, Taken, Tree
from wellspent.demo.repositories.work import Hand, Undo, Work
from wellspent.demo.story import SEED

NOBODY_SHARE = 0.08  # of functions that a session brings and its tool did not see: pasted, or typed elsewhere
MOVED_SHARE = 0.1  # of changes, which also put functions where they belong
FIX_SHARE, STATED_SHARE, ADDING_FIX_SHARE = 0.5, 0.6, 0.05  # of changes that write code anew: fixes; of these: say of what; of all others: fixes
FOUNDED_DAYS = 400  # for which code of before the story stays, on average
SIGNED_SHARE = 0.55  # of sessions, in whose commits the agent signs as well
NAMED_NIGHTS = 0.8  # of an agent's nights: the commit names its session


class Author(Struct, frozen=True):
    """Who brings a change, and what will tell so."""

    signature: Signature
    told: Told = Told.NOTHING
    session: str = ""
    model: str = CODING.model
    signed: bool = False

    @property
    def trailers(self) -> tuple[str, ...]:
        """The last lines of its messages."""
        return trailers(self.told, self.session, self.model, self.signed)


class Landed(Struct, frozen=True):
    """A commit of the main branch, with how many lines of code it put in and took out."""

    written: Written
    subject: str
    undo: tuple[Undo, ...]
    added: int
    deleted: int


class Maker:
    """A repository on its way.

    Attributes:
        tree: Its files.
        writer: Who writes code there.
        notes: git-ai's notes, to be written at the end.
        at_s: The time of the newest commit of the main branch.
    """

    def __init__(self, place: Place, to: Import) -> None:
        self.place, self.tree, self.at_s = place, Tree(), 0
        self.writer = Writer(random.Random(f"code-{SEED}-{place.name}"), "'" if place.chores else '"')
        self.notes: list[tuple[Written, bytes]] = []
        self._to = to
        self._landed: list[Landed] = []
        self._by_key: dict[str, Landed] = {}

    def found(self, number: int, at_ms: int) -> Landed:
        """A commit of before the story."""
        choose = self._chance(f"founding {number}")
        work = Work(choose, self.tree, self.writer, lambda: (NOBODY, FOUNDED_DAYS), at_ms)
        names = [work.add(self.place.folders[number % len(self.place.folders)]) for _ in range(3)]
        return self._land(Author(somebody(choose)), at_ms, f"feat: {_words(names[0])}", work=work)

    def change(self, change: Change) -> Landed:
        """A merged pull request that brings a session's work."""
        choose = self._chance(f"change {change.number}")
        author = self._author(choose, change.session)
        work = Work(choose, self.tree, self.writer, self._hand(choose), change.at_ms)
        folder = choose.choice(self.place.folders)
        subject, *links = self._worked(choose, work, folder)
        subject = f"{subject} (#{change.number})"
        if choose.random() >= self.place.branches:
            landed = self._land(author, change.at_ms, subject, (*links, *author.trailers), work=work)
        else:
            landed = self._merge(author, change, (subject, *links), work)
        self._by_key[str(change.number)] = landed
        return landed

    def night(self, run: str, at_ms: int) -> Landed:
        """An agent's commit of its own, with its run as its session."""
        choose = self._chance(f"night {run}")
        work = Work(choose, self.tree, self.writer, lambda: (AGENT, self.place.lasting.night), at_ms)
        folder = choose.choice(self.place.folders)
        names = [work.add(folder) for _ in range(choose.randrange(2, 5))]
        told = Told.SESSION if choose.random() < NAMED_NIGHTS else Told.NOTHING
        author = Author(NIGHT, told, run, SONNET)
        landed = self._land(author, at_ms, f"test: {_words(names[0])}", author.trailers, work=work)
        self._by_key[run] = landed
        return landed

    def revert(self, key: str, at_ms: int, by: Signature, number: int = 0) -> Landed:
        """Take back what a change or a night wrote, as far as nobody has written it anew."""
        was = self._by_key[key]
        for undo in was.undo:
            if self.tree.holds(undo.piece) and undo.piece.born == self._landed.index(was):
                if undo.before is None:
                    self.tree.remove(undo.piece)
                else:
                    self.tree.rewrite(undo.piece, SIGNED_LINES, undo.before[SIGNED_LINES:], NOBODY)
                    undo.piece.born = None
        subject = f'Revert "{was.subject}"' + (f" (#{number})" if number else "")
        return self._land(Author(by), at_ms, subject, (f"This reverts commit {was.written.id}.",))

    def direct(self, at_ms: int, by: Signature, subject: str, files: Mapping[str, bytes | None]) -> Landed:
        """A commit of a person without anything that tells of it, with other files than code."""
        return self._land(Author(by), at_ms, subject, files=files)

    @property
    def _tips(self) -> tuple[Written, ...]:
        return (self._landed[-1].written,) if self._landed else ()

    def _chance(self, name: str) -> random.Random:
        return random.Random(f"{SEED} {self.place.name} {name}")

    def _author(self, choose: random.Random, session: str) -> Author:
        (told,) = choose.choices(list(self.place.told), list(self.place.told.values()))
        return Author(person(session.partition("-")[0]), told, session, signed=choose.random() < SIGNED_SHARE)

    def _note(self, written: Written, author: Author, ranges: Mapping[str, Sequence[Range]]) -> None:
        body = note(author.told, ranges, author.session, author.model, author.signature)
        self.notes += [(written, body)] if body else []

    def _hand(self, choose: random.Random) -> Hand:
        """Who writes the functions of a session: some are an agent's alone, some hardly."""
        share = self.place.agents * choose.choice((0.5, 1.0, 1.5))

        def hand() -> tuple[str, float]:
            lasting, chance = self.place.lasting, choose.random()
            if chance < NOBODY_SHARE:
                return NOBODY, lasting.person
            return (AGENT, lasting.agent) if choose.random() < share else (PERSON, lasting.person)

        return hand

    def _worked(self, choose: random.Random, work: Work, folder: str) -> tuple[str, ...]:
        """A session's work: its subject, and the links of its message."""
        work.rework(folder)
        fixes = choose.random() < (FIX_SHARE if work.mended else ADDING_FIX_SHARE)
        names = [work.add(folder) for _ in range(1 if fixes else choose.randrange(1, 4))]
        if choose.random() < MOVED_SHARE:
            work.move(folder)
        if not fixes:
            return (f"feat: {_words(names[0])}",)
        if not work.mended:
            return (f"fix: {_words(names[0])}",)
        born, name = work.mended[0]
        cause = self._landed[born]
        links = (f'Fixes: {cause.written.id[:12]} ("{cause.subject}")',) if choose.random() < STATED_SHARE else ()
        return f"fix: {_words(name)}", *links

    def _merge(self, author: Author, change: Change, said: tuple[str, ...], work: Work) -> Landed:
        """A change that is merged with its commits: what was worked, and perhaps second thoughts about it."""
        (subject, *links), at_s = said, max(self.at_s, change.at_ms // 1000)
        begun_s = max(self.at_s, change.began_ms // 1000)
        tip, first = self._drafted(author, begun_s, subject, (*links, *author.trailers), self._tips)
        files, added = {**first.files}, first.added
        if work.think_again():
            again = f"refactor: {subject.partition(': ')[2]}"
            tip, second = self._drafted(author, (begun_s + at_s) // 2, again, author.trailers, (tip,))
            files |= second.files
            added += second.added - second.deleted  # whose lines were all put in by the first
        merged = f"Merge pull request #{change.number} from tidewater/change-{change.number}"
        draft = Draft(author.signature, FORGE, at_s, _message(merged, (subject,)), files, (*self._tips, tip))
        return self._landed_as(self._to.commit(draft), subject, work, at_s, (added, first.deleted))

    def _drafted(self, author: Author, at_s: int, subject: str, rest: Sequence[str], parents: tuple[Written, ...]) -> tuple[Written, Taken]:
        """A commit of a branch, and what it changed."""
        taken = self.tree.taken()
        written = self._to.commit(Draft(author.signature, author.signature, at_s, _message(subject, rest), taken.files, parents), BRANCH)
        self._note(written, author, taken.ranges)
        return written, taken

    def _land(
        self,
        author: Author,
        at_ms: int,
        subject: str,
        rest: tuple[str, ...] = (),
        *,
        work: Work | None = None,
        files: Mapping[str, bytes | None] = {},
    ) -> Landed:
        """One commit on the main branch."""
        taken, at_s = self.tree.taken(), max(self.at_s, at_ms // 1000)
        draft = Draft(author.signature, author.signature, at_s, _message(subject, rest), {**taken.files, **files}, self._tips)
        written = self._to.commit(draft, MAIN)
        self._note(written, author, taken.ranges)
        return self._landed_as(written, subject, work, at_s, (taken.added, taken.deleted))

    def _landed_as(self, written: Written, subject: str, work: Work | None, at_s: int, lines: tuple[int, int]) -> Landed:
        undo = tuple(work.undo) if work else ()
        for each in undo:
            each.piece.born = len(self._landed)
        self._landed.append(Landed(written, subject, undo, *lines))
        self.at_s = at_s
        return self._landed[-1]


def person(name: str) -> Signature:
    """How somebody of Tidewater signs."""
    return Signature(name.capitalize(), f"{name.lower()}@tidewater.example")


def somebody(choose: random.Random) -> Signature:
    """Somebody of engineering."""
    return person(choose.choice(TEAMS["engineering"]))


def _words(name: str) -> str:
    """What a function's name says: ``sign_shelf_due_on`` is "sign the due on of a shelf"."""
    verb, noun, field = name.removeprefix("test_").split("_", 2)
    return f"{verb} the {field.replace('_', ' ')} of {'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _message(subject: str, rest: Sequence[str]) -> str:
    return "\n".join([subject, "", *rest, ""] if rest else [subject, ""])
