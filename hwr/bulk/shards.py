"""The folder that a large piece of work goes into: Parquet shards, each there whole or not at all, and what the work was.

A shard is a function of its number and of the job, so that a job which was killed goes on with the shards that are missing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr.errors import InputError
from hwr.system.staging import unwritten

if TYPE_CHECKING:
    from datasets import Features

JOB_FILE = ".job.json"
CARD_FILE = "README.md"
_ROWS_AT_ONCE = 64
"""Rows that are held in memory before they go into the file."""


class Shards:
    """A folder of shards, ``data/train-00003-of-00120.parquet``.

    Args:
        folder: on a cluster one that all machines share.
        job: JSON-able: everything that decides what the shards hold, by the name that people know it by.
        count: of the shards.

    Raises:
        InputError: the folder holds something else, or another job's shards; or it can't be written.
    """

    def __init__(self, folder: str | os.PathLike[str], job: dict[str, Any], count: int) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self.count = count
        job = json.loads(json.dumps(job | {"shards": count}))
        record = self.folder / JOB_FILE
        try:
            if record.exists():
                old = json.loads(record.read_text(encoding="utf-8"))
                if differing := sorted(key for key in old.keys() | job.keys() if old.get(key) != job.get(key)):
                    raise InputError(f"{folder} holds a job with other {', '.join(differing)}. Name another folder, or remove this one.")
                return
            if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
                raise InputError(f"{folder} exists already, and holds no shards. Name a folder that doesn't exist or is empty.")
            (self.folder / "data").mkdir(parents=True, exist_ok=True)
            self._replace(record, json.dumps(job, indent=1))
        except (OSError, ValueError) as error:
            raise error if isinstance(error, InputError) else unwritten(self.folder, error) from error

    def path(self, number: int) -> Path:
        """Where a shard is, once it is whole."""
        return self.folder / "data" / f"train-{number:05d}-of-{self.count:05d}.parquet"

    def missing(self) -> list[int]:
        """Numbers of the shards that are still to be made."""
        return [number for number in range(self.count) if not self.path(number).exists()]

    def write(self, number: int, features: Features, rows: Iterable[dict[str, Any]]) -> dict[str, int]:
        """Make a shard, beside its place until it is whole.

        Args:
            number: of the shard.
            features: its columns, which ``datasets`` finds in the file again.
            rows: with a column ``error`` that is None where there is none.

        Returns:
            How many ``rows``, and how many ``errors`` among them.

        Raises:
            InputError: it can't be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(number)
        unfinished = path.with_name(f".{path.stem}-{os.getpid()}.part")  # a process that was thought dead may still be at it
        told = {"rows": 0, "errors": 0}
        held: list[dict[str, Any]] = []
        try:
            with unfinished.open("wb") as file, pq.ParquetWriter(file, features.arrow_schema) as table:
                for row in rows:
                    held.append(row)
                    told["rows"] += 1
                    told["errors"] += row["error"] is not None
                    if len(held) == _ROWS_AT_ONCE:
                        table.write_table(pa.Table.from_pylist(held, features.arrow_schema))
                        held.clear()
                if held:
                    table.write_table(pa.Table.from_pylist(held, features.arrow_schema))
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise unwritten(path, error) from error
        finally:
            unfinished.unlink(missing_ok=True)
        return told

    def finish(self, card: str) -> None:
        """Write the card of a job that is done, and clear away what kills have left.

        Raises:
            InputError: it can't be written.
        """
        try:
            for left in (self.folder / "data").glob(".*.part"):
                left.unlink(missing_ok=True)
            self._replace(self.folder / CARD_FILE, card)
        except OSError as error:
            raise unwritten(self.folder, error) from error

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)


def reason(error: Exception) -> str:
    """What a row says in its column ``error``."""
    return str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
