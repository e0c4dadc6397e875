"""Parquet files. What they announce is checked before anything of it is read, and read a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hwr.errors import InputError
from hwr.evaluation.collections import limits
from hwr.evaluation.collections.columns import Columns, Wanted, columns_of, row_entry, text_of
from hwr.evaluation.collections.entries import Collection, Entry
from hwr.evaluation.collections.parquet_headers import Group, measure, read_footer

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

_BATCH_BYTES = 16_000_000
"""What the rows of a batch may take."""
_MAX_LIST = 200_000
"""Groups of rows, or columns of one, in a footer."""


def of_tables(paths: list[Path], wanted: Wanted, name: str) -> Collection:
    """The rows of Parquet files that have the same columns.

    Raises:
        InputError: they can't be read, have no columns of images and labels, or announce more than is read.
    """
    tables = [Table(path.name, partial(path.open, "rb")) for path in paths]
    total = sum(table.count for table in tables)
    check_rows(total, name)
    columns = columns_of(tables[0].schema, wanted, name)
    known = set(columns.names or ())
    if not columns.names:
        for table in tables:
            for batch in table.batches([columns.label], 65_536):
                known |= set(map(text_of, batch[columns.label]))

    return Collection(name, total, frozenset(known - {""}), lambda: entries_of(tables, columns, name))


def entries_of(tables: Iterable[Table], columns: Columns, name: str) -> Iterator[Entry]:
    """The rows of tables that have the same columns.

    Raises:
        InputError: one can't be read, or together they have too many rows, whatever their footers say.
    """
    before = 0
    for table in tables:
        for number, row in enumerate(table.rows(columns), start=1):
            check_rows(before + number, name)
            yield row_entry(f"{table.name}, row {number}", *row, columns.names)
        before += table.count


def check_rows(count: int, name: str) -> None:
    """Refuse too many.

    Raises:
        InputError: it has more rows than are read.
    """
    if count > limits.MAX_ENTRIES:
        raise InputError(f"{name} has {count:,} rows; at most {limits.MAX_ENTRIES:,} are read. Split it, or raise HWR_MAX_ENTRIES.")


class Table:
    """A Parquet file whose footer is in order.

    Args:
        name: for messages.
        open_file: gives it, seekable.

    Raises:
        InputError: it can't be read as Parquet, or unpacks to more than is read. So do the methods, while they are read from.
    """

    def __init__(self, name: str, open_file: Callable[[], BinaryIO]) -> None:
        self.name = name
        self._open = open_file
        with self._opened() as (_, groups, file):
            self.schema: pa.Schema = file.schema_arrow
            self.count = sum(group.rows for group in groups)

    @contextmanager
    def _opened(self) -> Generator[tuple[BinaryIO, list[Group], ParquetFile]]:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile

        try:
            with self._open() as stream:
                groups = read_footer(stream, self.name)
                stream.seek(0)
                # Pages are read one after the other, not all of a column at once.
                file = ParquetFile(stream, pre_buffer=False, buffer_size=1 << 16, thrift_container_size_limit=_MAX_LIST)
                yield stream, groups, file
        except InputError:
            raise
        except (ArrowException, OSError, ValueError, LookupError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise InputError(f"{self.name} can't be read as Parquet: {reason}") from error

    def batches(self, leaves: list[str], most: int = 512) -> Iterator[dict[str, list[Any]]]:
        """All rows in order, at most so many at once: the values of these columns (``image``), or parts of columns (``image.bytes``)."""
        with self._opened() as (stream, groups, file):
            for index, group in enumerate(groups):
                rows = min(most, _rows_at_once(stream, group, leaves, self.name))
                for batch in file.iter_batches(batch_size=rows, row_groups=[index], columns=leaves, use_threads=False):
                    batch.validate(full=True)  # nothing points outside of it
                    yield {name: column.to_pylist() for name, column in zip(batch.schema.names, batch.columns, strict=True)}

    def rows(self, columns: Columns) -> Iterator[tuple[Any, Any, Any]]:
        """Image, label and writer of each row, as they stand there."""
        for batch in self.batches(columns.leaves):
            labels = batch[columns.label]
            yield from zip(batch[columns.image], labels, batch[columns.writer] if columns.writer else [None] * len(labels), strict=True)


def _rows_at_once(stream: BinaryIO, group: Group, leaves: list[str], name: str) -> int:
    """Rows to a batch: as many as fit, if each held the largest value of a dictionary, or its share of what stands there in full."""
    row = 1
    for chunk in group.chunks:
        if chunk.column in leaves:
            pages = measure(stream, chunk, name)
            row += pages.dictionary + (pages.unpacked - pages.dictionary) // max(1, group.rows)
    return max(1, _BATCH_BYTES // row)
