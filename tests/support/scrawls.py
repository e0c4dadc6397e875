"""Scrawls in the place of UNIPEN's ink, for tests: the same word always looks the same, and stands on its baseline."""

import numpy as np

from hwr.data.lines import Handwriting
from hwr.data.unipen import InkSet
from hwr.ink.strokes import Strokes

WORDS = ("one", "line", "Hand", "gap", "quite", "so", "1984", "paper", "fly", "tall")


def scrawl(text: str) -> Strokes:
    """A zigzag a letter, as high as the letter, in hundredths of the core height."""
    strokes = []
    for index, char in enumerate(text):
        top = -190.0 if char in "bdfhklt" or not char.islower() else -100.0
        bottom = 90.0 if char in "gjpqy" else 0.0
        x = 110.0 * index + np.array([0.0, 20, 40, 60, 80])
        strokes.append(np.stack([x, np.array([top, bottom, top / 2, 0.0, top / 2])], axis=1).astype(np.float32))
    return [stroke - (0, -190) for stroke in strokes]


def handwriting(writers: int = 3) -> Handwriting:
    """Words and digits of so many writers."""

    def ink(texts: tuple[str, ...] | list[str]) -> InkSet:
        rows = [(text, f"writer {writer}") for writer in range(writers) for text in texts]
        return InkSet(
            [text for text, _ in rows],
            [[stroke.astype(np.float32) for stroke in scrawl(text)] for text, _ in rows],
            np.ones(len(rows), bool),
            [writer for _, writer in rows],
        )

    return Handwriting(ink(WORDS), ink(["one line", "so tall"]), ink(list("0123456789AB")))
