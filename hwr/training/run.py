"""One way to train: a recipe is worked off to a model folder, or the model folder that it made is measured again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwr.hub.finding import fetch
from hwr.training import machines
from hwr.training.model_folder import write_model_folder
from hwr.training.recipes.base import Recipe


def run(recipe: Recipe, command: str, *, runs: Path, weights: Path, split: str) -> Path | None:
    """Train, measure, and write the model folder with card and figures; of several processes all train, and the main one does the rest.

    Args:
        recipe: what to train.
        command: that asked for it, for the record.
        runs: folder of checkpoints, logs and caches.
        weights: parent of the model folder.
        split: what the finished model is measured on: ``"test"``, or ``"validation"`` while models are still being compared.

    Returns:
        The model folder, ``weights/<name>``; in the other processes None.

    Raises:
        InputError: data or a repository can't be used, or a checkpoint is of another recipe.
    """
    network, history = recipe.train(runs)
    if not machines.leave():
        return None
    results = recipe.measure(network, split, runs)
    return write_model_folder(
        weights / recipe.name,
        network,
        command=command,
        results=results,
        history=history,
        pictures=recipe.pictures(network, results, split, runs),
        card=lambda figures: recipe.card(network, figures),
    )


def measure(recipe: Recipe, *, runs: Path, weights: Path, split: str) -> Path | None:
    """Measure a model folder again and print its figures; arguments, result and errors as of :func:`run`."""
    if not machines.leave():
        return None
    kind: Any = recipe.network_type
    network = kind.from_pretrained(fetch(weights / recipe.name))
    recipe.measure(network, split, runs)
    return weights / recipe.name
