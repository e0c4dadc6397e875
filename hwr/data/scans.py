"""Scanned words: a data set of pictures with labels and writers, from a Hub repo id or a local folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hwr.charset import LATIN, readable
from hwr.data.tables import load_table
from hwr.errors import InputError

COLUMNS = ("image", "label", "writer")
HELD_OUT = 0.15
"""Share of the writers that validation keeps."""


@dataclass(frozen=True, eq=False)
class ScanSet:
    """Scanned words.

    Attributes:
        images: uint8 (H, W), brightness.
        texts: what was written.
        writers: who wrote it.
    """

    images: Sequence[np.ndarray]
    texts: Sequence[str]
    writers: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)


def load(dataset: str, split: str, charset: str = LATIN) -> ScanSet:
    """Read the scans whose labels can be read: of the writers kept for validation, or of the others.

    Args:
        dataset: Hub repo id, or a local folder with ``train.parquet``; columns ``image``, ``label`` and ``writer``.
        split: ``"train"`` or ``"validation"``; which writers are kept for it is decided by the SHA-256 of their names.
        charset: what can be read.

    Raises:
        InputError: the data set isn't there, or hasn't these columns.
    """
    from datasets import Image

    columns = ", ".join(COLUMNS)
    table = load_table(
        dataset,
        "train",
        title=f"The scanned words {dataset}",
        otherwise=f"Scanned words are a folder with train.parquet, columns {columns}, such as DHSD's (https://github.com/nauman-riaz/DHSD).",
    )
    if missing := [column for column in COLUMNS if column not in table.column_names]:
        raise InputError(f"The data set {dataset} has no scanned words: it lacks the columns {', '.join(missing)}.")
    images, texts, writers = [], [], []
    for row in table.cast_column("image", Image(decode=False)):
        text = readable(row["label"] or "", charset)
        if text and (split_of(row["writer"]) == split):
            image = cv2.imdecode(np.frombuffer(row["image"]["bytes"], np.uint8), cv2.IMREAD_GRAYSCALE)
            if image is None:
                raise InputError(f"The data set {dataset} has a picture that can't be read, of {text!r}.")
            images.append(image)
            texts.append(text)
            writers.append(row["writer"])
    return ScanSet(images, texts, writers)


def split_of(writer: str) -> str:
    """Which split a writer belongs to."""
    place = int(hashlib.sha256(writer.encode()).hexdigest(), 16) % 1000 / 1000
    return "validation" if place < HELD_OUT else "train"


def varied(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scan as another scanner, and another hand, would give it: stretched, slanted, turned, darker or lighter, blurred, grained.

    Args:
        image: uint8 (H, W), brightness.
        rng: source of all randomness.
    """
    height, width = image.shape
    paper = float(np.percentile(image, 80))
    stretch, slant, angle = float(np.exp(rng.normal(0.1, 0.2))), rng.normal(0, 0.15), rng.normal(0, 0.02)
    room = int(0.25 * height)
    size = (round(width * stretch) + 2 * room, height + 2 * room)
    matrix = np.array([[stretch, -slant, room + slant * height / 2], [angle * stretch, 1.0, room - angle * stretch * width / 2]])
    picture = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(paper,))
    picture = picture.astype(np.float32)
    if rng.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2))
    picture = paper + (picture - paper) * rng.uniform(0.6, 1.3) + rng.uniform(0, 6) * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)
