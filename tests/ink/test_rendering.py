"""Strokes as the pad shows them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr.ink import rendering
from hwr.ink.rendering import PAD_SIZE, fit, render
from hwr.ink.strokes import parse_strokes

coordinates = st.floats(-1e6, 1e6, allow_nan=False, width=32)


points = st.one_of(st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates, st.floats(0, 1e6)))


drawings = st.lists(st.lists(points, min_size=1, max_size=8), min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(drawings)
def test_every_drawing_fits_the_pad_and_leaves_ink_on_it(drawing):
    fitted = fit(parse_strokes(drawing))
    everything = np.concatenate(fitted)
    assert (everything > -1).all()
    assert (everything < np.array(PAD_SIZE) + 1).all()
    drawn = render(fitted)
    assert drawn.shape == PAD_SIZE[::-1]
    assert drawn.min() == 0
    assert drawn.max() == 255
    border = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    assert (border == 255).all()


def test_a_dot_is_round_and_as_wide_as_the_pen():
    drawn = render([np.array([[160.0, 160.0]], np.float32)], pen_width=20) < 128
    assert abs(drawn.sum() - np.pi * 100) < 15
    assert abs(drawn.any(0).sum() - drawn.any(1).sum()) <= 1


@pytest.mark.parametrize("width", [2.5, 7, 13, 33])
def test_a_line_is_as_wide_as_the_pen(width):
    ink_of = 1 - render([np.array([[20, 160], [300, 160]], np.float32)], pen_width=width) / 255
    assert abs(ink_of[:, 160].sum() - width) < 0.6


def test_points_far_outside_are_cut_off():
    drawn = render([np.array([[-1e9, 160], [1e9, 160]], np.float32)], pen_width=10)
    assert (drawn[160] == 0).all()


@pytest.mark.parametrize("varying", [False, True])
def test_a_large_picture_drawn_in_bands_is_the_same(monkeypatch: pytest.MonkeyPatch, varying: bool):
    rng = np.random.default_rng(0)
    strokes = [(rng.normal(0, 9, (30, 2)).cumsum(0) + rng.uniform(0, 200, 2)).astype(np.float32) for _ in range(40)]
    pen = [rng.uniform(1, 9, len(stroke)) for stroke in strokes] if varying else 5.0
    whole = render(strokes, (180, 203), pen)
    monkeypatch.setattr(rendering, "_CANVAS", 180 * 4 * 31)
    np.testing.assert_array_equal(render(strokes, (180, 203), pen), whole)
