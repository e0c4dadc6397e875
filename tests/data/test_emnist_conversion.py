"""EMNIST from NIST's and Kaggle's files to Parquet, and to the Hub and back."""

import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import datasets
import numpy as np
import pytest
from emnist_files import IMAGES, TEST, TRAIN, as_is, idx, inverted, kaggle, transposed, zipped
from glyphs import idx_files, save
from hub_server import FakeHub

from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.data import emnist_conversion as nist
from hwr.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))


def assert_upright(folder: Path) -> None:
    """What is in the folder is TRAIN and TEST, pixel for pixel."""
    for split, (images, labels) in {"train": TRAIN, "test": TEST}.items():
        data = emnist.load(str(folder), split)
        assert data.images.dtype == np.uint8
        assert data.labels.dtype == np.int64
        assert np.array_equal(data.images, images)
        assert np.array_equal(data.labels, labels)
        assert data.classes == CLASSES
        assert [char or None for char in data.chars] == [
            None if CLASSES[label] in "CIJKLMOPSUVWXYZ" else CLASSES[label] for label in labels
        ]


def test_nist_archive(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = zipped(tmp_path / "gzip.zip", idx(), "gzip/", compress=True)
    assert nist.convert(archive, tmp_path / "new" / "emnist") == {"train": 564, "test": 141}
    assert_upright(tmp_path / "new" / "emnist")
    assert not caplog.records  # what was turned once is not turned again
    assert sorted(path.name for path in (tmp_path / "new").rglob("*")) == ["README.md", "emnist", "test.parquet", "train.parquet"]
    card = (tmp_path / "new" / "emnist" / "README.md").read_text()
    assert "Made from `gzip.zip`" in card
    assert "transposed, ink light on dark" in card
    assert "564 images for training, 141 for the test" in card


def test_kaggle_archive(tmp_path: Path) -> None:
    nist.convert(zipped(tmp_path / "archive.zip", kaggle()), tmp_path / "emnist")
    assert_upright(tmp_path / "emnist")


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("lie", [as_is, transposed, inverted, lambda images: 255 - transposed(images)])
def test_folder_of_idx_files_however_they_lie(tmp_path: Path, lie: Callable, compress: bool) -> None:
    save(tmp_path / "source" / "below", idx(lie), compress=compress)
    nist.convert(tmp_path / "source", tmp_path / "emnist")
    assert_upright(tmp_path / "emnist")


def test_kaggle_archive_with_its_idx_files_incomplete(tmp_path: Path) -> None:
    nist.convert(save(tmp_path / "source", kaggle() | {IMAGES: b""}), tmp_path / "emnist")
    assert_upright(tmp_path / "emnist")


def test_datasets_reads_the_copy(tmp_path: Path) -> None:
    nist.convert(save(tmp_path / "source", idx()), tmp_path / "emnist")
    table = datasets.load_dataset(str(tmp_path / "emnist"))
    assert set(table) == {"train", "test"}
    assert table["test"].features["label"].names == list(CLASSES)
    first = table["test"][0]
    assert np.array_equal(np.asarray(first["image"]), TEST[0][0])
    assert first["label"] == TEST[1][0]


def test_a_data_set_is_not_taken_for_another_of_its_name(tmp_path: Path) -> None:
    nist.convert(save(tmp_path / "source", idx()), tmp_path / "one" / "emnist")
    nist.convert(save(tmp_path / "fewer", idx(train=TEST)), tmp_path / "other" / "emnist")
    for folder, count in (("one", len(TRAIN[1])), ("other", len(TEST[1]))):
        assert len(emnist.load(str(tmp_path / folder / "emnist"), "train")) == count
    shutil.rmtree(tmp_path / "one")
    shutil.move(tmp_path / "other", tmp_path / "one")
    assert len(emnist.load(str(tmp_path / "one" / "emnist"), "train")) == len(TEST[1])


def test_paths_in_archives_lead_nowhere(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "gzip.zip", idx() | {"../../evil": b"evil"}, "../")
    nist.convert(archive, tmp_path / "emnist")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emnist", "gzip.zip"]
    assert not (tmp_path.parent / "evil").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    source = save(tmp_path / "source", idx())
    (tmp_path / "emnist").mkdir()
    nist.convert(source, tmp_path / "emnist")  # an empty one is fine
    with pytest.raises(InputError, match="emnist exists already"):
        nist.convert(source, tmp_path / "emnist")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file exists already"):
        nist.convert(source, tmp_path / "file")
    with pytest.raises(InputError, match="file/emnist can't be written"):
        nist.convert(source, tmp_path / "file" / "emnist")


def test_two_copies_mixed(tmp_path: Path) -> None:
    files = idx() | idx_files("test", *TEST)
    with pytest.raises(InputError, match=r"lie differently \(train: transposed, ink light on dark; test: upright"):
        nist.convert(save(tmp_path / "source", files), tmp_path / "emnist")
    half = TRAIN[0].copy()
    half[::2] = transposed(half[::2])
    with pytest.raises(InputError, match=r"\(train\) does not look like EMNIST: .*two positions equally well"):
        nist.convert(save(tmp_path / "half", idx(as_is, (half, TRAIN[1]))), tmp_path / "emnist")


LOAD = """
import json, sys, zlib
from hwr.data import emnist
from hwr.errors import InputError
try:
    data = emnist.load(sys.argv[1], sys.argv[2], revision=sys.argv[3] if len(sys.argv) > 3 else None)
    print(json.dumps([zlib.crc32(data.images.tobytes()), data.labels.tolist()]))
except InputError as error:
    print(json.dumps(str(error)))
"""


def test_push_and_load_back(hub: FakeHub, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=hub.env, capture_output=True, text=True, check=False)

    source = zipped(tmp_path / "gzip.zip", idx())
    code = "import sys; from hwr.cli import main; sys.exit(main())"
    done = run("-c", code, "dataset", "emnist", str(source), "-o", str(tmp_path / "emnist"), "--push-to-hub", "user/emnist")
    assert done.returncode == 0, done.stderr
    assert "564 images in train, 141 images in test." in done.stdout
    assert f"Pushed to {hub.url}/datasets/user/emnist" in done.stdout
    repo = hub.repos["datasets", "user/emnist"]
    assert {"README.md", "train.parquet", "test.parquet"} <= set(repo.trees[repo.branches["main"]])
    expected = [zlib.crc32(TEST[0].tobytes()), TEST[1].tolist()]
    assert json.loads(run("-c", LOAD, "user/emnist", "test").stdout) == expected
    assert json.loads(run("-c", LOAD, "user/emnist", "test", repo.branches["main"]).stdout) == expected
    assert "can't be loaded" in json.loads(run("-c", LOAD, "user/emnist", "test", "nowhere").stdout)
    assert "can't be loaded" in json.loads(run("-c", LOAD, "user/none", "test").stdout)

    hub.down = True
    done = run("-c", code, "dataset", "emnist", str(source), "-o", str(tmp_path / "again"), "--push-to-hub", "user/emnist")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("hwr: The Hub can't be reached for user/emnist")
    assert (tmp_path / "again" / "train.parquet").is_file()
