"""Cards say what was measured, of these weights."""

import json
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hub_cards import card_errors
from hub_clients import PUSH, client
from hub_server import FakeHub
from huggingface_hub import ModelCard
from small_networks import network

from hwr.errors import ModelError
from hwr.hub import cards
from hwr.hub.files import METRICS_FILE, WEIGHTS_FILE


def measured(folder: Path, *names: str, classes: str = "ab12") -> dict[str, Any]:
    rows = [{"char": char, "n": 10, "precision": 0.5, "recall": 0.25, "f1": 0.3333} for char in classes]
    pairs = [{"truth": a, "read_as": b, "count": 3, "share": 0.3} for a, b in pairwise(classes)]
    result = {"split": "test", "n": 40, "accuracy": 0.87654321, "macro_f1": 0.8, "ece": 0.01, "per_class": rows, "confusions": pairs}
    return {
        "model": "CharLSTM",
        "name": "a-model",
        "parameters": 1234,
        "command": "python train.py char --some 'options'",
        "date": "2020-02-02",
        "weights_sha256": sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest(),
        "results": [result | {"dataset": name} | ({"top3_accuracy": 0.99} if name == names[-1] else {}) for name in names],
    }


def card_text(**changes: Any) -> cards.CardText:
    blocks = ("title", "description", "intended_use", "usage", "training", "limitations")
    return cards.CardText(**({block: f"The {block}: {{{{ 7 * 6 }}}} {{% x %}} <b>" for block in blocks} | changes))


@pytest.mark.parametrize("names", [("Scans, 400 a class",), ("Scans", "Drawings"), ("Same", "Same"), ("A|B", "ä: ö # - [x]")])
def test_a_card_says_what_was_measured(folder: Path, names: tuple[str, ...]) -> None:
    metrics = measured(folder, *names)
    (folder / METRICS_FILE).write_text(json.dumps(metrics))
    (folder / "confusion.png").write_bytes(b"picture")
    text = card_text(data=tuple(cards.DATA_SOURCES), figures=[("confusion.png", "Confusions")], datasets=["user/data"])
    path = cards.write_card(folder, text)
    card = ModelCard.load(path)
    assert card_errors(path.read_text(encoding="utf-8"), "model") == []
    assert card.data.license == "apache-2.0"
    assert card.data.datasets == ["user/data"]
    assert card.data.model_name == metrics["name"]
    found = sorted((result.dataset_name, result.metric_name, result.metric_value) for result in card.data.eval_results)
    expected = sorted(
        (result["dataset"], cards.METRICS[key][1], round(result[key], 6))
        for result in metrics["results"]
        for key in cards.METRICS
        if key in result
    )
    if len(set(names)) == len(names):
        assert found == expected
    assert len(found) == len(expected)
    for block in (
        text.title,
        text.description,
        text.intended_use,
        text.usage,
        text.training,
        text.limitations,
        *cards.DATA_SOURCES.values(),
    ):
        assert block in card.text, "blocks are quoted, not interpreted"
    for said in (metrics["command"], "1,234", "confusion.png", "10.5281/zenodo.1195803", "10.1109/ICPR.1994.576870", "1702.05373"):
        assert said in card.text


def test_any_class_fits_in_the_tables(folder: Path) -> None:
    classes = "".join(map(chr, range(33, 127)))
    (folder / METRICS_FILE).write_text(json.dumps(measured(folder, "Scans", classes=classes)))
    text = cards.write_card(folder, card_text()).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert len(rows) == len(classes)
    assert {row.count("|") for row in rows} == {6}


def test_a_pushed_card_is_read_back(hub: FakeHub, folder: Path) -> None:
    (folder / "metrics.json").write_text(json.dumps(measured(folder, "Scans")))
    cards.write_card(folder, card_text())
    client(hub.env, PUSH, str(folder), "user/model")
    values = client(
        hub.env,
        "from huggingface_hub import ModelCard\n"
        "result = sorted(found.metric_value for found in ModelCard.load('user/model').data.eval_results)",
    )
    assert values == sorted(result.metric_value for result in ModelCard.load(folder / "README.md").data.eval_results)


def test_a_card_of_other_weights_is_refused(folder: Path) -> None:
    (folder / METRICS_FILE).write_text(json.dumps(measured(folder, "Scans")))
    network(1).save_pretrained(folder)
    with pytest.raises(ModelError, match="weights_sha256"):
        cards.write_card(folder, card_text())


def test_a_card_with_a_lost_figure_is_refused(folder: Path) -> None:
    (folder / METRICS_FILE).write_text(json.dumps(measured(folder, "Scans")))
    with pytest.raises(ModelError, match=r"lost\.png"):
        cards.write_card(folder, card_text(figures=[("lost.png", "Lost")]))


@pytest.mark.parametrize("key", ["name", "parameters", "weights_sha256", "results"])
@pytest.mark.parametrize("value", [None, "absent", [], {}, [1], float("nan")])
def test_malformed_metrics_are_refused(folder: Path, key: str, value: Any) -> None:
    metrics = measured(folder, "Scans") | {key: value}
    if value == "absent":
        del metrics[key]
    (folder / METRICS_FILE).write_text(json.dumps(metrics))
    with pytest.raises(ModelError, match=r"metrics\.json"):
        cards.write_card(folder, card_text())
