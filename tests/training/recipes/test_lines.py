"""The recipe of the network that reads lines, from ink to a model folder, on miniature data."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import datasets
import numpy as np
import pytest
import torch
from glyphs import emnist_folder
from huggingface_hub import ModelCard
from trajectories import WORDS, scrawled

from hwr import InputError, LineCTC, TextReader
from hwr.charset import LATIN
from hwr.data import emnist
from hwr.data import scans as scan_data
from hwr.data import unipen as ink_data
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.training.recipes import line_data, lines
from hwr.training.run import run as run_recipe


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    return scrawled(tmp_path_factory.mktemp("unipen"))


@pytest.fixture(scope="module")
def scans(tmp_path_factory) -> str:
    return emnist_folder(tmp_path_factory.mktemp("emnist"), 2)


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    monkeypatch.setattr(line_data, "POOL", 2)


def recipe(trajectories: str, glyphs: str, **options) -> lines.LineRecipe:
    network = {"stem_channels": [4, 4, 6, 6], "hidden_size": 12}
    return lines.LineRecipe(
        **{"name": "mini", "ink": trajectories, "dataset": glyphs, **network, "steps": 4, "batch_size": 6, "workers": 0} | options
    )


@pytest.fixture(scope="module")
def scanned(tmp_path_factory) -> str:
    """A scanned word, of twenty writers."""
    folder = tmp_path_factory.mktemp("dhsd")
    picture = np.full((64, 256), 230, np.uint8)
    for left in range(20, 230, 30):
        cv2.line(picture, (left, 50), (left + 15, 12), 40, 4)
    png = cv2.imencode(".png", picture)[1].tobytes()
    rows = [{"image": {"bytes": png, "path": None}, "label": "Öd", "writer": f"writer {number}"} for number in range(20)]
    datasets.Dataset.from_list(rows).cast_column("image", datasets.Image()).to_parquet(folder / "train.parquet")
    return str(folder)


def pools(trajectories: str, scans: str, seed: int = 0) -> line_data.Pools:
    words, written, chars = (usable(ink_data.load(trajectories, "train", kind)) for kind in ("word", "line", "char"))
    return line_data.Pools(Handwriting(words, written, chars), Glyphs(emnist.load(scans, "train"), words.texts), 6, seed)


def same(one: line_data.LineBatch, other: line_data.LineBatch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_run_leaves_a_whole_model_folder_and_goes_on_where_it_stopped(trajectories, scans, tmp_path):
    job = recipe(trajectories, scans)
    folder = run_recipe(job, "python train.py lines --name mini", runs=tmp_path / "runs", weights=tmp_path / "weights", split="test")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.onnx", "model.safetensors", "metrics.json", "README.md", "learning_curves.png"
    }  # fmt: skip
    metrics = json.loads((folder / "metrics.json").read_text())
    rows = {row["dataset"].partition(" ")[2]: row for row in metrics["results"]}
    assert rows["words, greedy"]["n"] == 2 * len(WORDS)  # those of unreliable case are no fair test
    assert rows["lines, beam with language model"]["n"] == 2
    assert all(row["split"] == "test" and row["cer"] >= 0 for row in metrics["results"])
    card = ModelCard.load(folder / "README.md")
    assert "10.5281/zenodo.1195803" in card.text  # UNIPEN's licence asks for it
    assert card.data.pipeline_tag == "image-to-text"
    assert TextReader.from_pretrained(str(folder)).charset == LATIN
    # Started again it has nothing left to do, and comes to the same weights.
    again, history = job.train(tmp_path / "runs")
    assert history[-1]["step"] == 4
    for name, tensor in LineCTC.from_pretrained(folder).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    with pytest.raises(InputError, match="batch_size"):
        replace(job, batch_size=5).train(tmp_path / "runs")


def test_pools_depend_on_seed_and_number_alone(trajectories, scans):
    first = pools(trajectories, scans)
    second = pools(trajectories, scans)
    second[0]
    assert all(same(a, b) for a, b in zip(first[3], second[3], strict=True))
    assert not same(first[3][0], first[4][0])
    assert not same(first[3][0], pools(trajectories, scans, seed=1)[3][0])


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_by_their_number_however_many_draw_them(trajectories, scans, workers):
    made = pools(trajectories, scans)
    expected = [batch for number in range(4) for batch in made[number]]
    batches = line_data.PooledBatches(made, workers, 8)
    assert all(same(batches(step), expected[step]) for step in range(8))
    resumed = line_data.PooledBatches(made, workers, 8)
    assert all(same(resumed(step), expected[step]) for step in (3, 4, 5))


def test_each_part_of_a_step_has_pools_of_its_own(trajectories, scans):
    """Who computes one part of each step draws nothing of another, and finds what one who computes all finds."""
    made = pools(trajectories, scans)
    batches = line_data.PooledBatches(made, 0, 8, parts=2)
    found = [batches(number) for number in range(16)]
    drawn = []

    class Noting(line_data.Pools):
        def __init__(self) -> None:
            self.__dict__ |= made.__dict__

        def __getitem__(self, index: int):
            drawn.append(index)
            return super().__getitem__(index)

    second = line_data.PooledBatches(Noting(), 0, 8, parts=2)
    assert all(same(second(number), found[number]) for number in range(1, 16, 2))
    assert all(index % 2 for index in drawn)
    resumed = line_data.PooledBatches(made, 0, 8, parts=2)
    assert all(same(resumed(number), found[number]) for number in range(6, 12))


def test_every_target_fits_into_its_picture(trajectories, scans):
    for batch in pools(trajectories, scans)[0]:
        assert batch.lengths.sum() == len(batch.targets)
        assert (batch.widths % 4 == 0).all()
        assert (batch.lengths <= batch.widths // 4).all()
        assert batch.images.shape[2] == batch.widths.max()
        assert batch.targets.min() >= 1


def test_digits_that_only_the_label_spaces_are_joined(trajectories):
    assert set(ink_data.load(trajectories, "test", "line").texts) == {"dog at", "1984"}


def test_photographs_to_evaluate_on_are_always_the_same(trajectories):
    one, other = (line_data.drawn(trajectories, "test", "word", photographed=True) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.images, other.images, strict=True))
    clean = line_data.drawn(trajectories, "test", "word")
    assert clean.texts == one.texts
    assert not np.array_equal(clean.images[0], one.images[0])
    assert len(line_data.drawn(trajectories, "test", "word", limit=3).texts) == 3


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"workers": -1}, {"hidden_size": 5000}]
)
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data", "nor this", **options)


def test_data_that_is_no_ink_is_refused(scans, tmp_path: Path):
    with pytest.raises(InputError):
        recipe(scans, scans).train(tmp_path)


def test_a_network_goes_on_from_another_with_more_characters_and_more_to_learn_from(trajectories, scans, scanned, tmp_path):
    first, _ = recipe(trajectories, scans, characters="ascii").train(tmp_path / "runs")
    first.save_pretrained(tmp_path / "first")
    job = recipe(trajectories, scans, name="more", start_from=(str(tmp_path / "first"),), written=trajectories, scans=scanned)
    network, history = job.train(tmp_path / "runs")
    assert network.charset == LATIN
    assert network.trained_on == ["dhsd", "emnist", "unipen", "written"]
    assert {"written_cer", "scans_cer"} <= history[-1].keys()
    with pytest.raises(InputError, match="another shape"):
        recipe(trajectories, scans, name="other", start_from=(str(tmp_path / "first"),), hidden_size=10).train(tmp_path / "runs")


def test_what_there_is_no_data_of_is_not_drawn(trajectories, scans, scanned):
    words, written, chars = (usable(ink_data.load(trajectories, "train", kind)) for kind in ("word", "line", "char"))
    glyphs = Glyphs(emnist.load(scans, "train"), words.texts)
    alone = line_data.Pools(Handwriting(words, written, chars), glyphs, 6, 0)
    assert alone.shares == line_data.SHARES
    taught = line_data.Pools(Handwriting(words, written, chars, words), glyphs, 6, 0, LATIN, scan_data.load(scanned, "train"))
    assert taught.shares.keys() == line_data.SHARES.keys() | {"pen_word", "scan"}
    assert sum(taught.shares.values()) == pytest.approx(1)
    # One sample in 25 is a scan; the first ends the search.
    assert any(1 + LATIN.index("Ö") in batch.targets.tolist() for number in range(60) for batch in taught[number])
