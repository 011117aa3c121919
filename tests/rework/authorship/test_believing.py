"""Evidence with rungs left out: what is left says what it said, and what was left out says nothing."""

from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.authorship.believing import OF_COMMITS, OF_LINES, believing
from wellspent.rework.authorship.claim import Claim, LineClaim, Rung, ai
from wellspent.rework.authorship.ladder import Evidence, of_commit

CLAIMS = {rung: Claim(ai("claude-code"), rung, rung.words) for rung in Rung}
rungs = st.sets(st.sampled_from(list(Rung)))


@given(st.lists(st.sampled_from(OF_COMMITS), unique=True), st.lists(st.sampled_from(OF_LINES)), rungs)
def test_each_claim_is_there_if_its_rung_is_believed(of_commit_: list[Rung], of_lines_: list[Rung], believed: set[Rung]) -> None:
    lines = {f"{number}.py": (LineClaim(1, 2, CLAIMS[rung]),) for number, rung in enumerate(of_lines_)}
    whole = Evidence("c", 7, claims=tuple(CLAIMS[rung] for rung in of_commit_), lines=lines, looked=(Rung.NOTE,), branch="fix")
    (found,) = believing([whole], believed)
    assert [claim.rung for claim in found.claims] == [rung for rung in of_commit_ if rung in believed]
    assert found.lines == {path: each for path, each in lines.items() if each[0].claim.rung in believed}
    assert found.looked == ((Rung.NOTE,) if Rung.NOTE in believed else ())
    assert (found.commit, found.committed_at_ms, found.branch) == ("c", 7, "fix")
    assert [*believing([whole], list(Rung))] == [whole]
    verdict = of_commit(found)
    assert verdict.rung in believed or verdict.rung is None


def test_every_rung_tells_of_lines_or_of_commits() -> None:
    assert sorted((*OF_LINES, *OF_COMMITS)) == sorted(Rung)
