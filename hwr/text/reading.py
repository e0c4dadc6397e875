"""From a CTC network's output for a line to what is said of it: hypotheses, places, and how sure each word is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

import numpy as np

from hwr.charset import closest
from hwr.text.beam import Hypothesis, beam_search
from hwr.text.ctc import Span, align, ctc_log_probability, greedy
from hwr.text.language_model import LanguageModel
from hwr.text.languages import Languages

ALTERNATIVES = 4
"""Other readings of a line that are reported at most."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a decoder makes of the network's output for one line.

    Attributes:
        hypotheses: the n best, best first.
        posteriors: float64 (n,), the share of each among them by their scores.
        spans: the characters of the best, with their places.
        words: the features of each of its words, for :func:`word_confidence`.
    """

    hypotheses: Sequence[Hypothesis]
    posteriors: np.ndarray
    spans: Sequence[Span]
    words: Sequence[tuple[float, float, float]]

    @property
    def text(self) -> str:
        """The best hypothesis."""
        return self.hypotheses[0].text

    @property
    def word_places(self) -> list[tuple[str, float, float]]:
        """Each word, as many as there are features, and the time steps that it lies between: from gap to gap, or to the line's end."""
        places: list[tuple[str, float, float]] = []
        start = 0.0
        for gap, group in groupby(self.spans, lambda span: span.char == " "):
            spans = list(group)
            if not gap:
                places.append(("".join(span.char for span in spans), start, inf))
                continue
            start = (spans[0].start + spans[-1].stop) / 2
            if places:
                places[-1] = (*places[-1][:2], start)
        return places


def interpret(log_probs: np.ndarray, charset: str, language_model: LanguageModel | None, words: Sequence[str] = ()) -> Reading:
    """Decode the network's output for one line.

    Args:
        log_probs: float32 (T, 1 + len(charset)).
        charset: of the network.
        language_model: None for none.
        words: the only words that can be read, if there are any.
    """
    return read_as(beam_search(log_probs, charset, language_model=language_model, words=words or None), log_probs, charset)


def interpret_alone(log_probs: np.ndarray, charset: str, languages: Languages | None) -> Reading:
    """Decode the network's output for one line in the language that this line seems to be in; arguments as of :func:`interpret`."""
    return interpret(log_probs, charset, languages.choose([greedy(log_probs, charset)])[1] if languages else None)


def read_as(hypotheses: Sequence[Hypothesis], log_probs: np.ndarray, charset: str) -> Reading:
    """What is to be said of the n best hypotheses for a line; arguments as of :func:`interpret`."""
    scores = np.array([hypothesis.score for hypothesis in hypotheses])
    posteriors = np.exp(scores - scores.max())
    posteriors /= posteriors.sum()
    text = hypotheses[0].text
    spans = [replace(span, char=char) for span, char in zip(align(log_probs, closest(text, charset), charset), text, strict=True)]
    split = [hypothesis.text.split() for hypothesis in hypotheses]
    features = []
    place = iter(span.confidence for span in spans if span.char != " ")
    for index, word in enumerate(split[0]):
        same = [len(other) == len(split[0]) and other[index] == word for other in split]
        features.append(_features([next(place) for _ in word], float(posteriors[same].sum())))
    return Reading(hypotheses, posteriors, spans, features)


def _features(confidences: Sequence[float], mass: float) -> tuple[float, float, float]:
    """Log-probability of all characters of a word, of the least sure one, and the log-odds of its posterior among the n best."""
    logs = np.log(np.clip(confidences, 1e-4, 1.0))
    share = min(max(mass, 1e-4), 1 - 1e-4)
    return float(logs.sum()), float(logs.min()), float(np.log(share / (1 - share)))


def word_confidence(features: Sequence[float], calibration: Sequence[float]) -> float:
    """Probability that a word is right: logistic regression, ``calibration`` being the weights of the features and the bias."""
    return float(1 / (1 + np.exp(-(np.dot(features, calibration[:-1]) + calibration[-1]))))


AGREEMENT = 0.5
"""What the log-probabilities of two networks, which err together at times, count when they are added."""


def agreed(
    one: Reading, one_log_probs: np.ndarray, other: Reading, other_log_probs: np.ndarray, charset: str, other_charset: str
) -> Reading:
    """What two networks together make of a line: the hypotheses of both, judged by both; places are those of the first.

    Of characters that a network lacks it judges those that look like them: letters without their accents.
    """
    scored: dict[str, Hypothesis] = {}
    networks = ((one_log_probs, charset), (other_log_probs, other_charset))
    for hypothesis in (*one.hypotheses, *other.hypotheses):
        if hypothesis.text not in scored and np.isfinite(hypothesis.log_probability):
            both = [max(-500.0, ctc_log_probability(seen, closest(hypothesis.text, known), known)) for seen, known in networks]
            language = hypothesis.score - hypothesis.log_probability
            scored[hypothesis.text] = Hypothesis(hypothesis.text, both[0], AGREEMENT * sum(both) + language)
    if not scored:
        return one
    ranked = sorted(scored.values(), key=lambda hypothesis: -hypothesis.score)
    return read_as(ranked, one_log_probs, charset)
