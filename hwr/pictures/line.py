"""Any picture of one line of writing, or of one word, to the picture 40 rows high that a network sees."""

from typing import Any, NamedTuple

import cv2
import numpy as np

from hwr.errors import InputError
from hwr.pictures.ink_finding import MIN_CONTRAST
from hwr.pictures.loading import MAX_LINE_WIDTH, grey, load_image

LINE_PREPROCESSING_VERSION = 1
"""Changes whenever the same picture comes out otherwise; a network's config names the version that it was trained with."""
LINE_HEIGHT = 40
"""Height of the picture of a line that a network sees."""
_LINE_WORKING = 128  # larger pictures of lines are reduced to this height first
_LINE_BORDER = 2
_MAX_LINE_STROKE = 8.0  # strokes are not made wider than this
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


class LinePicture(NamedTuple):
    """A line of writing as a network sees it, and where that lies in the picture it was made from."""

    pixels: np.ndarray  # uint8 (40, W), ink 255 on 0; W divides by 4
    scale: float  # pixels of the source per pixel
    left: float  # x in the source of the left edge
    top: float  # y in the source of the upper edge


def line(source: Any) -> LinePicture:
    """Bring a picture of one line of writing, or of one word, to what a network sees: cropped to its ink, flattened, scaled in height.

    Args:
        source: whatever :func:`load_image` takes. Dark on light or light on dark, any size, transparency allowed.

    Raises:
        InputError: no ink, or what :func:`load_image` raises.
    """
    return normalise_line(grey(load_image(source)))


def normalise_line(pixels: np.ndarray) -> LinePicture:
    """As :func:`line`, of an array, uint8 (H, W) of brightness."""
    height, width = pixels.shape
    if min(height, width) < 3:
        raise InputError("The image is too small to show writing. Use one of at least 8 x 8 pixels.")
    shrink = max(height / _LINE_WORKING, width / MAX_LINE_WIDTH / 2, 1.0)
    if shrink > 1:
        pixels = cv2.resize(pixels, (max(3, round(width / shrink)), max(3, round(height / shrink))), interpolation=cv2.INTER_AREA)
    ink = _line_ink(pixels)
    mask = (ink > 127).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boundary = int(mask.sum()) - int(cv2.erode(mask, _CROSS).sum())
    stroke = max(1.0, 2 * int(mask.sum()) / max(boundary, 1))
    boxes = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= max(3.0, 0.4 * stroke**2)]  # less is dust: no dot is smaller than the pen
    if count < 2 or len(boxes) == 0:
        raise InputError("No writing was found. Write something, or use a picture on which the ink stands out from the paper.")
    left, top = boxes[:, cv2.CC_STAT_LEFT].min(), boxes[:, cv2.CC_STAT_TOP].min()
    right = (boxes[:, cv2.CC_STAT_LEFT] + boxes[:, cv2.CC_STAT_WIDTH]).max()
    bottom = (boxes[:, cv2.CC_STAT_TOP] + boxes[:, cv2.CC_STAT_HEIGHT]).max()
    inner = LINE_HEIGHT - 2 * _LINE_BORDER
    # A dash alone must not be blown up until it fills the height.
    scale = min(inner / (bottom - top), _MAX_LINE_STROKE / stroke, (MAX_LINE_WIDTH - 2 * _LINE_BORDER) / (right - left))
    size = max(1, round((right - left) * scale)), max(1, min(inner, round((bottom - top) * scale)))
    small = cv2.resize(ink[top:bottom, left:right], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    above = (LINE_HEIGHT - size[1]) // 2
    canvas = np.zeros((LINE_HEIGHT, -(-(size[0] + 2 * _LINE_BORDER) // 4) * 4), np.uint8)
    canvas[above : above + size[1], _LINE_BORDER : _LINE_BORDER + size[0]] = small
    return LinePicture(canvas, shrink / scale, shrink * (left - _LINE_BORDER / scale), shrink * (top - above / scale))


def baseline_row(pixels: np.ndarray) -> float:
    """The row that the letters stand on: where the ink's projection profile falls most.

    Args:
        pixels: uint8 (H, W), ink 255 on 0.

    Returns:
        y of that row's lower edge.
    """
    profile = pixels.mean(axis=1, dtype=np.float32)
    return float(1 + (profile - np.append(profile[1:], 0)).argmax())


def _line_ink(pixels: np.ndarray) -> np.ndarray:
    """How much ink each pixel has, uint8 (H, W): what is darker than the paper around it, stretched to the full range."""
    half = pixels[::2, ::2].astype(np.float32)
    away = half - cv2.blur(half, (max(3, half.shape[0] // 3) | 1,) * 2)
    if float((away * away * away).mean()) > 0:  # ink is what is rare: there is more paper, whichever is darker
        pixels = 255 - pixels
    quarter = cv2.resize(pixels, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) if min(pixels.shape) >= 32 else pixels
    around = max(3, quarter.shape[0] // 3) | 1
    paper = cv2.dilate(quarter, np.ones((around, around), np.uint8))
    paper = cv2.blur(cv2.erode(paper, np.ones((around, around), np.uint8)), (around, around))
    paper = cv2.resize(paper, pixels.shape[::-1], interpolation=cv2.INTER_LINEAR)
    darkness = 255 - cv2.divide(pixels, np.maximum(paper, 1), scale=255)  # of the light that the paper would give back
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_OTSU)
    strong = darkness[darkness > threshold]
    full = float(np.median(strong)) if len(strong) else 0.0
    if full < 255 * MIN_CONTRAST:
        raise InputError("No writing was found. Write something, or use a picture on which the ink stands out from the paper.")
    low = 0.35 * threshold
    return cv2.convertScaleAbs(np.maximum(darkness, low), alpha=255 / (full - low), beta=-255 * low / (full - low))
