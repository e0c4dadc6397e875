"""How the Hub on localhost speaks HTTP, and the host that its large files come from and go to."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from hub_repos import Refusal

if TYPE_CHECKING:
    from hub_server import FakeHub


class Handler(BaseHTTPRequestHandler):
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


class Storage(Handler):
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
