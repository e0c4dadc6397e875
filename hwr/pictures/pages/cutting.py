"""Lines cut out of their page, each level and straight and alone."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from hwr.pictures.pages.courses import Course
from hwr.pictures.pages.ink import Ink
from hwr.pictures.pages.writing import Writing

_BENT = 0.2  # core heights by which a line that is straight seems to bend at the most
_SMALL = 0.6  # core heights from the baseline upwards that a line's outline encloses everywhere
_PAPER = 0.05  # core heights that a line's outline leaves around its ink


@dataclass(frozen=True, eq=False)
class LineRegion:
    """One line of writing found on a page, or one piece of a line where columns stand far apart.

    Attributes:
        picture: uint8 (h, w), the line cut out and made level and straight: dark ink on white, even light, the ink of other lines painted
            out, a small margin.
        to_page: float64 (2, 3): maps x, y of the picture to pixels of the page. For a curved line, the best affine map.
        box: x0, y0, x1, y1 around its ink in pixels of the page; x1 and y1 lie one past it.
        outline: float32 (M, 2): polygon around its ink in pixels of the page: along the writing above it, and back below it.
        baseline: float32 (N, 2): points x, y along what the letters stand on, in pixels of the page; N is 0 where it isn't known.
    """

    picture: np.ndarray
    to_page: np.ndarray
    box: tuple[int, int, int, int]
    outline: np.ndarray
    baseline: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.float32))

    def turned(self, quarters: int, shape: tuple[int, ...]) -> "LineRegion":
        """The same on the page, of so many rows and columns, turned counterclockwise by quarters."""
        if quarters == 0:
            return self
        height, width = shape[0] - 1, shape[1] - 1
        matrix = np.array(
            ([[0, 1, 0], [-1, 0, width]], [[-1, 0, width], [0, -1, height]], [[0, -1, height], [1, 0, 0]])[quarters - 1], float
        )
        x0, y0, x1, y1 = self.box
        corners = _mapped(matrix, np.array([[x0, y0], [x1 - 1, y1 - 1]]))
        low, high = np.round(corners.min(0)).astype(int).tolist(), np.round(corners.max(0) + 1).astype(int).tolist()
        return self._moved(matrix, (*low, *high))

    def moved(self, matrix: np.ndarray, shape: tuple[int, ...]) -> "LineRegion":
        """The same on another page, of so many rows and columns, to whose pixels the matrix, float64 (2, 3), maps those of this one."""
        outline = _mapped(matrix, self.outline)
        low = np.clip(np.floor(outline.min(0)), 0, np.array(shape[1::-1]) - 1).astype(int)
        high = np.clip(np.ceil(outline.max(0)) + 1, low + 1, shape[1::-1]).astype(int)
        return self._moved(matrix, (*low.tolist(), *high.tolist()))

    def _moved(self, matrix: np.ndarray, box: tuple[int, int, int, int]) -> "LineRegion":
        to_page = matrix @ np.vstack([self.to_page, [0, 0, 1]])
        return LineRegion(self.picture, to_page, box, _mapped(matrix, self.outline), _mapped(matrix, self.baseline))


def whole(picture: np.ndarray, regions: list[LineRegion]) -> LineRegion:
    """A picture, uint8 (H, W), that is one line and nothing else, of which these pieces were found, at least one."""
    regions = sorted(regions, key=lambda region: region.box[0])
    boxes = np.array([region.box for region in regions])
    (x0, y0), (x1, y1) = boxes[:, :2].min(0).tolist(), boxes[:, 2:].max(0).tolist()
    outline = regions[0].outline
    if len(regions) > 1:
        outline = cv2.convexHull(np.concatenate([region.outline for region in regions]))[:, 0]
    return LineRegion(picture, np.eye(2, 3), (x0, y0, x1, y1), outline, np.concatenate([region.baseline for region in regions]))


def cut_out(ink: Ink, writing: Writing, line: int, shape: tuple[int, ...]) -> LineRegion:
    """Cut a line out of a page.

    Args:
        ink: of the page at working size.
        writing: of the same.
        line: its number.
        shape: rows and columns of the page.
    """
    x, y = writing.points[line]
    course = writing.courses[line]
    angle, base, knots, bends = _direction(course)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    # In pixels of the working size, 0, 0 the corner of the first one; a along the line, b across it.
    centres = np.stack([x, y], axis=1) + 0.5
    a, b = centres @ along, centres @ across
    straight = b - np.interp(a, knots, bends)
    outline = _outline(a, straight, base, course.core)
    outline[:, 1] += np.interp(outline[:, 0], knots, bends)
    margin = max(2.0, 0.3 * course.core)
    left, up = a.min() - 0.5 - margin, straight.min() - 0.5 - margin
    at = left + 0.5 + np.arange(np.ceil(a.max() + 0.5 + margin - left))
    shift = up + 0.5 + np.arange(np.ceil(straight.max() + 0.5 + margin - up))
    shift = shift[:, None] + np.interp(at, knots, bends)[None, :]
    where = [(at * along[axis] + shift * across[axis] - 0.5).astype(np.float32) for axis in (0, 1)]
    picture = _alone(ink, writing.labels, line, where)
    scales = np.array([shape[1] / ink.mask.shape[1], shape[0] / ink.mask.shape[0]])
    middle = float(np.interp(at.mean(), knots, bends))
    origin = ((left + 0.5) * along + (up + middle + 0.5) * across) * scales - 0.5
    low = np.floor(np.array([x.min(), y.min()]) * scales).astype(int).tolist()
    high = np.minimum(np.ceil(np.array([x.max() + 1, y.max() + 1]) * scales), shape[1::-1]).astype(int).tolist()
    return LineRegion(
        picture,
        np.column_stack([along * scales, across * scales, origin]),
        (*low, *high),
        ((outline[:, :1] * along + outline[:, 1:] * across) * scales - 0.5).astype(np.float32),
        (np.stack([course.x, course.y], axis=1) * scales - 0.5).astype(np.float32),
    )


def _mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _alone(ink: Ink, labels: np.ndarray, line: int, where: list[np.ndarray]) -> np.ndarray:
    """The places x, y, float32 (h, w) each, as they look with no ink but the line's: uint8 (h, w)."""
    low = [max(0, int(place.min()) - 2) for place in where]
    window = slice(low[1], max(low[1], int(where[1].max())) + 3), slice(low[0], max(low[0], int(where[0].max())) + 3)
    own = (labels[window] == line + 1).astype(np.uint8)
    foreign = cv2.dilate(ink.mask[window] & (1 - own), np.ones((5, 5), np.uint8)) & (1 - cv2.dilate(own, np.ones((3, 3), np.uint8)))
    part = ink.flat[window].copy()
    part[foreign > 0] = 255
    maps = [place - corner for place, corner in zip(where, low, strict=True)]
    return cv2.remap(part, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))


def _direction(course: Course) -> tuple[float, float, np.ndarray, np.ndarray]:
    """How a line lies: its angle in radians, where its baseline lies across that on average, and how far (n,) from there at places (n,)."""
    slope = 0.0
    if np.ptp(course.x) > 3 * course.core:  # a letter has no direction
        slope = float(np.polynomial.Polynomial.fit(course.x, course.y, 1).deriv()(course.x[0]))
    angle = float(np.arctan(slope))
    knots = course.x * np.cos(angle) + course.y * np.sin(angle)
    bends = course.y * np.cos(angle) - course.x * np.sin(angle)
    base = float(bends.mean())
    bends = bends - base
    if np.abs(bends).max() < _BENT * course.core:
        bends = np.zeros_like(bends)
    return angle, base, knots, bends


def _outline(a: np.ndarray, b: np.ndarray, base: float, core: float) -> np.ndarray:
    """Polygon (M, 2) around pixels at places a along a straight line, b across it, with a little paper: in bins as wide as letters are."""
    low, high = a.min() - 0.5 - _PAPER * core, a.max() + 0.5 + _PAPER * core
    count = max(1, round((high - low) / core))
    edges = np.linspace(low, high, count + 1)
    place = np.clip(((a - low) / (high - low) * count).astype(int), 0, count - 1)
    up, down = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(up, place, b - 0.5)
    np.maximum.at(down, place, b + 0.5)
    if count > 1:  # the small letters' height is the line's also where it has no ink
        up, down = np.minimum(up, base - _SMALL * core), np.maximum(down, base)
    upper, lower = np.minimum(np.r_[up[0], up], np.r_[up, up[-1]]), np.maximum(np.r_[down[0], down], np.r_[down, down[-1]])
    sides = np.stack([edges, upper - _PAPER * core], axis=1), np.stack([edges, lower + _PAPER * core], axis=1)
    return np.concatenate([sides[0], sides[1][::-1]])
