"""Read what was written on the pad by both its looks and its strokes: a reader of pictures and one of ink, each with its own mistakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ink.rendering import text_picture
from hwr.ink.strokes import parse_strokes
from hwr.predictors.ink import InkReader
from hwr.predictors.text import TextReader
from hwr.text.reading import ALTERNATIVES
from hwr.text.result import TextResult

_UNLIKELY = 0.003
"""Probability of a reading that a reader did not think of."""
_AGREED = 0.1
"""Of the geometric mean of what both give to a reading: below this they don't agree, and there may be several lines."""


class StrokesReader:
    """Combines a reader of pictures with a reader of ink: both networks judge the readings of both. Thread-safe.

    What that is worth, ``benchmarks/strokes.py`` measures.

    Args:
        pictures: reads what the strokes look like.
        ink: reads the strokes in their order.
    """

    def __init__(self, pictures: TextReader, ink: InkReader) -> None:
        self.pictures = pictures
        self.ink = ink

    def read(
        self, strokes: Any, *, language_model: bool = True, words: Sequence[str] | str = (), language: str | None = None
    ) -> tuple[TextResult, np.ndarray]:
        """Read a drawing.

        Args:
            strokes: lists of points ``[x, y]`` or ``[x, y, t]`` in the wide pad's units, y downwards.
            language_model: let the language model help.
            words: if any are given, only these can be read.
            language: of the language model that helps; None finds it out.

        Returns:
            The result, with boxes and places in pixels of the picture that comes with it, uint8 (H, W). Where the two don't agree on a
            single line and there are several, it is that of the reader of pictures.

        Raises:
            InputError: the strokes can't be used, or nothing in them can be read; the message says why.
        """
        parsed = parse_strokes(strokes)
        picture = text_picture(parsed)
        options: dict[str, Any] = {"language_model": language_model, "words": words, "language": language}
        readings = []
        for read, source in ((self.pictures.read_line, picture), (self.ink.read, parsed)):
            try:
                readings.append(_readings(read(source, **options)))
            except InputError as error:  # to one of them it may be a scrawl, and to the other writing
                complaint = error
        if not readings:
            raise complaint
        mass = {
            text: math.prod(max(reading.get(text, 0.0), _UNLIKELY) for reading in readings) ** (1 / len(readings))
            for text in dict.fromkeys(text for reading in readings for text in reading)
        }
        ranked = sorted(mass, key=mass.__getitem__, reverse=True)
        if mass[ranked[0]] < _AGREED or len(readings) < 2:
            page = self.pictures.read(picture, **options)
            if len(page.lines) > 1:
                return page, picture
        if len(readings) == 2:  # then each network judges all readings of both
            best = self.ink.read(parsed, picture_reader=self.pictures, **options).lines[0]
            text, confidence, alternatives = best.text, best.confidence, best.alternatives
        else:
            total = sum(mass.values())
            text, confidence = ranked[0], mass[ranked[0]] / total
            alternatives = tuple((other, mass[other] / total) for other in ranked[1 : 1 + ALTERNATIVES])
        found = self.pictures.locate(picture, text)
        return replace(found, lines=(replace(found.lines[0], confidence=confidence, alternatives=alternatives),)), picture


def _readings(result: TextResult) -> dict[str, float]:
    """The readings of a line, and the share of each."""
    line = result.lines[0]
    others = dict(line.alternatives)
    return others | {line.text: max(1 - sum(others.values()), 0.05)}
