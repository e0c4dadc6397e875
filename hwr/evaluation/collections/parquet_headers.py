"""How large a Parquet file is: by its footer, and by the headers of its pages, since it is on these that a decoder spends memory.

Both are structs as ``parquet.thrift`` of https://github.com/apache/parquet-format says. They are read here, not by pyarrow, whose objects
for groups and columns end the process where a footer contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from hwr.errors import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.thrift import Reader

_MAX_FOOTER_BYTES = 8_000_000
_MAX_VALUES = 1_000_000
"""Values of a footer that are read."""
_WINDOWS = (512, 16_384, 1_000_000)
"""Bytes in which the header of a page is looked for, one after the other; statistics make some of them long."""
_DICTIONARY_PAGE = 2
_ENCODING_AT = {5: 2, 7: 2, 8: 4}
"""Where a page's encoding is: in which field of which struct of its header, for data, dictionaries and data of version 2."""
_ENCODINGS = (0, 2, 3, 4, 8)
"""Plain, run lengths and dictionaries. With the others, differences, a few bytes stand for any number of values at once."""


@dataclass(frozen=True)
class Chunk:
    """One column of a group of rows: its name, where its pages begin, and how many bytes they take, packed and unpacked."""

    column: str
    start: int
    packed: int
    unpacked: int


@dataclass(frozen=True)
class Group:
    """A group of rows: how many, and its columns."""

    rows: int
    chunks: list[Chunk]


@dataclass
class Pages:
    """The pages of a chunk: bytes of all, unpacked, and those of its dictionary, as large as which each value may be."""

    unpacked: int = 0
    dictionary: int = 0


def read_footer(file: BinaryIO, name: str) -> list[Group]:
    """What a file says that it holds.

    Args:
        file: seekable.
        name: for messages.

    Raises:
        InputError: it isn't Parquet, or so large that nothing of it is read.
    """
    size = file.seek(0, 2)
    if size > limits.MAX_UNPACKED_BYTES:
        raise InputError(f"{name} has {size / 1e6:,.0f} MB; at most {limits.MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read. Split it.")
    file.seek(max(0, size - 8))
    tail = file.read(8)
    length = int.from_bytes(tail[:4], "little")
    if len(tail) < 8 or tail[4:] != b"PAR1" or length > size - 8:
        raise InputError(f"{name} can't be read as Parquet: it has no footer. Is it whole?")
    if length > _MAX_FOOTER_BYTES:
        raise InputError(f"{name} has a footer of {length / 1e6:,.0f} MB; at most {_MAX_FOOTER_BYTES / 1e6:.0f} MB are read.")
    file.seek(size - 8 - length)
    try:
        groups = [_group(group) for group in Reader(file.read(length), _MAX_VALUES).struct()[4]]
    except (IndexError, KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(name) from None
    for chunk in (chunk for group in groups for chunk in group.chunks):
        if chunk.start + chunk.packed > size:
            raise _damaged(name)
        limits.check_unpacking(name, chunk.packed, chunk.unpacked)
    unpacked = sum(chunk.unpacked for group in groups for chunk in group.chunks)
    if unpacked > limits.MAX_UNPACKED_BYTES:
        raise InputError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB; at most {limits.MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read. Split it, or raise "
            "HWR_MAX_UNPACKED_MB."
        )
    return groups


def _group(fields: dict) -> Group:
    return Group(_number(fields, 3), [_chunk(column[3]) for column in fields[1]])


def _chunk(fields: dict) -> Chunk:
    start, dictionary = _number(fields, 9), _number(fields, 11) if 11 in fields else 0
    column = b".".join(fields[3]).decode()
    return Chunk(column, dictionary if 0 < dictionary < start else start, packed=_number(fields, 7), unpacked=_number(fields, 6))


def _number(fields: dict, number: int) -> int:
    """A field that holds a size or a place."""
    value = fields[number]
    if not isinstance(value, int) or value < 0:
        raise ValueError("no size")
    return value


def measure(file: BinaryIO, chunk: Chunk, name: str) -> Pages:
    """Walk from page to page, over what is in them.

    Raises:
        InputError: it isn't as the format says, or its pages would unpack to too much.
    """
    pages = Pages()
    at, end = chunk.start, chunk.start + chunk.packed
    while at < end:
        try:
            header, length = _page_header(file, at)
            unpacked, packed = _number(header, 2), _number(header, 3)
            encodings = [header[kind][field] for kind, field in _ENCODING_AT.items() if kind in header]
            if len(encodings) != 1:
                raise ValueError("no page")
        except (ValueError, KeyError, TypeError):
            raise _damaged(name) from None
        if encodings[0] not in _ENCODINGS:
            raise InputError(f"{name} uses an encoding of differences that is not read. Write it anew, with pyarrow or datasets.")
        limits.check_unpacking(name, packed, unpacked)
        pages.unpacked += unpacked
        pages.dictionary += unpacked if header.get(1) == _DICTIONARY_PAGE else 0
        at += length + packed
    limits.check_unpacking(name, chunk.packed, pages.unpacked)
    return pages


def _page_header(file: BinaryIO, at: int) -> tuple[dict, int]:
    """A header's fields, and its length in bytes."""
    for window in _WINDOWS:
        file.seek(at)
        reader = Reader(file.read(window), 1000)
        try:
            return reader.struct(), reader.at
        except IndexError:
            if len(reader.data) < window:
                break
    raise ValueError("no header")


def _damaged(name: str) -> InputError:
    return InputError(f"{name} can't be read as Parquet: it is damaged, or not as others write it.")
