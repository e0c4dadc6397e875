"""Traits of a hand that pictures of characters show: how wide its strokes are, and how far they lean."""

import cv2
import numpy as np


def median_stroke_width(shape: np.ndarray) -> float:
    """Typical width of a shape's strokes, in pixels: twice the median distance from the ridge to the outline.

    Args:
        shape: (H, W); ink is above 0.5.
    """
    inside = cv2.copyMakeBorder((shape > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    ridge = (distance == cv2.dilate(distance, np.ones((5, 5), np.uint8))) & (distance > 0)
    return 2 * float(np.median(distance[ridge])) if ridge.any() else 0.0


def slant(images: np.ndarray) -> np.ndarray:
    """How far characters lean to the right: pixels sideways per pixel upwards, from the second moments of the ink.

    Args:
        images: (N, H, W), ink high on 0.

    Returns:
        Float64 (N,); 0 where there is no ink or no height.
    """
    ink = np.asarray(images, np.float64)
    ys, xs = np.arange(ink.shape[1], dtype=np.float64), np.arange(ink.shape[2], dtype=np.float64)
    by_row, by_column = ink.sum(2), ink.sum(1)
    mass = np.maximum(by_row.sum(1), 1e-9)
    up = (by_row @ ys / mass)[:, None] - ys  # (N, H), upwards from the middle of the ink
    across = xs - (by_column @ xs / mass)[:, None]  # (N, W)
    mixed = np.einsum("nhw,nh,nw->n", ink, up, across)
    vertical = (by_row * up**2).sum(1)
    return np.where(vertical > 1e-6, mixed / np.maximum(vertical, 1e-6), 0.0)


def stroke_width(images: np.ndarray) -> np.ndarray:
    """Width of the pen's stroke in pixels: twice the ink's area over the length of its outline.

    On grey pictures the outline's length is the total variation. Exact for strokes that are much longer than wide.

    Args:
        images: (N, H, W), ink high on 0; full ink is the highest value of the type, or 1 for floats.

    Returns:
        Float64 (N,); 0 where there is no ink.
    """
    full = np.iinfo(images.dtype).max if np.issubdtype(images.dtype, np.integer) else 1.0
    ink = np.pad(np.asarray(images, np.float64) / full, ((0, 0), (1, 1), (1, 1)))
    down, right = np.diff(ink, axis=1)[:, :, :-1], np.diff(ink, axis=2)[:, :-1]
    outline = np.hypot(down, right).sum((1, 2))
    return 2 * ink.sum((1, 2)) / np.maximum(outline, 1e-9)
