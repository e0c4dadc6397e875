"""EMNIST Balanced as NIST and Kaggle distribute it, in small: files of printed characters."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from glyphs import MAPPING, csv_file, glyphs, idx_files

Split = tuple[np.ndarray, np.ndarray]

TRAIN, TEST = glyphs(12, seed=1), glyphs(3, seed=2)

MAP, IMAGES, LABELS = "emnist-balanced-mapping.txt", "emnist-balanced-train-images-idx3-ubyte", "emnist-balanced-train-labels-idx1-ubyte"

CSV = "emnist-balanced-train.csv"


def transposed(images: np.ndarray) -> np.ndarray:
    """As the official files store them."""
    return images.transpose(0, 2, 1)


def as_is(images: np.ndarray) -> np.ndarray:
    """Upright."""
    return images


def inverted(images: np.ndarray) -> np.ndarray:
    """Ink 0 on 255."""
    return 255 - images


def idx(lie: Callable[[np.ndarray], np.ndarray] = transposed, train: Split = TRAIN, test: Split = TEST) -> dict[str, bytes]:
    """NIST's files, with the images lying as the function says."""
    return idx_files("train", lie(train[0]), train[1]) | idx_files("test", lie(test[0]), test[1]) | {MAP: MAPPING.encode()}


def kaggle() -> dict[str, bytes]:
    """Kaggle's files."""
    return {
        CSV: csv_file(transposed(TRAIN[0]), TRAIN[1]),
        "emnist-balanced-test.csv": csv_file(transposed(TEST[0]), TEST[1]),
        MAP: MAPPING.encode(),
    }


def zipped(path: Path, files: dict[str, bytes], folder: str = "", compress: bool = False) -> Path:
    """A zip archive of files, in a folder of it and each compressed by gzip if asked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            gz = compress and name != MAP
            archive.writestr(folder + name + ".gz" * gz, gzip.compress(data) if gz else data)
    return path
