import json
import os
import socket
from pathlib import Path

import pytest
from tests.surfaces.cli.seeded import Folder

from wellspent.config import Config, UpstreamConfig
from wellspent.facts.clock import SystemClock
from wellspent.surfaces.cli.doctor import clock, disk, provider_keys


def states(folder: Folder, **env: str) -> tuple[int, dict[str, str]]:
    told = folder.run("doctor", "--json", env=env)
    return told.code, {row["check"]: row["state"] for row in json.loads(told.out)}


@pytest.fixture
def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_sound_installation_passes(shared: Folder, free_port: str) -> None:
    keys = {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2", "GEMINI_API_KEY": "sk-3"}
    code, found = states(shared, WELLSPENT_PORT=free_port, **keys)
    assert code == 0
    assert set(found.values()) == {"ok"}


def test_a_fresh_installation_passes_with_advice(empty: Folder, free_port: str) -> None:
    code, found = states(empty, WELLSPENT_PORT=free_port)
    assert code == 0
    assert found["key of openai"] == "warn"
    assert not list(empty.path.iterdir())


def test_a_port_that_another_program_holds_fails(empty: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, found = states(empty, WELLSPENT_PORT=str(other.getsockname()[1]))
    assert code == 1
    assert found["port"] == "fail"


def test_a_configuration_that_cannot_be_read_is_one_finding(empty: Folder) -> None:
    code, found = states(empty, WELLSPENT_TIMEZONE="Mars/Olympus")
    assert (code, found) == (1, {"configuration": "fail"})


def test_what_is_stopped_and_who_cannot_call_is_told(own: Folder) -> None:
    own.run("stop", "org:acme", "--yes")
    own.run("keys", "revoke", "laptop", "--yes")
    _, found = states(own)
    assert (found["stopped"], found["keys"]) == ("warn", "warn")


@pytest.mark.parametrize(
    ("key", "base_url", "own", "state"),
    [
        ("sk-1", "https://api.openai.com/v1", "refuse", "ok"),
        ("", "https://api.openai.com/v1", "refuse", "fail"),
        ("", "https://api.openai.com/v1", "alone", "warn"),
        ("sk-1\n", "https://api.openai.com/v1", "refuse", "fail"),
        ("sk-1", "http://proxy.example/v1", "refuse", "warn"),
        ("sk-1", "http://127.0.0.1:9/v1", "refuse", "ok"),
    ],
)
def test_provider_keys(tmp_path: Path, key: str, base_url: str, own: str, state: str) -> None:
    config = Config(tmp_path, own_provider_keys=own, upstreams=(UpstreamConfig("openai", "openai", base_url, "KEY"),))
    finding = next(iter(provider_keys(config, {"KEY": key})))
    assert finding.state == state
    assert bool(finding.fix) == (state != "ok")
    assert not key or key not in finding.what


def test_a_clock_that_cannot_be_right_fails(shared: Folder) -> None:
    config = Config(shared.path)
    now_ms = SystemClock().now_ms()
    assert [each.state for each in clock(config, now_ms)] == ["ok"]
    assert [each.state for each in clock(config, now_ms - 3_600_000)] == ["fail"]
    assert [each.state for each in clock(config, 0)] == ["fail"]


def test_a_folder_that_cannot_be_written_fails(tmp_path: Path) -> None:
    assert [each.state for each in disk(tmp_path / "not" / "yet")] == ["ok"]
    (tmp_path / "file").write_text("")
    assert [each.state for each in disk(tmp_path / "file")] == ["fail"]
    if os.geteuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        assert [each.state for each in disk(tmp_path / "closed")] == ["fail"]
