"""What people say that a line reads instead: its words get the places of those that were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hwr.text.result import TextLine, TextWord


def corrected(line: TextLine, text: str) -> TextLine:
    """A line as somebody says that it reads.

    Words that stay, or stand for as many others, keep their places. Where their number changes, what is there instead shares the room from
    the first to the last of those replaced, or the gap between their neighbours, by its lengths.

    Args:
        line: as it was read.
        text: as it should be; runs of white space become one space. It may be empty.

    Returns:
        The line with ``corrected`` set, words and characters that are sure, and no other readings.
    """
    from hwr.text.result import TextCharacter

    words = _placed(line, text.split())
    characters: list[TextCharacter] = []
    for word in words:
        x0, _, x1, _ = word.box
        if characters:
            characters.append(TextCharacter(" ", 1.0, characters[-1].x1, float(x0)))
        edges = np.linspace(x0, x1, len(word.text) + 1).tolist()
        characters += [TextCharacter(char, 1.0, *edges[place : place + 2]) for place, char in enumerate(word.text)]
    return replace(
        line,
        text=" ".join(word.text for word in words),
        confidence=1.0,
        words=tuple(words),
        characters=tuple(characters),
        alternatives=(),
        corrected=True,
    )


def _placed(line: TextLine, texts: Sequence[str]) -> list[TextWord]:
    """These words, each with a place on the line."""
    old = line.words
    words: list[TextWord] = []
    for _, first, last, start, stop in SequenceMatcher(None, [word.text for word in old], texts, autojunk=False).get_opcodes():
        new = texts[start:stop]
        if last - first == len(new):
            words += [replace(word, text=text, confidence=1.0) for word, text in zip(old[first:last], new, strict=True)]
        elif new:
            words += _shared(_room(line, first, last), new)
    return words


def _room(line: TextLine, first: int, last: int) -> np.ndarray:
    """The rectangle, float (4, 2), that the words from ``first`` to before ``last`` take; of none, that between their neighbours."""
    old = line.words
    whole = line.polygon if len(line.polygon) == 4 else _rectangle(line.box)
    if first < last:
        left, right = old[first].polygon[[0, 3]], old[last - 1].polygon[[1, 2]]
    else:
        left = old[first - 1].polygon[[1, 2]] if first else whole[[0, 3]]
        right = old[first].polygon[[0, 3]] if first < len(old) else whole[[1, 2]]
    return np.array([left[0], right[0], right[1], left[1]], float)


def _shared(room: np.ndarray, texts: Sequence[str]) -> list[TextWord]:
    """Words side by side in a rectangle, a character and a gap as wide as any other."""
    from hwr.text.result import TextWord

    upper_left, upper_right, lower_right, lower_left = room
    steps = sum(map(len, texts)) + len(texts) - 1
    words, place = [], 0
    for text in texts:
        start, stop = place / steps, (place + len(text)) / steps
        upper, lower = upper_right - upper_left, lower_right - lower_left
        corners = [upper_left + start * upper, upper_left + stop * upper, lower_left + stop * lower, lower_left + start * lower]
        polygon = np.array(corners, np.float32)
        low, high = np.floor(polygon.min(0)).astype(int).tolist(), np.ceil(polygon.max(0)).astype(int).tolist()
        words.append(TextWord(text, 1.0, (max(low[0], 0), max(low[1], 0), max(high[0], 0), max(high[1], 0)), polygon))
        place += len(text) + 1
    return words


def _rectangle(box: tuple[int, int, int, int]) -> np.ndarray:
    x0, y0, x1, y1 = box
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)
