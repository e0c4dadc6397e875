"""The files of EMNIST Balanced, and everything that can be wrong with them."""

import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from emnist_files import CSV, IMAGES, LABELS, MAP, idx, kaggle, zipped
from glyphs import MAPPING, save

from hwr.data import emnist_archive as sources
from hwr.data import emnist_conversion as nist
from hwr.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


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
        "import sys, pyarrow.csv, hwr.data.emnist_archive as sources\n"
        "from resource import RUSAGE_SELF, getrusage\n"
        "before = getrusage(RUSAGE_SELF).ru_maxrss\n"
        "try: sources.read(sys.argv[1])\n"
        "except sources.InputError as error: print(error)\n"
        "print(getrusage(RUSAGE_SELF).ru_maxrss - before)"  # kilobytes
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "bomb.zip")], cwd=ROOT, capture_output=True, text=True, check=True)
    sentence, grown = done.stdout.splitlines()
    assert name in sentence
    assert int(grown) < 128 * 1024
