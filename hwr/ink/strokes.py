"""Pen strokes from strangers, checked: lists of points, y downwards, in any unit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hwr.errors import InputError

Strokes = list[np.ndarray]
MAX_POINTS = 20_000


def parse_strokes(value: Any) -> Strokes:
    """Check a JSON-like list of strokes.

    Args:
        value: a list of strokes, each a list of points ``[x, y]`` or ``[x, y, t]``; t (milliseconds) is not used.

    Returns:
        One float32 array (N, 2) per stroke that has points.

    Raises:
        InputError: not of that form, not finite, more than ``MAX_POINTS`` points, or no point at all.
    """
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str | bytes):
        raise InputError("Strokes must be a list of strokes, each a list of points [x, y] or [x, y, t].")
    strokes: Strokes = []
    total = 0
    for number, stroke in enumerate(value, start=1):
        if not isinstance(stroke, Sequence | np.ndarray) or isinstance(stroke, str | bytes):
            raise InputError(f"Stroke {number} is not a list of points [x, y] or [x, y, t].")
        total += len(stroke)
        check_points(total)
        if len(stroke) == 0:
            continue
        try:
            points = np.asarray([[point[0], point[1]] for point in stroke])
            if points.shape != (len(stroke), 2) or points.dtype.kind not in "iuf":  # digits in a string and truth values are no numbers
                raise ValueError
            points = points.astype(np.float64)
        except (TypeError, ValueError, IndexError, KeyError, OverflowError):
            raise InputError(f"Stroke {number} has a point that is not [x, y] or [x, y, t] with numbers.") from None
        if not np.isfinite(points).all() or np.abs(points).max() > 1e9:
            raise InputError(f"Stroke {number} has a coordinate that is not a usable number.")
        strokes.append(points.astype(np.float32))
    if not strokes:
        raise InputError("There is no ink yet. Draw a character first.")
    return strokes


def check_points(count: int) -> None:
    """Refuse ink of more than ``MAX_POINTS`` points.

    Raises:
        InputError: there are more.
    """
    if count > MAX_POINTS:
        raise InputError(f"The drawing has more than {MAX_POINTS:,} points. Send fewer strokes, or thin the points out.")
