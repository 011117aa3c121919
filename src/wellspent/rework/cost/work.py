"""From sessions and their commits to spending with the lines that it paid for: what ``survival.measured`` asks for.

A session that evidence names line by line pays for these lines. Where it is only linked to commits, it pays for their AI lines that are nobody's, or,
where nobody knows who wrote any of them, for all that no person is attested to have written; sessions that share commits pay for them together. Where
all AI lines of its commits are other sessions', it pays together with these. Each dollar is in one piece of work, of one team, one repository, and
either a fix or not.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from wellspent.facts.money import apportion
from wellspent.rework.authorship.claim import State
from wellspent.rework.cost.joining import together
from wellspent.rework.cost.linking import NAMED, Links, Node
from wellspent.rework.cost.session import Session
from wellspent.rework.pieces import Pieces, lifetime_of
from wellspent.rework.study import Study
from wellspent.rework.survival.fixes import Fix
from wellspent.rework.survival.lifetime import Lifetime
from wellspent.rework.survival.spent import Spending

Places = tuple[int, ...]  # of sessions, in the list that was linked


class Work(Struct, frozen=True):
    """Spending with its lines, and whose it is."""

    spending: Spending
    team: str
    repository: str


class Unit(Struct, frozen=True):
    """Sessions that pay together.

    Attributes:
        sessions: Their places.
        lines: By commit, the pieces that they paid for; a commit without any is there too.
    """

    sessions: Places
    lines: Mapping[Node, Pieces]


def work_of(sessions: Sequence[Session], studies: Sequence[Study], links: Links, fixes: Mapping[Node, Fix]) -> list[Work]:
    """All spending that is linked to commits.

    Args:
        links: What ``link`` found of the same sessions and studies.
        fixes: Commits that mend something.
    """
    owned, free = _owned(studies, links)
    joining = dict(_joining(links, owned, free))
    units = [*_owners(owned, joining, links), *_pools(links, {*joining, *(place for places in owned for place in places)}, free)]
    return [each for number, unit in enumerate(units) for each in _works(f"{number}", unit, sessions, studies, fixes)]


def unlinked(sessions: Sequence[Session], links: Links) -> Counter[str]:
    """Nano-dollars by team of sessions that nothing links to a commit."""
    found: Counter[str] = Counter()
    for place, each in enumerate(sessions):
        if place not in links.of:
            found[each.team] += each.nanousd
    return found


Owned = Mapping[Places, Mapping[Node, Pieces]]
Free = Mapping[Node, Pieces]


def _owned(studies: Sequence[Study], links: Links) -> tuple[Owned, Free]:
    """Lines of sessions that evidence names, and by commit the others that a session can have paid for."""
    owned: dict[Places, dict[Node, Pieces]] = defaultdict(lambda: defaultdict(Pieces))
    others: dict[Node, Pieces] = defaultdict(Pieces)
    for number, study in enumerate(studies):
        for piece, lines in study.pieces.items():
            places = tuple(links.owners.of(piece.author))
            (owned[places] if places else others)[number, piece.birth][piece] += lines
    taken = {node for lines in owned.values() for node in lines}
    return owned, {node: _paid_for(pieces, (State.AI,) if node in taken else (State.AI, State.UNKNOWN)) for node, pieces in others.items()}


def _paid_for(pieces: Pieces, states: Sequence[State]) -> Pieces:
    """The lines of the first of these states that there is."""
    for wanted in states:
        found = Pieces({piece: lines for piece, lines in pieces.items() if piece.author.state is wanted})
        if found:
            return found
    return Pieces()


def _joining(links: Links, owned: Owned, free: Free) -> Iterator[tuple[int, list[Places]]]:
    """Sessions without lines of their own that are linked to commits of which no line is left, with those whose lines they are.

    A commit that names a session and gives all lines to others has said that it brought none.
    """
    of_commit: dict[Node, list[Places]] = defaultdict(list)
    for places, lines in owned.items():
        for node in lines:
            of_commit[node].append(places)
    busy = {place for places in owned for place in places}
    for place, linked in links.of.items():
        others = [places for node in linked.commits for places in of_commit.get(node, ())]
        if others and place not in busy and linked.kind != NAMED and not any(free.get(node) for node in linked.commits):
            yield place, others


def _owners(owned: Owned, joining: Mapping[int, list[Places]], links: Links) -> Iterator[Unit]:
    """Sessions with lines of their own; with those that join them, which may bring several together."""
    tops = together([*([places] for places in owned), *joining.values()])
    sessions, lines = defaultdict[Places, set[int]](set), defaultdict[Places, dict[Node, Pieces]](dict)
    for places, own in owned.items():
        sessions[tops[places]].update(places)
        for node, pieces in own.items():
            lines[tops[places]].setdefault(node, Pieces()).update(pieces)
    for place, others in joining.items():
        sessions[tops[others[0]]].add(place)
    for top, found in lines.items():
        linked = {node for place in sessions[top] if place in links.of for node in links.of[place].commits}
        yield Unit(tuple(sorted(sessions[top])), {node: found.get(node, Pieces()) for node in sorted(linked | set(found))})


def _pools(links: Links, busy: Collection[int], free: Free) -> Iterator[Unit]:
    """Sessions that pay for lines which nobody owns, joined where they share a commit."""
    waiting = {place: linked.commits for place, linked in links.of.items() if place not in busy}
    tops = together(waiting.values())
    sessions, lines = defaultdict[Node, list[int]](list), defaultdict[Node, dict[Node, Pieces]](dict)
    for place, commits in waiting.items():
        sessions[tops[commits[0]]].append(place)
    for node, top in tops.items():
        lines[top][node] = free.get(node, Pieces())
    yield from (Unit(tuple(sessions[top]), dict(sorted(lines[top].items()))) for top in sorted(sessions))


Part = tuple[int, Node | None]  # a study, and the commit where it is a fix


def _works(name: str, unit: Unit, sessions: Sequence[Session], studies: Sequence[Study], fixes: Mapping[Node, Fix]) -> Iterator[Work]:
    parts: dict[Part, list[Node]] = defaultdict(list)
    for node in unit.lines:
        parts[node[0], node if node in fixes else None].append(node)
    weights = [sum(max(unit.lines[node].total(), 1) for node in nodes) for nodes in parts.values()]
    teams: Counter[str] = Counter()
    for place in unit.sessions:
        teams[sessions[place].team] += sessions[place].nanousd
    for team, nanousd in sorted(teams.items()):
        for (part, nodes), amount in zip(parts.items(), apportion(nanousd, weights), strict=True):
            number, fix = part
            lifetimes = tuple(each for node in nodes for each in _lifetimes(unit.lines[node], studies[number]))
            spending = Spending(f"{name}/{team}/{number}/{fix}", amount, lifetimes, None if fix is None else fixes[fix])
            yield Work(spending, team, studies[number].name)


def _lifetimes(pieces: Pieces, study: Study) -> Iterator[Lifetime]:
    for piece, lines in pieces.items():
        yield lifetime_of(piece.birth, piece.end, piece.stratum, piece.author.state.value, lines, study.calendar)
