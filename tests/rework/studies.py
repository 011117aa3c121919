"""Studies and sessions that a test writes by hand, or hypothesis by chance: small histories whose lines, authors and namings are known."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from wellspent.rework.authorship.claim import HUMAN, UNKNOWN, Author, Rung, ai
from wellspent.rework.authorship.coverage import Tally
from wellspent.rework.cost.session import Merged, Session
from wellspent.rework.gaps import Gaps
from wellspent.rework.pieces import Calendar, Piece, Pieces, lifetimes_of
from wellspent.rework.study import MAIN, Naming, Study
from wellspent.rework.survival.fixes import Fix

DAY_S = 86_400
START_S = 1_700_000_000
UNTIL_DAY = 120


def sha(repository: str, place: int) -> str:
    return f"{repository}{place}".encode().hex().ljust(40, "0")


def study_of(
    name: str = "app",
    days: Sequence[float] = (0, 10),
    pieces: Mapping[tuple[int, int, Author], int] | None = None,
    **more: object,
) -> Study:
    """A repository with a commit on each of some days, one after another; ``pieces`` are lines by (birth, end, author).

    The directory of a line is called as the session that wrote it, so that a test can tell whose a record of survival is.
    """
    at_s = tuple(START_S + round(day * DAY_S) for day in days)
    calendar = Calendar(tuple(sha(name, place) for place in range(len(days))), at_s, max(at_s))
    found = Pieces({Piece(birth, end, (name, "2023-11", author.session), author): n for (birth, end, author), n in (pieces or {}).items()})
    said: dict[str, object] = {
        "team": "",
        "roots": (f"/srv/{name}",),
        "tip": calendar.ids[-1],
        "since_s": 0,
        "naming": named_by(found),
        "brought": {},
        "branch": "main",
        "branches": {},
        "made_s": sorted((each, place) for place, each in enumerate(at_s)),
        "fixes": {},
        "qualities": (),
        "works": (),
        "coverage": Tally().done(),
        "people": frozenset(),
        "gaps": Gaps(),
        "problems": {},
    }
    return Study(name=name, calendar=calendar, pieces=found, ways={MAIN: lifetimes_of(found, calendar)}, **{**said, **more})  # type: ignore[arg-type]


def named_by(pieces: Pieces) -> dict[int, tuple[Naming, ...]]:
    """What notes on the commits say, where they say the same as the pieces."""
    found: dict[int, dict[Naming, None]] = {}
    for piece in pieces:
        if piece.author.session:
            found.setdefault(piece.birth, {})[Naming(piece.author, Rung.NOTE)] = None
    return {birth: tuple(each) for birth, each in found.items()}


SESSIONS = ("s1", "s2", "s3")
named = [ai(tool, session=each) for tool in ("claude-code", "") for each in (*SESSIONS, "elsewhere")]
authors = st.sampled_from([UNKNOWN, HUMAN, ai("claude-code"), ai(""), *named])
links = st.sampled_from(
    [(), (("run", "r1"),), (("branch", "fix"),), (("change", "acme/app#1"),), (("change", "acme/app#2"), ("run", "r2")), (("issue", "7"),)]
)


@st.composite
def studies(draw: st.DrawFn, names: Sequence[str] = ("app", "web")) -> list[Study]:
    """One or two repositories of a few commits, with lines of all authors and ends."""
    found = []
    for name in names[: draw(st.integers(1, len(names)))]:
        days = sorted(draw(st.lists(st.integers(0, UNTIL_DAY), min_size=2, max_size=8)))
        births = st.integers(0, len(days) - 1)
        ends = st.one_of(st.just(-1), births, births.map(lambda place: -2 - place))
        keys = draw(st.lists(st.tuples(births, ends, authors), max_size=12))
        pieces = {(birth, end, author): draw(st.integers(1, 40)) for birth, end, author in keys}
        branches = {place: ("fix",) for place in range(len(days)) if draw(st.booleans())}
        people = frozenset(draw(st.sets(st.sampled_from("abcdefghijkl"), max_size=9)))
        found.append(study_of(name, days, pieces, branches=branches, people=people))
    return found


@st.composite
def sessions(draw: st.DrawFn) -> list[Session]:
    """Money of sessions that the studies name, of others, and of none; several rows may be of one session."""
    found = []
    for _ in range(draw(st.integers(0, 8))):
        started = START_S + draw(st.integers(-5, UNTIL_DAY)) * DAY_S
        placed = draw(st.booleans())
        found.append(
            Session(
                client=draw(st.sampled_from(["claude-code", "claude-code", "codex"])),
                session=draw(st.sampled_from(["", *SESSIONS, "s4", "s5"])),
                nanousd=draw(st.integers(-50, 10**11)),
                team=draw(st.sampled_from(["", "core", "web/1"])),
                links=draw(links),
                folder=draw(st.sampled_from(["/srv/app", "/srv/web/src", "/srv/apple", "/tmp"])) if placed else "",
                branch=draw(st.sampled_from(["", "main", "fix"])) if placed else "",
                started_ms=started * 1000 if placed else 0,
                ended_ms=(started + draw(st.integers(0, 5)) * 3600) * 1000 if placed else 0,
            )
        )
    return found


@st.composite
def changes(draw: st.DrawFn, found: Sequence[Study]) -> list[Merged]:
    """What another system says of a few of their commits, and of one that is not there."""
    merged = []
    for number in range(1, 1 + draw(st.integers(0, 3))):
        study = draw(st.sampled_from(found))
        commit = draw(st.sampled_from([*study.calendar.ids, "f" * 40]))
        more = draw(links)
        merged.append(Merged(f"acme/app#{number}", commit, more, draw(st.sampled_from(["", "fix"]))))
    return merged


def mended(draw: st.DrawFn, found: Sequence[Study]) -> dict[tuple[int, int], Fix]:
    """Some of their commits as fixes."""
    nodes = [(number, place) for number, study in enumerate(found) for place in range(len(study.calendar.ids))]
    chosen = draw(st.sets(st.sampled_from(nodes), max_size=3))
    return {node: draw(st.sampled_from([Fix(), Fix("most lines", {"ai": 3, "unknown": 1})])) for node in sorted(chosen)}
