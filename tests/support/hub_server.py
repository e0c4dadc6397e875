"""A Hugging Face Hub on localhost, in memory: enough of its HTTP protocol for the real ``huggingface_hub`` and ``datasets`` clients.

Repositories of models and datasets, with commits, branches, tags, access tokens and private repositories; small files travel in commits,
large ones by the LFS protocol to a second port that plays the storage host, as on the real Hub. No Xet, no pull requests, no multipart.
``HF_ENDPOINT`` is read when ``huggingface_hub`` is imported, so run clients in a fresh process with :attr:`FakeHub.env`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

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
    kind: str  # "models" or "datasets"
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
        self.lock = threading.RLock()
        self.down = False
        self.gives_out_after: int | None = None
        self.holds_uploads = threading.Event()
        self.holds_uploads.set()
        self.requests: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(prefix="hub-home-", ignore_cleanup_errors=True)
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"hub": self})) for handler in (_Hub, _Storage)]
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
        repo.commit("main", {".gitattributes": File(b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n", lfs=False)}, "initial commit")
        return repo


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    most: int | None = None  # bytes that are sent of an answer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def _handle(self) -> None:
        self.body = self._read_body()
        parts = urlsplit(self.path)
        self.query = parse_qs(parts.query)
        self.hub.requests.append((self.command, parts.path))
        try:
            if self.hub.down:
                raise Refusal(503, None, "Service Unavailable")
            with self.hub.lock:
                self.answer(parts.path)
        except Refusal as refusal:
            self.send_json(refusal.body, refusal.status, **refusal.headers)

    def answer(self, path: str) -> None:
        raise NotImplementedError

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def send_json(self, value: object, status: int = 200, **headers: str) -> None:
        self.send_bytes(json.dumps(value).encode(), status, **({"Content-Type": "application/json"} | headers))

    def send_bytes(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: self.most])
        if self.most is not None and len(data) > self.most:
            self.close_connection = True

    def send_file(self, data: bytes, **headers: str) -> None:
        headers["Accept-Ranges"] = "bytes"
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not wanted or not any(wanted.groups()):
            return self.send_bytes(data, **headers)
        first, last = wanted.groups()
        start = int(first) if first else max(len(data) - int(last), 0)
        stop = min(int(last) + 1, len(data)) if first and last else len(data)
        if start >= stop:
            raise Refusal(416, None, "Range Not Satisfiable", **{"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        return self.send_bytes(data[start:stop], 206, **headers)


class _Storage(_Handler):
    """The host that large files come from and go to. Its addresses are the permission: a token sent here has leaked."""

    def answer(self, path: str) -> None:
        oid = path.strip("/")
        self.most = self.hub.gives_out_after
        if "Authorization" in self.headers:
            raise Refusal(400, None, "The access token was sent to the storage host")
        if self.command == "PUT":
            self.hub.holds_uploads.wait(60)
            if hashlib.sha256(self.body).hexdigest() != oid:
                raise Refusal(400, None, "Content does not match its hash")
            self.hub.blobs[oid] = self.body
            self.send_bytes(b"", ETag=f'"{oid}"')
        elif oid in self.hub.blobs:
            self.send_file(self.hub.blobs[oid], ETag=f'"{oid}"')
        else:
            raise Refusal(404, None, "No such key")


class _Hub(_Handler):
    def answer(self, path: str) -> None:
        for pattern, method, action in _ROUTES:
            if method == self.command and (match := pattern.fullmatch(path)):
                groups = {key: unquote(value) for key, value in match.groupdict().items() if value is not None}
                if "repo" in groups:
                    write = method == "POST" and action != "paths_info"
                    groups["repo"] = self.find(groups.pop("kind", "models"), groups["repo"], write)
                return getattr(self, action)(**groups)
        raise Refusal(404, None, f"Not spoken here: {self.command} {path}")

    # --- who asks ---

    def check_token(self, write: bool) -> bool:
        header = self.headers.get("Authorization")
        if header is None and not write:
            return False
        if header != f"Bearer {self.hub.token}":
            message = "Invalid username or password." if header is None else "Invalid credentials in Authorization header"
            raise Refusal(401, None, message)
        return True

    def find(self, kind: str, repo_id: str, write: bool) -> Repo:
        known = self.check_token(write)
        repo = self.hub.repos.get((kind, repo_id))
        if repo is None or (repo.private and not known):
            raise Refusal(404 if known else 401, "RepoNotFound" if known else None, "Repository not found")
        return repo

    def whoami(self) -> None:
        self.check_token(write=True)
        self.send_json(
            {"type": "user", "id": "1", "name": self.hub.user, "fullname": "A User", "orgs": [], "auth": {"type": "access_token"}}
        )

    # --- repositories ---

    def create_repo(self) -> None:
        self.check_token(write=True)
        request = json.loads(self.body)
        kind = request.get("type", "model") + "s"
        repo_id = f"{request.get('organization') or self.hub.user}/{request['name']}"
        if not repo_id.startswith(f"{self.hub.user}/"):
            raise Refusal(403, None, f'You don\'t have the rights to create a {kind[:-1]} under the namespace "{repo_id.split("/")[0]}"')
        answer = {"url": f"{self.hub.url}/{'' if kind == 'models' else kind + '/'}{repo_id}", "name": repo_id, "id": repo_id}
        if (kind, repo_id) in self.hub.repos:
            raise Refusal(409, None, f"You already created this {kind[:-1]} repo", answer | {"error": "exists"})
        self.hub.create(kind, repo_id, request.get("visibility") == "private" or bool(request.get("private")))
        self.send_json(answer)

    def validate_yaml(self) -> None:
        request = json.loads(self.body)
        errors = list(card_errors(request["content"], request["repoType"]))
        self.send_json({"errors": [{"message": error} for error in errors], "warnings": []}, 400 if errors else 200)

    def info(self, repo: Repo, revision: str = "main") -> None:
        oid = repo.resolve(revision)
        siblings = [
            {"rfilename": path, "size": len(file.data), "blobId": file.oid}
            | ({"lfs": {"size": len(file.data), "sha256": file.sha256, "pointerSize": 130}} if file.lfs else {})
            for path, file in sorted(repo.trees[oid].items())
        ]
        if "blobs" not in self.query:
            siblings = [{"rfilename": sibling["rfilename"]} for sibling in siblings]
        answer = {"_id": "1", "id": repo.id, "author": repo.id.split("/")[0], "sha": oid, "lastModified": DATE, "createdAt": DATE}
        self.send_json(answer | {"private": repo.private, "gated": False, "disabled": False, "tags": [], "siblings": siblings})

    def refs(self, repo: Repo) -> None:
        def listed(refs: dict[str, str], prefix: str) -> list[dict[str, str]]:
            return [{"name": name, "ref": f"refs/{prefix}/{name}", "targetCommit": oid} for name, oid in refs.items()]

        self.send_json({"branches": listed(repo.branches, "heads"), "tags": listed(repo.tags, "tags"), "converts": [], "pullRequests": []})

    def commits(self, repo: Repo, revision: str) -> None:
        oid: str | None = repo.resolve(revision)
        listed = []
        while oid:
            listed.append({"id": oid, "title": repo.titles[oid], "message": "", "authors": [{"user": self.hub.user}], "date": DATE})
            oid = repo.parents[oid]
        self.send_json(listed)

    def create_branch(self, repo: Repo, name: str) -> None:
        if name in repo.branches:
            raise Refusal(409, None, "Reference already exists")
        repo.branches[name] = repo.resolve(json.loads(self.body or b"{}").get("startingPoint") or "main")
        self.send_json({})

    def create_tag(self, repo: Repo, revision: str) -> None:
        name = json.loads(self.body)["tag"]
        if name in repo.tags:
            raise Refusal(409, None, "Tag already exists")
        repo.tags[name] = repo.resolve(revision)
        self.send_json({})

    # --- reading ---

    def tree(self, repo: Repo, revision: str, path: str = "") -> None:
        files = repo.trees[repo.resolve(revision)]
        prefix = path.strip("/") + "/" if path.strip("/") else ""
        inside = {name: file for name, file in files.items() if name.startswith(prefix)}
        if prefix and not inside:
            raise Refusal(404, "EntryNotFound", f"{path} does not exist")
        deep = self.query.get("recursive", ["false"])[0].lower() in ("true", "1")
        folders = {"/".join(name.split("/")[:depth]) for name in inside for depth in range(1, name.count("/") + 1)}
        entries = [file.entry(name) for name, file in inside.items()]
        entries += [{"type": "directory", "oid": "0" * 40, "size": 0, "path": name} for name in folders if name.startswith(prefix)]
        self.send_json(sorted((e for e in entries if deep or "/" not in e["path"][len(prefix) :]), key=lambda entry: entry["path"]))

    def paths_info(self, repo: Repo, revision: str) -> None:
        files = repo.trees[repo.resolve(revision)]
        answer = []
        for path in (p.strip("/") for p in parse_qs(self.body.decode()).get("paths", [])):
            if path in files:
                answer.append(files[path].entry(path))
            elif any(name.startswith(path + "/") for name in files):
                answer.append({"type": "directory", "oid": "0" * 40, "size": 0, "path": path})
        self.send_json(answer)

    def resolve(self, repo: Repo, revision: str, path: str) -> None:
        oid = repo.resolve(revision)
        headers = {"X-Repo-Commit": oid}
        if (file := repo.trees[oid].get(path)) is None:
            raise Refusal(404, "EntryNotFound", "Entry not found", **headers)
        if file.lfs:
            headers |= {"X-Linked-Size": str(len(file.data)), "X-Linked-ETag": f'"{file.sha256}"'}
            return self.send_bytes(b"", 302, Location=f"{self.hub.storage_url}/{file.sha256}", **headers)
        return self.send_file(file.data, ETag=f'"{file.oid}"', **headers)

    # --- writing ---

    def preupload(self, repo: Repo, revision: str) -> None:
        tree = repo.trees[repo.resolve(revision)]
        self.send_json(
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if file["path"].endswith(LFS_SUFFIXES) or file["size"] > 10 << 20 else "regular",
                        "shouldIgnore": False,
                        "oid": tree[file["path"]].etag if file["path"] in tree else None,
                    }
                    for file in json.loads(self.body)["files"]
                ]
            }
        )

    def lfs_batch(self, repo: Repo) -> None:
        actions = {"verify": {"href": f"{self.hub.url}/api/{repo.kind}/{repo.id}/lfs-verify"}}
        self.send_json(
            {
                "transfer": "basic",
                "objects": [
                    {"oid": item["oid"], "size": item["size"]}
                    | (
                        {"actions": actions | {"upload": {"href": f"{self.hub.storage_url}/{item['oid']}"}}}
                        if item["oid"] not in self.hub.blobs
                        else {}
                    )
                    for item in json.loads(self.body)["objects"]
                ],
            },
            **{"Content-Type": "application/vnd.git-lfs+json"},
        )

    def lfs_verify(self, repo: Repo) -> None:
        item = json.loads(self.body)
        if len(self.hub.blobs.get(item["oid"], b"")) != item["size"]:
            raise Refusal(404, None, f"No object {item['oid']} of {item['size']} bytes was uploaded to {repo.id}")
        self.send_json({})

    def commit(self, repo: Repo, revision: str) -> None:
        if "create_pr" in self.query or revision not in repo.branches:
            raise Refusal(400, None, f"Commits go to a branch, not to {revision}")
        lines = [json.loads(line) for line in self.body.splitlines() if line]
        header, *operations = [(line["key"], line["value"]) for line in lines]
        if header[1].get("parentCommit") not in (None, repo.branches[revision]):
            raise Refusal(412, None, "A commit has happened since. Please refresh and try again.")
        tree = dict(repo.trees[repo.branches[revision]])
        for key, value in operations:
            path = value["path"]
            if key == "file":
                tree[path] = File(base64.b64decode(value["content"]), lfs=False)
            elif key == "lfsFile":
                if value["oid"] not in self.hub.blobs:
                    raise Refusal(400, None, f"{path}: the object {value['oid']} was never uploaded")
                tree[path] = File(self.hub.blobs[value["oid"]], lfs=True)
            elif key == "deletedFile" and path in tree:
                del tree[path]
            elif key == "deletedFolder":
                tree = {name: file for name, file in tree.items() if not name.startswith(path.rstrip("/") + "/")}
            else:
                raise Refusal(400, None, f"Can't do {key} to {path}")
        oid = repo.commit(revision, tree, header[1]["summary"])
        prefix = "" if repo.kind == "models" else repo.kind + "/"
        self.send_json({"success": True, "commitOid": oid, "commitUrl": f"{self.hub.url}/{prefix}{repo.id}/commit/{oid}", "hookOutput": ""})


def card_errors(content: str, repo_type: str) -> list[str]:
    """What the Hub would reject in a card's metadata, the parts that our cards use."""
    front = re.match(r"---\r?\n(.*?)\r?\n---\s*(\n|$)", content, re.DOTALL)
    if not front:
        return []
    try:
        data = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        return [f"bad YAML: {error}"]
    if not isinstance(data, dict):
        return ["metadata must be a mapping"]
    errors = [f"{key} must be a list of strings" for key in ("tags", "datasets", "metrics") if not _is_strings(data.get(key, []))]
    errors += [f"{key} must be a string" for key in ("pipeline_tag", "library_name") if not isinstance(data.get(key, ""), str)]
    if repo_type == "model":
        for model in data.get("model-index", []):
            if not isinstance(model.get("name"), str):
                errors.append("model-index without a name")
            for result in model.get("results", []):
                if not isinstance(result.get("task", {}).get("type"), str):
                    errors.append("a result without task.type")
                if not {"name", "type"} <= result.get("dataset", {}).keys():
                    errors.append("a result without dataset.name or dataset.type")
                if not all({"type", "value"} <= metric.keys() for metric in result.get("metrics", [{}])):
                    errors.append("a metric without type or value")
    return errors


def _is_strings(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _routes() -> list[tuple[re.Pattern[str], str, str]]:
    api = r"/api/(?P<kind>models|datasets)/(?P<repo>[^/]+/[^/]+)"
    web = r"/(?:(?P<kind>datasets)/)?(?P<repo>[^/]+/[^/]+)"
    revision = r"(?P<revision>[^/]+)"
    table = [
        ("/api/whoami-v2", "GET", "whoami"),
        ("/api/repos/create", "POST", "create_repo"),
        ("/api/validate-yaml", "POST", "validate_yaml"),
        (api, "GET", "info"),
        (f"{api}/revision/{revision}", "GET", "info"),
        (f"{api}/refs", "GET", "refs"),
        (f"{api}/commits/{revision}", "GET", "commits"),
        (f"{api}/branch/(?P<name>[^/]+)", "POST", "create_branch"),
        (f"{api}/tag/{revision}", "POST", "create_tag"),
        (f"{api}/tree/{revision}(?:/(?P<path>.+))?", "GET", "tree"),
        (f"{api}/paths-info/{revision}", "POST", "paths_info"),
        (f"{api}/preupload/{revision}", "POST", "preupload"),
        (f"{api}/commit/{revision}", "POST", "commit"),
        (f"{api}/lfs-verify", "POST", "lfs_verify"),
        (rf"{web}\.git/info/lfs/objects/batch", "POST", "lfs_batch"),
        (f"{web}/resolve/{revision}/(?P<path>.+)", "GET", "resolve"),
        (f"{web}/resolve/{revision}/(?P<path>.+)", "HEAD", "resolve"),
    ]
    return [(re.compile(pattern), method, action) for pattern, method, action in table]


_ROUTES = _routes()
