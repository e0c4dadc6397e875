"""What several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hwr.errors import InputError


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """``--model``, ``--revision`` and ``--device``."""
    parser.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a model (default: the best of the shipped ones)")
    parser.add_argument("--revision", help="branch, tag or commit of the Hub repository")
    add_device_option(parser)


def add_device_option(parser: argparse.ArgumentParser) -> None:
    """``--device``."""
    parser.add_argument(
        "--device", default="cpu", help="cpu, cuda, cuda:1, mps, or auto: a graphics card if there is one (default: %(default)s)"
    )


def where(options: argparse.Namespace) -> str:
    """The device that was asked for.

    Raises:
        InputError: this machine hasn't got it.
    """
    from hwr.system.process import usable_device

    return usable_device(options.device)


def add_bulk_options(parser: argparse.ArgumentParser, size: int) -> None:
    """``--out``, ``--workers`` and ``--shard-size``."""
    parser.add_argument("--out", metavar="FOLDER", help="folder of Parquet shards to make; killed and started again it goes on")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="with --out: processes (default: %(default)s)")
    parser.add_argument("--shard-size", type=int, default=size, metavar="ROWS", help="with --out: rows to a shard (default: %(default)s)")


@contextmanager
def progress(unit: str) -> Generator[Callable[[dict[str, Any], int], None]]:
    """A bar over shards, and at the end a sentence about those that were made now."""
    from tqdm import tqdm

    total = {"rows": 0, "errors": 0}
    with tqdm(desc="shards", unit="shard", disable=None) as bar:

        def done(row: dict[str, Any], count: int) -> None:
            bar.total = count
            bar.update()
            for name in total:
                total[name] += row[name]

        yield done
    print(f"{total['rows']:,} {unit} made now, {total['errors']:,} of them with an error.")


def text_of(options: argparse.Namespace) -> str:
    """The text to write.

    Raises:
        InputError: there is none, or two.
    """
    if (options.text is None) == (options.file is None):
        raise InputError("Say what to write: a text, or --file with a text file.")
    if options.file is None:
        return options.text
    try:
        return Path(options.file).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"The text {options.file} can't be read as UTF-8: {error}") from error


def shared(source: str) -> tuple[str, float]:
    """A file and how much it counts, of ``FILE[=SHARE]``; without a share 1.

    Raises:
        InputError: the share is no number above 0.
    """
    path, _, share = source.rpartition("=")
    path, share = (path, share) if path else (source, "1")
    try:
        weight = float(share)
    except ValueError:
        weight = 0.0
    if not 0 < weight < 1e6:
        raise InputError(f"The share of {path} must be a number above 0, not {share!r}.")
    return path, weight
