"""From archives on a server to trained networks: the data sets are made by the commands, and every recipe learns from them."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from emnist_files import idx, zipped
from file_server import FileServer, Served, serving
from unipen_files import tgz

from hwr.cli import main
from hwr.data import emnist, emnist_archive, unipen, unipen_archive
from hwr.data.downloads import Address, Archive

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "support" / "train_all.py"


@pytest.fixture(scope="module")
def server() -> Generator[FileServer]:
    with serving() as server:
        yield server


def at(server: FileServer, archive: Archive, data: bytes) -> Archive:
    """The archive as if the server on localhost were its address; a record there tells the checksum, or we do."""
    server.files[f"/{archive.name}"] = Served(data)
    url = f"{server.url}/{archive.name}"
    if not archive.record:
        return replace(archive, addresses=(Address(url, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)),))
    told = {"key": archive.name, "size": len(data), "checksum": f"md5:{hashlib.md5(data).hexdigest()}"}
    server.files["/record"] = Served(json.dumps({"files": [told]}).encode())
    return replace(archive, addresses=(Address(url),), record=f"{server.url}/record")


@pytest.fixture(scope="module")
def data(server: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both data sets, from archives on localhost."""
    folder = tmp_path_factory.mktemp("fresh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HWR_CACHE", str(folder / "cache"))
        packed = zipped(folder / "gzip.zip", idx(), "gzip/", compress=True)
        patch.setattr(emnist_archive, "OFFICIAL", at(server, emnist_archive.OFFICIAL, packed.read_bytes()))
        patch.setattr(unipen_archive, "OFFICIAL", at(server, unipen_archive.OFFICIAL, tgz()))
        assert main(["dataset", "emnist", "-o", str(folder / "emnist-47")]) == 0
        assert main(["dataset", "unipen", "-o", str(folder / "unipen-ink")]) == 0
    return folder


def test_the_commands_make_what_the_recipes_read(data: Path, server: FileServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(emnist.load(str(data / "emnist-47"), "train")) == 564
    for split in ("train", "validation", "test"):
        assert all(len(unipen.load(str(data / "unipen-ink"), split, kind)) for kind in ("char", "word", "line"))
    asked = len(server.asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HWR_CACHE", str(data / "cache"))
        assert main(["dataset", "emnist", "-o", str(data / "again")]) == 0  # what was downloaded is kept
        assert "is here already" in capsys.readouterr().err
        assert main(["dataset", "emnist", "-o", str(data / "again")]) == 2  # before anything is downloaded
        assert "exists already" in capsys.readouterr().err
    assert len(server.asked) == asked


def start(data: Path, runs: Path, processes: int, *more: str) -> subprocess.Popen:
    runs.mkdir()
    launch = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_machines=1", f"--num_processes={processes}"]
    launch += ["--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_DATASETS_CACHE": str(data / "datasets")}
    words = [sys.executable, *(launch if processes > 1 else []), str(SCRIPT), str(data), str(runs), *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)


def test_every_recipe_learns_from_them_on_one_process_and_on_two_that_are_interrupted(data: Path, tmp_path: Path) -> None:
    told = []
    jobs = [(tmp_path / "one", 1, []), (tmp_path / "two", 2, ["broken"])]
    for folder, process in [(folder, start(data, folder, processes, *more)) for folder, processes, more in jobs]:
        _, error = process.communicate(timeout=280)
        assert process.returncode == 0, error[-3000:]
        told.append(json.loads((folder / "told.json").read_text()))
    one, two = told
    assert list(one) == ["char", "lines", "pages", "pixels", "ink", "pen"]
    for name, found in one.items():
        assert found["history"][-1]["step"] == 10
        for before, after in zip(found["history"], two[name]["history"], strict=True):
            assert after == pytest.approx(before, rel=1e-3, abs=1e-3), name
        assert two[name]["sum"] == pytest.approx(found["sum"], rel=1e-4), name
        assert np.isfinite(found["sum"])
