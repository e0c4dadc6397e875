"""Lines that run on from one column into the next are parted where those around them have paper too, and begin again below each other."""

from itertools import pairwise

import numpy as np
from scipy.ndimage import label

from hwr.pictures.pages.courses import Course

_WRITTEN = 0.3  # probability of writing above which a cell is no paper
_HEIGHTS = (-1.6, -1.2, -0.8, -0.4, 0.0)  # core heights from the baseline at which writing is looked for
_NEAREST, _AROUND = 8, 24.0  # lines that are asked, the line itself among them, and core heights at which they are at the most
_LINES = 5  # with writing on both sides of a gutter, the line itself among them
_CROSSING = 0.2  # of them that may have writing there
_WIDE = 1.0  # core heights: no gutter is narrower
_ALIGNED = 0.7  # core heights from the median at which half of the lines begin right of a gutter, at the most
_SIDE = 3.0  # core heights of a line on either side of a gutter, at least


def part_at_gutters(courses: list[Course], written: np.ndarray, cell: tuple[float, float]) -> list[Course]:
    """Courses, those that cross a gutter between columns in pieces.

    Args:
        courses: of the lines, in pixels.
        written: float32 (rows, columns): probability that there is writing in the cell.
        cell: rows and columns of pixels to a cell.
    """
    if len(courses) < _LINES:
        return courses
    x = (np.arange(written.shape[1]) + 0.5) * cell[1]
    y = np.stack([course.at(x) for course in courses])
    core = np.array([course.core for course in courses])
    ink = np.zeros(y.shape, bool)
    for height in _HEIGHTS:
        row = np.clip(((y + height * core[:, None]) / cell[0]).astype(int), 0, len(written) - 1)
        ink |= written[row, np.arange(len(x))] > _WRITTEN
    middle = np.array([float(np.mean(course.y)) for course in courses])
    parted = []
    for number, course in enumerate(courses):
        away = np.abs(middle - middle[number])
        near = np.argsort(away, kind="stable")[:_NEAREST]
        near = near[away[near] < _AROUND * course.core]
        parted += _parted(course, x, ink[number], ink[near])
    return parted


def _parted(course: Course, x: np.ndarray, own: np.ndarray, around: np.ndarray) -> list[Course]:
    """A course in as many pieces as there are columns, by where it and, (n, columns), those around it have ink."""
    runs, count = label(~own & (around.mean(0) < _CROSSING))
    step = x[1] - x[0] if len(x) > 1 else 1.0
    cuts = [course.x[0]]
    for run in range(1, count + 1):
        first, last = np.flatnonzero(runs == run)[[0, -1]]
        wide = (last + 1 - first) * step >= _WIDE * course.core
        inside = course.x[0] + _SIDE * course.core < x[first] and x[last] < course.x[-1] - _SIDE * course.core
        both = around[:, :first].any(1) & around[:, last + 1 :].any(1)
        if not (wide and inside and both.sum() >= _LINES and own[:first].any() and own[last + 1 :].any()):
            continue
        begins = around[both, last + 1 :].argmax(1) * step
        if np.median(np.abs(begins - np.median(begins))) <= _ALIGNED * course.core:
            cuts.append(float(x[first : last + 1].mean()))
    return [_piece(course, left, right) for left, right in pairwise([*cuts, course.x[-1]])] if len(cuts) > 1 else [course]


def _piece(course: Course, left: float, right: float) -> Course:
    inside = (course.x > left) & (course.x < right)
    x = np.r_[left, course.x[inside], right]
    return Course(x, course.at(x), course.core)
