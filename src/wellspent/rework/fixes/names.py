"""From the names that messages use to the commits that they stand for. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wellspent.rework.fixes.message import Said, plain_subject
from wellspent.rework.fixes.told import Told


class Names:
    """Finds commits by abbreviated name, number of pull request, or subject; always one that came before."""

    def __init__(self, told: Told) -> None:
        self._landed = told.landed
        self._ids = sorted(told.landed)
        self._pulls: dict[int, int] = {}
        self._subjects: dict[str, list[int]] = {}
        for number, listed in enumerate(told.said):
            for said in listed:
                if said.pull:
                    self._pulls.setdefault(said.pull, number)
                if said.subject:
                    self._subjects.setdefault(plain_subject(said.subject), []).append(number)

    def earlier(self, names: Iterable[str], than: int) -> list[int]:
        """The commits that these names stand for, each once; not those that are ambiguous, unknown, or no older."""
        found = (self._one(name) for name in names)
        return [*dict.fromkeys(number for number in found if number is not None and number < than)]

    def taken_back(self, said: Said, by: int) -> list[int]:
        """What a revert takes back: by name, else by number, else the newest commit with that subject."""
        found = self.earlier(said.reverts, by) or [
            number for number in map(self._pulls.get, said.reverted_pulls) if number is not None and number < by
        ]
        return [*dict.fromkeys(found or self._titled(said.reverted, by))]

    def named_by(self, causes: Mapping[str, Sequence[str]], issues: Iterable[str], than: int) -> list[int]:
        """The commits that a tracker names as the cause of issues."""
        return self.earlier((name.lower() for issue in issues for name in causes.get(issue, ())), than)

    def _titled(self, subjects: Iterable[str], by: int) -> Iterator[int]:
        for subject in subjects:
            before = [number for number in self._subjects.get(subject, ()) if number < by]
            yield from before[-1:]

    def _one(self, name: str) -> int | None:
        at = bisect_left(self._ids, name)
        found = [each for each in self._ids[at : at + 2] if each.startswith(name)]
        return self._landed[found[0]] if len(found) == 1 else None
