"""The environment that the Hugging Face libraries read once, when a test first imports them, and the fixtures that all tests share."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hub_server import FakeHub
from hypothesis import HealthCheck, settings

os.environ |= {
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}

# Time is never asserted in tests: two cores may be shared by many.
settings.register_profile("suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("suite"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """A Hub on localhost; run its clients in a fresh process with ``hub.env``."""
    with FakeHub() as server:
        yield server


@pytest.fixture(scope="session")
def pen() -> Any:
    """A PenWriter that scribbles with an untrained network, and reads back with an untrained one."""
    import torch

    from hwr import InkCTC, InkReader, PenLSTM, PenWriter

    torch.manual_seed(3)
    network = PenLSTM(hidden_size=40, hands=["Hand 1", "Hand 2"])
    network.gallery[1] = 1.0
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1.5)
        network.after.bias[:] = torch.tensor([2.0, 0, 1.5, 1.5, 0, 0, 0, 0])
    torch.manual_seed(0)
    return PenWriter(network, InkReader(InkCTC(hidden_size=8)))


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
