"""Setting characters that are pictures on pages, like a hand: not quite level, not quite even."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from hwr.ink.rendering import render
from hwr.ink.strokes import Strokes
from hwr.paper import signs
from hwr.paper.proportions import proportions
from hwr.paper.ruling import LINE_SPACING, rules
from hwr.paper.spelling import Sign, Spelled
from hwr.paper.wrapping import wrap
from hwr.paper.written_pixels import Placed
from hwr.pictures.traits import stroke_width
from hwr.system import deadline

PAGE_LINES = 28
"""Lines of writing to a page."""
_OPEN = 60
"""Ink level that counts as part of a character when it is cut out."""


MARGIN = 1.6
"""Around the writing, in x-heights."""
TALL = 20.0
"""Pixels that the longer side of a character has in EMNIST's pictures, about."""


class Typesetter:
    """Sets characters on pages, like a hand: not quite level, not quite even.

    Args:
        size: x-height in pixels.
        width: of a page in pixels.
        hand: style; some of its numbers stand for the hand's habits of spacing.
        pen: width of the stroke in x-heights.
        rng: source of unevenness.
        slant: of signs that are drawn as strokes.
    """

    def __init__(self, size: int, width: int, hand: np.ndarray, pen: float, rng: np.random.Generator, slant: float) -> None:
        self.size = size
        self.width = width
        self.pen = pen
        self.rng = rng
        self.slant = slant
        self.margin = round(MARGIN * size)
        self.spacing = LINE_SPACING * size
        self.first = self.margin + 1.9 * size
        measured = proportions()
        habit = np.random.default_rng([int(value * 1000) & 0xFFFF for value in hand[:4]])
        self.gap = measured.letter_gap * float(np.exp(0.25 * habit.standard_normal()))
        self.word_gap = measured.word_gap * 0.85 * float(np.exp(0.12 * habit.standard_normal()))
        self.slope = 0.004 * float(habit.standard_normal())

    def set(self, spelled: Spelled, glyphs: Any, charset: str) -> list[tuple[list[Placed], int]]:
        """Pages: what stands on each, and how high it is in pixels.

        Args:
            spelled: the text.
            glyphs: the pictures of those of its signs that the network draws, in order.
            charset: what the network draws.
        """
        lines: list[list[Placed]] = []
        for words in spelled.lines:
            deadline.check()
            pictures = [[self._picture(sign, next(glyphs) if sign.char in charset else None) for sign in word] for word in words]
            advances = [[cover.shape[1] / self.size + self._gap() for cover, _ in word] for word in pictures]
            for pieces in wrap(advances, self.word_gap, (self.width - 2 * self.margin) / self.size):
                lines.append(self._line(pieces, pictures, advances))
        sheets = []
        for start in range(0, len(lines), PAGE_LINES):
            placed = []
            for number, line in enumerate(lines[start : start + PAGE_LINES]):
                baseline = round(self.first + number * self.spacing)
                placed += [Placed(part.cover, part.x, part.y + baseline) for part in line]
            height = round(self.first + (min(PAGE_LINES, len(lines) - start) - 1) * self.spacing + 1.3 * self.size) + self.margin
            sheets.append((placed, height))
        return sheets

    def _gap(self) -> float:
        return max(0.03, self.gap + 0.05 * self.rng.standard_normal())

    def _line(
        self, pieces: list[tuple[int, int, int]], pictures: list[list[tuple[np.ndarray, int]]], advances: list[list[float]]
    ) -> list[Placed]:
        placed = []
        at, drift = float(self.margin + 0.2 * self.size * self.rng.random()), 0.0
        slope = self.slope + 0.002 * self.rng.standard_normal()
        for word, start, stop in pieces:
            for (cover, bottom), advance in zip(pictures[word][start:stop], advances[word][start:stop], strict=True):
                drift = 0.8 * drift + 0.025 * self.size * self.rng.standard_normal()
                y = round(bottom - len(cover) + drift + slope * (at - self.margin))
                placed.append(Placed(cover, round(at), y))
                at += advance * self.size
            at += self.word_gap * self.size * float(np.exp(0.1 * self.rng.standard_normal()))
        return placed

    def _picture(self, sign: Sign, glyph: np.ndarray | None) -> tuple[np.ndarray, int]:
        """Coverage, uint8 (H, W), of a sign, and how many pixels below the baseline it ends."""
        if glyph is None:
            strokes = signs.drawn(signs.PUNCTUATION[sign.char], self.rng)
            return self._strokes(strokes)
        measured = proportions()
        size = self.size * float(np.exp(0.04 * self.rng.standard_normal()))
        cover = _enlarged(glyph, max(3, round(measured.height[sign.char] * size)), self.pen * self.size)
        bottom = round(measured.depth[sign.char] * size)
        for mark in sign.marks:
            strokes = signs.drawn(signs.ACCENTS[mark], self.rng)
            above = max(float(stroke[:, 1].max()) for stroke in strokes) < 0
            lift = (bottom - len(cover)) / self.size - 0.1 if above else 0.0
            accent, low = self._strokes([stroke + np.array([0, lift], np.float32) for stroke in strokes])
            cover, bottom = _overlaid(cover, bottom, accent, low)
        return cover, bottom

    def _strokes(self, strokes: Strokes) -> tuple[np.ndarray, int]:
        sheared = [np.stack([stroke[:, 0] - self.slant * stroke[:, 1], stroke[:, 1]], 1) * self.size for stroke in strokes]
        points = np.concatenate(sheared)
        pad = self.pen * self.size / 2 + 1
        low, high = points.min(0) - pad, points.max(0) + pad
        top, bottom = int(np.floor(low[1])), int(np.ceil(high[1]))
        size = (max(1, int(np.ceil(high[0] - low[0]))), bottom - top)
        moved = [(stroke - [low[0], top]).astype(np.float32) for stroke in sheared]
        return 255 - render(moved, size, self.pen * self.size), bottom


def _overlaid(cover: np.ndarray, bottom: int, other: np.ndarray, other_bottom: int) -> tuple[np.ndarray, int]:
    """Two pictures over each other, middle on middle."""
    low = max(bottom, other_bottom)
    high = min(bottom - len(cover), other_bottom - len(other))
    both = np.zeros((low - high, max(cover.shape[1], other.shape[1])), np.uint8)
    for picture, end in ((cover, bottom), (other, other_bottom)):
        top, left = end - len(picture) - high, (both.shape[1] - picture.shape[1]) // 2
        part = both[top : top + len(picture), left : left + picture.shape[1]]
        np.maximum(part, picture, out=part)
    return both, low


def _enlarged(glyph: np.ndarray, height: int, pen: float) -> np.ndarray:
    """A character at its size on the page: uint8 coverage (height, W), with strokes as wide as the pen as far as its ink allows.

    Args:
        glyph: uint8 (28, 28), ink 255 on 0.
        height: of its ink, in pixels.
        pen: width of the stroke, in pixels.
    """
    rows, columns = np.flatnonzero((glyph > _OPEN).any(1)), np.flatnonzero((glyph > _OPEN).any(0))
    if not len(rows):
        return np.zeros((height, max(1, height // 2)), np.uint8)
    cut = glyph[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = height / len(cut)
    # A flat stroke, a dash for an r or a lying 1, is not blown up to a character's height.
    scale = min(scale, 2.6 * height / 1.5 / cut.shape[1])
    fine = max(1, round(48 / height))  # a small character keeps its edges if it is thresholded large
    size = (max(1, round(cut.shape[1] * scale * fine)), max(1, round(len(cut) * scale * fine)))
    large = cv2.GaussianBlur(cv2.resize(cut.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), (0, 0), 0.35 * scale * fine)
    edge = max(1.0, 255 / (1.6 * scale * fine))  # a pixel's worth of the slope that the picture's edges have
    covers = [np.clip((large - level) / edge + 0.5, 0, 1) for level in (40, 60, 80, 100, 125, 150, 175)]
    widths = stroke_width(np.stack(covers))
    cover = covers[int(np.abs(np.log(np.maximum(widths, 0.1) / (pen * fine))).argmin())]
    small = (max(1, round(size[0] / fine)), max(1, round(size[1] / fine)))
    cover = cv2.resize(cover, small, interpolation=cv2.INTER_AREA) if fine > 1 else cover
    return (255 * cover).round().astype(np.uint8)


def sheet_of(colour: tuple[int, int, int], paper: str, width: int, height: int, page: Typesetter) -> np.ndarray:
    """Empty paper, uint8 (height, width, 3)."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    dark = sum(colour) < 380
    line = tuple(int(value + (70 if dark else -45)) for value in np.clip(colour, 45, 185)) if dark else _tinted(colour)
    for x0, y0, x1, y1 in rules(paper, width, height, page.first + 0.12 * page.size, page.spacing):
        cv2.line(pixels, (round(x0), round(y0)), (round(x1), round(y1)), line, 1)
    return pixels


def _tinted(colour: Sequence[int]) -> tuple[int, int, int]:
    """The colour of print on light paper: bluish and a little darker."""
    return int(colour[0] * 0.80), int(colour[1] * 0.87), int(colour[2] * 0.95)
