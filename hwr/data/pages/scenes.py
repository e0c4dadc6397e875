"""Pictures without any writing: photographs, things that cover each other, specks, spots and waves.

The photographs are those that scikit-image ships and that their makers gave to everybody (CC0, public domain or no known restrictions).
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

PHOTOGRAPHS = (
    "astronaut", "brick", "camera", "cat", "cell", "coffee", "coins", "grass", "gravel", "hubble_deep_field", "moon", "retina", "rocket",
)  # fmt: skip


def scene(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A picture of any of these kinds, uint8 (H, W, 3)."""
    return _SCENES[int(rng.choice(len(_SCENES), p=_SHARES))](rng, shape)


def photograph(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A part of a photograph, turned, mirrored, stretched, in other colours: uint8 (H, W, 3)."""
    whole = _photograph(PHOTOGRAPHS[int(rng.integers(len(PHOTOGRAPHS)))])
    height, width = whole.shape[:2]
    share = float(np.exp(rng.uniform(np.log(0.2), 0)))
    stretch = (shape[0] / shape[1]) ** 0.5 * float(np.exp(rng.normal(0, 0.15)))
    size = np.clip(np.array([height * share * stretch, width * share / stretch]), 16, (height, width)).astype(int)
    top, left = (int(rng.integers(side - part + 1)) for side, part in zip((height, width), size, strict=True))
    part = whole[top : top + size[0], left : left + size[1]]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    if rng.random() < 0.2:
        part = np.rot90(part, int(rng.integers(1, 4)))
    picture = cv2.resize(np.ascontiguousarray(part), shape[::-1], interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        picture = picture[..., rng.permutation(3)]
    if rng.random() < 0.15:
        picture = 255 - picture
    levels = np.linspace(0, 1, 256) ** float(np.exp(rng.normal(0, 0.4))) * rng.uniform(0.5, 1.1) + rng.uniform(0, 0.3)
    return cv2.LUT(np.ascontiguousarray(picture), (255 * levels).clip(0, 255).astype(np.uint8))


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(name: str) -> np.ndarray:
    from skimage import data

    whole = np.asarray(getattr(data, name)())
    whole = whole if whole.ndim == 3 else np.stack([whole] * 3, axis=-1)
    scale = min(1.0, 800 / max(whole.shape))
    return cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def leaves(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Things that cover each other, the smaller the more of them (Lee, Mumford and Huang 2001, "Occlusion models for natural images")."""
    picture = np.empty((*shape, 3), np.uint8)
    picture[:] = rng.integers(0, 256, 3)
    palette = rng.integers(0, 256, (int(rng.integers(2, 9)), 3))
    largest = rng.uniform(0.1, 0.6) * max(shape)
    smallest = max(2.0, largest * rng.uniform(0.02, 0.3))
    count = int(np.exp(rng.uniform(np.log(3), np.log(250))))
    radii = 1 / np.sqrt(rng.uniform(1 / largest**2, 1 / smallest**2, count))
    only = int(rng.integers(4)) if rng.random() < 0.5 else None
    outlined = rng.random() * rng.random()
    for radius in sorted(radii, reverse=True):
        colour = (palette[int(rng.integers(len(palette)))] + rng.normal(0, 12, 3)).clip(0, 255).tolist()
        thick = max(1, round(radius * rng.uniform(0.02, 0.15))) if rng.random() < outlined else -1
        _shape(picture, rng, only if only is not None else int(rng.integers(4)), float(radius), colour, thick)
    if rng.random() < 0.5:  # they have a grain
        grain = cv2.resize(rng.random((shape[0] // 2 + 1, shape[1] // 3 + 1), dtype=np.float32), shape[::-1])
        picture = cv2.addWeighted(picture, 1.0, cv2.merge([(grain * rng.uniform(0, 60)).astype(np.uint8)] * 3), -1.0, 20)
    return picture


def _shape(picture: np.ndarray, rng: np.random.Generator, kind: int, radius: float, colour: list[float], thick: int) -> None:
    """A disc, an ellipse, a box that lies askew, or a polygon."""
    x, y = rng.random(2) * picture.shape[1::-1]
    if kind < 2:
        axes = (radius, radius) if kind == 0 else (radius, radius * rng.uniform(0.1, 1))
        turn = rng.uniform(0, 180)
        cv2.ellipse(picture, ((float(x), float(y)), (2 * axes[0], 2 * axes[1]), turn), colour, thick, cv2.LINE_AA)
        return
    if kind == 2:
        turn = rng.uniform(-15, 15) if rng.random() < 0.5 else 0.0
        corners = cv2.boxPoints(((float(x), float(y)), (2 * radius, 2 * radius * rng.uniform(0.1, 1)), turn))
    else:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        corners = (x, y) + np.stack([np.cos(angles), np.sin(angles)], axis=1) * (radius * rng.uniform(0.4, 1, (len(angles), 1)))
    points = [np.round(corners).astype(np.int32)]
    if thick < 0:
        cv2.fillPoly(picture, points, colour, cv2.LINE_AA)
    else:
        cv2.polylines(picture, points, True, colour, thick, cv2.LINE_AA)


def sketch(picture: np.ndarray, rng: np.random.Generator, kind: int, size: float, colour: list[float], thick: int) -> None:
    """Draw into uint8 (H, W, 3): 0 to 3 a shape's outline, 4 a smooth curve, 5 straight strokes, 6 the axes and the line of a chart."""
    if kind < 4:
        _shape(picture, rng, kind, size, colour, thick)
        return
    start = rng.random(2) * picture.shape[1::-1]
    if kind == 4:
        steps = cv2.blur(rng.normal(0, 1, (60, 2)), (1, 9), borderType=cv2.BORDER_REFLECT)
        points = start + np.cumsum(steps, 0) * (size / 8)
    elif kind == 5:
        points = start + np.cumsum(rng.normal(0, size, (int(rng.integers(2, 4)), 2)), 0)
    else:
        x = np.linspace(0, 2 * size, 24)
        y = start[1] - size * (0.5 + 0.4 * np.sin(x / size * rng.uniform(1, 6)) * rng.uniform(0.2, 1))
        axes = np.array([[0, -size], [0, 0], [2 * size, 0]]) + start
        cv2.polylines(picture, [np.round(axes).astype(np.int32)], False, colour, thick, cv2.LINE_AA)
        points = np.stack([start[0] + x, y], axis=1)
    cv2.polylines(picture, [np.round(points).astype(np.int32)], False, colour, thick, cv2.LINE_AA)


def specks(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Dots, as of dust and of coarse film, all of a size or not: uint8 (H, W, 3)."""
    paper, ink = (int(rng.integers(160, 256)), int(rng.integers(0, 120)))[:: 1 if rng.random() < 0.8 else -1]
    cell = float(np.exp(rng.uniform(0, np.log(12))))
    small = max(2, round(shape[0] / cell)), max(2, round(shape[1] / cell))
    share = float(np.exp(rng.uniform(np.log(0.002), np.log(0.25))))
    dots = np.where(rng.random(small, dtype=np.float32) < share, ink, paper).astype(np.uint8)
    grey = cv2.resize(dots, shape[::-1], interpolation=cv2.INTER_NEAREST if rng.random() < 0.6 else cv2.INTER_LINEAR)
    return cv2.merge([grey] * 3)


def clouds(rng: np.random.Generator, shape: tuple[int, int], cell: float) -> np.ndarray:
    """Smooth noise in [0, 1], float32, whose spots are about ``cell`` pixels wide."""
    small = rng.random((max(2, int(shape[0] / cell)), max(2, int(shape[1] / cell))), dtype=np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _spots(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Coarse and fine spots, as things in photographs have them: the coarser, the stronger."""
    picture = np.empty((*shape, 3), np.uint8)
    picture[:] = rng.integers(0, 256, 3)
    fall = rng.uniform(0.5, 1.3)
    cell, coarsest = rng.uniform(1, 3), max(shape) / 2
    while cell < coarsest:
        spots = clouds(rng, shape, cell)
        if rng.random() < 0.3:
            spots = (spots > 0.5).astype(np.float32)
        strength = min(1.0, rng.uniform(0.4, 1.2) * (cell / coarsest) ** (0.5 * fall))
        picture = _laid_over(picture, spots * strength, rng.uniform(0, 255, 3))
        cell *= rng.uniform(1.5, 2.5)
    return picture


def _waves(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Waves, disturbed, of one or two directions, as of wood and cloth."""
    height, width = shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    period = float(np.exp(rng.uniform(np.log(4), np.log(60))))
    bend = clouds(rng, shape, rng.uniform(4, 100)) * period * rng.uniform(0, 4)
    turn = rng.uniform(0, np.pi)
    cover = np.sin((x * np.cos(turn) + y * np.sin(turn) + bend) * (6.3 / period))
    if rng.random() < 0.5:
        cover = cover * np.sin((y * np.cos(turn) - x * np.sin(turn) + bend) * (6.3 / period))
    if rng.random() < 0.4:
        cover = np.where(cover > rng.uniform(-0.9, 0.9), 1.0, -1.0)
    picture = np.empty((*shape, 3), np.uint8)
    picture[:] = rng.integers(60, 256, 3)
    return _laid_over(picture, (cover + 1) * rng.uniform(0.04, 0.45), rng.uniform(0, 160, 3))


def _laid_over(picture: np.ndarray, cover: np.ndarray, colour: np.ndarray) -> np.ndarray:
    share = cover[..., None].astype(np.float32)
    return (picture * (1 - share) + colour.astype(np.float32) * share).clip(0, 255).astype(np.uint8)


_SCENES: tuple[Callable[[np.random.Generator, tuple[int, int]], np.ndarray], ...] = (photograph, leaves, specks, _spots, _waves)
_SHARES = (0.42, 0.22, 0.1, 0.16, 0.1)
