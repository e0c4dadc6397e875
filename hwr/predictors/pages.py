"""Find the writing on a page: image -> network at the size at which letters are of usual height -> courses -> lines, each alone."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from hwr.models.arrays import CELL, USUAL, FoundCells, PageNetwork
from hwr.models.loading import load_reader
from hwr.pictures.loading import grey, load_image, resized
from hwr.pictures.pages.courses import tilt_of
from hwr.pictures.pages.cutting import LineRegion, whole
from hwr.pictures.pages.finding import find_lines

DEFAULT_WEIGHTS = "pages-best"
_GLANCE = 320  # pixels of the longer side at which is looked how high letters are
_LARGEST = 1_100_000  # pixels of the page as the network reads it
_LONGEST = 4000
_SURE = 0.6  # probability above which a page is turned
_CORES = 3  # cells with a line's core from which on the height of letters is believed
_ALIKE = 0.2  # sizes that differ by less are one
_LETTER = 4  # cells with writing that a letter has at the least
_PAGE = 90  # cells with print or rules from which on they aren't a letter's straight strokes
_DENSE = 0.2  # of a word's box that its ink and a little around it cover
_STROKES = 8  # pieces of ink that a letter or short word has at the most, the paper counted
_BROAD = 0.3  # of a letter's height or width that its pen is broad at the most
_STRONG = 60  # of 255: what differs less from plain paper is no ink
_TURNS = 3  # tries to make a page level
_ASKEW = np.deg2rad(4)  # lines that fall or rise by more are made level before they are looked for again
_TAIL, _BELOW = 0.25, 1.8  # of a line's width, and core heights from its baseline: what is shorter and closer are tails of its letters
# Core heights: a picture of one line was cut out by somebody, and is read as it is, if it isn't higher than the first, or leaves less paper
# than the second above and below it altogether, or as little on its sides and isn't higher than the third.
_CLOSE, _BARE, _HIGH = 5.0, 1.2, 8.0


class PageFinder:
    """Finds lines of writing with a :class:`~hwr.models.page_lstm.PageLSTM`. Thread-safe.

    Args:
        network: trained.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(self, network: PageNetwork, source: str = "", device: str = "cpu") -> None:
        self.network = network.placed(device)
        self.source = source

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> PageFinder:
        """Load a finder.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``; None: the best weights that are shipped.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_reader(PageNetwork, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision, device=device)
        return cls(network, source, device)

    def find(self, image: Any) -> list[LineRegion]:
        """Find the lines in a photograph, a scan or a drawing, of a page, a line or a word, also upside down or on its side.

        Args:
            image: a path, bytes, PIL image or array of any size and mode.

        Returns:
            Lines in reading order. Empty where there is no writing.

        Raises:
            InputError: the image can't be used; the message says why.
        """
        return self.find_in(grey(load_image(image)))

    def find_in(self, page: np.ndarray) -> list[LineRegion]:
        """As :meth:`find`, of an array, uint8 (H, W) of brightness."""
        cells, scale = self._cells(page)
        quarters = int(cells.turned.argmax()) if cells.turned.max() > _SURE else 0
        upright = page
        if quarters:
            turned = np.ascontiguousarray(np.rot90(page, -quarters))
            again, size = self._cells(turned)
            if again.turned[0] > cells.turned[0]:  # it doesn't look turned any more
                upright, cells, scale = turned, again, size
            else:
                quarters = 0
        level, back = upright, np.eye(2, 3)
        for _ in range(_TURNS):
            tilt = tilt_of(cells.kinds[0], _core(cells), CELL)
            if abs(tilt) < _ASKEW:
                break
            level, back = _rotated(upright, tilt + np.arctan2(back[1, 0], back[0, 0]))
            cells = self.network.cells(resized(level, scale))
        found = find_lines(level, *_measured(cells, scale))
        regions = found if level is upright else [region.moved(back, upright.shape) for region in found]
        if regions and _one_line(found, regions, upright.shape, _core(cells) / scale):
            regions = [whole(upright, regions)]
        elif not regions:
            regions = _word(upright, cells, scale)
        return [region.turned(quarters, upright.shape) for region in regions]

    def _cells(self, page: np.ndarray) -> tuple[FoundCells, float]:
        """What the network says of a page, read at the size at which its letters are of usual height; and that size to the page's."""
        largest = min(1.0, (_LARGEST / page.size) ** 0.5, _LONGEST / max(page.shape))
        glance = min(largest, _GLANCE / max(page.shape))
        cells = self.network.cells(resized(page, glance))
        scale = min(largest, glance * USUAL / _core(cells)) if (cells.kinds[0] > 0.5).sum() >= _CORES else largest
        if abs(scale / glance - 1) < _ALIKE:
            return cells, glance
        closer = self.network.cells(resized(page, scale))
        if scale < largest and closer.kinds[0].max() < 0.5:  # the glance was deceived
            scale, closer = largest, self.network.cells(resized(page, largest))
        return closer, scale


def _core(cells: FoundCells) -> float:
    """Height of small letters in pixels of what the network saw."""
    core = cells.core[cells.kinds[0] > 0.5]
    return float(np.median(core)) if len(core) else USUAL


def _measured(cells: FoundCells, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[float, float]]:
    """What the network says of a page that it saw so many times as large, in the page's pixels, as :func:`find_lines` wants it."""
    return cells.kinds, cells.baseline / scale, cells.core / scale, (CELL[0] / scale, CELL[1] / scale)


def _rotated(page: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The page turned counterclockwise by an angle in radians, and the matrix (2, 3) from its pixels back to the page's."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.degrees(angle)), 1.0)
    reach = np.abs(matrix[:, :2]) @ (width, height)
    matrix[:, 2] += (reach - (width, height)) / 2
    paper = float(np.median(page[:: max(1, height // 200), :: max(1, width // 200)]))
    turned = cv2.warpAffine(page, matrix, np.ceil(reach).astype(int).tolist(), flags=cv2.INTER_LINEAR, borderValue=(paper,))
    return turned, cv2.invertAffineTransform(matrix)


def _one_line(level: list[LineRegion], regions: list[LineRegion], shape: tuple[int, ...], core: float) -> bool:
    """Whether what was found are pieces of one line, and there is little else on a picture of this shape: somebody cut it out."""
    baselines = np.array([region.baseline[:, 1].mean() for region in level])
    widths = np.array([np.ptp(region.outline[:, 0]) for region in level])
    main = widths.argmax()
    away = np.abs(baselines - baselines[main])
    tails = (widths < _TAIL * widths[main]) & (away < _BELOW * core)
    paper = shape - np.ptp(np.concatenate([region.outline for region in regions]), axis=0)[::-1]
    near = shape[0] < _CLOSE * core or paper[0] < _BARE * core or (paper[1] < _BARE * core and shape[0] < _HIGH * core)
    return bool(near and ((away < core) | tails).all())


def _word(page: np.ndarray, cells: FoundCells, scale: float) -> list[LineRegion]:
    """Where no line was found, what may be a letter or a short word, as one line: what is written, or else drawn on plain paper."""
    core, written, printed, ruled = (kind > 0.5 for kind in cells.kinds)
    if core.any() and written.sum() >= max(_LETTER, 2 * printed.sum()):
        inside, step = cv2.dilate(written.astype(np.uint8), np.ones((5, 3), np.uint8)), np.array([CELL[1], CELL[0]]) / scale
    elif printed.sum() + ruled.sum() < _PAGE:
        inside, step = _drawn(page), np.ones(2)
    else:
        return []
    if not inside.any():
        return []
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if inside.sum() < _DENSE * np.ptp(rows) * np.ptp(columns):
        return []
    low, high = np.array([columns[0], rows[0]]) * step, np.array([columns[-1] + 1, rows[-1] + 1]) * step
    (x0, y0), (x1, y1) = (np.clip(np.round(corner), 0, page.shape[::-1]).astype(int).tolist() for corner in (low, high))
    left, top, right, bottom = _around_ink(page[y0:y1, x0:x1]) + np.array([x0, y0, x0, y0])
    outline = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32) - np.float32(0.5)
    box = int(left), int(top), int(right), int(bottom)
    return [LineRegion(page[y0:y1, x0:x1], np.array([[1.0, 0, x0], [0, 1, y0]]), box, outline)]


def _around_ink(picture: np.ndarray) -> np.ndarray:
    """Left, top, right and bottom of what differs from the paper in a picture of a letter or word, uint8 (h, w), that has any."""
    away = cv2.absdiff(picture, np.full_like(picture, np.median(picture)))
    _, ink = cv2.threshold(away, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return np.array([0, 0, picture.shape[1], picture.shape[0]])
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


def _drawn(page: np.ndarray) -> np.ndarray:
    """The ink, and a little around it, of a few strokes on even paper, uint8 (H, W); none if there is anything else."""
    border = np.concatenate([page[0], page[-1], page[:, 0], page[:, -1]])
    paper = float(np.median(border))
    ink = (np.abs(page - paper) > _STRONG).astype(np.uint8)
    even = (np.abs(border - paper) < 8).mean() > 0.9 and 0 < ink.mean() < 0.4
    if not even or cv2.connectedComponents(ink)[0] > _STROKES:
        return np.zeros_like(ink)
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    broad = 2 * float(cv2.distanceTransform(ink, cv2.DIST_L2, 3).max())
    if broad > max(_BROAD * max(np.ptp(rows), np.ptp(columns)), 3):
        return np.zeros_like(ink)
    return cv2.dilate(ink, np.ones((9, 9), np.uint8))
