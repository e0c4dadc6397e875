"""Ink to pictures, as many hands, pens, papers and cameras would make them: what readers of words and lines learn from.

Everything random comes from the generator that is passed in. Lengths are in hundredths of the core height (about the x-height) unless
they are said to be in pixels.
"""

import cv2
import numpy as np

from hwr.ink.strokes import Strokes

_SUPERSAMPLING = 2
_SHIFT = 4  # cv2 takes fixed-point coordinates with this many fractional bits


def vary_hand(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Slant, stretch, turn, bend and tremble: the same text by another hand.

    Args:
        strokes: float32 arrays (N, 2), 100 units to the core height.
        rng: source of all randomness.
    """
    points = np.concatenate(strokes)
    x, y = points[:, 0].copy(), points[:, 1].copy()
    middle = y.mean()
    # Letters of uneven width, on a wavy baseline.
    x += rng.normal(0, 18) * np.sin(x / rng.uniform(60, 300) + rng.uniform(0, 6.3))
    y += rng.normal(0, 8) * np.sin(x / rng.uniform(100, 600) + rng.uniform(0, 6.3))
    tremble = abs(rng.normal(0, 2.5))
    x += rng.normal(0, tremble, len(x))
    y += rng.normal(0, tremble, len(y))
    x *= np.exp(rng.normal(0, 0.16))
    y = middle + (y - middle) * np.exp(rng.normal(0, 0.08))
    x += rng.normal(0, 0.2) * (middle - y)  # slant
    angle = rng.normal(0, 0.03)
    turned = np.stack([x * np.cos(angle) - (y - middle) * np.sin(angle), x * np.sin(angle) + (y - middle) * np.cos(angle)], 1)
    return np.split(turned.astype(np.float32), np.cumsum([len(stroke) for stroke in strokes])[:-1])


def draw(strokes: Strokes, rng: np.random.Generator, *, core: float, pen_width: float, pressure: float) -> np.ndarray:
    """How much ink each pixel has: polylines of a round pen, anti-aliased, cropped to the ink.

    Args:
        strokes: float32 arrays (N, 2), 100 units to the core height.
        rng: source of all randomness.
        core: pixels to the core height.
        pen_width: of the pen, in units.
        pressure: standard deviation of the logarithm of the pen's width along the strokes; 0 for a pen that is always the same.

    Returns:
        uint8 (H, W), ink 255 on 0.
    """
    scale = core / 100 * _SUPERSAMPLING
    points = np.concatenate(strokes) * scale
    width = pen_width * scale
    margin = width + 2 * _SUPERSAMPLING
    low, high = points.min(0) - margin, points.max(0) + margin
    columns, rows = (np.ceil((high - low) / _SUPERSAMPLING).astype(int) * _SUPERSAMPLING).tolist()
    canvas = np.zeros((rows, columns), np.uint8)
    start = 0
    for stroke in strokes:
        part = points[start : start + len(stroke)]
        start += len(stroke)
        fixed = np.round((np.concatenate([part, part[-1:]]) - low) * (1 << _SHIFT)).astype(np.int32)
        if pressure == 0:
            pieces = [(fixed, width)]
        else:  # a few points to a piece, each with its own width; neighbours share a point
            cuts = list(range(0, len(fixed) - 1, 4))
            widths = width * np.exp(pressure * _walk(rng, len(cuts)))
            pieces = [(fixed[cut : cut + 5], piece_width) for cut, piece_width in zip(cuts, widths, strict=True)]
        for piece, piece_width in pieces:
            # OpenCV rounds a thickness to whole pixels on either side, and its anti-aliased edges add 1.4.
            thickness = max(1, 2 * round((piece_width - 1.4) / 2))
            cv2.polylines(canvas, [piece], isClosed=False, color=255, thickness=thickness, lineType=cv2.LINE_AA, shift=_SHIFT)
    return cv2.resize(canvas, (columns // _SUPERSAMPLING, rows // _SUPERSAMPLING), interpolation=cv2.INTER_AREA)


def _walk(rng: np.random.Generator, count: int) -> np.ndarray:
    """A bounded random walk of about unit deviation."""
    noise = rng.normal(0, 1, count + 2)
    return 0.58 * (noise[:-2] + noise[1:-1] + noise[2:])


def corner(strokes: Strokes, *, core: float, pen_width: float) -> np.ndarray:
    """Where in the strokes' plane, but in pixels, the upper left corner of what :func:`draw` draws of them lies: (2,)."""
    return (np.concatenate(strokes).min(0) - pen_width) * core / 100 - 2


def with_margins(ink: np.ndarray, rng: np.random.Generator, widest: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Ink, uint8 (H, W), with 2 pixels of empty paper or more at each side; and how many there are on the left and on top."""
    top, bottom, left, right = rng.integers(2, 2 + widest, 4).tolist()
    return cv2.copyMakeBorder(ink, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0,)), (left, top)


def on_white(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ink on clean white, as on a canvas: uint8 (H, W) brightness, with some margin."""
    return 255 - with_margins(ink, rng, max(3, ink.shape[0] // 4))[0]


def photograph(ink: np.ndarray, rng: np.random.Generator, *, core: float) -> np.ndarray:
    """Ink on paper, as a camera or a scanner sees it: paper and ink tone, texture, ruled lines, shadow, blur, noise, JPEG.

    Args:
        ink: uint8 (H, W), ink 255 on 0.
        rng: source of all randomness.
        core: pixels to the core height, to which ruled lines and blur are proportioned.

    Returns:
        uint8 brightness, with some margin.
    """
    return photographed(with_margins(ink, rng, max(3, int(0.6 * core)))[0], rng, core=core)


def photographed(ink: np.ndarray, rng: np.random.Generator, *, core: float) -> np.ndarray:
    """As :func:`photograph`, of ink that has its margins: uint8 brightness of the same size; everything stays where it is."""
    cover = ink.astype(np.float32) / 255
    height, width = cover.shape
    if rng.random() < 0.4:  # a pen that skips and blots
        cover *= 1 - rng.uniform(0.1, 0.5) * _clouds(rng, height, width, cell=max(2.0, 0.15 * core))
    paper = np.full((height, width), rng.uniform(0.55, 1.0), np.float32)
    if rng.random() < 0.35:
        _rule(paper, rng, core)
    if rng.random() < 0.5:
        paper *= 1 + rng.uniform(0.01, 0.05) * (_clouds(rng, height, width, cell=rng.uniform(2, 12)) - 0.5)
    tone = rng.uniform(0.0, 0.55) * rng.uniform(0.6, 1.0)
    picture = paper * (1 - cover * (1 - tone))
    if rng.random() < 0.6:  # light from a side, and the shadow of a hand
        corners = rng.uniform(0.55, 1.0, (2, 2)).astype(np.float32)
        picture *= cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.2:
        y, x = np.ogrid[:height, :width]
        across = (x - rng.uniform(0, width)) * rng.uniform(-1, 1) + (y - rng.uniform(0, height)) * rng.uniform(-1, 1)
        edge = np.clip(across / (core * rng.uniform(0.3, 3)), -30, 30)
        picture *= 1 - rng.uniform(0.1, 0.4) / (1 + np.exp(edge))
    if rng.random() < 0.7:
        picture = cv2.GaussianBlur(picture, (0, 0), core * rng.uniform(0.01, 0.07))
    picture = 255 * picture + rng.uniform(0, 9) * rng.standard_normal((height, width), dtype=np.float32)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    return 255 - picture if rng.random() < 0.03 else picture  # chalk on a board


def _clouds(rng: np.random.Generator, height: int, width: int, cell: float) -> np.ndarray:
    """Smooth noise in [0, 1], float32 (H, W), whose spots are about ``cell`` pixels wide."""
    small = rng.random((max(2, int(height / cell)), max(2, int(width / cell))), dtype=np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def _rule(paper: np.ndarray, rng: np.random.Generator, core: float) -> None:
    """Print ruled or squared lines on the paper, in place."""
    height, width = paper.shape
    spacing = core * rng.uniform(1.5, 5)
    darkness = 1 - rng.uniform(0.08, 0.5)
    thickness = max(1, round(core * rng.uniform(0.02, 0.1)))
    slope = rng.normal(0, 0.01)
    for y in np.arange(rng.uniform(0, spacing), height, spacing):
        end = round(y + slope * width)
        cv2.line(paper, (0, round(y)), (width, end), float(paper[0, 0]) * darkness, thickness)
    if rng.random() < 0.25:
        for x in np.arange(rng.uniform(0, spacing), width, spacing):
            cv2.line(paper, (round(x), 0), (round(x - slope * height), height), float(paper[0, 0]) * darkness, thickness)
