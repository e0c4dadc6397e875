"""Where what a network saw of a line lies on the page."""

import numpy as np

from hwr.pictures.line import LinePicture, baseline_row
from hwr.pictures.pages.cutting import LineRegion

_INK = 64  # a pixel of what the network saw above this is ink


def place_of(region: LineRegion, picture: LinePicture, start: float, stop: float) -> np.ndarray:
    """Where the ink between two columns of what the network saw lies on the page: its (possibly turned) rectangle, float32 (4, 2)."""
    first = min(int(start), picture.pixels.shape[1] - 1)
    last = max(first + 1, int(min(stop, picture.pixels.shape[1])))
    part = picture.pixels[:, first:last] > _INK
    columns, rows = (np.flatnonzero(part.any(axis=axis)) for axis in (0, 1))
    if not len(columns):
        columns, rows = np.arange(part.shape[1]), np.arange(part.shape[0])
    left, right, top, bottom = first + columns[0], first + columns[-1] + 1, rows[0], rows[-1] + 1
    return _on_page(region, picture, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))


def baseline_of(region: LineRegion, picture: LinePicture) -> np.ndarray:
    """The baseline of a line of which only the picture is known, float32 (2, 2)."""
    row, columns = baseline_row(picture.pixels), np.flatnonzero((picture.pixels > _INK).any(axis=0))
    left, right = (columns[0], columns[-1] + 1) if len(columns) else (0, picture.pixels.shape[1])
    return _on_page(region, picture, np.array([[left, row], [right, row]]))


def _on_page(region: LineRegion, picture: LinePicture, points: np.ndarray) -> np.ndarray:
    """Points (N, 2) between the pixels of what the network saw, in pixels of the page, float32; there 0, 0 is the middle of the first."""
    cut_out = np.array([picture.left, picture.top]) + picture.scale * points - 0.5
    return (cut_out @ region.to_page[:, :2].T + region.to_page[:, 2]).astype(np.float32)


def box_of(polygon: np.ndarray, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box around a polygon's pixels, on a page so wide and high."""
    low, high = np.floor(polygon.min(0) + 0.5), np.ceil(polygon.max(0) + 0.5)
    (x0, y0), (x1, y1) = (np.clip(corner, 0, size).astype(int).tolist() for corner in (low, high))
    return x0, y0, x1, y1
