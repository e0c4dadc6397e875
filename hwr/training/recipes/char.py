"""How the character networks are trained: scanned and drawn characters, drawn evenly over the classes, distorted, optionally taught."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import nn

from hwr.charset import CLASSES
from hwr.errors import InputError
from hwr.evaluation.metrics import classification_metrics, fit_temperature
from hwr.evaluation.plots import confusion_heat_map
from hwr.models.char_lstm import CharLSTM
from hwr.models.pixel_lstm import PixelLSTM
from hwr.pictures.character import PREPROCESSING_VERSION
from hwr.training.machines import device
from hwr.training.model_folder import Pictures, digest, report, weights_digest
from hwr.training.recipes.base import Recipe, data_folder, data_name, shipped
from hwr.training.recipes.char_data import (
    INK,
    INK_SHARE,
    THICKNESS,
    VALIDATION_PER_CLASS,
    BalancedBatches,
    Characters,
    drawn_characters,
    scanned_characters,
    scanned_name,
)
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)

DRAWS_PER_EPOCH = 112_800
"""Size of EMNIST Balanced's training part: an epoch is as many draws, evenly over the classes."""
HEAT_MAPS = ("confusion_scanned.png", "confusion_drawn.png")


def held_out(network: CharLSTM | PixelLSTM, name: str, split: str) -> int:
    """How many characters of each class a network was kept from, which are what it may be validated on.

    Raises:
        InputError: its configuration doesn't say, so that any validation images may be among those that it has learnt.
    """
    if split == "validation" and network.validation_per_class is None:
        raise InputError(f"{name} doesn't say what it was kept from in training (validation_per_class): measure it on the test split.")
    return network.validation_per_class or VALIDATION_PER_CLASS


def network_logits(network: CharLSTM, images: np.ndarray, batch_size: int = 512) -> np.ndarray:
    """Logits, float32 (N, classes), of uint8 images (N, 28, 28)."""
    device = network.output.weight.device
    with torch.inference_mode():
        parts = [network(part.to(device).float() / 255).float() for part in torch.from_numpy(images).split(batch_size)]
    return torch.cat(parts).cpu().numpy()


def evaluate(network: CharLSTM, characters: Characters) -> dict[str, Any]:
    """Metrics of a network on characters, with calibrated probabilities; see :func:`hwr.evaluation.metrics.classification_metrics`."""
    scaled = torch.from_numpy(network_logits(network, characters.images)) / network.temperature
    return classification_metrics(scaled.softmax(1).numpy(), characters.labels, network.classes)


@dataclass(frozen=True, kw_only=True)
class CharRecipe(Recipe[CharLSTM]):
    """Read a character.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        dataset: scanned characters: Hub repo id or folder.
        ink: pen trajectories, to be drawn and learnt as well: Hub repo id or folder; none trains on scans only.
        hidden_size: hidden units of each LSTM layer and direction.
        num_layers: LSTM layers.
        dropout: probability, between the layers and before the output.
        bidirectional: read each sequence both ways.
        scan: rows, or columns as well, by a second LSTM.
        pooling: of the hidden states: the last one, or the mean over time.
        stem_channels: convolutions in front of the LSTM.
        start_from: folders or repo ids of networks of the same shape whose mean weights to begin with; none for random ones. Where all
            descend from one network, the mean is a good one itself (model soup: Wortsman et al. 2022, arXiv:2203.05482).
        teachers: folders or repo ids of networks whose mean probabilities are imitated. Those that have not learnt drawn characters teach
            only the scanned ones.
        teacher_share: of the loss, from 0 to 1; the rest is that of the labels.
        epochs: of 112,800 draws, the size of EMNIST Balanced's training part.
        batch_size: images a step, of all processes together.
        learning_rate: peak of the one-cycle schedule.
        distortion: strength of the elastic and affine distortion and of the change of stroke width, 0 to 3; 0 for none.
        validation_per_class: scanned characters of each class that are kept from training, to choose the best epoch by. Of two numbers the
            larger set holds the smaller one, so networks to begin with or to learn from must have been kept from as many, or more.
        seed: of everything random.
    """

    network_type: ClassVar = CharLSTM
    shape: ClassVar = ("hidden_size", "num_layers", "dropout", "bidirectional", "scan", "pooling", "stem_channels")
    tags: ClassVar = ("handwriting-recognition", "lstm", "emnist")
    pipeline_tag: ClassVar = "image-classification"
    largest_batch: ClassVar = DRAWS_PER_EPOCH

    name: str = "char-reference"
    dataset: str = field(default_factory=lambda: data_folder("emnist-47"))
    ink: str | None = None
    hidden_size: int = shipped(CharLSTM, "hidden_size")
    num_layers: int = shipped(CharLSTM, "num_layers")
    dropout: float = shipped(CharLSTM, "dropout")
    bidirectional: bool = shipped(CharLSTM, "bidirectional")
    scan: Literal["rows", "rows+columns"] = shipped(CharLSTM, "scan")
    pooling: Literal["last", "mean"] = shipped(CharLSTM, "pooling")
    stem_channels: tuple[int, ...] = ()
    start_from: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.8
    epochs: float = 14
    batch_size: int = 256
    learning_rate: float = 4e-3
    distortion: float = 1.0
    validation_per_class: int = VALIDATION_PER_CLASS

    def __post_init__(self) -> None:
        if not self.epochs * (DRAWS_PER_EPOCH // max(self.batch_size, 1)) >= 1 or not 1 <= self.batch_size <= DRAWS_PER_EPOCH:
            raise InputError(f"batch size must be from 1 to {DRAWS_PER_EPOCH:,}, and epochs so many that there is a step to take.")
        if not 0 <= self.distortion <= 3:
            raise InputError("The distortion must be from 0 to 3.")
        if not 0 <= self.teacher_share <= 1:
            raise InputError("The teachers' share of the loss must be from 0 to 1.")
        if self.validation_per_class < 1:
            raise InputError("At least one character of each class must be kept for validation.")
        super().__post_init__()

    def train(self, runs: Path) -> tuple[CharLSTM, list[dict[str, float]]]:
        sources = [scanned_characters(self.dataset, "train", self.validation_per_class)]
        validation = {"": scanned_characters(self.dataset, "validation", self.validation_per_class)}
        if self.ink:
            sources.append(drawn_characters(self.ink, "train", runs / "cache"))
            validation["drawn_"] = drawn_characters(self.ink, "validation", runs / "cache")
        torch.manual_seed(self.seed)
        teachers = [CharLSTM.from_pretrained(teacher, device=device()) for teacher in self.teachers]
        begin = [CharLSTM.from_pretrained(other) for other in self.start_from]
        network = self._first(teachers, begin)

        def score(average: CharLSTM) -> tuple[float, dict[str, float]]:
            report: dict[str, float] = {}
            for prefix, characters in validation.items():
                logits = torch.from_numpy(network_logits(average, characters.images))
                metrics = classification_metrics(logits.softmax(1).numpy(), characters.labels, CLASSES)
                report[f"{prefix}validation_loss"] = float(nn.functional.cross_entropy(logits, torch.from_numpy(characters.labels)))
                report |= {f"{prefix}{name}": metrics[name] for name in ("accuracy", "macro_f1", "top3_accuracy")}
            return report["macro_f1"], report

        per_epoch = DRAWS_PER_EPOCH // self.batch_size
        trainer = Trainer(
            network,
            BalancedBatches(sources, self, teachers),
            score,
            folder=runs / self.name,
            settings=self.settings(round(self.epochs * per_epoch), per_epoch),
            identity=self._identity(sources),
        )
        network.load_state_dict(trainer.run())
        network.eval()
        together = Characters(*(np.concatenate(parts) for parts in zip(*validation.values(), strict=True)))
        temperature = fit_temperature(network_logits(network, together.images), together.labels)
        calibrated = self._network(network.trained_on, round(temperature, 4))
        calibrated.load_state_dict(network.state_dict())
        return calibrated.eval(), trainer.history

    def _first(self, teachers: Sequence[CharLSTM], begin: Sequence[CharLSTM]) -> CharLSTM:
        """The network as the training begins with it.

        Raises:
            InputError: those that it shall begin with, or learn from, don't suit it.
        """
        for name, other in zip((*self.teachers, *self.start_from), (*teachers, *begin), strict=True):
            if other.validation_per_class is not None and other.validation_per_class < self.validation_per_class:
                raise InputError(
                    f"{name} was trained on some of the characters that this run keeps for validation: it was kept from "
                    f"{other.validation_per_class} a class, this one would be from {self.validation_per_class}."
                )
        # What those that it learns from have learnt is passed on, with its licence.
        learnt = {key for other in (*teachers, *begin) for key in other.trained_on}
        network = self._network(sorted({"emnist", *([INK] if self.ink else []), *learnt}))
        log.info("%s", self.described(network))
        for name, other in zip(self.start_from, begin, strict=True):
            try:
                network.load_state_dict(other.state_dict())
            except RuntimeError as error:
                raise InputError(f"{name} is a network of another shape than the one to train.") from error
        if begin:
            states = [other.state_dict() for other in begin]
            network.load_state_dict({name: sum(state[name] / len(states) for state in states) for name in states[0]})
        if self.ink and teachers and not any(INK in teacher.trained_on for teacher in teachers):
            raise InputError("None of the teachers has learnt drawn characters. Name one that has, or train without --ink.")
        return network

    def _network(self, trained_on: list[str], temperature: float = 1.0) -> CharLSTM:
        return CharLSTM(
            trained_on=trained_on, temperature=temperature, validation_per_class=min(self.validation_per_class, 1000), **self.network
        )

    def _identity(self, sources: Sequence[Characters]) -> dict[str, Any]:
        return {
            "network": self.network,
            "data": [digest(source.images, source.labels) for source in sources],
            "preprocessing": PREPROCESSING_VERSION,
            "ink_share": INK_SHARE,
            "thickness": THICKNESS,
            "batch_size": self.batch_size,
            "distortion": self.distortion,
            "start_from": [weights_digest(other) for other in self.start_from],
            "teachers": [weights_digest(teacher) for teacher in self.teachers],
            "teacher_share": self.teacher_share,
        }

    def measure(self, network: CharLSTM, split: str, runs: Path) -> list[dict[str, Any]]:
        kept = held_out(network, self.name, split)
        sets = [(self.dataset, scanned_name(self.dataset, split, kept), scanned_characters(self.dataset, split, kept))]
        if self.ink:
            sets.append((self.ink, f"{data_name(self.ink)} characters, drawn", drawn_characters(self.ink, split, runs / "cache")))
        measured = []
        for dataset, name, characters in sets:
            measured.append({"dataset": name, "dataset_id": data_name(dataset), "split": split} | evaluate(network, characters))
            report(self.name, measured[-1])
        return measured

    def pictures(self, network: CharLSTM, results: Sequence[dict[str, Any]], split: str, runs: Path) -> Pictures:
        found = []
        for name, metrics in zip(HEAT_MAPS, results, strict=False):
            title = f"{self.name} on {metrics['dataset']} ({split}, {metrics['n']:,} images)"
            found.append((name, f"Confusion matrix, {title}", confusion_heat_map(metrics, title)))
        return found
