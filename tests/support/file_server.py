"""A server of files on localhost that does what servers of large files do to people: breaks off, knows no Range, tells no length."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """A file and the server's manners.

    Attributes:
        data: its content.
        ranges: whether the server gives parts.
        length: whether it tells the length; else it sends chunks.
        head: whether it knows HEAD.
        breaks: of the next answers, after how many bytes each breaks off.
        status: other than 200, an error.
    """

    data: bytes
    ranges: bool = True
    length: bool = True
    head: bool = True
    breaks: list[int] = field(default_factory=list)
    status: int = 200


class FileServer(ThreadingHTTPServer):
    """``files`` are those by path; ``asked`` are the requests, as method, path and Range."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def got(self) -> list[str]:
        """The ranges that GET has asked for, empty for all."""
        return [wanted for method, _, wanted in self.asked if method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FileServer

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append((self.command, self.path, wanted))
        served = self.server.files.get(self.path, Served(b"", status=404))
        status = 405 if self.command == "HEAD" and not served.head else served.status
        part = re.fullmatch(r"bytes=(\d+)-", wanted) if served.ranges and status == 200 else None
        start = int(part[1]) if part else 0
        if part and start >= len(served.data):
            status = 416
        data = served.data[start:] if status == 200 else b""
        self.send_response(206 if part and status == 200 else status)
        if part and status == 200:
            self.send_header("Content-Range", f"bytes {start}-{len(served.data) - 1}/{len(served.data)}")
        if served.length or status != 200:
            self.send_header("Content-Length", str(len(data)))
        elif self.command == "GET":
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.command == "GET":
            self._send(data, served, chunked=not served.length and status == 200)

    def _send(self, data: bytes, served: Served, *, chunked: bool) -> None:
        sent = data
        if data and served.breaks:
            sent = data[: served.breaks.pop(0)]
            self.close_connection = True
        self.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent) if chunked and sent else sent)
        if chunked and len(sent) == len(data):
            self.wfile.write(b"0\r\n\r\n")


@contextmanager
def serving() -> Generator[FileServer]:
    """A server, in a thread."""
    with FileServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
