"""How the network that draws characters is trained, and how its drawings are judged."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch

from hwr.charset import CLASS_OF
from hwr.data import emnist
from hwr.models.pixel_lstm import PixelLSTM
from hwr.training.judges.pixels import Judge, bits_per_dim
from hwr.training.model_folder import Pictures, digest
from hwr.training.recipes.base import StepsRecipe, data_folder, shipped
from hwr.training.recipes.char import held_out
from hwr.training.recipes.char_data import VALIDATION_PER_CLASS
from hwr.training.recipes.pixel_data import EvenBatches, class_traits, pictures_of
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PixelRecipe(StepsRecipe[PixelLSTM]):
    """Draw a character.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        dataset: scanned characters: Hub repo id or folder.
        ink: pen trajectories, to compare a hand's characters with those of real writers: Hub repo id or folder.
        style_size: numbers in a style vector.
        hidden_size: hidden units of the row LSTM.
        plan_hidden_size: of the planner, each direction.
        encoder_hidden_size: of the style encoder, each direction.
        pixel_hidden_size: of the pixel LSTM.
        num_layers: layers of planner and row LSTM.
        dropout: probability, between the layers and before the outputs.
        steps: optimiser steps.
        batch_size: images a step.
        learning_rate: peak of the one-cycle schedule.
        seed: of everything random.
    """

    network_type: ClassVar = PixelLSTM
    shape: ClassVar = (
        *("style_size", "hidden_size", "plan_hidden_size", "encoder_hidden_size", "pixel_hidden_size", "num_layers", "dropout"),
    )

    tags: ClassVar = ("handwriting-generation", "lstm", "emnist", "autoregressive")
    pipeline_tag: ClassVar = "unconditional-image-generation"

    name: str = "pixels-best"
    dataset: str = field(default_factory=lambda: data_folder("emnist-47"))
    ink: str = field(default_factory=lambda: data_folder("unipen-ink"))
    style_size: int = shipped(PixelLSTM, "style_size")
    hidden_size: int = shipped(PixelLSTM, "hidden_size")
    plan_hidden_size: int = shipped(PixelLSTM, "plan_hidden_size")
    encoder_hidden_size: int = shipped(PixelLSTM, "encoder_hidden_size")
    pixel_hidden_size: int = shipped(PixelLSTM, "pixel_hidden_size")
    num_layers: int = shipped(PixelLSTM, "num_layers")
    dropout: float = shipped(PixelLSTM, "dropout")
    steps: int = 12_000
    batch_size: int = 64
    learning_rate: float = 2e-3

    def train(self, runs: Path) -> tuple[PixelLSTM, list[dict[str, float]]]:
        data = emnist.load(self.dataset, "train")
        chosen, kept = emnist.validation_split(data.labels, VALIDATION_PER_CLASS, seed=0)
        traits = class_traits(data.images[chosen], data.labels[chosen])
        training, validation = pictures_of(data, chosen, traits), pictures_of(data, kept, traits)
        torch.manual_seed(self.seed)
        network = PixelLSTM(trained_on=["emnist"], validation_per_class=VALIDATION_PER_CLASS, **self.network)
        network.traits.copy_(torch.from_numpy(traits[[CLASS_OF[char] for char in network.charset]]))
        log.info("%s", self.described(network))

        def score(average: PixelLSTM) -> tuple[float, dict[str, float]]:
            bound, share = bits_per_dim(average, validation)
            return -bound, {"validation_bits_per_dim": bound, "validation_style_share": share}

        trainer = Trainer(
            network,
            EvenBatches(training, self.part_size, self.seed),
            score,
            folder=runs / self.name,
            settings=self.settings(self.steps, 1000),
            identity={
                "network": self.network,
                "data": digest(training.images, training.characters),
                "batch_size": self.batch_size,
            },
        )
        network.load_state_dict(trainer.run())
        return network.eval(), trainer.history

    def measure(self, network: PixelLSTM, split: str, runs: Path) -> list[dict[str, Any]]:
        held_out(network, self.name, split)
        return self._judge(split, runs).measure(network, self.name)

    def pictures(self, network: PixelLSTM, results: Sequence[dict[str, Any]], split: str, runs: Path) -> Pictures:
        return self._judge(split, runs).sheets(network)

    def _judge(self, split: str, runs: Path) -> Judge:
        return Judge(self.dataset, self.ink, split, runs / f"{self.name}-judge")
