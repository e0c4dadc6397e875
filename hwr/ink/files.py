"""Ink in files: strokes from SVG, InkML and JSON, and to InkML; smooth curves through the points of strokes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import defusedxml
import defusedxml.ElementTree
import numpy as np

from hwr.errors import InputError
from hwr.ink.strokes import MAX_POINTS, Strokes, check_points, parse_strokes

INKML = "http://www.w3.org/2003/InkML"
MAX_BYTES = 5_000_000
"""Larger files are refused."""
MAX_ELEMENTS = 20_000
MAX_NESTING = 100
MAX_NUMBERS = 100_000
"""Numbers in the paths of an SVG file: they are counted before they are made curves of."""
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FLATNESS = 60
"""Points to a curve of an SVG file; simplification thins them out."""


def load_strokes(source: Any) -> Strokes:
    """Strokes from whatever holds them.

    Args:
        source: a list of strokes (see :func:`hwr.ink.strokes.parse_strokes`), or the path or bytes of an SVG, InkML or JSON file. Of an
            SVG the paths are taken (also lines and other shapes), whatever their colour.

    Returns:
        One float32 array (N, 2) per stroke, y downwards.

    Raises:
        InputError: it can't be read; the message says why.
    """
    if isinstance(source, bytes | bytearray):
        data = bytes(source)
    elif isinstance(source, str | Path):
        try:
            path = Path(source).expanduser()
            if path.stat().st_size > MAX_BYTES:
                raise InputError(f"The file {path.name} is too large: more than {MAX_BYTES // 1_000_000} MB.")
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            raise InputError(f"The file {Path(source).name[:100]} can't be read: {getattr(error, 'strerror', error)}.") from error
    else:
        return parse_strokes(source)
    if len(data) > MAX_BYTES:
        raise InputError(f"The file is too large: more than {MAX_BYTES // 1_000_000} MB.")
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"[", b"{"):
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InputError(f"The file is not valid JSON: {error}.") from error
        return parse_strokes(value.get("strokes") if isinstance(value, dict) else value)
    root = _xml(data)
    kind = root.tag.rpartition("}")[2]
    if kind == "ink":
        return _from_inkml(root)
    if kind == "svg":
        numbers = sum(len(_NUMBER.findall(element.get(name, ""))) for element in root.iter() for name in ("d", "points", "transform"))
        if numbers > MAX_NUMBERS:
            raise InputError(f"The SVG file has {numbers:,} numbers in its paths; a few words have at most {MAX_NUMBERS:,}.")
        return _from_svg(ElementTree.tostring(root, encoding="unicode"))
    raise InputError(f"The file holds <{kind[:50]}>, not SVG or InkML.")


def _xml(data: bytes) -> ElementTree.Element:
    """The root of an XML document that has no more, or deeper, elements than ink needs.

    Raises:
        InputError: it has, or it isn't XML, or declares entities.
    """
    open_elements: list[ElementTree.Element] = []
    root = None
    try:
        for count, (event, element) in enumerate(defusedxml.ElementTree.iterparse(io.BytesIO(data), events=("start", "end"))):
            if event == "end":
                open_elements.pop()
                continue
            open_elements.append(element)
            root = element if root is None else root
            if count > 2 * MAX_ELEMENTS or len(open_elements) > MAX_NESTING:
                raise InputError("The file has too many elements to be a few words. Save the ink alone, as plain SVG or InkML.")
    except defusedxml.DefusedXmlException as error:
        raise InputError("The file declares XML entities, which are not taken from strangers. Save it again as plain SVG.") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the last: of encodings that nobody knows
        raise InputError(f"The file is neither SVG, nor InkML, nor JSON: {error}.") from error
    assert root is not None  # the parser would have complained
    return root


def _from_inkml(root: ElementTree.Element) -> Strokes:
    strokes = []
    total = 0
    for trace in root.iter():
        text = (trace.text or "").strip()
        if trace.tag.rpartition("}")[2] != "trace" or not text:
            continue
        total += text.count(",") + 1
        check_points(total)
        try:
            strokes.append([[float(number) for number in point.split()[:2]] for point in text.rstrip(",").split(",")])
        except ValueError:
            raise InputError("The InkML file has traces that are not plain numbers; save absolute points.") from None
    return parse_strokes(strokes)


def _from_svg(text: str) -> Strokes:
    from svgpathtools import Document, Line

    try:
        paths = Document(io.StringIO(text)).paths()
        strokes = []
        total = 0
        for path in paths:
            for part in path.continuous_subpaths():
                points = [part[0].start]
                for segment in part:
                    count = 1 if isinstance(segment, Line) else _FLATNESS
                    points += [segment.point(index / count) for index in range(1, count + 1)]
                total += len(points)
                if total > 40 * MAX_POINTS:
                    raise InputError("The SVG file has too many curves to be a few words.")
                strokes.append(np.array([[point.real, point.imag] for point in points]))
    except InputError:
        raise
    except Exception as error:  # files of strangers: the parser raises whatever comes
        raise InputError(f"The SVG file can't be read: {str(error)[:200] or type(error).__name__}.") from error
    strokes = [stroke.astype(np.float32) for stroke in strokes if (np.abs(stroke) < 1e30).all()]
    if not strokes:
        raise InputError("There is no path in the SVG file.")
    from hwr.ink.moves import simplified

    reach = float(max(np.ptp(stroke, axis=0).max() for stroke in strokes))
    return parse_strokes(simplified(strokes, 0.002 * reach))


def to_inkml(strokes: Strokes, text: str, times: Sequence[np.ndarray] | None = None) -> str:
    """An InkML document (W3C Recommendation 2011) with a trace per stroke, and the text as an annotation.

    Args:
        strokes: arrays (N, 2), y downwards.
        text: that they are.
        times: of each stroke's points, float (N,), in seconds; they become the channel T, in milliseconds. None: there is no such channel.
    """
    ElementTree.register_namespace("", INKML)
    root = ElementTree.Element(f"{{{INKML}}}ink")
    annotation = ElementTree.SubElement(root, f"{{{INKML}}}annotation", {"type": "text"})
    annotation.text = printable(text)
    if times is not None:
        traces = [", ".join(f"{x:.2f} {y:.2f} {t:.1f}" for x, y, t in stroke) for stroke in timed(strokes, times)]
        format = ElementTree.SubElement(ElementTree.SubElement(root, f"{{{INKML}}}context"), f"{{{INKML}}}traceFormat")
        for channel in ({"name": "X"}, {"name": "Y"}, {"name": "T", "units": "ms"}):
            ElementTree.SubElement(format, f"{{{INKML}}}channel", channel | {"type": "decimal"})
    else:
        traces = [", ".join(f"{x:.2f} {y:.2f}" for x, y in stroke.tolist()) for stroke in strokes]
    for trace in traces:
        ElementTree.SubElement(root, f"{{{INKML}}}trace").text = trace
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def timed(strokes: Strokes, times: Sequence[np.ndarray]) -> list[list[list[float]]]:
    """Strokes as a drawing pad gives them: points ``[x, y, t]``, t in milliseconds; ``times`` are in seconds."""
    return [
        [[round(x, 2), round(y, 2), round(1000 * t, 1)] for (x, y), t in zip(stroke.tolist(), moments.tolist(), strict=True)]
        for stroke, moments in zip(strokes, times, strict=True)
    ]


def printable(text: str) -> str:
    """The text without characters that XML can't hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def curves(stroke: np.ndarray) -> np.ndarray:
    """A smooth curve through the points of a stroke: centripetal Catmull-Rom (Yuksel et al. 2011, doi:10.1016/j.cad.2010.08.008).

    Args:
        stroke: float (N, 2), N at least 1.

    Returns:
        float (N - 1, 4, 2): a cubic Bézier curve from each point to the next, with its end points and two control points.
    """
    points = np.asarray(stroke, np.float64)
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]]) if len(points) > 1 else points
    if len(points) < 2:
        return np.zeros((0, 4, 2))
    distances = np.maximum(np.hypot(*np.diff(ends, axis=0).T), 1e-9)[:, None]
    before, here, after = distances[:-2], distances[1:-1], distances[2:]
    p0, p1, p2, p3 = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    root, root_before, root_after = np.sqrt(here), np.sqrt(before), np.sqrt(after)
    first = (before * p2 - here * p0 + (2 * before + 3 * root_before * root + here) * p1) / (3 * root_before * (root_before + root))
    second = (after * p1 - here * p3 + (2 * after + 3 * root_after * root + here) * p2) / (3 * root_after * (root_after + root))
    # Where the pen turns back sharply, controls further away than the neighbour would make loops.
    for control, anchor in ((first, p1), (second, p2)):
        away = np.hypot(*(control - anchor).T)[:, None]
        control[:] = anchor + (control - anchor) * np.minimum(1.0, 0.5 * here / np.maximum(away, 1e-9))
    return np.stack([p1, first, second, p2], 1)


def smoothed(stroke: np.ndarray, step: float) -> np.ndarray:
    """Points along the curve through a stroke, about ``step`` apart: float32 (M, 2)."""
    if len(stroke) < 2:
        return np.asarray(stroke, np.float32)
    parts = [np.asarray(stroke[:1], np.float64)]
    for curve in curves(stroke):
        count = int(np.clip(np.ceil(np.hypot(*(curve[3] - curve[0])) / step), 1, 64))
        t = np.arange(1, count + 1)[:, None] / count
        parts.append((1 - t) ** 3 * curve[0] + 3 * t * (1 - t) ** 2 * curve[1] + 3 * t**2 * (1 - t) * curve[2] + t**3 * curve[3])
    return np.concatenate(parts).astype(np.float32)
