"""Any picture of one character to the 28x28 picture that a network sees: one path for training, evaluation, app and API.

It repeats what NIST did to the scanned forms (Cohen et al. 2017, arXiv:1702.05373, section II-B): find the ink, crop, keep the aspect,
centre with a border, blur, resample to 28x28, ink 255 on 0. Pictures of other pens than NIST's also have their stroke width brought into
the range that the scans have.
"""

from typing import Any

import cv2
import numpy as np
from PIL import Image

from hwr.pictures.ink_finding import INKED, find_ink
from hwr.pictures.loading import colours_of, load_image
from hwr.pictures.traits import median_stroke_width

PREPROCESSING_VERSION = 1
"""Changes whenever the same picture comes out otherwise; a network's config names the version that it was trained with."""

SIZE = 28

_WORKING = 6  # working pixels per pixel of the result
# NIST cropped and blurred at a fixed resolution and scaled afterwards, so that small characters got thick, soft strokes and a smaller box.
# The numbers below are measured on the scans: box = _BOX_AT_ZERO - _BOX_SLOPE * stroke width, blur = _BLUR * stroke width, in pixels of the
# result; pictures whose strokes lie in _STROKE_RANGE (the scans' 10th to 90th percentile) keep their width.
_BOX_AT_ZERO = 25.1
_BOX_SLOPE = 0.92
_BLUR = 0.15
_STROKE_RANGE = (2.2, 4.2)


def character(source: Any) -> np.ndarray:
    """Bring a picture of one character to what a network sees.

    Args:
        source: whatever :func:`load_image` takes. Dark on light or light on dark, any size, transparency allowed.

    Returns:
        uint8 (28, 28), ink 255 on 0. A picture that already is EMNIST (28x28, box and border as there) comes out pixel for pixel.

    Raises:
        InputError: no ink, nothing but ink, or what :func:`load_image` raises.
    """
    image = load_image(source)
    if image.size == (SIZE, SIZE) and (same := _as_emnist(image)) is not None:
        return same
    return _normalise(find_ink(colours_of(image)))


def _as_emnist(image: Image.Image) -> np.ndarray | None:
    """The picture itself, if its ink lies as in EMNIST: on pure black (or, inverted, pure white), boxed to 22 pixels or more, centred."""
    pixels = np.asarray(image)
    if image.mode.startswith("I;16"):
        if (pixels % 257).any():  # not 8-bit grey in a wider file
            return None
        pixels = (pixels // 257).astype(np.uint8)
    elif image.mode != "L":
        if image.mode not in ("RGB", "RGBA", "LA", "P", "1"):
            return None
        pixels = np.asarray(image.convert("RGBA"))
        if (pixels[:, :, :3] != pixels[:, :, :1]).any() or (pixels[:, :, 3] != 255).any():
            return None
        pixels = pixels[:, :, 0]
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    if (corners == 255).all():
        pixels = 255 - pixels
    elif corners.any():
        return None
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if len(rows) == 0 or pixels.max() < 128:
        return None
    spans = [(int(found[0]), int(found[-1])) for found in (rows, columns)]
    centred = all(abs(first + last - (SIZE - 1)) <= 2 for first, last in spans)
    longer = max(last - first + 1 for first, last in spans)
    return np.array(pixels) if centred and 22 <= longer <= SIZE else None


def _normalise(ink: np.ndarray) -> np.ndarray:
    """Ink of any size to uint8 (28, 28): stroke width brought into range, scaled, blurred, centred, resampled."""
    working = SIZE * _WORKING
    shape = _mask(ink, 0.8 * working)
    longer, width = max(shape.shape), median_stroke_width(shape)
    final = _final_width(width / longer)
    wanted = min(max(final, _STROKE_RANGE[0]), _STROKE_RANGE[1])
    # The outline moves by the offset at which (width + 2 offset) / (longer + 2 offset) is the wanted ratio of stroke width to box.
    ratio = wanted / (_BOX_AT_ZERO - _BOX_SLOPE * wanted)
    offset = (ratio * longer - width) / (2 * (1 - ratio))
    if abs(offset) > 0.25:
        shape = _offset(shape, offset)
    shape = _mask(shape, (_BOX_AT_ZERO - _BOX_SLOPE * wanted) * _WORKING)
    canvas = np.zeros((working, working), np.float32)
    height, width = shape.shape
    top, left = (working - height) // 2, (working - width) // 2
    canvas[top : top + height, left : left + width] = shape
    canvas = cv2.GaussianBlur(canvas, (0, 0), _BLUR * wanted * _WORKING)
    small = cv2.resize(canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.round(small * 255).astype(np.uint8)


def _final_width(ratio: float) -> float:
    """Stroke width in pixels of the result that goes with a ratio of stroke width to the box's longer side."""
    return ratio * _BOX_AT_ZERO / (1 + _BOX_SLOPE * ratio)


def _mask(ink: np.ndarray, longer: float) -> np.ndarray:
    """Crop to the ink's box and scale its longer side to the given length: float32, 0 or 1."""
    x, y, width, height = cv2.boundingRect((ink > INKED).astype(np.uint8))
    ink = ink[y : y + height, x : x + width]
    scale = longer / max(ink.shape)
    if scale < 0.7 and median_stroke_width(ink) * scale < 2:  # thin strokes would break up: thicken them before they are made small
        kernel = np.ones((round(1.5 / scale) | 1,) * 2, np.uint8)
        ink = cv2.dilate((ink > INKED).astype(np.float32), kernel)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    scaled = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return (scaled > 0.5).astype(np.float32)


def _offset(shape: np.ndarray, offset: float) -> np.ndarray:
    """Move the outline of a shape outwards (positive) or inwards by so many pixels, on its signed distance."""
    margin = int(np.ceil(max(offset, 0))) + 2
    inside = np.pad(shape > 0.5, margin).astype(np.uint8)
    signed = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) - cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    moved = (signed < offset).astype(np.float32)
    return moved if moved.any() else np.pad(shape, margin)
