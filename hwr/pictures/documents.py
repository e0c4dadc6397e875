"""Documents page by page: PDF, TIFF of several pages, and any single picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from hwr.errors import InputError
from hwr.pictures.loading import check_size, load_image, open_image
from hwr.pictures.pdf import count_pages, draw_page

MAX_PAGES = 1000
MAX_BYTES = 200_000_000
_HEAD = 1024  # bytes within which a PDF says that it is one
_SUBFILE_TYPE, _REDUCED = 254, 1  # TIFF 6.0: a smaller copy of another picture in the file


@dataclass(frozen=True)
class Document:
    """Pages to read.

    Attributes:
        name: of the file; empty where there is none.
        pages: how many there are.
        page: gives the picture of a page, counted from 0, upright; each call opens it anew. Raises InputError where it can't be had.
    """

    name: str
    pages: int
    page: Callable[[int], Image.Image]


def open_document(source: Any, max_pages: int = MAX_PAGES) -> Document:
    """Open a document.

    Args:
        source: path or bytes of a PDF, a TIFF of one or several pages or any other picture; or whatever else
            :func:`~hwr.pictures.loading.load_image` takes, which is one page.
        max_pages: more are refused.

    Raises:
        InputError: it can't be opened, or has no pages or too many.
    """
    if not isinstance(source, bytes | bytearray | str | os.PathLike):
        return Document("", 1, lambda number: load_image(source))
    content = bytes(source) if isinstance(source, bytes | bytearray) else Path(source)
    name = content.name if isinstance(content, Path) else ""
    check_size(content, MAX_BYTES)
    if is_pdf(content):
        count = count_pages(content, name)
        page = partial(draw_page, content, name)
    else:
        with open_image(content, MAX_BYTES) as image:
            frames = _frames(image, max_pages + 1) if image.format == "TIFF" else [0]
        count = len(frames)
        page = partial(_frame, content, frames)
    if count == 0:
        raise InputError(f"{name or 'The document'} has no pages.")
    if count > max_pages:
        raise InputError(f"{name or 'The document'} has more than {max_pages:,} pages, which is too many at a time. Split it.")
    return Document(name, count, page)


def is_pdf(source: Path | bytes) -> bool:
    """Whether a file, or what is in it, says that it is a PDF."""
    if isinstance(source, bytes):
        return b"%PDF-" in source[:_HEAD]
    try:
        with source.open("rb") as file:
            return b"%PDF-" in file.read(_HEAD)
    except OSError as error:
        raise InputError(f"{source.name} can't be read: {error.strerror or error}.") from error


def _frames(image: Image.Image, most: int) -> list[int]:
    """Numbers of the pages in a TIFF, ``most`` at most; smaller copies of pages are none."""
    found = []
    for number in range(2 * most):
        try:
            image.seek(number)
        except Exception:  # the end, or what comes next is damaged
            break
        if not int(getattr(image, "tag_v2", {}).get(_SUBFILE_TYPE, 0)) & _REDUCED:
            found.append(number)
        if len(found) == most:
            break
    return found


def _frame(source: Path | bytes, frames: list[int], number: int) -> Image.Image:
    with open_image(source, MAX_BYTES) as image:
        try:
            image.seek(frames[number])
        except Exception:
            raise InputError(f"Page {number + 1} of the file is damaged. Save or upload it again.") from None
        return load_image(image)
