"""The files of a zip archive, read without unpacking them to disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from hwr.errors import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.limits import TooMuchError
from hwr.pictures.loading import MAX_BYTES

_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 46
"""The beginning of an entry of a directory, and how long it is without name, extra field and comment."""


class _Watched(io.BufferedReader):
    """An archive whose directory is looked through, as it is handed over, before ``zipfile`` makes objects of its entries.

    What is looked at is what ``zipfile`` asks for by the record at the end, or by that of ZIP64: an archive can't show us
    another directory.
    """

    opening = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.opening and size is not None and size > limits.MAX_DIRECTORY_BYTES:
            raise InputError(
                f"Its directory has {size / 1e6:,.0f} MB; at most {limits.MAX_DIRECTORY_BYTES / 1e6:,.0f} MB are read. Split the archive."
            )
        data = super().read(size)
        if self.opening and data.startswith(_ENTRY):
            _check_directory(data)
        return data


def _check_directory(data: bytes) -> None:
    """Refuse a directory of too many entries, whatever number its record says."""
    count = at = 0
    while at + _ENTRY_BYTES <= len(data):
        at += _ENTRY_BYTES + sum(struct.unpack_from("<3H", data, at + 28))  # name, extra field, comment
        count += 1
        if count > limits.MAX_ENTRIES:
            raise InputError(f"It holds too many entries; at most {limits.MAX_ENTRIES:,} are read. Split it, or raise HWR_MAX_ENTRIES.")


class ArchiveFiles:
    """The files of a zip archive by their names in it; nothing is extracted by name."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            file = _Watched(io.FileIO(path))
            self.zip = zipfile.ZipFile(file)
            file.opening = False
        except InputError as error:
            raise InputError(f"{path.name} can't be read as a whole. {error}") from None
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise InputError(f"{path.name} is not a whole zip archive: {error}.") from error
        self.infos: dict[str, zipfile.ZipInfo] = {}
        self.unpacked = 0

    def list(self) -> Iterator[tuple[str, str]]:
        for info in self.zip.infolist():
            name = info.filename.replace("\\", "/")
            if not name:
                yield name, "It has no name."
                continue
            if info.is_dir():
                continue
            parts = PurePosixPath(name).parts
            if name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":") or "\0" in name:
                yield name, "Its name points outside the archive."
            elif stat.S_ISLNK(info.external_attr >> 16):
                yield name, "It is a link; links are not followed."
            elif info.compress_type == zipfile.ZIP_LZMA:  # such an entry says itself how much memory it takes to unpack it
                yield name, "It is packed by LZMA. Pack the archive by deflate, as is usual."
            elif info.flag_bits & 1:
                yield name, "It is encrypted. Pack the archive without a password."
            elif name in self.infos:
                yield name, "Another entry has the same name."
            else:
                self.infos[name] = info
                yield name, ""

    def read(self, name: str, limit: int = MAX_BYTES) -> bytes:
        info = self.infos[name]
        if info.file_size > limit:
            raise InputError(f"It has {info.file_size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} MB are read.")
        if info.file_size > 1_000_000 and info.file_size > limits.MAX_RATIO * max(info.compress_size, 1):
            raise InputError(f"It is packed {info.file_size / max(info.compress_size, 1):,.0f} : 1, as no image is. It was not unpacked.")
        try:
            with self.zip.open(info) as file:
                data = file.read(limit + 1)  # whatever the header says
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, struct.error) as error:
            raise InputError(f"It is damaged: {error}.") from error
        except (OSError, RuntimeError, NotImplementedError) as error:
            raise InputError(f"It can't be read: {error}.") from error
        self.unpacked += len(data)
        if len(data) > limit:
            raise InputError(f"It unpacks to more than {limit / 1e6:,.0f} MB.")
        if self.unpacked > limits.MAX_UNPACKED_BYTES:
            raise TooMuchError(
                f"{self.name} unpacks to more than {limits.MAX_UNPACKED_BYTES / 1e6:,.0f} MB. Split it, or raise HWR_MAX_UNPACKED_MB."
            )
        return data
