"""Pictures to learn to draw from."""

import numpy as np
import pytest
import torch
from glyphs import glyphs

from hwr import InputError
from hwr.charset import CHARACTERS, CLASSES
from hwr.data.emnist import CharSet
from hwr.training.recipes.pixel_data import EvenBatches, characters_of, class_traits, pictures_of


def test_what_is_not_known_of_a_picture_is_not_guessed():
    upper, lower = CHARACTERS.index("C"), CHARACTERS.index("c")
    label = CLASSES.index("C")
    assert characters_of(label) == (upper, lower)
    assert characters_of(label, "c") == (lower, lower)
    assert characters_of(CLASSES.index("A")) == (CHARACTERS.index("A"),) * 2
    assert characters_of(CLASSES.index("a")) == (CHARACTERS.index("a"),) * 2


def test_batches_are_even_and_repeatable():
    images, labels = glyphs(1)
    images, labels = np.concatenate([images, np.repeat(images[:1], 500, 0)]), np.concatenate([labels, np.repeat(labels[:1], 500)])
    batches = EvenBatches(
        pictures_of(CharSet(images, labels, [""] * len(labels)), np.arange(len(labels)), class_traits(images, labels)), 94, 7
    )
    assert torch.equal(batches(3).images, batches(3).images)
    drawn = torch.cat([batches(step).labels for step in range(30)])
    assert torch.bincount(drawn, minlength=47).max() < 3 * 60  # 60 are expected of each class, whatever there is of it


def test_a_class_without_pictures_is_refused():
    images, labels = glyphs(1)
    with pytest.raises(InputError, match="no image of A"):
        class_traits(images[labels != 10], labels[labels != 10])
