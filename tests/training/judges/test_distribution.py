"""How drawn characters are judged, against cases that can be foreseen."""

import numpy as np
import pytest
from glyphs import glyphs

from hwr.training.judges.distribution import carried_over, diversity, nearest, precision_recall


def test_drawing_from_the_data_itself_is_judged_as_real():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(400, 6))
    labels = np.repeat([0, 1], 200)
    features[200:] += 5
    half = draw.permutation(400)
    one, other = half[:200], half[200:]
    assert diversity(features[one], labels[one], features[other], labels[other]) == pytest.approx(1, abs=0.25)
    assert diversity(0.5 * features[one], labels[one], features[other], labels[other]) == pytest.approx(0.25, abs=0.1)
    precision, recall = precision_recall(features[one], features[other])
    assert precision > 0.7
    assert recall > 0.7
    far = precision_recall(features[one] + 100, features[other])
    assert far == (0.0, 0.0)
    one_mode = features[labels == 0]
    precision, recall = precision_recall(one_mode[:100], features)
    assert precision == 1
    assert recall < 0.8


def test_what_a_style_carries_over():
    draw = np.random.default_rng(0)
    style = draw.normal(size=(500, 1))
    assert carried_over(style + 0 * draw.normal(size=(500, 5))) == pytest.approx(1)
    assert carried_over(style + draw.normal(size=(500, 5))) == pytest.approx(0.5, abs=0.1)
    assert carried_over(draw.normal(size=(500, 5))) == pytest.approx(0, abs=0.1)
    sparse = style + draw.normal(size=(500, 5))
    sparse[draw.random(sparse.shape) < 0.5] = np.nan
    assert carried_over(sparse) == pytest.approx(0.5, abs=0.15)


def test_the_nearest_picture_of_a_picture_is_itself():
    images, _ = glyphs(1)
    assert nearest(images[:5], images, 2)[:, 0].tolist() == [0, 1, 2, 3, 4]
