"""Words and lines to learn reading from: real ones, and ones composed of a writer's words and characters, each with its label.

Ink is in hundredths of the writer's core height, the baseline of composed lines at y = 0, y growing downwards.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hwr.charset import DIGITS, PRINTABLE, UPPER
from hwr.data.emnist import CharSet
from hwr.data.unipen import InkSet
from hwr.ink.strokes import Strokes

ASCENDER = 190.0
DESCENDER = 90.0
_DESCENDING = frozenset("gjpqy")
_ASCENDING = frozenset("bdfhklt" + DIGITS + UPPER)
# How far the ink of other characters goes below the baseline; those with a minus hang above it.
_BELOW = dict.fromkeys(_DESCENDING, DESCENDER) | dict.fromkeys("()[]{}|/\\$@#", 40.0) | {"Q": 15.0, "_": 20.0}
_BELOW |= dict.fromkeys(",;", 35.0) | dict.fromkeys("'\"^`", -130.0) | dict.fromkeys("-~=+<>*", -40.0)
_CODES = DIGITS + UPPER + "-/.:#"
_NUMBERS = DIGITS * 4 + ".,:-/$%()+"


@dataclass(frozen=True, eq=False)
class Written:
    """Ink and what it says.

    Attributes:
        text: the label.
        strokes: float32 arrays (N, 2).
        any_case: the label's case means nothing.
    """

    text: str
    strokes: Strokes
    any_case: bool = False


class Handwriting:
    """A collection of ink to draw training samples from; every draw depends on the generator alone.

    Args:
        words: samples of kind ``"word"``.
        lines: of kind ``"line"``.
        chars: of kind ``"char"``.
        pen_words: words that the pen wrote; none without it.
        pen_lines: lines that it wrote.
    """

    def __init__(
        self, words: InkSet, lines: InkSet, chars: InkSet, pen_words: InkSet | None = None, pen_lines: InkSet | None = None
    ) -> None:
        self.words = words
        self.lines = lines
        self.chars = chars
        self.pen_words = pen_words
        self.pen_lines = pen_lines
        self.words_of: dict[str, list[int]] = defaultdict(list)
        for index, (writer, reliable) in enumerate(zip(words.writers, words.case_reliable, strict=True)):
            if reliable:
                self.words_of[writer].append(index)
        self.word_writers = [writer for writer, own in self.words_of.items() if len(own) >= 5]
        self.chars_of: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.everyones: dict[str, list[int]] = defaultdict(list)
        for index, (writer, char, reliable) in enumerate(zip(chars.writers, chars.texts, chars.case_reliable, strict=True)):
            if reliable:
                self.chars_of[writer][char].append(index)
                self.everyones[char].append(index)
        self.char_writers = [writer for writer, own in self.chars_of.items() if len(own) >= 10]

    def word(self, rng: np.random.Generator) -> Written:
        """A word as it was written."""
        return _sample(self.words, int(rng.integers(len(self.words))))

    def line(self, rng: np.random.Generator) -> Written:
        """A line as it was written."""
        return _sample(self.lines, int(rng.integers(len(self.lines))))

    def pen_word(self, rng: np.random.Generator) -> Written:
        """A word that the pen wrote."""
        assert self.pen_words is not None
        return _sample(self.pen_words, int(rng.integers(len(self.pen_words))))

    def pen_line(self, rng: np.random.Generator) -> Written:
        """A line that the pen wrote."""
        assert self.pen_lines is not None
        return _sample(self.pen_lines, int(rng.integers(len(self.pen_lines))))

    def some_words(self, rng: np.random.Generator) -> Written:
        """Two to five words of one writer, side by side on a baseline."""
        own = self.words_of[self.word_writers[int(rng.integers(len(self.word_writers)))]]
        gap = rng.uniform(60, 220)
        texts: list[str] = []
        strokes: Strokes = []
        right = 0.0
        for index in rng.choice(own, int(rng.integers(2, 6))):
            text, ink = self.words.texts[index], self.words.strokes[index]
            texts.append(text)
            strokes += moved(ink, right, -baseline_of(text, ink) + rng.normal(0, 8))
            right = max(float(stroke[:, 0].max()) for stroke in strokes) + max(35.0, gap + rng.normal(0, 25))
        return Written(" ".join(texts), strokes)

    def some_chars(self, rng: np.random.Generator) -> Written:
        """One to ten characters of one writer, side by side: numbers, codes, capitals, anything; what the writer lacks is another's."""
        own = self.chars_of[self.char_writers[int(rng.integers(len(self.char_writers)))]]
        kinds = (_NUMBERS, UPPER, _CODES, sorted(self.everyones))
        pool = kinds[int(rng.choice(len(kinds), p=(0.4, 0.12, 0.18, 0.3)))]
        gap = rng.uniform(10, 60)
        text, strokes = self.spelled(rng.choice(list(pool), int(rng.integers(1, 11))), own, gap, rng)
        return Written(text, strokes) if text else self.some_chars(rng)

    def spelled(self, chars: Iterable[str], own: dict[str, list[int]], gap: float, rng: np.random.Generator) -> tuple[str, Strokes]:
        """Characters side by side on a baseline at y = 0: of one writer's samples, or of another's where there is none; what nobody wrote
        is left out."""
        text = ""
        strokes: Strokes = []
        right = 0.0
        for char in chars:
            samples = own.get(char) or self.everyones.get(char)
            if not samples:
                continue
            ink = self.chars.strokes[samples[int(rng.integers(len(samples)))]]
            bottom = max(float(stroke[:, 1].max()) for stroke in ink)
            strokes += moved(ink, right, _BELOW.get(char, 0.0) - bottom + rng.normal(0, 7))
            right = max(float(stroke[:, 0].max()) for stroke in strokes) + max(6.0, gap + rng.normal(0, 15))
            text += char
        return text, strokes


class Glyphs:
    """Scanned characters to compose words of: the texture of pen on paper, which drawn ink hasn't.

    Args:
        characters: those whose case is known are used.
        texts: what to write: words of which at least one character is among them.
    """

    def __init__(self, characters: CharSet, texts: list[str]) -> None:
        self.images = characters.images
        self.samples: dict[str, list[int]] = defaultdict(list)
        for index, char in enumerate(characters.chars):
            if char:
                self.samples[char].append(index)
        self.texts = [kept for text in texts if (kept := "".join(c for c in text if c in self.samples))]

    def word(self, rng: np.random.Generator, core: float) -> tuple[str, np.ndarray]:
        """A word or a number, and its ink, uint8 (H, W), so many pixels to the core height."""
        text = self.texts[int(rng.integers(len(self.texts)))]
        if rng.random() < 0.25:
            text = "".join(rng.choice([digit for digit in DIGITS if digit in self.samples] or list(text), int(rng.integers(1, 8))))
        gap = rng.uniform(-0.02, 0.35) * core
        above, below = round(2.3 * core), round(1.3 * core)
        canvas = np.zeros((above + below, round((2.6 * core + gap) * len(text)) + 8), np.uint8)
        right = 2
        for char in text:
            glyph = _cropped(self.images[self.samples[char][int(rng.integers(len(self.samples[char])))]])
            tall = char in _ASCENDING or char in "ij"
            units = (ASCENDER if tall else 100.0) + (DESCENDER if char in _DESCENDING else 0.0)
            height = max(3, round(units / 100 * core * np.exp(rng.normal(0, 0.08))))
            width = max(1, min(round(2.4 * core), round(glyph.shape[1] * height / glyph.shape[0] * np.exp(rng.normal(0, 0.08)))))
            small = cv2.resize(glyph, (width, height), interpolation=cv2.INTER_AREA if height < glyph.shape[0] else cv2.INTER_LINEAR)
            bottom = above + round(_BELOW.get(char, 0.0) / 100 * core + rng.normal(0, 0.05 * core))
            top = max(0, bottom - height)
            part = canvas[top : top + height, right : right + width]
            np.maximum(part, small[: part.shape[0], : part.shape[1]], out=part)
            right += width + max(0, round(gap + rng.normal(0, 0.06 * core)))
        return text, _cropped(canvas)


def _sample(ink: InkSet, index: int) -> Written:
    return Written(ink.texts[index], ink.strokes[index], not bool(ink.case_reliable[index]))


def moved(strokes: Strokes, left: float, y: float) -> Strokes:
    start = min(float(stroke[:, 0].min()) for stroke in strokes)
    offset = np.array([left - start, y], np.float32)
    return [stroke + offset for stroke in strokes]


def baseline_of(text: str, strokes: Strokes) -> float:
    """Where the baseline of a word is likely to be: at the bottom of its ink, or as far above it as its letters make believe."""
    low = min(float(stroke[:, 1].min()) for stroke in strokes)
    high = max(float(stroke[:, 1].max()) for stroke in strokes)
    if not _DESCENDING & set(text):
        return high
    above = ASCENDER if _ASCENDING & set(text) else 100.0
    return high - (high - low) * DESCENDER / (above + DESCENDER)


def _cropped(picture: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero((picture > 40).any(1)), np.flatnonzero((picture > 40).any(0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def usable(ink: InkSet, charset: str = PRINTABLE) -> InkSet:
    """The samples whose label is of a charset, not empty and not absurdly short or long for its ink."""
    kept = [
        index
        for index, (text, strokes) in enumerate(zip(ink.texts, ink.strokes, strict=True))
        if text.strip() and set(text) <= set(charset) and _extent(strokes) < 400 * len(text) + 400
    ]
    found = ink.chosen(kept)
    return replace(found, texts=[" ".join(text.split()) for text in found.texts])


def _extent(strokes: Strokes) -> float:
    points = np.concatenate(strokes)
    return float((points.max(0) - points.min(0)).max())
