"""A text as the signs that it is written with: letters, their accents, and what stands for signs that nobody writes."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hwr.errors import InputError

MAX_CHARACTERS = 10_000
"""Longer texts are refused."""
MAX_LINES = 500
"""So are those of more lines."""

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
        shape: what is drawn in its place; "" for itself.
        tied: written into the sign before.
    """

    char: str
    marks: str
    position: int
    shape: str = ""
    tied: bool = False


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


def spell(
    text: Any,
    drawable: Collection[str],
    marks: Collection[str],
    shapes: Mapping[str, str] | None = None,
    tied: Mapping[str, str] | None = None,
) -> Spelled:
    """Take a text apart.

    Typographic quotes and dashes that can't be drawn become those of a keyboard, accented letters a letter and its accents (Unicode's
    canonical decomposition).
    Nothing is dropped silently: what is replaced, or can't be written at all, is in ``replaced``.

    Args:
        text: any.
        drawable: characters that can be drawn.
        marks: combining characters that can be drawn on a letter.
        shapes: characters that are drawn in place of another, and that.
        tied: ligatures, and the characters that make them.

    Raises:
        InputError: no text, nothing in it that can be written, or more than ``MAX_CHARACTERS`` characters or ``MAX_LINES`` lines.
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
        if stand_in := (shapes or {}).get(char):
            word.append(Sign(stand_in, "", position, shape=char))
            continue
        if letters := (tied or {}).get(char):
            word += [Sign(letter, "", position, tied=index > 0) for index, letter in enumerate(letters)]
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
    if len(lines) > MAX_LINES:
        raise InputError(f"The text has {len(lines):,} lines; write at most {MAX_LINES:,} at a time.")
    if not any(lines):
        raise InputError(f"Nothing in this text can be written. These signs can: {''.join(sorted(drawable))} (and accents).")
    return Spelled(lines, replaced)
