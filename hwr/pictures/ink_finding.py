"""Where the ink is on a picture of a few characters: what differs from its paper, whichever of the two is darker."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np

from hwr.errors import InputError
from hwr.pictures.loading import colours_of, load_image

INKED = 0.4  # share of full ink from which a pixel counts as inked
MIN_CONTRAST = 0.08  # of the full range: fainter marks are taken for paper


def ink_of(source: Any) -> np.ndarray:
    """How much ink each pixel of a picture has: uint8 (H, W), 255 for full ink, cropped to it.

    Args:
        source: whatever :func:`load_image` takes. Dark on light or light on dark, any size, transparency allowed.

    Raises:
        InputError: no ink, nothing but ink, or what :func:`load_image` raises.
    """
    return np.round(255 * find_ink(colours_of(load_image(source)))).astype(np.uint8)


def _paper(pixels: np.ndarray) -> np.ndarray:
    """The paper's colour under each pixel, broadcastable to (H, W, C).

    One colour where most of the picture's edge has it (a drawing, a scan, even one cut close); else a quadratic surface fitted to absolute
    deviations, which takes up shadows and which ink on less than half of the picture can't move.
    """
    height, width, channels = pixels.shape
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    usual = np.median(edge, axis=0)
    if (np.abs(edge - usual).max(1) < 0.03).mean() > 0.6:
        return usual
    columns, rows = min(width, 48), min(height, 48)
    small = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA).reshape(-1, channels)
    basis = _quadratic(rows, columns)
    surface = np.broadcast_to(np.median(small, axis=0), small.shape)
    for _ in range(12):  # iteratively reweighted least squares, started from the median
        weighted = basis / np.maximum(np.abs(small - surface).max(1, keepdims=True), 0.02)
        surface = basis @ np.linalg.solve(weighted.T @ basis + 1e-4 * np.eye(basis.shape[1], dtype=np.float32), weighted.T @ small)
    surface = surface.reshape(rows, columns, channels)
    return cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, channels)


def _quadratic(rows: int, columns: int) -> np.ndarray:
    y, x = np.meshgrid(np.linspace(-1, 1, rows, dtype=np.float32), np.linspace(-1, 1, columns, dtype=np.float32), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)


def find_ink(pixels: np.ndarray) -> np.ndarray:
    """How much ink each pixel has: float32 (H, W) in [0, 1], cropped to the ink."""
    if min(pixels.shape[:2]) < 3:
        raise InputError("The image is too small to show a character. Use one of at least 8 x 8 pixels.")
    distance = functools.reduce(np.maximum, np.moveaxis(np.abs(pixels - _paper(pixels)), 2, 0))  # much faster than .max(2)
    # Standard deviation of the paper's noise: from the quieter quarter of the picture, or from its edge; ink may cover the rest of either.
    edge = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    noise = 1.48 * float(np.median(edge))
    if noise:
        noise = min(noise, 3.14 * float(np.percentile(distance[::3, ::3], 25)))
    strongest = float(cv2.blur(distance, (2, 2)).max())
    if strongest < max(MIN_CONTRAST, 4 * noise):
        raise InputError("No ink was found. Draw or photograph one character that stands out from its background.")
    level = float(np.median(distance[distance > 0.5 * strongest]))
    low = max(0.2 * level, min(3 * noise, 0.5 * level))
    ink = np.clip((distance - low) / (level - low), 0, 1)
    mask = (ink > INKED).astype(np.uint8)
    if cv2.countNonZero(mask) > 0.7 * mask.size:
        raise InputError("The picture is almost all ink. Leave some empty paper around the character.")
    x, y, width, height = cv2.boundingRect(mask)
    ink, mask = ink[y : y + height, x : x + width], mask[y : y + height, x : x + width]
    # Specks of dust and sensor noise would stretch the box; an i's dot is far above the limit. Broken hairlines are joined first.
    joined = cv2.dilate(mask, np.ones((5, 5), np.uint8))
    if cv2.connectedComponents(joined, connectivity=8)[0] == 2:  # the paper, and one piece: the usual, and seven times as fast to see
        return np.pad(ink, 2).astype(np.float32)
    count, components, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= 0.03 * areas.max())
    if len(kept) < count - 1:
        ink = np.where(np.isin(components, kept), ink, 0)
    left, top = stats[kept, cv2.CC_STAT_LEFT].min(), stats[kept, cv2.CC_STAT_TOP].min()
    right = (stats[kept, cv2.CC_STAT_LEFT] + stats[kept, cv2.CC_STAT_WIDTH]).max()
    bottom = (stats[kept, cv2.CC_STAT_TOP] + stats[kept, cv2.CC_STAT_HEIGHT]).max()
    return np.pad(ink[top:bottom, left:right], 2).astype(np.float32)


def characters_apart(ink_picture: np.ndarray) -> list[np.ndarray]:
    """Cut a picture of ink, uint8 (H, W), ink 255 on 0, into characters: what overlaps in x belongs together."""
    mask = (ink_picture > 100).astype(np.uint8)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return []
    tall = np.percentile(boxes[1:, cv2.CC_STAT_HEIGHT], 80)
    found: list[list[int]] = []
    for x, y, width, height, area in sorted(boxes[1:].tolist()):
        if area < max(4, 0.002 * tall * tall):
            continue
        for box in found:
            shared = min(box[2], x + width) - max(box[0], x)
            near = y < box[3] + 0.6 * tall and y + height > box[1] - 0.6 * tall
            if near and shared > 0.5 * min(width, box[2] - box[0]):
                box[:] = [min(box[0], x), min(box[1], y), max(box[2], x + width), max(box[3], y + height)]
                break
        else:
            found.append([x, y, x + width, y + height])
    return [np.pad(ink_picture[y0:y1, x0:x1], 8) for x0, y0, x1, y1 in found[:200]]
