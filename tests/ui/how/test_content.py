"""What the second page says: results as they were measured, nothing that isn't there, and no markup but its own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from app_server import ROOT

from hwr.hub.cards import DATA_SOURCES
from hwr.ui.how import content


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the files beside the weights say, to be changed."""
    files: dict[str, Any] = {}
    real = content._shipped
    monkeypatch.setattr(content, "_shipped", lambda folder, name: files.get(f"{folder}/{name}", real(folder, name)))
    return files


def test_every_network_is_there_with_all_its_figures() -> None:
    found = {each["name"]: each for each in content.models()}
    for model in content.MODELS:
        metrics = json.loads((ROOT / "weights" / model.folder / "metrics.json").read_text())
        shown = found[model.folder]
        assert shown["parameters"] == metrics["parameters"]
        assert [name for _, name in shown["figures"]] == [figure.name for figure in model.figures]
        for (value, _), figure in zip(shown["figures"], model.figures, strict=True):
            results = [result for result in metrics["results"] if result["dataset"].startswith(figure.dataset)]
            measured = [result[figure.metric] for result in results if figure.metric in result]
            assert abs(float(value.removesuffix(" %")) / 100 - measured[0]) <= 0.0005 + 1e-9


def test_a_network_that_is_not_there_is_left_out(shipped: dict[str, Any]) -> None:
    shipped["pen-best/metrics.json"] = None
    shipped["char-best/metrics.json"] = {"model": "CharLSTM", "parameters": 7}
    found = {each["name"]: each for each in content.models()}
    assert "pen-best" not in found
    assert found["char-best"]["figures"] == []
    shipped["char-reference/metrics.json"] = None
    assert content.confusions() is None
    assert b"What it mixes up" not in content.page.__wrapped__()


def test_the_map_holds_every_character_that_was_read() -> None:
    found = content.confusions()
    assert found is not None
    told = json.loads(found["value"])
    for char, count, right in zip(told["classes"], told["counts"], told["right"], strict=True):
        assert right + sum(wrong for truth, _, wrong in told["wrong"] if truth == char) <= count
    assert sum(told["right"]) / sum(told["counts"]) == pytest.approx(float(found["accuracy"].removesuffix(" %")) / 100, abs=0.0006)
    assert len(found["cells"]) == len(told["classes"]) + len(told["wrong"])


def test_figures_and_names_are_text(shipped: dict[str, Any]) -> None:
    bad = "<script>alert(1)</script>"
    shipped["char-best/metrics.json"] = {"model": bad, "parameters": 7, "date": bad, "results": []}
    shipped["char-best/config.json"] = {"trained_on": [bad]}
    wrong = [{"truth": "<", "read_as": '"', "count": 3}]
    classes = [{"char": "<", "n": 9, "recall": 0.5}, {"char": '"', "n": 9, "recall": 1.0}]
    result = {"n": 18, "accuracy": 0.5, "per_class": classes, "confusions": wrong}
    shipped["char-reference/metrics.json"] = {"model": "CharLSTM", "parameters": 7, "results": [{"dataset": "EMNIST"} | result]}
    page = content.page.__wrapped__().decode()
    assert "<script" not in page
    assert page.count(bad.replace("<", "&lt;").replace(">", "&gt;")) == 3
    assert 'data-pair="&lt;&#34;"' in page


def test_all_training_data_is_named() -> None:
    told = content.sources()
    for model in content.MODELS:
        for key in json.loads((ROOT / "weights" / model.folder / "config.json").read_text())["trained_on"]:
            assert content._linked(DATA_SOURCES[key]) in told


def test_links_of_the_sources_are_links_and_nothing_else_is() -> None:
    text = content._linked('<b> [name](https://example.org/a) `code` [bad](javascript:alert(1)) "quoted"')
    assert '<a href="https://example.org/a">name</a>' in text
    assert "<code>code</code>" in text
    assert text.count("<a ") == 1
    assert "<b>" not in text


def test_each_network_says_what_its_card_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for model in content.models():
        card = (ROOT / "weights" / model["name"] / "README.md").read_text()
        assert {"What it is for", "Limitations"} <= model["card"].keys()
        assert re.sub(r"<[^>]+>|[`*]", "", model["card"]["Limitations"]).replace("&#x27;", "'") in re.sub(r"[`*]", "", card)
        assert model["page"] == ""
    (tmp_path / "pinned.json").write_text('{"char-best": {"repo": "user/hwr-char-best", "revision": "0"}}')
    real = content.beside_package
    monkeypatch.setattr(content, "beside_package", lambda name: tmp_path / "pinned.json" if name.endswith("pinned.json") else real(name))
    pages = {each["name"]: each["page"] for each in content.models()}
    assert pages["char-best"] == "https://huggingface.co/user/hwr-char-best"
    assert pages["pen-best"] == ""


def test_an_example_that_is_not_there_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "call.sh").write_text("curl <there>\n")

    def beside(name: str) -> Path | None:
        path = tmp_path / Path(name).name
        return path if path.exists() else None

    monkeypatch.setattr(content, "beside_package", beside)
    assert content.snippets() == [("curl", "call.sh", "curl <there>")]


def test_all_that_moves_is_there_and_small() -> None:
    pictures = json.loads((ROOT / "hwr" / "ui" / "how" / "pictures.json").read_text())
    for example in pictures["rows"]:
        assert len(example["shares"]) == len(example["leaders"]) == 28
        assert example["leaders"][-1] == example["char"]
    for example in pictures["columns"]:
        assert len(example["shares"]) == len(example["winners"])
        assert {len(shares) for shares in example["shares"]} == {len(example["classes"])}
    for example in pictures["pens"]:
        for before, move in zip(example["moves"], example["moves"][1:], strict=False):
            assert not move["draws"] or move["from"] == before["to"]
            assert 0 < sum(cloud[0] for cloud in move["clouds"]) <= 1.01
