"""Pairs of IDX files, as MNIST and EMNIST come in."""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.evaluation.collections.entries import Collection, Entry


def of_idx(path: Path) -> Collection:
    labels = path.with_name(path.name.replace("-images-", "-labels-").replace("-idx3-", "-idx1-"))
    if not labels.exists():
        raise InputError(f"Beside {path.name} there is no {labels.name} with its labels.")
    try:
        return idx_pair(path.name, path.read_bytes(), labels.read_bytes())
    except OSError as error:
        raise InputError(f"{path.name} can't be read: {error.strerror or error}.") from error


def idx_pair(name: str, images: bytes, labels: bytes) -> Collection:
    """A pair of IDX files, in memory; EMNIST's own lie transposed, which is detected, and turned."""
    from hwr.charset import CLASSES
    from hwr.data.emnist_archive import idx_array
    from hwr.data.orientation import detect

    def array(data: bytes, what: str, dimensions: int) -> np.ndarray:
        try:
            stream: Any = gzip.GzipFile(fileobj=io.BytesIO(data)) if data[:2] == b"\x1f\x8b" else io.BytesIO(data)
            return idx_array(stream, what, dimensions)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError(f"{what} is damaged: {error}.") from error

    pictures, numbers = array(images, name, 3), array(labels, f"The file of labels of {name}", 1)
    if len(pictures) != len(numbers):
        raise InputError(f"{name} holds {len(pictures):,} images, but there are {len(numbers):,} labels.")
    if numbers.max(initial=0) < len(CLASSES):
        with contextlib.suppress(InputError):  # not EMNIST Balanced: taken as it lies
            pictures = detect(pictures, numbers.astype(np.int64), name).turned(pictures)

    def iterate() -> Iterator[Entry]:
        for number, (picture, label) in enumerate(zip(pictures, numbers, strict=True), start=1):
            yield Entry(f"{name}, image {number}", str(label), partial(_same, picture))

    return Collection(name, len(numbers), frozenset(map(str, set(numbers.tolist()))), iterate)


def _same(value: Any) -> Any:
    return value
