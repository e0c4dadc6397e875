"""The files of EMNIST Balanced as others distribute them, in a folder or a zip archive, read with nothing ever unpacked to disk.

NIST's ``gzip.zip`` holds IDX files, compressed by gzip; the Kaggle data set ``crawford/emnist`` holds CSV files. Both have the mapping from
labels to characters beside them. Whatever these files say about their sizes is checked before memory is spent on it.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

import numpy as np

from hwr.charset import CLASSES
from hwr.data.downloads import Address, Archive
from hwr.errors import InputError

OFFICIAL = Archive(
    name="emnist-gzip.zip",
    title="EMNIST",
    page="https://www.nist.gov/itl/products-and-services/emnist-dataset",
    licence="Made from NIST Special Database 19, a work of the US government, not subject to copyright in the United States.",
    citation="G. Cohen, S. Afshar, J. Tapson and A. van Schaik. EMNIST: an extension of MNIST to handwritten letters. 2017. "
    "arXiv:1702.05373",
    addresses=(
        Address(
            "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
            "sha256:fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",  # by TensorFlow Datasets
            561_753_746,
        ),
        Address(
            "https://rds.westernsydney.edu.au/Institutes/MARCS/BENS/EMNIST/emnist-gzip.zip",  # of its authors
            "sha256:909a2a39c5e86bdd7662425e9b9c4a49bb582bf8d0edad427f3c3a9d0c6f7259",  # by torchvision
        ),
    ),
    checked="Its makers publish no checksum that we know of: it is compared with those that TensorFlow Datasets and torchvision recorded.",
)
"""Where it is downloaded from."""

SIDE = 28
COLUMNS = 1 + SIDE * SIDE
MAX_IMAGES = 200_000
"""The most images that are read of one split; EMNIST Balanced has 112,800."""

MAPPING = "emnist-balanced-mapping.txt"
_BLOCK = 1 << 22

SPLITS = ("train", "test")
Layout = dict[str, tuple[str, ...]]
"""File names of each split."""
IDX: Layout = {split: tuple(f"emnist-balanced-{split}-{part}-ubyte" for part in ("images-idx3", "labels-idx1")) for split in SPLITS}
CSV: Layout = {split: (f"emnist-balanced-{split}.csv",) for split in SPLITS}

Split = tuple[np.ndarray, np.ndarray]
"""Images, uint8 (N, 28, 28), as they lie in the file; labels, int64 (N,)."""


def read(source: str | os.PathLike[str]) -> dict[str, Split]:
    """Read both splits.

    Args:
        source: a zip archive, or a folder with the files in it or one level below. IDX files may be compressed by gzip or not.

    Raises:
        InputError: a file is missing, damaged, not of its format, or at odds with another one; the message names the file and the fact.
    """
    with _Files.of(Path(source).expanduser()) as files:
        layout = _layout(files)
        with files.open(MAPPING) as file:
            _check_mapping(file.read(1 << 16), files.path(MAPPING))
        return {split: (_read_csv if layout is CSV else _read_idx)(files, *layout[split]) for split in SPLITS}


@dataclass
class _Files:
    """Files by their bare names, with a trailing ``.gz`` removed; where a name occurs twice, the one nearest to the top."""

    source: Path
    openers: dict[str, tuple[str, Callable[[], IO[bytes]]]]

    @classmethod
    @contextmanager
    def of(cls, source: Path) -> Generator[_Files, None, None]:
        with ExitStack() as stack:
            try:
                if source.is_dir():
                    paths = [*sorted(source.glob("*")), *sorted(source.glob("*/*"))]
                    found: list[tuple[str, Callable[[], IO[bytes]]]] = [
                        (str(path.relative_to(source)), partial(path.open, "rb")) for path in paths if path.is_file()
                    ]
                elif not source.exists():
                    raise InputError(f"{source} doesn't exist.")
                else:
                    archive = stack.enter_context(zipfile.ZipFile(source))
                    found = [(info.filename, partial(archive.open, info)) for info in archive.infolist() if not info.is_dir()]
                    found.sort(key=lambda item: item[0].count("/"))
            except zipfile.BadZipFile as error:
                raise InputError(f"{source} is neither a folder nor a whole zip archive: {error}.") from error
            except OSError as error:
                raise InputError(f"{source} can't be read: {error.strerror or error}.") from error
            openers: dict[str, tuple[str, Callable[[], IO[bytes]]]] = {}
            for path, opener in found:
                openers.setdefault(path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".gz"), (path, opener))
            yield cls(source, openers)

    def path(self, name: str) -> str:
        """Where a file lies, for messages."""
        return f"{self.openers[name][0]} in {self.source}"

    @contextmanager
    def open(self, name: str) -> Generator[IO[bytes], None, None]:
        """The file's content as a stream, decompressed if it is gzip; errors while it is read come as sentences."""
        _, opener = self.openers[name]
        try:
            with opener() as file:
                packed = file.read(2) == b"\x1f\x8b"
                file.seek(0)
                if packed:
                    with gzip.GzipFile(fileobj=file) as content:
                        yield cast("IO[bytes]", content)
                else:
                    yield file
        except EOFError as error:
            raise InputError(f"{self.path(name)} is truncated: its compressed data end too early.") from error
        except (gzip.BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(f"{self.path(name)} is damaged: {error}.") from error
        except (OSError, NotImplementedError, RuntimeError) as error:  # the latter two: unknown compression, encryption
            raise InputError(f"{self.path(name)} can't be read: {error}.") from error


def _layout(files: _Files) -> Layout:
    """The layout of which all files are there."""
    found = sorted(path for path, _ in files.openers.values())
    listed = (", ".join(found[:10]) or "no files") + (f" and {len(found) - 10} more" if len(found) > 10 else "")
    missing = [[name for name in [MAPPING, *_names(layout)] if name not in files.openers] for layout in (IDX, CSV)]
    for layout, lacking in zip((IDX, CSV), missing, strict=True):
        if not lacking:
            return layout
    for layout, lacking in zip((IDX, CSV), missing, strict=True):
        if not set(_names(layout)) <= set(lacking):  # some of it is there
            raise InputError(f"{files.source} lacks {', '.join(lacking)}. It holds: {listed}.")
    raise InputError(
        f"{files.source} is not EMNIST Balanced: it has neither {', '.join(_names(IDX))} (as they are, or with .gz) nor "
        f"{', '.join(_names(CSV))}, beside {MAPPING}. It holds: {listed}."
    )


def _names(layout: Layout) -> list[str]:
    return [name for names in layout.values() for name in names]


def _check_mapping(text: bytes, path: str) -> None:
    """The mapping has one line per label: the label and the code of its character."""
    try:
        pairs = [tuple(map(int, line.split())) for line in text.decode("ascii").splitlines() if line.strip()]
    except ValueError as error:
        raise InputError(f"{path} is not a mapping: its lines must hold a label and the code of a character.") from error
    if sorted(pairs) != [(label, ord(char)) for label, char in enumerate(CLASSES)]:
        raise InputError(f"{path} does not name the {len(CLASSES)} classes of EMNIST Balanced in their order ({len(pairs)} lines).")


def _read_idx(files: _Files, images_name: str, labels_name: str) -> Split:
    images = _read_array(files, images_name, 3)
    labels = _read_array(files, labels_name, 1)
    if len(images) != len(labels):
        raise InputError(f"{files.path(images_name)} holds {len(images):,} images, but {files.path(labels_name)} {len(labels):,} labels.")
    return images, _checked_labels(labels, files.path(labels_name))


def _read_array(files: _Files, name: str, dimensions: int) -> np.ndarray:
    """One IDX file of bytes: magic number, sizes, data."""
    with files.open(name) as file:
        return idx_array(file, files.path(name), dimensions)


def idx_array(file: IO[bytes], path: str, dimensions: int) -> np.ndarray:
    """An IDX file of bytes: uint8 of so many dimensions, images of 28x28 pixels or labels.

    Args:
        file: decompressed.
        path: for messages.
        dimensions: 3 for images, 1 for labels.

    Raises:
        InputError: another kind of file, or not a whole one.
    """
    header = file.read(4 + 4 * dimensions)
    if len(header) < 4 + 4 * dimensions:
        raise InputError(f"{path} is truncated: it ends within its header.")
    magic, *shape = struct.unpack(f">{1 + dimensions}I", header)
    if magic != (expected := 0x800 | dimensions):  # 8: unsigned bytes
        raise InputError(
            f"{path} is not an IDX file of {'images' if dimensions == 3 else 'labels'}: its magic number is {magic}, not {expected}."
        )
    if dimensions == 3 and shape[1:] != [SIDE, SIDE]:
        raise InputError(f"{path} holds images of {shape[1]}x{shape[2]} pixels, not {SIDE}x{SIDE}.")
    _check_count(shape[0], path)
    array = np.empty(shape, np.uint8)
    data, filled, size = array.reshape(-1), 0, math.prod(shape)
    while filled < size and (part := file.read(min(1 << 20, size - filled))):
        data[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
        filled += len(part)
    if filled < size:
        raise InputError(f"{path} is truncated: it ends after {filled:,} of {size:,} bytes of data.")
    if file.read(1):
        raise InputError(f"{path} goes on after the {size:,} bytes of data that its header announces.")
    return array


def _read_csv(files: _Files, name: str) -> Split:
    """One CSV file: label, then the 784 pixels; no header."""
    from pyarrow import ArrowInvalid, csv, py_buffer, uint8
    from tqdm import tqdm

    path = files.path(name)
    names = [str(column) for column in range(1, COLUMNS + 1)]
    parts: list[np.ndarray] = []
    rows = 0
    with files.open(name) as file, tqdm(desc=f"Reading {name}", unit=" rows", unit_scale=True) as bar:
        # pyarrow's own streaming reader reads ahead in a thread that aborts the process when an error ends it early.
        for block in _whole_lines(file, path):
            try:
                table = csv.read_csv(
                    py_buffer(block),
                    # One thread, because only then do messages tell the row.
                    read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
                    parse_options=csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
                    convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, uint8()), null_values=[]),
                )
            except ArrowInvalid as error:
                where = f" (counted from row {rows:,})" if rows else ""
                raise InputError(
                    f"{path} is not a CSV file of {COLUMNS} whole numbers from 0 to 255 a row: {str(error)[:200]}{where}"
                ) from error
            parts.append(np.stack([column.to_numpy() for column in table.columns], axis=1))
            rows += len(parts[-1])
            bar.update(len(parts[-1]))
            _check_count(rows, path)
    _check_count(rows, path)
    everything = np.concatenate(parts)
    return everything[:, 1:].reshape(-1, SIDE, SIDE), _checked_labels(everything[:, 0], path)


def _whole_lines(file: IO[bytes], path: str) -> Iterator[bytes]:
    """A file in blocks of a few megabytes that end with a line."""
    rest = b""
    while block := file.read(_BLOCK):
        lines, newline, end = block.rpartition(b"\n")
        if newline:
            yield rest + lines + newline
            rest = end
        elif len(rest) + len(end) > _BLOCK:
            raise InputError(f"{path} is not a CSV file of {COLUMNS} numbers a row: it has a line of over {_BLOCK:,} bytes.")
        else:
            rest += end
    if rest:
        yield rest


def _check_count(count: int, path: str) -> None:
    if not 0 < count <= MAX_IMAGES:
        raise InputError(f"{path} holds {count:,} items; between 1 and {MAX_IMAGES:,} can be read.")


def _checked_labels(labels: np.ndarray, path: str) -> np.ndarray:
    if len(wrong := np.flatnonzero(labels >= len(CLASSES))):
        raise InputError(
            f"{path} has labels outside the mapping: {labels[wrong[0]]} at item {wrong[0] + 1:,} ({len(wrong):,} such). {MAPPING} knows 0 "
            f"to {len(CLASSES) - 1}."
        )
    return labels.astype(np.int64)
