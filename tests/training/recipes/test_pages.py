"""The recipe of the network that finds writing, from ink to a model folder, on miniature data; what the cells of a page are."""

import json

import datasets
import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard
from scrawls import handwriting

from hwr import InputError, PageFinder, PageLSTM
from hwr.data.pages.composing import PageComposer
from hwr.models.arrays import CELL, USUAL
from hwr.models.page_lstm import PageTruth
from hwr.pictures.pages.courses import find_courses
from hwr.training.recipes import line_data, page_data, pages
from hwr.training.run import run as run_recipe

NETWORK = {"stem_channels": [4, 4, 8], "hidden_size": 4, "num_layers": 1}


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    """Scrawls in UNIPEN's layout."""
    folder = tmp_path_factory.mktemp("unipen")
    ink = handwriting()
    rows = []
    for kind, samples in (("word", ink.words), ("line", ink.lines), ("char", ink.chars)):
        for text, strokes, writer in zip(samples.texts, samples.strokes, samples.writers, strict=True):
            points = np.concatenate(strokes).astype(int)
            ends = np.concatenate([np.arange(len(stroke)) == len(stroke) - 1 for stroke in strokes])
            known = {"text": text, "kind": kind, "writer": writer, "contributor": "abc", "case_reliable": True}
            rows.append(known | {"x": points[:, 0], "y": points[:, 1], "pen_up": ends})
    for split in ("train", "validation", "test"):
        datasets.Dataset.from_list(rows).to_parquet(folder / f"{split}.parquet")
    return str(folder)


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    for module in (line_data, page_data):
        monkeypatch.setattr(module, "POOL", 2)
    monkeypatch.setattr(page_data, "LARGEST", 20_000)
    monkeypatch.setattr(pages, "MEASURED", 1)
    monkeypatch.setattr(pages, "MEASURED_LARGEST", 20_000)


def recipe(trajectories: str, **options) -> pages.PageRecipe:
    return pages.PageRecipe(**{"name": "mini", "ink": trajectories, **NETWORK, "steps": 2, "batch_size": 2, "workers": 0} | options)


def same(one: PageTruth, other: PageTruth) -> bool:
    return all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in zip(one, other, strict=True))


def test_a_run_leaves_a_whole_model_folder_and_another_goes_on_from_it(trajectories, tmp_path):
    job = recipe(trajectories)
    folder = run_recipe(job, "python train.py pages --name mini", runs=tmp_path / "runs", weights=tmp_path / "weights", split="test")
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.onnx", "model.safetensors", "metrics.json", "README.md", "learning_curves.png", "pages.png"
    }  # fmt: skip
    results = json.loads((folder / "metrics.json").read_text())["results"]
    assert [row["dataset"].rpartition(", ")[2] for row in results] == ["clean", "scan", "photo"]
    assert all(row["split"] == "test" and row["n"] == 1 for row in results)
    card = ModelCard.load(folder / "README.md")
    assert "10.5281/zenodo.1195803" in card.text  # UNIPEN's licence asks for it
    assert isinstance(PageFinder.from_pretrained(str(folder)), PageFinder)
    again, history = job.train(tmp_path / "runs")
    assert history[-1]["step"] == 2
    for name, tensor in PageLSTM.from_pretrained(folder).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    further, _ = recipe(trajectories, name="further", start_from=str(folder), learning_rate=1e-12).train(tmp_path / "runs")
    for name, tensor in again.state_dict().items():
        torch.testing.assert_close(tensor, further.state_dict()[name], atol=1e-4, rtol=0)
    with pytest.raises(InputError, match="shape"):
        recipe(trajectories, name="other", start_from=str(folder), hidden_size=6).train(tmp_path / "runs")


def test_pools_depend_on_seed_and_number_alone():
    first, second = (page_data.PagePools(PageComposer(handwriting(), 1), 2) for _ in range(2))
    second[0]
    for one, other in zip(first[3], second[3], strict=True):
        assert all(same(a, b) for a, b in zip(one, other, strict=True))
    assert not same(first[3][0][0], first[4][0][0])
    assert not same(first[3][0][0], page_data.PagePools(PageComposer(handwriting(), 2), 2)[3][0][0])


@pytest.mark.parametrize("kind", ["page", "columns", "form", "note", "few"])
def test_lines_come_back_from_the_cells_that_they_were_made_into(kind):
    composer = PageComposer(handwriting(), 4)
    lines = found = 0
    for number in range(4):
        page = composer.page(number, kind=kind, core=(9.0, 12.0), largest=400_000)
        truth = page_data.truth(page)
        core = USUAL * np.exp(truth.height.numpy())
        courses = find_courses(truth.cells[0].numpy(), core * truth.baseline.numpy(), core, CELL)
        lines += len(page.lines)
        for line in page.lines:
            x, y = line.baseline.mean(0)
            found += any(
                course.x[0] <= x <= course.x[-1] and abs(float(course.at(np.array(x))) - y) < 0.4 * line.core for course in courses
            )
        assert len(courses) <= len(page.lines) + 1
    assert found >= 0.95 * lines


def test_of_a_turned_page_only_its_side_is_learnt():
    page = PageComposer(handwriting(), 4).page(1, kind="page", camera="clean", core=(9.0, 9.0), largest=200_000)
    upright, turned = page_data.truth(page), page_data.truth(page.turn(1))
    assert upright.oriented
    assert turned.oriented
    assert turned.turned == 1
    assert upright.cells[0].any()
    assert not turned.cells[0].any()


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"workers": -1}, {"hidden_size": 5000}]
)
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data", **options)
