"""The head of the page: what previews of links show, and the scripts that several of its parts share, sent small.

Gradio names itself in the previews, has no place for a script that runs before its own, and sends its pages as they are: the page is
changed on its way out.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files

from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hwr.ui.theme import DESCRIPTION, TITLE

SCRIPTS = ("links.js", "labels.js", "pad/greeting.js", "pad/pad.js", "pen/paper.js")
"""What more than one component runs, or what must know of several; each is a function of ``window.hwr``."""
_PLACE = "/brand/"
_TYPES = {"page.js": "text/javascript; charset=utf-8", "social.png": "image/png", "mark.svg": "image/svg+xml"}
_GRADIOS_OWN = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
_WORTH_IT = 1000  # bytes


@cache
def script() -> bytes:
    """All shared scripts as one."""
    parts = [files("hwr.ui").joinpath(*name.split("/")).read_text(encoding="utf-8") for name in SCRIPTS]
    return "".join(["window.hwr ??= {};\n", *(f"{{\n{part}}}\n" for part in parts)]).encode()


@cache
def brand(name: str) -> bytes:
    """A file of the brand, or the script."""
    return script() if name == "page.js" else files("hwr.ui").joinpath("brand", name).read_bytes()


def tags(root: str) -> str:
    """What stands in the head; ``root`` is the address of the page."""
    version = hashlib.sha256(script()).hexdigest()[:12]
    title, description, address = escape(TITLE), escape(DESCRIPTION), escape(root.rstrip("/"))
    previews = {"og:type": "website", "og:url": f"{address}/", "og:title": title, "og:description": description}
    previews |= {"og:image": f"{address}{_PLACE}social.png", "og:image:width": "1200", "og:image:height": "630", "og:image:alt": title}
    metas = [f'<meta property="{name}" content="{content}">' for name, content in previews.items()]
    return "".join(
        [
            f'<meta name="description" content="{description}"><meta name="twitter:card" content="summary_large_image">',
            *metas,
            f'<script src=".{_PLACE}page.js?{version}"></script>',
        ]
    )


class Head:
    """ASGI middleware that gives pages their head, serves the files of the brand, and compresses both.

    Args:
        app: that of the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or "/gradio_api/" in scope["path"]:
            return await self.app(scope, receive, send)
        _, place, name = scope["path"].rpartition(_PLACE)
        if place and name in _TYPES:
            headers = {"content-type": _TYPES[name], "cache-control": f"max-age={31_536_000 if scope['query_string'] else 3600}"}
            body = brand(name)
            if name != "social.png":
                body = _squeezed(body, scope, headers)
            return await Response(body, headers=headers)(scope, receive, send)
        return await self.app(scope, receive, _Page(scope, send))


class _Page:
    """Holds a page back until it is whole; everything else goes on as it comes."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.send = send
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """As ``send`` of an ASGI application."""
        if message["type"] == "http.response.start" and self._is_page(message):
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self.start)

    def _is_page(self, message: Message) -> bool:
        headers = Headers(raw=message["headers"])
        return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(raw=start["headers"])
        if self.body:
            root = get_root_url(Request(self.scope), self.scope["path"], self.scope.get("root_path") or None)
            text = _GRADIOS_OWN.sub("", self.body.decode())
            fields: dict[str, str] = {}
            self.body = _squeezed(text.replace("</head>", f"{tags(root)}</head>", 1).encode(), self.scope, fields)
            headers.update(fields)
            headers["content-length"] = str(len(self.body))
        await self.send({"type": "http.response.start", "status": start["status"], "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": self.body})


def _squeezed(body: bytes, scope: Scope, headers: dict[str, str]) -> bytes:
    """The body as the caller can take it; its headers are added."""
    headers["vary"] = "Accept-Encoding"
    if len(body) < _WORTH_IT or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
        return body
    headers["content-encoding"] = "gzip"
    return gzip.compress(body, 6)
