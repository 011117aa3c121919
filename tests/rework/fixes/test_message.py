"""What a message says of what it mends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellspent.rework.fixes.message import plain_subject, said_in, without_names
from wellspent.rework.fixes.signs import Sign, WordsQuality, sign_of, words_measured
from wellspent.rework.fixes.told import Told

A, B, C = "1a2b3c4d5e6f", "89abcdef0123", "a" * 40


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        (f'x\n\nFixes: {A} ("dpif: Count twice.")', [A]),
        (f"x\n\n    fixes: commit {A.upper()}", [A]),
        (f'x\n\nFixes: {A} ("a (b) {B}"), {B} ("c")\nFixes: {C}', [A, B, C]),
        (f'x\n\nFixes: {A} ("a subject\n  that goes on {B}")', [A]),
        ("x\n\nFixes: #1234567\nFixes: https://example.org/1234567", []),
        (f"x\n\nThis text Fixes: {A}", []),
    ],
)
def test_fixes_lines_name_commits(text: str, fixes: list[str]) -> None:
    assert list(said_in(text).fixes) == fixes


@pytest.mark.parametrize(
    ("text", "reverts", "subjects", "pulls"),
    [
        (f'Revert "Count twice"\n\nThis reverts commit {C}.', [C], ["Count twice"], []),
        (f"Go back\n\nThis mostly reverts commits {A},\n{B} and {C}, which failed.", [A, B, C], [], []),
        ('Revert "Count twice (#12)" (#15)\n\nReverts acme/app#12', [], ["Count twice"], [12]),
        ("Revert it\n\nThis reverts merge request acme/app!7", [], [], [7]),
        (f"revert(core): count twice\n\nRefs: {A}, {B}", [A, B], [], []),
        (f"feat: count\n\nRefs: {A}", [], [], []),
        (f'Reapply "Count twice"\n\nThis reverts commit {C}.', [], [], []),
        (f'Revert "Revert "Count twice""\n\nThis reverts commit {C}.', [], [], []),
    ],
)
def test_reverts_name_what_they_take_back(text: str, reverts: list[str], subjects: list[str], pulls: list[int]) -> None:
    said = said_in(text)
    assert (list(said.reverts), list(said.reverted), list(said.reverted_pulls)) == (reverts, subjects, pulls)


def test_other_commits_that_a_text_names() -> None:
    text = f'Fix it\n\nSince commit {A} ("x") it fails; see https://example.org/{B} and #1234567.\n(cherry picked from commit {C})\nReviewed-by: {B}'
    assert said_in(text).named == (A,)


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("Count once\n\nFixes #12, acme/app#13 and GH-14; see #15", ["#12", "acme/app#13", "GH-14"]),
        ("APP-7: count once\n\nCloses: #3", ["#3", "APP-7"]),
        ("Count once (#12)", []),
    ],
)
def test_issues_that_a_message_closes(text: str, issues: list[str]) -> None:
    assert list(said_in(text).issues) == issues


@pytest.mark.parametrize(
    ("text", "pull", "subject"),
    [
        ("Count once (#12)", 12, "Count once (#12)"),
        ("Merge pull request #12 from acme/fix-count\n\nFix counting", 12, "Fix counting"),
        ("Merge branch 'x' into 'main'\n\nCount once\n\nSee merge request acme/app!9", 9, "Count once"),
        ("Merge branch 'x' into 'main'\n\nSee merge request acme/app!9", 9, "Merge branch 'x' into 'main'"),
        ("Merged in x (pull request #4)\r\n\r\nCount once", 4, "Count once"),
        ("", 0, ""),
    ],
)
def test_pull_requests_and_titles(text: str, pull: int, subject: str) -> None:
    said = said_in(text)
    assert (said.pull, said.subject) == (pull, subject)
    assert plain_subject("Count once (#12)") == "Count once"


def sign(*texts: str, named: bool = False, bug: bool = False, labelled: bool | None = None) -> Sign | None:
    return sign_of([said_in(text) for text in texts], named, bug, labelled)


def test_the_surest_sign_counts() -> None:
    assert sign("fix: x", named=True, bug=True, labelled=False) is Sign.STATED
    assert sign("fix: x", bug=True, labelled=False) is Sign.ISSUE
    assert sign("Count once", labelled=True) is Sign.LABEL
    assert sign("fix: x", labelled=False) is None
    assert sign("fix(core)!: x") is Sign.TYPE
    assert sign("core: Fix a crash") is Sign.WORDS
    assert sign("feat: fix nothing") is sign("Count once") is sign('Reapply "Fix it"') is None


def test_a_merge_without_a_title_mends_where_all_that_it_brought_does() -> None:
    merge = "Merge branch 'x'"
    assert sign(merge, "fix: a", "fix: b") is Sign.TYPE
    assert sign(merge, "fix: a", "Fix b") is Sign.WORDS
    assert sign(merge, "fix: a", "Count once") is sign(merge) is None
    assert sign("Merge pull request #1 from a/b\n\nCount once", "fix: a") is None
    assert sign("Count everything (#3)", "fix: a") is None


def test_words_are_measured_since_the_first_fixes_line() -> None:
    texts = ["Fix early", f"Fix a\n\nFixes: {A}", f"Count b\n\nFixes: {A}", "Fix c", "Add d"]
    found = words_measured(Told([[text] for text in texts], {}))
    assert (found, found.recall, found.precision_least) == (WordsQuality(2, 2, 1), 0.5, 0.5)
    none = words_measured(Told([["Fix early"]], {}))
    assert (none.recall, none.precision_least) == (None, None)


@given(st.text(), st.sampled_from([A, B, C]))
def test_nothing_that_names_the_cause_is_left_for_words(around: str, name: str) -> None:
    said_in(around)
    assert name not in without_names(f'{around}\nFixes: {name} ("x")\nsee {name} ("y z")\n')
