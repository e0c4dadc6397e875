"""Files that are all there or not at all, whatever happens while they are written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from hwr.errors import InputError


@contextmanager
def staged(folder: Path) -> Generator[Path]:
    """An empty folder to write files into, which take their places in ``folder`` together when the block ends without an error.

    Each replaces the one of its name in a single step. Other files of ``folder``, which is made if need be, stay as they are.

    Raises:
        InputError: they can't be written, as on a full disk; ``folder`` is as before.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # of the same file system
    except OSError as error:
        raise unwritten(folder, error) from error
    try:
        yield aside
        for path in sorted(aside.rglob("*")):
            place = folder / path.relative_to(aside)
            if path.is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
    except OSError as error:
        raise unwritten(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def check_free(folder: Path) -> None:
    """Before long work: that a folder can be made.

    Raises:
        InputError: it holds something, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists already. Name a folder that doesn't exist or is empty.")


def unwritten(place: Path, error: BaseException) -> InputError:
    """What to tell people about an error while something was written."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return InputError(f"{place} can't be written: {reason}. What stood there is as before. Make room, or choose another place.")
