"""Which line each pixel of ink belongs to."""

from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from hwr.pictures.pages.courses import Course
from hwr.pictures.pages.ink import GRID, Ink

_SPREAD = 0.72  # core heights over which ink's vote for a line falls off
_LEAST = 0.003  # of a vote for each of its pixels that a piece of ink must give a line: about two core heights away
_WRITTEN = 0.3  # mean probability of writing on what is written, unless it lies
_RULED, _SURE = 0.3, 0.6  # mean probability of rules below which, and of writing above which, nothing is a rule
_LINE = 0.3  # mean probability of writing on a line
_UNSEEN = 0.1  # probability of writing of letters that the network took for something else, which count neither way
_PRINT = 0.7  # what share of that of print it must be
_AMONG = 0.25  # of a vote for each of its pixels among a line's small letters
_REACH = 3.0  # core heights from the middle of small letters to the top of the tallest and the bottom of the lowest
_BEYOND = 3.0  # core heights that letters reach beyond where their line was found


class Writing(NamedTuple):
    """Ink divided into lines."""

    labels: np.ndarray  # uint8 (h, w): 0 no ink of writing, k + 1 ink of line k
    courses: list[Course]
    points: list[tuple[np.ndarray, np.ndarray]]  # x and y of each line's ink


def divide(ink: Ink, courses: list[Course], written: np.ndarray, printed: np.ndarray, ruled: np.ndarray) -> Writing:
    """Give each connected piece of ink to the line on which most of it lies; what reaches into the letters of several is cut.

    Args:
        ink: of the page.
        courses: of the lines, at most 255, in the same pixels.
        written: float32 (h, w): probability that there is writing.
        printed: float32 (h, w): that there is print.
        ruled: float32 (h, w): that there is a printed rule.

    Returns:
        The writing, with those lines only that have ink.
    """
    mask, stroke = ink.mask, ink.stroke
    count, labelled, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    components = np.asarray(labelled, np.int32)
    kept = stats[:, cv2.CC_STAT_AREA] >= max(3.0, 0.4 * stroke**2)  # no dot is smaller than the pen
    kept[0] = False
    y, x = np.nonzero(kept[components])
    component = components[y, x]
    nearest, away = ink.nearest[y // GRID, x // GRID], ink.away[y // GRID, x // GRID]
    size = count * len(courses)
    weight = np.exp(-((away / _SPREAD) ** 2))
    votes = np.bincount(component * len(courses) + nearest, weight, minlength=size).reshape(count, len(courses))
    best = votes.argmax(1)
    area = np.maximum(np.bincount(component, minlength=count), 1)
    likely = np.bincount(component, written[y, x], minlength=count) / area
    own = votes.max(1) > _LEAST * area
    own &= (likely > _WRITTEN) | (votes.max(1) > _AMONG * area)
    rule = np.bincount(component, ruled[y, x], minlength=count) / area
    own &= (rule < _RULED) | (likely > np.minimum(rule, _SURE))
    cores = np.array([course.core for course in courses])
    shared = votes >= np.maximum(0.2 * votes.max(1, keepdims=True), 0.5 * cores * max(1.0, stroke / 2))
    line = np.where(own[component], best[component] + 1, 0)
    here = np.flatnonzero((own & (shared.sum(1) > 1))[component])
    if len(here):
        line[here] = _flooded(mask.shape, x[here], y[here], component[here], nearest[here], away[here], shared, best)
    line[_out_of_reach(courses, x, line, nearest, away)] = 0
    labels = np.zeros(mask.shape, np.uint8)
    labels[y, x] = line
    seen = np.where(written[y, x] > _UNSEEN, written[y, x] - np.maximum(_PRINT * printed[y, x], _LINE), 0)
    surplus = np.bincount(line, seen, minlength=len(courses) + 1)[1:]
    return _tidied(labels, courses, surplus > 0, x, y, line)


def _out_of_reach(courses: list[Course], x: np.ndarray, line: np.ndarray, nearest: np.ndarray, away: np.ndarray) -> np.ndarray:
    """Which ink is further from its line than letters reach: what runs on from them, such as a rule or the edge of the sheet."""
    of = line - 1  # of no line: that of the last, which doesn't matter
    left, right = (np.array([course.x[end] + side * _BEYOND * course.core for course in courses]) for end, side in ((0, -1), (-1, 1)))
    return (x < left[of]) | (x > right[of]) | ((nearest == of) & (away > _REACH))


def _flooded(
    shape: tuple[int, int],
    x: np.ndarray,
    y: np.ndarray,
    component: np.ndarray,
    nearest: np.ndarray,
    away: np.ndarray,
    shared: np.ndarray,
    best: np.ndarray,
) -> np.ndarray:
    """What lines share is cut where the way along the ink to either line's small letters is the same: by flooding from these."""
    count = shared.shape[1]
    markers = np.full(shape, count + 1, np.int32)
    markers[y, x] = np.where(shared[component, nearest] & (away < 0.5), nearest + 1, 0)
    painted = np.zeros((*shape, 3), np.uint8)
    painted[y, x] = 255
    flooded = cv2.watershed(painted, markers)[y, x]
    unreached = (flooded < 1) | (flooded > count)
    return np.where(unreached, np.where(shared[component, nearest], nearest, best[component]) + 1, flooded)


def _tidied(labels: np.ndarray, courses: list[Course], handwritten: np.ndarray, x: np.ndarray, y: np.ndarray, line: np.ndarray) -> Writing:
    """Only the lines that are handwritten rather than printed, and have at least as much ink as a letter's stroke."""
    order = np.argsort(line, kind="stable")
    ends = np.searchsorted(line[order], np.arange(1, len(courses) + 2))
    points = [(x[order[start:end]], y[order[start:end]]) for start, end in pairwise(ends)]
    kept = [
        number
        for number, (course, (across, down)) in enumerate(zip(courses, points, strict=True))
        if handwritten[number] and len(down) and max(np.ptp(down), np.ptp(across)) > 0.4 * course.core
    ]
    numbers = np.zeros(len(courses) + 1, np.uint8)
    numbers[np.array(kept, int) + 1] = np.arange(1, len(kept) + 1)
    return Writing(numbers[labels], [courses[number] for number in kept], [points[number] for number in kept])
