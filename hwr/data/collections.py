"""Other people's handwriting with labels: a zip archive, a folder, Parquet, IDX files or a Hub data set, read one image at a time.

Nothing of an archive is ever written to disk. One bad entry is handed on with the reason; the others are not affected.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import itertools
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.images import MAX_BYTES

MAX_ENTRIES = int(os.environ.get("HWR_MAX_ENTRIES", 250_000))
"""Most entries of an archive."""
MAX_UNPACKED_BYTES = int(float(os.environ.get("HWR_MAX_UNPACKED_MB", 4_000)) * 1e6)
"""Most bytes that an archive may unpack to."""
MAX_IDX_BYTES = 500_000_000
MAX_RATIO = float(os.environ.get("HWR_MAX_RATIO", 200))
"""Entries of over a megabyte that are packed more tightly than this are not unpacked."""
LIMITS = (
    f"At most {MAX_ENTRIES:,} entries, {MAX_UNPACKED_BYTES / 1e6:,.0f} MB unpacked, {MAX_BYTES / 1e6:.0f} MB an image, packed at most "
    f"{MAX_RATIO:g} : 1."
)
"""The limits, for people."""

_TABLES = ("labels.csv", "metadata.csv")
_FILE_COLUMNS = ("file_name", "filename", "file", "path", "image", "name")
_LABEL_COLUMNS = ("label", "text", "char", "class", "transcription", "truth", "words")
_IMAGE_COLUMNS = ("image", "img", "picture")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_OF_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git")
_TEXTS = (".md", ".txt", ".json", ".csv", ".html", ".pdf", ".yaml", ".yml")


@dataclass(frozen=True)
class Entry:
    """One labelled image.

    Attributes:
        name: within the collection.
        label: as it stands there; see :mod:`hwr.data.labels`.
        read: gives the image, whatever :func:`hwr.images.load_image` takes; may raise :class:`InputError`.
        error: why it can't be used; then there is no image.
    """

    name: str
    label: str = ""
    read: Callable[[], Any] = lambda: None
    error: str = ""


@dataclass(frozen=True)
class Collection:
    """Labelled images.

    Attributes:
        name: for people.
        total: how many entries there are; None where only the end will tell.
        labels: the different labels, as far as they are known before anything is read.
        entries: gives them in order; to be called once.
    """

    name: str
    total: int | None
    labels: frozenset[str]
    entries: Callable[[], Iterator[Entry]]


def open_collection(
    source: str | os.PathLike[str],
    *,
    config: str | None = None,
    split: str | None = None,
    image_column: str | None = None,
    label_column: str | None = None,
    limit: int | None = None,
) -> Collection:
    """Open a collection.

    Args:
        source: a zip archive; a folder of class folders (``A/001.png``), or of images with ``labels.csv`` or ``metadata.csv`` (columns
            ``file_name`` and ``label`` or ``text``); a Parquet file or a folder of them; an IDX file of images beside the one of labels;
            or a Hub data set ``user/name``.
        config: configuration of a Hub data set.
        split: of a Hub data set, or the beginning of the names of a folder's Parquet files; None for the test split, or the only one.
        image_column: of a table; None for ``image``.
        label_column: of a table; None for ``label`` or ``text``.
        limit: only so many, from the beginning.

    Raises:
        InputError: it isn't there, isn't of any of these kinds, or holds nothing with a label; the message says which.
    """
    text = str(source)
    path = Path(text).expanduser()
    columns = (image_column, label_column)
    try:
        exists = bool(text) and path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        collection = _hub(text, config, split, columns)
    elif path.is_dir():
        tables = [file for file in sorted(path.glob("*.parquet")) if split is None or file.name.startswith(split)]
        if split is None and any(file.name.startswith("test") for file in tables):
            tables = [file for file in tables if file.name.startswith("test")]
        collection = _parquet(tables, columns, path.name) if tables else _files(_Folder(path))
    elif path.suffix == ".parquet":
        collection = _parquet([path], columns, path.name)
    elif "-idx3-" in path.name:
        collection = _idx(path)
    elif zipfile.is_zipfile(path):
        collection = _files(_Archive(path))
    else:
        raise InputError(f"{path.name} is neither a zip archive, a folder, a Parquet file nor an IDX file of images.")
    return _limited(collection, limit)


def open_hub(dataset: str, *, limit: int | None = None) -> Collection:
    """Open a Hub data set ``user/name``, never a file or folder, whatever lies there: for names that strangers choose.

    Args:
        dataset: its id.
        limit: only so many, from the beginning.

    Raises:
        InputError: no id, or it can't be loaded.
    """
    return _limited(_hub(dataset, None, None, (None, None)), limit)


def _limited(collection: Collection, limit: int | None) -> Collection:
    """The beginning of a collection."""
    if limit is None:
        return collection
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InputError("The limit must be a whole number, 1 or more.")
    total = limit if collection.total is None else min(limit, collection.total)
    return Collection(collection.name, total, collection.labels, lambda: itertools.islice(collection.entries(), limit))


# Files in folders and archives


class _Folder:
    """The files of a folder by their names within it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    def list(self) -> Iterator[tuple[str, str]]:
        """Name and, where it can't be used, the reason."""
        for count, path in enumerate(sorted(self.path.rglob("*"))):
            if count > MAX_ENTRIES:
                raise InputError(f"{self.name} holds more than {MAX_ENTRIES:,} files. Evaluate it in parts, or raise HWR_MAX_ENTRIES.")
            name = path.relative_to(self.path).as_posix()
            if path.is_symlink():
                yield name, "It is a link; links are not followed."
            elif path.is_file():
                yield name, ""

    def read(self, name: str, limit: int = MAX_BYTES) -> bytes:
        path = self.path / name
        try:
            if path.stat().st_size > limit:
                raise InputError(f"It has {path.stat().st_size / 1e6:,.0f} MB; at most {limit / 1e6:,.0f} MB are read.")
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"It can't be read: {error.strerror or error}.") from error


class _Archive:
    """The files of a zip archive by their names in it; nothing is extracted by name."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise InputError(f"{path.name} is not a whole zip archive: {error}.") from error
        if len(self.zip.infolist()) > MAX_ENTRIES:
            raise InputError(
                f"{path.name} holds {len(self.zip.infolist()):,} entries; at most {MAX_ENTRIES:,} are read. Split it, or raise "
                "HWR_MAX_ENTRIES."
            )
        self.infos: dict[str, zipfile.ZipInfo] = {}
        self.unpacked = 0

    def list(self) -> Iterator[tuple[str, str]]:
        for info in self.zip.infolist():
            name = info.filename.replace("\\", "/")
            if info.is_dir():
                continue
            parts = PurePosixPath(name).parts
            if name.startswith("/") or ".." in parts or (len(name) > 1 and name[1] == ":") or "\0" in name:
                yield name, "Its name points outside the archive."
            elif stat.S_ISLNK(info.external_attr >> 16):
                yield name, "It is a link; links are not followed."
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
        if info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise InputError(f"It is packed {info.file_size / max(info.compress_size, 1):,.0f} : 1, as no image is. It was not unpacked.")
        try:
            with self.zip.open(info) as file:
                data = file.read(limit + 1)  # whatever the header says
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(f"It is damaged: {error}.") from error
        except (OSError, RuntimeError, NotImplementedError) as error:
            raise InputError(f"It can't be read: {error}.") from error
        self.unpacked += len(data)
        if len(data) > limit:
            raise InputError(f"It unpacks to more than {limit / 1e6:,.0f} MB.")
        if self.unpacked > MAX_UNPACKED_BYTES:
            raise TooMuchError(
                f"{self.name} unpacks to more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB. Split it, or raise HWR_MAX_UNPACKED_MB."
            )
        return data


class TooMuchError(InputError):
    """The whole archive is too large, not one of its entries."""


def _files(files: _Folder | _Archive) -> Collection:
    """Class folders, or images beside a table of labels."""
    found = [(name, error) for name, error in files.list() if not _is_of_a_system(name)]
    usable = {name for name, error in found if not error}
    tables = [name for name in sorted(usable, key=lambda name: name.count("/")) if PurePosixPath(name).name.lower() in _TABLES]
    if not tables and (inner := [name for name in usable if "-idx3-" in name]):
        return _idx_inside(files, sorted(inner)[0], usable)
    labels: dict[str, str] = {}
    errors: dict[str, str] = {}
    for table in tables:
        labels |= _labels_of(files, table, usable, errors)
    entries: list[tuple[str, str, str]] = []
    for name, error in found:
        suffix = PurePosixPath(name).suffix.lower()
        if name in tables:
            continue
        label = labels.get(name, "") if tables else PurePosixPath(name).parent.name
        if not error and suffix in _ARCHIVES:
            error = "It is an archive within the archive; those are not opened."
        elif not error and suffix in _TEXTS and not label:
            continue  # a README beside the images
        elif not error and not label:
            error = f"{tables[0]} has no label for it." if tables else "It lies in no folder that names its class."
        entries.append((name, label, error))
    entries += [(name, "", error) for name, error in errors.items()]
    if not entries:
        raise InputError(f"{files.name} holds no images. Put them into a folder for each class, or add a labels.csv.")

    def iterate() -> Iterator[Entry]:
        for name, label, error in entries:
            yield Entry(name, label, partial(files.read, name), error)

    return Collection(files.name, len(entries), frozenset(label for _, label, error in entries if not error), iterate)


def _is_of_a_system(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in _OF_SYSTEMS or part.startswith("._") for part in parts)


def _labels_of(files: _Folder | _Archive, table: str, usable: set[str], errors: dict[str, str]) -> dict[str, str]:
    """Labels by file name, of a table; what it names but isn't there goes to ``errors``."""
    try:
        text = files.read(table, 100_000_000).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{table} in {files.name} is not a CSV file in UTF-8: {error}.") from error
    if not rows:
        return {}
    heading = [cell.strip().lower() for cell in rows[0]]
    file_at = next((heading.index(column) for column in _FILE_COLUMNS if column in heading), None)
    label_at = next((heading.index(column) for column in _LABEL_COLUMNS if column in heading), None)
    if file_at is None or label_at is None:
        if len(rows[0]) != 2:
            raise InputError(f"{table} in {files.name} needs the columns file_name and label (or text); it has {', '.join(rows[0])[:200]}.")
        file_at, label_at, first = 0, 1, 0  # no heading
    else:
        first = 1
    folder = PurePosixPath(table).parent
    labels = {}
    for number, row in enumerate(rows[first:], start=first + 1):
        if not row:
            continue
        if len(row) <= max(file_at, label_at):
            errors[f"{table}, row {number}"] = "The row has too few columns."
            continue
        name = (folder / row[file_at].strip().replace("\\", "/")).as_posix()
        if name not in usable:
            errors[f"{table}, row {number}"] = f"There is no file {row[file_at].strip()[:200]!r}."
        elif name in labels:
            errors[f"{table}, row {number}"] = f"{row[file_at].strip()[:200]!r} has two labels; the first counts."
        else:
            labels[name] = row[label_at] if len(row[label_at]) == 1 else row[label_at].strip()
    return labels


# Tables


def _parquet(paths: list[Path], columns: tuple[str | None, str | None], name: str) -> Collection:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        files = [pq.ParquetFile(path) for path in paths]
        image, label, names = _columns(files[0].schema_arrow, columns, name)
        total = sum(file.metadata.num_rows for file in files)
        known = set(names) if names else set()
        if not names:
            for file in files:
                for batch in file.iter_batches(batch_size=65_536, columns=[label]):
                    known |= {_text(value) for value in batch.column(0).unique().to_pylist()}
    except (ArrowException, OSError) as error:
        raise InputError(f"{name} can't be read as Parquet: {str(error).splitlines()[0][:300]}") from error

    def iterate() -> Iterator[Entry]:
        number = 0
        for path, file in zip(paths, files, strict=True):
            for batch in file.iter_batches(batch_size=512, columns=[image, label]):
                for picture, value in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                    number += 1
                    yield _row(f"{path.name}, row {number}", picture, value, names)

    return Collection(name, total, frozenset(known - {""}), iterate)


def _columns(schema: Any, columns: tuple[str | None, str | None], name: str) -> tuple[str, str, list[str] | None]:
    """Names of the columns of images and of labels, and the names of the classes if labels are numbers of these."""
    from datasets import ClassLabel, Features

    found = list(schema.names)
    image, label = (
        wanted or next((column for column in usual if column in found), None)
        for wanted, usual in zip(columns, (_IMAGE_COLUMNS, _LABEL_COLUMNS), strict=True)
    )
    for what, column in (("images", image), ("labels", label)):
        if column not in found:
            raise InputError(
                f"{name} has no column of {what}{f' named {column!r}' if column else ''}; its columns: {', '.join(found)[:300]}."
            )
    try:
        feature = Features.from_arrow_schema(schema)[label]
    except (KeyError, ValueError, TypeError):
        feature = None
    return image, label, list(feature.names) if isinstance(feature, ClassLabel) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _row(name: str, picture: Any, value: Any, names: list[str] | None) -> Entry:
    if isinstance(picture, dict):
        picture = picture.get("bytes")
    if picture is None:
        return Entry(name, error="It has no image.")
    if not isinstance(picture, bytes):  # a path would be one on this machine
        return Entry(name, error="Its image is not stored in the table.")
    if value is None:
        return Entry(name, error="It has no label.")
    if names is not None:
        if not isinstance(value, int) or not 0 <= value < len(names):
            return Entry(name, error=f"Its label {str(value)[:40]} is outside 0 to {len(names) - 1}.")
        value = names[value]
    label = str(value)
    return (
        Entry(name, label if len(label) == 1 else label.strip(), lambda: picture)
        if label.strip()
        else Entry(name, error="It has no label.")
    )


def _hub(dataset: str, config: str | None, split: str | None, columns: tuple[str | None, str | None]) -> Collection:
    from datasets import ClassLabel, Image, get_dataset_split_names, load_dataset
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(dataset)
    except HFValidationError:
        dataset = ""
    if "/" not in dataset or Path(dataset).exists():  # datasets would prefer a folder of that name
        raise InputError("There is no such file or folder, and it is not a Hub data set (user/name) either.")
    try:
        if split is None:
            splits = get_dataset_split_names(dataset, config)
            split = next((name for name in ("test", "validation") if name in splits), splits[0])
        table = load_dataset(dataset, config, split=split, streaming=True)
        features = table.features
        image, label = (
            wanted or next((column for column in usual if column in features), None)
            for wanted, usual in zip(columns, (_IMAGE_COLUMNS, _LABEL_COLUMNS), strict=True)
        )
        if image not in features or label not in features:
            raise InputError(f"{dataset} has no columns of images and labels as named; its columns: {', '.join(features)[:300]}.")
        names = list(features[label].names) if isinstance(features[label], ClassLabel) else None
        rows: Iterable[dict[str, Any]] = table.select_columns([image, label])
        if isinstance(features[image], Image):
            rows = rows.cast_column(image, Image(decode=False))
    except InputError:
        raise
    except Exception as error:  # servers and files of strangers: errors of httpx, pyarrow, yaml and others come through
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise InputError(f"The data set {dataset} can't be loaded: {reason}") from error

    def iterate() -> Iterator[Entry]:
        number = 0
        try:
            for number, row in enumerate(rows, start=1):
                yield _row(f"{split}, row {number}", row[image], row[label], names)
        except Exception as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise InputError(f"The data set {dataset} broke off after {number:,} rows: {reason}") from error

    size = (table.info.splits or {}).get(split)
    return Collection(f"{dataset} ({split})", size.num_examples if size else None, frozenset(names or ()), iterate)


# IDX


def _idx(path: Path) -> Collection:
    labels = path.with_name(path.name.replace("-images-", "-labels-").replace("-idx3-", "-idx1-"))
    if not labels.exists():
        raise InputError(f"Beside {path.name} there is no {labels.name} with its labels.")
    try:
        return _idx_pair(path.name, path.read_bytes(), labels.read_bytes())
    except OSError as error:
        raise InputError(f"{path.name} can't be read: {error.strerror or error}.") from error


def _idx_inside(files: _Folder | _Archive, images: str, usable: set[str]) -> Collection:
    labels = images.replace("-images-", "-labels-").replace("-idx3-", "-idx1-")
    if labels not in usable:
        raise InputError(f"{files.name} holds {images}, but no {labels}.")
    return _idx_pair(images, files.read(images, MAX_IDX_BYTES), files.read(labels, MAX_IDX_BYTES))


def _idx_pair(name: str, images: bytes, labels: bytes) -> Collection:
    """A pair of IDX files, in memory; EMNIST's own lie transposed, which is detected, and turned."""
    from hwr.charset import CLASSES
    from hwr.data.orientation import detect
    from hwr.data.sources import idx_array

    def array(data: bytes, what: str, dimensions: int) -> np.ndarray:
        try:
            stream = gzip.GzipFile(fileobj=io.BytesIO(data)) if data[:2] == b"\x1f\x8b" else io.BytesIO(data)
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
