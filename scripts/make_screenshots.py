"""Take the pictures of the documents from a running demo: the Overview, a receipt, Value and Durability, light and dark, and page one of
a statement."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from wellspent.config import load_config
from wellspent.facts.clock import SystemClock
from wellspent.surfaces.reports.ask import statement_of
from wellspent.surfaces.reports.pdf import pictures_of

MEASURED_S = 300
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium: run scripts/setup_browser.sh", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "wellspent", "demo", "--port", str(port), "--data-dir", f"{folder}/data"]
        demo = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder)
        assert demo.stderr is not None
        with demo.stderr:
            while not demo.stderr.readline().startswith("Overview:"):
                if demo.poll() is not None:
                    return 1
            pages(browser, f"http://127.0.0.1:{port}")
            statement(Path(folder) / "data" / "wellspent.toml")
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
    return 0


def pages(browser: str, address: str) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = chromium.new_page(viewport={"width": 1200, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(address)
            page.wait_for_timeout(6_000)
            page.reload()
            page.screenshot(path=PICTURES / f"overview-{scheme}.png")
            page.locator("a[href^='/calls/']").nth(3).click()
            page.screenshot(path=PICTURES / f"receipt-{scheme}.png")
            page.goto(f"{address}/value?contract=changes")
            page.screenshot(path=PICTURES / f"value-{scheme}.png")
            measured(page, address)
            page.screenshot(path=PICTURES / f"durability-{scheme}.png")
        chromium.close()


def measured(page: Page, address: str) -> None:
    """Durability, once the demo has measured its repositories."""
    for _ in range(MEASURED_S):
        page.goto(f"{address}/durability")
        if page.locator("svg.figure").count():
            return
        page.wait_for_timeout(1_000)
    raise TimeoutError("the demo's repositories were not measured")


def statement(config: Path) -> None:
    """Page one of last month's."""
    now_ms = SystemClock().now_ms()
    last = datetime.fromtimestamp(now_ms / 1000, UTC).replace(day=1) - timedelta(days=1)
    found = statement_of(load_config(config, {"HOME": str(config.parent)}), f"{last:%Y-%m}", now_ms)
    (PICTURES / "statement.png").write_bytes(pictures_of(found)[0])


if __name__ == "__main__":
    sys.exit(main())
