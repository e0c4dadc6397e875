"""Words and lines to learn reading from."""

import numpy as np
from ink_drawn import rng

from hwr.data.emnist import CharSet
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.data.unipen import InkSet


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
