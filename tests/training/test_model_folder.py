"""Model folders: a new one takes the place of the old one as a whole."""

from pathlib import Path

import pytest
import torch
from failing import full_disk

from hwr import CharLSTM, InputError
from hwr.hub.cards import CardText
from hwr.training.model_folder import write_model_folder

HISTORY = [{"step": step, "loss": 1.0 / step, "accuracy": 0.5} for step in (1, 2)]
RESULTS = [{"dataset": "Scans", "dataset_id": "scans", "split": "test", "n": 9, "accuracy": 0.5}]


def write(folder: Path, seed: int) -> Path:
    """A model folder of a small network."""
    torch.manual_seed(seed)
    blocks = dict.fromkeys(("title", "description", "intended_use", "usage", "training", "limitations"), "Words.")
    network = CharLSTM(hidden_size=8, num_layers=1)
    return write_model_folder(
        folder, network, command="train", results=RESULTS, history=HISTORY, pictures=[], card=lambda _: CardText(**blocks)
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("room", [0, 2_000, 20_000])  # for nothing, for the configuration, for the weights as well
def test_a_full_disk_leaves_the_old_model_whole(tmp_path: Path, room: int) -> None:
    folder = write(tmp_path / "small", seed=0)
    before = contents(folder)
    assert before.keys() == {"README.md", "config.json", "learning_curves.png", "metrics.json", "model.onnx", "model.safetensors"}
    with full_disk(room), pytest.raises(InputError, match=r"small can't be written: .*Make room"):
        write(folder, seed=1)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]
    assert contents(write(folder, seed=1))["model.safetensors"] != before["model.safetensors"]
