"""A collection that many tests evaluate, and what comes out."""

from pathlib import Path

import pytest
from collecting import archive, good, named, run

from hwr.evaluation.result import Evaluation


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("zip") / "folders.zip", named(good(94)))


@pytest.fixture(scope="session")
def found(folders: Path) -> Evaluation:
    return run(folders)
