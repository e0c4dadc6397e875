"""What a training run leaves behind: a model folder with weights, figures, metrics and card, the same for every network."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from hwr.evaluation.plots import learning_curves
from hwr.hub.cards import CardText, write_card
from hwr.hub.files import METRICS_FILE, weights_sha256
from hwr.models.arrays import ArrayNetwork
from hwr.models.exporting import export
from hwr.models.sizes import parameter_count
from hwr.system.staging import staged, unwritten

Pictures = Sequence[tuple[str, str, Any]]
"""File name, caption and matplotlib figure of each picture."""


def write_model_folder(
    folder: Path,
    network: Any,
    *,
    command: str,
    results: list[dict[str, Any]],
    history: list[dict[str, float]],
    pictures: Pictures,
    card: Callable[[list[tuple[str, str]]], CardText],
) -> Path:
    """Write configuration, weights, ``metrics.json``, pictures, card, and as ONNX a network that reads, if onnx is installed.

    Args:
        folder: named as the model is.
        network: trained, one of ours.
        command: that asked for it, for the record.
        results: one entry per data set and split: ``dataset``, ``dataset_id``, ``split``, ``n`` and metrics.
        history: of the training.
        pictures: to show beside the learning curves.
        card: from ``(file name, caption)`` of all pictures to the card's words.

    Raises:
        InputError: it can't be written; the folder is as before.
    """
    with staged(folder) as aside:
        try:
            network.save_pretrained(aside)
            if isinstance(network, ArrayNetwork) and find_spec("onnx") is not None:
                export(aside)
        except (SafetensorError, RuntimeError) as error:  # what writes weights has errors of its own for a full disk
            raise unwritten(folder, error) from error
        _describe(aside, folder.name, network, command, results, history, pictures, card)
    return folder


def _describe(
    folder: Path,
    name: str,
    network: Any,
    command: str,
    results: list[dict[str, Any]],
    history: list[dict[str, float]],
    pictures: Pictures,
    card: Callable[[list[tuple[str, str]]], CardText],
) -> None:
    """Write metrics, pictures and card beside the weights; arguments as of :func:`write_model_folder`."""
    record = {
        "model": type(network).__name__,
        "name": name,
        "parameters": parameter_count(network),
        "command": command,
        "date": date.today().isoformat(),
        "weights_sha256": weights_sha256(folder),
        "results": results,
    }
    (folder / METRICS_FILE).write_text(json.dumps(record, indent=1) + "\n")
    everything = [("learning_curves.png", "Learning curves: loss, and scores on the validation split", learning_curves(history)), *pictures]
    for picture, _, figure in everything:
        figure.savefig(folder / picture, dpi=80)
    write_card(folder, card([(picture, caption) for picture, caption, _ in everything]))


def report(name: str, results: dict[str, Any]) -> None:
    """Print the figures of one data set and split."""
    figures = ", ".join(f"{key} {value:.4f}" for key, value in results.items() if isinstance(value, float))
    print(f"{name}, {results['dataset']} ({results['split']}, {results['n']:,} images): {figures}")


def digest(*arrays: np.ndarray) -> str:
    """A short hash of data, by which a run knows that it goes on with what it began with."""
    sum_ = hashlib.sha256()
    for array in arrays:
        sum_.update(np.ascontiguousarray(array).data)
    return sum_.hexdigest()[:16]


def weights_digest(path_or_repo: str) -> str:
    """A short hash of the weights of a network that another one begins with or learns from."""
    from hwr.hub.finding import fetch

    return weights_sha256(fetch(path_or_repo))[:16]
