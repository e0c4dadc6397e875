"""What the network that draws characters learns from: scanned characters, and what is known of each."""

from typing import NamedTuple

import numpy as np
import torch

from hwr.charset import CHARACTERS, CLASSES
from hwr.data import emnist
from hwr.errors import InputError
from hwr.models.pixel_lstm import PixelBatch
from hwr.pictures.traits import slant, stroke_width


class Pictures(NamedTuple):
    """What the network learns from."""

    images: np.ndarray  # uint8 (N, 28, 28)
    labels: np.ndarray  # int64 (N,), of the 47 classes
    characters: np.ndarray  # int64 (N, 2), indices into CHARACTERS, see PixelBatch
    traits: np.ndarray  # float32 (N, 2), slant and stroke width in standard deviations from the class's mean


def characters_of(label: int, char: str = "") -> tuple[int, int]:
    """The character of a picture as :class:`PixelBatch` has it: where its case is not known, both."""
    if char:
        return CHARACTERS.index(char), CHARACTERS.index(char)
    name = CLASSES[label]
    lower = name.lower()
    return CHARACTERS.index(name), CHARACTERS.index(name if lower in CLASSES else lower)


def class_traits(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of slant, then of stroke width, of each class: float32 (47, 4)."""
    measured = np.stack([slant(images), stroke_width(images)], 1)
    rows = []
    for label in range(len(CLASSES)):
        if not len(own := measured[labels == label]):
            raise InputError(f"The training data has no image of {CLASSES[label]}.")
        rows.append(np.stack([own.mean(0), np.maximum(own.std(0), 1e-3)], 1).ravel())
    return np.array(rows, np.float32)


def pictures_of(data: emnist.CharSet, chosen: np.ndarray, traits: np.ndarray) -> Pictures:
    """Part of a data set, with the traits measured against those of the classes (47, 4)."""
    images, labels = data.images[chosen], data.labels[chosen]
    characters = np.array([characters_of(data.labels[index], data.chars[index]) for index in chosen])
    mean, deviation = traits[labels][:, 0::2], traits[labels][:, 1::2]
    standard = (np.stack([slant(images), stroke_width(images)], 1) - mean) / deviation
    return Pictures(images, labels, characters, np.clip(standard, -3, 3).astype(np.float32))


class EvenBatches:
    """Step number to batch: classes drawn evenly, as they are tested, pictures evenly within a class.

    Args:
        data: what to draw from.
        batch_size: pictures a step.
        seed: of the draw.
    """

    def __init__(self, data: Pictures, batch_size: int, seed: int) -> None:
        self.data = data
        self.batch_size = batch_size
        self.seed = seed
        self.order = np.argsort(data.labels, kind="stable")
        self.sizes = np.bincount(data.labels, minlength=len(CLASSES))
        self.starts = np.cumsum(self.sizes) - self.sizes

    def __call__(self, step: int) -> PixelBatch:
        rng = np.random.default_rng([self.seed, step])
        labels = rng.integers(len(CLASSES), size=self.batch_size)
        chosen = self.order[self.starts[labels] + (rng.random(self.batch_size) * self.sizes[labels]).astype(np.int64)]
        return batch_of(self.data, chosen)


def batch_of(data: Pictures, chosen: np.ndarray | slice) -> PixelBatch:
    """Some pictures as a batch."""
    return PixelBatch(*(torch.from_numpy(part[chosen]) for part in (data.images, data.characters, data.traits, data.labels)))
