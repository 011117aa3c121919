"""Reviews and delays on the command line: fetched from a forge on this machine, kept once, told by group, never by person."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.reviews import documents as doc
from tests.connectors.reviews.forge import Forge, serving
from tests.surfaces.cli.seeded import Folder, Told

from wellspent.facts.clock import SystemClock
from wellspent.ledger.reviews import FILE, ReviewLog

TOKEN = "hush-hush-token"
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
REVIEWERS = (11, 12, 13, 14, 15)


def moment(days_ago: int, hours: float = 0) -> str:
    return (TODAY - timedelta(days=days_ago) + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def who(number: int, kind: str = "User") -> dict[str, Any]:
    return {"__typename": kind, "login": f"account-{number}", "databaseId": number}


def change(number: int, days_ago: int, reviewer: int = 11, *, merged: bool = True, pushed: bool = False) -> dict[str, Any]:
    """Opened at noon, looked at after ``number`` hours by somebody else (at once by a bot), merged after twice that."""
    review = {"__typename": "PullRequestReview", "state": "APPROVED", "comments": {"nodes": []}}
    items = [
        {**review, "fullDatabaseId": str(1000 + number), "submittedAt": moment(days_ago, 0.1), "author": who(99, "Bot")},
        {**review, "fullDatabaseId": str(2000 + number), "submittedAt": moment(days_ago, number), "author": who(reviewer)},
    ]
    if pushed:
        items.append({"__typename": "PullRequestCommit", "commit": {"oid": f"{number:040x}", "committedDate": moment(days_ago, number + 0.5)}})
    end = moment(days_ago, 2 * number) if merged else None
    return {
        **doc.GITHUB_ANSWER,
        "number": number,
        "title": "fix: totals" if number % 2 else "feat: pages",
        "labels": {"nodes": []},
        "createdAt": moment(days_ago),
        "updatedAt": end or moment(days_ago, number),
        "mergedAt": end,
        "closedAt": end,
        "author": who(10),
        "additions": 100,
        "deletions": 0,
        "timelineItems": {"nodes": items},
    }


def changes() -> list[dict[str, Any]]:
    return [change(number, 40 - number, REVIEWERS[number % 5], pushed=number > 5, merged=number < 12) for number in range(1, 13)]


@pytest.fixture
def forge() -> Iterator[Forge]:
    with serving(Forge("github", "acme/app", changes())) as made:
        yield made


def fetch(folder: Folder, forge: Forge, *more: str, token: str = TOKEN) -> Told:
    return folder.run("reviews", "fetch", "github", "acme/app", "--api", forge.url, *more, env={"GITHUB_TOKEN": token})


def test_what_is_fetched_is_kept_once_and_read_from_where_it_stopped(empty: Folder, forge: Forge) -> None:
    told = fetch(empty, forge)
    assert told.code == 0, told.err
    assert "12 changes read: 66 events taken, 0 known already" in told.err
    forge.changes[3] = change(4, 1, 12)
    assert fetch(empty, forge).err.startswith("2 changes read:"), "that one, and the newest of before"
    assert "0 events taken" in fetch(empty, forge).err
    told = fetch(empty, forge, "--since", "2020-01-01")
    assert told.err.startswith("12 changes read: 0 events taken"), "all of it again"
    with closing(ReviewLog(empty.path / FILE, SystemClock())) as log:
        assert log.verify() > 60
    assert fetch(empty, forge, "--since", "1h").err.startswith("0 changes read")
    assert fetch(empty, forge).err.startswith("1 changes read"), "a later time leaves no gap behind it"
    (empty.path / "reviews-fetched.json").write_text("{")
    told = fetch(empty, forge)
    assert told.code == 2 and "delete it" in told.err


def test_the_first_fetch_may_begin_later(empty: Folder, forge: Forge) -> None:
    assert fetch(empty, forge, "--since", "33d").err.startswith("6 changes read"), "opened on the 34th day before and since"
    assert fetch(empty, forge).err.startswith("1 changes read"), "and goes on from there"
    assert fetch(empty, forge, "--since", "2020-01-01").err.startswith("12 changes read"), "what was before can be had"


def test_a_fetch_that_breaks_off_begins_where_it_was(empty: Folder, forge: Forge) -> None:
    forge.changes = [change(number, 40 - number) for number in range(1, 31)]
    forge.heavy = 20
    answers = []

    def broken(query: str, variables: dict[str, Any], plain: Any = forge.answer) -> tuple[int, Any]:
        answers.append(variables)
        return (401, {}) if len(answers) == 2 else plain(query, variables)

    forge.answer = broken  # type: ignore[method-assign]
    told = fetch(empty, forge)
    assert told.code == 2 and "does not accept the token in GITHUB_TOKEN" in told.err
    told = fetch(empty, forge)
    assert told.err.startswith("30 changes read:"), "nothing is left out because an earlier run stopped"


def test_the_token_is_told_nowhere(empty: Folder, forge: Forge, tmp_path: Path) -> None:
    forge.instead = [(403, {}, b'{"message": "no"}')]
    for told in (fetch(empty, forge), fetch(empty, forge)):
        assert TOKEN not in told.out + told.err
    assert all(TOKEN.encode() not in path.read_bytes() for path in empty.path.rglob("*") if path.is_file())
    assert all(b"account-1" not in path.read_bytes() for path in empty.path.rglob("*") if path.is_file()), "nor is an account"
    told = fetch(empty, forge, token="")
    assert told.code == 2 and "GITHUB_TOKEN is not set" in told.err and "--token-env" in told.err
    told = fetch(empty, forge, "--token-env", "OTHER")
    assert told.code == 2 and "OTHER is not set" in told.err
    told = fetch(empty, forge, token="with\u00e9")
    assert told.code == 2 and "holds no token" in told.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("github", "app"), "'app' is no repository"),
        (("github", "/app"), "'/app' is no repository"),
        (("github", "acme/app", "--api", "http://github.example.com"), "would send the token unencrypted"),
        (("github", "acme/none"), "github knows no such repository"),
        (("bitbucket", "acme/app"), "bitbucket"),
    ],
)
def test_what_cannot_be_fetched(empty: Folder, forge: Forge, arguments: tuple[str, ...], told: str) -> None:
    api = () if "--api" in arguments else ("--api", forge.url)
    found = empty.run("reviews", "fetch", *arguments, *api, env={"GITHUB_TOKEN": TOKEN})
    assert found.code in (1, 2) and told in found.err and "Traceback" not in found.err


def test_what_was_saved_is_taken_elsewhere(empty: Folder, forge: Forge, tmp_path: Path) -> None:
    saved = tmp_path / "saved.jsonl"
    forge.changes.pop()  # what is open waits a little longer at every look
    assert fetch(empty, forge, "--save", str(saved)).code == 0
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    elsewhere = Folder(tmp_path / "other")
    elsewhere.path.mkdir()
    told = elsewhere.run("reviews", "import", str(saved))
    assert told.code == 0 and "61 events taken" in told.err, told.err
    assert "0 events taken, 61 known" in elsewhere.run("reviews", "import", str(saved)).err
    ours, theirs = (folder.run("delays", "--json").out for folder in (empty, elsewhere))
    assert json.loads(ours) == json.loads(theirs) != []
    told = elsewhere.run("reviews", "import", str(tmp_path / "none"))
    assert told.code == 2 and "cannot be read" in told.err
    assert "cannot be written" in fetch(empty, forge, "--save", str(tmp_path / "no" / "file")).err


def test_one_change(empty: Folder, forge: Forge) -> None:
    fetch(empty, forge)
    rows = json.loads(empty.run("reviews", "show", "acme/app#7", "--json").out)
    assert [(row["what"], row["who"]) for row in rows] == [
        ("opened", "author"),
        ("approved", "machine"),
        ("approved", "person 1"),
        ("pushed", ""),
        ("merged", "person 2"),
        ("described", ""),
    ]
    assert "+100 -0" in empty.run("reviews", "show", "acme/app#7").out
    told = empty.run("reviews", "show", "acme/app#99")
    assert told.code == 1 and "nothing is known of 'acme/app#99'" in told.err


def test_delays_by_repository(empty: Folder, forge: Forge) -> None:
    fetch(empty, forge)
    told = empty.run("delays")
    assert told.code == 0, told.err
    head, row = told.out.splitlines()
    assert "repository" in head and "review hours" in head
    assert row.startswith("acme/app") and "6.0 h (" in row and "unknown" in row, "the cost of review is unknown without a rate"
    assert "all hours, nights and weekends too" in told.err
    (found,) = json.loads(empty.run("delays", "--json").out)
    assert (found["changes"], found["merged"], found["open"], found["people"], found["unreviewed"]) == (12, 11, 1, 6, 0)
    assert (found["pickup_median_hours"], found["pickup_of"], found["pickup_seen"]) == (6.0, 12, 12)
    assert (found["to_merge_median_hours"], found["to_merge_seen"], found["pickup_median_work_hours"]) == (12.0, 11, None)
    assert 0 < found["review_hours_low"] < found["review_hours_high"]
    assert found["review_idle_percent_low"] == pytest.approx(100 * 5 / 11, abs=0.01), "five of eleven were merged as they were"
    assert (found["review_cost_low_nanousd"], found["delay_cost_low_usd"]) == (None, None)
    (text,) = csv.DictReader(io.StringIO(empty.run("delays", "--csv").out))
    assert text["review_cost_low_nanousd"] == "" and text["pickup_median_hours"] == "6.0"


def test_delays_with_rates_and_working_hours(empty: Folder, forge: Forge) -> None:
    (empty.path / "wellspent.toml").write_text(
        "[rework]\nreview_usd_per_hour = [80, 140]\ndelay_usd_per_hour = [1, 2.5]\n"
        'workdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nworkhours = ["12:00", "18:00"]\nmachines = ["account-15"]\n'
    )
    fetch(empty, forge)
    (found,) = json.loads(empty.run("delays", "--json").out)
    assert found["people"] == 5, "one of six accounts is a machine, as the configuration says"
    assert found["pickup_median_work_hours"] <= found["pickup_median_hours"] and found["waited_work_hours"] < found["waited_hours"]
    assert found["review_cost_low_nanousd"] > 0 and found["delay_cost_high_usd"] is not None
    told = empty.run("delays")
    assert "working hours" in told.err and "$" in told.out


def test_delays_by_team_work_and_month(empty: Folder, forge: Forge) -> None:
    fetch(empty, forge)
    with empty.settings() as settings:
        settings.add_team("core")
        settings.add_project("acme/app", team="core")
    (row,) = json.loads(empty.run("delays", "--by", "team,repository", "--json").out)
    assert (row["team"], row["repository"]) == ("core", "acme/app")
    rows = json.loads(empty.run("delays", "--by", "work", "--json").out)
    assert {row["work"]: row["changes"] for row in rows} == {"bug": 6, "feature": 6}
    assert all(row["people"] >= 5 for row in json.loads(empty.run("delays", "--by", "work,month", "--json").out)), "groups of few are one"
    rows = json.loads(empty.run("delays", "--by", "opened_by", "--json").out)
    assert [(row["opened_by"], row["changes"]) for row in rows] == [("person", 12)]
    told = empty.run("delays", "--by", "work")
    assert told.out.splitlines()[-1].startswith("total")
    told = empty.run("delays", "--by", "person")
    assert told.code == 2 and "--by person cannot be done" in told.err


def test_delays_of_nothing(empty: Folder, forge: Forge) -> None:
    assert "fetch them with: wellspent reviews fetch" in empty.run("delays").err
    assert not (empty.path / FILE).exists(), "to look is to change nothing"
    fetch(empty, forge)
    assert "there are no such changes" in empty.run("delays", "--since", "2020-01-01", "--until", "2020-02-01").err
    assert json.loads(empty.run("delays", "--since", "2020-01-01", "--until", "2020-02-01", "--json").out) == []
