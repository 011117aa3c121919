"""The agents: how they sign commits, and what they are called elsewhere.

An account of GitHub is known by its number, because its name can change; its addresses are ``NUMBER+NAME@users.noreply.github.com``. Sources:
git-ai's agent detection, CHAOSS *disclosure*, GitHub's accounts, and what stands in public histories.
"""

import re
from functools import cache

from msgspec import Struct


class Agent(Struct, frozen=True):
    """One agent.

    Attributes:
        tool: Its name in the ledger.
        accounts: Numbers of its accounts.
        logins: Names of its accounts that no person can have (they end in ``[bot]``).
        addresses: E-mail addresses that it signs with.
        also: What other tools and trailers call it.
        reviews: Accounts whose co-authorship is a review's suggestion that somebody accepted, not authorship of the commit.
    """

    tool: str
    accounts: tuple[int, ...] = ()
    logins: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    reviews: tuple[int, ...] = ()


AGENTS = (
    Agent(
        "claude-code",
        (209825114, 215619710, 208546643),
        ("claude[bot]", "anthropic-claude[bot]", "claude-code-action[bot]"),
        ("noreply@anthropic.com",),
        ("claude", "claude code", "claude-web"),
    ),
    Agent(
        "codex",
        (215057067,),
        ("openai-codex[bot]",),
        ("noreply@openai.com", "codex@openai.com"),
        ("codex-cli", "codex-cloud", "openai codex"),
        (199175422,),
    ),
    Agent(
        "copilot",
        (198982749, 223556219, 167198135),
        ("copilot-swe-agent[bot]", "copilot[bot]"),
        ("copilot@github.com",),
        ("github-copilot", "github copilot", "github-copilot-agent", "github-copilot-cli"),
        (175728472, 62310815),  # its review of pull requests; its fixes of code scanning
    ),
    Agent("cursor", (206951365,), ("cursor[bot]",), ("cursoragent@cursor.com",), ("cursor-agent",)),
    Agent("devin", (158243242,), ("devin-ai-integration[bot]",), (), ("devin ai",)),
    Agent("amp", (), (), ("amp@ampcode.com",), ("sourcegraph amp",)),
    Agent("aider", (), (), ("aider@aider.chat", "noreply@aider.chat", "noreply@aider.dev")),
    Agent("crush", (), (), ("crush@charm.land",), ("charm crush",)),
    Agent("gemini-cli", (), ("gemini-cli[bot]",), (), ("gemini", "gemini cli", "gemini-code-assist"), (176961590,)),
    Agent("jules", (161369871,), ("google-labs-jules[bot]",), (), ("google-jules",)),
    Agent("droid", (138933559,), ("factory-droid[bot]",), (), ("factory", "factory droid")),
    Agent("amazon-q", (208079219,), ("amazon-q-developer[bot]",), (), ("amazon q", "q developer")),
    Agent("cline", (205137888,), ("cline[bot]",)),
    Agent("roo", (), (), ("roomote@roocode.com",), ("roo code", "roo-background", "roo-code")),
    Agent("opencode", (), (), ("noreply@opencode.ai",)),
    Agent("replit", (), (), (), ("replit agent",)),
    Agent("firebender"),
    Agent("windsurf"),
    Agent("junie"),
    Agent("pi"),
)
OTHER_REVIEWERS = (165735046, 65095814, 136622811)  # Greptile, Ellipsis, CodeRabbit
GIT_AI_TOOLS = {"claude-code": "claude", "copilot": "github-copilot", "gemini-cli": "gemini"}  # where git-ai has another name than the ledger
TEST_TOOLS = frozenset(("mock_ai", "test-agent"))  # what git-ai's own tests sign with: nobody's work
ACCOUNT = re.compile(r"(?:(\d+)\+)?([^@+]+)@users\.noreply\.github\.com", re.IGNORECASE)
MODEL_NAMES = re.compile(r"(?:claude|gpt|o\d|gemini|codex|grok|deepseek|qwen|kimi|glm|llama|mistral|devstral|composer)[-. ]?[\w.:/-]*", re.IGNORECASE)


def agent_of(name: str, address: str) -> str:
    """The agent behind a signature; "" for everybody else. A person may be called Claude: only accounts and addresses count."""
    address = address.strip().lower()
    account = ACCOUNT.fullmatch(address)
    if account:
        number, login = account.groups()
        return (_by_account().get(int(number), "") if number else "") or _by_login().get(login, "")
    return _by_address().get(address, "") or _by_login().get(name.strip().lower(), "")


def reviewer_of(address: str) -> bool:
    """Whether an address belongs to a bot that reviews."""
    account = ACCOUNT.fullmatch(address.strip())
    return bool(account and account[1] and int(account[1]) in _reviewers())


def tool_named(name: str) -> str:
    """The ledger's name of an agent that something calls ``name``; a name that nobody here knows stays as it is, in small letters."""
    small = name.strip().lower()
    return _by_name().get(small, small)


def known_tool(name: str) -> str:
    """The ledger's name of an agent, "" where none is called so."""
    return _by_name().get(name.strip().lower(), "")


def model_named(name: str) -> str:
    """A model's name in the form of a price book: "Claude Opus 4.6 (1M context)" → "claude-opus-4-6". "" where it names only the agent."""
    bare = re.sub(r"\s*\([^)]*\)", "", name).strip()
    if not MODEL_NAMES.match(bare) or bare.lower() in _by_name():
        return ""
    if bare.lower().startswith("claude"):
        bare = bare.replace(".", "-")
    return re.sub(r"\s+", "-", bare).lower()


@cache
def _by_account() -> dict[int, str]:
    return {number: agent.tool for agent in AGENTS for number in agent.accounts}


@cache
def _by_login() -> dict[str, str]:
    return {login: agent.tool for agent in AGENTS for login in agent.logins}


@cache
def _by_address() -> dict[str, str]:
    return {address: agent.tool for agent in AGENTS for address in agent.addresses}


@cache
def _by_name() -> dict[str, str]:
    return {name: agent.tool for agent in AGENTS for name in (agent.tool, *agent.also)}


@cache
def _reviewers() -> frozenset[int]:
    return frozenset((*(number for agent in AGENTS for number in agent.reviews), *OTHER_REVIEWERS))
