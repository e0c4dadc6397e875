"""What the character networks learn from: scanned and drawn characters, drawn evenly over the classes, distorted, optionally taught."""

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.data import unipen as ink_data
from hwr.errors import InputError
from hwr.ink.rendering import INK_EXTENT, PAD_SIZE, SCAN_PEN_WIDTH, fitted_picture
from hwr.models.char_lstm import CharBatch, CharLSTM
from hwr.pictures.character import PREPROCESSING_VERSION, character
from hwr.pictures.distortion import elastic_affine, stroke_thickness
from hwr.training.recipes.base import data_name

log = logging.getLogger(__name__)

VALIDATION_PER_CLASS = 100
INK_SHARE = 0.3
"""Share of drawn characters in each batch, where there is ink."""
THICKNESS = 0.3
"""Largest change of stroke width in training, as a share of a 3x3 maximum or minimum."""
INK = "unipen"
"""Stands in ``trained_on`` of networks that have learnt drawn characters."""


class Characters(NamedTuple):
    """Pictures as networks see them, and their labels."""

    images: np.ndarray  # uint8 (N, 28, 28)
    labels: np.ndarray  # int64 (N,)


class Drawing(Protocol):
    """What :class:`BalancedBatches` asks of a recipe."""

    @property
    def part_size(self) -> int: ...
    @property
    def distortion(self) -> float: ...
    @property
    def teacher_share(self) -> float: ...
    @property
    def seed(self) -> int: ...


class BalancedBatches:
    """Batch number to batch: classes drawn as said below, images evenly within a class, each distorted anew.

    Scanned classes are drawn evenly, as they are tested. Of drawn ones people write some far more often than their look-alikes (o than 0, l
    than 1), and a pen's picture shows that it is one: classes are drawn with the square root of their frequency, halfway between even and
    as found. That prior, put into the logits of a network that had drawn evenly, read 4 % more of the validation writers' characters right,
    and as many of each class on average.

    Args:
        sources: scanned characters, then drawn ones if there are any.
        recipe: says how many of each and how distorted.
        teachers: the mean of what they see in the same distorted images goes along.
    """

    def __init__(self, sources: Sequence[Characters], recipe: Drawing, teachers: Sequence[CharLSTM] = ()) -> None:
        self.recipe = recipe
        self.teachers = teachers
        drawn = round(recipe.part_size * INK_SHARE) if len(sources) > 1 else 0
        self.sources = []
        for source, count in zip(sources, (recipe.part_size - drawn, drawn), strict=False):
            order = np.argsort(source.labels, kind="stable")
            sizes = np.bincount(source.labels, minlength=len(CLASSES))
            if not sizes.all():
                raise InputError(f"The training data has no image of {CLASSES[int(sizes.argmin())]}.")
            weights = np.sqrt(sizes) if self.sources else np.ones(len(CLASSES))
            self.sources.append((source, order, np.cumsum(sizes) - sizes, sizes, weights / weights.sum(), count))

    def __call__(self, step: int) -> CharBatch:
        chooser = np.random.default_rng([self.recipe.seed, step])
        generator = torch.Generator().manual_seed(int(chooser.integers(2**62)))
        pictures, labels = [], []
        for source, order, starts, sizes, probabilities, count in self.sources:
            chosen = chooser.choice(len(CLASSES), size=count, p=probabilities)
            pictures.append(source.images[order[starts[chosen] + (chooser.random(count) * sizes[chosen]).astype(np.int64)]])
            labels.append(chosen)
        images = torch.from_numpy(np.concatenate(pictures)).float() / 255
        if self.recipe.distortion:
            images = stroke_thickness(images, generator, THICKNESS * self.recipe.distortion)
            images = elastic_affine(images, generator, self.recipe.distortion)
        return CharBatch(images, torch.from_numpy(np.concatenate(labels)), self._teach(images), self.recipe.teacher_share)

    def _teach(self, images: Tensor) -> Tensor | None:
        if not self.teachers:
            return None
        scanned = self.sources[0][-1]  # so many images come first
        device = self.teachers[0].output.weight.device
        images = images.to(device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
            parts = []
            for part, teachers in (
                (images[:scanned], self.teachers),
                (images[scanned:], [teacher for teacher in self.teachers if INK in teacher.trained_on]),
            ):
                if len(part):
                    logits = [teacher(part).float() / teacher.temperature for teacher in teachers]
                    parts.append(torch.stack([each.softmax(1) for each in logits]).mean(0).log())
        return torch.cat(parts).clone()  # an inference tensor can't take part in a backward pass


def scanned_name(dataset: str, split: str, per_class: int = VALIDATION_PER_CLASS) -> str:
    """What people should call the images of a split; ``per_class`` as of :func:`scanned_characters`."""
    if data_name(dataset) != "emnist-47":
        return f"{data_name(dataset)}, scanned"
    return "EMNIST ByMerge-test, 400 a class" if split == "test" else f"EMNIST, {per_class} a class of the training part"


def scanned_characters(dataset: str, split: str, per_class: int = VALIDATION_PER_CLASS) -> Characters:
    """Scanned characters of a split.

    ``"train"`` and ``"validation"`` (``per_class`` of each class) are parts of the data set's train, ``"test"`` is its test.
    """
    data = emnist.load(dataset, "test" if split == "test" else "train")
    if split == "test":
        return Characters(data.images, data.labels)
    train, validation = emnist.validation_split(data.labels, per_class, seed=0)
    chosen = train if split == "train" else validation
    return Characters(data.images[chosen], data.labels[chosen])


def drawn_characters(dataset: str, split: str, cache: Path) -> Characters:
    """UNIPEN's isolated alphanumerics drawn with the pad's pen, through the app's own preprocessing.

    Training samples get pens of many widths, and those of unreliable case where case doesn't matter; the others only what is reliable.
    The pictures are cached, since making those of the training split takes minutes.

    Args:
        dataset: Hub repo id or folder.
        split: ``"train"``, ``"validation"`` or ``"test"``: different writers.
        cache: folder.
    """
    training = split == "train"
    strokes, labels = ink_data.labelled_characters(ink_data.load(dataset, split, "char"), unreliable_case=training)
    widths = np.random.default_rng(0).lognormal(np.log(SCAN_PEN_WIDTH), 0.3 if training else 0.0, len(strokes))
    digest = hashlib.sha256(f"{PREPROCESSING_VERSION} {PAD_SIZE} {INK_EXTENT}".encode())
    for array in [labels, widths, *(stroke for sample in strokes for stroke in sample)]:
        digest.update(np.ascontiguousarray(array).data)
    path = cache / f"drawn-{digest.hexdigest()[:16]}.npz"
    if not path.exists():
        from tqdm import tqdm

        images, kept = [], []
        for index, sample in enumerate(tqdm(strokes, desc=f"drawing {split}", unit="char")):
            try:
                images.append(character(fitted_picture(sample, widths[index])))
                kept.append(index)
            except InputError as error:  # a wide pen fills a small scrawl: no training sample, but a test sample must never go
                if not training:
                    raise
                log.info("sample %d left out: %s", index, error)
        cache.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.npz")  # swapped in whole: a kill must not leave half a cache
        np.savez(part, images=np.stack(images), labels=labels[kept])
        part.replace(path)
    with np.load(path) as arrays:
        return Characters(arrays["images"], arrays["labels"])
