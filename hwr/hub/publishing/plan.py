"""What a release would change on the Hub: each repository compared, file by file, with what is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hwr.hub.publishing.release import Part

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_THEIRS = ".gitattributes"  # which the Hub makes, with every repository


@dataclass(frozen=True)
class Step:
    """What is to be done for a repository.

    Attributes:
        part: the repository as it shall be.
        head: the commit that it is at, or None: there is no such repository.
        changed: files that are new or other than there.
        removed: files that are there and belong there no more.
        size: bytes of the changed files.
    """

    part: Part
    head: str | None
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    size: int

    @property
    def nothing(self) -> bool:
        """Whether everything is as it shall be."""
        return self.head is not None and not self.changed and not self.removed

    def __str__(self) -> str:
        """For people."""
        where = f"{self.part.kind:<10} {self.part.repo_id}"
        if self.nothing:
            return f"{where}: as it is, {len(self.part.files)} files"
        removed = f", {len(self.removed)} to remove" if self.removed else ""
        made = "new" if self.head is None else "update"
        return f"{where}: {made}, {len(self.changed)} of {len(self.part.files)} files, {megabytes(self.size)}{removed}"


def megabytes(size: int) -> str:
    """A number of bytes, for people."""
    return f"{size / 1e6:,.1f} MB" if size >= 50_000 else f"{size / 1e3:,.1f} kB"


def compare(api: HfApi, part: Part) -> Step:
    """Compare a repository with what is on the Hub; nothing but hashes travels.

    Raises:
        HTTPError, OSError: the Hub can't be reached or refuses.
    """
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        info = api.repo_info(part.repo_id, repo_type=part.kind, files_metadata=True)
    except RepositoryNotFoundError:
        return Step(part, None, tuple(part.files), (), sum(map(_size, part.files.values())))
    there = {file.rfilename: file for file in getattr(info, "siblings", None) or ()}
    changed = tuple(path for path, content in part.files.items() if path not in there or not _same(there[path], content))
    removed = tuple(sorted(there.keys() - part.files.keys() - {_THEIRS}))
    return Step(part, info.sha, changed, removed, sum(_size(part.files[path]) for path in changed))


def _same(there: object, content: Path | bytes) -> bool:
    size = _size(content)
    if (lfs := getattr(there, "lfs", None)) is not None:
        return lfs.size == size and lfs.sha256 == _digest(hashlib.sha256(), content)
    return getattr(there, "blob_id", None) == _digest(hashlib.sha1(b"blob %d\0" % size), content)  # as git names a file


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _digest(sum_: hashlib._Hash, content: Path | bytes) -> str:
    if isinstance(content, bytes):
        sum_.update(content)
    else:
        with content.open("rb") as file:
            while piece := file.read(1 << 20):
                sum_.update(piece)
    return sum_.hexdigest()
