"""The environment that the Hugging Face libraries read once, when a test first imports them, and the fixtures that all tests share."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hub_server import FakeHub

os.environ |= {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A Hub on localhost; run its clients in a fresh process with ``hub.env``."""
    with FakeHub() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    from browsing import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open the page as a new visitor."""
    from browsing import visitors

    with visitors(browser) as open_page:
        yield open_page
