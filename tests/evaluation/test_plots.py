"""What the pictures of training and evaluation show."""

import numpy as np
import pytest

from hwr.evaluation.metrics import classification_metrics, reliability
from hwr.evaluation.plots import confusion_heat_map, learning_curves, picture_rows, reliability_diagram

# Four images of a, of which one is read as c and in one nothing is found; one of b; none of c.
PROBABILITIES = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0]], float)
LABELS = np.array([0, 0, 0, 0, 1])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("counts", [False, True])
def test_the_heat_map_shows_shares_of_all_images_of_a_class(counts: bool):
    metrics = classification_metrics(PROBABILITIES, LABELS, "abc")
    figure = confusion_heat_map(metrics, "title", counts=counts)
    axes, beside = figure.axes[:2]
    shown = np.asarray(axes.collections[0].get_array()).reshape(3, 3)
    expected = np.array([[2, 0, 1], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(shown, expected if counts else expected / np.array([[4], [1], [1]]))
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list("abc")
    assert axes.get_title() == "title"
    assert {line.split(":")[0] for line in beside.texts[0].get_text().splitlines()[2:]} == {"c for a", "nothing for a"}


@pytest.mark.filterwarnings("ignore")
def test_only_some_classes_are_shown():
    metrics = classification_metrics(PROBABILITIES, LABELS, "abc")
    axes = confusion_heat_map(metrics, "", only=("a", "c")).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "c"]


def test_curves_of_loss_and_scores():
    history = [{"step": step, "loss": 1 / step, "validation_loss": 2 / step, "accuracy": 0.1 * step} for step in (1, 2, 3)]
    left, right = learning_curves(history).axes
    assert [line.get_label() for line in left.lines] == ["training loss", "validation loss"]
    np.testing.assert_allclose(left.lines[0].get_ydata(), [1, 1 / 2, 1 / 3])
    assert [line.get_label() for line in right.lines] == ["accuracy"]
    assert len(learning_curves([{"step": 1, "loss": 1.0}]).axes) == 1


def test_the_reliability_diagram_shows_its_bins():
    bins = reliability(np.array([0.9, 0.9, 0.2]), np.array([True, False, False]))
    assert [row["n"] for row in bins] == [1, 2]
    line = reliability_diagram(bins).axes[0].lines[1]
    np.testing.assert_allclose(line.get_xdata(), [0.2, 0.9])
    np.testing.assert_allclose(line.get_ydata(), [0, 0.5])
    assert reliability_diagram([]).axes


def test_pictures_stand_in_rows():
    images = np.arange(1, 6, dtype=np.uint8)[:, None, None] * np.ones((1, 4, 3), np.uint8)
    shown = np.asarray(picture_rows(images, 2, "some").axes[0].images[0].get_array())
    assert shown.shape == (12, 6)
    assert shown[::4, ::3].tolist() == [[254, 253], [252, 251], [250, 255]]
