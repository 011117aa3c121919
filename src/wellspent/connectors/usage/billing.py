"""Who is billed for an agent's calls, by which kinds of sign-in this machine has. Values of secrets are never looked at or kept.

It is the sign-in of now: calls made before it was changed are told by it too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from wellspent.connectors.usage.base import Billing, object_of

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
CLOUDS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")
CODEX_MODES = {"apikey": Billing.API_KEY, "chatgpt": Billing.SUBSCRIPTION, "chatgptauthtokens": Billing.SUBSCRIPTION}


def claude_code_billing(env: Mapping[str, str], profiles: Sequence[Path], homes: Sequence[Path]) -> Billing:
    """Claude Code's: a key, a subscription, or unknown where there is neither or both.

    Args:
        profiles: Folders that can hold ``.claude.json``.
        homes: Folders of the client's other settings.

    A sign-in to the API console leaves an account and a key of its own; a subscription leaves an account and, outside macOS, credentials.
    """
    accounts = [_read(folder / ".claude.json") for folder in profiles]
    seat = any("claudeAiOauth" in _read(folder / ".credentials.json") for folder in homes)
    own_key = any(bool(each.get("primaryApiKey")) for each in accounts)
    foreign_key = any(env.get(name) for name in (*KEYS, *CLOUDS)) or any("apiKeyHelper" in _read(folder / "settings.json") for folder in homes)
    account = any(object_of(each, "oauthAccount") for each in accounts)
    if seat or (account and not own_key):
        return Billing.UNKNOWN if own_key or foreign_key else Billing.SUBSCRIPTION
    return Billing.API_KEY if own_key or foreign_key else Billing.UNKNOWN


def codex_billing(homes: Sequence[Path]) -> Billing:
    """Codex': what ``auth.json`` says, where all of several say the same."""
    found = {_codex_billing(_read(folder / "auth.json")) for folder in homes} - {Billing.UNKNOWN}
    return found.pop() if len(found) == 1 else Billing.UNKNOWN


def _codex_billing(auth: dict[str, Any]) -> Billing:
    mode = str(auth.get("auth_mode") or "").lower()
    if mode:
        return CODEX_MODES.get(mode, Billing.UNKNOWN)
    if auth.get("OPENAI_API_KEY"):
        return Billing.API_KEY
    return Billing.SUBSCRIPTION if object_of(auth, "tokens") else Billing.UNKNOWN


def _read(path: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
