"""Pictures without any writing, made by code or taken from what Python packages ship, in which nothing should be found."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from page_sets import SEED, Sample
from PIL import Image, ImageDraw, ImageFont


def without_writing(count: int) -> Iterator[Sample]:
    """So many pictures of each sort, the same at each call."""
    for place, (name, draw) in enumerate(_SORTS.items()):
        for number in range(count):
            rng = np.random.default_rng([SEED, place, number])
            height, width = np.exp(rng.uniform(np.log(80), np.log(1400), 2)).astype(int).tolist()
            picture = draw(rng, height, width).clip(0, 255).astype(np.uint8)
            yield Sample(name, "", np.ascontiguousarray(picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)))


def _noise(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """White noise of any strength, as fine as pixels or blurred."""
    noise = rng.normal(0, 1, (height, width))
    if rng.random() < 0.6:
        noise = cv2.GaussianBlur(noise, (0, 0), float(np.exp(rng.uniform(np.log(0.5), np.log(8)))))
    return rng.uniform(40, 230) + noise / noise.std() * rng.uniform(3, 70)


def _clouds(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Noise whose spectrum falls with frequency as that of natural pictures does (Field 1987, doi:10.1364/JOSAA.4.002379), in colour."""
    u, v = np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height))
    falloff = np.maximum(np.hypot(u, v), 1 / max(height, width)) ** -rng.uniform(0.8, 1.6)
    spectrum = np.fft.fft2(rng.normal(size=(height, width, 3)), axes=(0, 1)) * falloff[..., None]
    channels = np.fft.ifft2(spectrum, axes=(0, 1)).real
    channels += 2 * channels.mean(2, keepdims=True)
    return rng.uniform(60, 200, 3) + channels / channels.std() * rng.uniform(15, 60)


def _gradient(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Light that changes over a plain sheet, with a shadow's edge, a flash, and a camera's noise."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = rng.uniform(60, 255) + rng.uniform(-120, 120) * x + rng.uniform(-120, 120) * y
    if rng.random() < 0.5:
        edge = (x - rng.random()) * rng.normal() + (y - rng.random()) * rng.normal()
        light = light * (1 - rng.uniform(0.1, 0.6) / (1 + np.exp(np.clip(-edge / rng.uniform(0.002, 0.1), -30, 30))))
    if rng.random() < 0.3:
        light = light + 120 * np.exp(-((np.hypot(x - rng.random(), y - rng.random()) / rng.uniform(0.1, 0.5)) ** 2))
    return light + rng.normal(0, rng.uniform(0, 6), light.shape)


def _texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Wood, cloth, tiles, bricks: waves and grids that repeat, disturbed."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    blur = float(np.exp(rng.uniform(np.log(4), np.log(60))))
    bend = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), blur) * blur * rng.uniform(0, 12)
    turn, period = rng.uniform(0, np.pi), float(np.exp(rng.uniform(np.log(4), np.log(60))))
    along, across = x * np.cos(turn) + y * np.sin(turn) + bend, y * np.cos(turn) - x * np.sin(turn)
    first = np.sin(2 * np.pi * along / period)
    kind = int(rng.integers(3))
    if kind == 1:  # woven
        first = first * np.sin(2 * np.pi * (across + bend) / period)
    elif kind == 2:  # laid in courses
        rows = np.floor(along / period)
        joint = (along % period < 0.12 * period) | ((across + rows % 2 * period) % (2 * period) < 0.12 * period)
        first = np.where(joint, -1.0, 0.4)
    return rng.uniform(60, 200) + first * rng.uniform(10, 60) + rng.normal(0, rng.uniform(1, 15), first.shape)


def _shapes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Discs, boxes, curves and charts of a few colours, as in drawings and on screens."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = rng.integers(120, 256, 3)
    for _ in range(int(rng.integers(2, 14))):
        a, b = ((rng.random((2, 2)) * (width, height)).astype(int)).tolist()
        colour, thick = rng.integers(0, 256, 3).tolist(), -1 if rng.random() < 0.6 else int(rng.integers(1, 8))
        kind = int(rng.integers(4))
        if kind == 0:
            cv2.circle(picture, a, int(rng.uniform(0.03, 0.4) * min(height, width)) + 2, colour, thick, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(picture, a, b, colour, thick)
        elif kind == 2:
            axes = abs(b[0] - a[0]) // 2 + 1, abs(b[1] - a[1]) // 2 + 1
            cv2.ellipse(picture, a, axes, float(rng.uniform(0, 180)), 0, 360, colour, thick)
        else:
            cv2.line(picture, a, b, colour, abs(thick), cv2.LINE_AA)
    return picture


@lru_cache(maxsize=1)
def _photographs() -> list[np.ndarray]:
    """Animals, a flower, a temple and a woman: what gradio, scikit-learn and matplotlib ship to try things with."""
    import gradio
    import matplotlib
    import sklearn

    folders = {
        Path(gradio.__file__).parent / "media_assets" / "images": ("cheetah.jpg", "cheetah1.jpg", "lion.jpg", "tower.jpg"),
        Path(sklearn.__file__).parent / "datasets" / "images": ("china.jpg", "flower.jpg"),
        Path(matplotlib.get_data_path()) / "sample_data": ("grace_hopper.jpg",),
    }
    return [np.asarray(Image.open(folder / name).convert("RGB")) for folder, names in folders.items() for name in names]


def _photograph(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A part of a photograph, of at least a third of its sides, mirrored or not, darker or lighter."""
    whole = _photographs()[int(rng.integers(len(_photographs())))]
    size = [max(40, int(side * rng.uniform(0.33, 1.0))) for side in whole.shape[:2]]
    top, left = (int(rng.integers(side - part + 1)) for side, part in zip(whole.shape, size, strict=False))
    part = whole[top : top + size[0], left : left + size[1]]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    scale = min(1.5, (height * width / (size[0] * size[1])) ** 0.5)
    return cv2.resize(np.ascontiguousarray(part), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) * rng.uniform(0.6, 1.2)


_SENTENCES = (
    "The committee met on the fourth of March to discuss the proposals that had been put forward in the autumn.",
    "Please return this form before the end of the month, together with a copy of your certificate.",
    "Die Rechnung ist innerhalb von vierzehn Tagen ohne Abzug zahlbar.",
    "Les élèves sont priés de remettre leurs devoirs au secrétariat avant midi.",
    "All rights reserved. No part of this publication may be reproduced without written permission.",
    "Opening hours: Monday to Friday 9.00 to 17.30, Saturday 10.00 to 14.00",
)


def _print(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A page of print and nothing else, upright fonts of any size, as scanned or photographed."""
    import matplotlib

    height, width = max(height, 200), max(width, 260)
    names = ("DejaVuSans", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono", "STIXGeneral", "cmr10", "cmss10")
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{names[int(rng.integers(len(names)))]}.ttf"
    size = int(np.exp(rng.uniform(np.log(11), np.log(44))))
    face = ImageFont.truetype(str(font), size)
    page = Image.new("L", (width, height), int(rng.integers(200, 256)))
    draw, y, ink = ImageDraw.Draw(page), rng.uniform(0.5, 3) * size, int(rng.integers(0, 90))
    while y < height - 1.5 * size:
        line, words = "", _SENTENCES[int(rng.integers(len(_SENTENCES)))].split()
        while words and draw.textlength(f"{line} {words[0]}", face) < width - 3 * size:
            line = f"{line} {words.pop(0)}".strip()
        draw.text((1.5 * size, y), line, ink, font=face)
        y += size * rng.choice((1.3, 1.3, 1.3, 2.6))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 1.5), 1.0)
    turned = cv2.warpAffine(np.asarray(page), matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(turned, (0, 0), rng.uniform(0.2, 0.06 * size))
    return blurred + rng.normal(0, rng.uniform(0, 6), turned.shape)


_SORTS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "noise": _noise,
    "clouds": _clouds,
    "gradients": _gradient,
    "textures": _texture,
    "shapes": _shapes,
    "photographs": _photograph,
    "print": _print,
}
SORTS = tuple(_SORTS)
