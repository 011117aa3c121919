import pytest

from wellspent.rework.authorship.agents import AGENTS, agent_of, known_tool, model_named, reviewer_of, tool_named


@pytest.mark.parametrize(
    ("name", "address", "tool"),
    [
        ("Claude", "noreply@anthropic.com", "claude-code"),
        ("Anything", "NoReply@Anthropic.com", "claude-code"),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", "copilot"),
        ("renamed", "198982749+renamed@users.noreply.github.com", "copilot"),
        ("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com", "devin"),
        ("bot", "copilot-swe-agent[bot]@users.noreply.github.com", "copilot"),
        ("google-labs-jules[bot]", "jules@example.com", "jules"),
        ("aider (gpt-5)", "aider@aider.chat", "aider"),
        ("Claude", "claude@monet.example", ""),
        ("Devin", "12345+devin@users.noreply.github.com", ""),
        ("Copilot", "999+Copilot@users.noreply.github.com", ""),
        ("", "", ""),
    ],
)
def test_an_agent_is_known_by_its_account_or_address_never_by_a_name_that_people_have(name: str, address: str, tool: str) -> None:
    assert agent_of(name, address) == tool


def test_no_account_address_or_name_belongs_to_two_agents() -> None:
    for field in ("accounts", "logins", "addresses", "also"):
        values = [value for agent in AGENTS for value in getattr(agent, field)]
        assert len(values) == len(set(values)), field
    accounts = {number for agent in AGENTS for number in agent.accounts}
    assert not accounts & {number for agent in AGENTS for number in agent.reviews}
    assert all(login.endswith("[bot]") for agent in AGENTS for login in agent.logins)


def test_a_bot_that_reviews_is_known_by_its_number_alone() -> None:
    assert reviewer_of("176961590+gemini-code-assist[bot]@users.noreply.github.com")
    assert reviewer_of(" 175728472+Copilot@users.noreply.github.com ")
    assert not reviewer_of("198982749+Copilot@users.noreply.github.com")
    assert not reviewer_of("gemini-code-assist[bot]@users.noreply.github.com")
    assert not reviewer_of("maxine@muster.example")


def test_tools_have_the_ledgers_names() -> None:
    assert tool_named("claude") == tool_named("Claude Code") == known_tool("claude-code") == "claude-code"
    assert tool_named("github-copilot") == "copilot"
    assert tool_named("Brand-New") == "brand-new" and known_tool("brand-new") == ""


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ("Claude Opus 4.6 (1M context)", "claude-opus-4-6"),
        ("Claude Sonnet 4.5", "claude-sonnet-4-5"),
        ("claude-opus-4-6", "claude-opus-4-6"),
        ("gpt-5.2-codex", "gpt-5.2-codex"),
        ("Claude", ""),
        ("Claude Code", ""),
        ("Codex", ""),
        ("Maxine Muster", ""),
        ("", ""),
    ],
)
def test_models_have_the_form_of_a_price_book(written: str, model: str) -> None:
    assert model_named(written) == model
