"""EMNIST Balanced: scanned characters of 47 classes, from a Hub repo id or a local folder to arrays.

The layout is the one that :mod:`hwr.data.emnist_conversion` writes: Parquet with the columns
``image`` (PNG, 28x28, 8-bit grey, upright, ink 255 on 0),
``label`` (``ClassLabel`` with the 47 names of :data:`hwr.charset.CLASSES`) and, where the copy has it, ``char`` (the character as written;
null where its case is not known).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwr.charset import CLASS_OF, CLASSES
from hwr.data.orientation import detect
from hwr.errors import InputError

if TYPE_CHECKING:
    from datasets import Dataset

log = logging.getLogger(__name__)

SIDE = 28
# A PNG's signature, then the beginning of its header chunk: width, height, bit depth 8, colour type 0 (grey).
_PNG_HEADER = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + SIDE.to_bytes(4, "big") * 2 + b"\x08\x00"


@dataclass(frozen=True, eq=False)
class CharSet:
    """Labelled images, in the data set's order.

    Attributes:
        images: uint8 (N, 28, 28), upright, ink 255 on 0.
        labels: int64 (N,), indices into ``classes``.
        chars: the character as written, such as ``"c"`` where the class is ``"C"``; empty where it is not known.
        classes: the class names, one character each, in label order.
    """

    images: np.ndarray
    labels: np.ndarray
    chars: list[str]
    classes: str = CLASSES

    def __len__(self) -> int:
        return len(self.labels)


def load(dataset: str, split: str, *, revision: str | None = None) -> CharSet:
    """Read one split.

    How the images lie is not trusted but looked at (:func:`hwr.data.orientation.detect`): a copy that is transposed or black on white is
    turned, with a warning in the log.

    Args:
        dataset: a local folder, or a Hub repository ``user/name``. The network is used only for the latter.
        split: ``"train"`` or ``"test"``.
        revision: branch, tag or commit of the Hub repository.

    Raises:
        InputError: the data set isn't there, isn't of this layout or doesn't look like EMNIST; the message names it and says what is wrong.
    """
    source = f"{dataset}{f'@{revision}' if revision else ''} ({split})"
    table = _table(dataset, split, revision, source)
    _check_columns(table, source)
    images = np.empty((len(table), SIDE, SIDE), dtype=np.uint8)
    for index, encoded in enumerate(_encoded(table)):
        images[index] = _decode(encoded, f"Image {index} of {source}")
    labels = _labels(table, source)
    chars = _chars(table, labels, source)
    orientation = detect(images, labels, f"The data set {source}")
    if orientation.needs_turning:
        log.warning("The images of %s are %s: turned.", source, orientation)
        images = orientation.turned(images)
    return CharSet(images, labels, chars)


def validation_split(labels: np.ndarray, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split sample numbers into two disjoint parts, with equally many of every class for validation: macro-F1 weighs classes equally.

    Args:
        labels: int (N,).
        per_class: samples of each class that go to validation, but at most a fifth of the class; the rest is for training.
        seed: of the draw.

    Returns:
        Sorted int64 sample numbers for training and for validation; together they are all of them.

    Raises:
        InputError: a class has fewer than two samples.
    """
    draw = np.random.default_rng(seed)
    parts = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < 2:
            raise InputError(f"Class {label} has a single sample: two are needed, one to train on and one to validate with.")
        parts.append(draw.permutation(members)[: min(per_class, max(1, len(members) // 5))])
    validation = np.sort(np.concatenate(parts))
    return np.setdiff1d(np.arange(len(labels)), validation), validation


def _table(dataset: str, split: str, revision: str | None, source: str) -> Dataset:
    """The split as ``datasets`` reads it, images still encoded."""
    from datasets import Dataset, Image, NamedSplit, load_dataset
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    folder = os.path.abspath(os.path.expanduser(dataset))
    is_folder = bool(dataset) and os.path.isdir(folder)
    if is_folder and revision is not None:
        raise InputError(f"{dataset} is a folder: it has no revision {revision!r}. Revisions belong to Hub repositories.")
    try:
        validate_repo_id(dataset)
        is_repo_id = "/" in dataset
    except HFValidationError:
        is_repo_id = False
    if not is_folder and not is_repo_id:
        raise InputError(
            f"{dataset!r} is neither a folder nor a Hub repository (user/name). `hwr dataset emnist -o emnist-47` makes it "
            "of the official archive, https://www.nist.gov/itl/products-and-services/emnist-dataset."
        )
    try:
        if os.path.isfile(file := os.path.join(folder, f"{split}.parquet")):
            # By its file: `datasets` takes folders of one name, with a card, for one data set, and gives what it has kept of the other.
            table = Dataset.from_parquet(file, split=NamedSplit(split))
        else:
            table = load_dataset(folder if is_folder else dataset, split=split, revision=revision)
        return table.cast_column("image", Image(decode=False)) if "image" in table.column_names else table
    except Exception as error:  # files and servers of strangers: errors of pyarrow, httpx, yaml and others come through
        reason = str(error.__cause__ or error).strip() or type(error).__name__
        raise InputError(f"The data set {source} can't be loaded: {reason.splitlines()[0][:300]}") from error


def _check_columns(table: Dataset, source: str) -> None:
    from datasets import ClassLabel

    if missing := [name for name in ("image", "label") if name not in table.column_names]:
        found = ", ".join(table.column_names[:10]) or "none"
        raise InputError(
            f"The data set {source} is not EMNIST as hwr writes it: it lacks the column {missing[0]!r} (columns found: {found})."
        )
    label = table.features["label"]
    if not isinstance(label, ClassLabel):
        raise InputError(f"The column 'label' of {source} has no class names: it is {label}, not a ClassLabel.")
    if "".join(label.names) != CLASSES or len(label.names) != len(CLASSES):
        names = " ".join(label.names[:60])
        raise InputError(f"The data set {source} has other classes than EMNIST Balanced: {len(label.names)} classes, {names}.")
    if not len(table):
        raise InputError(f"The data set {source} is empty.")


def _encoded(table: Dataset) -> Iterator[bytes | None]:
    for batch in table.select_columns(["image"]).with_format("arrow").iter(batch_size=4096):
        yield from (item["bytes"] if item else None for item in batch["image"].to_pylist())


def _decode(encoded: bytes | None, name: str) -> np.ndarray:
    import cv2

    if encoded is None:
        raise InputError(f"{name} is not stored in the Parquet file.")
    # The header is read first, so that nothing of another size is ever decoded.
    if not encoded.startswith(_PNG_HEADER):
        raise InputError(f"{name} is not a PNG of {SIDE}x{SIDE} pixels in 8-bit grey.")
    image = cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.shape != (SIDE, SIDE):
        raise InputError(f"{name} is a damaged PNG.")
    return image


def _labels(table: Dataset, source: str) -> np.ndarray:
    column = table.with_format("arrow")["label"][:].combine_chunks()
    if column.null_count:
        raise InputError(f"{column.null_count:,} images of {source} have no label.")
    labels = column.to_numpy().astype(np.int64)
    if len(wrong := np.flatnonzero((labels < 0) | (labels >= len(CLASSES)))):
        raise InputError(f"Image {wrong[0]} of {source} has the label {labels[wrong[0]]}, outside 0..{len(CLASSES) - 1}.")
    return labels


def _chars(table: Dataset, labels: np.ndarray, source: str) -> list[str]:
    """Characters as written, checked against the labels. Copies of EMNIST by others have no such column."""
    if "char" not in table.column_names:
        return [""] * len(table)
    chars = [char or "" for char in table.with_format("arrow")["char"][:].to_pylist()]
    for index, (char, label) in enumerate(zip(chars, labels, strict=True)):
        if char and CLASS_OF.get(char) != label:
            raise InputError(f"Image {index} of {source} has the character {char[:20]!r} but the class {CLASSES[label]!r}.")
    return chars
