"""Decoding: scores, search and alignment against brute force over all alignments, word lists, permitted characters, odd input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hwr.charset import PRINTABLE
from hwr.decoding import FLOOR, align, beam_search, ctc_log_probability, greedy
from hwr.errors import InputError
from hwr.language import LanguageModel, Source, build

WIDE = {"beam_width": 1000, "n_best": 1000, "cutoff": 0.0}


def emissions(draw: np.random.Generator, steps: int, classes: int, sharpness: float = 2.0) -> np.ndarray:
    logits = sharpness * draw.normal(size=(steps, classes))
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def spikes(text: str, steps_each: int = 3, p: float = 0.9, charset: str = PRINTABLE) -> np.ndarray:
    """What a network that is sure of a text says: a spike per character, in the middle of its steps, else blanks."""
    probs = np.full((steps_each * len(text), 1 + len(charset)), (1 - p) / len(charset))
    probs[:, 0] = p
    for k, char in enumerate(text):
        row = probs[steps_each * k + steps_each // 2]
        row[[0, 1 + charset.index(char)]] = row[[1 + charset.index(char), 0]]
    return np.log(probs / probs.sum(1, keepdims=True)).astype(np.float32)


def every_text(log_probs: np.ndarray, charset: str) -> dict[str, float]:
    """The log-probability of every text, summed over all alignments one by one."""
    found: dict[str, list[float]] = {}
    for path in itertools.product(range(1 + len(charset)), repeat=len(log_probs)):
        text = "".join(charset[label - 1] for label, _ in itertools.groupby(path) if label)
        found.setdefault(text, []).append(sum(float(frame[label]) for frame, label in zip(log_probs, path, strict=True)))
    return {text: float(np.logaddexp.reduce(scores)) for text, scores in found.items()}


@st.composite
def small(draw, max_steps: int = 5, classes: int = 3, impossible: bool = True) -> np.ndarray:
    weights = draw(
        arrays.arrays(np.float64, (draw(st.integers(0, max_steps)), classes), elements=st.sampled_from([0, 0.01, 0.1, 0.5, 1, 2]))
    )
    weights[:, 0] += 1e-3 * (weights.sum(1) == 0)
    if not impossible:
        weights += 0.01
    with np.errstate(divide="ignore"):
        return np.log(weights / weights.sum(1, keepdims=True)).astype(np.float32)


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
