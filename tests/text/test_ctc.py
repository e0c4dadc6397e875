"""Alignments and confidences, against brute force over all alignments."""

import itertools
import math

import numpy as np
import pytest
from emissions_drawn import emissions, every_text, small, spikes
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr.charset import PRINTABLE
from hwr.text.beam import beam_search
from hwr.text.ctc import FLOOR, align, ctc_log_probability, lone_characters


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.text("abc", min_size=1, max_size=6), st.integers(0, 12))
def test_an_alignment_holds_every_character_in_order(seed, text, extra):
    log_probs = emissions(np.random.default_rng(seed), 2 * len(text) + extra, 4)
    spans = align(log_probs, text, "abc")
    assert "".join(span.char for span in spans) == text
    assert spans[0].start >= 0
    assert spans[-1].stop <= len(log_probs)
    assert all(span.start < span.stop for span in spans)
    assert all(one.stop == other.start for one, other in itertools.pairwise(spans))


def test_spans_meet_between_the_spikes_and_hold_them():
    text = "hello wall"
    spans = align(spikes(text, 7), text, PRINTABLE)
    for k, span in enumerate(spans):
        assert span.start <= 7 * k + 3 < span.stop
        assert span.start == pytest.approx(7 * k, abs=0.51)
        assert span.stop == pytest.approx(7 * (k + 1), abs=0.51)


def test_a_text_with_too_few_steps_is_spread_evenly_without_confidence():
    spans = align(spikes("ab", 2), "aabbcc", PRINTABLE)
    assert [span.char for span in spans] == list("aabbcc")
    assert [span.confidence for span in spans] == [0.0] * 6
    assert spans[-1].stop == 4


@settings(deadline=None)
@given(small(max_steps=5, classes=4, impossible=False), st.text("abc", min_size=1, max_size=3))
def test_confidences_compare_the_texts_that_differ_in_one_character(log_probs, text):
    every = every_text(log_probs, "abc")
    if text not in every:
        return
    for k, span in enumerate(align(log_probs, text, "abc", alternatives=2)):
        rivals = {char: every.get(text[:k] + char + text[k + 1 :], -math.inf) for char in "abc"}
        whole = np.logaddexp.reduce([*rivals.values(), every[text[:k] + text[k + 1 :]]])
        assert span.confidence == pytest.approx(math.exp(rivals[text[k]] - whole), abs=1e-4)
        assert dict(span.alternatives) == pytest.approx(
            {char: math.exp(score - whole) for char, score in rivals.items() if char != text[k]}, abs=1e-4
        )
        assert [p for _, p in span.alternatives] == sorted((p for _, p in span.alternatives), reverse=True)


def test_what_the_network_doubts_has_less_confidence_and_names_the_rival():
    log_probs = spikes("cat")
    row = np.exp(log_probs[4])
    a, o = 1 + PRINTABLE.index("a"), 1 + PRINTABLE.index("o")
    row[a], row[o] = 0.5, 0.4
    log_probs[4] = np.log(row / row.sum())
    c, a, t = align(log_probs, "cat", PRINTABLE)
    assert a.confidence < min(c.confidence, t.confidence)
    assert a.alternatives[0][0] == "o"
    assert a.alternatives[0][1] > 0.3


def test_long_uncertain_lines_give_neither_overflow_nor_nan():
    draw = np.random.default_rng(3)
    text = "".join(draw.choice(list(PRINTABLE), 60))
    with np.errstate(over="raise", invalid="raise"):
        for log_probs in (emissions(draw, 300, 96, sharpness=12.0), np.full((300, 96), -math.inf, np.float32)):
            for span in align(log_probs, text, PRINTABLE):
                assert 0 <= span.confidence <= 1
            assert beam_search(np.maximum(log_probs, 2 * FLOOR), PRINTABLE)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, 12))
def test_a_lone_character_is_as_likely_as_the_text_of_it(seed: int, steps: int) -> None:
    log_probs = emissions(np.random.default_rng(seed), steps, 4)
    expected = [ctc_log_probability(log_probs, char, "abc") for char in "abc"]
    np.testing.assert_allclose(lone_characters(log_probs), expected, atol=1e-4)
