"""The recipe of the network that reads pen strokes, from ink to a model folder, on miniature data."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard
from trajectories import WORDS, scrawled

from hwr import InkCTC, InkReader, InputError
from hwr.data import unipen as ink_data
from hwr.data.lines import Handwriting, usable
from hwr.ink.moves import features, logical_order, normalised
from hwr.training.recipes import ink
from hwr.training.run import run as run_recipe


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    return scrawled(tmp_path_factory.mktemp("unipen"))


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    monkeypatch.setattr(ink, "POOL", 2)


def recipe(trajectories: str, **options) -> ink.InkRecipe:
    return ink.InkRecipe(**{"name": "mini", "ink": trajectories, "hidden_size": 8, "num_layers": 1, "steps": 4, "batch_size": 6} | options)


def test_a_run_leaves_a_whole_model_folder_and_goes_on_where_it_stopped(trajectories, tmp_path):
    job = recipe(trajectories)
    folder = run_recipe(job, "python train.py ink --name mini", runs=tmp_path / "runs", weights=tmp_path / "weights", split="test")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.onnx", "model.safetensors", "metrics.json", "README.md", "learning_curves.png"
    }  # fmt: skip
    rows = {row["dataset"].partition(" ")[2]: row for row in json.loads((folder / "metrics.json").read_text())["results"]}
    assert rows["words, greedy"]["n"] == 2 * len(WORDS)  # those of unreliable case are no fair test
    assert rows["lines, beam with language model"]["n"] == 2
    assert all(row["split"] == "test" and row["cer_without_case"] <= row["cer"] for row in rows.values())
    assert "10.5281/zenodo.1195803" in ModelCard.load(folder / "README.md").text  # UNIPEN's licence asks for it
    assert InkReader.from_pretrained(str(folder)).charset == InkCTC.from_pretrained(folder).charset
    assert InkCTC.from_pretrained(folder).trained_on == ["unipen"]
    # Started again it has nothing left to do, and comes to the same weights.
    again, history = job.train(tmp_path / "runs")
    assert history[-1]["step"] == 4
    for name, tensor in InkCTC.from_pretrained(folder).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    with pytest.raises(InputError, match="batch_size"):
        replace(job, batch_size=5).train(tmp_path / "runs")


def batches(trajectories: str, seed: int = 0) -> ink.InkBatches:
    words, lines, chars = (usable(ink_data.load(trajectories, "train", kind)) for kind in ("word", "line", "char"))
    return ink.InkBatches(Handwriting(words, lines, chars), 6, seed)


def test_batches_depend_on_seed_and_number_alone(trajectories):
    first, second = batches(trajectories), batches(trajectories)
    second(7)
    for step in (0, 3, 2):
        assert all(torch.equal(one, other) for one, other in zip(first(step), second(step), strict=True))
    assert not torch.equal(first(0).moves, first(2).moves)
    assert not torch.equal(first(0).moves, batches(trajectories, seed=1)(0).moves)


def test_every_text_fits_into_its_moves(trajectories):
    made = batches(trajectories)
    for step in range(4):
        batch = made(step)
        assert batch.lengths.sum() == len(batch.targets)
        assert (batch.lengths <= batch.counts).all()
        assert batch.targets.min() >= 1


def test_a_varied_hand_writes_the_same_moves_elsewhere(trajectories):
    words = usable(ink_data.load(trajectories, "train", "word"))
    path = logical_order(normalised(words.strokes[3]))
    one, again, other = (ink.varied(path, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.points, again.points)
    assert not np.array_equal(one.points, other.points)
    assert np.array_equal(one.kinds, path.kinds)
    assert np.isfinite(features(one)).all()


@pytest.mark.parametrize("options", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"hidden_size": 5000}])
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data", **options)


def test_data_that_is_no_ink_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="can't be loaded"):
        recipe(str(tmp_path)).train(tmp_path / "runs")


def test_each_part_of_a_step_has_pools_of_its_own(trajectories, monkeypatch):
    monkeypatch.setattr(ink, "POOL", 2)
    words, lines, chars = (ink.usable(ink.ink_data.load(trajectories, "train", kind)) for kind in ("word", "line", "char"))
    every, second = (ink.InkBatches(Handwriting(words, lines, chars), 3, 0, parts=2) for _ in range(2))
    found = [every(number) for number in range(8)]
    assert all(torch.equal(second(number).moves, found[number].moves) for number in (1, 3, 5, 7))
    assert not torch.equal(found[0].moves, found[1].moves)
