"""ALTO, PAGE-XML and hOCR, from the templates beside this file.

ALTO 4.2 (https://www.loc.gov/standards/alto/), PAGE 2019-07-15 (Pletschacher and Antonacopoulos 2010, doi:10.1109/ICPR.2010.72) and
hOCR 1.2 (https://kba.github.io/hocr-spec/1.2/). Coordinates are whole pixels of the page and never outside of it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from hwr.ink.files import printable
from hwr.version import __version__

if TYPE_CHECKING:
    from hwr.text.result import TextDocument, TextLine

_FLAT = 1.0
"""Lines steeper than this have no baseline in hOCR, which says how y depends on x."""


def to_alto(document: TextDocument) -> bytes:
    """ALTO 4.2, all pages in one file."""
    return _render("alto.xml", document)


def to_page(document: TextDocument) -> bytes:
    """PAGE-XML 2019-07-15 of the first page; the schema knows no more."""
    return _render("page.xml", document)


def to_hocr(document: TextDocument) -> bytes:
    """hOCR 1.2 as XHTML, all pages in one file."""
    return _render("hocr.xhtml", document)


def _render(template: str, document: TextDocument) -> bytes:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _environment().get_template(template).render(pages=document.pages, version=__version__, now=now).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("hwr.text.formats", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
    )
    environment.filters |= {"points": _points, "within": _within, "extent": _extent, "percent": lambda share: round(100 * share)}
    environment.filters |= {"hocr_baseline": _hocr_baseline, "hocr_name": lambda name: re.sub(r'["\\\\;]', "", name)}
    return environment


def _points(points: np.ndarray, size: tuple[int, int], separator: str = ",") -> str:
    """``x,y x,y ...``"""
    return " ".join(f"{x}{separator}{y}" for x, y in np.clip(np.round(points), 0, size).astype(int).tolist())


def _within(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, ...]:
    """A box cut off at the page's edges."""
    return tuple(np.clip(box, 0, (*size, *size)).astype(int).tolist())


def _extent(lines: tuple[TextLine, ...]) -> tuple[int, ...]:
    """The box around some lines, of which there is one at least."""
    boxes = np.array([line.box for line in lines])
    return (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())


def _hocr_baseline(line: TextLine) -> str:
    """``baseline SLOPE OFFSET`` as seen from the lower left corner of the line's box; nothing where there is none."""
    if len(line.baseline) < 2:
        return ""
    x, y = line.baseline.astype(float).T
    if np.ptp(x) * _FLAT <= np.ptp(y):
        return ""
    slope, offset = np.polyfit(x - line.box[0], y - line.box[3], 1)
    values: Any = (round(float(slope), 3) + 0.0, round(float(offset)))
    return "; baseline {:g} {}".format(*values)
