"""Strokes as paths of an SVG: lines, curves, and the outlines of those that a pen of varying width leaves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from hwr.ink.files import curves


def coloured(page: np.ndarray, cover: np.ndarray, colour: Sequence[int]) -> np.ndarray:
    share = cover[:, :, None].astype(np.float32) / 255
    return (page * (1 - share) + np.asarray(colour, np.float32) * share).round().astype(np.uint8)


def hex_of(colour: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def outline(stroke: np.ndarray, widths: np.ndarray) -> str:
    """SVG path data around a stroke: ribbons with round ends, all of one orientation, so that none cancel.

    Args:
        stroke: (N, 2), close points, y downwards.
        widths: (N,), of the pen at each.
    """
    moved = np.append(True, np.abs(np.diff(stroke, axis=0)).max(1, initial=0) > 1e-3)
    stroke, widths = stroke[moved].astype(np.float64), np.asarray(widths, np.float64)[moved]
    if len(stroke) == 1:
        stroke, widths = np.array([stroke[0], stroke[0] + (0.01, 0)]), np.repeat(widths, 2)
    headings = np.unwrap(np.arctan2(*np.diff(stroke, axis=0).T[::-1]))
    cuts = [0]
    turned = 0.0
    for place, turn in enumerate(np.abs(np.diff(headings)).tolist(), start=1):
        turned += turn
        if turn > 0.9 or turned > 1.5:  # at sharp corners, and before a ribbon's inner side runs backwards
            cuts.append(place)
            turned = 0.0
    parts = []
    for start, stop in itertools.pairwise([*cuts, len(stroke) - 1]):
        points, radii = stroke[start : stop + 1], widths[start : stop + 1, None] / 2
        along = np.gradient(points, axis=0)
        along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        aside = radii * np.stack([along[:, 1], -along[:, 0]], 1)
        left, right = points + aside, (points - aside)[::-1]
        sides = ["L".join(f"{x:.2f} {y:.2f}" for x, y in side) for side in (left, right)]
        ends = [f"A{radius:.2f} {radius:.2f} 0 0 1 {{}}" for radius in (radii[-1, 0], radii[0, 0])]
        parts.append(f"M{sides[0]}{ends[0].format(sides[1])}{ends[1].format(sides[0].split('L')[0])}Z")
    return "".join(parts)


def path_data(stroke: np.ndarray) -> str:
    """Plain numbers: a move and cubic curves; a dot is a line of no length."""
    x, y = stroke[0].tolist()
    if len(stroke) == 1:
        return f"M{x:.2f} {y:.2f}h0.01"
    return f"M{x:.2f} {y:.2f}" + "".join(
        "C{:.2f} {:.2f} {:.2f} {:.2f} {:.2f} {:.2f}".format(*curve[1:].ravel()) for curve in curves(stroke)
    )
