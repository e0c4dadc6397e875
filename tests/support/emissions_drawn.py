"""What networks could say about a line, and the probability of every text by brute force."""

import itertools

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hwr.charset import PRINTABLE


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
