from pathlib import Path
from typing import Any

import orjson
import pytest

from wellspent.connectors.usage.base import Billing
from wellspent.connectors.usage.claude_code import ClaudeCode
from wellspent.connectors.usage.codex import Codex

SEAT = {".claude/.credentials.json": {"claudeAiOauth": {"accessToken": "secret"}}}
ACCOUNT = {".claude.json": {"oauthAccount": {"emailAddress": "ada@example.com"}}}
CONSOLE = {".claude.json": {"oauthAccount": {"emailAddress": "ada@example.com"}, "primaryApiKey": "sk-x"}}
HELPER = {".claude/settings.json": {"apiKeyHelper": "print-key"}}
KEY = {"ANTHROPIC_API_KEY": "sk-x"}


def laid(home: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return home


@pytest.mark.parametrize(
    ("files", "env", "billing"),
    [
        ({}, {}, Billing.UNKNOWN),
        (SEAT, {}, Billing.SUBSCRIPTION),
        (ACCOUNT, {}, Billing.SUBSCRIPTION),
        (CONSOLE, {}, Billing.API_KEY),
        (SEAT | CONSOLE, {}, Billing.UNKNOWN),
        (SEAT, KEY, Billing.UNKNOWN),
        ({}, KEY, Billing.API_KEY),
        ({}, {"CLAUDE_CODE_USE_BEDROCK": "1"}, Billing.API_KEY),
        (HELPER, {}, Billing.API_KEY),
        ({".claude.json": b"{half", ".claude/.credentials.json": b"[]"}, {}, Billing.UNKNOWN),
    ],
)
def test_claude_code(tmp_path: Path, files: dict[str, Any], env: dict[str, str], billing: Billing) -> None:
    source = ClaudeCode.here({"HOME": str(laid(tmp_path, files)), **env})
    assert source._billing is billing


def test_another_folder_of_settings_has_its_own_sign_in(tmp_path: Path) -> None:
    home = laid(tmp_path, ACCOUNT | {"work/.claude.json": {"primaryApiKey": "sk-x"}})
    assert ClaudeCode.here({"HOME": str(home), "CLAUDE_CONFIG_DIR": str(home / "work")})._billing is Billing.API_KEY


@pytest.mark.parametrize(
    ("auth", "billing"),
    [
        (None, Billing.UNKNOWN),
        ({"auth_mode": "chatgpt", "OPENAI_API_KEY": "sk-x"}, Billing.SUBSCRIPTION),
        ({"auth_mode": "ApiKey"}, Billing.API_KEY),
        ({"auth_mode": "something new"}, Billing.UNKNOWN),
        ({"OPENAI_API_KEY": "sk-x", "tokens": None}, Billing.API_KEY),
        ({"OPENAI_API_KEY": None, "tokens": {"id_token": "x"}}, Billing.SUBSCRIPTION),
        ({"OPENAI_API_KEY": None}, Billing.UNKNOWN),
    ],
)
def test_codex(tmp_path: Path, auth: dict[str, Any] | None, billing: Billing) -> None:
    home = laid(tmp_path, {} if auth is None else {".codex/auth.json": auth})
    assert Codex.here({"HOME": str(home)})._billing is billing
