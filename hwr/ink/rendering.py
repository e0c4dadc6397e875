"""Ink: pen strokes from strangers, fitted and drawn.

A stroke is a float32 array (N, 2) of x and y, y growing downwards; a drawing is a list of strokes. Units are the caller's own: recognition
fits the ink to the pad first, so that only shape counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hwr.errors import InputError
from hwr.ink.strokes import Strokes
from hwr.pictures.line import LINE_HEIGHT, normalise_line
from hwr.system import deadline

PAD_SIZE = (320, 320)
"""Width and height of the square drawing pad in its logical units."""
PEN_WIDTH = 16.0
"""Width of the pad's pen in logical units."""
SCAN_PEN_WIDTH = 34.0
"""The pen width at which characters fitted to the pad have the stroke widths of EMNIST's scans."""
TEXT_PAD_SIZE = (960, 260)
"""Width and height of the wide pad for words and lines."""
TEXT_PEN_WIDTH = 6.0
"""Width of its pen in logical units."""
INK_EXTENT = 220.0
"""Longer side, between pen positions, that :func:`fit` gives a drawing on the square pad."""

_SUPERSAMPLING = 2
_CANVAS = 1 << 23
"""Bytes of what is drawn on at once."""
_MARGIN = 8
"""Rows beyond a band that are drawn as well: OpenCV's lines are not quite the same at the edge."""
_SHIFT = 4  # cv2 takes fixed-point coordinates with this many fractional bits


def fit(strokes: Strokes, size: tuple[int, int] = PAD_SIZE, extent: float = INK_EXTENT) -> Strokes:
    """Scale and move a drawing so that its longer side has the given extent and its box is centred; the aspect is kept.

    Args:
        strokes: arrays (N, 2), any units.
        size: width and height of the pad to centre in.
        extent: longer side of the box of pen positions afterwards. A drawing of one point stays a point.

    Returns:
        New arrays, float32 (N, 2).
    """
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    longer = float((high - low).max())
    scale = extent / longer if longer > 0 else 1.0
    middle = np.asarray(size, dtype=np.float32) / 2
    return [((stroke - (low + high) / 2) * scale + middle).astype(np.float32) for stroke in strokes]


def fitted_picture(strokes: Strokes, pen_width: float = SCAN_PEN_WIDTH) -> np.ndarray:
    """The picture of one character to recognise: fitted to the pad, so that neither place nor size matters, and drawn as wide as scans are.

    Args:
        strokes: arrays (N, 2), any units.
        pen_width: in the pad's logical units.

    Returns:
        uint8 (320, 320), ink 0 on paper 255.
    """
    return render(fit(strokes), pen_width=pen_width)


def text_picture(strokes: Strokes) -> np.ndarray:
    """The picture of words on the wide pad: cropped to the ink, drawn as the pad draws.

    Args:
        strokes: arrays (N, 2) in the pad's logical units; ink that reaches further than eight pads is made smaller.

    Returns:
        uint8 (H, W), ink 0 on paper 255.
    """
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = min(1.0, *(8 * np.asarray(TEXT_PAD_SIZE) / np.maximum(extent, 1.0)))
    margin = 2 * TEXT_PEN_WIDTH
    columns, rows = np.ceil(extent * scale + 2 * margin).astype(int).tolist()
    return render([((stroke - low) * scale + margin).astype(np.float32) for stroke in strokes], (columns, rows), TEXT_PEN_WIDTH)


def render(strokes: Strokes, size: tuple[int, int] = PAD_SIZE, pen_width: float | Sequence[np.ndarray] = PEN_WIDTH) -> np.ndarray:
    """Draw strokes as the pad does: polylines with round caps and joins, anti-aliased.

    Args:
        strokes: arrays (N, 2) in pixels of the picture; what lies outside is cut off. A stroke of one point is a dot.
        size: width and height of the picture.
        pen_width: in pixels; of the pen, or for each stroke at each of its points, (N,).

    Returns:
        uint8 (height, width), ink 0 on paper 255.
    """
    width, height = size
    strokes = [np.clip(stroke, -4 * max(size), 5 * max(size)) for stroke in strokes]  # keeps fixed-point numbers in range
    rows = max(1, _CANVAS // (width * _SUPERSAMPLING**2))
    if rows >= height:
        return 255 - _covered(strokes, size, pen_width)
    # A large picture is drawn in bands, each with the strokes that reach into it: memory stays small.
    picture = np.empty((height, width), np.uint8)
    reach = [float(np.max(widths)) for widths in pen_width] if isinstance(pen_width, Sequence) else [pen_width] * len(strokes)
    lows = np.array([stroke[:, 1].min() - wide for stroke, wide in zip(strokes, reach, strict=True)])
    highs = np.array([stroke[:, 1].max() + wide for stroke, wide in zip(strokes, reach, strict=True)])
    for top in range(0, height, rows):
        deadline.check()
        above, bottom = min(top, _MARGIN), min(rows, height - top)
        below = min(_MARGIN, height - top - bottom)
        inside = np.flatnonzero((highs >= top - above) & (lows <= top + bottom + below)).tolist()
        moved = [strokes[number] - np.array([0, top - above], np.float32) for number in inside]
        widths = [pen_width[number] for number in inside] if isinstance(pen_width, Sequence) else pen_width
        covered = _covered(moved, (width, above + bottom + below), widths)
        picture[top : top + bottom] = 255 - covered[above : above + bottom]
    return picture


def _covered(strokes: Strokes, size: tuple[int, int], pen_width: float | Sequence[np.ndarray]) -> np.ndarray:
    """What the ink covers, uint8 (height, width), 255 for all of a pixel; arguments as of :func:`render`."""
    width, height = size
    canvas = np.zeros((height * _SUPERSAMPLING, width * _SUPERSAMPLING), np.uint8)
    for number, stroke in enumerate(strokes):
        # A repeated point draws a dot for one-point strokes and changes nothing else.
        fixed = np.round(np.concatenate([stroke, stroke[-1:]]) * (_SUPERSAMPLING << _SHIFT)).astype(np.int32)
        if isinstance(pen_width, Sequence):
            pieces, widths = np.stack([fixed[:-1], fixed[1:]], 1), pen_width[number]
        else:
            pieces, widths = [fixed], [pen_width]
        for piece, piece_width in zip(pieces, widths, strict=True):
            # OpenCV rounds a thickness to whole pixels on either side, and its anti-aliased edges add 1.4.
            thickness = max(1, 2 * round((piece_width * _SUPERSAMPLING - 1.4) / 2))
            cv2.polylines(canvas, [piece], isClosed=False, color=255, thickness=thickness, lineType=cv2.LINE_AA, shift=_SHIFT)
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)


PICTURE_CORE = 40.0
"""Pixels to the core height where ink is drawn for a reader of pictures."""


def line_picture(strokes: Strokes) -> np.ndarray:
    """What the reader of pictures sees of a line of ink, 1 unit to the core height: uint8 (40, W)."""
    try:
        return normalise_line(text_picture([stroke * np.float32(PICTURE_CORE) for stroke in strokes])).pixels
    except InputError:  # a dot is no line
        return np.zeros((LINE_HEIGHT, 16), np.uint8)
