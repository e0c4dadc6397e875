"""Where handwriting breaks into lines, and how many there may be."""

from collections.abc import Sequence

from hwr.errors import InputError
from hwr.paper.proportions import proportions
from hwr.paper.spelling import MAX_LINES, Spelled


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


def check_lines(spelled: Spelled, room: float, most: int = MAX_LINES) -> None:
    """Refuse a text that would become too many lines, before anything of it is drawn.

    Args:
        spelled: the text.
        room: width of a line in core heights.
        most: how many lines there may be.

    Raises:
        InputError: there would be about so many.
    """
    measured = proportions()
    lines = 0
    for line in spelled.lines:
        words = [[measured.width.get(sign.char, 0.5) + measured.letter_gap for sign in word] for word in line]
        lines += len(wrap(words, measured.word_gap, room))
    if lines > 1.2 * most:  # hands differ
        raise InputError(f"This would become about {lines:,} lines; at most {most:,} are written at a time. Write less, smaller or wider.")
