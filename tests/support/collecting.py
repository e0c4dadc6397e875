"""Collections of labelled pictures to evaluate, made for tests."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from app_server import reader, recognizer
from glyphs import glyphs
from PIL import Image

from hwr.charset import CLASSES
from hwr.evaluation import run as batch
from hwr.evaluation.collections.opening import open_collection
from hwr.evaluation.result import Evaluation


def png(pixels: np.ndarray) -> bytes:
    """A picture as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    """A zip archive of files by their names in it."""
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def good(count: int = 47) -> dict[str, bytes]:
    """Characters in class folders."""
    images, labels = glyphs(-(-count // 47), 5)
    return {f"{CLASSES[label]}_/{index}.png": png(image) for index, (image, label) in enumerate(zip(images, labels, strict=True))}


def named(entries: dict[str, bytes]) -> dict[str, bytes]:
    """Folders as on file systems that don't tell A from a."""
    return {
        re.sub(r"^(.)_", lambda m: f"{'digit' if m[1].isdigit() else 'upper' if m[1].isupper() else 'lower'}_{m[1]}", name): data
        for name, data in entries.items()
    }


def run(source: Path | str, **options: Any) -> Evaluation:
    """Evaluate the shipped models."""
    return batch.evaluate(open_collection(source), recognizer(), reader(), **options)
