"""The sheet that is written on: its paper, what is ruled and printed on it, and the ink; a picture of it and of what lies where."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hwr.data.pages.scenes import clouds
from hwr.data.pages.writing import Stroke

PAPERS = ("plain", "ruled", "squared", "dotted", "yellow", "creased", "kraft", "whiteboard", "blackboard")
_SHARES = (0.28, 0.24, 0.1, 0.05, 0.09, 0.06, 0.03, 0.08, 0.07)
_FINE = 2  # ink is drawn so many times as fine
_SHIFT = 4  # cv2 takes fixed-point coordinates with this many fractional bits
Colour = Sequence[float]


@dataclass(eq=False)
class Sheet:
    """A sheet as it is filled.

    Attributes:
        pixels: uint8 (H, W, 3), RGB.
        written, printed, ruled: uint8 (H, W), 0 to 255: how much of the pixel is covered by each.
        paper: of :data:`PAPERS`.
    """

    pixels: np.ndarray
    written: np.ndarray
    printed: np.ndarray
    ruled: np.ndarray
    paper: str

    def paint(self, cover: np.ndarray, colour: Colour, corner: tuple[int, int] = (0, 0), onto: np.ndarray | None = None) -> None:
        """Lay colour on, as much as ``cover``, uint8 (h, w), says, from the corner x, y on; what sticks out is cut off."""
        height, width = self.written.shape
        left, top = max(corner[0], 0), max(corner[1], 0)
        right, bottom = min(corner[0] + cover.shape[1], width), min(corner[1] + cover.shape[0], height)
        if left >= right or top >= bottom:
            return
        cover = cover[top - corner[1] : bottom - corner[1], left - corner[0] : right - corner[0]]
        part = self.pixels[top:bottom, left:right]
        rest = cv2.merge([255 - cover] * 3)
        colours = cv2.merge([cv2.convertScaleAbs(cover, alpha=channel / 255) for channel in colour])
        part[:] = cv2.add(cv2.multiply(part, rest, scale=1 / 255), colours)
        if onto is not None:
            np.maximum(onto[top:bottom, left:right], cover, out=onto[top:bottom, left:right])

    def paste(self, picture: np.ndarray, corner: tuple[int, int]) -> None:
        """Lay a picture, uint8 (h, w, 3), on, from the corner x, y on; what sticks out is cut off."""
        height, width = self.written.shape
        left, top = max(corner[0], 0), max(corner[1], 0)
        right, bottom = min(corner[0] + picture.shape[1], width), min(corner[1] + picture.shape[0], height)
        if left < right and top < bottom:
            self.pixels[top:bottom, left:right] = picture[top - corner[1] : bottom - corner[1], left - corner[0] : right - corner[0]]

    def ink(self, strokes: list[Stroke], colour: Colour, strength: float = 1.0, grain: np.ndarray | None = None) -> None:
        """Draw strokes in a colour, as strong as ``strength``; ``grain``, uint8 (h, w), is taken off, as of a pencil or chalk."""
        if not strokes:
            return
        margin = max(stroke.width for stroke in strokes) + 2
        points = np.concatenate([stroke.points for stroke in strokes])
        height, width = self.written.shape
        low = np.clip(np.floor(points.min(0) - margin), 0, (width, height)).astype(int)
        high = np.clip(np.ceil(points.max(0) + margin), 0, (width, height)).astype(int)
        size = (high - low).tolist()
        if min(size) < 1:
            return
        canvas = np.zeros((size[1] * _FINE, size[0] * _FINE), np.uint8)
        groups: dict[tuple[int, int], list[np.ndarray]] = {}
        for stroke in strokes:
            # OpenCV knows odd thicknesses only, and its anti-aliased edges add 1.4: what comes out too wide is made fainter.
            wide = stroke.width * _FINE
            thickness = 1 if wide < 2.2 else 2 * max(1, round((wide - 1.2) / 2))
            tone = 16 * min(15, max(5, round(16 * wide / (thickness + (1.0 if thickness == 1 else 1.4))))) + 15
            line = stroke.points if len(stroke.points) > 1 else np.repeat(stroke.points, 2, axis=0)
            groups.setdefault((tone, thickness), []).append(np.round((line - low) * (_FINE << _SHIFT)).astype(np.int32))
        for (tone, thickness), lines in sorted(groups.items()):
            cv2.polylines(canvas, lines, isClosed=False, color=tone, thickness=thickness, lineType=cv2.LINE_AA, shift=_SHIFT)
        cover = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
        np.maximum(self.written[low[1] : high[1], low[0] : high[0]], cover, out=self.written[low[1] : high[1], low[0] : high[0]])
        if grain is not None:
            cover = cv2.subtract(cover, cv2.resize(grain, size, interpolation=cv2.INTER_NEAREST))
        self.paint(cv2.convertScaleAbs(cover, alpha=strength), colour, (int(low[0]), int(low[1])))


def new_sheet(rng: np.random.Generator, shape: tuple[int, int], core: float, pitch: float, first: float, paper: str | None = None) -> Sheet:
    """An empty sheet.

    Args:
        rng: source of all randomness.
        shape: rows and columns.
        core: pixels to the core height, to which rules and texture are proportioned.
        pitch: pixels from one line of writing to the next; ruled paper is ruled so, or half or twice as close, or otherwise.
        first: y of the first baseline.
        paper: of :data:`PAPERS`; None: any, as often as they are met.
    """
    paper = paper or str(rng.choice(PAPERS, p=_SHARES))
    base: Colour = (255.0, 255.0, 255.0)
    if paper == "yellow":
        base = tuple(np.array([250, 235, 175]) + rng.uniform(-22, 8, 3))
    elif paper == "kraft":
        base = tuple(np.array([190, 160, 120]) + rng.uniform(-22, 22, 3))
    elif paper == "blackboard":
        base = tuple(np.array((35.0, 50.0, 42.0) if rng.random() < 0.6 else (38.0, 38.0, 40.0)) + rng.uniform(-15, 25))
    elif rng.random() < 0.6:
        base = tuple(rng.uniform(205, 255) + rng.uniform(-7, 3, 3))
    base = tuple(float(np.clip(channel, 10, 255)) for channel in base)
    pixels = np.empty((*shape, 3), np.uint8)
    pixels[:] = np.round(base).astype(np.uint8)
    sheet = Sheet(pixels, *(np.zeros(shape, np.uint8) for _ in range(3)), paper)
    _texture(sheet, rng, core)
    if paper in ("ruled", "squared", "dotted") or (paper in ("yellow", "creased") and rng.random() < 0.4):
        _rule(sheet, rng, core, pitch, first)
    return sheet


def _texture(sheet: Sheet, rng: np.random.Generator, core: float) -> None:
    shape = sheet.written.shape
    if sheet.paper == "blackboard":  # wiped
        cover = clouds(rng, (shape[0], max(2, shape[1] // 6)), core * rng.uniform(1, 5))
        cover = cv2.resize(cover, shape[::-1], interpolation=cv2.INTER_LINEAR)
        sheet.paint((cover * rng.uniform(5, 45)).astype(np.uint8), (190, 195, 190))
    elif sheet.paper == "creased":
        for _ in range(int(rng.integers(1, 6))):
            ends = rng.uniform(-0.1, 1.1, (2, 2)) * shape[::-1]
            if rng.random() < 0.5:
                axis = int(rng.integers(2))
                ends[:, axis] = ends[0, axis] + rng.normal(0, 0.01, 2) * shape[1 - axis]
            crease = np.zeros(shape, np.uint8)
            a, b = ends.astype(int).tolist()
            cv2.line(crease, a, b, int(rng.integers(20, 110)), max(1, round(core * rng.uniform(0.05, 0.3))), cv2.LINE_AA)
            wide = cv2.blur(crease, (max(3, int(core * 0.7)),) * 2)
            sheet.paint(cv2.max(wide, crease), (90, 90, 90) if rng.random() < 0.7 else (255, 255, 255))
    if rng.random() < 0.5:
        fibre = clouds(rng, shape, rng.uniform(1.5, 12)) * rng.uniform(3, 22)
        sheet.paint(fibre.astype(np.uint8), (120, 110, 100))
    if rng.random() < 0.1:  # what shows through, or a stain
        centre = (rng.random(2) * shape[::-1]).astype(int).tolist()
        stain = np.zeros(shape, np.uint8)
        radius = max(2, int(core * rng.uniform(1, 5)))
        cv2.circle(stain, centre, radius, int(rng.integers(15, 70)), -1 if rng.random() < 0.5 else max(1, radius // 8), cv2.LINE_AA)
        sheet.paint(cv2.blur(stain, (5, 5)), (120, 80, 40))


def _rule(sheet: Sheet, rng: np.random.Generator, core: float, pitch: float, first: float) -> None:
    """Ruled, squared or dotted lines, and sometimes a margin."""
    height, width = sheet.written.shape
    spacing = pitch
    if sheet.paper in ("squared", "dotted"):
        spacing = pitch / int(rng.choice((1, 2, 3), p=(0.3, 0.5, 0.2)))
    if rng.random() < 0.15:
        spacing = core * rng.uniform(1.5, 5)
    spacing = max(spacing, 5.0)
    colours = ((70, 110, 190), (110, 110, 110), (60, 60, 60), (150, 170, 215), (190, 120, 120))
    colour = colours[int(rng.integers(len(colours)))]
    thickness = max(1, round(core * rng.uniform(0.02, 0.12)))
    cover = np.zeros((height, width), np.uint8)
    start = (first + core * rng.uniform(0, 0.25)) % spacing
    rows = np.arange(start, height, spacing)
    if sheet.paper == "dotted":
        for y in rows:
            cover[max(0, round(y)) : round(y) + thickness, (np.arange(0, width - 1, spacing)).astype(int)] = 255
            cover[max(0, round(y)) : round(y) + thickness, (np.arange(0, width - 1, spacing)).astype(int) + 1] = 160
    else:
        left = 0 if rng.random() < 0.7 else int(width * rng.uniform(0.02, 0.12))
        for y in rows:
            cv2.line(cover, (left, round(y)), (width - left, round(y)), 255, thickness)
        if sheet.paper == "squared":
            for x in np.arange(rng.uniform(0, spacing), width, spacing):
                cv2.line(cover, (round(x), 0), (round(x), height), 255, thickness)
    cover = cv2.convertScaleAbs(cover, alpha=rng.uniform(0.15, 0.95))
    sheet.paint(cover, colour, onto=sheet.ruled)
    if rng.random() < 0.4 and sheet.paper != "dotted":
        margin = np.zeros((height, width), np.uint8)
        x = round(width * rng.uniform(0.05, 0.16)) if rng.random() < 0.8 else round(width * rng.uniform(0.84, 0.95))
        cv2.line(margin, (x, 0), (x, height), int(rng.integers(80, 240)), thickness)
        sheet.paint(margin, (205, 60, 70), onto=sheet.ruled)
