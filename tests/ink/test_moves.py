"""Ink in logical order, as a network sees it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ink_drawn import cursive_i_n

from hwr.ink.moves import DEPART, LIFT, RETURN, core_height, features, logical_order, normalised, strokes_of

STROKES = st.lists(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-1000, 1000, width=32)), min_size=1, max_size=12
)


def test_a_dot_follows_its_letter_and_the_pen_returns() -> None:
    body, dot = cursive_i_n()
    path = logical_order([body, dot])
    assert (path.kinds == DEPART).sum() == (path.kinds == RETURN).sum() == 1
    away = int(np.flatnonzero(path.kinds == DEPART)[0])
    assert path.points[away - 1, 0] < 1.2, "the dot comes before the rest of the word"
    back = int(np.flatnonzero(path.kinds == RETURN)[0])
    assert path.before[back] == away - 1
    again, _ = strokes_of(path)
    np.testing.assert_allclose(again[0], body)
    np.testing.assert_allclose(again[1], dot)


@settings(max_examples=60, deadline=None)
@given(STROKES)
def test_no_point_gets_lost_in_logical_order(strokes: list[np.ndarray]) -> None:
    path = logical_order(normalised(strokes))
    again, places = strokes_of(path)
    assert path.kinds[0] == LIFT
    assert sorted(np.concatenate(places).tolist()) == list(range(len(path)))
    assert sum(map(len, again)) == len(path)
    found = features(path)
    assert found.shape == (len(path), 8)
    assert np.isfinite(found).all()


@settings(max_examples=40, deadline=None)
@given(STROKES, st.floats(0.01, 100))
def test_core_height_scales_with_the_ink(strokes: list[np.ndarray], scale: float) -> None:
    height = core_height(strokes)
    if height > 1e-3:
        assert core_height([stroke * np.float32(scale) for stroke in strokes]) == pytest.approx(height * scale, rel=1e-2, abs=1e-5)
