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

from gradio.route_utils import get_root_url
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hwr.ui.assets import scripts, stored
from hwr.ui.how import files as how
from hwr.ui.theme import PAGES

SCRIPTS = ("links.js", "labels.js", "pad/greeting.js", "pad/pad.js", "pen/paper.js")
"""What more than one component runs, or what must know of several; each is a function of ``window.hwr``."""
FILES = {
    "page.js": scripts(*SCRIPTS),
    "mark.svg": stored("image/svg+xml", "brand/mark.svg"),
    "social.png": stored("image/png", "brand/social.png", packed=False),
    **how.FILES,
}
"""All that is served beside what Gradio serves."""
_PLACE = "/brand/"
_GRADIOS_OWN = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')


@cache
def content(name: str, packed: bool = False) -> bytes:
    """One of these files, as it is or compressed."""
    return gzip.compress(content(name), 6) if packed else FILES[name].made()


def tags(root: str, here: str = "") -> str:
    """What stands in the head of a page.

    Args:
        root: address of the first page.
        here: path of the page.
    """
    version = hashlib.sha256(content("page.js")).hexdigest()[:12]
    title, description, address = escape(PAGES[here].title), escape(PAGES[here].description), escape(root.rstrip("/"))
    previews = {"og:type": "website", "og:url": f"{address}/{here}", "og:title": title, "og:description": description}
    previews |= {"og:image": f"{address}{_PLACE}social.png", "og:image:width": "1200", "og:image:height": "630", "og:image:alt": title}
    metas = [f'<meta property="{name}" content="{said}">' for name, said in previews.items()]
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
        if place and name in FILES:
            headers = {"content-type": FILES[name].kind, "cache-control": f"max-age={31_536_000 if scope['query_string'] else 3600}"}
            packed = FILES[name].packed and _takes_gzip(scope, headers)
            return await Response(content(name, packed), headers=headers)(scope, receive, send)
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
            path = self.scope["path"]
            root = get_root_url(Request(self.scope), path, self.scope.get("root_path") or None)
            here = path.strip("/").rpartition("/")[2]
            head = tags(root, here if here in PAGES else "")
            fields: dict[str, str] = {}
            self.body = _GRADIOS_OWN.sub("", self.body.decode()).replace("</head>", f"{head}</head>", 1).encode()
            if _takes_gzip(self.scope, fields):
                self.body = gzip.compress(self.body, 6)
            headers.update(fields)
            headers["content-length"] = str(len(self.body))
        await self.send({"type": "http.response.start", "status": start["status"], "headers": headers.raw})
        await self.send({"type": "http.response.body", "body": self.body})


def _takes_gzip(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether the caller can take a compressed answer; what headers say of that is added."""
    headers["vary"] = "Accept-Encoding"
    if "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
        return False
    headers["content-encoding"] = "gzip"
    return True
