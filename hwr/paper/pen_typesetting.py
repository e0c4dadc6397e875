"""Setting written words on a page: joined, slanted, spaced, accented, wrapped. Lengths are in core heights until they are pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ink.letters import Written
from hwr.ink.moves import Path, strokes_of
from hwr.ink.strokes import Strokes
from hwr.paper.adapting import accented, reshaped, tied
from hwr.paper.colours import hex_colour
from hwr.paper.report import InkReport
from hwr.paper.ruling import LINE_SPACING, rules
from hwr.paper.spelling import Sign, Spelled
from hwr.paper.wrapping import wrap
from hwr.paper.written_ink import Ink, InkLetter
from hwr.system import deadline

LONGEST_WORD = 40
"""Letters that are drawn in one go; longer words are made of several pieces."""


_MARGIN = 1.4
"""Around the writing, in core heights."""
STROKE = 0.11
"""Width of the pen's stroke, in core heights."""
_RANGES = {
    "neatness": (0, 3),
    "slant": (-1, 1),
    "size": (4, 200),
    "letter_spacing": (-0.2, 3),
    "word_spacing": (0.2, 5),
    "line_spacing": (1.5, 10),
    "baseline_drift": (0, 0.5),
    "looseness": (0, 1),
    "pressure": (0, 1),
    "stroke_width": (0.1, 50),
    "width": (100, 10_000),
}


@dataclass(frozen=True, kw_only=True)
class PenOptions:
    """How a text shall be written with a pen.

    Attributes:
        style: number of a hand in the gallery, or a vector of ``encode`` or ``mix``.
        style_strokes: a few words in the hand to write in, as ``encode`` takes them, instead of ``style``.
        neatness: 0 (as people write) to 3: the bias b of Graves 2013.
        seed: of everything random: the same arguments give the same ink.
        verify: read each word back, and draw those again that can't be read as meant.
        slant: added to the hand's own: -1 to 1, tangent of the angle to the right.
        size: height of small letters in pixels, 4 to 200.
        letter_spacing: added between letters, in core heights, -0.2 to 3.
        word_spacing: space between words as a multiple of the hand's own, 0.2 to 5.
        line_spacing: from baseline to baseline, in core heights, 1.5 to 10.
        baseline_drift: how far the line wanders, in core heights, 0 to 0.5.
        looseness: 0 to 1: corners are cut and strokes drawn out, as in haste.
        pressure: 0 to 1: how much the width of the pen's stroke varies.
        stroke_width: of the pen in pixels, 0.1 to 50; None for one that fits the size.
        width: of the page in pixels, 100 to 10,000.
        ink_color: any CSS colour.
        paper_color: any CSS colour.
        paper: ``"plain"``, ``"ruled"`` or ``"grid"``.

    Raises:
        InputError: a value that can't be used; the message says which.
    """

    style: Any = 0
    style_strokes: Any = None
    neatness: float = 0.5
    seed: int = 0
    verify: bool = True
    slant: float = 0.0
    size: float = 24.0
    letter_spacing: float = 0.0
    word_spacing: float = 1.0
    line_spacing: float = 1.06 * LINE_SPACING
    baseline_drift: float = 0.03
    looseness: float = 0.0
    pressure: float = 0.0
    stroke_width: float | None = None
    width: int = 900
    ink_color: str = "#1c2340"
    paper_color: str = "#ffffff"
    paper: str = "plain"

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if name == "stroke_width" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"{name} must be a number from {low} to {high}.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise InputError("The seed must be a whole number, 0 or more.")
        rules(self.paper, 0, 0, 0, 1)

    def look(self, gap: float) -> Look:
        """What the page is set by; ``gap`` is the hand's own space between words."""
        return Look(
            core=float(self.size),
            width=self.width,
            slant=self.slant,
            letter_spacing=self.letter_spacing,
            word_spacing=self.word_spacing,
            line_spacing=self.line_spacing,
            drift=self.baseline_drift,
            stroke_width=STROKE * self.size if self.stroke_width is None else float(self.stroke_width),
            ink_color=hex_colour(self.ink_color),
            paper_color=hex_colour(self.paper_color),
            paper=self.paper,
            pressure=float(self.pressure),
            gap=gap,
        )


@dataclass(frozen=True)
class Look:
    """How the page shall look: core, width and stroke width in pixels, spacings, gap and drift in core heights."""

    core: float
    width: int
    slant: float
    letter_spacing: float
    word_spacing: float
    line_spacing: float
    drift: float
    stroke_width: float
    ink_color: str
    paper_color: str
    paper: str
    pressure: float
    gap: float


def pieces_to_draw(spelled: Spelled) -> list[list[Sign]]:
    """What is drawn in one go: words, or parts of very long ones."""
    found = []
    for line in spelled.lines:
        for word in line:
            found += [word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD)]
    return found


def in_haste(path: Path, looseness: float) -> Path:
    """The path written in haste: every point goes some way towards the middle of its neighbours, and everything becomes wider."""
    if looseness == 0:
        return path
    points = path.points.copy()
    inner = np.flatnonzero((path.kinds[1:-1] == 0) & (path.kinds[2:] == 0)) + 1
    points[inner] += 0.5 * looseness * ((points[inner - 1] + points[inner + 1]) / 2 - points[inner])
    points[:, 0] *= 1 + 0.15 * looseness
    return Path(points, path.kinds, path.before)


# --- the page; lengths in core heights until they are pixels ---


@dataclass(frozen=True, eq=False)
class _Set:
    """A word ready to be set: its strokes, of which letter each of their points is, and how far each letter moves the pen."""

    signs: list[Sign]
    strokes: Strokes
    letters: list[np.ndarray]
    advances: list[float]

    @cached_property
    def reaches(self) -> np.ndarray:
        """Of each stroke the first and the last letter that it belongs to, (strokes, 2)."""
        return np.array([(owners.min(), owners.max()) for owners in self.letters])


def _set(word: list[Sign], parts: Sequence[Written], look: Look, rng: np.random.Generator) -> _Set:
    """Join the parts of a word, slant and space it, and draw its accents."""
    strokes: Strokes = []
    letters: list[np.ndarray] = []
    left, first = 0.0, 0
    for written in parts:
        deadline.check()
        lines, places = strokes_of(written.path)
        count = int(written.letters[-1]) + 1
        start = min(float(stroke[:, 0].min()) for stroke in lines)
        own, owners = [], [written.letters[place] for place in places]
        for stroke, owner in zip(lines, owners, strict=True):
            moved = stroke - np.array([start - left, 0], np.float32)
            moved[:, 0] += look.letter_spacing * owner - look.slant * moved[:, 1]
            own.append(moved)
        left = max(left, *(float(stroke[:, 0].max()) for stroke in own)) + 0.2
        for index, sign in enumerate(word[first : first + count]):
            if sign.marks:
                own, owners = accented(own, owners, index, sign, rng)
            if sign.shape:
                own, owners = reshaped(own, owners, index, sign.shape, rng)
            if sign.tied:
                own = tied(own, owners, index, rng)
        strokes += own
        letters += [owner + first for owner in owners]
        first += count
    low = min(float(stroke[:, 0].min()) for stroke in strokes)
    strokes = [stroke - np.array([low, 0], np.float32) for stroke in strokes]
    xs, owners = np.concatenate([stroke[:, 0] for stroke in strokes]), np.concatenate(letters)
    rights = np.full(len(word), 0.0)
    np.maximum.at(rights, owners, xs)
    rights = np.maximum.accumulate(rights)
    return _Set(word, strokes, letters, np.diff(rights, prepend=0.0).tolist())


def room_for_writing(look: Look) -> float:
    """Width of a line, in core heights."""
    return look.width / look.core - 2 * _MARGIN


def page_of_ink(
    text: str, spelled: Spelled, drawn: Sequence[Written], look: Look, report: InkReport, rng: np.random.Generator, *, growing: bool = False
) -> Ink:
    """Set words, as many as are drawn, on a page. What comes with more words stands behind what is there already.

    Args:
        text: as it was given.
        spelled: the same as signs.
        drawn: its first pieces.
        look: of the page.
        report: to be handed on.
        rng: of unevenness.
        growing: more words will come: leave room for some lines of them, so that the page seldom grows.
    """
    margin = _MARGIN
    (of_accents,) = rng.spawn(1)
    room = room_for_writing(look)
    coming = iter(drawn)
    strokes: Strokes = []
    letters: list[InkLetter] = []
    line_number = 0
    first_baseline = margin + 2.0
    for line in spelled.lines:
        words = []
        for word in line:
            parts = [part for _, part in zip(range(0, len(word), LONGEST_WORD), coming, strict=False)]
            if len(parts) * LONGEST_WORD < len(word):
                break
            words.append(_set(word, parts, look, of_accents))
        gap = look.gap * look.word_spacing
        for pieces in wrap([word.advances for word in words], gap, room):
            y = first_baseline + line_number * look.line_spacing
            at = margin + 0.3 * look.drift * float(rng.random())
            drift, slope = 0.0, 0.08 * look.drift * float(rng.standard_normal())
            for number, start, stop in pieces:
                deadline.check()
                word = words[number]
                before, length = sum(word.advances[:start]), sum(word.advances[start:stop])
                drift = 0.7 * drift + look.drift * float(rng.standard_normal())
                shift = np.array([at - before, y + drift + slope * (at - margin) / 10], np.float32)
                placed, owners = _cut(word, start, stop)
                placed = [(stroke + shift) * np.float32(look.core) for stroke in placed]
                strokes += placed
                letters += _letters(word.signs, start, stop, placed, owners, line_number)
                at += length + gap * float(np.exp(0.1 * rng.standard_normal()))
            line_number += 1
    if growing:
        line_number = max(8, 1 << (line_number - 1).bit_length())
    height = first_baseline + max(0, line_number - 1) * look.line_spacing + 1.3 + margin
    size = (look.width, int(np.ceil(height * look.core)))
    spacing = look.line_spacing * look.core
    printed = rules(look.paper, *size, (first_baseline + 0.12) * look.core, spacing)
    return Ink(
        strokes=strokes,
        letters=tuple(letters),
        report=report,
        size=size,
        text=text,
        core=look.core,
        stroke_width=look.stroke_width,
        ink_color=look.ink_color,
        paper_color=look.paper_color,
        rules=tuple(printed),
        pressure=look.pressure,
    )


def _cut(word: _Set, start: int, stop: int) -> tuple[Strokes, list[np.ndarray]]:
    """The ink of some letters of a word, and whose each point is."""
    if start == 0 and stop == len(word.signs):
        return word.strokes, word.letters
    strokes, letters = [], []
    for number in np.flatnonzero((word.reaches[:, 0] < stop) & (word.reaches[:, 1] >= start)).tolist():
        stroke, owners = word.strokes[number], word.letters[number]
        inside = np.flatnonzero((owners >= start) & (owners < stop))
        for part in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1):
            if len(part):
                strokes.append(stroke[part])
                letters.append(owners[part])
    return strokes, letters


def _letters(word: list[Sign], start: int, stop: int, strokes: Strokes, owners: list[np.ndarray], line: int) -> Iterator[InkLetter]:
    points, owner = np.concatenate(strokes), np.concatenate(owners)
    for index in range(start, stop):
        own = points[owner == index]
        if len(own):
            box = (*own.min(0).tolist(), *own.max(0).tolist())
            yield InkLetter(word[index].shape or word[index].char, word[index].position, line, box)
