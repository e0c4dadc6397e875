"""How the network that draws characters is trained, and how its drawings are judged."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from hwr.cards import CardText
from hwr.charset import CLASS_OF
from hwr.data import emnist
from hwr.errors import InputError
from hwr.models.char_lstm import parameter_count
from hwr.models.pixel_lstm import PixelLSTM
from hwr.recipes.char import VALIDATION_PER_CLASS
from hwr.recipes.model_folder import digest, write_model_folder
from hwr.recipes.pixel_data import EvenBatches, class_traits, pictures
from hwr.recipes.pixel_judge import Judge, bits_per_dim
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PixelRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        dataset: scanned characters: Hub repo id or folder.
        ink: pen trajectories, to compare a hand's characters with those of real writers: Hub repo id or folder.
        network: keyword arguments of :class:`PixelLSTM`.
        steps: optimiser steps.
        batch_size: images a step.
        learning_rate: peak of the schedule.
        seed: of everything random.
    """

    name: str
    dataset: str
    ink: str
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


def run(recipe: PixelRecipe, command: str, *, runs: Path, weights: Path, split: str) -> Path:
    """Train, evaluate, and write the model folder with card and figures; arguments and errors as of :func:`hwr.recipes.char.run`."""
    network, history = train(recipe, runs)
    judge = Judge(recipe.dataset, recipe.ink, split, runs / f"{recipe.name}-judge")
    return write_model_folder(
        weights / recipe.name,
        network,
        command=command,
        results=judge.measure(network, recipe.name),
        history=history,
        pictures=judge.sheets(network),
        card=lambda figures: card_text(network, recipe, figures),
    )


def measure(network: PixelLSTM, recipe: PixelRecipe, split: str, runs: Path) -> list[dict[str, Any]]:
    """Print and return what :class:`~hwr.recipes.pixel_judge.Judge` finds, as ``metrics.json`` has it."""
    return Judge(recipe.dataset, recipe.ink, split, runs / f"{recipe.name}-judge").measure(network, recipe.name)


def card_text(network: PixelLSTM, recipe: PixelRecipe, figures: list[tuple[str, str]]) -> CardText:
    """The words of the network's card."""
    return CardText(
        title=recipe.name,
        description=f"Draws handwritten letters and digits as a *time series*: 28 rows of 28 pixels, each row from the rows before it. A "
        f"style vector of {network.style_size} numbers and the character go to a bidirectional LSTM that plans the 28 rows; a "
        f"{network.row.num_layers}-layer LSTM of {network.row.hidden_size} hidden units reads the rows drawn so far beside the plan; an "
        f"LSTM of {network.pixel.hidden_size} hidden units draws the next row pixel by pixel, each from 16 grey levels.",
        intended_use="Pictures of text in handwriting that looks real, and training data for readers of characters. Not for forging "
        "anybody's writing, nor for decisions about people.",
        usage=f"from hwr import PixelWriter\n\n"
        f'writer = PixelWriter.from_pretrained("{recipe.name}")  # or "user/repo", or a folder\n'
        'writer.write("Dear reader,\\nall this is drawn pixel by pixel.", seed=7).save("letter.png")\n'
        'writer.sample("A", n=64)  # uint8 (64, 28, 28), as the distribution has it',
        training="AdamW, one-cycle learning rate, averaged weights; classes drawn evenly. What is minimised bounds the negative "
        "log-likelihood of the pixels (a conditional variational autoencoder with 15 free nats), with a loss for the plan, and one that "
        "ties two of the style vector's numbers to slant and stroke width. Pictures whose case is not known train the class, not the "
        "case. The best weights by the bound were chosen on a validation split of the training data.",
        limitations="It draws the 62 letters and digits of EMNIST, singly: no ligatures. The bits per dimension are upper bounds, with one "
        "draw of the style vector a picture. The writers are US census employees and students of the 1990s. How often samples can be read "
        "as meant is judged by a network of this project; look-alikes (0 and O, 1, I and L, 9, g and q) count as errors there.",
        data=network.trained_on,
        figures=figures,
        tags=("handwriting-generation", "lstm", "emnist", "autoregressive"),
        pipeline_tag="unconditional-image-generation",
    )
