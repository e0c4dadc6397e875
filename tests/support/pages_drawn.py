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
    baselines: list[np.ndarray]  # float (N, 2) per line, from left to right
    core: float  # height of small letters in pixels


def page(texts: tuple[str, ...] = TEXTS, *, pitch: int = 64, scale: float = 1.0, pen: int = 2, margin: int = 50) -> Page:
    """Lines of text under each other."""
    widths = [cv2.getTextSize(text, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, pen)[0][0] for text in texts]
    shape = pitch * len(texts) + 2 * margin, max(widths) + 2 * margin
    covers, baselines = [], []
    for number, text in enumerate(texts):
        cover = np.zeros(shape, np.uint8)
        at = margin + 11 * (number % 3), margin + round(pitch * (number + 0.7))
        cv2.putText(cover, text, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, 255, pen, cv2.LINE_AA)
        covers.append(cover)
        columns = np.flatnonzero(cover.any(0))
        baselines.append(np.stack([np.linspace(columns[0], columns[-1] + 1, 40), np.full(40, at[1] + 0.5)], axis=1))
    return Page(255 - np.max(covers, axis=0), [cover > 128 for cover in covers], baselines, 13.0 * scale)


def turned(source: Page, degrees: float) -> Page:
    """Turned clockwise, on paper that is large enough."""
    height, width = source.pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    size = np.ceil(np.abs(matrix[:, :2]) @ (width, height)).astype(int)
    matrix[:, 2] += (size - (width, height)) / 2
    return Page(
        cv2.warpAffine(source.pixels, matrix, size.tolist(), flags=cv2.INTER_AREA, borderValue=255),
        [cv2.warpAffine(line.astype(np.uint8), matrix, size.tolist(), flags=cv2.INTER_NEAREST) > 0 for line in source.lines],
        [line @ matrix[:, :2].T + matrix[:, 2] for line in source.baselines],
        source.core,
    )


def bent(source: Page, depth: float) -> Page:
    """Every column moved down, so that lines sag by ``depth`` pixels in the middle."""
    height, width = source.pixels.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    y -= np.float32(depth) * np.sin(np.pi * x / width)
    return Page(
        cv2.remap(source.pixels, x, y, cv2.INTER_LINEAR, borderValue=255),
        [cv2.remap(line.astype(np.uint8), x, y, cv2.INTER_NEAREST) > 0 for line in source.lines],
        [line + np.stack([0 * line[:, 0], depth * np.sin(np.pi * line[:, 0] / width)], axis=1) for line in source.baselines],
        source.core,
    )


def cells(source: Page, cell: tuple[int, int] = (4, 8)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a network that errs in nothing would say of a page's cells: kinds (4, R, C), baselines below, heights (R, C)."""
    rows, columns = (-(-side // step) for side, step in zip(source.pixels.shape, cell, strict=True))
    x, y = (np.arange(columns) + 0.5) * cell[1], (np.arange(rows) + 0.5) * cell[0]
    kinds, below = np.zeros((4, rows, columns), np.float32), np.zeros((rows, columns), np.float32)
    for ink, baseline in zip(source.lines, source.baselines, strict=True):
        away = np.interp(x, *baseline.T)[None, :] - y[:, None]
        within = (x >= baseline[0, 0] - cell[1] / 2) & (x <= baseline[-1, 0] + cell[1] / 2)
        own = (np.abs(away - 0.5 * source.core) <= max(0.5 * source.core, cell[0])) & within
        kinds[0][own], below[own] = 1, away[own]
        height, width = rows * cell[0], columns * cell[1]
        whole = np.zeros((height, width), bool)
        whole[: ink.shape[0], : ink.shape[1]] = ink
        kinds[1] = np.maximum(kinds[1], whole.reshape(rows, cell[0], columns, cell[1]).any((1, 3)))
    return kinds, below, np.full((rows, columns), source.core, np.float32)


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


def scaled(source: Page, scale: float) -> Page:
    """Smaller, or larger."""
    size = max(1, round(source.pixels.shape[1] * scale)), max(1, round(source.pixels.shape[0] * scale))
    return Page(
        cv2.resize(source.pixels, size, interpolation=cv2.INTER_AREA),
        [cv2.resize(line.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0 for line in source.lines],
        [line * scale for line in source.baselines],
        source.core * scale,
    )


def walls() -> dict[str, np.ndarray]:
    """Pictures of nothing, uint8 (H, W)."""
    random = np.random.default_rng(5)
    height, width = 700, 900
    plain = np.full((height, width), 200.0)
    light = np.linspace(0.5, 1, width)
    coarse = cv2.resize(random.random((6, 8)), (width, height), interpolation=cv2.INTER_CUBIC)
    plaster = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), 2)
    pictures = {
        "white": np.full((height, width), 255.0),
        "black": np.zeros((height, width)),
        "grey": plain,
        "gradient": plain * light,
        "noise": plain + random.normal(0, 10, plain.shape),
        "overexposed noise": 252 + random.normal(0, 10, plain.shape),
        "noise in a gradient": plain * light + random.normal(0, 10, plain.shape),
        "blotches": plain * (1 - 0.4 * coarse) + random.normal(0, 3, plain.shape),
        "plaster": plain * light + 60 * plaster,
        "specks": np.where(random.random(plain.shape) < 0.01, 60, 220),
        "shadow": shadowed(plain.astype(np.uint8)),
        "ruled": ruled(np.full((height, width), 255, np.uint8)),
        "squared": ruled(np.full((height, width), 255, np.uint8), squared=True),
        "empty sheet on a table": on_table(np.full((height, width), 230, np.uint8)),
    }
    return {name: np.clip(pixels, 0, 255).astype(np.uint8) for name, pixels in pictures.items()}


def hostile() -> dict[str, np.ndarray]:
    """Pictures that no one writes, uint8."""
    random = np.random.default_rng(7)
    long = np.full((100, 60_000), 255, np.uint8)
    cv2.putText(long, "on and on " * 360, (5, 60), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1, 0, 2, cv2.LINE_AA)
    return {
        "one pixel": np.zeros((1, 1), np.uint8),
        "one row": np.zeros((1, 3000), np.uint8),
        "one column of colour": np.zeros((3000, 1, 3), np.uint8),
        "a blank strip": np.full((20, 5000), 255, np.uint8),
        "a tall strip": np.ascontiguousarray(long[:, :3000].T),
        "a very long strip": long,
        "coin tosses": (random.random((600, 800)) < 0.5).astype(np.uint8) * 255,
        "blobs": np.where(cv2.GaussianBlur(random.standard_normal((1200, 900)), (0, 0), 4) > 0.05, 0, 255).astype(np.uint8),
        "a chess board": np.kron(np.indices((40, 40)).sum(0) % 2, np.full((20, 20), 255)).astype(np.uint8),
        "bars": np.tile(np.repeat([0, 255], 8), 50)[:, None].repeat(600, 1).astype(np.uint8),
        "dashes": np.kron(random.random((150, 60)) < 0.3, np.ones((4, 16))).astype(np.uint8) * 255,
        "half black": np.repeat([0, 255], 400)[:, None].repeat(500, 1).astype(np.uint8),
    }
