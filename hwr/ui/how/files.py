"""What the page "How it works" is made of, as files: they are fetched by it alone, and kept by browsers until they change."""

import hashlib
from functools import cache

from hwr.ui.assets import Asset, scripts, sheets, stored
from hwr.ui.how.content import page

FILES = {
    "how.html": Asset("text/html; charset=utf-8", page),
    "how.json": stored("application/json", "how/pictures.json"),
    "how.css": sheets("how/how.css", "how/scenes.css"),
    "how.js": scripts(*(f"how/{name}.js" for name in ("player", "motto", "rows", "columns", "pens", "confusions", "start"))),
}


@cache
def version() -> str:
    """Of all of them together; it stands in their addresses."""
    return hashlib.sha256(b"".join(asset.made() for asset in FILES.values())).hexdigest()[:12]
