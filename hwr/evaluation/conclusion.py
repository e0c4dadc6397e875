"""From what was gathered to the evaluation: metrics, intervals, comparison, predictions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hwr.evaluation.gathering import Characters, Texts, surest
from hwr.evaluation.intervals import Intervals, bootstrap_intervals, cluster_intervals, clusters, text_intervals
from hwr.evaluation.metrics import classification_metrics, mcnemar, read_classes, reliability, text_edits, text_metrics
from hwr.evaluation.result import Evaluation

_PAIRS = 40
"""Confused pairs whose pictures are handed on."""


def conclude(
    name: str,
    models: tuple[str, str | None],
    scheme: str,
    characters: Characters,
    texts: Texts,
    skipped: Sequence[tuple[str, str]],
    seconds: float,
) -> Evaluation:
    """The evaluation of a collection.

    Args:
        name: of the collection.
        models: names of the model and of the one it is compared with, if any.
        scheme: what the labels were taken for.
        characters: all that were evaluated.
        texts: likewise.
        skipped: entries that could not be evaluated: name and reason.
        seconds: that it took.
    """
    by_writer = all(clusters(kind.writers) is not None for kind in (characters, texts) if kind.names)
    intervals: Intervals = {}
    found = written = comparison = None
    calibration: list[dict[str, float]] = []
    if characters.names:
        probabilities, labels = characters.together(), np.asarray(characters.labels, np.int64)
        found, right, calibration = _of_characters(probabilities, labels, characters.classes)
        intervals |= _character_intervals(found, probabilities, labels, clusters(characters.writers) if by_writer else None)
        if models[1] is not None:
            comparison = _comparison(models[0], models[1], right, np.concatenate(characters.other) == labels)
    if texts.names:
        written = _of_texts(texts)
        intervals |= text_intervals(texts.truths, texts.read, clusters(texts.writers) if by_writer else None)
    return Evaluation(
        name=name,
        model=models[0],
        scheme=scheme,
        characters=found,
        texts=written,
        intervals=intervals,
        writers=len({*characters.writers, *texts.writers} - {""}) if by_writer else None,
        skipped=tuple(skipped),
        comparison=comparison,
        predictions=lambda: _predictions(characters, texts),
        mistakes=surest(characters.gallery),
        strips={pair: characters.strip(*pair) for pair in _pairs(found)},
        differing=tuple(characters.differing),
        calibration=tuple(calibration),
        seconds=seconds,
    )


def _of_characters(
    probabilities: np.ndarray, labels: np.ndarray, classes: str
) -> tuple[dict[str, Any], np.ndarray, list[dict[str, float]]]:
    """Metrics, which were read right, bool (N,), and the calibration of what was read."""
    read = read_classes(probabilities)
    right, something = read == labels, read < len(classes)
    metrics = classification_metrics(probabilities, labels, classes) | {"unread": int((~something).sum())}
    return metrics, right, reliability(probabilities.max(1)[something], right[something])


def _character_intervals(metrics: dict[str, Any], probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray | None) -> Intervals:
    """Over writers, if ``groups`` tells them."""
    if groups is None:
        return bootstrap_intervals(metrics)
    return cluster_intervals(labels, read_classes(probabilities), groups, probabilities.shape[1])


def _of_texts(texts: Texts) -> dict[str, Any]:
    counts = {"n": len(texts.names), "unread": texts.read.count("")}
    return counts | text_metrics(texts.truths, texts.read) | text_edits(texts.truths, texts.read)


def _pairs(found: dict[str, Any] | None) -> list[tuple[str, str]]:
    """The most confused pairs, as far as there are pictures of them."""
    return [(row["truth"], row["read_as"]) for row in (found or {}).get("confusions", [])[:_PAIRS] if row["read_as"]]


def _comparison(first: str, second: str, right: np.ndarray, others: np.ndarray) -> dict[str, Any]:
    """Of two models, by what each reads right, bool (N,)."""
    return {
        "first": first, "second": second,
        "first_accuracy": float(right.mean()), "second_accuracy": float(others.mean()),
    } | mcnemar(right, others)  # fmt: skip


def _predictions(characters: Characters, texts: Texts) -> Iterator[list[Any]]:
    """The rows of ``predictions.csv``."""
    probabilities = characters.together()
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    for row, file in enumerate(characters.names):
        top = [(characters.classes[k], float(probabilities[row, k])) for k in best[row]] if probabilities[row].any() else [("", 0.0)]
        cells = [*itertools.chain.from_iterable(top), "", "", "", ""]
        yield [file, characters.classes[characters.labels[row]], *cells[:6]]
    for file, truth, read, sure in zip(texts.names, texts.truths, texts.read, texts.sure, strict=True):
        yield [file, truth, read, sure, "", "", "", ""]
