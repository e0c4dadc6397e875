"""Bootstrap intervals, against drawing the long way."""

import numpy as np
import pytest
from sklearn import metrics as sk

from hwr.charset import CLASSES
from hwr.evaluation import intervals
from hwr.evaluation.intervals import bootstrap_intervals, cluster_intervals, clusters, text_intervals
from hwr.evaluation.metrics import (
    classification_metrics,
    text_metrics,
)


def test_bootstrapping_the_matrix_is_bootstrapping_the_images():
    draw = np.random.default_rng(0)
    labels = draw.integers(5, size=400)
    read = np.where(draw.random(400) < 0.7, labels, draw.integers(5, size=400))
    found = classification_metrics(np.eye(47)[read], labels, CLASSES)
    intervals = bootstrap_intervals(found)
    drawn = [draw.integers(400, size=400) for _ in range(400)]
    for name, score in (
        ("accuracy", lambda a, b: (a == b).mean()),
        ("macro_f1", lambda a, b: sk.f1_score(a, b, average="macro", labels=np.unique(a), zero_division=0)),
    ):
        slow = np.percentile([score(labels[chosen], read[chosen]) for chosen in drawn], (2.5, 97.5))
        np.testing.assert_allclose(intervals[name], slow, atol=0.012)
        assert intervals[name][0] < found[name] < intervals[name][1]


def test_intervals_of_texts_hold_the_figure():
    texts, read = ["hello", "world", "a b c"] * 20, ["hallo", "world", "a b"] * 20
    figures, intervals = text_metrics(texts, read), text_intervals(texts, read)
    for name in ("cer", "wer"):
        assert intervals[name][0] <= figures[name] <= intervals[name][1]


def test_who_is_drawn_together():
    assert clusters(["b", "a", "b", "", ""]).tolist() == [0, 1, 0, 2, 3]
    assert clusters(["a", "a", ""]) is None
    assert clusters([]) is None


def writers_case(each: int = 10) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Labels, readings (5 stands for nothing) and writers, of whom some are much better read than others."""
    draw = np.random.default_rng(1)
    writers = np.repeat(np.arange(40), each)
    labels = draw.integers(5, size=len(writers))
    skill = draw.uniform(0.2, 1, 40)[writers]
    return (
        labels,
        np.where(draw.random(len(writers)) < skill, labels, draw.integers(6, size=len(writers))),
        [f"w{writer}" for writer in writers],
    )


def test_drawing_writers_is_drawing_all_that_they_wrote():
    labels, read, writers = writers_case()
    groups = clusters(writers)
    assert groups is not None
    found = cluster_intervals(labels, read, groups, 5)
    draw = np.random.default_rng(0)
    slow: dict[str, list[float]] = {"accuracy": [], "macro_f1": []}
    for _ in range(600):
        rows = np.concatenate([np.flatnonzero(groups == writer) for writer in draw.integers(40, size=40)])
        slow["accuracy"].append(sk.accuracy_score(labels[rows], read[rows]))
        slow["macro_f1"].append(sk.f1_score(labels[rows], read[rows], average="macro", labels=np.unique(labels[rows]), zero_division=0))
    for name, values in slow.items():
        np.testing.assert_allclose(found[name], np.percentile(values, (2.5, 97.5)), atol=0.02)
    alone = cluster_intervals(labels, read, np.arange(len(labels)), 5)
    assert np.ptp(found["accuracy"]) > 1.3 * np.ptp(alone["accuracy"])  # what one hand wrote is alike
    metrics = classification_metrics(np.eye(6)[read][:, :5], labels, "abcde")
    np.testing.assert_allclose(alone["accuracy"], bootstrap_intervals(metrics)["accuracy"], atol=0.01)


def test_the_same_pictures_again_tell_nothing_new():
    labels, read, writers = writers_case()
    once, thrice = clusters(writers), clusters(writers * 3)
    assert once is not None
    assert thrice is not None
    assert cluster_intervals(labels, read, once, 5) == cluster_intervals(np.tile(labels, 3), np.tile(read, 3), thrice, 5)
    texts, said = ["hello", "world", "a b c"] * 20, ["hallo", "world", "a b"] * 20
    groups = np.arange(60) // 2
    one = text_intervals(texts, said, groups)
    assert text_intervals(texts * 2, said * 2, np.tile(groups, 2)) == one
    assert one["cer"][0] < text_metrics(texts, said)["cer"] < one["cer"][1]


def test_it_does_not_matter_how_many_draws_are_made_at_once(monkeypatch: pytest.MonkeyPatch):
    labels, read, writers = writers_case()
    groups = clusters(writers)
    assert groups is not None
    before = cluster_intervals(labels, read, groups, 5)
    monkeypatch.setattr(intervals, "_AT_ONCE", 100)
    assert cluster_intervals(labels, read, groups, 5) == before
