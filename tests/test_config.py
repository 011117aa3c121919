from pathlib import Path
from typing import Any

import pytest

from wellspent.config import Config, RepositoryConfig, UpstreamConfig, load_config
from wellspent.facts.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a configuration file, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "etc" / "wellspent.toml"


def load(file: Path, text: str = "", env: dict[str, str] | None = None, **flags: Any) -> Config:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return load_config(file, {"HOME": "/home-of-nobody", **(env or {})}, flags)


def test_without_anything_the_defaults_hold(file: Path) -> None:
    config = load_config(None, {"HOME": "/home-of-nobody", "GOOGLE_API_KEY": "x"})
    assert config.data_dir == Path("/home-of-nobody/.local/share/wellspent")
    assert [(each.name, each.api_key_env) for each in config.upstreams] == [
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("gemini", "GOOGLE_API_KEY"),
    ]
    assert set(config.origins.values()) == {"default"}
    assert load_config(None, {"XDG_DATA_HOME": "/data"}).data_dir == Path("/data/wellspent")


def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(file: Path) -> None:
    text = 'port = 1\nhost = "one"\norg = "one"'
    config = load(file, text, {"WELLSPENT_PORT": "2", "WELLSPENT_HOST": "two"}, port=3)
    assert (config.port, config.host, config.org, config.contact) == (3, "two", "one", "")
    assert [config.origins[name] for name in ("port", "host", "org", "contact")] == ["command line", "WELLSPENT_HOST", str(file), "default"]


def test_a_file_in_the_working_folder_is_read_and_its_folder_is_relative_to_it(file: Path) -> None:
    Path("wellspent.toml").write_text('data_dir = "here"')
    assert load_config(None, {"HOME": "/home-of-nobody"}).data_dir == Path("here").resolve()
    assert load(file, 'data_dir = "there"').data_dir == file.parent / "there"
    assert load_config(None, {"WELLSPENT_CONFIG": str(file)}).data_dir == file.parent / "there"
    assert load(file, 'data_dir = "there"', {"WELLSPENT_DATA_DIR": "/else"}).data_dir == Path("/else")


def test_an_upstream_of_ones_own_takes_the_place_of_the_three(file: Path) -> None:
    config = load(file, '[[upstream]]\nname = "vllm"\nkind = "openai-compatible"\nbase_url = "http://gpu:8000/v1"\nfree = true\nmodels = ["qwen*"]')
    assert config.upstreams == (UpstreamConfig("vllm", "openai-compatible", "http://gpu:8000/v1", models=("qwen*",), free=True),)


UPSTREAM = '[[upstream]]\nname = "a"\nkind = "openai"\nbase_url = "http://a"\n'


@pytest.mark.parametrize(
    ("text", "env", "said"),
    [
        ("prt = 1", {}, "'prt'"),
        ("port = ", {}, "not valid TOML"),
        ("port = 99999", {}, "port is 99999"),
        ('port = "many"', {}, "port"),
        ("data_dir = 5", {}, "data_dir"),
        ('durability = "both"', {}, "durability is 'both'"),
        ("", {"WELLSPENT_DURABILITY": "both"}, "WELLSPENT_DURABILITY"),
        ("", {"WELLSPENT_DURABILTY": "power"}, "WELLSPENT_DURABILTY"),
        ('timezone = "Mars/Olympus"', {}, "Mars/Olympus"),
        ("fiscal_year_start_month = 13", {}, "13"),
        ('alert_url = "slack"', {}, "alert_url"),
        (UPSTREAM + UPSTREAM, {}, "two upstreams are called 'a'"),
        (UPSTREAM + "colour = 1", {}, "colour"),
        *((UPSTREAM + f"timeout_s = {value}", {}, "timeout_s") for value in ("nan", "inf", "0", "-1", "1e9")),
        *((f"output_tokens_default = {value}", {}, "output_tokens_default") for value in ("0", "-1", "10000000000")),
        ("", {"WELLSPENT_OUTPUT_TOKENS_DEFAULT": "1e400"}, "output_tokens_default"),
        ('[[upstream]]\nname = "a"\nkind = "bard"\nbase_url = "http://a"', {}, "bard"),
        ('[[upstream]]\nname = "a"\nkind = "openai"\nbase_url = "a"', {}, "base_url 'a'"),
        ('[[upstream]]\nname = "a"', {}, "kind"),
        (UPSTREAM + '[[route]]\nmodel = "*"\nattempts = ["b"]', {}, "'b'"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(file: Path, text: str, env: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(file, text, env)
    assert said in str(caught.value)
    assert caught.value.fix


def test_a_misspelt_variable_is_told_with_the_right_one(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(file, env={"WELLSPENT_DURABILTY": "power"})
    assert caught.value.fix == "did you mean WELLSPENT_DURABILITY?"
    assert load(file, UPSTREAM + 'api_key_env = "WELLSPENT_UPSTREAM_KEY"', {"WELLSPENT_UPSTREAM_KEY": "x", "WELLSPENT_KEY": "y"})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_config(tmp_path / "nowhere.toml", {})


REPOSITORY = '[[repository]]\nname = "acme/app"\npath = "../src/app"\nteam = "core"\n'


def test_repositories_lie_relative_to_the_file(file: Path, tmp_path: Path) -> None:
    config = load(file, REPOSITORY + '[[repository]]\nname = "web"\npath = "/srv/web.git"\nref = "origin/main"\n')
    assert config.repositories == (
        RepositoryConfig("acme/app", str((tmp_path / "src/app").resolve()), "HEAD", "core"),
        RepositoryConfig("web", "/srv/web.git", "origin/main"),
    )
    assert config.origins["repositories"] == str(file) and config.measure_repositories == "daily"
    assert load(file, "").repositories == ()
    assert load(file, "", {"WELLSPENT_MEASURE_REPOSITORIES": "off"}).measure_repositories == "off"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REPOSITORY * 2, "two repositories are called 'acme/app'"),
        ('[[repository]]\nname = " "\npath = "."\n', "a repository has no name"),
        ('[[repository]]\nname = "a"\n', "path"),
        ('[[repository]]\npath = "."\n', "name"),
        ('[[repository]]\nname = "a"\npath = 7\n', "path"),
        ('[[repository]]\nname = "a"\npath = "."\ncolour = "red"\n', "colour"),
        ('repository = "here"\n', "repositor"),
        ('measure_repositories = "hourly"\n', "measure_repositories"),
    ],
)
def test_repositories_that_cannot_be_are_refused(file: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(file, text)
    assert said in str(told.value) and told.value.fix


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("review_usd_per_hour = [80]", "rework.review_usd_per_hour is [80.0]", "the lowest and the highest"),
        ("delay_usd_per_hour = [5, 2]", "rework.delay_usd_per_hour is [5.0, 2.0]", "the lowest and the highest"),
        ("review_usd_per_hour = [-1, 2]", "is [-1.0, 2.0]", ""),
        ("review_usd_per_hour = [nan, 2]", "is [nan, 2.0]", ""),
        ("review_usd_per_hour = [1, inf]", "is [1.0, inf]", "up to 1,000,000"),
        ('workdays = ["monday"]', "rework.workdays is ['monday']", "mon, tue"),
        ('workhours = ["09:00"]', "rework.workhours is ['09:00']", "from and to"),
        ('workhours = ["17:00", "09:00"]', "rework.workhours is", ""),
        ('workhours = ["09:00", "24:30"]', "rework.workhours is", ""),
        ('workhours = ["9", "17"]', "rework.workhours is", ""),
        ("unknown = 1", "unknown", ""),
        ('review_usd_per_hour = "much"', "wrong type", ""),
    ],
)
def test_hours_of_people_that_cannot_be_are_told(file: Path, text: str, said: str, fix: str) -> None:
    with pytest.raises(ConfigError) as found:
        load(file, f"[rework]\n{text}")
    assert said in str(found.value) and fix in found.value.fix


def test_hours_of_people(file: Path) -> None:
    config = load(file).rework
    assert (config.rate_nanousd("review_usd_per_hour"), config.workweek()) == (None, None)
    config = load(file, '[rework]\nreview_usd_per_hour = [80, 140.1]\nworkhours = ["09:00", "17:30"]\nmachines = ["ci-*"]').rework
    assert config.rate_nanousd("review_usd_per_hour") == (80 * 10**9, 140_100_000_000)
    assert config.workweek() == (frozenset(range(5)), 540, 1050), "Monday to Friday, where nobody says otherwise"
    assert load(file, '[rework]\nworkdays = ["sat"]').rework.workweek() == (frozenset({5}), 0, 1440)
