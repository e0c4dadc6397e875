"""EMNIST Balanced as NIST and Kaggle distribute it, made into an upright Parquet data set that :mod:`hwr.data.emnist` reads."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np

from hwr.charset import CLASSES, MERGED_LOWER
from hwr.data import emnist_archive as sources
from hwr.data.orientation import Orientation, detect
from hwr.errors import InputError
from hwr.system.staging import check_free

ROWS_PER_GROUP = 4096


def convert(source: str | os.PathLike[str], folder: str | os.PathLike[str]) -> dict[str, int]:
    """Make the Parquet data set: ``train.parquet``, ``test.parquet`` and ``README.md``.

    Args:
        source: NIST's ``gzip.zip``, the archive of the Kaggle data set ``crawford/emnist``, or a folder with the files of one of them.
        folder: where the data set goes; it must not exist yet, or be empty. It appears when it is complete.

    Returns:
        The number of images per split.

    Raises:
        InputError: the source can't be read as EMNIST Balanced, or the folder can't be written; the message names the file and the fact.
    """
    folder = Path(folder).expanduser()
    try:
        check_free(folder)
        splits = sources.read(source)
        orientation = _orientation(splits, str(source))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
            new = Path(unfinished, folder.name)
            new.mkdir()
            for split, (images, labels) in splits.items():
                _write(new / f"{split}.parquet", orientation.turned(images), labels)
            (new / "README.md").write_text(_card(Path(source).name, splits, orientation), encoding="utf-8")
            new.replace(folder)
    except OSError as error:
        raise InputError(f"{folder} can't be written: {error.strerror or error}.") from error
    return {split: len(labels) for split, (_, labels) in splits.items()}


def push(folder: str | os.PathLike[str], repo_id: str) -> str:
    """Push a converted data set to the Hub, in one commit; the repository is made if need be.

    Returns:
        The commit's address.

    Raises:
        InputError: the Hub refuses or can't be reached. The folder is as before.
    """
    from hwr.hub.pushing import upload

    folder = Path(folder).expanduser()
    return upload(folder, sorted(folder.iterdir()), repo_id, repo_type="dataset", message="Upload EMNIST Balanced, upright")


def _orientation(splits: dict[str, sources.Split], source: str) -> Orientation:
    """How the images of all splits lie; of two orientations that agree, the less certain one."""
    found = {split: detect(images, labels, f"{source} ({split})") for split, (images, labels) in splits.items()}
    if len(set(map(str, found.values()))) > 1:
        listed = "; ".join(f"{split}: {orientation}" for split, orientation in found.items())
        raise InputError(f"{source} does not look like one copy of EMNIST: its images lie differently ({listed}).")
    return min(found.values(), key=lambda orientation: orientation.lead)


def _write(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    import cv2
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import ClassLabel, Features, Image, Value
    from tqdm import tqdm

    features = Features({"image": Image(), "label": ClassLabel(names=list(CLASSES)), "char": Value("string")})
    chars = [None if char.lower() in MERGED_LOWER else char for char in CLASSES]
    with (
        pq.ParquetWriter(path, features.arrow_schema) as writer,
        tqdm(total=len(labels), desc=f"Writing {path.name}", unit=" images") as bar,
    ):
        for start in range(0, len(labels), ROWS_PER_GROUP):
            part = images[start : start + ROWS_PER_GROUP]
            rows = {
                "image": [{"bytes": cv2.imencode(".png", image)[1].tobytes(), "path": None} for image in part],
                "label": labels[start : start + ROWS_PER_GROUP],
                "char": [chars[label] for label in labels[start : start + ROWS_PER_GROUP]],
            }
            writer.write_table(pa.table(rows, schema=features.arrow_schema))
            bar.update(len(part))


def _card(source: str, splits: dict[str, sources.Split], orientation: Orientation) -> str:
    return (
        files("hwr.data")
        .joinpath("emnist_card.md")
        .read_text(encoding="utf-8")
        .format(
            source=source,
            **{split: len(labels) for split, (_, labels) in splits.items()},
            classes=" ".join(CLASSES),
            merged=" ".join(MERGED_LOWER.upper()),
            orientation=orientation,
            agreement=orientation.agreement,
            lead=orientation.lead,
            change="so they were turned" if orientation.needs_turning else "so they were left as they are",
        )
    )
