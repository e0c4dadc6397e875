"""How the network that draws characters is trained, and how its drawings are judged."""

import logging
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from hwr.charset import CHARACTERS, CLASS_OF, CLASSES
from hwr.data import emnist
from hwr.errors import InputError
from hwr.glyph_style import slant, stroke_width
from hwr.models.char_lstm import parameter_count
from hwr.models.pixel_lstm import PixelBatch, PixelLSTM
from hwr.recipes.char import VALIDATION_PER_CLASS
from hwr.recipes.model_folder import digest
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PixelRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        dataset: scanned characters: Hub repo id or folder.
        network: keyword arguments of :class:`PixelLSTM`.
        steps: optimiser steps.
        batch_size: images a step.
        learning_rate: peak of the schedule.
        seed: of everything random.
    """

    name: str
    dataset: str
    network: dict[str, Any] = field(default_factory=dict)
    steps: int = 12_000
    batch_size: int = 64
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if self.steps < 1 or not 1 <= self.batch_size <= 4096:
            raise InputError("There must be a step to take, and 1 to 4,096 images a step.")
        if not self.learning_rate > 0 or not 0 <= self.seed < 2**63:
            raise InputError("The learning rate must be above 0, the seed not below 0.")
        try:
            with torch.device("meta"):
                PixelLSTM(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error


class Pictures(NamedTuple):
    """What the network learns from."""

    images: np.ndarray  # uint8 (N, 28, 28)
    labels: np.ndarray  # int64 (N,), of the 47 classes
    characters: np.ndarray  # int64 (N, 2), indices into CHARACTERS, see PixelBatch
    traits: np.ndarray  # float32 (N, 2), slant and stroke width in standard deviations from the class's mean


def characters_of(label: int, char: str = "") -> tuple[int, int]:
    """The character of a picture as :class:`PixelBatch` has it: where its case is not known, both."""
    if char:
        return (CHARACTERS.index(char),) * 2
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


def pictures(data: emnist.CharSet, chosen: np.ndarray, traits: np.ndarray) -> Pictures:
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
    return PixelBatch(*(torch.from_numpy(part[chosen]) for part in (data.images, data.characters, data.traits)))


def bits_per_dim(network: PixelLSTM, data: Pictures, batch_size: int = 256) -> tuple[float, float]:
    """Upper bound on the bits a pixel costs, at 16 levels, with one draw of the style a picture; and the style's share of it."""
    total, style = 0.0, 0.0
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(0)
        for start in range(0, len(data.images), batch_size):
            cost, _, _ = network.likelihood(batch_of(data, slice(start, start + batch_size)))
            total += float(cost.pixels.sum() + cost.style.sum())
            style += float(cost.style.sum())
    return total / (data.images.size * math.log(2)), style / total


def train(recipe: PixelRecipe, runs: Path) -> tuple[PixelLSTM, list[dict[str, float]]]:
    """Train, or go on with a run that was interrupted, and keep the weights with the lowest bound on the validation split.

    Args:
        recipe: what to train.
        runs: folder of checkpoints and logs.

    Returns:
        The network in evaluation mode, and one entry per evaluation: step, losses and validation scores.

    Raises:
        InputError: data that can't be used, or a checkpoint of another recipe.
    """
    data = emnist.load(recipe.dataset, "train")
    chosen, held_out = emnist.validation_split(data.labels, VALIDATION_PER_CLASS, seed=0)
    traits = class_traits(data.images[chosen], data.labels[chosen])
    training, validation = pictures(data, chosen, traits), pictures(data, held_out, traits)
    torch.manual_seed(recipe.seed)
    network = PixelLSTM(trained_on=["emnist"], **recipe.network)
    network.traits.copy_(torch.from_numpy(traits[[CLASS_OF[char] for char in network.charset]]))
    log.info("%s: %s parameters", recipe.name, f"{parameter_count(network):,}")

    def score(average: nn.Module) -> tuple[float, dict[str, float]]:
        bound, share = bits_per_dim(average, validation)
        return -bound, {"validation_bits_per_dim": bound, "validation_style_share": share}

    trainer = Trainer(
        network,
        EvenBatches(training, recipe.batch_size, recipe.seed),
        score,
        folder=runs / recipe.name,
        settings=Settings(steps=recipe.steps, evaluate_every=1000, learning_rate=recipe.learning_rate, seed=recipe.seed),
        identity={
            "network": recipe.network,
            "data": digest(training.images, training.characters),
            "batch_size": recipe.batch_size,
        },
    )
    network.load_state_dict(trainer.run())
    return network.eval(), trainer.history
