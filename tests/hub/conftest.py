"""A model folder that tests load, push and spoil."""

from pathlib import Path

import pytest
from small_networks import network


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    network().save_pretrained(tmp_path / "model")
    return tmp_path / "model"
