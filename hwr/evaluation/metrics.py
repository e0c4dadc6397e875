"""Every metric, computed in one place: for training, model cards, the page and the command line."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hwr.charset import merge_look_alikes


def classification_metrics(probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Metrics of a classifier, by scikit-learn where it has them.

    Args:
        probabilities: float (N, C), rows sum to 1; a row of zeros where nothing was read, which is wrong whatever the label says.
        labels: int (N,), the true classes.
        classes: C class names.

    Returns:
        JSON-able: ``n``, ``accuracy``, ``macro_f1`` (over the classes that occur), ``weighted_f1``, ``cohen_kappa``, ``top3_accuracy``,
        ``merged_accuracy`` (look-alike groups counted as one class), ``ece`` (expected calibration error of what was read), ``per_class``
        (``char, n, precision, recall, f1``) and ``confusions`` (``truth, read_as, count, share`` of that class' images, most frequent
        first; ``read_as`` is empty where nothing was read).

    Raises:
        ValueError: empty, or shapes that don't fit.
    """
    from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, f1_score, precision_recall_fscore_support

    if len(labels) == 0 or probabilities.shape != (len(labels), len(classes)):
        raise ValueError(f"{probabilities.shape} probabilities don't fit {len(labels)} labels of {len(classes)} classes")
    predicted = read_classes(probabilities)
    something = predicted < len(classes)
    everything = np.arange(len(classes))
    answers = everything if something.all() else np.arange(len(classes) + 1)  # "nothing" is an answer, but no class
    occurring = np.unique(labels)
    groups = np.asarray([*merge_look_alikes(classes), len(classes)])
    best3 = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=everything, zero_division=0)
    matrix = confusion_matrix(labels, predicted, labels=answers)
    return {
        "n": len(labels),
        "accuracy": float(accuracy_score(labels, predicted)),
        "macro_f1": float(f1_score(labels, predicted, labels=occurring, average="macro", zero_division=0)),
        "weighted_f1": float(f1_score(labels, predicted, labels=occurring, average="weighted", zero_division=0)),
        "cohen_kappa": _finite(cohen_kappa_score(labels, predicted, labels=answers)),
        "top3_accuracy": float(((best3 == labels[:, None]).any(1) & something).mean()),
        "merged_accuracy": float(accuracy_score(groups[labels], groups[predicted])),
        "ece": expected_calibration_error(probabilities.max(1)[something], (predicted == labels)[something]),
        "per_class": [
            {"char": classes[k], "n": int(support[k]), "precision": float(precision[k]), "recall": float(recall[k]), "f1": float(f1[k])}
            for k in everything
        ],
        "confusions": list(_confusions(matrix, [*classes, ""])),
    }


def read_classes(probabilities: np.ndarray) -> np.ndarray:
    """The likeliest classes, int64 (N,), of probabilities (N, C); C where a row is all zeros: nothing was read."""
    return np.where(probabilities.any(1), probabilities.argmax(1), probabilities.shape[1])


def _finite(value: float) -> float:
    """Kappa of a single class is 0 / 0; where everything is right by necessity, nothing was shown."""
    return float(value) if np.isfinite(value) else 0.0


def mcnemar(first_right: np.ndarray, second_right: np.ndarray) -> dict[str, float]:
    """Whether two readers of the same images differ: the exact test of McNemar 1947.

    Args:
        first_right: bool (N,).
        second_right: bool (N,).

    Returns:
        ``only_first`` and ``only_second``, how many images only one of them read right, and ``p_value``.
    """
    from scipy.stats import binomtest

    first, second = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    p_value = float(binomtest(first, first + second).pvalue) if first + second else 1.0
    return {"only_first": first, "only_second": second, "p_value": p_value}


def reliability(confidences: np.ndarray, correct: np.ndarray, bins: int = 15) -> list[dict[str, float]]:
    """What a reliability diagram shows: ``confidence``, ``accuracy`` and ``n`` of each bin that is not empty; arguments as of
    :func:`expected_calibration_error`."""
    index = np.minimum((confidences * bins).astype(int), bins - 1)
    return [
        {"confidence": float(confidences[chosen].mean()), "accuracy": float(correct[chosen].mean()), "n": int(chosen.sum())}
        for chosen in (index == k for k in range(bins))
        if chosen.any()
    ]


def _confusions(matrix: np.ndarray, classes: Sequence[str]) -> Iterator[dict[str, Any]]:
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    totals = matrix.sum(1)
    for index in np.argsort(-wrong, axis=None, kind="stable"):
        truth, read_as = divmod(int(index), len(matrix))
        count = int(wrong[truth, read_as])
        if count == 0:
            return
        yield {"truth": classes[truth], "read_as": classes[read_as], "count": count, "share": count / int(totals[truth])}


def expected_calibration_error(confidences: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equally wide bins of confidence (Guo et al. 2017, arXiv:1706.04599).

    Args:
        confidences: float (N,) in [0, 1].
        correct: bool (N,).
        bins: number of bins.
    """
    if len(confidences) == 0:
        return 0.0
    index = np.minimum((confidences * bins).astype(int), bins - 1)
    count = np.bincount(index, minlength=bins)
    gap = np.bincount(index, weights=correct, minlength=bins) - np.bincount(index, weights=confidences, minlength=bins)
    return float(np.abs(gap).sum() / count.sum())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature that minimises the negative log-likelihood (Guo et al. 2017): fitted on validation data, never on test data.

    Args:
        logits: float (N, C).
        labels: int (N,).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    logits = logits.astype(np.float64)
    right = logits[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        temperature = np.exp(log_temperature)
        return float(np.mean(logsumexp(logits / temperature, axis=1) - right / temperature))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded").x))


def text_metrics(texts: Sequence[str], read: Sequence[str]) -> dict[str, float]:
    """Error rates of a reader, case-sensitive, by jiwer.

    Args:
        texts: what was written; none is empty.
        read: what was read.

    Returns:
        ``cer`` and ``wer``: edits (Levenshtein) over all texts by their characters and by their words.
    """
    import jiwer

    return {"cer": float(jiwer.cer(list(texts), list(read))), "wer": float(jiwer.wer(list(texts), list(read)))}


def text_edits(texts: Sequence[str], read: Sequence[str]) -> dict[str, int]:
    """How many characters were substituted, inserted and deleted; arguments as of :func:`text_metrics`."""
    import jiwer

    found = jiwer.process_characters(list(texts), list(read))
    return {"substitutions": found.substitutions, "insertions": found.insertions, "deletions": found.deletions}


def confusion_matrix_of(metrics: dict[str, Any]) -> np.ndarray:
    """The confusion matrix, int (C, C), rows true and columns read, back from the metrics; see also :func:`unread_of`."""
    index = {row["char"]: k for k, row in enumerate(metrics["per_class"])}
    matrix = np.zeros((len(index), len(index)), dtype=np.int64)
    for row in metrics["confusions"]:
        if row["read_as"]:
            matrix[index[row["truth"]], index[row["read_as"]]] = row["count"]
    np.fill_diagonal(matrix, [row["n"] for row in metrics["per_class"]] - matrix.sum(1) - unread_of(metrics))
    return matrix


def unread_of(metrics: dict[str, Any]) -> np.ndarray:
    """In how many images of each class nothing was read, int (C,)."""
    unread = {row["truth"]: row["count"] for row in metrics["confusions"] if not row["read_as"]}
    return np.array([unread.get(row["char"], 0) for row in metrics["per_class"]], np.int64)
