"""Any picture of one character to the 28x28 picture that a network sees: one path for training, evaluation, app and API.

It repeats what NIST did to the scanned forms (Cohen et al. 2017, arXiv:1702.05373, section II-B): find the ink, crop, keep the aspect,
centre with a border, blur, resample to 28x28, ink 255 on 0. Pictures of other pens than NIST's also have their stroke width brought into
the range that the scans have.
"""

import functools
import io
import os
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from hwr.errors import InputError

PREPROCESSING_VERSION = 1
"""Changes whenever the same picture comes out otherwise; a network's config names the version that it was trained with."""

LINE_PREPROCESSING_VERSION = 1
"""The same for :func:`line`."""

SIZE = 28
LINE_HEIGHT = 40
"""Height of the picture of a line that a network sees."""
MAX_PIXELS = 50_000_000
MAX_BYTES = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

_WORKING = 6  # working pixels per pixel of the result
# NIST cropped and blurred at a fixed resolution and scaled afterwards, so that small characters got thick, soft strokes and a smaller box.
# The numbers below are measured on the scans: box = _BOX_AT_ZERO - _BOX_SLOPE * stroke width, blur = _BLUR * stroke width, in pixels of the
# result; pictures whose strokes lie in _STROKE_RANGE (the scans' 10th to 90th percentile) keep their width.
_BOX_AT_ZERO = 25.1
_BOX_SLOPE = 0.92
_BLUR = 0.15
_STROKE_RANGE = (2.2, 4.2)
_MAX_SIDE = 640  # larger pictures are reduced to this before the ink is looked for
_INK = 0.4  # share of full ink from which a pixel counts as inked
_LINE_WORKING = 128  # larger pictures of lines are reduced to this height first
_LINE_BORDER = 2
_MAX_LINE_STROKE = 8.0  # strokes are not made wider than this
_MAX_LINE_WIDTH = 4000
_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_MIN_CONTRAST = 0.08  # of the full range: fainter marks are taken for paper


def load_image(source: Any) -> Image.Image:
    """Open a picture and bring it upright, whatever it comes as.

    Args:
        source: path, bytes, PIL image, or array: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of bool, integers, or floats in [0, 1] or
            [0, 255].

    Returns:
        A PIL image, turned as its EXIF data says; of an animation the first frame.

    Raises:
        InputError: not a picture, damaged, empty, or larger than ``MAX_PIXELS``.
    """
    if isinstance(source, Image.Image):
        image = source
    elif isinstance(source, np.ndarray):
        image = _from_array(source)
    elif isinstance(source, bytes | bytearray | str | os.PathLike):
        image = _open(source)
    else:
        raise InputError(f"An image must be a path, bytes, a PIL image or an array, not {type(source).__name__}.")
    if image.width * image.height > MAX_PIXELS:
        raise InputError(_too_many_pixels(image.width, image.height))
    try:
        if image is not source and image.format in ("JPEG", "MPO"):  # a caller's own image stays as it is
            image.draft(image.mode, (2 * _MAX_SIDE, 2 * _MAX_SIDE))  # decodes large photographs at a fraction of the cost
        image.load()
        return ImageOps.exif_transpose(image)
    except InputError:
        raise
    except Exception:  # Pillow's decoders raise many kinds of errors on damaged files
        raise InputError("The image file is damaged and can't be read to its end. Save or upload it again.") from None


def _too_many_pixels(width: int, height: int) -> str:
    return f"The image has {width:,} x {height:,} pixels; at most {MAX_PIXELS // 1_000_000} million are read. Make it smaller."


def _open(source: bytes | bytearray | str | os.PathLike) -> Image.Image:
    name = "The file"
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        name = path.name
        try:
            size = path.stat().st_size if path.is_file() else None
        except OSError:  # a name too long for the file system, a folder that may not be read
            size = None
        if size is None:
            raise InputError(f"There is no file {name[:100]} that can be read.")
    else:
        size = len(source)
        source = io.BytesIO(source)
    if size == 0:
        raise InputError(f"{name} is empty.")
    if size > MAX_BYTES:
        raise InputError(f"{name} has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. Make it smaller.")
    try:
        return Image.open(source, formats=FORMATS)
    except UnidentifiedImageError:
        raise InputError(f"{name} is not an image that can be read. Use {', '.join(FORMATS[:-1])}.") from None
    except Image.DecompressionBombError:
        raise InputError(f"{name} has too many pixels; at most {MAX_PIXELS // 1_000_000} million are read. Make it smaller.") from None
    except Exception:  # Pillow's parsers raise many kinds of errors on damaged headers
        raise InputError(f"{name} is damaged and can't be opened. Save or upload it again.") from None


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or array.size == 0:
        raise InputError(f"An image array must have the shape (H, W), (H, W, 3) or (H, W, 4), not {array.shape}.")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise InputError(_too_many_pixels(array.shape[1], array.shape[0]))
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all() or array.min() < 0 or array.max() > 255:
            raise InputError("An image array of floats must hold finite numbers in [0, 1] or [0, 255].")
        array = np.round(array * 255 if array.max() <= 1 else array).astype(np.uint8)
    elif np.issubdtype(array.dtype, np.integer):
        top = 255 if array.dtype.itemsize == 1 else 65535
        if array.min() < 0 or array.max() > top:
            raise InputError(f"An image array of {array.dtype} must hold numbers from 0 to {top}.")
        if array.dtype != np.uint8:  # wider types that hold 8-bit values are taken as such
            array = (array if array.max() <= 255 and array.dtype != np.uint16 else array // 257).astype(np.uint8)
    else:
        raise InputError(f"An image array of {array.dtype} can't be read; use uint8.")
    return Image.fromarray(np.ascontiguousarray(array))


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
    return _normalise(_find_ink(_colours(image)))


def ink_of(source: Any) -> np.ndarray:
    """How much ink each pixel of a picture has: uint8 (H, W), 255 for full ink, cropped to it.

    Args:
        source: whatever :func:`load_image` takes. Dark on light or light on dark, any size, transparency allowed.

    Raises:
        InputError: no ink, nothing but ink, or what :func:`load_image` raises.
    """
    return np.round(255 * _find_ink(_colours(load_image(source)))).astype(np.uint8)


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


def _colours(image: Image.Image, limit: int = _MAX_SIDE) -> np.ndarray:
    """Float32 (H, W, C) in [0, 1], reduced to at most ``limit``, transparency replaced by what sets the ink off."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        pixels = np.asarray(image).astype(np.float32)
        # 16-bit grey has its own scale; the wider modes have none, so their own range is taken.
        pixels = pixels / 65535 if image.mode.startswith("I;16") or 255 < pixels.max() <= 65535 else pixels / max(float(pixels.max()), 1e-9)
        return _reduce(np.nan_to_num(np.clip(pixels, 0, 1)), limit)[:, :, None]
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        pixels = _reduce(np.asarray(image.convert("RGBA")), limit).astype(np.float32) / 255
        alpha = pixels[:, :, 3:]
        if alpha.mean() > 0.5:  # a picture with holes or round corners: they are paper
            backdrop = np.median(pixels[alpha[:, :, 0] > 0.5], axis=0)[:3]
        else:  # ink on nothing: light ink is set on black, dark ink on white
            mean = float((pixels[:, :, :3] * alpha).sum() / max(3 * float(alpha.sum()), 1e-9))
            backdrop = np.full(3, 0.0 if mean > 0.5 else 1.0, np.float32)
        return pixels[:, :, :3] * alpha + backdrop * (1 - alpha)
    pixels = _reduce(np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB")), limit)
    if pixels.ndim == 3 and (pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 1] == pixels[:, :, 2]).all():
        pixels = pixels[:, :, 0]
    pixels = pixels.astype(np.float32) / 255
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def _reduce(pixels: np.ndarray, limit: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = limit / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


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


def _find_ink(pixels: np.ndarray) -> np.ndarray:
    """How much ink each pixel has: float32 (H, W) in [0, 1], cropped to the ink."""
    if min(pixels.shape[:2]) < 3:
        raise InputError("The image is too small to show a character. Use one of at least 8 x 8 pixels.")
    distance = functools.reduce(np.maximum, np.moveaxis(np.abs(pixels - _paper(pixels)), 2, 0))  # much faster than .max(2)
    # Standard deviation of the paper's noise: from the quieter quarter of the picture, or from its edge; ink may cover the rest of either.
    edge = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    noise = min(3.14 * float(np.percentile(distance[::3, ::3], 25)), 1.48 * float(np.median(edge)))
    strongest = float(cv2.blur(distance, (2, 2)).max())
    if strongest < max(_MIN_CONTRAST, 4 * noise):
        raise InputError("No ink was found. Draw or photograph one character that stands out from its background.")
    level = float(np.median(distance[distance > 0.5 * strongest]))
    low = max(0.2 * level, min(3 * noise, 0.5 * level))
    ink = np.clip((distance - low) / (level - low), 0, 1)
    mask = (ink > _INK).astype(np.uint8)
    if mask.mean() > 0.7:
        raise InputError("The picture is almost all ink. Leave some empty paper around the character.")
    inked_rows, inked_columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = slice(inked_rows[0], inked_rows[-1] + 1), slice(inked_columns[0], inked_columns[-1] + 1)
    ink, mask = ink[box], mask[box]
    # Specks of dust and sensor noise would stretch the box; an i's dot is far above the limit. Broken hairlines are joined first.
    count, components, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((5, 5), np.uint8)), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas >= 0.03 * areas.max())
    if len(kept) < count - 1:
        ink = np.where(np.isin(components, kept), ink, 0)
    left, top = stats[kept, cv2.CC_STAT_LEFT].min(), stats[kept, cv2.CC_STAT_TOP].min()
    right = (stats[kept, cv2.CC_STAT_LEFT] + stats[kept, cv2.CC_STAT_WIDTH]).max()
    bottom = (stats[kept, cv2.CC_STAT_TOP] + stats[kept, cv2.CC_STAT_HEIGHT]).max()
    return np.pad(ink[top:bottom, left:right], 2).astype(np.float32)


def _normalise(ink: np.ndarray) -> np.ndarray:
    """Ink of any size to uint8 (28, 28): stroke width brought into range, scaled, blurred, centred, resampled."""
    working = SIZE * _WORKING
    shape = _mask(ink, 0.8 * working)
    longer, width = max(shape.shape), stroke_width(shape)
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
    inside = ink > _INK
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = longer / max(ink.shape)
    if scale < 0.7 and stroke_width(ink) * scale < 2:  # thin strokes would break up: thicken them before they are made small
        kernel = np.ones((round(1.5 / scale) | 1,) * 2, np.uint8)
        ink = cv2.dilate((ink > _INK).astype(np.float32), kernel)
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


def stroke_width(shape: np.ndarray) -> float:
    """Typical width of a shape's strokes, in pixels: twice the median distance from the ridge to the outline.

    Args:
        shape: (H, W); ink is above 0.5.
    """
    inside = np.pad(shape > 0.5, 1).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    ridge = (distance == cv2.dilate(distance, np.ones((5, 5), np.uint8))) & (distance > 0)
    return 2 * float(np.median(distance[ridge])) if ridge.any() else 0.0


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


def grey(image: Image.Image) -> np.ndarray:
    """The brightness of a picture, uint8 (H, W), transparency replaced by what sets the ink off."""
    if image.mode in ("L", "RGB", "1", "CMYK", "YCbCr") and "transparency" not in image.info:
        return np.asarray(image.convert("L"))
    pixels = _colours(image, limit=_MAX_LINE_WIDTH)
    return np.round(255 * pixels @ (_LUMA if pixels.shape[2] == 3 else np.ones(1, np.float32))).astype(np.uint8)


def normalise_line(pixels: np.ndarray) -> LinePicture:
    """As :func:`line`, of an array, uint8 (H, W) of brightness."""
    height, width = pixels.shape
    if min(height, width) < 3:
        raise InputError("The image is too small to show writing. Use one of at least 8 x 8 pixels.")
    shrink = max(height / _LINE_WORKING, width / _MAX_LINE_WIDTH / 2, 1.0)
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
    scale = min(inner / (bottom - top), _MAX_LINE_STROKE / stroke, (_MAX_LINE_WIDTH - 2 * _LINE_BORDER) / (right - left))
    size = max(1, round((right - left) * scale)), max(1, min(inner, round((bottom - top) * scale)))
    small = cv2.resize(ink[top:bottom, left:right], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    above = (LINE_HEIGHT - size[1]) // 2
    canvas = np.zeros((LINE_HEIGHT, -(-(size[0] + 2 * _LINE_BORDER) // 4) * 4), np.uint8)
    canvas[above : above + size[1], _LINE_BORDER : _LINE_BORDER + size[0]] = small
    return LinePicture(canvas, shrink / scale, shrink * (left - _LINE_BORDER / scale), shrink * (top - above / scale))


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
    if full < 255 * _MIN_CONTRAST:
        raise InputError("No writing was found. Write something, or use a picture on which the ink stands out from the paper.")
    low = 0.35 * threshold
    return cv2.convertScaleAbs(np.maximum(darkness, low), alpha=255 / (full - low), beta=-255 * low / (full - low))
