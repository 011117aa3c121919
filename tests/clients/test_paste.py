"""What ``wellspent serve`` prints to paste works as it stands, and docs/clients.md says the same."""

import os
import re
from pathlib import Path

import anthropic
import openai
import pytest
from google import genai
from tests.clients.cli import run
from tests.clients.stage import Scene

from wellspent.testing.provider.plan import PHRASE
from wellspent.wiring import paste

DOCS = Path(__file__).parents[2] / "docs" / "clients.md"


def block(scene: Scene, heading: str, key: str = "rich") -> list[str]:
    """The lines printed under a heading."""
    found = re.search(rf"^{heading}.*\n((?:  .*\n)+)", paste(scene.url, scene.key(key)), re.MULTILINE)
    assert found
    return [line.strip() for line in found[1].splitlines()]


def exports(scene: Scene, heading: str) -> dict[str, str]:
    [line] = block(scene, heading)
    return dict(pair.split("=", 1) for pair in line.removeprefix("export ").split())


@pytest.fixture(autouse=True)
def no_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "ANTHROPIC_", "GOOGLE_", "GEMINI_")):
            monkeypatch.delenv(name)


def test_the_openai_sdk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in exports(scene, "OpenAI SDK").items():
        monkeypatch.setenv(name, value)
    with openai.OpenAI() as client:
        assert client.responses.create(model="gpt-5", input="say hi").output_text.startswith(PHRASE)
    scene.paid_exactly()


def test_the_anthropic_sdk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in exports(scene, "Anthropic SDK").items():
        monkeypatch.setenv(name, value)
    with anthropic.Anthropic() as client:
        client.messages.create(model="claude-opus-4-8", max_tokens=50, messages=[{"role": "user", "content": "say hi"}])
    scene.paid_exactly()


def test_the_google_sdk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in exports(scene, "Gemini SDK").items():
        monkeypatch.setenv(name, value)
    client = genai.Client()
    client.models.generate_content(model="gemini-2.5-pro", contents="say hi")
    client.close()
    scene.paid_exactly()


def test_claude_code(scene: Scene, tmp_path: Path) -> None:
    ran = run("claude", ["-p", "say hi"], tmp_path, exports(scene, "Claude Code"))
    assert ran.out.startswith(PHRASE), ran.screen
    scene.paid_exactly()


def test_codex(scene: Scene, tmp_path: Path) -> None:
    """Under a hard budget too: Codex' own choice of a model has a price."""
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_text("\n".join(block(scene, "Codex")))
    ran = run("codex", ["exec", "--skip-git-repo-check", "say hi"], tmp_path, {"WELLSPENT_KEY": scene.key("rich")})
    assert ran.out.startswith(PHRASE), ran.screen
    scene.paid_exactly()


@pytest.mark.parametrize("heading", ["OpenAI SDK", "Anthropic SDK", "Claude Code", "Codex", "Gemini SDK"])
def test_the_page_about_clients_says_the_same(scene: Scene, heading: str) -> None:
    page = DOCS.read_text(encoding="utf-8")
    for line in block(scene, heading):
        said = line.replace(scene.url, "http://127.0.0.1:8787").replace(scene.key("rich"), "$WELLSPENT_KEY")
        assert said in page
