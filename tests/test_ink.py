"""Strokes from strangers, and how they are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr import InputError, ink

coordinates = st.floats(-1e6, 1e6, allow_nan=False, width=32)
points = st.one_of(st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates, st.floats(0, 1e6)))
drawings = st.lists(st.lists(points, min_size=1, max_size=8), min_size=1, max_size=5)


@settings(deadline=None, max_examples=60)
@given(drawings)
def test_every_drawing_fits_the_pad_and_leaves_ink_on_it(drawing):
    fitted = ink.fit(ink.parse_strokes(drawing))
    everything = np.concatenate(fitted)
    assert (everything > -1).all()
    assert (everything < np.array(ink.PAD_SIZE) + 1).all()
    drawn = ink.render(fitted)
    assert drawn.shape == ink.PAD_SIZE[::-1]
    assert drawn.min() == 0
    assert drawn.max() == 255
    border = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    assert (border == 255).all()


def test_a_dot_is_round_and_as_wide_as_the_pen():
    drawn = ink.render([np.array([[160.0, 160.0]], np.float32)], pen_width=20) < 128
    assert abs(drawn.sum() - np.pi * 100) < 15
    assert abs(drawn.any(0).sum() - drawn.any(1).sum()) <= 1


@pytest.mark.parametrize("width", [2.5, 7, 13, 33])
def test_a_line_is_as_wide_as_the_pen(width):
    ink_of = 1 - ink.render([np.array([[20, 160], [300, 160]], np.float32)], pen_width=width) / 255
    assert abs(ink_of[:, 160].sum() - width) < 0.6


def test_points_far_outside_are_cut_off():
    drawn = ink.render([np.array([[-1e9, 160], [1e9, 160]], np.float32)], pen_width=10)
    assert (drawn[160] == 0).all()


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "strokes",
        {},
        [],
        [[]],
        [[], []],
        [7],
        ["ab"],
        [[7]],
        [[[1]]],
        [[["a", "b"]]],
        [[[None, 1]]],
        [[{"x": 1}]],
        [[[float("nan"), 1]]],
        [[[float("inf"), 1]]],
        [[[1e300, 1]]],
        [[[10**400, 1]]],
        [[[[1, 2], [3, 4]]]],
        [[[0, 0]] * (ink.MAX_POINTS + 1)],
        [[[0, 0]]] * (ink.MAX_POINTS + 1),
    ],
)
def test_what_is_no_drawing_is_refused_with_a_sentence(value):
    with pytest.raises(InputError) as caught:
        ink.parse_strokes(value)
    assert str(caught.value).endswith(".")
