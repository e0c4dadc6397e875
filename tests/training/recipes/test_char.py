"""The recipe of the character networks, from data sets to a model folder, on miniature data."""

import json
from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from glyphs import emnist_folder, glyphs
from huggingface_hub import ModelCard

from hwr import CharLSTM, CharRecognizer, InputError
from hwr.charset import CLASS_OF, CLASSES
from hwr.training.recipes import char
from hwr.training.run import run as run_recipe

PER_CLASS = 8


@pytest.fixture(scope="module")
def scans(tmp_path_factory) -> str:
    """Printed glyphs in EMNIST's layout."""
    return emnist_folder(tmp_path_factory.mktemp("emnist"), PER_CLASS)


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    """Random scrawls in UNIPEN's layout: every character three times, the last of unreliable case."""
    folder = tmp_path_factory.mktemp("unipen")
    draw = np.random.default_rng(0)
    for split in ("train", "validation", "test"):
        rows = []
        for text in [*CLASS_OF, "+", "?"]:
            for copy in range(3):
                x, y = np.cumsum(draw.integers(-40, 40, (2, 9)), axis=1)
                row = {
                    "text": text,
                    "kind": "char",
                    "writer": "w",
                    "contributor": "abc",
                    "case_reliable": copy < 2,
                    "x": x - x.min(),
                    "y": y - y.min(),
                }
                rows.append(row | {"pen_up": [False] * 4 + [True] + [False] * 3 + [True]})
        rows.append(rows[0] | {"kind": "word", "text": "word"})
        datasets.Dataset.from_list(rows).to_parquet(folder / f"{split}.parquet")
    return str(folder)


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    monkeypatch.setattr(char, "DRAWS_PER_EPOCH", 640)


def recipe(scans: str, trajectories: str | None = None, **options) -> char.CharRecipe:
    network = {"hidden_size": 12, "num_layers": 1}
    return char.CharRecipe(
        **{
            "name": "mini",
            "dataset": scans,
            "ink": trajectories,
            **network,
            "epochs": 2,
            "batch_size": 64,
            "validation_per_class": 2,
        }
        | options
    )


def run(job: char.CharRecipe, tmp_path: Path, split: str = "test") -> Path:
    return run_recipe(job, "python train.py char --name mini", runs=tmp_path / "runs", weights=tmp_path / "weights", split=split)


def test_a_run_leaves_a_whole_model_folder(scans, trajectories, tmp_path):
    folder = run(recipe(scans, trajectories), tmp_path)
    names = {path.name for path in folder.iterdir()}
    pictures = {"learning_curves.png", "confusion_scanned.png", "confusion_drawn.png"}
    assert names == {"config.json", "model.onnx", "model.safetensors", "metrics.json", "README.md"} | pictures
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["command"] == "python train.py char --name mini"
    scanned, drawn = metrics["results"]
    assert (scanned["n"], scanned["split"]) == (47 * PER_CLASS, "test")
    assert drawn["n"] == 62 * 2  # those of unreliable case are no fair test
    network = CharLSTM.from_pretrained(folder)
    again = char.evaluate(network, char.scanned_characters(scans, "test"))
    assert all(scanned[name] == pytest.approx(again[name], abs=1e-6) for name in ("accuracy", "macro_f1", "top3_accuracy", "ece"))
    card = ModelCard.load(folder / "README.md")
    stated = {(result.dataset_name, result.metric_type): result.metric_value for result in card.data.eval_results}
    assert stated[scanned["dataset"], "accuracy"] == pytest.approx(scanned["accuracy"], abs=1e-6)
    assert "10.5281/zenodo.1195803" in card.text  # UNIPEN's licence asks for it
    assert CharRecognizer.from_pretrained(str(folder)).predict(glyphs(1)[0][0]).char in CLASSES


def test_it_learns_and_a_student_learns_from_it(scans, tmp_path):
    teacher = recipe(scans, name="teacher", hidden_size=48, epochs=12, learning_rate=1e-2, distortion=0.3)
    folder = run(teacher, tmp_path, split="validation")
    assert json.loads((folder / "metrics.json").read_text())["results"][0]["accuracy"] > 0.3
    student = replace(teacher, name="student", start_from=(str(folder),), teachers=(str(folder),), epochs=1, learning_rate=1e-5)
    taught, history = student.train(tmp_path / "runs")
    # It began with the teacher's weights, and at this learning rate hardly moved away from them.
    images = char.scanned_characters(scans, "validation", 2).images
    assert np.abs(char.network_logits(taught, images) - char.network_logits(CharLSTM.from_pretrained(folder), images)).mean() < 0.2
    assert "distillation" in history[-1]
    other = run(replace(teacher, name="another", seed=1, epochs=1), tmp_path, split="validation")
    blend = replace(student, name="blend", start_from=(str(folder), str(other)), teachers=(), epochs=0.1, learning_rate=1e-9)
    found = blend.train(tmp_path / "runs")[0].state_dict()
    parents = [CharLSTM.from_pretrained(parent).state_dict() for parent in (folder, other)]
    assert all(torch.allclose(found[name], (parents[0][name] + parents[1][name]) / 2, atol=1e-4) for name in found)
    with pytest.raises(InputError, match="another shape"):
        replace(student, name="other", hidden_size=7).train(tmp_path / "runs")


def test_batches_depend_on_their_number_alone(scans, trajectories, tmp_path):
    sources = [char.scanned_characters(scans, "train", 2), char.drawn_characters(trajectories, "train", tmp_path)]
    batches = char.BalancedBatches(sources, recipe(scans, trajectories))
    first, second = batches(7), batches(8)
    torch.rand(3)
    again = char.BalancedBatches(sources, recipe(scans, trajectories))(7)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, second.images)
    assert first.images.shape == (64, 28, 28)
    assert 0 <= first.images.min() <= first.images.max() <= 1


def test_scanned_classes_are_drawn_evenly_whatever_their_frequency(scans, monkeypatch):
    monkeypatch.setattr(char, "DRAWS_PER_EPOCH", 4700)
    everything = char.scanned_characters(scans, "train", 2)
    rare = np.flatnonzero((everything.labels != 5) | (np.cumsum(everything.labels == 5) <= 1))  # one 5 is left
    source = char.Characters(everything.images[rare], everything.labels[rare])
    batches = char.BalancedBatches([source], recipe(scans, batch_size=4700, distortion=0))
    counts = np.bincount(batches(0).labels.numpy(), minlength=47)
    assert counts.min() > 50
    assert counts.max() < 170


def test_no_validation_or_test_image_is_trained_on(scans):
    train, validation, test = (char.scanned_characters(scans, split, 2).images for split in ("train", "validation", "test"))
    assert len(train) + len(validation) == 47 * PER_CLASS
    known = {image.tobytes() for image in train}
    assert not any(image.tobytes() in known for image in [*validation, *test])


def test_a_class_without_images_is_an_error(scans):
    everything = char.scanned_characters(scans, "train", 2)
    kept = everything.labels != CLASS_OF["Q"]
    with pytest.raises(InputError, match="no image of Q"):
        char.BalancedBatches([char.Characters(everything.images[kept], everything.labels[kept])], recipe(scans))


@pytest.mark.parametrize("options", [{"epochs": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"hidden_size": 5000}])
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data set", **options)


def test_data_that_is_no_ink_is_refused(scans, tmp_path):
    with pytest.raises(InputError, match="not an ink data set"):
        char.drawn_characters(scans, "test", tmp_path)
    with pytest.raises(InputError, match="can't be loaded"):
        char.drawn_characters(str(tmp_path), "test", tmp_path)
