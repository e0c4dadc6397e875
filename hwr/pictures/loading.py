"""Any picture file or array to an upright image, and that to brightness or colours: one path for everything that reads pictures."""

import io
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from hwr.errors import InputError

MAX_PIXELS = 50_000_000
MAX_LONG_SIDE = 65_000
MAX_BYTES = 50_000_000
MAX_HEADER_BYTES = 8_000_000
"""Of what stands in a file before its pixels: profiles, thumbnails, where its strips lie."""
MAX_HEADER_READS = 20_000
"""Things that are looked at to find out what is in a file."""
MAX_SECONDS = 3.0
"""Of computing for one file; the largest ones that cameras and scanners make take a quarter of it."""
MAX_SCANNED = 1_000_000_000
"""Pixels that a JPEG file may have its decoder go over; progressive ones go over each about ten times."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
_MAX_SIDE = 640  # larger pictures are reduced to this before the ink is looked for
MAX_LINE_WIDTH = 4000  # pictures of lines are reduced to this
_WIDE_MODES = ("I;16", "I;16B", "I;16L", "I", "F")


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
        image = open_image(source)
    else:
        raise InputError(f"An image must be a path, bytes, a PIL image or an array, not {type(source).__name__}.")
    _check_size(image.width, image.height)
    try:
        if image is not source and image.format in ("JPEG", "MPO"):  # a caller's own image stays as it is
            image.draft(image.mode, (2 * _MAX_SIDE, 2 * _MAX_SIDE))  # decodes large photographs at a fraction of the cost
        image.load()
        return ImageOps.exif_transpose(image)
    except InputError:
        raise
    except Exception:  # Pillow's decoders raise many kinds of errors on damaged files
        raise InputError("The image file is damaged and can't be read to its end. Save or upload it again.") from None


def _check_size(width: int, height: int) -> None:
    """Refuse pictures that are too large, before they are decoded."""
    if width * height > MAX_PIXELS:
        most = f"{MAX_PIXELS // 1_000_000} million"
        raise InputError(f"The image has {width:,} x {height:,} pixels; at most {most} are read. Make it smaller.")
    if max(width, height) > MAX_LONG_SIDE:
        raise InputError(f"The image has {width:,} x {height:,} pixels; a side may have {MAX_LONG_SIDE:,}. Cut it into parts.")


class _Watched(io.BytesIO):
    """A file that ends the work of a decoder which reads on and on: many formats let a few bytes ask for a lot.

    Pillow's parsers read a few bytes for each thing that they find, its decoders a block at a time, so that each may be the last.
    """

    def __init__(self, data: bytes | bytearray, name: str) -> None:
        super().__init__(data)
        self.name = name
        self.bytes_left = MAX_HEADER_BYTES
        self.reads_left = MAX_HEADER_READS
        self.end = time.thread_time() + MAX_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() > self.end:
            raise InputError(f"{self.name} takes more than {MAX_SECONDS:.0f} s to decode. Save it anew, as a plain PNG or JPEG.")
        data = super().read(size)
        self.bytes_left -= len(data)
        self.reads_left -= 1
        if self.bytes_left < 0 or self.reads_left < 0:
            raise InputError(f"{self.name} has too much before its pixels that is none of them. Save it anew, as a plain PNG or JPEG.")
        return data

    def go_on(self) -> None:
        """Its header is read; now come the pixels."""
        self.bytes_left, self.reads_left = MAX_BYTES**2, MAX_BYTES


def check_size(source: bytes | bytearray | str | os.PathLike[str], most: int = MAX_BYTES) -> str:
    """The name of a file, or of what is in one, for people.

    Raises:
        InputError: it isn't there, is empty, or has more than ``most`` bytes.
    """
    if isinstance(source, bytes | bytearray):
        name, size = "The file", len(source)
    else:
        path = Path(source)
        name = path.name[:100]
        try:
            size = path.stat().st_size if path.is_file() else None
        except (OSError, ValueError):  # a name that no file system takes, a folder that may not be read
            size = None
    if size is None:
        raise InputError(f"There is no file {name} that can be read.")
    if size == 0:
        raise InputError(f"{name} is empty.")
    if size > most:
        raise InputError(f"{name} has {size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read. Make it smaller.")
    return name


def open_image(source: bytes | bytearray | str | os.PathLike[str], most: int = MAX_BYTES) -> Image.Image:
    """A picture file, opened but not yet decoded; of several pictures the first.

    Args:
        source: path or bytes.
        most: bytes that it may have.

    Raises:
        InputError: it can't be opened, or would take too much work.
    """
    name = check_size(source, most)
    try:
        data = source if isinstance(source, bytes | bytearray) else Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"{name} can't be read: {error.strerror or error}.") from error
    file = _Watched(data, name)
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        raise InputError(f"{name} is not an image that can be read. Use {', '.join(FORMATS[:-1])}.") from None
    except Image.DecompressionBombError:
        raise InputError(f"{name} has too many pixels; at most {MAX_PIXELS // 1_000_000} million are read. Make it smaller.") from None
    except InputError:
        raise
    except Exception:  # Pillow's parsers raise many kinds of errors on damaged headers
        raise InputError(f"{name} is damaged and can't be opened. Save or upload it again.") from None
    file.go_on()
    if _scans(image, data) * image.width * image.height > MAX_SCANNED:
        raise InputError(f"{name} is stored in too many passes. Save it anew, as a plain PNG or JPEG.")
    return image


def _scans(image: Image.Image, data: bytes | bytearray) -> float:
    """How often the decoder of a JPEG file goes over its picture; 0 for other formats."""
    if image.format in ("JPEG", "MPO"):
        return data.count(b"\xff\xda")  # the marker "start of scan", which coded pixels don't contain
    if image.format == "TIFF" and "jpeg" in str(image.info.get("compression")):
        tags: Any = getattr(image, "tag_v2", {})
        strips = tags.get(273) or tags.get(324) or (0,)
        return data.count(b"\xff\xda") / len(strips)
    return 0


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or array.size == 0:
        raise InputError(f"An image array must have the shape (H, W), (H, W, 3) or (H, W, 4), not {array.shape}.")
    _check_size(array.shape[1], array.shape[0])
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


def colours_of(image: Image.Image, limit: int = _MAX_SIDE) -> np.ndarray:
    """Float32 (H, W, C) in [0, 1], reduced to at most ``limit``, transparency replaced by what sets the ink off.

    Raises:
        InputError: pixels are NaN or infinite.
    """
    if image.mode in _WIDE_MODES:
        pixels, top = _wide(image)
        return np.clip(_reduce(pixels, limit).astype(np.float32) / top, 0, 1)[:, :, None]
    image = _opaque(image)
    pixels = _reduce(np.asarray(image if image.mode == "L" else image.convert("RGB")), limit)
    if pixels.ndim == 3 and (pixels[:, :, 0] == pixels[:, :, 1]).all() and (pixels[:, :, 1] == pixels[:, :, 2]).all():
        pixels = pixels[:, :, 0]
    pixels = pixels.astype(np.float32) / 255
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def grey(image: Image.Image) -> np.ndarray:
    """The brightness of a picture, uint8 (H, W), transparency replaced by what sets the ink off; errors as of :func:`colours_of`."""
    if image.mode in _WIDE_MODES:
        pixels, top = _wide(image)
        return np.round(255 * np.clip(_reduce(pixels, MAX_LINE_WIDTH).astype(np.float32) / top, 0, 1)).astype(np.uint8)
    image = _opaque(image)
    return np.asarray(image if image.mode == "L" else image.convert("RGB").convert("L"))


def opaque(image: Image.Image) -> Image.Image:
    """A copy of a picture without transparency and of 8 bits, L or RGB; errors as of :func:`colours_of`."""
    if image.mode in _WIDE_MODES:
        return Image.fromarray(grey(image))
    image = _opaque(image)
    return image.copy() if image.mode == "L" else image.convert("RGB")


def _wide(image: Image.Image) -> tuple[np.ndarray, float]:
    """The numbers, uint16 or float32 (H, W), of a picture with more than 8 bits, and which of them is white.

    16-bit grey has its own scale; the wider modes have none, so their own range is taken.
    """
    pixels = np.asarray(image)
    if pixels.dtype not in (np.uint16, np.float32):
        pixels = pixels.astype(np.float32)
    top = float(pixels.max())
    if not np.isfinite(top) or not np.isfinite(float(pixels.min())):
        raise InputError("The image holds numbers that are not finite. Save it as a PNG of 8 bits.")
    return pixels, 65535.0 if image.mode.startswith("I;16") or 255 < top <= 65535 else max(top, 1e-9)


def _opaque(image: Image.Image) -> Image.Image:
    """A picture of 8 bits without transparency, L or RGB and the like: it is replaced by what sets the ink off."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image
    image = image.convert("RGBA")
    looked_at = image.resize((min(image.width, _MAX_SIDE), min(image.height, _MAX_SIDE)), Image.Resampling.NEAREST)
    pixels = np.asarray(looked_at).astype(np.float32)
    alpha = pixels[:, :, 3] / 255
    if alpha.mean() > 0.5:  # a picture with holes or round corners: they are paper
        backdrop = np.median(pixels[alpha > 0.5], axis=0)[:3]
    else:  # ink on nothing: light ink is set on black, dark ink on white
        mean = float((pixels[:, :, :3] * alpha[:, :, None]).sum() / max(3 * float(alpha.sum()), 1e-9))
        backdrop = np.full(3, 0.0 if mean > 127.5 else 255.0)
    red, green, blue = backdrop.round().astype(int).tolist()
    paper = Image.new("RGB", image.size, (red, green, blue))
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _reduce(pixels: np.ndarray, limit: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    scale = limit / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def resized(pixels: np.ndarray, scale: float) -> np.ndarray:
    """A picture, uint8 (H, W), reduced in size; as it is if the scale is 1 or more."""
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
