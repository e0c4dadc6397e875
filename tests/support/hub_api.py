"""The addresses of the Hub on localhost, and what it answers there."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import parse_qs, unquote

from hub_cards import card_errors
from hub_collections import Collections
from hub_repos import DATE, LFS_SUFFIXES, File, Refusal, Repo


class Api(Collections):
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
        if kind == "spaces" and request.get("sdk") not in ("gradio", "docker", "static"):
            raise Refusal(400, None, "A Space needs an SDK")
        if kind == "spaces" and request.get("hardware") != "zero-a10g":
            raise Refusal(402, None, "Free accounts can create ZeroGPU Spaces only")
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


def _routes() -> list[tuple[re.Pattern[str], str, str]]:
    api = r"/api/(?P<kind>models|datasets|spaces)/(?P<repo>[^/]+/[^/]+)"
    web = r"/(?:(?P<kind>datasets|spaces)/)?(?P<repo>[^/]+/[^/]+)"
    revision = r"(?P<revision>[^/]+)"
    table = [
        ("/api/whoami-v2", "GET", "whoami"),
        ("/api/repos/create", "POST", "create_repo"),
        ("/api/validate-yaml", "POST", "validate_yaml"),
        ("/api/collections", "GET", "collections"),
        ("/api/collections", "POST", "create_collection"),
        ("/api/collections/(?P<slug>[^/]+/[^/]+)", "GET", "collection"),
        ("/api/collections/(?P<slug>[^/]+/[^/]+)/items", "POST", "add_item"),
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
