"""Setting written words on a page: joined, slanted, spaced, accented, wrapped. Lengths are in core heights until they are pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwr.ink.letters import Written
from hwr.ink.moves import Path, simplified, strokes_of
from hwr.ink.strokes import Strokes
from hwr.paper import signs
from hwr.paper.pen_options import Look
from hwr.paper.report import InkReport
from hwr.paper.ruling import rules
from hwr.paper.spelling import Sign, Spelled
from hwr.paper.wrapping import wrap
from hwr.paper.written_ink import Ink, InkLetter
from hwr.system import deadline

LONGEST_WORD = 40
"""Letters that are drawn in one go; longer words are made of several pieces."""


_MARGIN = 1.4
"""Around the writing, in core heights."""


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
                own, owners = _accented(own, owners, index, sign, rng)
            if sign.shape:
                own, owners = _reshaped(own, owners, index, sign.shape, rng)
            if sign.tied:
                own = _tied(own, owners, index, rng)
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


def _accented(
    strokes: Strokes, letters: list[np.ndarray], index: int, sign: Sign, rng: np.random.Generator
) -> tuple[Strokes, list[np.ndarray]]:
    """Draw the accents of a letter, in place of its dot if it has one."""
    own = [stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)]
    present = np.concatenate(own)
    if not len(present):
        return strokes, letters
    if sign.char in signs.DOTTED:
        stem_top = min((float(part[:, 1].min()) for part in own if len(part) and np.ptp(part[:, 1]) > 0.4), default=-1.0)
        kept = [
            not (len(part) == len(stroke) and np.ptp(part, axis=0).max() < 0.5 and part[:, 1].max() < stem_top + 0.15)
            for part, stroke in zip(own, strokes, strict=True)
        ]
        if any(kept):
            strokes = [stroke for stroke, keep in zip(strokes, kept, strict=True) if keep]
            letters = [place for place, keep in zip(letters, kept, strict=True) if keep]
            present = np.concatenate([stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)])
            if not len(present):
                return strokes, letters
    middle, top = float((present[:, 0].min() + present[:, 0].max()) / 2), float(present[:, 1].min())
    for mark in sign.marks:
        lines = signs.drawn(signs.ACCENTS[mark], rng)
        above = max(float(stroke[:, 1].max()) for stroke in lines) < 0
        shift = np.array([middle, top - 0.1 if above else 0.0], np.float32)
        strokes = strokes + [simplified([stroke + shift], 0.02)[0] for stroke in lines]
        letters = letters + [np.full(len(stroke), index) for stroke in strokes[len(letters) :]]
    return strokes, letters


def _reshaped(
    strokes: Strokes, letters: list[np.ndarray], index: int, shape: str, rng: np.random.Generator
) -> tuple[Strokes, list[np.ndarray]]:
    """Draw a sign where a letter is, instead of it."""
    own = np.concatenate([stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)])
    if not len(own):
        return strokes, letters
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for stroke, place in zip(strokes, letters, strict=True):
        left = np.flatnonzero(place != index)
        kept += [(stroke[part], place[part]) for part in np.split(left, np.flatnonzero(np.diff(left) > 1) + 1) if len(part)]
    lines = signs.drawn(signs.SHAPES[shape][1], rng)
    points = np.concatenate(lines)
    size = np.exp(rng.normal(0, (0.12, 0.06))).astype(np.float32)  # of its width and height
    middle = float((own[:, 0].min() + own[:, 0].max()) / 2 - size[0] * (points[:, 0].min() + points[:, 0].max()) / 2)
    lines = [simplified([size * line + np.array([middle, 0], np.float32)], 0.02)[0] for line in lines]
    return [stroke for stroke, _ in kept] + lines, [place for _, place in kept] + [np.full(len(line), index) for line in lines]


def _tied(strokes: Strokes, letters: list[np.ndarray], index: int, rng: np.random.Generator) -> Strokes:
    """Move a letter, and all after it, into the one before."""
    points, owners = np.concatenate(strokes), np.concatenate(letters)
    before, own = points[owners == index - 1, 0], points[owners == index, 0]
    if not len(before) or not len(own):
        return strokes
    shift = max(0.0, float(own.min() - before.max()) + rng.uniform(0.02, 0.25))
    return [stroke - np.array([shift, 0], np.float32) * (place >= index)[:, None] for stroke, place in zip(strokes, letters, strict=True)]


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
