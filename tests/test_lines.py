"""Ink to pictures of words and lines, and pictures to what the network sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hwr import rendering
from hwr.data.emnist import CharSet
from hwr.data.ink import InkSet
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.errors import InputError
from hwr.images import LINE_HEIGHT, line, normalise_line
from hwr.ink import text_picture

ZIGZAG = [np.array([[x, 100 * (x // 40 % 2)] for x in range(0, 600, 40)], np.float32), np.array([[300, -60]], np.float32)]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(seed: int = 0, core: float = 20) -> np.ndarray:
    return rendering.draw(rendering.vary_hand(ZIGZAG, rng(seed)), rng(seed), core=core, pen_width=13, pressure=0.2)


def test_drawing_and_photographing_depend_on_the_generator_alone():
    pictures = [rendering.photograph(drawn(3), rng(3), core=20) for _ in range(2)]
    assert np.array_equal(*pictures)
    assert not np.array_equal(pictures[0].shape, rendering.photograph(drawn(4), rng(4), core=20).shape)


@pytest.mark.parametrize("core", [16, 28])
def test_all_ink_is_drawn_and_none_is_cut_off(core):
    ink = rendering.draw(ZIGZAG, rng(), core=core, pen_width=13, pressure=0)
    assert ink.max() > 200
    edge = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert edge.max() == 0
    rows, columns = np.flatnonzero((ink > 40).any(1)), np.flatnonzero((ink > 40).any(0))
    assert columns[-1] - columns[0] == pytest.approx((560 + 13) * core / 100, abs=3)
    assert rows[-1] - rows[0] == pytest.approx((160 + 13) * core / 100, abs=3)


@pytest.mark.parametrize("seed", range(12))
def test_a_photograph_is_flattened_to_much_the_same_as_clean_ink(seed):
    ink = drawn(seed)
    clean = normalise_line(rendering.on_white(ink, rng(seed))).pixels
    seen = normalise_line(rendering.photograph(ink, rng(seed), core=20)).pixels
    # Paper is black afterwards, whatever its tone, light and colour were: most of the picture has no ink.
    assert np.median(seen) < 64
    assert clean.shape[0] == seen.shape[0] == LINE_HEIGHT


def test_light_on_dark_is_seen_like_dark_on_light():
    picture = rendering.on_white(drawn(), rng())
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


def ink_set(texts: list[str], reliable: list[bool] | None = None) -> InkSet:
    draw = rng(1)
    strokes = [[np.cumsum(draw.normal(25, 20, (6, 2)), 0).astype(np.float32)] for _ in texts]
    return InkSet(texts, strokes, np.array([True] * len(texts) if reliable is None else reliable), ["w"] * len(texts))


def test_composed_lines_say_what_their_ink_shows():
    words = ink_set(["one", "Two", "three", "four", "FIVE", "sixth"], [True, True, True, True, True, False])
    chars = ink_set(list("0123456789AB"))
    handwriting = Handwriting(words, ink_set(["a line"]), chars)
    for seed in range(20):
        several = handwriting.some_words(rng(seed))
        assert set(several.text.split()) <= {"one", "Two", "three", "four", "FIVE"}  # never one whose case may be wrong
        assert len(several.strokes) == len(several.text.split())
        assert not several.any_case
        lefts = [stroke[:, 0].min() for stroke in several.strokes]
        assert lefts == sorted(lefts)
        assert all(a[:, 0].max() < b[:, 0].min() for a, b in zip(several.strokes, several.strokes[1:], strict=False))
        side_by_side = handwriting.some_chars(rng(seed))
        assert len(side_by_side.strokes) == len(side_by_side.text) > 0
    assert {handwriting.word(rng(seed)).any_case for seed in range(40)} == {True, False}


def test_labels_that_cannot_be_learnt_are_left_out():
    kept = usable(ink_set(["good", "", "  ", "na\u00efve", "two  spaces"]))
    assert kept.texts == ["good", "two spaces"]
    assert len(kept.strokes) == len(kept.writers) == len(kept.case_reliable) == 2


def test_glyphs_are_set_in_the_order_of_the_text():
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 4:24, 12:16] = 255  # a bar
    images[1, 4:24, 4:24] = 120  # a pale block
    glyphs = Glyphs(CharSet(images, np.array([1, 24]), ["1", "O"]), ["1O", "O1", "none of these but 1"])
    seen = set()
    for seed in range(30):
        text, ink = glyphs.word(rng(seed), core=20)
        assert ink.dtype == np.uint8
        seen.add(text)
        if text in ("1O", "O1"):
            assert (ink[:, :4].max() > ink[:, -4:].max()) == (text == "1O")
    assert {"1O", "O1", "1"} <= seen
