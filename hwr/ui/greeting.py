"""Greetings on the pads: the pen network wrote them, and each is read, part by part, while visitors watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np

from hwr.ink.files import smoothed
from hwr.ink.moves import strokes_of
from hwr.ink.rendering import PAD_SIZE, TEXT_PAD_SIZE, fit
from hwr.ink.strokes import Strokes
from hwr.ui.inputs import Updates
from hwr.ui.pad import BASELINE, Greeting
from hwr.ui.theme import NAME

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter

WORDS = (("Hello", 40), ("write here", 91), (NAME, 53))
"""Texts and the hands of the gallery that write them; where there are fewer hands, others do."""
LETTERS = (("h", 40), ("w", 91), ("r", 53), ("8", 65))
_PARTS = 8
_LETTER_PARTS = 5
_CORE = 62.0  # logical units to the height of small letters
_STEP = 4.0  # between points


def of_words(writer: PenWriter) -> Greeting:
    """For the wide pad: words on its baseline, in its middle."""
    words = []
    for number, (text, hand) in enumerate(WORDS):
        strokes, left = [], 0.0
        for part in _drawn(writer, text.split(), hand, number):
            right = max(float(stroke[:, 0].max()) for stroke in part)
            strokes += [stroke + np.array([left, 0], np.float32) for stroke in part]
            left += right + 1.2
        points = np.concatenate(strokes)
        low, high = float(points[:, 0].min()), float(points[:, 0].max())
        above, below = max(0.1, -float(points[:, 1].min())), max(0.1, float(points[:, 1].max()))
        width, height = TEXT_PAD_SIZE
        scale = min(_CORE, 0.78 * width / (high - low), (BASELINE - 0.06) * height / above, (0.94 - BASELINE) * height / below)
        place = np.array([width / 2 - scale * (low + high) / 2, BASELINE * height], np.float32)
        words.append([smoothed(stroke * np.float32(scale) + place, _STEP) for stroke in strokes])
    return Greeting(tuple(words), _PARTS)


def of_letters(writer: PenWriter) -> Greeting:
    """For the square pad: one character each."""
    drawn = [_drawn(writer, [char], hand, number)[0] for number, (char, hand) in enumerate(LETTERS)]
    return Greeting(tuple([smoothed(stroke, _STEP) for stroke in fit(strokes, PAD_SIZE, 190.0)] for strokes in drawn), _LETTER_PARTS, True)


def _drawn(writer: PenWriter, texts: Sequence[str], hand: int, seed: int) -> list[Strokes]:
    """Words as strokes, 1 unit to the core height, the baseline at 0; what the network's characters lack is left out."""
    known = ["".join(char for char in text if char in writer.network.charset) or writer.network.charset[0] for text in texts]
    style = writer.gallery[hand % len(writer.gallery)].style
    written = writer.sample(known, np.stack([style] * len(known)), neatness=1.0, seed=seed, verify=True)
    return [strokes_of(each.path)[0] for each in written]


def asked(event: gr.EventData, greeting: Greeting) -> tuple[int, int]:
    """Which word, and how many parts of it: what a browser says, or all of the first word if it says anything else."""
    said = getattr(event, "_data", None)
    word, part = (said.get("word"), said.get("part")) if isinstance(said, dict) else (None, None)
    if isinstance(word, int) and isinstance(part, int) and 0 <= word < len(greeting.words) and 1 <= part <= greeting.parts:
        return int(word), int(part)
    return 0, greeting.parts


def answered(
    event: gr.EventData, greeting: Greeting | None, known: dict[tuple[int, int], Updates], read: Callable[[Strokes], Updates]
) -> Updates:
    """How the part of a greeting reads that was just written.

    Args:
        event: says which part it is.
        greeting: None: there is none, and nothing to say.
        known: the answers so far: each part is read once, and remembered here.
        read: what is said of ink.
    """
    if greeting is None:
        return [gr.skip()] * 6
    step = asked(event, greeting)
    if step not in known:
        known[step] = read(beginning(greeting, *step))
    return known[step]


def beginning(greeting: Greeting, word: int, part: int) -> Strokes:
    """The ink of so many parts of a word."""
    strokes = greeting.words[word]
    left = round(sum(map(len, strokes)) * part / greeting.parts)
    found = []
    for stroke in strokes:
        if left > 0:
            found.append(stroke[:left])
        left -= len(stroke)
    return found
