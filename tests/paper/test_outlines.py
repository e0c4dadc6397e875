"""Strokes of a pen of varying width."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ink_drawn import written_page


def test_with_pressure_the_pen_is_broader_downwards() -> None:
    top, bottom = np.array([[100, 30], [100, 170]], np.float32)
    strokes = [np.linspace(top, bottom, 9, dtype=np.float32), np.linspace(bottom, top, 9, dtype=np.float32) + np.float32([100, 0])]
    row = np.asarray(written_page(strokes, pressure=1.0).to_image())[100, :, 0] < 128
    down, up = row[:150].sum(), row[150:].sum()
    assert 9 <= down <= 14
    assert 3 <= up <= 6
    even = np.asarray(written_page(strokes).to_image())[100, :, 0] < 128
    assert abs(int(even[:150].sum()) - int(even[150:].sum())) <= 1


def test_a_stroke_that_stands_still_is_a_dot() -> None:
    still = written_page([np.full((4, 2), 50, np.float32)], pressure=1.0)
    assert (np.asarray(still.to_image())[45:55, 45:55] < 128).any()
    assert "A4.00 4.00" in still.to_svg()


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1000, 1000, width=32)))
def test_outlines_are_plain_finite_numbers(stroke: np.ndarray) -> None:
    svg = written_page([stroke], pressure=0.7).to_svg()
    (path,) = re.findall(r'<path d="([^"]*)"/>', svg)
    assert re.fullmatch(r"[MLAZ0-9 .-]+", path)
