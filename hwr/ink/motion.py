"""When the pen is where: strokes get the times that a hand needs for them.

The faster, the straighter: angular velocity grows with curvature to the power of two thirds (Lacquaniti, Terzuolo and Viviani 1983,
doi:10.1016/0001-6918(83)90027-6), so speed falls with its cube root, and is bounded where the way is straight (Viviani and Stucchi 1992,
doi:10.1037/0096-1523.18.3.603). Between strokes the pen is lifted, and the farther it goes, the longer that takes.

The constants fit UNIPEN's training writers, medians over the 30 of them in the sample of the archive whose tablets tell the time
(``benchmarks/motion.py``; there the exponent comes out as -0.29, not as the -0.33 of the law). Of ten, ways through the air are known.
"""

from __future__ import annotations

import numpy as np

from hwr.ink.files import curves
from hwr.ink.strokes import Strokes

GAIN = 12.6
"""Speed in core heights a second, where the way turns by a radian in a core height."""
STRAIGHT = 0.2
"""Added to curvature, in radians a core height: straight ways are written at 1.7 times the gain."""
SHARPEST = 32.0
"""Curvature, in radians a core height, beyond which the pen slows down no more."""
LIFT = 0.08
"""Seconds between two strokes however near ..."""
TRAVEL = 0.05
"""... and more for each core height between them."""
LONGEST_LIFT = 1.0
"""Seconds from the end of a line to the next: what Fitts' law (1954) leaves of so long a way. UNIPEN has too few of them."""
DOT = 0.05
"""Seconds that the pen rests on a dot."""
TICK = 0.001
"""Seconds between two points of a stroke at least."""
_STEP = 0.05
"""Between the points at which curvature is looked at, in core heights."""
_KERNEL = np.exp(-0.5 * (np.arange(-6, 7) / 2) ** 2)
"""Corners are rounded over a tenth of a core height, about as far as the pen goes in the hundredth of a second of the measurements."""
_PER_CURVE = 8


def times_of(strokes: Strokes, core: float) -> list[np.ndarray]:
    """Seconds from the first touch of the pen.

    Args:
        strokes: arrays (N, 2) in the order of writing; of one point, a dot.
        core: height of small letters in the unit of the points, above 0.

    Returns:
        For each stroke float64 (N,), the time of each of its points. Over all strokes times grow strictly, by ``TICK`` or more. The same
        strokes always get the same, and those in front don't depend on those behind.
    """
    times = []
    now, last = 0.0, None
    for stroke in strokes:
        if not len(stroke):
            times.append(np.zeros(0))
            continue
        points = np.asarray(stroke, np.float64) / core
        if last is not None:
            now += min(LIFT + TRAVEL * float(np.hypot(*(points[0] - last))), LONGEST_LIFT)
        times.append(now + _passed(points))
        now, last = float(times[-1][-1]) + (DOT if len(points) == 1 else 0.0), points[-1]
    return times


def shares_of(stroke: np.ndarray) -> np.ndarray:
    """How much of the length of a stroke (N, 2) is behind each of its points: float64 (N,), 0 to 1."""
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(np.asarray(stroke, np.float64), axis=0).T))])
    return reached / reached[-1] if reached[-1] > 0 else np.linspace(0, 1, len(reached))


def _passed(points: np.ndarray) -> np.ndarray:
    """Seconds from the first point of a stroke, float64 (N,); points in core heights."""
    way = _sampled(points)
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
    if len(points) == 1 or reached[-1] == 0:
        return TICK * np.arange(len(points))
    grid = np.linspace(0, reached[-1], int(np.ceil(reached[-1] / _STEP)) + 1)
    even = np.stack([np.interp(grid, reached, axis) for axis in way.T], 1)
    pace = (_curvature(even) + STRAIGHT) ** (1 / 3) / GAIN
    clock = np.concatenate([[0.0], np.cumsum(np.diff(grid) * (pace[1:] + pace[:-1]) / 2)])
    steps = np.diff(np.interp(reached[::_PER_CURVE], grid, clock))
    return np.concatenate([[0.0], np.cumsum(np.maximum(steps, TICK))])


def _sampled(points: np.ndarray) -> np.ndarray:
    """The smooth curve through points (N, 2), ``_PER_CURVE`` steps from each to the next: float64 (_PER_CURVE (N - 1) + 1, 2)."""
    t = (np.arange(1, _PER_CURVE + 1) / _PER_CURVE)[:, None]
    weights = np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], 1)
    return np.concatenate([points[:1], (weights @ curves(points)).reshape(-1, 2)])


def _curvature(even: np.ndarray) -> np.ndarray:
    """Of evenly spaced points (M, 2), radians to their unit of length: float64 (M,), at most ``SHARPEST``."""
    if len(even) < 3:
        return np.zeros(len(even))
    reach = len(_KERNEL) // 2
    padded = np.pad(even, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    smooth = np.stack([np.convolve(axis, _KERNEL / _KERNEL.sum(), "valid") for axis in padded.T], 1)
    steps = np.diff(smooth, axis=0)
    lengths = np.maximum(np.hypot(*steps.T), 1e-9)
    turns = np.abs((np.diff(np.arctan2(steps[:, 1], steps[:, 0])) + np.pi) % (2 * np.pi) - np.pi)
    inner = np.minimum(turns / ((lengths[1:] + lengths[:-1]) / 2), SHARPEST)
    return np.pad(inner, 1, mode="edge")
