"""Decoding of what a CTC network says, against brute force over all alignments on small inputs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr import InputError
from hwr.charset import PRINTABLE
from hwr.decoding import align, beam_search, ctc_log_probability, greedy
from hwr.language import LanguageModel, Source, build

CHARSET = "ab"
EVERYTHING = {"beam_width": 10_000, "cutoff": 0.0}


def emissions(steps: int, seed: int, charset: str = CHARSET, sharpness: float = 2.0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, sharpness, (steps, 1 + len(charset)))
    return logits - np.logaddexp.reduce(logits, 1, keepdims=True)


def spoken(text: str, charset: str = PRINTABLE, sure: float = 0.9, gap: int = 1) -> np.ndarray:
    """Emissions of a network that says a text, each character at one step, with blanks between."""
    path = [0]
    for char in text:
        path += [1 + charset.index(char)] + [0] * gap
    probabilities = np.full((len(path), 1 + len(charset)), (1 - sure) / len(charset))
    probabilities[np.arange(len(path)), path] = sure
    return np.log(probabilities).astype(np.float32)


def brute_force(log_probs: np.ndarray, charset: str = CHARSET) -> dict[str, float]:
    """Log-probability of every text, summed over all its alignments."""
    found: dict[str, float] = {}
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        text = "".join(charset[label - 1] for label, _ in itertools.groupby(path) if label)
        score = float(sum(row[label] for row, label in zip(log_probs, path, strict=True)))
        found[text] = np.logaddexp(found.get(text, -math.inf), score)
    return found


@given(st.integers(0, 5), st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_a_text_s_probability_is_the_sum_over_its_alignments(steps: int, seed: int) -> None:
    log_probs = emissions(steps, seed)
    expected = brute_force(log_probs)
    for text, value in expected.items():
        assert ctc_log_probability(log_probs, text, CHARSET) == pytest.approx(value, abs=1e-6)
    assert ctc_log_probability(log_probs, "a" * (steps + 1), CHARSET) == -math.inf


@given(st.integers(1, 5), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_wide_beam_finds_what_brute_force_finds(steps: int, seed: int) -> None:
    log_probs = emissions(steps, seed)
    expected = sorted(brute_force(log_probs).items(), key=lambda pair: -pair[1])[:6]
    found = beam_search(log_probs, CHARSET, n_best=6, **EVERYTHING)
    assert [hypothesis.text for hypothesis in found] == [text for text, _ in expected]
    np.testing.assert_allclose([hypothesis.log_probability for hypothesis in found], [value for _, value in expected], atol=1e-6)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    texts = ["ab", "abba", "bab", "the cat", "that hat", "at the"]
    return build([Source(texts, np.ones(len(texts)))], order=3)


@given(st.integers(1, 5), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_with_a_language_model_the_sum_of_both_is_ranked(model: LanguageModel, steps: int, seed: int) -> None:
    # "allowed" is everything here, so the model's probabilities are shared out among the characters of this charset and the end.
    log_probs = emissions(steps, seed)
    weight, bonus = 0.7, 0.4
    columns = [PRINTABLE.index(char) for char in CHARSET] + [len(PRINTABLE)]

    def judged(text: str) -> float:
        state, total = model.start(), 0.0
        for char in [*text, ""]:
            known = model.next_log_probs(state).astype(np.float64)[columns]
            known -= np.logaddexp.reduce(known)
            total += float(known[CHARSET.index(char) if char else len(CHARSET)])
            state = model.advance(state, char) if char else state
        return total

    scores = {text: value + weight * judged(text) + bonus * len(text) for text, value in brute_force(log_probs).items()}
    expected = sorted(scores.items(), key=lambda pair: -pair[1])[:4]
    found = beam_search(log_probs, CHARSET, n_best=4, language_model=model, language_weight=weight, length_bonus=bonus, **EVERYTHING)
    np.testing.assert_allclose([hypothesis.score for hypothesis in found], [value for _, value in expected], atol=1e-4)
    assert [hypothesis.text for hypothesis in found] == [text for text, _ in expected]


@pytest.mark.parametrize("text", ["Hello", "aabb", "l1 I", "", "...", " x ", "see  me"])
def test_what_is_clearly_said_is_read(text: str) -> None:
    log_probs = spoken(text)
    assert greedy(log_probs, PRINTABLE) == text
    assert beam_search(log_probs, PRINTABLE)[0].text == text


def test_the_beam_sums_where_the_best_path_is_mistaken() -> None:
    # The single likeliest path is all blank (0.36), but the alignments of "a" together weigh more (Graves et al. 2006, figure 2).
    log_probs = np.log(np.array([[0.6, 0.4, 1e-9], [0.6, 0.4, 1e-9]]))
    assert greedy(log_probs, CHARSET) == ""
    best = beam_search(log_probs, CHARSET)[0]
    assert best.text == "a"
    assert math.exp(best.log_probability) == pytest.approx(0.64, abs=1e-6)


def test_no_steps_and_nothing_but_blanks_are_the_empty_text() -> None:
    assert greedy(np.zeros((0, 3)), CHARSET) == ""
    assert beam_search(np.zeros((0, 3)), CHARSET)[0].text == ""
    assert beam_search(spoken("", gap=30), PRINTABLE)[0].text == ""


def test_what_the_network_excludes_gives_no_nan() -> None:
    log_probs = np.full((6, 3), -np.inf)
    log_probs[:, 0] = 0.0
    for hypothesis in beam_search(log_probs, CHARSET):
        assert math.isfinite(hypothesis.score)
        assert not math.isnan(hypothesis.log_probability)
    for span in align(log_probs, "ab", CHARSET):
        assert 0 <= span.confidence <= 1


def test_only_allowed_characters_come_out() -> None:
    log_probs = spoken("l9B4", sure=0.5)
    assert set(beam_search(log_probs, PRINTABLE, allowed="0123456789")[0].text) <= set("0123456789")
    with pytest.raises(InputError):
        beam_search(log_probs, PRINTABLE, allowed="")


@pytest.mark.parametrize(
    ("said", "read"), [("hotal", "hotel"), ("Hotel", "Hotel"), ("HOTEL", "HOTEL"), ("hote", "hotel"), ("hotel inn", "hotel inn")]
)
def test_of_given_words_the_likest_are_read(said: str, read: str) -> None:
    assert beam_search(spoken(said, sure=0.8), PRINTABLE, words=["hotel", "motel", "inn"])[0].text == read


def test_words_that_cannot_be_written_are_refused() -> None:
    for words in ([], [""], ["na\u00efve"]):
        with pytest.raises(InputError):
            beam_search(spoken("a"), PRINTABLE, words=words)


def test_a_language_model_decides_what_the_network_leaves_open(model: LanguageModel) -> None:
    log_probs = spoken("thc cat", sure=0.9)
    step = 5  # the third character
    log_probs[step] = math.log(1e-3)
    log_probs[step, 1 + PRINTABLE.index("c")] = math.log(0.48)
    log_probs[step, 1 + PRINTABLE.index("e")] = math.log(0.42)
    assert beam_search(log_probs, PRINTABLE)[0].text == "thc cat"
    assert beam_search(log_probs, PRINTABLE, language_model=model)[0].text == "the cat"


@given(st.text(PRINTABLE, min_size=1, max_size=8), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_an_alignment_has_every_character_in_its_place(text: str, gap: int) -> None:
    log_probs = spoken(text, gap=1 + gap)
    spans = align(log_probs, text, PRINTABLE)
    assert "".join(span.char for span in spans) == text
    for index, span in enumerate(spans):
        assert 0 <= span.start < span.stop <= len(log_probs)
        assert span.start <= 1 + index * (2 + gap) < span.stop + 1  # the step at which it was said
        assert 0.5 < span.confidence <= 1
    for left, right in itertools.pairwise(spans):
        assert left.stop <= right.start + 1e-9


def test_confidence_and_alternatives_say_what_else_it_may_be() -> None:
    log_probs = spoken("ball", sure=0.97)
    step = 3
    log_probs[step] = math.log(1e-4)
    log_probs[step, 1 + PRINTABLE.index("a")] = math.log(0.6)
    log_probs[step, 1 + PRINTABLE.index("u")] = math.log(0.37)
    spans = align(log_probs, "ball", PRINTABLE)
    assert spans[1].confidence == pytest.approx(0.6, abs=0.1)
    assert spans[1].alternatives[0][0] == "u"
    assert spans[1].alternatives[0][1] == pytest.approx(0.37, abs=0.1)
    assert all(span.confidence > 0.8 for span in (spans[0], *spans[2:]))
