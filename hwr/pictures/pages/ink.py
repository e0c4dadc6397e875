"""The ink of lines whose courses are known, told from the paper: light taken off, each line thresholded by its own contrast."""

from typing import NamedTuple

import cv2
import numpy as np

from hwr.pictures.pages.courses import Course

GRID = 4
"""Pixels, in either direction, for which the nearest line is looked for once."""
_REACH = 6.0  # core heights around a line in which its ink is looked for
_PAPER = 1.2  # core heights: strokes narrower than this don't count as paper
_FAINT = 0.8  # of the threshold between a line's paper and ink: its thin strokes are fainter than its thick ones
_LEAST = 10  # of 255: less dark than this isn't ink
_ENOUGH = 0.25  # of a line's surroundings that are not ruled, to know from them how dark its ink is: rules may be darker
_RULED = 0.3  # probability of a printed rule, above which what is less likely writing is no ink
_WRITTEN = 0.6  # of writing, above which all is
_THIN, _CROSSED, _LONG = (
    0.3,
    0.5,
    8.0,
)  # core heights: a rule's thickness, how wide what interrupts it is, and its length, at the most and least


class Ink(NamedTuple):
    """A page and its ink."""

    flat: np.ndarray  # uint8 (h, w): brightness of dark ink on even white
    mask: np.ndarray  # uint8 (h, w), 1 where there is ink
    nearest: np.ndarray  # int64 (rows, columns) of a grid: number of the nearest line
    away: np.ndarray  # float32 (rows, columns): distance to the middle of its small letters in core heights; beyond its ends, more
    stroke: float  # typical width of the strokes in pixels


def find_ink(grey: np.ndarray, courses: list[Course], written: np.ndarray, ruled: np.ndarray) -> Ink:
    """Tell ink from paper, dark on light or light on dark.

    Args:
        grey: uint8 (h, w), brightness.
        courses: of the lines, at least one.
        written: float32 (h, w): probability that there is writing.
        ruled: float32 (h, w): probability that there is a printed rule.
    """
    nearest, away = _nearest(courses, grey.shape)
    core = float(np.median([course.core for course in courses]))
    small = _on_grid(grey)
    usual = cv2.medianBlur(small, max(3, round(_PAPER * core / GRID) * 2 + 1))
    among = np.clip(small.astype(np.float32) - usual, -80, 80)[away < 1.0]
    if float((among**3).sum()) > 0:  # ink is what is rare among letters
        grey = 255 - grey
    flat = cv2.divide(grey, np.maximum(_light(grey, _PAPER * core), 1), scale=255)
    dark = cv2.GaussianBlur(255 - flat, (3, 3), 0) if core > 12 else 255 - flat
    small = _on_grid_darkest(dark)
    limits = np.full(len(courses), 255.0)
    plain = _on_grid(ruled) < _RULED
    for line in range(len(courses)):
        here = (nearest == line) & (away < 0.8)
        own = small[here & plain]
        own = own if len(own) > _ENOUGH * here.sum() else small[here]
        if len(own):
            threshold, _ = cv2.threshold(own.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)
            limits[line] = max(_LEAST, _FAINT * threshold)
    limits = np.where(away < _REACH, limits[nearest], 255).clip(0, 255).astype(np.uint8)
    limits = cv2.resize(limits, None, fx=GRID, fy=GRID, interpolation=cv2.INTER_NEAREST)[: grey.shape[0], : grey.shape[1]]
    mask = ((dark > limits) & ~((ruled > _RULED) & (np.minimum(ruled, _WRITTEN) > written))).astype(np.uint8)
    mask = _without_rules(mask, core)
    return Ink(flat, mask, nearest, away, _stroke_width(mask))


def _without_rules(mask: np.ndarray, core: float) -> np.ndarray:
    """The mask without long thin straight runs, nearly level or nearly upright, as ruled and squared lines leave them."""
    rules = np.zeros_like(mask)
    for upright in (False, True):
        turned = np.ascontiguousarray(mask.T) if upright else mask
        found = _level_rules(turned, core)
        rules |= found.T if upright else found
    return cv2.bitwise_and(mask, 1 - rules)


def _level_rules(mask: np.ndarray, core: float) -> np.ndarray:
    """Thin runs as level as the straightest one, but for where strokes cross them: uint8 of the mask's shape."""
    thick, across, long = max(3, round(_THIN * core)), max(3, round(_CROSSED * core)), max(20, round(_LONG * core))
    thin = cv2.subtract(mask, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((thick + 1, 1), np.uint8)))
    lines = cv2.HoughLines(thin, 1, np.pi / 720, long, min_theta=np.pi * 0.4, max_theta=np.pi * 0.6)
    if lines is None:
        return np.zeros_like(mask)
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(np.degrees(lines[0, 0, 1])) - 90, 1)
    reach = np.abs(turn[:, :2]) @ (width, height)
    turn[:, 2] += (reach - (width, height)) / 2
    level = cv2.dilate(cv2.warpAffine(thin, turn, np.ceil(reach).astype(int).tolist(), flags=cv2.INTER_NEAREST), np.ones((3, 1), np.uint8))
    bridged = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, across), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    return cv2.bitwise_and(cv2.warpAffine(runs, turn, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP), thin)


def _on_grid(pixels: np.ndarray) -> np.ndarray:
    rows, columns = -(-pixels.shape[0] // GRID), -(-pixels.shape[1] // GRID)
    return cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)


def _on_grid_darkest(dark: np.ndarray) -> np.ndarray:
    rows, columns = -(-dark.shape[0] // GRID), -(-dark.shape[1] // GRID)
    whole = np.zeros((rows * GRID, columns * GRID), np.uint8)
    whole[: dark.shape[0], : dark.shape[1]] = dark
    return whole.reshape(rows, GRID, columns, GRID).max((1, 3))


def _light(grey: np.ndarray, window: float) -> np.ndarray:
    """Brightness of the paper under each pixel: strokes narrower than the window are closed. Half the size is fine enough."""
    height, width = grey.shape
    half = cv2.resize(grey, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    kernel = np.ones((max(3, round(window / 2)),) * 2, np.uint8)
    closed = cv2.blur(cv2.morphologyEx(half, cv2.MORPH_CLOSE, kernel), (5, 5))
    return cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR)


def _stroke_width(mask: np.ndarray) -> float:
    boundary = int(mask.sum()) - int(cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))).sum())
    return max(1.0, 2 * int(mask.sum()) / max(boundary, 1))


def _nearest(courses: list[Course], shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = -(-shape[0] // GRID), -(-shape[1] // GRID)
    nearest, away = np.zeros((rows, columns), np.int64), np.full((rows, columns), np.inf, np.float32)
    for number, course in enumerate(courses):
        reach = _REACH * course.core
        low = np.maximum(np.floor(np.array([course.y.min() - reach, course.x[0] - reach]) / GRID), 0).astype(int)
        high = np.minimum(np.ceil(np.array([course.y.max() + reach, course.x[-1] + reach]) / GRID), (rows, columns)).astype(int)
        if (high <= low).any():
            continue
        x, y = (np.arange(low[1], high[1]) + 0.5) * GRID, (np.arange(low[0], high[0]) + 0.5) * GRID
        run = max(course.x[-1] - course.x[0], 1e-6)
        level = run / float(np.hypot(run, course.y[-1] - course.y[0]))  # across a slanted line it isn't as far as straight up
        beyond = 0.5 * np.maximum(0, np.maximum(course.x[0] - x, x - course.x[-1]))
        here = np.hypot((y[:, None] - course.at(x) + 0.5 * course.core / level) * level, beyond) / course.core
        window = slice(low[0], high[0]), slice(low[1], high[1])
        closer = here < away[window]
        nearest[window][closer] = number
        away[window][closer] = here[closer]
    return nearest, away
