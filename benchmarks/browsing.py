"""The page and a browser, for what looks at the page. Needs Chromium and playwright."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--hide-scrollbars"]

HOW = "how-it-works"
MODES = {
    "recognize-text": ([], "#transcript [data-text]"),
    "recognize-character": (["Character"], "#answer .hwr-char[data-label]"),
    "write-pen": (["Write"], "#pen-more:not([disabled])"),
    "write-pixels": (["Write", "Pixels"], "#pixels-watch:not([disabled])"),
    "evaluate": (["Evaluate"], ".hwr-map"),
    HOW: ([], "#how [data-ready]"),
}
"""The tabs to choose, and what stands there once the mode is ready; the last is a page of its own."""


@contextmanager
def chromium() -> Generator[Browser]:
    """A browser, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=OPTIONS)
        yield browser
        browser.close()


def visit(page: Page, address: str, mode: str, theme: str = "light") -> None:
    """Open the page of a mode, and choose it."""
    page.goto(f"{address}/{mode if mode == HOW else ''}?__theme={theme}")
    open_mode(page, mode)


def open_mode(page: Page, mode: str) -> None:
    """Choose the tabs of a mode, and wait until it is ready."""
    tabs, ready = MODES[mode]
    for tab in tabs:
        page.get_by_role("tab", name=tab, exact=True).click()
    page.locator(ready).first.wait_for(timeout=60_000)
