"""Repositories of the Hub on localhost: files, commits, branches and tags, and what it says when it refuses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

DATE = "2020-01-01T00:00:00.000Z"
LFS_SUFFIXES = (".safetensors", ".bin", ".pt", ".parquet", ".arrow", ".png", ".jpg", ".gz", ".zip")


@dataclass(frozen=True)
class File:
    data: bytes
    lfs: bool

    @property
    def oid(self) -> str:
        """The git object's id: of the file, or of the pointer that LFS leaves in its place."""
        data = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n".encode()
        data = data if self.lfs else self.data
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.lfs else self.oid

    def entry(self, path: str) -> dict[str, Any]:
        entry = {"type": "file", "oid": self.oid, "size": len(self.data), "path": path}
        return entry | ({"lfs": {"oid": self.sha256, "size": len(self.data), "pointerSize": 130}} if self.lfs else {})


@dataclass
class Repo:
    id: str
    kind: str  # "models", "datasets" or "spaces"
    private: bool
    trees: dict[str, dict[str, File]] = field(default_factory=dict)  # of each commit
    titles: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, branch: str, tree: dict[str, File], title: str) -> str:
        parent = self.branches.get(branch)
        content = f"{self.id} {parent} {title} {sorted((path, file.oid) for path, file in tree.items())}"
        oid = hashlib.sha1(content.encode()).hexdigest()
        self.trees[oid], self.titles[oid], self.parents[oid] = tree, title, parent
        self.branches[branch] = oid
        return oid

    def resolve(self, revision: str) -> str:
        found = self.branches.get(revision) or self.tags.get(revision)
        if found is None and re.fullmatch(r"[0-9a-f]{7,40}", revision):
            found = next((oid for oid in self.trees if oid.startswith(revision)), None)
        if found is None:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return found


class Refusal(Exception):
    def __init__(self, status: int, code: str | None, message: str, body: dict[str, Any] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = body or {"error": message}
        self.headers = headers | {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
