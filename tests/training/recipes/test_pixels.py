"""The recipe of the network that draws characters, from data to a judged model folder, on miniature data."""

import json
from dataclasses import replace

import datasets
import numpy as np
import pytest
import torch
from glyphs import emnist_folder
from huggingface_hub import ModelCard

from hwr import InputError, PixelLSTM, PixelWriter
from hwr.training.judges import pixels as pixel_judge
from hwr.training.recipes import pixels
from hwr.training.run import run as run_recipe

NETWORK = {"style_size": 4, "hidden_size": 8, "plan_hidden_size": 6, "encoder_hidden_size": 6, "pixel_hidden_size": 8}


@pytest.fixture(scope="module")
def scans(tmp_path_factory) -> str:
    return emnist_folder(tmp_path_factory.mktemp("emnist"), 6)


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    """Strokes that lean as their writers do."""
    folder = tmp_path_factory.mktemp("unipen")
    rows = []
    for writer, lean in (("a", -40), ("b", 0), ("c", 40)):
        for text, tall in (("l", 200), ("H", 150), ("1", 180)):
            known = {"text": text, "kind": "char", "writer": writer, "contributor": "abc", "case_reliable": True}
            rows.append(known | {"x": [60 + lean, 60 - lean, 70], "y": [0, tall, tall], "pen_up": [False, False, True]})
    datasets.Dataset.from_list(rows).to_parquet(folder / "test.parquet")
    return str(folder)


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    for name, value in {
        "PER_CLASS": 2, "SEEDS": 1, "CLASSIFIER_STEPS": 2, "CLASSIFIER_BATCH": 8, "VAE_STEPS": 2, "STYLES": 4, "COMPARED": 60
    }.items():  # fmt: skip
        monkeypatch.setattr(pixel_judge, name, value)


def recipe(scans: str, ink: str, **options) -> pixels.PixelRecipe:
    return pixels.PixelRecipe(**{"name": "mini", "dataset": scans, "ink": ink, **NETWORK, "steps": 3, "batch_size": 8} | options)


def test_a_run_leaves_a_judged_model_folder_and_goes_on_where_it_stopped(scans, trajectories, tmp_path):
    job = recipe(scans, trajectories)
    folder = run_recipe(job, "python train.py pixels", runs=tmp_path / "runs", weights=tmp_path / "weights", split="test")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.safetensors", "metrics.json", "README.md",
        "learning_curves.png", "samples.png", "real.png", "neighbours.png",
    }  # fmt: skip
    metrics = json.loads((folder / "metrics.json").read_text())
    rows = {row["dataset"].rpartition(", ")[2]: row for row in metrics["results"]}
    assert set(rows) == {"real characters", "drawn", "independent pixels", "conditional VAE"}
    assert all(row["split"] == "test" and row["n"] == 6 * 47 for row in rows.values())
    assert all(0 <= row["read_as_meant"] <= 1 for row in rows.values())
    drawn = rows["drawn"]
    assert drawn["bits_of_categorical"] == pytest.approx(drawn["bits_per_dim_bound"] / rows["independent pixels"]["bits_per_dim"])
    assert drawn["slant_carried_over_writers"] > 0.9
    assert all(np.isfinite(value) for row in rows.values() for value in row.values() if isinstance(value, float))
    card = ModelCard.load(folder / "README.md")
    assert "upper bounds" in card.text
    assert PixelWriter.from_pretrained(str(folder)).sample("a").shape == (1, 28, 28)
    again, history = job.train(tmp_path / "runs")
    assert history[-1]["step"] == 3
    for name, tensor in PixelLSTM.from_pretrained(folder).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    with pytest.raises(InputError, match="batch_size"):
        replace(job, batch_size=5).train(tmp_path / "runs")


@pytest.mark.parametrize("options", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"style_size": 0}])
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data", "nor this", **options)
