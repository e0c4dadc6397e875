"""Searchable PDF: the picture of each page, and over it, unseen, every word where it stands.

The text is set in PDF's rendering mode 3, neither filled nor stroked (ISO 32000-1, 9.3.6), as scanners' software does. Its font has a
single glyph, a box half as wide as high, for all the characters of the document, so that there is none that can't be searched for.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from hwr.errors import InputError, extra_imports
from hwr.ink.files import printable
from hwr.pictures.loading import opaque

if TYPE_CHECKING:
    from hwr.text.result import TextDocument, TextResult, TextWord

_FONT = "Unseen"
_EM, _DESCENT = 1000, 200  # units of the font; a character is as high as an em
_INCH = 72.0  # points
_LONG_SIDE = 11.69  # inches of a sheet of A4: pictures that don't say how large they are get this
_DPI = (100.0, 1200.0)  # what cameras write down as dots per inch lies outside, and means nothing
_MAX_SIDE = 4000  # pixels; larger pictures are reduced
_QUALITY = 85


def to_pdf(document: TextDocument) -> bytes:
    """A PDF with a page for each of the document's.

    Raises:
        InputError: what a page looks like isn't known any more, or a library isn't installed.
    """
    with extra_imports():
        from fpdf import FPDF
        from fpdf.enums import TextMode
    chars = {char for page in document.pages for line in page.lines for char in printable(line.text)}
    with TemporaryDirectory() as folder:
        font = Path(folder) / f"{_FONT}.ttf"
        font.write_bytes(_unseen(chars))
        pdf = FPDF(unit="pt")
        pdf.set_auto_page_break(False)
        pdf.set_creator("hwr")
        pdf.set_title(printable(document.pages[0].name if document.pages else ""))
        pdf.add_font(fname=font)
        pdf.text_mode = TextMode.INVISIBLE
        for page in document.pages:
            _add(pdf, page)
        return bytes(pdf.output())


def _add(pdf: Any, page: TextResult) -> None:
    if page.picture is None:
        raise InputError("A PDF shows the page, and of this result there is no picture. Read it from an image or a document.")
    picture = page.picture()
    if picture.size != page.size:
        raise InputError(f"The picture {page.name} is another one than that which was read. Read it again.")
    point = _INCH / _resolution(picture)  # points per pixel
    width, height = (point * length for length in page.size)
    pdf.add_page(format=(width, height))
    picture = opaque(picture)
    picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    pdf.image(file, 0, 0, width, height)
    before: TextWord | None = None
    for line in page.lines:
        if not line.words:
            continue
        if before is not None and _level(before, line.words[0]):
            pdf.text(0, height if line.box[1] + line.box[3] < page.size[1] else 0, " ")
        _write(pdf, line.words, point)
        before = line.words[-1]


def _level(last: TextWord, first: TextWord) -> bool:
    """Whether the last word of a line stands at about the height of the first of the next, as it does in slanted writing.

    PDFium takes such words for those of one line, and sorts them from left to right, unless something elsewhere is set between them.
    """
    return abs(last.box[3] - first.box[3]) < last.box[3] - last.box[1]


def _resolution(picture: Image.Image) -> float:
    """Pixels per inch of paper."""
    said = float(picture.info.get("dpi", (0.0,))[0] or 0.0)
    return said if _DPI[0] <= said <= _DPI[1] else max(picture.size) / _LONG_SIDE


def _write(pdf: Any, words: Sequence[TextWord], point: float) -> None:
    """Set the words of a line, each as wide as its rectangle, all as high as the line, so that viewers see that they are one."""
    corners = np.stack([word.polygon.astype(float) * point for word in words])  # (words, 4, 2)
    _, _, lower_right, lower_left = corners.swapaxes(0, 1)
    direction = (lower_right - lower_left).sum(0)
    angle = np.arctan2(direction[1], direction[0])
    along, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    tall = max(float(np.ptp(corners @ down)), 1.0)
    baseline = float((corners @ down).max()) - tall * _DESCENT / _EM
    pdf.set_font(_FONT, size=tall)
    for word, places in zip(words, corners @ along, strict=True):
        text = printable(word.text)
        if not text:
            continue
        pdf.set_stretching(100)
        pdf.set_stretching(100 * max(float(np.ptp(places)), 1.0) / pdf.get_string_width(text))
        x, y = places.min() * along + baseline * down
        with pdf.rotation(-np.rad2deg(angle), x, y):
            pdf.text(x, y, f"{text} ")


def _unseen(chars: set[str]) -> bytes:
    """A TrueType font in which all these characters, and the space, are the same box."""
    with extra_imports():
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen
    glyphs = [".notdef", "box"]
    box = TTGlyphPen(None)
    box.moveTo((0, -_DESCENT))
    for corner in ((0, _EM - _DESCENT), (_EM // 2, _EM - _DESCENT), (_EM // 2, -_DESCENT)):
        box.lineTo(corner)
    box.closePath()
    font = FontBuilder(_EM)
    font.setupGlyphOrder(glyphs)
    font.setupCharacterMap({ord(char): "box" for char in chars | {" "}})
    font.setupGlyf(dict.fromkeys(glyphs, box.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (_EM // 2, 0)))
    font.setupHorizontalHeader(ascent=_EM - _DESCENT, descent=-_DESCENT)
    font.setupNameTable({"familyName": _FONT, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=_EM - _DESCENT, sTypoDescender=-_DESCENT, usWinAscent=_EM - _DESCENT, usWinDescent=_DESCENT)
    font.setupPost()
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()
