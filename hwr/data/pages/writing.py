"""Lines in a writer's hand, with their baselines and outlines: ink of words and of whole lines, put where a page has room.

Ink comes in hundredths of its writer's core height, and goes to pixels of the sheet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from hwr.data.lines import Handwriting, baseline_of, moved
from hwr.data.pages.page import PageLine, PageWord
from hwr.ink.strokes import Strokes

STRUCK = 0.02
"""Share of words that are crossed out, of hands that cross out."""


class Stroke(NamedTuple):
    """A stroke on the sheet."""

    points: np.ndarray  # float32 (N, 2), pixels
    width: float  # of the pen, pixels


@dataclass(frozen=True, eq=False)
class Written:
    """A line on the sheet: its truth and its ink."""

    line: PageLine
    strokes: list[Stroke]

    @property
    def right(self) -> float:
        return float(self.line.polygon[:, 0].max())


class Hand:
    """How one writer writes one page: the same slant, width, pen and gaps everywhere; some set their words of letters or of capitals.

    Args:
        handwriting: ink to write with.
        rng: source of all randomness.
        core: pixels to the core height.
        codes: share of numbers, codes and single characters among the words.
    """

    def __init__(self, handwriting: Handwriting, rng: np.random.Generator, core: float, codes: float = 0.06) -> None:
        self.ink = handwriting
        self.rng = rng
        self.core = core
        self.codes = codes
        self.writer = handwriting.word_writers[int(rng.integers(len(handwriting.word_writers)))]
        self.gap = float(np.exp(rng.uniform(np.log(60), np.log(210))))
        self.letters = float(rng.uniform(8, 45) if rng.random() < 0.8 else rng.uniform(45, 150))
        self.spells = str(rng.choice(("joined", "letters", "capitals"), p=(0.72, 0.14, 0.14)))
        if self.spells != "joined" and handwriting.char_writers:
            self.gap = max(self.gap, 80 + 2 * self.letters)
            self.speller = handwriting.char_writers[int(rng.integers(len(handwriting.char_writers)))]
        self.angular = float(rng.uniform(8, 45)) if rng.random() < 0.14 else 0.0
        self.slant = rng.normal(0, 0.15)
        self.stretch = float(np.exp(rng.normal(0, 0.12)))
        self.pen = float(np.clip(np.exp(rng.normal(np.log(13), 0.35)), 7, 34)) / 100 * core
        self.tremble = 0.0 if self.angular else abs(rng.normal(0, 2.0))
        self.slope = rng.normal(0, 0.008)
        self.wave = abs(rng.normal(0, 10))
        self.strikes = rng.random() < 0.25
        self.underlines = rng.random() < 0.1

    def word(self) -> tuple[str, Strokes]:
        """A word, as :meth:`_word` has it; of hands that draw with a mouse, strokes are straight between few points."""
        text, strokes = self._word()
        if self.angular:
            strokes = [cv2.approxPolyDP(stroke.astype(np.float32), self.angular, closed=False)[:, 0] for stroke in strokes]
        return text, strokes

    def _word(self) -> tuple[str, Strokes]:
        """A word, or now and then a number or a code, its baseline at y = 0."""
        if self.rng.random() < self.codes and self.ink.char_writers:
            written = self.ink.some_chars(self.rng)
            return written.text, written.strokes
        own = self.ink.words_of[self.writer]
        index = own[int(self.rng.integers(len(own)))]
        text, strokes = self.ink.words.texts[index], self.ink.words.strokes[index]
        if self.spells != "joined" and self.ink.char_writers:
            text = text.upper() if self.spells == "capitals" else text
            spelled = self.ink.spelled(text, self.ink.chars_of[self.speller], self.letters, self.rng)
            if spelled[0]:
                return spelled
        return text, moved(strokes, 0.0, -standing(text, strokes) + self.rng.normal(0, 5))

    def line(self, left: float, y: float, width: float, *, words: int | None = None, column: int = 0, angle: float = 0.0) -> Written:
        """Write from a point of the sheet on, until the width is full or there are so many words.

        Args:
            left: x where the writing begins, pixels.
            y: of the baseline there.
            width: pixels that there are at the most; one word is written at least.
            words: how many at the most.
            column: number of the column.
            angle: of the line against the sheet, radians, clockwise.
        """
        room = width / self.core * 100
        pieces: list[tuple[str, Strokes]] = []
        right, tries = 0.0, 0
        while words is None or len(pieces) < words:
            text, strokes = self.word()
            strokes = moved([stroke * (self.stretch, 1.0) for stroke in strokes], right, 0.0)
            end = max(float(stroke[:, 0].max()) for stroke in strokes)
            if end > room and (pieces or tries < 8):
                tries += 1
                if pieces:
                    break
                continue
            pieces.append((text, strokes))
            right = end + max(35.0, self.gap + self.rng.normal(0, 0.15 * self.gap))
            if right > room:
                break
        return self._placed(pieces, left, y, column, angle)

    def _placed(self, pieces: list[tuple[str, Strokes]], left: float, y: float, column: int, angle: float) -> Written:
        rng = self.rng
        phase, period = rng.uniform(0, 6.3), rng.uniform(800, 4000)
        slope = self.slope + rng.normal(0, 0.004)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

        def course(x: np.ndarray) -> np.ndarray:
            return slope * x + self.wave * (np.sin(x / period * 6.3 + phase) - np.sin(phase))

        def on_sheet(points: np.ndarray) -> np.ndarray:
            return (points * (self.core / 100) @ turn + (left, y)).astype(np.float32)

        kept: list[PageWord] = []
        strokes: list[Stroke] = []
        ink: list[np.ndarray] = []
        for text, word in pieces:
            points = np.concatenate(word)
            points = points + rng.normal(0, self.tremble, points.shape)
            points[:, 0] -= self.slant * points[:, 1]
            own = points.copy()
            points[:, 1] += course(points[:, 0])
            ends = np.cumsum([len(stroke) for stroke in word])[:-1]
            parts = np.split(on_sheet(points), ends)
            widths = self.pen * np.exp(rng.normal(0, 0.12, len(parts)))
            strokes += [Stroke(part, float(wide)) for part, wide in zip(parts, widths, strict=True)]
            ink.append(own)
            if self.strikes and rng.random() < STRUCK * 3 and len(pieces) > 1:
                strokes.append(Stroke(on_sheet(self._crossing(points)), self.pen))
                continue
            kept.append(PageWord(text, on_sheet(_bent(outline(own, 100 * self.pen / self.core), course))))
        everything = np.concatenate(ink)
        x = np.arange(everything[:, 0].min(), everything[:, 0].max() + 200, 200.0)
        x[-1] = everything[:, 0].max()
        baseline = on_sheet(np.stack([x, course(x)], axis=1))
        if self.underlines and rng.random() < 0.15:
            across = np.linspace(x[0], x[-1], 12)
            below = course(across) + rng.uniform(35, 60) + rng.normal(0, 4, 12)
            strokes.append(Stroke(on_sheet(np.stack([across, below], axis=1)), self.pen))
        polygon = on_sheet(_bent(outline(everything, 100 * self.pen / self.core), course))
        text = " ".join(word.text for word in kept)
        return Written(PageLine(text, baseline, polygon, self.core, tuple(kept), column), strokes)

    def _crossing(self, points: np.ndarray) -> np.ndarray:
        """A stroke through a word, straight or to and fro."""
        low, high = points.min(0), points.max(0)
        count = int(self.rng.choice((2, 2, 7, 11)))
        x = np.linspace(low[0] - 20, high[0] + 20, count)
        if count == 2:
            return np.stack([x, -50 + self.rng.normal(0, 15, 2)], axis=1)
        swing = np.where(np.arange(count) % 2, -100.0, 0.0) + self.rng.normal(0, 15, count)
        return np.stack([x, swing], axis=1)


def standing(text: str, strokes: Strokes) -> float:
    """y of a word's baseline: where letters may hang below it, the small letters' height below which there is most ink ends there."""
    if not set("fgjpqyz") & set(text) or sum(char.islower() for char in text) < 3:
        return baseline_of(text, strokes)
    steps = [np.diff(stroke, axis=0) for stroke in strokes if len(stroke) > 1]
    if not steps:
        return baseline_of(text, strokes)
    length = np.concatenate([np.hypot(*step.T) for step in steps])
    start = np.concatenate([stroke[:-1, 1] for stroke in strokes if len(stroke) > 1])
    along = (np.arange(8) + 0.5) / 8
    y = start[:, None] + np.concatenate(steps)[:, 1:] * along
    bins = np.arange(y.min() - 105, y.max() + 110, 5.0)
    profile, edges = np.histogram(y, bins, weights=np.broadcast_to(length[:, None] / 8, y.shape))
    inside = np.convolve(profile, np.ones(20), "valid")  # in the small letters' height from each edge on
    return float(edges[int(inside.argmax())] + 100)


def outline(points: np.ndarray, pen: float) -> np.ndarray:
    """Polygon around ink whose baseline is at y = 0, as tight as a line's: in bins of about the core height, above and below.

    Args:
        points: (N, 2), hundredths of the core height.
        pen: width of the pen in these units.

    Returns:
        Float64 (M, 2): along the upper side, back along the lower one.
    """
    low, high = points[:, 0].min() - pen / 2, points[:, 0].max() + pen / 2
    count = max(1, round((high - low) / 100))
    edges = np.linspace(low, high, count + 1)
    place = np.clip(np.searchsorted(edges, points[:, 0], "right") - 1, 0, count - 1)
    up, down = np.full(count, -60.0), np.full(count, 0.0)  # where there is no ink, the small letters' height would be
    if count == 1:
        up, down = np.full(1, np.inf), np.full(1, -np.inf)
    np.minimum.at(up, place, points[:, 1] - pen / 2)
    np.maximum.at(down, place, points[:, 1] + pen / 2)
    upper = np.minimum(np.r_[up[:1], up], np.r_[up, up[-1:]])  # at each edge what is further out on either side
    lower = np.maximum(np.r_[down[:1], down], np.r_[down, down[-1:]])
    return np.concatenate([np.stack([edges, upper], axis=1), np.stack([edges, lower], axis=1)[::-1]])


def _bent(points: np.ndarray, course: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    points = points.copy()
    points[:, 1] += course(points[:, 0])
    return points
