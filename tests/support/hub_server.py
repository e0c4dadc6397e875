"""A Hugging Face Hub on localhost, in memory: enough of its HTTP protocol for the real ``huggingface_hub`` and ``datasets`` clients.

Repositories of models, datasets and Spaces, with commits, branches, tags, access tokens and private repositories, and collections of them;
small files travel in commits, large ones by the LFS protocol to a second port that plays the storage host, as on the real Hub. No Xet, no
pull requests, no multipart.
``HF_ENDPOINT`` is read when ``huggingface_hub`` is imported, so run clients in a fresh process with :attr:`FakeHub.env`.
"""

from __future__ import annotations

import os
import tempfile
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from hub_api import Api
from hub_http import Storage
from hub_repos import LFS_SUFFIXES, File, Repo


class FakeHub:
    """The server, as a context manager.

    Attributes:
        url: its address, for ``HF_ENDPOINT``.
        token: a token that may read and write everything; its user is ``user``.
        env: environment for a client process that knows this Hub, the token, and no other cache.
        down: while set, every request is answered with 503.
        gives_out_after: while set, the host of large files sends so many bytes, and then is gone.
        holds_uploads: uploads of large files wait until this is set.
        requests: ``(method, path)`` of all requests so far.
    """

    user = "user"
    token = "hf_testtoken"

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}
        self.blobs: dict[str, bytes] = {}
        self.collections: dict[str, dict[str, Any]] = {}
        self.lock = threading.RLock()
        self.down = False
        self.gives_out_after: int | None = None
        self.holds_uploads = threading.Event()
        self.holds_uploads.set()
        self.requests: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(prefix="hub-home-", ignore_cleanup_errors=True)
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"hub": self})) for handler in (Api, Storage)]
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url, self.storage_url = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._home.cleanup()

    def stop(self) -> None:
        """Stop listening: connections are refused from now on."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    @property
    def env(self) -> dict[str, str]:
        home = Path(self._home.name)
        return os.environ | {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": self.token,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": str(home / "hub"),
            "HF_DATASETS_CACHE": str(home / "datasets"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "NO_PROXY": "127.0.0.1",
        }

    def add(self, repo_id: str, files: dict[str, bytes], *, kind: str = "models", private: bool = False, branch: str = "main") -> str:
        """Commit files to a repository, made if need be, behind the clients' backs; returns the commit's id."""
        with self.lock:
            repo = self.repos.get((kind, repo_id)) or self.create(kind, repo_id, private)
            base = repo.trees[repo.branches.get(branch) or repo.branches["main"]]
            tree = base | {path: File(data, path.endswith(LFS_SUFFIXES)) for path, data in files.items()}
            self.blobs |= {file.sha256: file.data for file in tree.values() if file.lfs}
            return repo.commit(branch, tree, "add")

    def create(self, kind: str, repo_id: str, private: bool) -> Repo:
        repo = self.repos[kind, repo_id] = Repo(repo_id, kind, private)
        tree = {".gitattributes": File(b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n", lfs=False)}
        if kind == "spaces":
            tree["README.md"] = File(b"---\nsdk: gradio\n---\n", lfs=False)
        repo.commit("main", tree, "initial commit")
        return repo
