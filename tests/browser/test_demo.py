"""The demo as a person meets it: started by its command, looked at in Chromium, light and dark, with axe's rules."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".browser" / "node_modules" / "axe-core" / "axe.min.js"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A running demo."""
    port = free_port()
    command = [sys.executable, "-m", "wellspent", "demo", "--port", str(port), "--data-dir", str(folder / "data")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder)
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            if line.startswith("Overview:"):
                break
        else:
            raise AssertionError("the demo stopped before it was ready")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path and AXE.exists(), "run scripts/setup_browser.sh first"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, color_scheme=request.param, base_url=address, bypass_csp=True)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def violations(page: Page) -> list[Any]:
    page.add_script_tag(path=AXE)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]


def test_the_overview(page: Page) -> None:
    page.goto("/")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Are we on plan in")
    assert "DEMO" in page.locator("header").inner_text()
    assert re.search(r"(Over|Heading over) plan: \$[\d,]+ of \$[\d,]+ is spent", page.locator(".answer").inner_text())
    assert "% of" in page.locator(".as-of").inner_text()
    chart = page.locator("svg.figure")
    assert chart.bounding_box()["width"] > 700  # type: ignore[index]
    assert "Cumulative spending" in (chart.get_attribute("aria-label") or "")
    assert page.locator("svg.figure polyline.actual").count() == 1
    page.get_by_text("Show the numbers").click()
    assert page.locator("details tbody tr").count() >= 1
    assert violations(page) == []


def test_the_story_is_on_the_page(page: Page) -> None:
    page.goto("/")
    budgets = page.locator("table").nth(1).inner_text()
    for name, at_limit in (("support-autumn", "degrade"), ("growth-sprint", "refuse"), ("ai-this-year", "alert")):
        assert re.search(rf"{name}\s.*{at_limit}", budgets)
    for team in ("engineering", "support", "growth", "operations"):
        assert page.get_by_role("link", name=team, exact=True).count() == 1


def test_filters_live_in_the_address(page: Page) -> None:
    page.goto("/")
    whole = page.locator(".answer").inner_text()
    page.get_by_role("link", name="support", exact=True).click()
    assert "team=support" in page.url
    assert page.locator(".answer").inner_text() != whole
    assert violations(page) == []
    page.get_by_title("Remove this filter").click()
    assert "team=" not in page.url
    page.locator("a[rel=prev]").click()
    assert re.search(r"month=\d{4}-\d\d", page.url)
    page.locator("a[rel=next]").click()


def test_every_figure_opens_down_to_a_receipt(page: Page) -> None:
    page.goto("/")
    page.locator("a[href^='/calls/']").nth(2).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Receipt"
    lines = [float(text.strip("$")) for text in page.locator("tbody td:last-child").all_inner_texts()]
    total = float(page.locator("tfoot td").inner_text().strip("$"))
    assert sum(lines) == pytest.approx(total, abs=1e-12)
    assert violations(page) == []


def test_the_initiatives(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Initiatives", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Which pilots are worth going on with?"
    assert re.search(r"2 of 3 initiatives to decide; the decision on lead-researcher is \d+ days overdue", page.locator(".answer").inner_text())
    assert "% of their" in page.locator(".as-of").inner_text()
    assert page.locator("svg.figure rect.bar").count() == 3
    assert page.locator("nav.pages a[aria-current=page]").inner_text() == "Initiatives"
    assert violations(page) == []
    page.locator("nav.states").get_by_role("link", name="Decided", exact=True).click()
    assert "state=decided" in page.url
    assert page.locator("table.pilots tbody tr").count() == 1
    page.locator("table.pilots").get_by_role("link", name="goran", exact=True).click()
    assert "owner=goran" in page.url
    page.get_by_title("Remove this filter").click()
    assert "owner=" not in page.url


def test_a_pilot_opens_down_to_a_receipt(page: Page) -> None:
    page.goto("/initiatives")
    page.locator("table.pilots tbody tr").first.locator("td.n a").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Is lead-researcher worth going on with?"
    assert "stop or change" in page.locator(".answer").inner_text()
    assert "Cumulative cost of lead-researcher" in (page.locator("svg.figure").get_attribute("aria-label") or "")
    assert page.locator("svg.figure polyline.actual").count() == 1
    assert violations(page) == []
    newest = page.locator("a[href^='/calls/']").first.inner_text()
    page.get_by_role("link", name="Older calls").click()
    assert page.locator("a[href^='/calls/']").first.inner_text() != newest
    page.locator("a[href^='/calls/']").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Receipt"


def test_value_from_a_dollar_down_to_a_receipt(page: Page) -> None:
    page.goto("/value")
    assert page.get_by_role("heading", level=1).inner_text() == "What did a dollar buy, and is it getting dearer?"
    assert "carried by outcomes" in page.locator(".as-of").inner_text()
    assert re.search(r"support: \$1 bought \d", page.locator(".answer").inner_text())
    chart = page.locator("svg.figure")
    assert "Cost for each conversation solved by week" in (chart.get_attribute("aria-label") or "")
    assert chart.locator("polygon.range").count() >= 1
    assert chart.locator("rect.settled").count() >= 12
    assert page.get_by_role("link", name="unallocated").count() == 1
    page.get_by_text("Show the numbers").click()
    assert violations(page) == []
    page.get_by_role("rowheader", name="support").get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "What is in the cost of support?"
    assert "time study, before the agent" in page.locator("#rule + dl").inner_text()
    assert violations(page) == []
    page.locator("#outcomes ~ .scroll a").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("What was said of reply-drafter")
    assert violations(page) == []
    page.locator("a[href^='/calls/']").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Receipt"


def test_what_no_outcome_carries_opens_to_its_calls(page: Page) -> None:
    page.goto("/value/-")
    assert "is carried by no outcome" in page.locator(".answer").inner_text()
    assert violations(page) == []
    page.get_by_role("row", name="operations").get_by_role("link").click()
    assert "team operations" in page.locator(".states").inner_text()
    assert page.locator("a[href^='/calls/']").count() >= 10
    assert violations(page) == []


def test_value_by_keyboard_and_form(page: Page) -> None:
    page.goto("/value")
    page.locator("select[name=contract]").select_option("changes")
    page.locator("select[name=by]").select_option("month")
    page.locator("select[name=by]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**contract=changes**")
    assert "by=month" in page.url
    assert "one change merged cost" in page.locator(".answer").inner_text()


def measured(page: Page) -> None:
    """The page Durability, once the demo has measured its repositories, which it does beside its calls."""
    for _ in range(300):
        page.goto("/durability")
        if page.locator("svg.figure").count():
            return
        page.wait_for_timeout(1_000)
    raise AssertionError("the demo's repositories were not measured")


def test_in_one_repository_agents_code_outlives_peoples_and_in_another_the_reverse(page: Page) -> None:
    measured(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Does the code we paid for survive?"
    assert "AI lines live longer in tidewater/shop, and shorter in tidewater/shop-tests." in page.locator("main").inner_text()
    assert page.locator("svg.figure path.curve").count() >= 3
    for summary in page.locator("summary").all():
        summary.click()
    assert "git-ai note" in page.get_by_role("group", name="How money found commits").inner_text()
    assert page.get_by_role("group", name="Commits that lost most lines").locator("tbody tr").count() > 5
    assert violations(page) == []
    page.get_by_role("group", name="Commits that lost most lines").locator("td a").first.click()
    assert "/outcomes/github/" in page.url


def test_the_keyboard_reaches_everything(page: Page) -> None:
    page.goto("/")
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.textContent"))
    assert "wellspent" in reached
    assert any("Show the numbers" in text for text in reached)


def test_a_page_that_is_not_there(browser: Browser, address: str) -> None:
    opened = browser.new_page()
    answer = opened.goto(address + "/nowhere")
    assert answer is not None
    assert answer.status == 404
    assert "No such page" in opened.inner_text("h1")
    opened.close()


def test_a_narrow_screen_scrolls_tables_not_the_page(browser: Browser, address: str) -> None:
    opened = browser.new_page(viewport={"width": 390, "height": 800})
    for path in (
        "/",
        "/initiatives",
        "/initiatives/lead-researcher",
        "/value",
        "/value/support",
        "/value/-",
        "/durability",
        "/calls?contract=support&tier=linked",
    ):
        opened.goto(address + path)
        assert opened.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), path
    opened.close()


def test_page_and_command_line_agree(address: str, folder: Path) -> None:
    month = json.load(urllib.request.urlopen(f"{address}/api/v1/overview?team=growth"))  # whose budget is used up, so it stands still
    env = {**os.environ, "WELLSPENT_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "wellspent", "spend", "--since", f"{month['month']}-01", "--by", "team", "--json"]
    rows = json.loads(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    found = rows["rows"] if isinstance(rows, dict) else rows
    growth = next(row for row in found if row["team"] == "growth")
    assert abs(float(growth["amount_usd"]) - month["spent_nanousd"] / 1e9) < 0.05


def test_strangers_names_for_this_machine_are_not_served(address: str) -> None:
    request = urllib.request.Request(address + "/", headers={"host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(request)
    assert told.value.code == 403
    told.value.close()
