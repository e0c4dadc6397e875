"""Pages of writing for tests: lines in a script font, and what a camera and paper do to them."""

from typing import NamedTuple

import cv2
import numpy as np

TEXTS = (
    "The quick brown fox",
    "jumps, over the lazy dog",
    "while it is raining",
    "and nobody looks up.",
    "Gulls fly by,",
    "quietly judging",
    "every yellow umbrella",
    "in this long street",
    "by the old harbour",
    "Much later",
    "they tell their friends",
    "what they saw that day.",
)


class Page(NamedTuple):
    """A drawn page and the truth about it."""

    pixels: np.ndarray  # uint8 (H, W), ink 0 on 255
    lines: list[np.ndarray]  # bool (H, W) per line, top to bottom: its ink


def page(texts: tuple[str, ...] = TEXTS, *, pitch: int = 64, scale: float = 1.0, pen: int = 2, margin: int = 50) -> Page:
    """Lines of text under each other."""
    widths = [cv2.getTextSize(text, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, pen)[0][0] for text in texts]
    shape = pitch * len(texts) + 2 * margin, max(widths) + 2 * margin
    covers = []
    for number, text in enumerate(texts):
        cover = np.zeros(shape, np.uint8)
        at = margin + 11 * (number % 3), margin + round(pitch * (number + 0.7))
        cv2.putText(cover, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, 255, pen, cv2.LINE_AA)
        covers.append(cover)
    return Page(255 - np.max(covers, axis=0), [cover > 128 for cover in covers])


def turned(source: Page, degrees: float) -> Page:
    """Turned clockwise, on paper that is large enough."""
    height, width = source.pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    size = np.ceil(np.abs(matrix[:, :2]) @ (width, height)).astype(int)
    matrix[:, 2] += (size - (width, height)) / 2
    return Page(
        cv2.warpAffine(source.pixels, matrix, size.tolist(), flags=cv2.INTER_AREA, borderValue=255),
        [cv2.warpAffine(line.astype(np.uint8), matrix, size.tolist(), flags=cv2.INTER_NEAREST) > 0 for line in source.lines],
    )


def bent(source: Page, depth: float) -> Page:
    """Every column moved down, so that lines sag by ``depth`` pixels in the middle."""
    height, width = source.pixels.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    y -= np.float32(depth) * np.sin(np.pi * x / width)
    return Page(
        cv2.remap(source.pixels, x, y, cv2.INTER_LINEAR, borderValue=255),
        [cv2.remap(line.astype(np.uint8), x, y, cv2.INTER_NEAREST) > 0 for line in source.lines],
    )


def ruled(pixels: np.ndarray, spacing: int = 32, darkness: int = 90, *, squared: bool = False) -> np.ndarray:
    """Printed lines under the ink."""
    paper = np.full_like(pixels, 255)
    paper[spacing // 2 :: spacing] = 255 - darkness
    paper[spacing // 2 + 1 :: spacing] = 255 - darkness
    if squared:
        paper[:, spacing // 2 :: spacing] = 255 - darkness
    return np.minimum(pixels, paper)


def lit(pixels: np.ndarray, left: float = 0.5, right: float = 1.0) -> np.ndarray:
    """Light that falls off to one side."""
    return np.round(pixels * np.linspace(left, right, pixels.shape[1])).astype(np.uint8)


def shadowed(pixels: np.ndarray, depth: float = 0.45) -> np.ndarray:
    """The shadow of a hand across a corner, with a soft border."""
    height, width = pixels.shape
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return np.round(pixels * (1 - depth / (1 + np.exp((x + y - 0.9) * 40)))).astype(np.uint8)


def noisy(pixels: np.ndarray, deviation: float = 6.0, quality: int = 60) -> np.ndarray:
    """A sensor's noise and JPEG."""
    noise = np.random.default_rng(0).normal(0, deviation, pixels.shape)
    rough = np.clip(0.9 * pixels + noise, 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", rough, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def on_table(pixels: np.ndarray, brightness: int = 60, border: int = 60) -> np.ndarray:
    """A sheet on a dark table, seen from above."""
    return cv2.copyMakeBorder(pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=brightness)
