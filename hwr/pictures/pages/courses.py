"""From what a network says of a page's cells to the courses that its lines take, and the order in which they are read."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import (
    binary_closing,
    binary_dilation,
    convolve1d,
    gaussian_filter1d,
    label,
    maximum_filter1d,
    median_filter,
    uniform_filter1d,
)
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

MAX_LINES = 200
"""Lines on a page."""
_MAYBE = 0.15  # probability of core from which on a cell votes for its baseline
_FINE = 8  # rows to the core height in which votes are counted
_SPREAD = 0.12  # core heights, standard deviation: how exactly cells know where the baseline is
# Of a whole column of core's votes: a line's courses have more than the first everywhere, than the second somewhere.
_VOTED, _SURE = 0.15, 0.5
_APART = 0.7  # core heights: baselines above each other are no closer
_TAIL, _CLOSE = 4.0, 2.4  # core heights: what is shorter, and closer to a line, with few votes is none but the tails of its letters
_FEW = 0.55
_STEP = 0.4  # core heights that a baseline may rise or fall by from column to column, twice
_GAP = 2.5  # core heights: pieces of a line are no further apart
_BRIDGE = 0.08  # mean probability of core between them

_ANGLES = np.deg2rad(np.linspace(-25, 25, 101))
_BLUR = 0.4  # core heights by which profiles are blurred, that cells of one row are not seen as a line
_CLEARLY = 1.03
_LONG = 8.0  # core heights: what is shorter has no direction


class Course(NamedTuple):
    """Where a line runs: its baseline's ``y`` at each ``x``, from left to right, and how high its small letters are; all in pixels."""

    x: np.ndarray
    y: np.ndarray
    core: float

    def at(self, x: np.ndarray) -> np.ndarray:
        """The baseline's y at other places; beyond its ends a line goes on level."""
        return np.interp(x, self.x, self.y)

    def scaled(self, across: float, down: float) -> "Course":
        """The same on a page of another size."""
        return Course(self.x * across, self.y * down, self.core * (across * down) ** 0.5)


def find_courses(probability: np.ndarray, below: np.ndarray, core: np.ndarray, cell: tuple[float, float]) -> list[Course]:
    """The lines' courses: cells that are core vote for where their baseline is; lines run where most votes fall.

    Args:
        probability: float32 (rows, columns): that a line's core runs through the cell.
        below: float32 (rows, columns): pixels from the cell's middle down to the baseline.
        core: float32 (rows, columns): height of small letters in pixels.
        cell: rows and columns of pixels to a cell.

    Returns:
        At most :data:`MAX_LINES`, the surest.
    """
    row, column = np.nonzero(probability > _MAYBE)
    if len(row) == 0:
        return []
    sure, height = probability[row, column], core[row, column]
    usual = float(np.average(height, weights=sure))
    fine = usual / _FINE
    shape = int(probability.shape[0] * cell[0] / fine) + _FINE, probability.shape[1]
    base = np.clip(((row + 0.5) * cell[0] + below[row, column]) / fine - 0.5, 0, shape[0] - 1.001)
    votes, heights = (_counted(base, column, weights, shape) for weights in (sure, sure * height))
    heights /= np.maximum(votes, 1e-9)
    votes *= _SPREAD * _FINE * 2.5 * cell[0] / usual  # 1 where all cells of the small letters' height agree
    own, votes = votes, convolve1d(votes, (0.25, 0.5, 0.25), axis=1, mode="constant")
    peaks = (votes > _VOTED) & (own > 0.1) & (votes == maximum_filter1d(votes, 2 * round(_APART * _FINE) + 1, axis=0))
    bars = binary_dilation(peaks, np.ones((2 * round(_STEP * _FINE) + 1, 1)))
    bars |= binary_closing(bars, np.ones((1, 2 * max(1, round(usual / cell[1])) + 1)))
    labels, count = label(bars, np.ones((3, 3)))
    y, x = np.nonzero(peaks)
    strength, heights, course = votes[y, x], heights[y, x], labels[y, x] - 1
    before, after = votes[np.maximum(y - 1, 0), x], votes[np.minimum(y + 1, len(votes) - 1), x]
    y = (y + 0.5 + 0.5 * (before - after) / np.minimum(before - 2 * strength + after, -1e-9)) * fine
    groups = [group for group in _groups(course, count) if len(group) and strength[group].max() > _SURE]
    if not groups:
        return []
    groups.sort(key=lambda group: -float(strength[group].sum()))
    groups = groups[: 2 * MAX_LINES]
    groups = _without_tails(groups, x * cell[1], y, heights, strength)
    courses = [_course(x[group], y[group], heights[group], strength[group], cell[1]) for group in groups]
    lines = [np.concatenate([groups[piece] for piece in pieces]) for pieces in _pieces(courses, probability, cell)]
    return [_course(x[line], y[line], heights[line], strength[line], cell[1]) for line in lines[:MAX_LINES]]


def _without_tails(groups: list[np.ndarray], x: np.ndarray, y: np.ndarray, core: np.ndarray, strength: np.ndarray) -> list[np.ndarray]:
    """Groups of peaks, the strongest first, without short weak ones so close above or below a stronger one as tails of letters are."""
    kept: list[np.ndarray] = []
    for group in groups:
        middle, width = x[group].mean(), np.ptp(x[group])
        tail = False
        for line in kept:
            height, near = core[line].mean(), line[np.abs(x[line] - middle).argmin()]
            beside = abs(x[near] - middle) < 1.5 * height and abs(y[near] - y[group].mean()) < _CLOSE * height
            tail |= beside and width < _TAIL * height and strength[group].mean() < _FEW
        if not tail:
            kept.append(group)
    return kept


def _counted(base: np.ndarray, column: np.ndarray, weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Votes of some weight for places in columns, float64 of the shape: each goes to the two rows nearest to it, and around."""
    row = base.astype(int)
    votes = np.zeros(shape[0] * shape[1])
    for place, share in ((row, row + 1 - base), (row + 1, base - row)):
        votes += np.bincount(place * shape[1] + column, weights * share, shape[0] * shape[1])
    return gaussian_filter1d(votes.reshape(shape), _SPREAD * _FINE, axis=0, mode="constant")


def _pieces(courses: list[Course], probability: np.ndarray, cell: tuple[float, float]) -> list[list[int]]:
    """Numbers of the courses that are one line: a little apart, at one height, and what lies between could be core."""
    left, right = np.array([course.x[0] for course in courses]), np.array([course.x[-1] for course in courses])
    start, end = np.array([course.y[0] for course in courses]), np.array([course.y[-1] for course in courses])
    core = np.array([course.core for course in courses])
    gap, height = left[None, :] - right[:, None], np.minimum(core[:, None], core[None, :])
    near = (gap > -height) & (gap < _GAP * height) & (np.abs(end[:, None] - start[None, :]) < 0.5 * height)
    near &= np.maximum(core[:, None], core[None, :]) < 1.7 * height
    np.fill_diagonal(near, val=False)
    for first, second in np.argwhere(near & (gap > 0)).tolist():
        column = np.arange(int(right[first] / cell[1]), max(int(right[first] / cell[1]) + 1, int(left[second] / cell[1])))
        y = np.interp((column + 0.5) * cell[1], [right[first], left[second]], [end[first], start[second]]) - 0.5 * height[first, second]
        row = np.clip((y / cell[0]).astype(int), 0, len(probability) - 1)
        near[first, second] = probability[row, np.minimum(column, probability.shape[1] - 1)].mean() > _BRIDGE
    count, line = connected_components(coo_array(near), directed=False)
    return [own.tolist() for own in _groups(line, count)]


def _groups(labels: np.ndarray, count: int) -> list[np.ndarray]:
    """Places of each label."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.searchsorted(labels[order], np.arange(1, count)))


def _course(column: np.ndarray, base: np.ndarray, height: np.ndarray, sure: np.ndarray, width: float) -> Course:
    core = float(np.average(height, weights=sure))
    first, last = int(column.min()), int(column.max())
    weights = np.bincount(column - first, sure)
    y = np.bincount(column - first, sure * base) / np.maximum(weights, 1e-9)
    here = np.flatnonzero(weights)
    y = np.interp(np.arange(last - first + 1), here, y[here])
    window = max(3, round(2 * core / width) | 1)
    if len(y) > 1:  # beyond its ends a line goes on as it came
        beyond = np.pad(y, min(window, len(y) - 1), mode="reflect", reflect_type="odd")
        y = uniform_filter1d(median_filter(beyond, 3), window)[min(window, len(y) - 1) :][: len(y)]
    x = (np.arange(first, last + 1) + 0.5) * width
    start, end = (y[0] - 0.5 * (y[1] - y[0]), y[-1] + 0.5 * (y[-1] - y[-2])) if len(y) > 1 else (y[0], y[0])
    return Course(np.r_[first * width, x, (last + 1) * width], np.r_[start, y, end], core)


def tilt_of(probability: np.ndarray, core: float, cell: tuple[float, float]) -> float:
    """How far a page's lines fall from left to right, in radians: as it must be turned so that what is core fills the fewest rows.

    By projection profiles (Bloomberg, Kopec and Dasari 1995, "Measuring document image skew and orientation").

    Args:
        probability: float32 (rows, columns): that a line's core runs through the cell.
        core: height of small letters in pixels.
        cell: rows and columns of pixels to a cell.
    """
    row, column = np.nonzero(probability > _SURE)
    if len(row) == 0 or np.ptp(column) * cell[1] < _LONG * core:
        return 0.0
    y, x, weight = (row + 0.5) * cell[0], (column + 0.5) * cell[1], probability[row, column]
    profiles = []
    for angle in _ANGLES:
        across = (y * np.cos(angle) - x * np.sin(angle)) / core * _FINE
        profile = np.bincount((across - across.min()).astype(int), weight)
        profiles.append(float((gaussian_filter1d(profile, _BLUR * _FINE, mode="constant") ** 2).sum()))
    best = int(np.argmax(profiles))
    return float(_ANGLES[best]) if profiles[best] > _CLEARLY * profiles[len(_ANGLES) // 2] else 0.0


def reading_order(courses: list[Course]) -> list[int]:
    """Numbers of the lines in the order of reading, column after column (Breuel 2003, "High performance document layout analysis").

    A line comes before one that is below it and overlaps it across, and before one to its right unless a line between their heights reaches
    from one to the other.
    """
    if not courses:
        return []
    left, right = np.array([course.x[0] for course in courses]), np.array([course.x[-1] for course in courses])
    y = np.array([float(course.y.mean()) for course in courses])
    over = (left[:, None] < right[None, :]) & (left[None, :] < right[:, None])
    before = over & (y[:, None] < y[None, :])
    for first, second in np.argwhere(right[:, None] <= left[None, :]).tolist():
        between = (y > min(y[first], y[second])) & (y < max(y[first], y[second]))
        before[first, second] = not (between & over[first] & over[second]).any()
    waiting, order = set(range(len(courses))), []
    while waiting:
        # What is still before others: where lines cross there may be a circle, and the uppermost goes first.
        rest = sorted(waiting)
        blocked = before[np.ix_(rest, rest)].sum(0)
        nextone = min(zip(blocked.tolist(), y[rest].tolist(), rest, strict=True))[2]
        order.append(nextone)
        waiting.remove(nextone)
    return order
