"""Pictures that look like EMNIST enough for tests: the 47 classes printed in a font, slanted, turned and placed at random."""

import gzip
import struct
from pathlib import Path

import cv2
import numpy as np

from hwr.charset import CLASSES

FONTS = (cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)
MAPPING = "".join(f"{label} {ord(char)}\n" for label, char in enumerate(CLASSES))


def glyphs(per_class: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images, uint8 (47 * per_class, 28, 28), upright, ink 255 on 0; labels, int64; in random order."""
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.repeat(np.arange(len(CLASSES)), per_class))
    return np.stack([_glyph(CLASSES[label], draw) for label in labels]), labels


def _glyph(char: str, draw: np.random.Generator) -> np.ndarray:
    canvas = np.zeros((120, 120), np.uint8)
    cv2.putText(canvas, char, (35, 80), FONTS[draw.integers(len(FONTS))], 2, 255, int(draw.integers(4, 8)), cv2.LINE_AA)
    slant, angle = draw.normal(0.15, 0.1), draw.normal(0, 0.08)
    matrix = np.array([[np.cos(angle), -np.sin(angle) - slant, 0], [np.sin(angle), np.cos(angle), 0]])
    matrix[:, 2] = 60 - matrix[:, :2] @ [60, 60]
    canvas = cv2.warpAffine(canvas, matrix, (120, 120))
    x, y, width, height = cv2.boundingRect((canvas > 60).astype(np.uint8))
    scale = 24 / max(width, height)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    image = np.zeros((28, 28), np.uint8)
    left, top = (28 - size[0]) // 2, (28 - size[1]) // 2
    image[top : top + size[1], left : left + size[0]] = cv2.resize(
        canvas[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA
    )
    return image


def emnist_folder(folder: Path, per_class: int) -> str:
    """A data set in EMNIST's layout, as ``hwr dataset`` writes it; so many images a class in either split."""
    import datasets

    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=list(CLASSES)), "char": datasets.Value("string")}
    )
    for split, seed in (("train", 0), ("test", 1)):
        images, labels = glyphs(per_class, seed)
        rows = {"image": list(images), "label": labels.tolist(), "char": [CLASSES[label] for label in labels]}
        datasets.Dataset.from_dict(rows, features=features).to_parquet(folder / f"{split}.parquet")
    return str(folder)


def idx_files(split: str, images: np.ndarray, labels: np.ndarray) -> dict[str, bytes]:
    """The two IDX files of a split, by name; images are written as they are."""
    return {
        f"emnist-balanced-{split}-images-idx3-ubyte": struct.pack(">4I", 2051, len(images), 28, 28) + images.tobytes(),
        f"emnist-balanced-{split}-labels-idx1-ubyte": struct.pack(">2I", 2049, len(labels)) + labels.astype(np.uint8).tobytes(),
    }


def csv_file(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Kaggle's CSV file of a split."""
    rows = np.concatenate([labels[:, None], images.reshape(len(images), -1)], axis=1)
    return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist()).encode()


def save(folder: Path, files: dict[str, bytes], *, compress: bool = False) -> Path:
    """Write files into a new folder, each compressed by gzip if asked."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        folder.joinpath(name + ".gz" * compress).write_bytes(gzip.compress(data) if compress else data)
    return folder
