"""Text and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwr.text.result import TextDocument


def to_text(document: TextDocument) -> bytes:
    """UTF-8, a line of text per line of writing, an empty line between pages."""
    return f"{document.text}\n".encode(errors="replace")


def to_json(document: TextDocument) -> bytes:
    """What ``export()`` gives: of a single page ``text, confidence, size, lines``, of several ``text, confidence, pages``."""
    return (json.dumps(exported(document), ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


def exported(document: TextDocument) -> dict[str, Any]:
    """JSON-able data: of a single page its own, of several that of the document."""
    return document.pages[0].export() if len(document.pages) == 1 else document.export()
