"""Zip archives that strangers made."""

import contextlib
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from app_server import ROOT
from collecting import archive, good, named, run
from hypothesis import example, given
from hypothesis import strategies as st

from hwr import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.opening import open_collection


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = archive(tmp_path / "a.zip", named(good(47)))
    monkeypatch.setattr(limits, "MAX_ENTRIES", 20)
    with pytest.raises(InputError, match="at most 20"):
        run(path)
    monkeypatch.setattr(limits, "MAX_ENTRIES", 1000)
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 5000)
    with pytest.raises(InputError, match="unpacks to more"):
        run(path)


def with_directory(path: Path, directory: bytes, size: int, offset: int = 0, zip64: bool = False) -> Path:
    """An archive of a directory alone, which its record says to be of some size, and to hold one entry."""
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, *((0xFFFFFFFF,) * 2 if zip64 else (size, offset)), 0)
    with path.open("wb") as file:
        file.write(directory)
        file.truncate(size)
        file.seek(0, 2)
        if zip64:
            at = file.tell()
            file.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, offset))
            file.write(struct.pack("<4sLQL", b"PK\6\7", 0, at, 1))
        file.write(end)
    return path


def opened_elsewhere(path: Path) -> tuple[str, int]:
    """What another process says of an archive, and by how many megabytes it grew over it."""
    code = (
        "import sys; from hwr.evaluation.collections.opening import open_collection\n"
        "from resource import RUSAGE_SELF, getrusage\n"
        "before = getrusage(RUSAGE_SELF).ru_maxrss\n"
        "try: open_collection(sys.argv[1])\n"
        "except ValueError as error: print(type(error).__name__, error)\n"
        "print((getrusage(RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    *said, grown = done.stdout.splitlines()
    return "".join(said), int(grown)


def test_a_directory_of_a_million_entries_is_not_unpacked(tmp_path: Path):
    entry = struct.pack("<4s4B4H3L5H2L", b"PK\1\2", 20, 0, 20, 0, *(0,) * 4, *(0,) * 3, *(0,) * 5, 0, 0)
    directory = entry * 1_000_000
    said, grown = opened_elsewhere(with_directory(tmp_path / "a.zip", directory, len(directory)))
    assert said.startswith("InputError a.zip")
    assert "at most 250,000 are read" in said
    assert grown < 120  # as objects they take 600


@pytest.mark.parametrize("zip64", [False, True])
def test_a_directory_without_end_is_not_read(tmp_path: Path, zip64: bool):
    said, grown = opened_elsewhere(with_directory(tmp_path / "a.zip", b"", 400_000_000, zip64=zip64))
    assert "Its directory has 400 MB" in said
    assert grown < 30


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@example([(86, 0)])  # an entry without a name
@example([(-40, 0xC3), (-7, 255)])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12))
def test_whatever_the_bytes_an_archive_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, method: int, changes: list[tuple[int, int]]
):
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        for name in ("A/1.png", "A/\u00e9.png", "labels/3.txt"):
            file.writestr(name, b"some bytes" * 9)
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[-1 - at % len(data)] = value
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        for entry in open_collection(path).entries():
            if not entry.error:
                with contextlib.suppress(InputError):
                    entry.read()


def test_entries_that_name_their_own_need_of_memory_are_left_out(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("A/1.png", b"some bytes" * 9)
    (entry,) = open_collection(tmp_path / "a.zip").entries()
    assert "LZMA" in entry.error
