"""The metrics, against scikit-learn called directly and against cases that can be worked out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from hwr.charset import CLASS_OF, CLASSES, LOOK_ALIKES, look_alikes_of, merge_look_alikes
from hwr.evaluation.metrics import (
    classification_metrics,
    confusion_matrix_of,
    expected_calibration_error,
    fit_temperature,
    mcnemar,
    unread_of,
)


def random_case(seed: int, count: int = 300, classes: int = 47) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    labels = draw.integers(classes, size=count)
    logits = draw.normal(size=(count, classes)) + 3 * np.eye(classes)[labels]
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True), labels


def test_they_are_scikit_learns():
    probabilities, labels = random_case(0)
    predicted = probabilities.argmax(1)
    found = classification_metrics(probabilities, labels, CLASSES)
    assert found["n"] == 300
    assert found["accuracy"] == sk.accuracy_score(labels, predicted)
    assert found["macro_f1"] == sk.f1_score(labels, predicted, average="macro", labels=np.unique(labels))
    assert found["top3_accuracy"] == sk.top_k_accuracy_score(labels, probabilities, k=3, labels=range(47))
    assert np.array_equal(confusion_matrix_of(found), sk.confusion_matrix(labels, predicted, labels=range(47)))
    precision, recall, f1, support = sk.precision_recall_fscore_support(labels, predicted, labels=range(47), zero_division=0)
    for row, *expected in zip(found["per_class"], CLASSES, support, precision, recall, f1, strict=True):
        assert [row["char"], row["n"], row["precision"], row["recall"], row["f1"]] == expected


def test_look_alikes_count_as_one_when_merged():
    probabilities = np.eye(47)[[CLASS_OF["O"], CLASS_OF["L"], CLASS_OF["Z"], CLASS_OF["A"]]]
    labels = np.array([CLASS_OF["0"], CLASS_OF["1"], CLASS_OF["5"], CLASS_OF["B"]])
    found = classification_metrics(probabilities, labels, CLASSES)
    assert found["accuracy"] == 0
    assert found["merged_accuracy"] == 0.5


def test_confusions_come_most_frequent_first():
    predicted = [CLASS_OF[c] for c in "SSS5O"]
    labels = np.array([CLASS_OF[c] for c in "555S0"])
    rows = classification_metrics(np.eye(47)[predicted], labels, CLASSES)["confusions"]
    assert rows[0] == {"truth": "5", "read_as": "S", "count": 3, "share": 1.0}
    assert sorted(row["count"] for row in rows) == [1, 1, 3]


def test_nothing_to_evaluate_is_an_error():
    with pytest.raises(ValueError, match="don't fit"):
        classification_metrics(np.zeros((0, 47)), np.zeros(0, int), CLASSES)
    with pytest.raises(ValueError, match="don't fit"):
        classification_metrics(np.zeros((3, 46)), np.zeros(3, int), CLASSES)


def test_calibration_error_of_known_cases():
    right = np.array([True, False] * 50)
    assert expected_calibration_error(np.full(100, 0.5), right) == pytest.approx(0)
    assert expected_calibration_error(np.full(100, 1.0), right) == pytest.approx(0.5)
    both = np.concatenate([np.full(50, 0.999), np.full(50, 0.001)])  # never says what happens
    assert expected_calibration_error(both, np.concatenate([np.zeros(50), np.ones(50)]).astype(bool)) == pytest.approx(0.999)


@settings(deadline=None, max_examples=25)
@given(st.floats(0.4, 3.0), st.integers(0, 99))
def test_the_temperature_that_spoilt_the_logits_is_found(temperature, seed):
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, 2, (4000, 6))
    probabilities = torch.from_numpy(logits).softmax(1).numpy()
    labels = (probabilities.cumsum(1) < draw.random((4000, 1))).sum(1).clip(max=5)
    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.12)


def test_every_alphanumeric_has_its_class():
    assert len(CLASSES) == 47
    assert len(CLASS_OF) == 62
    assert set(CLASS_OF.values()) == set(range(47))
    assert all(CLASSES[label].lower() == char.lower() for char, label in CLASS_OF.items())


def test_groups_of_look_alikes_are_closed():
    groups = merge_look_alikes(CLASSES)
    for group in LOOK_ALIKES:
        assert len({groups[CLASSES.index(char)] for char in group}) == 1
        assert all(look_alikes_of(char) == group - {char} for char in group)
    assert len(set(groups)) == 47 - sum(len(group) - 1 for group in LOOK_ALIKES)


def test_kappa_and_weighted_f1_of_a_single_class():
    with pytest.warns(UserWarning, match="undefined"):
        found = classification_metrics(np.eye(47)[[3, 3]], np.array([3, 3]), CLASSES)
    assert found["cohen_kappa"] == 0
    assert found["weighted_f1"] == 1


def test_mcnemar_of_known_cases():
    right, wrong = np.ones(10, bool), np.zeros(10, bool)
    assert mcnemar(right, right)["p_value"] == 1
    assert mcnemar(right, wrong) == {"only_first": 10, "only_second": 0, "p_value": pytest.approx(2 / 1024)}


@pytest.mark.filterwarnings("ignore")
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 99), st.integers(1, 300))
def test_what_was_not_read_is_wrong_and_no_class(seed: int, unread: int):
    probabilities, labels = random_case(seed)
    probabilities[:unread] = 0
    predicted = np.where(np.arange(300) < unread, 47, probabilities.argmax(1))
    found = classification_metrics(probabilities, labels, CLASSES)
    assert found["accuracy"] == sk.accuracy_score(labels, predicted)
    assert found["macro_f1"] == sk.f1_score(labels, predicted, average="macro", labels=np.unique(labels), zero_division=0)
    assert found["cohen_kappa"] == pytest.approx(sk.cohen_kappa_score(labels, predicted))
    matrix, nothing = confusion_matrix_of(found), unread_of(found)
    assert np.array_equal(np.column_stack([matrix, nothing]), sk.confusion_matrix(labels, predicted, labels=range(48))[:47])
    assert [row["n"] for row in found["per_class"]] == np.bincount(labels, minlength=47).tolist()
    recalls = sk.recall_score(labels, predicted, average=None, labels=range(47), zero_division=0)
    assert [row["recall"] for row in found["per_class"]] == recalls.tolist()
    if unread < 300:
        among = sk.top_k_accuracy_score(labels[unread:], probabilities[unread:], k=3, labels=range(47), normalize=False)
        assert found["top3_accuracy"] == pytest.approx(among / 300)
        assert found["ece"] == classification_metrics(probabilities[unread:], labels[unread:], CLASSES)["ece"]
