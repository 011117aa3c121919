"""Tidewater, a made-up company: who works there, which agents run, what each of them asks of which model, and how often."""

from msgspec import Struct

ORG = "tidewater"
TEAMS = {
    "engineering": ["Ada", "Ben", "Chiara", "Deniz", "Emil", "Fatou", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Mateo", "Nora"],
    "support": ["Olu", "Petra", "Quinn", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wen", "Xenia", "Yara"],
    "growth": ["Zoe", "Arun", "Bea", "Cyrus", "Dora", "Elif", "Finn", "Greta", "Hugo"],
    "operations": ["Iris", "Joao", "Kira", "Leo", "Mina", "Nils"],
}
FABLE, OPUS, SONNET, HAIKU = "claude-fable-5", "claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5"
GPT, GPT_MINI, GEMINI, EMBED = "gpt-5.2", "gpt-5-mini", "gemini-2.5-flash", "text-embedding-3-small"
WIRE_OF = {
    FABLE: "anthropic-messages", OPUS: "anthropic-messages", SONNET: "anthropic-messages", HAIKU: "anthropic-messages",
    GPT: "openai-responses", GPT_MINI: "openai-chat", GEMINI: "gemini", EMBED: "openai-embeddings",
}  # fmt: skip


class Habit(Struct, frozen=True):
    """What somebody, or some agent, asks for again and again.

    Attributes:
        calls: Per working day, for each who has the habit.
        input_tokens, output_tokens: The median.
        cached: The share of the prompt that a provider finds in its cache.
        client: Which program asks.
        night: Whether it also runs at night and on weekends.
    """

    name: str
    model: str
    calls: float
    input_tokens: int
    output_tokens: int
    cached: float = 0.0
    client: str = "openai-python"
    workflow: str = ""
    project: str = ""
    night: bool = False


CODING = Habit("coding", FABLE, 10, 190_000, 2_200, 0.8, "claude-code", "coding", "shop")
REVIEW = Habit("review", GPT, 3, 30_000, 1_100, 0.3, "codex", "review", "shop")
REPLIES = Habit("replies", SONNET, 7, 6_000, 350, 0.5, "anthropic-python", "reply", "helpdesk")
TRIVIA = Habit("trivia", FABLE, 9, 1_200, 260, 0.0, "anthropic-python", "wording", "campaigns")
COPY = Habit("copy", GPT, 6, 4_000, 900, 0.0, "openai-python", "copy", "campaigns")
SHEETS = Habit("sheets", GEMINI, 5, 12_000, 600, 0.0, "google-genai", "sheets", "finance")
HABITS = {"engineering": (CODING, REVIEW), "support": (REPLIES,), "growth": (TRIVIA, COPY), "operations": (SHEETS,)}


class Agent(Struct, frozen=True):
    """A program that calls by itself, with a key of its own."""

    name: str
    team: str
    habit: Habit


def _agent(
    name: str, team: str, model: str, calls: float, input_tokens: int, output_tokens: int, cached: float, project: str, client: str = ""
) -> Agent:
    client = client or {"anthropic-messages": "anthropic-python", "gemini": "google-genai"}.get(WIRE_OF[model], "openai-python")
    return Agent(name, team, Habit(name, model, calls, input_tokens, output_tokens, cached, client, name, project, night=True))


AGENTS = (
    _agent("ticket-triage", "support", HAIKU, 22, 4_500, 60, 0.6, "helpdesk"),
    _agent("reply-drafter", "support", SONNET, 24, 14_000, 520, 0.5, "helpdesk"),
    _agent("refund-checker", "support", GPT_MINI, 12, 3_000, 90, 0.0, "helpdesk"),
    _agent("help-search", "support", EMBED, 12, 1_600, 0, 0.0, "helpdesk"),
    _agent("ci-reviewer", "engineering", OPUS, 24, 90_000, 1_300, 0.4, "shop"),
    _agent("test-writer", "engineering", SONNET, 18, 38_000, 2_400, 0.6, "shop", "claude-code"),
    _agent("release-notes", "engineering", GPT_MINI, 2, 20_000, 900, 0.0, "shop"),
    _agent("doc-crawler", "engineering", GPT, 8, 26_000, 700, 0.1, "shop"),
    _agent("lead-researcher", "growth", GPT, 16, 40_000, 1_200, 0.1, "campaigns"),
    _agent("outreach-writer", "growth", SONNET, 14, 5_000, 700, 0.2, "campaigns"),
    _agent("invoice-reader", "operations", GEMINI, 22, 7_000, 300, 0.0, "finance"),
    _agent("contract-checker", "operations", OPUS, 5, 110_000, 1_600, 0.1, "finance"),
)
PROJECTS = {"shop": "engineering", "helpdesk": "support", "campaigns": "growth", "finance": "operations"}
