"""Colours by their CSS names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr import InputError
from hwr.paper.colours import hex_colour, rgb_colour

LEVELS = st.integers(0, 255)


@given(LEVELS, LEVELS, LEVELS)
def test_a_colour_is_the_same_however_it_is_written(red: int, green: int, blue: int):
    written = hex_colour(f"rgb({red}, {green}, {blue})")
    assert len(written) == 7
    assert rgb_colour(written) == rgb_colour(written.upper()) == (red, green, blue)
    assert rgb_colour(f"rgba({red}, {green}, {blue}, 1)") == (red, green, blue), "as the colour picker of the page has it"
    assert hex_colour(written) == written


@pytest.mark.parametrize(
    "name", ["", "blu", "#12", "#1234567", "url(x)", "red;fill:url(x)", "rgb(1,2)", "x" * 10_000, None, 5, b"red", ["red"], (1, 2, 3)]
)
def test_what_is_no_colour_is_refused_with_a_sentence(name: Any):
    with pytest.raises(InputError, match="is not a colour"):
        hex_colour(name)


@given(st.text('rgbahsv(),#0123456789% ;<"&', max_size=30))
def test_whatever_passes_for_a_colour_is_safe_in_an_svg(name: str):
    try:
        written = hex_colour(name)
    except InputError:
        return
    assert set(written) <= set("#0123456789abcdef")
