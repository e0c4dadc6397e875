"""How the images of a copy of EMNIST lie, found by looking at them.

The official files are stored transposed; copies of them are transposed or upright, white on black or black on white, and seldom say which.
So the mean image of every class is compared with a sketch of its character, in all eight positions of a square and in both polarities.

The measure is the mean over the classes of the correlation between mean image and sketch, each without its mean over the classes, because
what all characters have in common (ink in the middle) says nothing about how they lie. Measured on EMNIST, 47 classes:

================= =================== ==================== ===========
images per class  right position      best other position  lowest lead
================= =================== ==================== ===========
400               0.61                0.18                 0.43
12                0.56, at least 0.51 0.17                 0.34
3                 0.46, at least 0.40 0.14                 0.24
================= =================== ==================== ===========

Shuffled or renamed labels, permuted pixels, random noise and random blobs stay below 0.13 in every position, and below 0.24 where only 20
classes are there (12 images a class, 300 draws of each).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hwr.charset import CLASSES
from hwr.errors import InputError

MIN_CLASSES = 20
MIN_AGREEMENT = 0.3
MIN_LEAD = 0.1

# One pen path per stroke, points as digits x (0..6) y (0..9), y downwards.
_SKETCHES = {
    "0": "3011030618395866635130",
    "1": "3039",
    "2": "01205052260969",
    "3": "0120506253246466582908",
    "4": "100565 5059",
    "5": "602004345566583908",
    "6": "40120608295866442506",
    "7": "006029",
    "8": "50200214556758290806546250",
    "9": "6240110325546259",
    "A": "095069 2656",
    "B": "0009 00405143044455675809",
    "C": "614010030618395968",
    "D": "0009 00305164664809",
    "E": "60000969 0444",
    "F": "600009 0444",
    "G": "6140110306183958656535",
    "H": "0009 6069 0464",
    "I": "3039 1050 1959",
    "J": "1060 4047290806",
    "K": "0009 600469",
    "L": "20195968",
    "M": "07020130323732506267",
    "N": "09006960",
    "O": "30100205274765625030",
    "P": "0009 005062643405",
    "Q": "3011030618395866635130 3669",
    "R": "0009 0050624405 2569",
    "S": "61401002244567482908",
    "T": "0060 3039",
    "U": "0005173755606067",
    "V": "003760",
    "W": "000617263336475660",
    "X": "0069 6009",
    "Y": "0034 603439",
    "Z": "00600767",
    "a": "51200205163644616066",
    "b": "00093968664405",
    "d": "60693908062465",
    "e": "04445240200306183857",
    "f": "61402229 0454",
    "g": "61300224446167592908",
    "h": "0009 05346569",
    "n": "0006 0220506266",
    "q": "6130020425446169",
    "r": "0007 023061",
    "t": "30273958 0353",
}

_POSITIONS = {
    (False, 0): "upright",
    (False, 1): "rotated by 90 degrees to the right",
    (False, 2): "upside down",
    (False, 3): "rotated by 90 degrees to the left",
    (True, 0): "transposed",
    (True, 1): "mirrored, top for bottom",
    (True, 2): "transposed along the other diagonal",
    (True, 3): "mirrored, left for right",
}
"""How images lie that become upright by a transposition (if True), then so many quarter turns to the left."""


@dataclass(frozen=True)
class Orientation:
    """How images lie.

    Attributes:
        transposed: rows and columns are exchanged.
        inverted: the ink is dark on a light ground.
        agreement: correlation with the sketches in this position, at most 1.
        lead: by how much that is above the best other position.
    """

    transposed: bool
    inverted: bool
    agreement: float
    lead: float

    def __str__(self) -> str:
        position = "transposed" if self.transposed else "upright"
        return f"{position}, ink {'dark on light' if self.inverted else 'light on dark'}"

    @property
    def needs_turning(self) -> bool:
        return self.transposed or self.inverted

    def turned(self, images: np.ndarray) -> np.ndarray:
        """The images (N, H, W) upright, ink 255 on 0."""
        images = images.transpose(0, 2, 1) if self.transposed else images
        return 255 - images if self.inverted else np.ascontiguousarray(images)


def detect(images: np.ndarray, labels: np.ndarray, source: str) -> Orientation:
    """Find out how images of EMNIST Balanced lie. A few images a class are enough.

    Args:
        images: uint8 (N, 28, 28).
        labels: int64 (N,), indices into :data:`hwr.charset.CLASSES`.
        source: where they come from, for messages.

    Raises:
        InputError: they don't look like EMNIST, or lie in a way that no known copy does, or are too few classes to tell.
    """
    present = np.unique(labels)
    if len(present) < MIN_CLASSES:
        raise InputError(
            f"{source} has images of only {len(present)} of EMNIST Balanced's {len(CLASSES)} classes; at least {MIN_CLASSES} are needed to "
            "find out whether they lie upright."
        )
    if (contrast := int(images.max()) - int(images.min())) < 128:
        raise InputError(f"{source} does not look like EMNIST: its brightest and darkest pixels are only {contrast} of 255 levels apart.")
    means = np.stack([cv2.GaussianBlur(images[labels == label].mean(0, dtype=np.float32), (0, 0), 1.5) for label in present])  # (C, 28, 28)
    sketches = _normalised(np.stack([_sketch(_SKETCHES[CLASSES[label]]) for label in present]))
    means = _normalised(means)
    agreements = {}
    for transpose, quarters in _POSITIONS:
        turned = np.rot90(means.transpose(0, 2, 1) if transpose else means, quarters, axes=(1, 2))
        agreement = float((turned * sketches).sum((1, 2)).mean())
        agreements[transpose, quarters, False], agreements[transpose, quarters, True] = agreement, -agreement
    (best, agreement), (_, second) = sorted(agreements.items(), key=lambda item: -item[1])[:2]
    transpose, quarters, inverted = best
    unlike = f"{source} does not look like EMNIST: "
    if agreement < MIN_AGREEMENT:
        raise InputError(
            f"{unlike}in no position do its images show what their labels say (agreement {agreement:.2f}, at least {MIN_AGREEMENT} is "
            "needed)."
        )
    if agreement - second < MIN_LEAD:
        raise InputError(
            f"{unlike}its images fit two positions equally well (agreement {agreement:.2f} and {second:.2f}). Are two copies mixed?"
        )
    if quarters:
        raise InputError(f"{unlike}its images are {_POSITIONS[transpose, quarters]}. Only upright or transposed copies are read.")
    return Orientation(transpose, inverted, agreement, agreement - second)


def _normalised(pictures: np.ndarray) -> np.ndarray:
    """Float (C, H, W) without the mean over the classes, then each of mean 0 and norm 1."""
    pictures = pictures - pictures.mean(0)
    pictures -= pictures.mean((1, 2), keepdims=True)
    return pictures / np.maximum(np.linalg.norm(pictures, axis=(1, 2), keepdims=True), 1e-6)


def _sketch(paths: str) -> np.ndarray:
    """A blurred drawing of pen paths, float32 (28, 28): leaning to the right as people write, the longer side as in EMNIST."""
    scale, pen, longer_side = 8, 2.5, 24
    strokes = [np.array([[int(x), int(y)] for x, y in zip(path[::2], path[1::2], strict=True)], dtype=float) for path in paths.split()]
    strokes = [stroke @ np.array([[0.9, 0], [-0.25, 1]]) for stroke in strokes]
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    zoom = (longer_side - pen) / (high - low).max()
    canvas = np.zeros((28 * scale, 28 * scale), np.uint8)
    for stroke in strokes:
        at = ((stroke - (low + high) / 2) * zoom + 14) * scale
        cv2.polylines(canvas, [np.rint(at).astype(np.int32)], False, 255, int(pen * scale), cv2.LINE_AA)
    small = cv2.resize(canvas, (28, 28), interpolation=cv2.INTER_AREA).astype(np.float32)
    return cv2.GaussianBlur(small, (0, 0), 1.8)
