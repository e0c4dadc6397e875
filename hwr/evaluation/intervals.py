"""95 % intervals of the headline figures by the percentile bootstrap (Efron 1979).

Where it is known who wrote what, writers are drawn anew, not their pictures: those of one hand are alike, so that taking each for
independent of the others would make the intervals too narrow (cluster bootstrap, Davison and Hinkley 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hwr.evaluation.metrics import confusion_matrix_of, unread_of

Intervals = dict[str, tuple[float, float]]
"""Lower and upper end by the name of the figure."""

_AT_ONCE = 4_000_000
"""Weights that are drawn at once."""


def clusters(writers: Sequence[str]) -> np.ndarray | None:
    """Which items are drawn together: int64 (N,), the same number for the same writer.

    Args:
        writers: of each item, empty where that isn't known: such an item stands alone.

    Returns:
        None where fewer than two writers are known: then there is nothing to draw but items.
    """
    if len({writer for writer in writers if writer}) < 2:
        return None
    # No writer has a pair for a name.
    numbers: dict[str | tuple[int], int] = {}
    return np.array([numbers.setdefault(writer or (index,), len(numbers)) for index, writer in enumerate(writers)], np.int64)


def bootstrap_intervals(metrics: dict[str, Any], draws: int = 1000, seed: int = 0) -> Intervals:
    """Intervals of accuracy and macro-F1 over images.

    Drawing images anew is drawing the cells of the confusion matrix anew, which is much faster.

    Args:
        metrics: from :func:`hwr.evaluation.metrics.classification_metrics`.
        draws: how often.
        seed: of the draws.
    """
    matrix = np.column_stack([confusion_matrix_of(metrics), unread_of(metrics)])
    cells = np.flatnonzero(matrix)
    rng = np.random.default_rng(seed)
    accuracies, scores = [], []
    for counts in rng.multinomial(metrics["n"], matrix.ravel()[cells] / metrics["n"], size=draws):
        drawn = np.zeros(matrix.size)
        drawn[cells] = counts
        drawn = drawn.reshape(matrix.shape)
        right, truth, read = np.diag(drawn), drawn.sum(1), drawn.sum(0)[:-1]
        accuracies.append(right.sum() / metrics["n"])
        scores.append(np.mean((2 * right / np.maximum(truth + read, 1))[truth > 0]))
    return {name: _middle(values) for name, values in (("accuracy", accuracies), ("macro_f1", scores))}


def cluster_intervals(
    labels: np.ndarray, read: np.ndarray, groups: np.ndarray, classes: int, draws: int = 1000, seed: int = 0
) -> Intervals:
    """Intervals of accuracy and macro-F1 over writers.

    Args:
        labels: int (N,), the true classes.
        read: int (N,), the classes that were read; ``classes`` itself where nothing was.
        groups: int (N,), from :func:`clusters`.
        classes: how many there are.
        draws: how often.
        seed: of the draws.
    """
    from scipy.sparse import coo_array

    size = int(groups.max()) + 1

    def counted(chosen: np.ndarray, columns: np.ndarray) -> Any:
        """How many of the chosen items of each group are of each class, sparse (groups, classes)."""
        return coo_array((np.ones(chosen.sum()), (groups[chosen], columns[chosen])), (size, classes)).tocsr()

    parts = [counted(read == labels, labels), counted(labels >= 0, labels), counted(read < classes, read)]
    accuracies: list[float] = []
    scores: list[float] = []
    for weights in _weights(size, draws, seed):
        for right, truth, said in zip(*((part.T @ weights.T).T for part in parts), strict=True):  # (classes,) of one draw
            accuracies.append(float(right.sum() / truth.sum()))
            scores.append(float(np.mean((2 * right / np.maximum(truth + said, 1))[truth > 0])))
    return {"accuracy": _middle(accuracies), "macro_f1": _middle(scores)}


def text_intervals(
    texts: Sequence[str], read: Sequence[str], groups: np.ndarray | None = None, draws: int = 1000, seed: int = 0
) -> Intervals:
    """Intervals of ``cer`` and ``wer`` over texts, or over writers.

    Args:
        texts: as of :func:`hwr.evaluation.metrics.text_metrics`.
        read: likewise.
        groups: int (N,), from :func:`clusters`; None to draw texts.
        draws: how often.
        seed: of the draws.
    """
    import jiwer

    groups = np.arange(len(texts)) if groups is None else groups
    intervals = {}
    for name, process in (("cer", jiwer.process_characters), ("wer", jiwer.process_words)):
        parts = [process(text, said) for text, said in zip(texts, read, strict=True)]
        edits = np.bincount(groups, [part.substitutions + part.insertions + part.deletions for part in parts])
        lengths = np.bincount(groups, [part.substitutions + part.deletions + part.hits for part in parts])
        drawn = [(weights @ edits) / np.maximum(weights @ lengths, 1) for weights in _weights(len(edits), draws, seed)]
        intervals[name] = _middle(np.concatenate(drawn))
    return intervals


def _weights(count: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of so many things is drawn, int64 (some draws, count), again and again, as many draws as are wanted."""
    rng = np.random.default_rng(seed)
    shares = np.full(count, 1 / count)
    for start in range(0, draws, step := max(1, _AT_ONCE // count)):
        yield rng.multinomial(count, shares, size=min(step, draws - start))


def _middle(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
