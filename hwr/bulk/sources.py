"""Pictures by the million: folders, Parquet, WebDataset shards and Hub data sets, cut into pieces that any worker can open by itself."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from hwr.errors import InputError
from hwr.evaluation.collections.columns import IMAGE_COLUMNS, LABEL_COLUMNS
from hwr.evaluation.collections.hub import parquet_of

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pdf"})
"""Of files that are read in folders and in WebDataset shards."""
_TEXTS = (".txt", ".label")
_ROWS = 32
"""Of a table, read at once."""
MAX_BYTES = 256 << 20
"""Larger files aren't read."""


class Item(NamedTuple):
    """A picture or document to read."""

    name: str
    data: bytes | None
    label: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Piece:
    """What becomes one shard.

    Attributes:
        places: files; of a table or of a WebDataset shard one.
        start: first row of a table.
        stop: the row after the last one; 0 where the piece is no part of a table.
    """

    places: tuple[str, ...]
    start: int = 0
    stop: int = 0


def pieces_of(source: str, *, split: str | None = None, size: int = 500) -> list[Piece]:
    """Cut a source into pieces.

    Args:
        source: a folder of Parquet files, of WebDataset shards (.tar), or of pictures and documents, also in folders within; a Parquet
            file; a WebDataset shard; or a Hub data set ``user/name``.
        split: of a Hub data set; of a folder's Parquet files, what their names begin with.
        size: files or rows to a piece. A WebDataset shard is one piece.

    Raises:
        InputError: there is no such thing, or nothing in it that can be read.
    """
    if size < 1:
        raise InputError("A shard must have room for at least one row.")
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted(str(file.absolute()) for file in path.rglob("*") if not file.name.startswith(".") and file.is_file())
        tables = [file for file in files if file.endswith(".parquet") and Path(file).name.startswith(split or "")]
        if tables:
            return _of_tables(tables, size)
        if archives := [file for file in files if file.endswith(".tar")]:
            return [Piece((file,)) for file in archives]
        pictures = [file for file in files if Path(file).suffix.lower() in ENDINGS]
        if not pictures:
            raise InputError(f"{source} holds neither Parquet files, nor WebDataset shards (.tar), nor pictures.")
        return [Piece(tuple(pictures[start : start + size])) for start in range(0, len(pictures), size)]
    if path.is_file():
        if path.suffix == ".parquet":
            return _of_tables([str(path.absolute())], size)
        if path.suffix == ".tar":
            return [Piece((str(path.absolute()),))]
        raise InputError(f"{source} is a single file: read it without --out, or name with -o the file to write.")
    if source.count("/") != 1 or source.startswith(("/", ".")):
        raise InputError(f"{source} is neither a folder, a Parquet file, a WebDataset shard (.tar) nor a Hub data set (user/name).")
    return _of_tables(parquet_of(source, None, split)[1], size)


def digest(pieces: list[Piece]) -> str:
    """A short hash, by which a job knows that it goes on with what it began with."""
    return hashlib.sha256(repr(pieces).encode(errors="surrogateescape")).hexdigest()[:16]


def items(piece: Piece) -> Iterator[Item]:
    """What a piece holds, one after the other.

    Raises:
        InputError: a table or a WebDataset shard can't be read.
    """
    if piece.stop:
        yield from _rows(piece)
    elif piece.places[0].endswith(".tar"):
        yield from _members(piece.places[0])
    else:
        for place in piece.places:
            try:
                if Path(place).stat().st_size > MAX_BYTES:
                    raise OSError(f"it has more than {MAX_BYTES >> 20} MB")
                yield Item(place, Path(place).read_bytes())
            except OSError as error:
                yield Item(place, None, error=f"The file can't be read: {error.strerror or error}.")


def _open(place: str) -> BinaryIO:
    if place.startswith("hf://"):
        from huggingface_hub import HfFileSystem

        return HfFileSystem().open(place, "rb")
    return Path(place).open("rb")


def _of_tables(places: list[str], size: int) -> list[Piece]:
    import pyarrow.parquet as pq

    found = []
    for place in places:
        try:
            with _open(place) as file:
                table = pq.ParquetFile(file)
                rows = table.metadata.num_rows
                _columns(table.schema_arrow.names, place)
        except (OSError, ValueError) as error:
            raise error if isinstance(error, InputError) else InputError(f"{place} can't be read as Parquet: {error}") from error
        found += [Piece((place,), start, min(start + size, rows)) for start in range(0, rows, size)]
    if not found:
        raise InputError(f"{places[0]} has no rows.")
    return found


def _columns(names: list[str], place: str) -> list[str]:
    """The column of images, and that of labels if there is one."""
    image = next((name for name in IMAGE_COLUMNS if name in names), None)
    if image is None:
        raise InputError(f"{place} has no column of images ({', '.join(IMAGE_COLUMNS)}); its columns: {', '.join(names)[:300]}.")
    return [image, *[name for name in LABEL_COLUMNS if name in names][:1]]


def _rows(piece: Piece) -> Iterator[Item]:
    import pyarrow.parquet as pq

    (place,) = piece.places
    try:
        with _open(place) as file:
            table = pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 16)
            wanted = _columns(table.schema_arrow.names, place)
            first = 0
            for group in range(table.num_row_groups):
                count = table.metadata.row_group(group).num_rows
                if first < piece.stop and first + count > piece.start:
                    number = first
                    for batch in table.iter_batches(_ROWS, row_groups=[group], columns=wanted, use_threads=False):
                        if number < piece.stop and number + len(batch) > piece.start:
                            columns = [batch[name].to_pylist() for name in wanted]
                            for offset, values in enumerate(zip(*columns, strict=True)):
                                if piece.start <= number + offset < piece.stop:
                                    yield _item(f"{Path(place).name}, row {number + offset}", *values)
                        number += len(batch)
                first += count
    except (OSError, ValueError) as error:
        raise error if isinstance(error, InputError) else InputError(f"{place} can't be read as Parquet: {error}") from error


def _item(name: str, image: Any, label: Any = None) -> Item:
    data = image.get("bytes") if isinstance(image, dict) else image
    text = label if isinstance(label, str) else None  # numbers are those of classes
    if not isinstance(data, bytes):  # a path would be one on another machine
        return Item(name, None, text, "Its image is not stored in the table.")
    return Item(name, data, text)


def _members(place: str) -> Iterator[Item]:
    """The samples of a WebDataset shard: files that are named alike but for the ending stand one after the other."""
    try:
        with tarfile.open(place, "r|") as archive:
            key, data, label = "", None, None
            for member in archive:
                folder, _, name = member.name.rpartition("/")
                stem, dot, ending = name.partition(".")
                if not member.isfile() or not dot or not stem:
                    continue
                if (own := f"{folder}/{stem}".lstrip("/")) != key:
                    if data is not None:
                        yield Item(key, data, label)
                    key, data, label = own, None, None
                kind = f".{ending.lower()}"
                if kind in ENDINGS | set(_TEXTS) and member.size <= MAX_BYTES and (file := archive.extractfile(member)) is not None:
                    if kind in _TEXTS:
                        label = file.read().decode("utf-8", "replace").strip()
                    else:
                        data = file.read()
            if data is not None:
                yield Item(key, data, label)
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"{place} can't be read as a WebDataset shard: {error}") from error
