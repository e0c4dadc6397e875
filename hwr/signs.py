"""Signs that EMNIST has no pictures of, as the strokes of a pen: punctuation, and the accents of letters.

Lengths are in x-heights, y grows downwards, the baseline is at 0. What is given are the points that a pen passes; no two drawings pass
quite the same.
"""

import numpy as np

from hwr.ink import Strokes

_ASCENT = -1.5
_Point = tuple[float, float]


def _ring(x: float, y: float, radius: float) -> list[_Point]:
    return [(x + radius * float(np.cos(angle)), y + radius * float(np.sin(angle))) for angle in np.linspace(-1.6, 4.8, 9)]


def _dot(x: float, y: float) -> list[_Point]:
    return [(x, y), (x + 0.06, y + 0.03)]


PUNCTUATION: dict[str, list[list[_Point]]] = {
    ".": [_dot(0, -0.06)],
    ",": [[(0.1, -0.1), (0.12, 0.04), (0, 0.28)]],
    ":": [_dot(0, -0.8), _dot(0, -0.06)],
    ";": [_dot(0.1, -0.8), [(0.1, -0.1), (0.12, 0.04), (0, 0.28)]],
    "!": [[(0.06, _ASCENT), (0.04, -0.9), (0, -0.4)], _dot(-0.02, -0.06)],
    "?": [[(0, -1.2), (0.25, -1.5), (0.6, -1.4), (0.6, -1.05), (0.3, -0.75), (0.27, -0.4)], _dot(0.25, -0.06)],
    "'": [[(0.06, _ASCENT), (0, -1.15)]],
    '"': [[(0.06, _ASCENT), (0, -1.15)], [(0.32, _ASCENT), (0.26, -1.15)]],
    "`": [[(0, _ASCENT), (0.18, -1.25)]],
    "-": [[(0, -0.5), (0.6, -0.52)]],
    "_": [[(0, 0.12), (0.95, 0.12)]],
    "~": [[(0, -0.45), (0.22, -0.62), (0.5, -0.5), (0.72, -0.45), (0.92, -0.62)]],
    "=": [[(0, -0.68), (0.75, -0.7)], [(0, -0.35), (0.75, -0.37)]],
    "+": [[(0.42, -0.95), (0.4, -0.1)], [(0, -0.5), (0.84, -0.53)]],
    "*": [[(0.33, -1.5), (0.33, -0.9)], [(0.06, -1.35), (0.6, -1.05)], [(0.6, -1.35), (0.06, -1.05)]],
    "/": [[(0.75, _ASCENT), (0, 0.1)]],
    "\\": [[(0, _ASCENT), (0.75, 0.1)]],
    "|": [[(0.03, -1.6), (0, 0.3)]],
    "(": [[(0.38, -1.6), (0.06, -1.0), (0.05, -0.3), (0.36, 0.25)]],
    ")": [[(0, -1.6), (0.32, -1.0), (0.33, -0.3), (0.02, 0.25)]],
    "[": [[(0.4, -1.6), (0.02, -1.6)], [(0.02, -1.6), (0, 0.2)], [(0, 0.2), (0.4, 0.2)]],
    "]": [[(0, -1.6), (0.4, -1.6)], [(0.4, -1.6), (0.38, 0.2)], [(0.38, 0.2), (0, 0.2)]],
    "{": [[(0.45, -1.6), (0.22, -1.45), (0.25, -0.95), (0, -0.68), (0.23, -0.4), (0.2, 0.1), (0.45, 0.25)]],
    "}": [[(0, -1.6), (0.23, -1.45), (0.2, -0.95), (0.45, -0.68), (0.22, -0.4), (0.25, 0.1), (0, 0.25)]],
    "<": [[(0.75, -1.05), (0, -0.55)], [(0, -0.55), (0.75, -0.05)]],
    ">": [[(0, -1.05), (0.75, -0.55)], [(0.75, -0.55), (0, -0.05)]],
    "^": [[(0, -1.05), (0.3, _ASCENT)], [(0.3, _ASCENT), (0.6, -1.05)]],
    "#": [[(0.5, -1.4), (0.3, 0)], [(0.95, -1.4), (0.75, 0)], [(0.1, -0.95), (1.15, -0.98)], [(0.05, -0.45), (1.1, -0.48)]],
    "$": [
        [(0.75, -1.2), (0.4, -1.42), (0.08, -1.15), (0.35, -0.75), (0.75, -0.45), (0.45, -0.05), (0, -0.25)],
        [(0.42, -1.65), (0.36, 0.2)],
    ],
    "%": [_ring(0.25, -1.2, 0.22), [(1.0, -1.45), (0.2, 0)], _ring(0.95, -0.25, 0.22)],
    "&": [[(1.0, 0), (0.3, -0.95), (0.4, -1.4), (0.7, -1.3), (0.6, -0.95), (0.08, -0.45), (0.2, -0.03), (0.6, -0.08), (0.95, -0.6)]],
    "@": [
        [
            *[(0.85, -0.75), (0.62, -0.9), (0.42, -0.6), (0.55, -0.32), (0.8, -0.5), (0.88, -0.85), (0.86, -0.4), (1.05, -0.32)],
            *[(1.25, -0.7), (1.1, -1.15), (0.65, -1.3), (0.15, -1.0), (0.05, -0.4), (0.35, 0.05), (0.95, 0.05)],
        ]
    ],
}
"""Strokes of the printable ASCII characters that are neither letters nor digits."""

ACCENTS: dict[str, list[list[_Point]]] = {
    "\u0300": [[(-0.15, -0.4), (0.12, -0.15)]],  # grave
    "\u0301": [[(0.18, -0.4), (-0.1, -0.15)]],  # acute
    "\u0302": [[(-0.25, -0.15), (0, -0.4)], [(0, -0.4), (0.25, -0.15)]],  # circumflex
    "\u0303": [[(-0.3, -0.2), (-0.12, -0.35), (0.1, -0.22), (0.3, -0.36)]],  # tilde
    "\u0304": [[(-0.28, -0.25), (0.28, -0.27)]],  # macron
    "\u0306": [[(-0.25, -0.4), (0, -0.15), (0.25, -0.4)]],  # breve
    "\u0307": [_dot(-0.02, -0.28)],  # dot
    "\u0308": [_dot(-0.2, -0.28), _dot(0.18, -0.3)],  # diaeresis
    "\u030a": [_ring(0, -0.32, 0.15)],  # ring
    "\u030b": [[(0, -0.4), (-0.18, -0.15)], [(0.28, -0.4), (0.1, -0.15)]],  # double acute
    "\u030c": [[(-0.25, -0.4), (0, -0.15)], [(0, -0.15), (0.25, -0.4)]],  # caron
    "\u0323": [_dot(-0.02, 0.25)],  # dot below
    "\u0327": [[(0.02, 0.02), (0.15, 0.18), (0.02, 0.36), (-0.15, 0.32)]],  # cedilla
    "\u0328": [[(0.15, 0.02), (0.02, 0.2), (0.1, 0.36), (0.25, 0.32)]],  # ogonek
}
"""Strokes of combining characters: those with y above 0 stand on top of their letter, those below hang from the baseline; x is from the
letter's middle."""
DOTTED = "ij"
"""Letters whose dot gives way to an accent."""


def drawn(strokes: list[list[_Point]], rng: np.random.Generator, wobble: float = 0.03) -> Strokes:
    """Pass the points as a hand does: never twice in the same way, and round the corners within a stroke.

    Args:
        strokes: points (x, y).
        rng: source of the wobble.
        wobble: standard deviation of each point's displacement, in x-heights.

    Returns:
        Float32 arrays (N, 2).
    """
    from scipy.interpolate import make_interp_spline

    result = []
    for points in strokes:
        passed = np.asarray(points, np.float64) + rng.normal(0, wobble, (len(points), 2))
        steps = np.hypot(*np.diff(passed, axis=0).T)
        at = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-3))])
        curve = make_interp_spline(at, passed, k=min(3, len(points) - 1))
        result.append(curve(np.linspace(0, at[-1], max(2, 4 * len(points)))).astype(np.float32))
    return result
