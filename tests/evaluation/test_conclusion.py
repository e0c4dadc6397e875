"""What is concluded from what was gathered, on characters and texts whose outcome can be counted by hand."""

import csv
from pathlib import Path

import numpy as np
import pytest

from hwr.evaluation.conclusion import conclude
from hwr.evaluation.gathering import STRIP, Characters, Chunk, Texts
from hwr.evaluation.result import Evaluation

CLASSES = "AB12"
NOTHING = len(CLASSES)
"""Stands for a picture in which no ink was found."""


def said(read: list[int], sure: float = 0.7) -> np.ndarray:
    """Probabilities, float32 (N, 4), of a model that reads these classes."""
    rows = np.full((len(read), len(CLASSES)), (1 - sure) / (len(CLASSES) - 1), np.float32)
    for row, label in enumerate(read):
        rows[row] = 0 if label == NOTHING else rows[row]
        if label != NOTHING:
            rows[row, label] = sure
    return rows


def gathered(labels: list[int], read: list[int], writers: list[str] | None = None, other: list[int] | None = None) -> Characters:
    """Characters, in two chunks."""
    characters = Characters(CLASSES)
    half = len(labels) // 2
    for part in (slice(0, half), slice(half, None)):
        count = len(labels[part])
        characters.add(
            Chunk(
                count,
                names=[f"{k}.png" for k in range(len(labels))[part]],
                labels=labels[part],
                writers=(writers or [""] * len(labels))[part],
                seen=np.zeros((count, 28, 28), np.uint8),
                probabilities=said(read[part]),
                other=said((other or read)[part]),
            ),
            compared=other is not None,
        )
    return characters


def concluded(characters: Characters, texts: Texts | None = None, against: str | None = None) -> Evaluation:
    return conclude("set", ("one", against), "chars", characters, texts or Texts(), [("bad.png", "is empty")], 1.0)


@pytest.fixture(params=["mixed", "right", "wrong", "unread", "one"])
def outcomes(request: pytest.FixtureRequest) -> tuple[list[int], list[int]]:
    """Labels and what is read."""
    if request.param == "one":
        return [2], [1]
    draw = np.random.default_rng(0)
    labels = draw.integers(0, NOTHING, 40)
    read = {
        "mixed": np.where(draw.random(40) < 0.5, labels, draw.integers(0, NOTHING + 1, 40)),
        "right": labels,
        "wrong": (labels + draw.integers(1, NOTHING, 40)) % NOTHING,
        "unread": np.full(40, NOTHING),
    }[request.param]
    return labels.tolist(), read.tolist()


def test_what_is_not_read_is_an_error(outcomes: tuple[list[int], list[int]]):
    labels, read = outcomes
    found = concluded(gathered(labels, read)).metrics()
    assert found["accuracy"] == pytest.approx(np.mean([label == other for label, other in zip(labels, read, strict=True)]))
    assert found["n"] == found["n_characters"] == len(labels)
    assert found["unread_characters"] == read.count(NOTHING)
    low, high = found["intervals"]["accuracy"]
    assert 0 <= low <= found["accuracy"] + 1e-9
    assert found["accuracy"] - 1e-9 <= high <= 1
    assert found["skipped"] == [{"name": "bad.png", "reason": "is empty"}]


def test_every_entry_has_its_row_and_every_mistake_its_picture(outcomes: tuple[list[int], list[int]]):
    labels, read = outcomes
    result = concluded(gathered(labels, read), Texts(["t.png"], [""], ["a"], ["b"], [0.5]))
    rows = list(result.predictions())
    assert [row[0] for row in rows] == [*(f"{k}.png" for k in range(len(labels))), "t.png"]
    assert [row[1] for row in rows] == [*(CLASSES[label] for label in labels), "a"]
    assert [row[2] for row in rows] == [*((CLASSES + " ")[label].strip() for label in read), "b"]
    assert {len(row) for row in rows} == {8}
    wrong = [(CLASSES[a], CLASSES[b]) for a, b in zip(labels, read, strict=True) if a != b and b != NOTHING]
    assert sorted((mistake.truth, mistake.read_as) for mistake in result.mistakes) == sorted(wrong)
    for pair, strip in result.strips.items():
        assert len(strip) == min(wrong.count(pair), STRIP)


def test_writers_count_only_if_all_are_known():
    labels = [0, 1, 2, 3] * 5
    known = concluded(gathered(labels, labels, ["anna", "bert"] * 10))
    assert known.writers == 2
    assert known.metrics()["intervals_over"] == "writers"
    partly = concluded(gathered(labels, labels, ["anna", ""] * 10))
    assert partly.writers is None
    assert partly.metrics()["intervals_over"] == "images"


def test_two_models_are_compared_on_what_each_reads():
    labels = [0, 1, 2, 3]
    result = concluded(gathered(labels, [0, 1, 2, NOTHING], other=[0, 2, 3, NOTHING]), against="other")
    assert result.comparison is not None
    assert (result.comparison["first"], result.comparison["second"]) == ("one", "other")
    assert (result.comparison["first_accuracy"], result.comparison["second_accuracy"]) == (0.75, 0.25)
    assert concluded(gathered(labels, labels)).comparison is None


def test_a_file_name_is_no_formula_in_a_table(tmp_path: Path):
    names = ["=1+1", "+cmd", "-2", "@x", "\tx", "fine.png"]
    result = concluded(Characters(CLASSES), Texts(names, [""] * 6, ["=a"] * 6, ["-b"] * 6, [0.5] * 6))
    result.save_predictions(tmp_path / "predictions.csv")
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == [f"'{name}" for name in names[:-1]] + ["fine.png"]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)
