"""Pairs of IDX files as collections."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from collecting import archive
from glyphs import glyphs, idx_files, save
from hypothesis import given
from hypothesis import strategies as st

from hwr.errors import InputError
from hwr.evaluation.collections.idx import idx_pair
from hwr.evaluation.collections.opening import open_collection

PICTURES, NUMBERS = glyphs(2, 5)
FILES = idx_files("test", PICTURES.transpose(0, 2, 1), NUMBERS)  # as EMNIST's lie
IMAGES, LABELS = FILES


@pytest.mark.parametrize("kind", ["plain", "gzip", "zip"])
def test_emnists_own_files_are_turned(tmp_path: Path, kind: str):
    if kind == "zip":
        path = archive(tmp_path / "a.zip", {f"gzip/{name}": gzip.compress(data) for name, data in FILES.items()})
    else:
        folder = save(tmp_path / "idx", FILES, compress=kind == "gzip")
        path = folder / f"{IMAGES}{'.gz' if kind == 'gzip' else ''}"
    collection = open_collection(path)
    entries = list(collection.entries())
    assert collection.total == len(entries) == 94
    assert np.array_equal([entry.read() for entry in entries], PICTURES)
    assert [entry.label for entry in entries] == [str(number) for number in NUMBERS]


def test_other_pictures_are_taken_as_they_lie():
    noise = np.random.default_rng(0).integers(0, 256, (94, 28, 28), dtype=np.uint8)
    images, labels = idx_files("test", noise, NUMBERS).values()
    assert np.array_equal([entry.read() for entry in idx_pair("noise", images, labels).entries()], noise)


def test_what_does_not_belong_together_is_refused(tmp_path: Path):
    (tmp_path / IMAGES).write_bytes(FILES[IMAGES])
    with pytest.raises(InputError, match=f"there is no {LABELS}"):
        open_collection(tmp_path / IMAGES)
    with pytest.raises(InputError, match=f"but no {LABELS}"):
        open_collection(archive(tmp_path / "a.zip", {IMAGES: FILES[IMAGES]}))
    few = struct.pack(">2I", 2049, 93) + FILES[LABELS][8:-1]
    with pytest.raises(InputError, match="holds 94 images, but there are 93 labels"):
        idx_pair("it", FILES[IMAGES], few)
    packed = gzip.compress(FILES[IMAGES])
    for damaged in (packed[:-20], packed[:-8] + bytes(4) + packed[-4:]):
        with pytest.raises(InputError, match="it is damaged"):
            idx_pair("it", damaged, FILES[LABELS])


@given(st.binary(max_size=200), st.binary(max_size=60), st.booleans())
def test_whatever_the_bytes_they_are_read_or_refused(images: bytes, labels: bytes, whole: bool):
    header = struct.pack(">4I", 2051, len(images) % 3, 28, 28) if whole else b""
    with pytest.raises(InputError):
        idx_pair("it", header + images, labels)
