"""Read what was written on the pad by both its looks and its strokes: a reader of pictures and one of ink, each with its own mistakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hwr import ink
from hwr.errors import InputError
from hwr.predictors.ink import InkReader
from hwr.predictors.text import ALTERNATIVES, TextReader, TextResult

_UNLIKELY = 0.003
"""Probability of a reading that a reader did not think of."""
_TRUST = 0.5
"""Exponent of the product: the two are not independent, and together would be too sure."""


class StrokesReader:
    """Combines a reader of pictures with a reader of ink: a product of experts over the readings that either thinks of. Thread-safe.

    What that is worth, ``benchmarks/strokes.py`` measures.

    Args:
        pictures: reads what the strokes look like.
        ink: reads the strokes in their order.
    """

    def __init__(self, pictures: TextReader, ink: InkReader) -> None:
        self.pictures = pictures
        self.ink = ink

    def read(self, strokes: Any, *, language_model: bool = True, words: Sequence[str] | str = ()) -> tuple[TextResult, np.ndarray]:
        """Read a drawing.

        Args:
            strokes: lists of points ``[x, y]`` or ``[x, y, t]`` in the wide pad's units, y downwards.
            language_model: let the language model help.
            words: if any are given, only these can be read.

        Returns:
            The result, with boxes and places in pixels of the picture that comes with it, uint8 (H, W). Of several lines of writing, which
            the reader of ink doesn't tell apart, it is that of the reader of pictures.

        Raises:
            InputError: the strokes can't be used, or nothing in them can be read; the message says why.
        """
        parsed = ink.parse_strokes(strokes)
        picture = ink.text_picture(parsed)
        options: dict[str, Any] = {"language_model": language_model, "words": words}
        seen = self.pictures.read(picture, **options)
        if len(seen.lines) != 1:
            return seen, picture
        try:
            followed = self.ink.read(parsed, **options)
        except InputError:  # a scrawl to it, and writing to the other
            return seen, picture
        readings = [_readings(result) for result in (seen, followed)]
        mass = {
            text: math.prod(max(reading.get(text, 0.0), _UNLIKELY) for reading in readings) ** _TRUST
            for text in {*readings[0], *readings[1]}
        }
        total = sum(mass.values())
        ranked = sorted(mass, key=mass.__getitem__, reverse=True)
        best = seen if ranked[0] == seen.text else self.pictures.locate(picture, ranked[0])  # where its characters stand
        alternatives = tuple((text, mass[text] / total) for text in ranked[1 : 1 + ALTERNATIVES])
        line = replace(best.lines[0], confidence=mass[ranked[0]] / total, alternatives=alternatives)
        return replace(best, lines=(line,)), picture


def _readings(result: TextResult) -> dict[str, float]:
    """The readings of a line and their probabilities."""
    line = result.lines[0]
    return dict(line.alternatives) | {line.text: line.confidence}
