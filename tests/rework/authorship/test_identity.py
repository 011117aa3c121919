import pytest
from tests.rework.authorship.making import PERSON

from wellspent.rework.authorship.branch import BranchWalk, branch_claims, merged_branch
from wellspent.rework.authorship.claim import ai
from wellspent.rework.authorship.identity import Identity, identity_claims, only_committed

AIDER = ("Maxine Muster (aider)", "maxine@muster.example")
DEVIN = ("devin-ai-integration[bot]", "158243242+devin-ai-integration[bot]@users.noreply.github.com")


@pytest.mark.parametrize(
    ("author", "committer", "tool", "committed"),
    [
        (AIDER, AIDER, "aider", ""),
        (AIDER, PERSON, "aider", ""),
        (PERSON, AIDER, "", "aider"),
        (PERSON, PERSON, "", ""),
        (DEVIN, ("GitHub", "noreply@github.com"), "devin", ""),
        (PERSON, DEVIN, "", "devin"),
    ],
)
def test_the_author_wrote_it_and_the_committer_only_committed_it(
    author: tuple[str, str], committer: tuple[str, str], tool: str, committed: str
) -> None:
    identity = Identity(*author, *committer)
    assert [claim.author for claim in identity_claims(identity, "a change")] == ([ai(tool)] if tool else [])
    assert only_committed(identity) == committed


def test_aiders_older_way_to_sign_is_the_subject() -> None:
    assert [claim.author for claim in identity_claims(Identity(*PERSON), "aider: a change")] == [ai("aider")]
    assert not list(identity_claims(Identity(*PERSON), "raider: a change"))


@pytest.mark.parametrize(
    ("branch", "tool"),
    [
        ("claude/fix-418", "claude-code"),
        ("refs/heads/codex/fix", "codex"),
        ("origin/Copilot/fix-1", "copilot"),
        ("gemini/x/y", "gemini-cli"),
        ("claude", ""),
        ("claude/", ""),
        ("claudette/x", ""),
        ("feature/claude", ""),
        ("", ""),
    ],
)
def test_branches_that_agents_name(branch: str, tool: str) -> None:
    assert [claim.author.tool for claim in branch_claims(branch)] == ([tool] if tool else [])


def test_a_merge_names_its_branch() -> None:
    assert merged_branch("Merge pull request #12 from acme/claude/fix-418") == "claude/fix-418"
    assert merged_branch("Merge branch 'codex/fix' into main") == "codex/fix"
    assert merged_branch("Merge remote-tracking branch 'origin/codex/fix'") == "codex/fix"
    assert merged_branch("Merge things") == ""


def test_commits_are_on_the_branch_that_a_merge_brought_them_from() -> None:
    """main: R - A - M; branch: R - x - y (with A merged into it between)."""
    walk = BranchWalk()
    assert walk.of("M", ["A", "y"], "Merge branch 'claude/fix'") == ""
    assert walk.of("y", ["n"], "y") == "claude/fix"
    assert walk.of("n", ["x", "A"], "Merge branch 'main' into claude/fix") == "claude/fix"
    assert walk.of("x", ["R"], "x") == "claude/fix"
    assert walk.of("A", ["R"], "A") == "", "on main as well"
    assert walk.of("R", [], "R") == "", "where the branch began"


def test_an_octopus_names_no_branch() -> None:
    walk = BranchWalk()
    assert walk.of("M", ["A", "x", "y"], "Merge branches 'claude/x' and 'codex/y'") == ""
    assert walk.of("x", [], "x") == walk.of("y", [], "y") == ""
