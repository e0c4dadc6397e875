"""A real browser for the tests of the page; its fixtures are in ``conftest.py``."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from app_server import shared_app
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Skipped where there is no Chromium, but not on CI, where there must be one. One process runs them one after the other while others run the
# rest: two browsers at once are too much for two cores.
CHROMIUM_MARKS = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason=f"Chromium is not installed at {CHROMIUM}."),
]


def needs_chromium(test: Any) -> Any:
    """Mark a test that drives Chromium."""
    for mark in CHROMIUM_MARKS:
        test = mark(test)
    return test


expect.set_options(timeout=20_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def visitors(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open the page as a new visitor; afterwards nobody's console may show an error, and nothing may have come from elsewhere."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def check(request: Any) -> None:
        if not request.url.startswith((shared_app(), "data:", "blob:")):
            problems.append(f"requested {request.url}")

    def open_page(theme: str = "light", link: str = "", **options: Any) -> Page:
        # Reduced motion: the greeting is there at once, and nothing moves while a test looks.
        contexts.append(browser.new_context(**{"viewport": {"width": 1200, "height": 900}, "reduced_motion": "reduce"} | options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", check)
        page.goto(link or f"{shared_app()}/?__theme={theme}")
        if link:
            return page
        expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("Empty"))
        # People take a second to look around. Pointers go to places on the screen, where nothing may move any more, and a page that is
        # still busy with itself loses touches (Chromium cancels those that are not answered in time).
        page.evaluate("document.fonts.ready.then(() => new Promise((idle) => requestIdleCallback(idle)))")
        page.locator("#text-pad canvas").hover(trial=True)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems, problems
