"""Markdown (CommonMark 0.31): lines end in hard breaks, pages in thematic breaks, and what was read is never taken for markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwr.text.result import TextDocument

_MARKUP = re.compile(r"[\\`*_\[\]<&~|]")
_BLOCK = re.compile(r"^(?:[-+#>=]|\d{1,9}(?=[.)]))")
"""What begins a list, a heading, a quotation or a rule at the beginning of a line."""


def to_markdown(document: TextDocument) -> bytes:
    """UTF-8, a paragraph a page."""
    pages = ["\\\n".join(filter(None, (_escaped(line.text) for line in page.lines))) for page in document.pages]
    return ("\n\n---\n\n".join(filter(None, pages)) + "\n").encode(errors="replace")


def _escaped(text: str) -> str:
    """A line of text; runs of white space are one space, as they are to readers of Markdown."""
    plain = _MARKUP.sub(r"\\\g<0>", " ".join(text.replace("\0", "").split()))
    start = _BLOCK.match(plain)
    if start is None:
        return plain
    at = start.end() if plain[0].isdigit() else 0
    return f"{plain[:at]}\\{plain[at:]}"
