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

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"Chromium is not installed at {CHROMIUM}.")
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

    def open_page(theme: str = "light", **options: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": {"width": 1200, "height": 900}} | options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", check)
        page.goto(f"{shared_app()}/?__theme={theme}")
        expect(page.locator("#pad canvas")).to_have_attribute("aria-label", re.compile("Empty"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
