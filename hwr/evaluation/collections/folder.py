"""The files of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hwr.errors import InputError
from hwr.evaluation.collections import limits
from hwr.pictures.loading import MAX_BYTES


class FolderFiles:
    """The files of a folder by their names within it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    def list(self) -> Iterator[tuple[str, str]]:
        """Name and, where it can't be used, the reason."""
        for count, path in enumerate(sorted(self.path.rglob("*"))):
            if count > limits.MAX_ENTRIES:
                raise InputError(
                    f"{self.name} holds more than {limits.MAX_ENTRIES:,} files. Evaluate it in parts, or raise HWR_MAX_ENTRIES."
                )
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
