from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.rework.authorship.test_claim import KNOWN

from wellspent.rework.authorship.claim import HUMAN, UNKNOWN, Claim, LineClaim, Rung, State, agree, ai
from wellspent.rework.authorship.coverage import Tally, coverage_text
from wellspent.rework.authorship.index import Authorship
from wellspent.rework.authorship.ladder import NOTHING, Evidence, Stretch, decide, of_commit, of_lines, together

ABOUT_COMMITS = [rung for rung in Rung if not rung.tells_lines]
CLAIMS = st.lists(st.builds(Claim, KNOWN, st.sampled_from(ABOUT_COMMITS), st.just("x")), max_size=4)
SPANS = st.tuples(st.integers(1, 30), st.integers(0, 9), KNOWN, st.sampled_from([rung for rung in Rung if rung.tells_lines]))
LINES = st.lists(SPANS.map(lambda each: LineClaim(each[0], each[0] + each[1], Claim(each[2], each[3], "x"))), max_size=5)


def evidence(claims: Sequence[Claim] = (), lines: Sequence[LineClaim] = (), looked: tuple[Rung, ...] = ()) -> Evidence:
    ordered = tuple(sorted(lines, key=lambda line: line.first))
    return Evidence("c" * 40, claims=tuple(sorted(claims, key=lambda claim: claim.rung)), lines={"a": ordered} if ordered else {}, looked=looked)


def claim(rung: Rung, author: object = ai("codex")) -> Claim:
    assert isinstance(author, type(UNKNOWN))
    return Claim(author, rung, rung.words)


@given(CLAIMS, CLAIMS)
def test_the_best_rung_wins_whatever_stands_below(best: list[Claim], below: list[Claim]) -> None:
    if not best:
        return
    top = min(each.rung for each in best)
    said = decide([each for each in best if each.rung is top])
    all_told = decide([*below, *(each for each in best if each.rung is top), *(each for each in best if each.rung > top)])
    if all(each.rung > top for each in below):
        assert (all_told.rung, all_told.author.state, all_told.evidence) == (said.rung, said.author.state, said.evidence)
        assert said.author.tool in ("", all_told.author.tool)


@given(CLAIMS)
def test_nobody_is_human_without_an_attestation_and_every_rung_that_says_otherwise_is_named(claims: list[Claim]) -> None:
    verdict = decide(claims)
    if verdict.author.state is State.HUMAN:
        assert all(each.author == HUMAN for each in claims if each.rung is verdict.rung)
    assert set(verdict.against) == {each.rung for each in claims if not agree(verdict.author, each.author)}
    assert (verdict == NOTHING) == (not claims)


@given(CLAIMS)
def test_the_order_of_evidence_does_not_matter_between_rungs(claims: list[Claim]) -> None:
    assert decide(sorted(claims, key=lambda each: each.rung)) == decide(sorted(claims, key=lambda each: -each.rung)) or len(
        {each.rung for each in claims}
    ) < len(claims)


@given(CLAIMS, LINES, st.integers(1, 40), st.integers(0, 40))
def test_stretches_follow_each_other_and_cover_what_was_asked(claims: list[Claim], lines: list[LineClaim], first: int, count: int) -> None:
    stretches = list(of_lines(evidence(claims, lines), "a", first, count))
    assert sum(each.count for each in stretches) == count
    assert all(one.first + one.count == next_one.first for one, next_one in pairwise(stretches))
    assert not stretches or stretches[0].first == first
    assert all(each.count > 0 for each in stretches)


@given(CLAIMS, LINES, st.integers(1, 40))
def test_a_line_has_the_verdict_of_its_own_claims(claims: list[Claim], lines: list[LineClaim], number: int) -> None:
    known = evidence(claims, lines)
    (line,) = of_lines(known, "a", number, 1)
    over = [each.claim for each in known.lines.get("a", ()) if each.first <= number <= each.last]
    if over:
        assert line.verdict == decide([*over, *known.claims])
    elif known.has_note:
        assert line.verdict.author == UNKNOWN and line.verdict.rung is Rung.NOTE
    else:
        assert line.verdict == decide(known.claims)


def test_lines_that_a_note_does_not_name_are_unknown_whatever_the_trailer_says() -> None:
    known = evidence([claim(Rung.TRAILER)], [LineClaim(2, 3, claim(Rung.NOTE, ai("amp")))], (Rung.NOTE,))
    assert [(each.first, each.count, each.verdict.author.tool, each.verdict.against) for each in of_lines(known, "a", 1, 4)] == [
        (1, 1, "", (Rung.TRAILER,)),
        (2, 2, "amp", (Rung.TRAILER,)),
        (4, 1, "", (Rung.TRAILER,)),
    ]
    (other,) = of_lines(known, "b", 1, 9)
    assert other.verdict.author == UNKNOWN
    (alone,) = of_lines(evidence([], [LineClaim(2, 3, claim(Rung.NOTE))]), "b", 1, 1)
    assert alone.verdict.rung is Rung.NOTE and alone.verdict.against == ()


def test_what_a_transcript_or_an_empty_note_leaves_open_is_for_the_rungs_below() -> None:
    known = evidence([claim(Rung.TRAILER)], [LineClaim(2, 2, claim(Rung.TRANSCRIPT))])
    assert [each.verdict.rung for each in of_lines(known, "a", 1, 2)] == [Rung.TRAILER, Rung.TRANSCRIPT]
    (line,) = of_lines(evidence([claim(Rung.TRAILER)], (), (Rung.NOTE,)), "a", 1, 1)
    assert line.verdict.rung is Rung.TRAILER


def test_an_agent_took_part_where_one_line_is_its_own() -> None:
    lines = [LineClaim(1, 9, claim(Rung.NOTE, HUMAN)), LineClaim(10, 10, claim(Rung.NOTE))]
    assert of_commit(evidence([], lines, (Rung.NOTE,))).author == ai("codex")
    assert of_commit(evidence([], lines[:1], (Rung.NOTE,))).author == HUMAN
    assert of_commit(evidence()) == NOTHING


def test_a_note_that_names_no_agent_contradicts_a_trailer() -> None:
    verdict = of_commit(evidence([claim(Rung.TRAILER)], (), (Rung.NOTE,)))
    assert (verdict.author, verdict.rung, verdict.against) == (ai("codex"), Rung.TRAILER, (Rung.NOTE,))
    lines = [LineClaim(1, 1, claim(Rung.NOTE, HUMAN))]
    assert of_commit(evidence([claim(Rung.TRAILER)], lines, (Rung.NOTE,))).against == (Rung.TRAILER,)


def test_a_session_has_its_model_from_the_trailer() -> None:
    verdict = decide([claim(Rung.SESSION, ai("claude-code", session="1")), claim(Rung.TRAILER, ai("claude-code", "claude-opus-4-6"))])
    assert verdict.author == ai("claude-code", "claude-opus-4-6", "1") and verdict.rung is Rung.SESSION and verdict.against == ()


def test_commits_together_are_as_good_as_the_worst_of_them() -> None:
    good, weak = decide([claim(Rung.SESSION)]), decide([claim(Rung.BRANCH)])
    assert together([good, weak]).author == ai("codex") and together([good, weak]).rung is Rung.BRANCH
    assert together([good, NOTHING]).author == UNKNOWN and together([good, NOTHING]).rung is None
    assert together([]).author == UNKNOWN


def test_a_repository_is_asked_commit_by_commit_and_covers_what_it_covers() -> None:
    known = Evidence("1" * 40, claims=(claim(Rung.TRAILER),), suggestions=1, looked=(Rung.NOTE,))
    person = Evidence("2" * 40, lines={"a": (LineClaim(1, 1, claim(Rung.NOTE, HUMAN)),)}, looked=(Rung.NOTE,))
    nothing, merge = Evidence("3" * 40, only_committed="aider"), Evidence("4" * 40, is_merge=True, claims=(claim(Rung.TRAILER),))
    index = Authorship([known, person, nothing, merge])
    assert index.of_commit("1" * 40).author == ai("codex") and index.of_commit("3" * 40) == NOTHING
    assert next(iter(index.of_lines("2" * 40, "a", 1, 1))).verdict.author == HUMAN
    assert list(index.of_lines("9" * 40, "a", 5, 2)) == [Stretch(5, 2, NOTHING)] and list(index.of_lines("9" * 40, "a", 5, 0)) == []
    assert index.evidence("9" * 40) == Evidence("9" * 40) and index.evidence("1" * 40) == known
    coverage = index.coverage
    assert coverage.commits == 3 and coverage.by_state == {State.AI: 1, State.HUMAN: 1, State.UNKNOWN: 1}
    assert coverage.by_rung == {Rung.NOTE: 1, Rung.TRAILER: 1} and coverage.by_tool == {"codex": 1}
    assert coverage.contradicted == {(Rung.TRAILER, Rung.NOTE): 1}
    assert coverage.only_committed == {"aider": 1} and coverage.suggestions == 1
    assert coverage.known_percent is not None and round(coverage.known_percent) == 67
    assert coverage_text(coverage) == [
        "The author of 66.7 % of 3 commits is known: an agent took part in 1, 1 are attested to people."
        " Of 1 it is unknown, which does not mean a person.",
        "Known by: git-ai note 1, co-author trailer 1.",
        "Agents: codex 1.",
        "Rungs that say otherwise: co-author trailer against git-ai note 1.",
        "Committed by an agent, written by somebody else: aider 1.",
        "Commits with a suggestion of a bot that reviews, which is not authorship: 1.",
    ]


def test_of_no_commits_nothing_is_known() -> None:
    assert Tally().done().known_percent is None
    assert coverage_text(Tally().done()) == ["There are no commits to tell the authors of."]


def test_of_a_repository_that_nothing_tells_about_it_is_said_in_one_line() -> None:
    assert len(coverage_text(Authorship([Evidence("1" * 40)]).coverage)) == 1
