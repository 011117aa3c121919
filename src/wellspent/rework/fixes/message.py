"""What the message of a commit says of what it mends. Pure: text in, names out; whether a name stands for anything here is decided elsewhere."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_FLAGS: Final = re.IGNORECASE | re.MULTILINE
_ID: Final = r"[0-9a-f]{7,64}"
_IDS: Final = rf"{_ID}(?:(?:,?\s+and\s+|,\s*|\s+){_ID})*\b"
_NAME: Final = re.compile(rf"(?<![#\w/.-]){_ID}(?![\w.-]*[/\w])", re.IGNORECASE)
_FIXES: Final = re.compile(r"^[ \t]*Fixes:[ \t]*(?=(?:commit[ \t]+)?[0-9a-f]{7})(.*)$", _FLAGS)
_REVERTS: Final = re.compile(rf"\bThis\s+(?:(?:partially|mostly|partly)\s+)?reverts\s+(?:(?:mostly|parts?\s+of)\s+)?commits?\s+({_IDS})", _FLAGS)
_REVERTS_PULL: Final = re.compile(r"^(?:Reverts|This reverts merge request)[ \t]+[\w./-]*[#!](\d+)\b", _FLAGS)
_REVERTED: Final = re.compile(r'^Revert:? "(.+)"')
_AGAIN: Final = re.compile(r'^(?:Reapply "|Revert:? "Revert )', re.IGNORECASE)
_REVERT_TYPE: Final = re.compile(r"^revert(?:\([^)]*\))?!?:", re.IGNORECASE)
_REFS: Final = re.compile(rf"^Refs:[ \t]*({_IDS})", _FLAGS)
_PICKED: Final = re.compile(r"^.*\b(?:cherry[- ]picked from|upstream commit|backport(?:ed)? (?:of|from)|commit \S+ upstream)\b.*$", _FLAGS)
_TRAILER: Final = re.compile(r"^[ \t]*[A-Za-z][A-Za-z-]*-[A-Za-z-]+:[ \t].*$", re.MULTILINE)
_STATED: Final = re.compile(rf"^[ \t]*Fixes:[ \t]*(?:commit[ \t]+)?{_ID}\b(?:[ \t]*\([\"'].{{0,300}}?[\"']\)|.*?$)", _FLAGS | re.DOTALL)
_CITED: Final = re.compile(rf"\b{_ID}\b,?\s*(?:\(\s*[\"'].{{0,300}}?[\"']\s*\))?", re.IGNORECASE | re.DOTALL)
_ONE: Final = r"(?:[\w./-]*#\d+|GH-\d+)"
_ISSUES: Final = re.compile(
    rf"\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?|bug|issue|closes-bug)\b:?[ \t]+({_ONE}(?:(?:,[ \t]*|,?[ \t]+and[ \t]+){_ONE})*)", re.IGNORECASE
)
_NUMBER: Final = re.compile(_ONE, re.IGNORECASE)
_KEY: Final = re.compile(r"\b[A-Z][A-Z0-9]+-\d+\b")
_PULLS: Final = (
    re.compile(r"\(#(\d+)\)\s*\Z"),
    re.compile(r"\AMerge pull request #(\d+)\b"),
    re.compile(r"\(pull request #(\d+)\)\s*\Z"),
)
_MERGE_REQUEST: Final = re.compile(r"^See merge request [\w./-]*!(\d+)[ \t]*$", re.MULTILINE)
_SUFFIX: Final = re.compile(r"\s*\((?:pull request )?#\d+\)\s*\Z")
_TYPED: Final = re.compile(
    r"(fix|bugfix|hotfix|feat|feature|docs?|chore|refactor|test|tests|style|perf|build|ci|revert|release|deps)(?:\([^)]*\))?!?:", re.IGNORECASE
)
_FIX_TYPES: Final = ("fix", "bugfix", "hotfix")
_WORDS: Final = re.compile(
    r"\b(?:(?:bug|hot)?fix(?:e[sd]|ing|up)?|bugs?|crash(?:e[sd]|ing)?|segfaults?|regressions?|deadlocks?|leak(?:s|ed|ing)?|races?|overflows?|broken|wrong"
    r"|incorrect(?:ly)?|mistak(?:e|en|enly)|typos?)\b",
    re.IGNORECASE,
)


class Said(Struct, frozen=True):
    """What a message says.

    Attributes:
        subject: What it is about: its first line; of a merge, the title below "Merge pull request".
        fixes: Names of commits in ``Fixes:`` lines, as they are abbreviated.
        reverts: Names of commits that it takes back.
        reverted: Subjects that it takes back.
        reverted_pulls: Numbers of pull or merge requests that it takes back.
        named: Commits that it names in its text, but for those that it was picked from.
        issues: Issues that it closes (``#12``, ``acme/app#12``), and keys of trackers (``APP-12``) that it names.
        pull: The number of its own pull or merge request; 0 where it names none.
        again: Whether it puts in again what was taken back: that mends nothing.
    """

    subject: str
    fixes: tuple[str, ...]
    reverts: tuple[str, ...]
    reverted: tuple[str, ...]
    reverted_pulls: tuple[int, ...]
    named: tuple[str, ...]
    issues: tuple[str, ...]
    pull: int
    again: bool

    @property
    def kind_of_change(self) -> str:
        """What a conventional commit says that it is (``fix``, ``feat`` …), in small letters; "" where it says nothing."""
        typed = _TYPED.match(self.subject)
        return typed[1].lower() if typed else ""

    @property
    def typed_as_fix(self) -> bool:
        """Whether its subject begins with ``fix:`` or the like."""
        return self.kind_of_change in _FIX_TYPES

    @property
    def worded_as_fix(self) -> bool:
        """Whether its subject has a word of mending, and no type that says otherwise."""
        return not self.again and (self.typed_as_fix or (not self.kind_of_change and speaks_of_fixing(self.subject)))


def speaks_of_fixing(subject: str) -> bool:
    """Whether a text has a word of mending.

    >>> speaks_of_fixing("dpif: Fix a crash"), speaks_of_fixing("tests: Add a prefix")
    (True, False)
    """
    return _WORDS.search(subject) is not None


def said_in(text: str) -> Said:
    """Read a message."""
    text = text.replace("\r\n", "\n").strip()
    subject = _subject(text)
    again, fixes, reverts = bool(_AGAIN.match(subject)), [*_fixes(text)], []
    if not again:
        reverts = _ids(" ".join(_REVERTS.findall(text)))
        reverts += _ids(" ".join(_REFS.findall(text))) if _REVERT_TYPE.match(subject) else []
    return Said(
        subject=subject,
        fixes=tuple(dict.fromkeys(fixes)),
        reverts=tuple(dict.fromkeys(reverts)),
        reverted=() if again else tuple(plain_subject(each) for each in _REVERTED.findall(subject)),
        reverted_pulls=() if again else tuple(int(each) for each in _REVERTS_PULL.findall(text)),
        named=tuple(dict.fromkeys(_ids(_TRAILER.sub("", _PICKED.sub("", _STATED.sub("", text)))))),
        issues=tuple(dict.fromkeys(_issues(text))),
        pull=_pull(text),
        again=again,
    )


def plain_subject(subject: str) -> str:
    """A subject without the number that a forge put behind it.

    >>> plain_subject("Count tokens once (#12)")
    'Count tokens once'
    """
    return _SUFFIX.sub("", subject.strip())


def without_names(text: str) -> str:
    """A message without what names its cause outright (``Fixes:`` lines, commits and their quoted subjects) and without who signed it."""
    return _TRAILER.sub("", _CITED.sub(" ", _STATED.sub("", text)))


def _subject(text: str) -> str:
    """Its first line; a merge's says nothing, and forges put the title below it."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    titled = text.startswith(("Merge pull request ", "Merged in ")) or (text.startswith("Merge ") and _MERGE_REQUEST.search(text))
    return lines[1] if titled and len(lines) > 1 and not _MERGE_REQUEST.match(lines[1]) else "".join(lines[:1])


def _fixes(text: str) -> Iterator[str]:
    for line in _FIXES.findall(text):
        yield from _ids(re.sub(r"\(.*", "", re.sub(r"\([\"'].*?[\"']\)", " ", line)))


def _ids(text: str) -> list[str]:
    """Words that can be a commit's name; a number of seven digits can."""
    return [each.lower() for each in _NAME.findall(text)]


def _issues(text: str) -> Iterator[str]:
    for named in _ISSUES.findall(text):
        yield from _NUMBER.findall(named)
    yield from _KEY.findall(text)


def _pull(text: str) -> int:
    first = text.partition("\n")[0]
    found = next((match for match in (each.search(first) for each in _PULLS) if match), None) or _MERGE_REQUEST.search(text)
    return int(found[1]) if found else 0
