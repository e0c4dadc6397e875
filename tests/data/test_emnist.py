"""EMNIST from Parquet to arrays, and columns that are wrong."""

import logging
import socket
from pathlib import Path

import cv2
import datasets
import numpy as np
import pytest
from emnist_files import TEST, transposed

from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.errors import InputError


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))


def parquet(folder: Path, **columns: object) -> str:
    """A data set of the right layout with some columns changed, or removed where None."""
    images, labels = TEST
    data = {
        "image": [{"bytes": cv2.imencode(".png", image)[1].tobytes(), "path": None} for image in images],
        "label": labels.tolist(),
    } | columns
    features = {"image": datasets.Image(), "label": datasets.ClassLabel(names=list(CLASSES)), "char": datasets.Value("string")}
    data = {name: column for name, column in data.items() if column is not None}
    folder.mkdir()
    table = datasets.Dataset.from_dict(
        data, features=datasets.Features({name: features.get(name, datasets.Value("int64")) for name in data})
    )
    table.to_parquet(folder / "test.parquet")
    return str(folder)


def encoded(image: np.ndarray, suffix: str = ".png") -> list[dict]:
    """The images of TEST with the third replaced."""
    images = [{"bytes": cv2.imencode(".png", good)[1].tobytes(), "path": None} for good in TEST[0]]
    images[2]["bytes"] = cv2.imencode(suffix, image)[1].tobytes()
    return images


def third(values: list, value: object) -> list:
    return [*values[:2], value, *values[3:]]


WRONG_COLUMNS = {
    "no images": ({"image": None}, "lacks the column 'image' .*found: label"),
    "no labels": ({"label": None, "other": [0] * 141}, "lacks the column 'label' .*found: image, other"),
    "size": ({"image": encoded(np.zeros((28, 27), np.uint8))}, "Image 2 of .* is not a PNG of 28x28 pixels in 8-bit grey"),
    "colour": ({"image": encoded(np.zeros((28, 28, 3), np.uint8))}, "Image 2 of .* is not a PNG of 28x28"),
    "16 bit": ({"image": encoded(np.zeros((28, 28), np.uint16))}, "Image 2 of .* is not a PNG of 28x28"),
    "JPEG": ({"image": encoded(np.zeros((28, 28), np.uint8), ".jpg")}, "Image 2 of .* is not a PNG"),
    "damaged": (
        {"image": third(encoded(TEST[0][0]), {"bytes": encoded(TEST[0][0])[2]["bytes"][:40], "path": None})},
        "Image 2 of .* is a damaged PNG",
    ),
    "image missing": ({"image": third(encoded(TEST[0][0]), None)}, "Image 2 of .* is not stored"),
    "label missing": ({"label": third(TEST[1].tolist(), None)}, "1 images of .* have no label"),
    "char": ({"char": third([None] * 141, "%")}, "Image 2 of .* has the character '%' but the class"),
    "labels shuffled": ({"label": np.roll(TEST[1], 1).tolist()}, "does not look like EMNIST"),
}


@pytest.mark.parametrize("case", WRONG_COLUMNS)
def test_wrong_columns_are_refused(tmp_path: Path, case: str) -> None:
    columns, sentence = WRONG_COLUMNS[case]
    with pytest.raises(InputError, match=sentence):
        emnist.load(parquet(tmp_path / "emnist", **columns), "test")


def test_wrong_classes_are_refused(tmp_path: Path) -> None:
    folder = Path(parquet(tmp_path / "emnist"))
    table = datasets.load_dataset(str(folder), split="test")
    table.cast_column("label", datasets.ClassLabel(names=[*CLASSES[:-1], "z"])).to_parquet(folder / "test.parquet")
    with pytest.raises(InputError, match=r"has other classes than EMNIST Balanced: 47 classes, 0 1 2 .* z"):
        emnist.load(str(folder), "test")
    table.cast_column("label", datasets.Value("int64")).to_parquet(folder / "test.parquet")
    with pytest.raises(InputError, match=r"The column 'label' of .* has no class names"):
        emnist.load(str(folder), "test")


def test_a_transposed_copy_is_turned(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = [{"bytes": cv2.imencode(".png", image)[1].tobytes(), "path": None} for image in 255 - transposed(TEST[0])]
    with caplog.at_level(logging.WARNING):
        data = emnist.load(parquet(tmp_path / "emnist", image=images), "test")
    assert np.array_equal(data.images, TEST[0])
    assert data.chars == [""] * 141  # no such column
    assert "transposed, ink dark on light: turned" in caplog.text


def test_what_is_not_there(tmp_path: Path) -> None:
    folder = parquet(tmp_path / "emnist")
    with pytest.raises(InputError, match=r"emnist \(train\) can't be loaded: .*[Uu]nknown split"):
        emnist.load(folder, "train")
    with pytest.raises(InputError, match="is a folder: it has no revision 'v1'"):
        emnist.load(folder, "test", revision="v1")
    for name in (str(tmp_path / "none"), "parquet", "", "a/b/c"):
        with pytest.raises(InputError, match="is neither a folder nor a Hub repository"):
            emnist.load(name, "test")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty .* can't be loaded"):
        emnist.load(str(tmp_path / "empty"), "test")
    Path(folder, "test.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"emnist .* can't be loaded"):
        emnist.load(folder, "test")


def test_a_folder_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("the network was used")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(tmp_path)
    parquet(tmp_path / "csv")
    assert len(emnist.load("csv", "test")) == 141  # also where the library has a loader of that name


def test_validation_split() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(5), [2, 10, 30, 40, 50]))
    train, validation = emnist.validation_split(labels, 4, seed=3)
    assert sorted([*train, *validation]) == list(range(132))
    assert np.array_equal(np.bincount(labels[validation]), [1, 2, 4, 4, 4])
    assert np.array_equal(validation, emnist.validation_split(labels, 4, seed=3)[1])
    assert not np.array_equal(validation, emnist.validation_split(labels, 4, seed=4)[1])
    with pytest.raises(InputError, match="Class 5 has a single sample"):
        emnist.validation_split(np.append(labels, 5), 4, seed=3)
