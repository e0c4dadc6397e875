"""Pictures without writing: of the size that was asked, the same for the same numbers, and none like the other."""

import numpy as np
import pytest

from hwr.data.pages import scenes

MAKERS = [scenes.scene, scenes.photograph, scenes.leaves, scenes.specks]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("shape", [(16, 16), (17, 300), (210, 33), (120, 160)])
def test_a_picture_depends_on_the_numbers_alone(make, shape):
    for seed in range(6):
        one, again = (make(np.random.default_rng(seed), shape) for _ in range(2))
        assert one.shape == (*shape, 3)
        assert one.dtype == np.uint8
        assert np.array_equal(one, again)
        assert not np.array_equal(one, make(np.random.default_rng(seed + 100), shape))


@pytest.mark.parametrize("name", scenes.PHOTOGRAPHS)
def test_photographs_are_pictures_in_colour(name):
    picture = scenes._photograph(name)
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.dtype == np.uint8
    assert picture.std() > 5


@pytest.mark.parametrize("kind", range(7))
def test_a_sketch_is_a_few_strokes(kind):
    for seed in range(5):
        picture = np.zeros((100, 120, 3), np.uint8)
        scenes.sketch(picture, np.random.default_rng(seed), kind, 30.0, [255.0] * 3, 2)
        assert (picture > 0).mean() < 0.5
