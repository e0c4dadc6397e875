"""Pictures of a line to what the network sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ink_drawn import ZIGZAG, drawn, rng
from PIL import Image

from hwr.errors import InputError
from hwr.ink import photographs
from hwr.ink.rendering import text_picture
from hwr.pictures.line import LINE_HEIGHT, baseline_row, line, normalise_line


def test_light_on_dark_is_seen_like_dark_on_light():
    picture = photographs.on_white(drawn(), rng())
    one, other = normalise_line(picture), normalise_line(255 - picture)
    assert one.pixels.shape == other.pixels.shape
    assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 4


def test_the_scale_and_the_margin_do_not_matter():
    picture = text_picture([stroke * 0.4 for stroke in ZIGZAG])
    wide = np.pad(picture, ((90, 20), (33, 140)), constant_values=255)
    large = np.asarray(Image.fromarray(picture).resize((picture.shape[1] * 3, picture.shape[0] * 3), Image.Resampling.BICUBIC))
    reference = normalise_line(picture).pixels
    for other in (wide, large):
        seen = normalise_line(other).pixels
        assert abs(seen.shape[1] - reference.shape[1]) <= 8
        width = min(seen.shape[1], reference.shape[1])
        assert np.corrcoef(seen[:, :width].ravel(), reference[:, :width].ravel())[0, 1] > 0.8


def test_places_lead_back_to_the_picture():
    picture = np.full((300, 900), 255, np.uint8)
    picture[100:200, 250:262] = 0
    picture[100:200, 600:612] = 0
    found = normalise_line(picture)
    columns = np.flatnonzero(found.pixels.max(0) > 127)
    back = found.left + found.scale * columns
    assert back.min() == pytest.approx(250, abs=6)
    assert back.max() == pytest.approx(612, abs=10)
    rows = np.flatnonzero(found.pixels.max(1) > 127)
    assert found.top + found.scale * rows.min() == pytest.approx(100, abs=8)


@given(st.integers(3, 60), st.integers(3, 400), st.integers(0, 2**32 - 1))
def test_any_noise_is_a_line_or_an_input_error(height, width, seed):
    picture = rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    try:
        found = normalise_line(picture)
    except InputError:
        return
    assert found.pixels.shape[0] == LINE_HEIGHT
    assert found.pixels.shape[1] % 4 == 0
    assert found.pixels.dtype == np.uint8


@pytest.mark.parametrize(
    "picture", [np.zeros((1, 1)), np.full((50, 400), 255), np.full((50, 400), 0), np.full((2, 4000), 7), np.full((60, 60), 128)]
)
def test_pictures_without_writing_say_so(picture):
    with pytest.raises(InputError, match="writing"):
        line(picture.astype(np.uint8))


def test_absurdly_long_lines_stay_bounded():
    picture = np.full((20, 30_000), 255, np.uint8)
    for start in range(50, 29_900, 60):
        picture[4:17, start : start + 14] = 0
    assert line(picture).pixels.shape[1] <= 4000


def test_transparency_and_colour_are_seen():
    ink = np.asarray(text_picture([stroke * 0.4 for stroke in ZIGZAG]))
    colour = np.zeros((*ink.shape, 4), np.uint8)
    colour[..., 2] = 200
    colour[..., 3] = 255 - ink
    assert np.corrcoef(line(colour).pixels.ravel(), line(ink).pixels.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("row", [12, 25, 36])
def test_the_baseline_is_where_letters_without_tails_end(row):
    draw = rng()
    pixels = np.zeros((LINE_HEIGHT, 200), np.uint8)
    for x in range(5, 190, 9):
        top, bottom = (2, row) if draw.random() < 0.3 else (row - 9, row)
        pixels[top : bottom + (LINE_HEIGHT - row - 1 if draw.random() < 0.2 else 0), x : x + 3] = 255
    assert baseline_row(pixels) == row
