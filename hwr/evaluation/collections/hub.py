"""Data sets on the Hub: their Parquet files, read from there as those on disk are, with the same limits."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr.errors import InputError
from hwr.evaluation.collections.columns import Wanted, columns_of
from hwr.evaluation.collections.entries import Collection, Entry
from hwr.evaluation.collections.parquet import Table, check_rows, entries_of

if TYPE_CHECKING:
    from datasets import DatasetBuilder

_CONVERTED = "refs/convert/parquet"
"""Where the Hub keeps a copy in Parquet of a data set that is stored in another way."""
_SPLITS = ("test", "validation")
_BLOCK_BYTES = 1 << 20
_BLOCKS = 32
"""Of a remote file, how much is fetched at once, and how often that is remembered."""


def of_hub(dataset: str, config: str | None, split: str | None, wanted: Wanted, limit: int | None = None) -> Collection:
    """A split of a data set, read from the Hub as it is needed.

    Args:
        dataset: its id.
        config: configuration; None for the only one.
        split: None for the test split, or that for validation, or the first.
        wanted: columns.
        limit: how many rows will be taken at most.

    Raises:
        InputError: there is no such data set, it can't be loaded, has too many rows, or no columns of images and labels.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(dataset)
    except HFValidationError:
        dataset = ""
    if "/" not in dataset or Path(dataset).exists():  # datasets would prefer a folder of that name
        raise InputError("There is no such file or folder, and it is not a Hub data set (user/name) either.")
    with _in_a_sentence(f"The data set {dataset} can't be loaded"):
        builder = _builder(dataset, config)
        split, paths = _files_of(builder, dataset, split)
        told = (builder.info.splits or {}).get(split)
        total = told.num_examples if told else None
        if total is not None and limit is None:
            check_rows(total, dataset)
        tables = map(partial(_table, dataset), paths)
        first = next(tables)
        columns = columns_of(first.schema, wanted, dataset)

    def iterate() -> Iterator[Entry]:
        with _in_a_sentence(f"The data set {dataset} broke off"):
            yield from entries_of(itertools.chain([first], tables), columns, dataset)

    return Collection(f"{dataset} ({split})", total, frozenset(columns.names or ()), iterate)


def parquet_of(dataset: str, config: str | None = None, split: str | None = None) -> tuple[str, list[str]]:
    """The Parquet files of a split, or those that the Hub made of it.

    Args:
        dataset: its id.
        config: configuration; None for the only one.
        split: None for the test split, or that for validation, or the first.

    Returns:
        The split, and paths that ``HfFileSystem`` opens.

    Raises:
        InputError: there is no such data set or split, or it can't be had in Parquet.
    """
    with _in_a_sentence(f"The data set {dataset} can't be loaded"):
        return _files_of(_builder(dataset, config), dataset, split)


@contextmanager
def _in_a_sentence(beginning: str) -> Generator[None]:
    """Errors of servers and files of strangers as an :class:`InputError`: those of httpx, pyarrow, yaml and others come through."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise InputError(f"{beginning}: {reason}") from error


def _files_of(builder: DatasetBuilder, dataset: str, split: str | None) -> tuple[str, list[str]]:
    """A split and its files; without a name that for testing, for validation, or the first.

    Raises:
        InputError: there is no such split.
    """
    parts = {str(name): list(map(str, paths)) for name, paths in (builder.config.data_files or {}).items()}
    name = split or next((usual for usual in _SPLITS if usual in parts), next(iter(parts), ""))
    if not parts.get(name):
        raise InputError(f"{dataset} has no split {name!r}; it has {', '.join(parts)[:300]}.")
    return name, parts[name]


def _builder(dataset: str, config: str | None) -> DatasetBuilder:
    """What ``datasets`` finds out about a data set, or about the Hub's own copy in Parquet.

    Raises:
        InputError: there is neither.
    """
    from datasets import load_dataset_builder
    from huggingface_hub.errors import RevisionNotFoundError

    builder = load_dataset_builder(dataset, config)
    if _is_parquet(builder):
        return builder
    try:
        builder = load_dataset_builder(dataset, config, revision=_CONVERTED)
    except (FileNotFoundError, RevisionNotFoundError, ValueError):
        builder = None
    if builder is None or not _is_parquet(builder):
        raise InputError(f"The data set {dataset} is not stored as Parquet, and the Hub has made no such copy of it.")
    return builder


def _is_parquet(builder: DatasetBuilder) -> bool:
    parts = builder.config.data_files or {}
    return any(parts.values()) and all(str(path).endswith(".parquet") for paths in parts.values() for path in paths)


def _table(dataset: str, path: str) -> Table:
    from huggingface_hub import HfFileSystem

    files = HfFileSystem()
    cached: dict[str, Any] = {"block_size": _BLOCK_BYTES, "cache_type": "blockcache", "cache_options": {"maxblocks": _BLOCKS}}
    return Table(f"{dataset}: {Path(path).name}", partial(files.open, path, "rb", **cached))
