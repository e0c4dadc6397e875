"""EMNIST from NIST's and Kaggle's files to Parquet to arrays; everything that can be wrong with them; how images lie."""

import gzip
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import datasets
import numpy as np
import pytest
from glyphs import MAPPING, csv_file, glyphs, idx_files, save
from hub_server import FakeHub

from hwr.charset import CLASSES
from hwr.data import emnist, nist, sources
from hwr.data.orientation import detect
from hwr.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
Split = tuple[np.ndarray, np.ndarray]
TRAIN, TEST = glyphs(12, seed=1), glyphs(3, seed=2)
MAP, IMAGES, LABELS = "emnist-balanced-mapping.txt", "emnist-balanced-train-images-idx3-ubyte", "emnist-balanced-train-labels-idx1-ubyte"
CSV = "emnist-balanced-train.csv"


def transposed(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 2, 1)


def as_is(images: np.ndarray) -> np.ndarray:
    return images


def inverted(images: np.ndarray) -> np.ndarray:
    return 255 - images


def idx(lie: Callable[[np.ndarray], np.ndarray] = transposed, train: Split = TRAIN, test: Split = TEST) -> dict[str, bytes]:
    """NIST's files, with the images lying as the function says."""
    return idx_files("train", lie(train[0]), train[1]) | idx_files("test", lie(test[0]), test[1]) | {MAP: MAPPING.encode()}


def kaggle() -> dict[str, bytes]:
    return {
        CSV: csv_file(transposed(TRAIN[0]), TRAIN[1]),
        "emnist-balanced-test.csv": csv_file(transposed(TEST[0]), TEST[1]),
        MAP: MAPPING.encode(),
    }


def zipped(path: Path, files: dict[str, bytes], folder: str = "", compress: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            gz = compress and name != MAP
            archive.writestr(folder + name + ".gz" * gz, gzip.compress(data) if gz else data)
    return path


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


# --- conversion ---


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


# --- files that can't be converted ---


def _cut(name: str, size: int) -> Callable[[dict], dict]:
    return lambda files: files | {name: files[name][:size]}


def _row(change: Callable[[list[bytes]], list[bytes]]) -> dict[str, bytes]:
    """Kaggle's files with the third row of the training part changed."""
    lines = kaggle()[CSV].splitlines()
    lines[2] = b",".join(change(lines[2].split(b",")))
    return kaggle() | {CSV: b"\n".join(lines) + b"\n"}


WRONG_FILES = {
    "images cut": (_cut(IMAGES, 5000), rf"{IMAGES} in .* is truncated: it ends after 4,984 of 442,176 bytes"),
    "header cut": (_cut(LABELS, 5), rf"{LABELS} in .* is truncated: it ends within its header"),
    "empty": (_cut(IMAGES, 0), rf"{IMAGES} in .* is truncated"),
    "magic": (
        lambda files: files | {IMAGES: files[LABELS]},
        rf"{IMAGES} in .* is not an IDX file of images: its magic number is 2049, not 2051",
    ),
    "labels' magic": (lambda files: files | {LABELS: files[IMAGES]}, rf"{LABELS} in .* magic number is 2051, not 2049"),
    "counts": (
        lambda files: files | {LABELS: struct.pack(">2I", 2049, 563) + files[LABELS][9:]},
        rf"{IMAGES} in .* holds 564 images, but {LABELS} in .* 563 labels",
    ),
    "size": (
        lambda files: files | {IMAGES: struct.pack(">4I", 2051, 441, 32, 32) + bytes(441 * 1024)},
        r"images of 32x32 pixels, not 28x28",
    ),
    "count of billions": (
        lambda files: files | {IMAGES: struct.pack(">4I", 2051, 2**32 - 1, 28, 28)},
        r"4,294,967,295 items; between 1 and 200,000",
    ),
    "no images": (lambda files: files | {IMAGES: struct.pack(">4I", 2051, 0, 28, 28)}, r"0 items"),
    "goes on": (lambda files: files | {IMAGES: files[IMAGES] + b"\0"}, rf"{IMAGES} in .* goes on after the 442,176 bytes"),
    "label outside": (
        lambda files: files | {LABELS: files[LABELS][:10] + b"\x2f" + files[LABELS][11:]},
        rf"{LABELS} in .* has labels outside the mapping: 47 at item 3 \(1 such\)",
    ),
    "mapping short": (lambda files: files | {MAP: MAPPING[:-7].encode()}, rf"{MAP} in .* does not name the 47 classes .*\(46 lines\)"),
    "mapping of other classes": (
        lambda files: files | {MAP: MAPPING.replace(" 116", " 115").encode()},
        rf"{MAP} in .* does not name the 47 classes",
    ),
    "mapping in other order": (
        lambda files: files | {MAP: MAPPING.replace("0 48", "0 49").replace("1 49", "1 48").encode()},
        "in their order",
    ),
    "no mapping": (lambda files: files | {MAP: b"\x89PNG"}, rf"{MAP} in .* is not a mapping"),
    "mapping with three columns": (lambda files: files | {MAP: MAPPING.replace("\n", " 0\n").encode()}, rf"{MAP} in .* does not name"),
    "mapping missing": (
        lambda files: {name: data for name, data in files.items() if name != MAP},
        rf"lacks {MAP}. It holds: emnist-balanced-test",
    ),
    "labels missing": (lambda files: {name: data for name, data in files.items() if name != LABELS}, rf"lacks {LABELS}\. It holds: {MAP}"),
    "nothing": (lambda files: {}, rf"is not EMNIST Balanced: .*{IMAGES}.* nor {CSV}.* It holds: no files"),
    "another thing": (lambda files: {"emnist-letters-train.csv": b""}, "is not EMNIST Balanced: .* It holds: emnist-letters-train.csv"),
    "column missing": (lambda files: _row(lambda row: row[:-1]), rf"{CSV} in .* a row: .*Row #3: Expected 785 columns, got 784"),
    "column too many": (lambda files: _row(lambda row: [*row, b"0"]), r"Row #3: Expected 785 columns, got 786"),
    "word": (lambda files: _row(lambda row: [b"x", *row[1:]]), r"Row #3: .* invalid value 'x'"),
    "256": (lambda files: _row(lambda row: [*row[:-1], b"256"]), r"Row #3: .* invalid value '256'"),
    "negative": (lambda files: _row(lambda row: [*row[:-1], b"-1"]), r"Row #3: .* invalid value '-1'"),
    "nothing in a cell": (lambda files: _row(lambda row: [*row[:-1], b""]), r"Row #3: .* invalid value ''"),
    "label outside, CSV": (lambda files: _row(lambda row: [b"47", *row[1:]]), rf"{CSV} in .* outside the mapping: 47 at item 3"),
    "header in the CSV": (
        lambda files: kaggle() | {CSV: b"label" + b",pixel" * 784 + b"\n" + kaggle()[CSV]},
        r"Row #1: .* invalid value 'label'",
    ),
    "CSV empty": (lambda files: kaggle() | {CSV: b""}, rf"{CSV} in .* holds 0 items"),
    "CSV of one endless line": (lambda files: kaggle() | {CSV: b"0," * 5_000_000}, rf"{CSV} in .* is not a CSV file of 785"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_wrong_files_are_refused(tmp_path: Path, case: str) -> None:
    change, sentence = WRONG_FILES[case]
    source = save(tmp_path / "source", change(idx()))
    with pytest.raises(InputError, match=sentence):
        nist.convert(source, tmp_path / "emnist")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]  # nothing is left behind


def test_truncated_and_damaged_gzip(tmp_path: Path) -> None:
    source = save(tmp_path / "source", idx(), compress=True)
    whole = (source / f"{IMAGES}.gz").read_bytes()
    (source / f"{IMAGES}.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=rf"{IMAGES}\.gz in .*source is truncated"):
        sources.read(source)
    (source / f"{IMAGES}.gz").write_bytes(whole[:-1])  # in the checksum, after all of the data
    with pytest.raises(InputError, match=rf"{IMAGES}\.gz in .*source is truncated"):
        sources.read(source)
    for at, what in ((len(whole) // 2, "damaged"), (-8, "damaged: CRC check failed"), (2, "damaged")):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        (source / f"{IMAGES}.gz").write_bytes(damaged)
        with pytest.raises(InputError, match=rf"{IMAGES}\.gz in .*source is {what}"):
            sources.read(source)


def test_damaged_and_foreign_archives(tmp_path: Path) -> None:
    archive = tmp_path / "gzip.zip"
    archive.write_bytes(b"not a zip")
    with pytest.raises(InputError, match=r"gzip\.zip is neither a folder nor a whole zip archive"):
        sources.read(archive)
    whole = zipped(archive, idx()).read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="nor a whole zip archive"):
        sources.read(archive)
    damaged = bytearray(whole)
    damaged[whole.index(IMAGES.encode()) + 5000] ^= 0xFF
    archive.write_bytes(damaged)
    with pytest.raises(InputError, match=rf"{IMAGES} in .*gzip\.zip is damaged"):
        sources.read(archive)
    encrypted = bytearray(whole)
    encrypted[whole.rindex(b"PK\x01\x02") + 8] |= 1  # the directory's last entry: the mapping
    archive.write_bytes(encrypted)
    with pytest.raises(InputError, match=rf"{MAP} in .*gzip\.zip can't be read: .*encrypted"):
        sources.read(archive)
    with pytest.raises(InputError, match=r"none\.zip doesn't exist"):
        sources.read(tmp_path / "none.zip")


def test_paths_in_archives_lead_nowhere(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "gzip.zip", idx() | {"../../evil": b"evil"}, "../")
    nist.convert(archive, tmp_path / "emnist")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emnist", "gzip.zip"]
    assert not (tmp_path.parent / "evil").exists()


@pytest.mark.parametrize("name", [IMAGES, MAP, CSV])
def test_zip_bombs_cost_nothing(tmp_path: Path, name: str) -> None:
    """Half a gigabyte of zeros in half a megabyte of archive, read by a process that grows by less than a quarter of that."""
    files = kaggle() if name == CSV else idx()
    with zipfile.ZipFile(
        zipped(tmp_path / "bomb.zip", {key: data for key, data in files.items() if key != name}), "a", zipfile.ZIP_DEFLATED
    ) as archive:
        with archive.open(name, "w") as file:
            file.write(struct.pack(">4I", 2051, 564, 28, 28) if name == IMAGES else b"")
            for _ in range(512):
                file.write(bytes(1 << 20))
    code = (
        "import sys, pyarrow.csv, hwr.data.sources as sources\n"
        "from resource import RUSAGE_SELF, getrusage\n"
        "before = getrusage(RUSAGE_SELF).ru_maxrss\n"
        "try: sources.read(sys.argv[1])\n"
        "except sources.InputError as error: print(error)\n"
        "print(getrusage(RUSAGE_SELF).ru_maxrss - before)"  # kilobytes
    )
    done = subprocess.run([sys.executable, "-c", code, archive.filename], cwd=ROOT, capture_output=True, text=True, check=True)
    sentence, grown = done.stdout.splitlines()
    assert name in sentence
    assert int(grown) < 128 * 1024


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


# --- how images lie ---

POSITIONS = {
    "rotated by 90 degrees to the left": lambda images: np.rot90(images, 1, axes=(1, 2)),
    "upside down": lambda images: np.rot90(images, 2, axes=(1, 2)),
    "rotated by 90 degrees to the right": lambda images: np.rot90(images, 3, axes=(1, 2)),
    "mirrored, left for right": lambda images: images[:, :, ::-1],
    "mirrored, top for bottom": lambda images: images[:, ::-1],
    "transposed along the other diagonal": lambda images: np.rot90(transposed(images), 2, axes=(1, 2)),
}


def check_orientation(images: np.ndarray, labels: np.ndarray) -> None:
    """Upright images are known as such, transposed and inverted ones turned, all others refused."""
    for lie in (as_is, transposed, inverted, lambda images: 255 - transposed(images)):
        orientation = detect(lie(images), labels, "these")
        assert np.array_equal(orientation.turned(lie(images)), images)
        assert orientation.needs_turning == (lie is not as_is)
        assert orientation.lead > 0.2
    for position, lie in POSITIONS.items():
        with pytest.raises(InputError, match=f"these does not look like EMNIST: its images are {position}"):
            detect(lie(images), labels, "these")


def unlike_emnist(images: np.ndarray, labels: np.ndarray) -> dict[str, Split]:
    draw = np.random.default_rng(0)
    blobs = np.stack([cv2.GaussianBlur(draw.random((28, 28)), (0, 0), 3) for _ in CLASSES])
    blobs = np.uint8(255 * (blobs - blobs.min()) / np.ptp(blobs))
    return {
        "shuffled labels": (images, draw.permutation(labels)),
        "renamed classes": (images, draw.permutation(len(CLASSES))[labels]),
        "labels off by one": (images, (labels + 1) % len(CLASSES)),
        "permuted pixels": (images.reshape(-1, 784)[:, draw.permutation(784)].reshape(-1, 28, 28), labels),
        "noise": (draw.integers(0, 256, images.shape, dtype=np.uint8), labels),
        "other pictures": (blobs[labels], labels),
    }


def test_orientation() -> None:
    check_orientation(*TRAIN)
    for name, split in unlike_emnist(*TRAIN).items():
        with pytest.raises(InputError, match=r"does not look like EMNIST: in no position do its images show what their labels say"):
            pytest.fail(f"{name}: {detect(*split, 'these')}")
    with pytest.raises(InputError, match="only 1 of 255 levels apart"):
        detect(TRAIN[0] // 255, TRAIN[1], "these")
    with pytest.raises(InputError, match="of only 10 of EMNIST Balanced's 47 classes"):
        detect(TRAIN[0][TRAIN[1] < 10], TRAIN[1][TRAIN[1] < 10], "these")


@pytest.mark.skipif("HWR_DATASETS" not in os.environ, reason="HWR_DATASETS names no real data")
def test_orientation_of_real_images() -> None:
    data = emnist.load(os.path.join(os.environ["HWR_DATASETS"], "emnist-47"), "test")
    assert data.images.shape == (18800, 28, 28)
    check_orientation(data.images, data.labels)
    for seed in range(20):
        draw = np.random.default_rng(seed)
        few = np.concatenate([draw.permutation(np.flatnonzero(data.labels == label))[:12] for label in range(len(CLASSES))])
        check_orientation(data.images[few], data.labels[few])
        for name, split in unlike_emnist(data.images[few], data.labels[few]).items():
            with pytest.raises(InputError, match="does not look like EMNIST: in no position"):
                pytest.fail(f"{name}: {detect(*split, 'these')}")


# --- Parquet to arrays ---


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


# --- the Hub ---

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
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=hub.env, capture_output=True, text=True)

    import zlib

    source = zipped(tmp_path / "gzip.zip", idx())
    code = "import sys; from hwr.cli import main; sys.exit(main())"
    done = run("-c", code, "dataset", str(source), "-o", str(tmp_path / "emnist"), "--push-to-hub", "user/emnist")
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
    done = run("-c", code, "dataset", str(source), "-o", str(tmp_path / "again"), "--push-to-hub", "user/emnist")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("hwr: The Hub can't be reached for user/emnist")
    assert (tmp_path / "again" / "train.parquet").is_file()
