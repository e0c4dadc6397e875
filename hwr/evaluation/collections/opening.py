"""Other people's handwriting with labels: a zip archive, a folder, Parquet, IDX files or a Hub data set, read one image at a time.

Nothing of an archive is ever written to disk. One bad entry is handed on with the reason; the others are not affected.
"""

from __future__ import annotations

import itertools
import os
import zipfile
from pathlib import Path

from hwr.errors import InputError
from hwr.evaluation.collections.archive import ArchiveFiles
from hwr.evaluation.collections.entries import Collection
from hwr.evaluation.collections.files import of_files
from hwr.evaluation.collections.folder import FolderFiles
from hwr.evaluation.collections.hub import of_hub
from hwr.evaluation.collections.idx import of_idx
from hwr.evaluation.collections.parquet import of_tables


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
        collection = of_hub(text, config, split, columns, limit)
    elif path.is_dir():
        tables = [file for file in sorted(path.glob("*.parquet")) if split is None or file.name.startswith(split)]
        if split is None and any(file.name.startswith("test") for file in tables):
            tables = [file for file in tables if file.name.startswith("test")]
        collection = of_tables(tables, columns, path.name) if tables else of_files(FolderFiles(path))
    elif path.suffix == ".parquet":
        collection = of_tables([path], columns, path.name)
    elif "-idx3-" in path.name:
        collection = of_idx(path)
    elif zipfile.is_zipfile(path):
        collection = of_files(ArchiveFiles(path))
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
    return _limited(of_hub(dataset, None, None, (None, None), limit), limit)


def _limited(collection: Collection, limit: int | None) -> Collection:
    """The beginning of a collection."""
    if limit is None:
        return collection
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InputError("The limit must be a whole number, 1 or more.")
    total = limit if collection.total is None else min(limit, collection.total)
    return Collection(collection.name, total, collection.labels, lambda: itertools.islice(collection.entries(), limit))
