"""Ink to pictures as photographs show it."""

import numpy as np
import pytest
from ink_drawn import ZIGZAG, drawn, rng

from hwr.ink import photographs
from hwr.pictures.line import LINE_HEIGHT, normalise_line


def test_drawing_and_photographing_depend_on_the_generator_alone():
    one, other = (photographs.photograph(drawn(3), rng(3), core=20) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one.shape, photographs.photograph(drawn(4), rng(4), core=20).shape)


@pytest.mark.parametrize("core", [16, 28])
def test_all_ink_is_drawn_and_none_is_cut_off(core):
    ink = photographs.draw(ZIGZAG, rng(), core=core, pen_width=13, pressure=0)
    assert ink.max() > 200
    edge = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert edge.max() == 0
    rows, columns = np.flatnonzero((ink > 40).any(1)), np.flatnonzero((ink > 40).any(0))
    assert columns[-1] - columns[0] == pytest.approx((560 + 13) * core / 100, abs=3)
    assert rows[-1] - rows[0] == pytest.approx((160 + 13) * core / 100, abs=3)


@pytest.mark.parametrize("seed", range(12))
def test_a_photograph_is_flattened_to_much_the_same_as_clean_ink(seed):
    ink = drawn(seed)
    clean = normalise_line(photographs.on_white(ink, rng(seed))).pixels
    seen = normalise_line(photographs.photograph(ink, rng(seed), core=20)).pixels
    # Paper is black afterwards, whatever its tone, light and colour were: most of the picture has no ink.
    assert np.median(seen) < 64
    assert clean.shape[0] == seen.shape[0] == LINE_HEIGHT
