"""Class folders, or images beside a table of labels, in a folder or an archive."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from hwr.errors import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.archive import ArchiveFiles
from hwr.evaluation.collections.columns import LABEL_COLUMNS, WRITER_COLUMNS
from hwr.evaluation.collections.entries import Collection, Entry
from hwr.evaluation.collections.folder import FolderFiles
from hwr.evaluation.collections.idx import idx_pair

_TABLES = ("labels.csv", "metadata.csv")
_FILE_COLUMNS = ("file_name", "filename", "file", "path", "image", "name")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_MOST_CELLS = 1000
"""Columns of a table of labels."""
_OF_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git")
_TEXTS = (".md", ".txt", ".json", ".csv", ".html", ".pdf", ".yaml", ".yml")


def of_files(files: FolderFiles | ArchiveFiles) -> Collection:
    """Class folders, or images beside a table of labels."""
    found = [(name, error) for name, error in files.list() if not _is_of_a_system(name)]
    usable = {name for name, error in found if not error}
    tables = [name for name in sorted(usable, key=lambda name: name.count("/")) if PurePosixPath(name).name.lower() in _TABLES]
    if not tables and (inner := [name for name in usable if "-idx3-" in name]):
        return _idx_inside(files, sorted(inner)[0], usable)
    rows: dict[str, _Row] = {}
    errors: dict[str, str] = {}
    for table in tables:
        rows |= _rows_of(files, table, usable, errors)
    entries: list[tuple[str, _Row, str]] = []
    for name, error in found:
        suffix = PurePosixPath(name).suffix.lower()
        if name in tables:
            continue
        row = rows.get(name, _UNNAMED) if tables else _Row(PurePosixPath(name).parent.name)
        if not error and suffix in _ARCHIVES:
            error = "It is an archive within the archive; those are not opened."
        elif not error and suffix in _TEXTS and not row.label:
            continue  # a README beside the images
        elif not error and not row.label:
            error = f"{tables[0]} has no label for it." if tables else "It lies in no folder that names its class."
        entries.append((name, row, error))
    entries += [(name, _UNNAMED, error) for name, error in errors.items()]
    if not entries:
        raise InputError(f"{files.name} holds no images. Put them into a folder for each class, or add a labels.csv.")

    def iterate() -> Iterator[Entry]:
        for name, row, error in entries:
            yield Entry(name, row.label, partial(files.read, name), error, row.writer)

    return Collection(files.name, len(entries), frozenset(row.label for _, row, error in entries if not error), iterate)


class _Row(NamedTuple):
    """What a table says of a file."""

    label: str
    writer: str = ""


_UNNAMED = _Row("")


def _is_of_a_system(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in _OF_SYSTEMS or part.startswith("._") for part in parts)


def _rows_of(files: FolderFiles | ArchiveFiles, table: str, usable: set[str], errors: dict[str, str]) -> dict[str, _Row]:
    """Labels and writers by file name, of a table; what it names but isn't there goes to ``errors``."""
    reader = _cells(files, table)
    first = next(reader, None)
    if first is None:
        return {}
    heading = [cell.strip().lower() for cell in first]
    file_at, label_at, writer_at = (_place(heading, columns) for columns in (_FILE_COLUMNS, LABEL_COLUMNS, WRITER_COLUMNS))
    numbered = enumerate(reader, start=2)
    if file_at is None or label_at is None:
        if len(first) != 2:
            raise InputError(f"{table} in {files.name} needs the columns file_name and label (or text); it has {', '.join(first)[:200]}.")
        file_at, label_at, writer_at = 0, 1, None  # no heading
        numbered = itertools.chain([(1, first)], numbered)
    folder = PurePosixPath(table).parent
    rows: dict[str, _Row] = {}
    for number, row in numbered:
        if not row:
            continue
        if len(row) <= max(file_at, label_at):
            errors[f"{table}, row {number}"] = "The row has too few columns."
            continue
        name = (folder / row[file_at].strip().replace("\\", "/")).as_posix()
        if name not in usable:
            errors[f"{table}, row {number}"] = f"There is no file {row[file_at].strip()[:200]!r}."
        elif name in rows:
            errors[f"{table}, row {number}"] = f"{row[file_at].strip()[:200]!r} has two labels; the first counts."
        else:
            label = row[label_at] if len(row[label_at]) == 1 else row[label_at].strip()
            rows[name] = _Row(label, row[writer_at].strip() if writer_at is not None and writer_at < len(row) else "")
    return rows


def _cells(files: FolderFiles | ArchiveFiles, table: str) -> Iterator[list[str]]:
    """The rows of a CSV file, one after the other, as far as it is one of labels.

    Raises:
        InputError: it isn't CSV in UTF-8, or has more or longer rows than a table of labels has.
    """
    try:
        text = files.read(table, limits.MAX_TABLE_BYTES).decode("utf-8-sig")
        for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            if number > limits.MAX_ENTRIES + 1 or len(row) > _MOST_CELLS:
                what = f"{_MOST_CELLS:,} columns" if len(row) > _MOST_CELLS else f"{limits.MAX_ENTRIES:,} rows"
                raise InputError(f"{table} in {files.name} has more than {what}.")
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{table} in {files.name} is not a CSV file in UTF-8: {error}.") from error


def _place(heading: list[str], columns: tuple[str, ...]) -> int | None:
    """Where the first of these columns that is there stands."""
    return next((heading.index(column) for column in columns if column in heading), None)


def _idx_inside(files: FolderFiles | ArchiveFiles, images: str, usable: set[str]) -> Collection:
    labels = images.replace("-images-", "-labels-").replace("-idx3-", "-idx1-")
    if labels not in usable:
        raise InputError(f"{files.name} holds {images}, but no {labels}.")
    return idx_pair(images, files.read(images, limits.MAX_IDX_BYTES), files.read(labels, limits.MAX_IDX_BYTES))
