"""Measures how soon the sidebar is there: from navigation to the drawn glance, in a real browser on loopback.

It must not count our server's own work: the stand-in of the app's tests answers at once. Use: python -m bench.app
"""

from __future__ import annotations

import argparse
import logging
import shutil
import statistics

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from integration.zendesk import app_package
from tests.access import judge
from tests.app.conftest import SIDEBAR, Server, address, app_of
from tests.e2e.test_browser import QUIET

AIM_MS = 300
# Notes the moment at which the first line of the glance stands in the page.
WATCH = """new MutationObserver((_, watch) => {
  if (document.querySelector(".cue")) { window.drawn = performance.now(); watch.disconnect(); }
}).observe(document, {childList: true, subtree: true})"""
out = Console(width=120)


def main() -> None:
    """Open the sidebar many times, cold and with files in the browser's cache, and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20)
    times = arguments.parse_args().times
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server()
    with judge.served(app_of(server)) as place, sync_playwright() as playwright:
        server.place = place
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        opened(chromium, server)  # the browser's own first page is not ours to count
        cold = [opened(chromium, server) for _ in range(times)]
        chromium.close()
    table = Table("figure", "value", "aim")
    table.add_row("navigation to drawn glance, median", f"{statistics.median(cold):.0f} ms", f"{AIM_MS} ms")
    table.add_row("the same, slowest", f"{max(cold):.0f} ms", "")
    zip_kb = len(app_package.package("https://attune.example").content) / 1000
    table.add_row("the zip", f"{zip_kb:.0f} KB", "2000 KB")
    out.print(table)


def opened(browser: Browser, server: Server) -> float:
    """Milliseconds from navigation to the drawn glance, in a browser profile that holds nothing yet."""
    context = browser.new_context(viewport=SIDEBAR)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address(server))
    page.locator(".cue").wait_for()
    took = float(page.evaluate("window.drawn"))
    context.close()
    return took


if __name__ == "__main__":
    main()
