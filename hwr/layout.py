"""Setting handwriting: which signs a text is made of, where they break into lines, how tall and deep they are, what paper they stand on.

Lengths are in x-heights unless said otherwise, y grows downwards, the baseline is at 0.
"""

import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hwr.errors import InputError

PAPERS = ("plain", "ruled", "grid")
LINE_SPACING = 3.3
"""From baseline to baseline."""
MAX_CHARACTERS = 10_000
"""Longer texts are refused."""

_TYPED = dict(zip("‘’‚‛“”„‟«»‹›–—−‐‑\u00a0\u2009\u202f", "''''\"\"\"\"\"\"''-----   ", strict=True)) | {
    "…": "...",
    "ß": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "ð": "d",
    "×": "x",
    "•": "*",
    "·": "-",
    "€": "E",
    "\t": "    ",
}
"""What stands for signs that a keyboard doesn't have."""


@dataclass(frozen=True)
class Sign:
    """One sign to write.

    Attributes:
        char: what is drawn.
        marks: combining characters to be drawn on it.
        position: where in the text it comes from.
    """

    char: str
    marks: str
    position: int


@dataclass(frozen=True)
class Spelled:
    """A text as signs.

    Attributes:
        lines: of the text, as it was typed; of each its words; of each its signs.
        replaced: what couldn't be written as it is, and what stands for it; ``""`` where nothing does.
    """

    lines: list[list[list[Sign]]]
    replaced: dict[str, str]

    @property
    def count(self) -> int:
        """Signs in all."""
        return sum(len(word) for line in self.lines for word in line)


def spell(text: Any, drawable: Collection[str], marks: Collection[str]) -> Spelled:
    """Take a text apart.

    Typographic quotes and dashes become those of a keyboard, accented letters a letter and its accents (Unicode's canonical decomposition).
    Nothing is dropped silently: what is replaced, or can't be written at all, is in ``replaced``.

    Args:
        text: any.
        drawable: characters that can be drawn.
        marks: combining characters that can be drawn on a letter.

    Raises:
        InputError: no text, nothing in it that can be written, or more than ``MAX_CHARACTERS`` characters.
    """
    if not isinstance(text, str):
        raise InputError("The text to write must be a string.")
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"The text has {len(text):,} characters; write at most {MAX_CHARACTERS:,} at a time.")
    if not text.strip():
        raise InputError("There is nothing to write yet: type a text.")
    replaced: dict[str, str] = {}
    lines: list[list[list[Sign]]] = [[]]
    word: list[Sign] = []
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))

    def finish() -> None:
        nonlocal word
        if word:
            lines[-1].append(word)
        word = []

    for position, char in enumerate(text):
        if char in "\n\v\f\u2028\u2029":
            finish()
            lines.append([])
            continue
        typed = char if char in drawable else _TYPED.get(char, char)
        if typed.isspace():
            finish()
            continue
        signs = []
        for part in typed:
            base, *accents = unicodedata.normalize("NFD", part)
            drawn = "".join(accent for accent in accents if accent in marks)
            if base in drawable:
                signs.append(Sign(base, drawn, position))
        written = "".join(unicodedata.normalize("NFC", sign.char + sign.marks) for sign in signs)
        if written != char:
            replaced[char] = written
        word += signs
    finish()
    if not any(lines):
        raise InputError(f"Nothing in this text can be written. It can be made of: {''.join(sorted(drawable))}")
    return Spelled(lines, replaced)


def wrap(words: Sequence[Sequence[float]], gap: float, width: float) -> list[list[tuple[int, int, int]]]:
    """Break a line of words into lines that fit, at spaces; a word that is wider than a line is broken as well.

    Args:
        words: how far each sign of each word moves the pen; any unit.
        gap: between words, in that unit.
        width: of a line, in that unit.

    Returns:
        Lines of pieces ``(word, first sign, sign after the last)``; one empty line for no words.
    """
    lines: list[list[tuple[int, int, int]]] = [[]]
    at = 0.0
    for number, advances in enumerate(words):
        length = sum(advances)
        if lines[-1] and at + gap + length > width:
            lines.append([])
        at = at + gap if lines[-1] else 0.0
        start = 0
        for index, advance in enumerate(advances):
            if index > start and at + advance > width:  # only a word that has the line to itself comes here
                lines[-1].append((number, start, index))
                lines.append([])
                at, start = 0.0, index
            at += advance
        lines[-1].append((number, start, len(advances)))
    return lines


@dataclass(frozen=True)
class Proportions:
    """How tall, deep and wide handwritten characters are, and how far apart.

    Attributes:
        height: of each character's ink.
        depth: how much of that is below the baseline.
        width: of its ink.
        letter_gap: between the ink of two characters of a word.
        word_gap: between the ink of two words.
    """

    height: dict[str, float]
    depth: dict[str, float]
    width: dict[str, float]
    letter_gap: float
    word_gap: float


@cache
def proportions() -> Proportions:
    """Medians over UNIPEN's training writers (``benchmarks/proportions.py``)."""
    record = json.loads((Path(__file__).parent / "proportions.json").read_text(encoding="utf-8"))
    heights, depths, widths = ({char: sizes[index] for char, sizes in record["characters"].items()} for index in range(3))
    return Proportions(heights, depths, widths, record["letter_gap"], record["word_gap"])


def rules(paper: str, width: float, height: float, first_baseline: float, spacing: float) -> list[tuple[float, float, float, float]]:
    """The lines printed on paper, as ``(x0, y0, x1, y1)`` in the unit of the arguments.

    Args:
        paper: one of ``PAPERS``.
        width: of the sheet.
        height: of the sheet.
        first_baseline: y of the first line of writing; ruled paper has its lines there.
        spacing: from baseline to baseline; squared paper has two squares to it.

    Raises:
        InputError: no such paper.
    """
    if paper not in PAPERS:
        raise InputError(f"There is no paper {paper!r}; choose one of {', '.join(PAPERS)}.")
    if paper == "plain":
        return []
    step = spacing if paper == "ruled" else spacing / 2
    first = first_baseline % step
    across = [(0.0, first + index * step, width, first + index * step) for index in range(int((height - first) / step) + 1)]
    if paper == "ruled":
        return across
    return across + [(index * step, 0.0, index * step, height) for index in range(1, int(width / step) + 1)]
