"""What all recipes share: a recipe is a dataclass, its fields are the options of ``train.py``, and :mod:`hwr.training.run` works it off.

To train another network, write a recipe beside the others and name it in ``RECIPES``, in this folder's ``__init__``.
"""

from __future__ import annotations

import inspect
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, cast

import torch

from hwr.errors import InputError
from hwr.hub.cards import CardText
from hwr.models.arrays import STRIDE
from hwr.models.sizes import parameter_count
from hwr.training.machines import processes
from hwr.training.model_folder import Pictures
from hwr.training.trainer import Network, Settings


def shipped(network: type, keyword: str) -> Any:
    """The default of a network's keyword: where a shape's default stands, and the only place."""
    return inspect.signature(network).parameters[keyword].default


def data_folder(name: str) -> str:
    """A data set in the folder ``HWR_DATASETS``, or where the working directory has it."""
    return os.path.join(os.environ.get("HWR_DATASETS", ""), name)


def data_name(dataset: str) -> str:
    """What a data set is called in records: its Hub repository, or the name of its folder."""
    return Path(dataset).resolve().name if Path(dataset).is_dir() else dataset


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC, Generic[Network]):
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        batch_size: samples a step, of all processes together.
        learning_rate: peak of the one-cycle schedule.
        parts: in how many parts a step is drawn and computed, shared by the processes; none: one for each process. With the same parts any
            number of processes that divides it trains alike.
        precision: of the forward pass: float32, or mixed with bfloat16 or, on graphics cards, float16.
        seed: of everything random.
    """

    network_type: ClassVar[type]
    shape: ClassVar[tuple[str, ...]]
    """Fields that are keywords of the network."""
    tags: ClassVar[tuple[str, ...]]
    """The Hub's, of the card."""
    pipeline_tag: ClassVar[str] = "other"
    largest_batch: ClassVar[int] = 4096

    name: str
    batch_size: int
    learning_rate: float
    parts: int | None = None
    precision: Literal["no", "bf16", "fp16"] = "bf16"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if self.parts is not None and not (self.parts >= 1 and self.batch_size % self.parts == 0):
            raise InputError(f"{self.batch_size} samples a step can't be shared evenly by {self.parts} parts.")
        if not 1 <= self.batch_size <= self.largest_batch:
            raise InputError(f"There must be 1 to {self.largest_batch:,} samples a step.")
        if not self.learning_rate > 0 or not 0 <= self.seed < 2**63:
            raise InputError("The learning rate must be above 0, the seed not below 0.")
        try:
            with torch.device("meta"):
                self.network_type(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error

    @property
    def network(self) -> dict[str, Any]:
        """The network's keywords, as JSON has them."""
        values = {field: getattr(self, field) for field in self.shape}
        return {field: list(value) if isinstance(value, tuple) else value for field, value in values.items()}

    def settings(self, steps: int, evaluate_every: int, **more: Any) -> Settings:
        """The trainer's; ``more`` are other fields of it.

        Raises:
            InputError: the processes can't share the samples of a step evenly.
        """
        self.part_size  # noqa: B018  (says so before anything is drawn)
        common: dict[str, Any] = {"learning_rate": self.learning_rate, "precision": self.precision, "seed": self.seed}
        return Settings(steps=steps, evaluate_every=evaluate_every, parts=self.parts or processes(), **common, **more)

    @property
    def part_size(self) -> int:
        """Samples of a part of a step.

        Raises:
            InputError: the processes can't share the samples of a step evenly.
        """
        parts = self.parts or processes()
        if self.batch_size % parts:
            raise InputError(f"{self.batch_size} samples a step can't be shared evenly by {parts} processes: choose another --batch-size.")
        return self.batch_size // parts

    def described(self, network: Network) -> str:
        """The run and how large its network is, for the log."""
        return f"{self.name}: {parameter_count(network):,} parameters"

    @abstractmethod
    def train(self, runs: Path) -> tuple[Network, list[dict[str, float]]]:
        """Train, or go on with a run that was interrupted, and keep the best weights.

        Args:
            runs: folder of checkpoints, logs and caches.

        Returns:
            The network in evaluation mode, and one entry per evaluation: step, losses and validation scores.

        Raises:
            InputError: data that can't be used, or a checkpoint of another recipe.
        """

    @abstractmethod
    def measure(self, network: Network, split: str, runs: Path) -> list[dict[str, Any]]:
        """Print and return the figures of a split, as ``metrics.json`` has them.

        Args:
            network: trained.
            split: ``"validation"``, or ``"test"`` for a model that was chosen without it.
            runs: folder of checkpoints and caches.
        """

    def pictures(self, network: Network, results: Sequence[dict[str, Any]], split: str, runs: Path) -> Pictures:
        """What the card shows besides the learning curves; ``results`` as :meth:`measure` gave them."""
        return []

    def card(self, network: Network, figures: list[tuple[str, str]]) -> CardText:
        """The words of the network's card, from the template ``cards/`` that is named as the recipe's module is.

        Args:
            network: trained.
            figures: ``(file name, caption)``.
        """
        from jinja2 import Environment, PackageLoader, StrictUndefined

        environment = Environment(loader=PackageLoader("hwr.training.recipes", "cards"), undefined=StrictUndefined, autoescape=False)
        template = environment.get_template(type(self).__module__.rpartition(".")[2] + ".md")
        text = template.render(recipe=self, network=network, stride=STRIDE)
        parts = {title.strip(): body.strip() for title, _, body in (part.partition("\n") for part in text.split("## ")[1:])}
        return CardText(
            title=self.name,
            description=parts["Description"],
            intended_use=parts["Intended use"],
            usage=parts["Usage"],
            training=parts["Training"],
            limitations=parts["Limitations"],
            data=cast("Any", network).trained_on,
            figures=figures,
            tags=self.tags,
            pipeline_tag=self.pipeline_tag,
        )


@dataclass(frozen=True, kw_only=True)
class StepsRecipe(Recipe[Network]):
    """A recipe that says how many steps to take.

    Attributes:
        steps: optimiser steps.
    """

    steps: int

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise InputError("There must be a step to take.")
        super().__post_init__()
