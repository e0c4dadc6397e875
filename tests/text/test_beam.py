"""Decoding: scores and search against brute force over all alignments, word lists, permitted characters, odd input."""

import itertools
import math

import numpy as np
import pytest
from emissions_drawn import emissions, every_text, small, spikes
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr.charset import PRINTABLE
from hwr.errors import InputError
from hwr.text.beam import beam_search
from hwr.text.ctc import align, ctc_log_probability, greedy
from hwr.text.language_building import Source, build
from hwr.text.language_model import LanguageModel

WIDE = {"beam_width": 1000, "n_best": 1000, "cutoff": 0.0}


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    lines = ["the cat", "the hat", "The end.", "a bad cab", "abba", "dad", "1984", "Smith"]
    return build([Source(lines, np.full(len(lines), 10.0))], order=4)


class FlatModel:
    """A language model of two characters whose probabilities depend on the last one: few enough to be summed by hand."""

    charset = "ab"
    table = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.45, 0.05, 0.5]], np.float32))

    def start(self) -> int:
        return 0

    def advance(self, state: int, char: str) -> int:
        return 1 + self.charset.index(char)

    def next_log_probs(self, state: int) -> np.ndarray:
        return self.table[state]

    def log_prob(self, text: str) -> float:
        states = [0, *(1 + self.charset.index(char) for char in text)]
        nexts = [*(self.charset.index(char) for char in text), 2]
        return float(sum(self.table[state, following] for state, following in zip(states, nexts, strict=True)))


@given(small())
def test_a_text_s_score_is_the_sum_over_all_its_alignments(log_probs):
    expected = every_text(log_probs, "ab")
    for text in ("", "a", "b", "aa", "ab", "ba", "aab", "abab", "bbb", "aaaaaa"):
        found = ctc_log_probability(log_probs, text, "ab")
        assert found == pytest.approx(expected.get(text, -math.inf), abs=1e-5)


@settings(deadline=None)
@given(small())
def test_a_wide_beam_finds_all_texts_in_the_order_of_their_scores(log_probs):
    expected = {text: score for text, score in every_text(log_probs, "ab").items() if score > -math.inf}
    found = beam_search(log_probs, "ab", **WIDE)
    assert {hypothesis.text for hypothesis in found} == set(expected)
    assert len(found) == len(expected)
    for hypothesis in found:
        assert hypothesis.log_probability == pytest.approx(expected[hypothesis.text], abs=1e-5)
        assert hypothesis.score == pytest.approx(hypothesis.log_probability, abs=1e-5)
    scores = [hypothesis.score for hypothesis in found]
    assert scores == sorted(scores, reverse=True)


@settings(deadline=None)
@given(small(impossible=False), st.floats(0, 2), st.floats(-1, 2))
def test_fused_scores_are_those_of_the_formula(log_probs, weight, bonus):
    flat = FlatModel()
    expected = {text: score + weight * flat.log_prob(text) + bonus * len(text) for text, score in every_text(log_probs, "ab").items()}
    found = beam_search(log_probs, "ab", language_model=flat, language_weight=weight, length_bonus=bonus, **WIDE)
    assert {hypothesis.text for hypothesis in found} == set(expected)
    for hypothesis in found:
        assert hypothesis.score == pytest.approx(expected[hypothesis.text], abs=1e-4)
    assert found[0].score == pytest.approx(max(expected.values()), abs=1e-4)


def test_the_model_decides_where_the_network_does_not_know(model):
    log_probs = spikes("the cat")
    row = np.exp(log_probs[3 * 5 + 1])  # the a of cat
    a, o = 1 + PRINTABLE.index("a"), 1 + PRINTABLE.index("o")
    row[a], row[o] = 0.4, 0.5
    log_probs[3 * 5 + 1] = np.log(row / row.sum())
    assert beam_search(log_probs, PRINTABLE)[0].text == "the cot"
    assert beam_search(log_probs, PRINTABLE, language_model=model, language_weight=1.0)[0].text == "the cat"
    assert beam_search(log_probs, PRINTABLE, language_model=model, language_weight=0.0, length_bonus=0.0)[0].text == "the cot"


def test_a_default_search_stays_close_to_an_exhaustive_one(model):
    draw = np.random.default_rng(0)
    for _ in range(3):
        log_probs = emissions(draw, 12, 1 + len(PRINTABLE), sharpness=4.0)
        narrow = beam_search(log_probs, PRINTABLE, language_model=model)[0]
        wide = beam_search(log_probs, PRINTABLE, language_model=model, beam_width=100, cutoff=1e-5)[0]
        assert narrow.score <= wide.score + 1e-4
        assert narrow.score == pytest.approx(wide.score, abs=2.0)


@settings(deadline=None, max_examples=40)
@given(st.text(PRINTABLE, max_size=12), st.integers(2, 5))
def test_a_sure_network_is_read_as_it_says_repeats_included(text, steps_each):
    log_probs = spikes(text, steps_each, p=0.995) if text else np.zeros((0, 96), np.float32)
    separable = (steps_each > 1 and all(one != other for one, other in itertools.pairwise(text))) or steps_each > 2 or not text
    if separable:
        assert greedy(log_probs, PRINTABLE) == text
        assert beam_search(log_probs, PRINTABLE, beam_width=1)[0].text == text
        assert beam_search(log_probs, PRINTABLE)[0].text == text


def test_equal_characters_need_a_blank_between():
    held = np.log(np.array([[0.1, 0.9], [0.1, 0.9]]))
    assert greedy(held, "a") == beam_search(held, "a")[0].text == "a"
    assert ctc_log_probability(held, "aa", "a") == -math.inf
    apart = np.log(np.array([[0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]))
    assert greedy(apart, "a") == beam_search(apart, "a")[0].text == "aa"


def test_no_steps_and_only_blanks_are_the_empty_text(model):
    nothing = np.zeros((0, 96), np.float32)
    blanks = np.full((20, 96), -12.0, np.float32)
    blanks[:, 0] = np.log(1 - 95 * np.exp(-12.0))
    for log_probs in (nothing, blanks):
        for options in ({}, {"language_model": model}, {"words": ["Smith"]}, {"allowed": "0123456789"}):
            found = beam_search(log_probs, PRINTABLE, **options)
            assert found[0].text == ""
            assert all(math.isfinite(hypothesis.score) for hypothesis in found)
        assert greedy(log_probs, PRINTABLE) == ""
        assert align(log_probs, "", PRINTABLE) == []
    assert ctc_log_probability(nothing, "", PRINTABLE) == 0.0
    assert ctc_log_probability(nothing, "a", PRINTABLE) == -math.inf


@settings(deadline=None)
@given(small(max_steps=12, classes=4), st.sampled_from([{}, {"allowed": "b"}, {"words": ["ab", "caab"]}, {"words": "c", "allowed": "c"}]))
def test_what_the_network_excludes_gives_no_nan(log_probs, options):
    found = beam_search(log_probs, "abc", **options)
    assert found
    assert len({hypothesis.text for hypothesis in found}) == len(found)
    assert all(math.isfinite(hypothesis.score) and not math.isnan(hypothesis.log_probability) for hypothesis in found)
    for text in {hypothesis.text for hypothesis in found} | {"abcab", "bb"}:
        for span in align(log_probs, text, "abc"):
            assert 0 <= span.confidence <= 1
            assert 0 <= span.start <= span.stop <= len(log_probs)
            assert all(0 <= probability <= 1 for _, probability in span.alternatives)


def test_only_permitted_characters_come_out(model):
    draw = np.random.default_rng(1)
    for steps in (1, 7, 30):
        for hypothesis in beam_search(emissions(draw, steps, 96), PRINTABLE, language_model=model, allowed="0123456789"):
            assert set(hypothesis.text) <= set("0123456789")
    unclear = spikes("l984", p=0.6)
    one = 1 + PRINTABLE.index("1")
    unclear[1, one] = unclear[1].max() - 1.0
    assert beam_search(unclear, PRINTABLE)[0].text == "l984"
    assert beam_search(unclear, PRINTABLE, allowed="0123456789")[0].text == "1984"


@settings(deadline=None)
@given(small(max_steps=4, classes=4, impossible=False))
def test_permitted_characters_leave_the_others_scores_alone(log_probs):
    expected = {text: score for text, score in every_text(log_probs, "abc").items() if set(text) <= set("ac")}
    found = beam_search(log_probs, "abc", allowed="ca", **WIDE)
    assert {hypothesis.text for hypothesis in found} == set(expected)
    for hypothesis in found:
        assert hypothesis.log_probability == pytest.approx(expected[hypothesis.text], abs=1e-5)


WORDS = ["Smith", "smythe", "don't", "New York", "aardvark", "BBC"]


@pytest.mark.parametrize(
    "text",
    ["Smith", "SMITH", "smythe", "Smythe", "Smith,", '"Smith"', "(Smythe)", "don't", "Don't!", "New York", "BBC", "Smith BBC", "aardvark"],
)
def test_listed_words_come_out_capitalised_and_punctuated(text, model):
    for options in ({}, {"language_model": model}):
        assert beam_search(spikes(text), PRINTABLE, words=WORDS, **options)[0].text == text


@pytest.mark.parametrize(("written", "meant"), [("Smyth", "Smith"), ("smyth", "smythe"), ("Now York", "New York"), ("balloom", "balloon")])
def test_what_is_not_listed_comes_out_as_a_listed_word(written, meant):
    assert beam_search(spikes(written, 4), PRINTABLE, words=[meant, "Philadelphia", "onomatopoeia"])[0].text == meant


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.booleans())
def test_any_output_gives_listed_words_only_if_there_are_steps_enough(seed, steps, with_model):
    grid = emissions(np.random.default_rng(seed), steps, 96, sharpness=5.0)
    words = ["Ann", "bob", "Eve"]
    model = build([Source(["Ann and Bob"], np.ones(1))], order=3) if with_model else None
    best = beam_search(grid, PRINTABLE, words=words, language_model=model)[0]
    assert math.isfinite(best.score)
    spelt = {variant for word in words for variant in (word, word[0].upper() + word[1:], word.upper())}
    read = [word.strip("\"'`([{<$#*+-_.,;:!?)]}>%") for word in best.text.split()]
    assert set(read) <= spelt
    assert read or greedy(grid, PRINTABLE) == "" or steps < 4
    assert best.text == " ".join(best.text.split())


@settings(deadline=None)
@given(small(max_steps=5, classes=3, impossible=False))
def test_words_leave_scores_alone(log_probs):
    expected = every_text(log_probs, "ab")
    for hypothesis in beam_search(log_probs, "ab", words=["ab", "bba", "b"], **WIDE):
        assert hypothesis.text in ("", "ab", "bba", "b")
        if hypothesis.text:
            assert hypothesis.log_probability == pytest.approx(expected[hypothesis.text], abs=1e-5)


def test_many_words_are_searched():
    draw = np.random.default_rng(2)
    words = ["".join(draw.choice(list("abcdefghijklmnopqrstuvwxyz"), 9)) for _ in range(5000)]
    for word in words[:5]:
        assert beam_search(spikes(word), PRINTABLE, words=words)[0].text == word


@pytest.mark.parametrize(
    "options",
    [{"words": []}, {"words": [""]}, {"words": ["Zoë"]}, {"allowed": ""}, {"allowed": "é"}, {"words": ["abc"], "allowed": "0123456789"}],
)
def test_lists_that_can_t_be_read_are_refused(options):
    with pytest.raises(InputError, match=r"\.$"):
        beam_search(spikes("abc"), PRINTABLE, **options)


def test_texts_and_outputs_that_don_t_belong_to_the_charset_are_refused():
    for function in (ctc_log_probability, align):
        with pytest.raises(InputError, match="'é'"):
            function(spikes("abc"), "é", PRINTABLE)
    for function in (greedy, beam_search):
        with pytest.raises(ValueError, match="shape"):
            function(np.zeros((4, 7), np.float32), PRINTABLE)
