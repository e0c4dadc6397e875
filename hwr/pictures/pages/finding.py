"""The lines of writing on a page, from what a network says of its cells: courses, the ink on each, and a picture of each alone."""

import cv2
import numpy as np

from hwr.pictures.loading import resized
from hwr.pictures.pages.courses import MAX_LINES, find_courses, reading_order
from hwr.pictures.pages.cutting import LineRegion, cut_out
from hwr.pictures.pages.gutters import part_at_gutters
from hwr.pictures.pages.ink import GRID, find_ink
from hwr.pictures.pages.writing import divide

_CORE = 16.0  # pixels to the core height, a page of larger letters is reduced to before its ink is looked for
_WORKING_PIXELS = 4_000_000  # and larger ones to this size
_BARE = (
    0.1  # probability of writing below which a cell and its neighbours hold none: what runs on there, the sheet's edge or a rule, is cut
)
_AMONG = 0.7  # core heights from the middle of a line's small letters, within which its ink is never cut
_LONGEST = 16_000  # OpenCV can't remap more than 32,767


def find_lines(page: np.ndarray, kinds: np.ndarray, below: np.ndarray, core: np.ndarray, cell: tuple[float, float]) -> list[LineRegion]:
    """The lines on a page.

    Args:
        page: uint8 (H, W), grey, upright.
        kinds: float32 (4, rows, columns): probabilities that a line's small letters run through the cell, that there is writing in it, that
            there is print, and that there is a printed rule.
        below: float32 (rows, columns): pixels of the page from the cell's middle down to the baseline.
        core: float32 (rows, columns): height of small letters in pixels of the page.
        cell: rows and columns of the page's pixels to a cell.

    Returns:
        Lines in reading order; at most :data:`hwr.pictures.pages.courses.MAX_LINES`.
    """
    courses = part_at_gutters(find_courses(kinds[0], below, core, cell), kinds[1], cell)[:MAX_LINES]
    if not courses:
        return []
    usual = float(np.median([course.core for course in courses]))
    working = resized(page, min(1.0, _CORE / usual, (_WORKING_PIXELS / page.size) ** 0.5, _LONGEST / max(page.shape)))
    scales = working.shape[1] / page.shape[1], working.shape[0] / page.shape[0]
    courses = [course.scaled(*scales) for course in courses]
    around = cv2.dilate(kinds[1], np.ones((3, 3), np.uint8))
    cell = cell[0] * scales[1], cell[1] * scales[0]
    written, printed, ruled, around = (_everywhere(kind, working.shape, cell) for kind in (*kinds[1:], around))
    ink = find_ink(working, courses, written, ruled)
    beside = cv2.resize(ink.away, None, fx=GRID, fy=GRID, interpolation=cv2.INTER_NEAREST)[: working.shape[0], : working.shape[1]]
    ink.mask[(around < _BARE) & (beside > _AMONG)] = 0
    writing = divide(ink, courses, written, printed, ruled)
    return [cut_out(ink, writing, line, page.shape) for line in reading_order(writing.courses)]


def _everywhere(cells: np.ndarray, shape: tuple[int, ...], cell: tuple[float, float]) -> np.ndarray:
    """What is said of cells, of so many rows and columns of pixels, for each pixel: float32 of the shape."""
    matrix = np.array([[cell[1], 0, cell[1] / 2 - 0.5], [0, cell[0], cell[0] / 2 - 0.5]])
    return cv2.warpAffine(cells, matrix, shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
