"""Readings of a character row by row, made up."""

import numpy as np

from hwr import CharPrediction
from hwr.charset import CLASSES


def trace_of(*leaders: str, lead: float = 0.6) -> np.ndarray:
    """A trace in which each row has a leader."""
    trace = np.full((len(leaders), len(CLASSES)), (1 - lead) / (len(CLASSES) - 1), np.float32)
    for row, char in enumerate(leaders):
        trace[row, CLASSES.index(char)] = lead
    return trace


def seen_with_ink(first: int, last: int) -> np.ndarray:
    seen = np.zeros((28, 28), np.uint8)
    seen[first : last + 1, 10:14] = 255
    return seen


def prediction_of(trace: np.ndarray, seen: np.ndarray) -> CharPrediction:
    order = np.argsort(-trace[-1], kind="stable")
    return CharPrediction(tuple((CLASSES[index], float(trace[-1, index])) for index in order), seen)
