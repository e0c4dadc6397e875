"""Write text with pixels: characters drawn row by row by a recurrent network, all in one hand, set on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image, ImageColor

from hwr import ink, signs
from hwr.charset import CLASS_OF, CLASSES
from hwr.errors import InputError
from hwr.glyph_style import stroke_width
from hwr.hub import fetch
from hwr.images import SIZE, character, ink_of
from hwr.layout import LINE_SPACING, Sign, Spelled, proportions, rules, spell, wrap
from hwr.models.pixel_lstm import PixelLSTM
from hwr.predictors.char import CharRecognizer

DEFAULT_WEIGHTS = "pixels-best"
BATCH = 256
"""Characters that are drawn at once."""
TRIES = 4
"""How often a character that can't be read is drawn at most, the first time included."""
NATURAL = 0.2
"""How far the characters of a hand scatter about its style, in standard deviations of the style among hands."""
PAGE_LINES = 28
"""Lines of writing to a page."""
STROKE = 0.15
"""Width of an average hand's stroke, in x-heights."""
MAX_SAMPLES = 10_000
_OPEN = 60
"""Ink level that counts as part of a character when it is cut out."""

Progress = Callable[[int, int], None]
"""Called with how many characters are done, and of how many."""


@dataclass(frozen=True, eq=False)
class Report:
    """What there is to say about a text that was written.

    Attributes:
        characters: that were drawn, without spaces.
        redrawn: of these, how many had to be drawn more than once, since they could not be read as meant.
        unread: how many can't be read as meant even so.
        replaced: characters that could not be written as they are, and what was written for them; ``""`` where nothing was.
        verified: whether characters were read back at all.
        seed: that gives the same picture again.
    """

    characters: int
    redrawn: int
    unread: int
    replaced: dict[str, str]
    verified: bool
    seed: int

    def export(self) -> dict[str, Any]:
        """JSON-able data."""
        return dict(vars(self))

    def sentences(self) -> list[str]:
        """The same for people."""
        said = f"{self.characters:,} characters, seed {self.seed}."
        if self.verified and not self.redrawn:
            said += " All could be read as meant at once."
        elif self.verified:
            said += f" {self.redrawn:,} could not be read as meant at first and were drawn again"
            said += f"; {self.unread:,} still can't." if self.unread else "."
        return [said] + [
            f"{char} is not among the signs that can be written" + (f": it became {instead}." if instead else ", so it was left out.")
            for char, instead in self.replaced.items()
        ]


@dataclass(frozen=True, eq=False)
class _Placed:
    """A sign on a page."""

    cover: np.ndarray  # uint8 (H, W), 255 for full ink
    x: int  # of its left upper corner
    y: int


@dataclass(frozen=True, eq=False)
class PixelText:
    """A text in handwriting.

    Attributes:
        pages: RGB pictures.
        glyphs: uint8 (N, 28, 28), the characters as the network drew them, ink 255 on 0; signs that it doesn't draw are not among them.
        report: see :class:`Report`.
    """

    pages: tuple[Image.Image, ...]
    glyphs: np.ndarray
    report: Report
    _placed: tuple[_Placed, ...] = field(default=(), repr=False)
    _blank: Image.Image | None = field(default=None, repr=False)
    _ink: tuple[int, int, int] = (0, 0, 0)

    @property
    def image(self) -> Image.Image:
        """The first page."""
        return self.pages[0]

    def save(self, path: str | Path) -> list[Path]:
        """Write the pages as pictures: ``a.png``, and if there are more ``a-2.png``, ``a-3.png`` ...; a PDF holds all pages.

        Raises:
            InputError: the folder isn't there or can't be written, or Pillow doesn't know the ending.
        """
        path = Path(path)
        try:
            if path.suffix.lower() == ".pdf":
                self.pages[0].save(path, save_all=True, append_images=list(self.pages[1:]))
                return [path]
            paths = [path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in range(1, len(self.pages) + 1)]
            for page, name in zip(self.pages, paths, strict=True):
                page.save(name)
            return paths
        except (OSError, ValueError) as error:
            raise InputError(f"The picture can't be written to {path}: {error}") from error

    def animation(self, path: str | Path, *, milliseconds: int = 90, max_width: int = 720) -> Path:
        """Write the first page as it is drawn, row by row of all characters at once, as animated WebP or GIF (by the ending).

        Args:
            path: of the file.
            milliseconds: each row is shown.
            max_width: larger pages are made smaller.

        Raises:
            InputError: the file can't be written.
        """
        assert self._blank is not None
        frames = []
        for row in range(SIZE + 1):
            page = np.asarray(self._blank).copy()
            for placed in self._placed:
                shown = round(len(placed.cover) * row / SIZE)
                _ink_in(page, _Placed(placed.cover[:shown], placed.x, placed.y), self._ink)
            frame = Image.fromarray(page)
            if frame.width > max_width:
                frame = frame.resize((max_width, round(frame.height * max_width / frame.width)), Image.Resampling.LANCZOS)
            frames.append(frame)
        try:
            times = [milliseconds] * SIZE + [2500]
            frames[0].save(path, save_all=True, append_images=frames[1:], duration=times, loop=0)
        except (OSError, ValueError) as error:
            raise InputError(f"The animation can't be written to {path}: {error}") from error
        return Path(path)


class PixelWriter:
    """Writes with a :class:`~hwr.models.pixel_lstm.PixelLSTM`. Thread-safe.

    Args:
        network: trained.
        recognizer: reads characters back.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(self, network: PixelLSTM, recognizer: CharRecognizer, source: str = "", device: str | torch.device = "cpu") -> None:
        self.network = network.to(device).eval()
        self.recognizer = recognizer
        self.source = source
        self.device = torch.device(device)

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> PixelWriter:
        """Load a writer, and the shipped recogniser that reads it back.

        Args:
            path_or_repo: name of shipped weights, a folder, or a Hub repository ``user/name``; None for the best shipped weights.
            revision: branch, tag or commit of a Hub repository.
            device: where to run.

        Raises:
            ModelError: the model can't be had or is not whole.
        """
        folder = fetch(path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        source = f"{path_or_repo or DEFAULT_WEIGHTS}{f'@{revision}' if revision else ''}"
        return cls(PixelLSTM.from_pretrained(folder), CharRecognizer.from_pretrained(device=device), source, device)

    @property
    def style_size(self) -> int:
        """Numbers in a style."""
        return self.network.style_size

    def style(self, seed: int) -> np.ndarray:
        """The hand that a seed gives: float32 (style_size,)."""
        return self.network.styles(1, _generator(seed, 1))[0].numpy()

    def encode(self, image: Any) -> np.ndarray:
        """The style of a hand, from a picture of a few characters that stand apart (a sketch, a photograph).

        Args:
            image: whatever :func:`hwr.images.load_image` takes.

        Returns:
            Float32 (style_size,).

        Raises:
            InputError: no image, or no character in it.
        """
        found = []
        for part in _apart(ink_of(image)):
            try:
                found.append(character(255 - part))
            except InputError:  # a speck
                continue
        if not found:
            raise InputError("There is no character in the picture of your hand. Write a few, well apart.")
        images = torch.from_numpy(np.stack(found)).to(self.device)
        with torch.inference_mode():
            # Which characters they are is guessed: what remains of a hand is what doesn't depend on it.
            probabilities = self.recognizer.network.probabilities(images)
            sure, labels = probabilities.max(1)
            names = [self._index(CLASSES[label]) for label in labels.tolist()]
            mean, _ = self.network.encode(images, torch.tensor(names, device=self.device).unsqueeze(1).expand(-1, 2))
            return ((mean * sure[:, None]).sum(0) / sure.sum()).cpu().numpy()

    def sample(
        self,
        char: str,
        n: int = 1,
        *,
        seed: int = 0,
        temperature: float | None = None,
        style: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw one character many times, as the network's distribution has it: nothing is left out or drawn again.

        Args:
            char: one of the 62 letters and digits.
            n: how many.
            seed: of everything random.
            temperature: divides the logits of the pixels; None for the default.
            style: float (style_size,) for one hand, (n, style_size) for one each; None for a hand each of its own.

        Returns:
            Uint8 (n, 28, 28), ink 255 on 0.

        Raises:
            InputError: a character that the network doesn't draw, or a number out of range.
        """
        if not isinstance(char, str) or char not in self.network.charset or len(char) != 1:
            raise InputError(f"{char!r} can't be drawn; the network draws {self.network.charset}")
        if not isinstance(n, int) or not 1 <= n <= MAX_SAMPLES:
            raise InputError(f"n must be a whole number from 1 to {MAX_SAMPLES:,}.")
        if style is None:
            styles = self.network.styles(n, _generator(seed, 2)).numpy()
        else:
            styles = np.broadcast_to(np.asarray(style, np.float32), (n, self.style_size))
        return self._draw(char * n, styles, self._temperature(temperature), _generator(seed, 3))

    def write(
        self,
        text: str,
        *,
        seed: int = 0,
        temperature: float | None = None,
        style: np.ndarray | None = None,
        style_image: Any = None,
        verify: bool = True,
        size: int = 24,
        width: int = 900,
        ink_color: str = "#1c2340",
        paper_color: str = "#ffffff",
        paper: str = "plain",
        progress: Progress | None = None,
    ) -> PixelText:
        """Write a text.

        Letters and digits are drawn by the network; punctuation and accents, which it has never seen, as pen strokes of the same width and
        slant. What can't be written at all is named in the report.

        Args:
            text: line breaks are kept, long lines wrapped.
            seed: of everything random: the same arguments give the same picture.
            temperature: divides the logits of the pixels, 0.05 to 5: less is neater; None for the default.
            style: of the hand, float (style_size,); None for the one that the seed gives.
            style_image: a picture of a few characters of the hand to write in, instead of ``style``.
            verify: read each character back, and draw those again that can't be read as meant.
            size: x-height in pixels, 8 to 120.
            width: of a page in pixels, 200 to 4000; narrower if no line is as long.
            ink_color: any CSS colour.
            paper_color: any CSS colour.
            paper: ``"plain"``, ``"ruled"`` or ``"grid"``.
            progress: is told how far it is.

        Raises:
            InputError: an argument that can't be used; the message says which.
        """
        temperature = self._temperature(temperature)
        if not isinstance(size, int) or not 8 <= size <= 120:
            raise InputError("The size (height of an x) must be a whole number from 8 to 120 pixels.")
        if not isinstance(width, int) or not 200 <= width <= 4000:
            raise InputError("The width of the page must be a whole number from 200 to 4,000 pixels.")
        colour, sheet = _colour(ink_color), _colour(paper_color)
        rules(paper, 0, 0, 0, 1)
        spelled = spell(text, set(self.network.charset) | signs.PUNCTUATION.keys(), signs.ACCENTS.keys())
        if style_image is not None:
            style = self.encode(style_image)
        hand = self.style(seed) if style is None else np.asarray(style, np.float32)
        if hand.shape != (self.style_size,) or not np.isfinite(hand).all():
            raise InputError(f"A style is {self.style_size} finite numbers.")

        everything = [sign for line in spelled.lines for word in line for sign in word]
        letters = "".join(sign.char for sign in everything if sign.char in self.network.charset)
        pen = STROKE * float(np.exp(0.2 * np.clip(hand[1], -2, 2)))
        styles = self._styles(letters, hand, pen, _rng(seed, 4))
        glyphs, redrawn, unread = self._verified(letters, styles, temperature, _generator(seed, 5), verify, progress)
        page = _Typesetter(size, width, hand, pen, _rng(seed, 6), self._slant(hand))
        sheets = page.set(spelled, iter(glyphs), self.network.charset)
        # A few words don't need a whole page's width.
        width = min(width, page.margin + max(part.x + part.cover.shape[1] for placed, _ in sheets for part in placed))
        blank = [_sheet(sheet, paper, width, height, page) for _, height in sheets]
        pages = []
        for (placed, _), empty in zip(sheets, blank, strict=True):
            pixels = empty.copy()
            for part in placed:
                _ink_in(pixels, part, colour)
            pages.append(Image.fromarray(pixels))
        report = Report(len(everything), redrawn, unread, spelled.replaced, verify, seed)
        return PixelText(tuple(pages), glyphs, report, tuple(sheets[0][0]), Image.fromarray(blank[0]), colour)

    # --- drawing ---

    def _index(self, char: str) -> int:
        return self.network.charset.index(char)

    def _temperature(self, temperature: float | None) -> float:
        if temperature is None:
            return self.network.temperature
        if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0.05 <= temperature <= 5:
            raise InputError("The temperature must be a number from 0.05 to 5.")
        return float(temperature)

    def _slant(self, hand: np.ndarray) -> float:
        """Of an average character of a hand."""
        mean, deviation = self.network.traits[:, 0].mean(), self.network.traits[:, 1].mean()
        return float(mean + deviation * float(np.clip(hand[0], -2.5, 2.5)))

    def _styles(self, letters: str, hand: np.ndarray, pen: float, rng: np.random.Generator) -> np.ndarray:
        """A style for each letter: the hand's, with some scatter, and the stroke that is as wide as the others' once it has its size."""
        styles = hand + NATURAL * rng.standard_normal((len(letters), self.style_size)).astype(np.float32)
        heights = proportions().height
        for style, char in zip(styles, letters, strict=True):
            _, _, mean, deviation = self.network.traits[self._index(char)].tolist()
            wanted = pen / heights[char] * _TALL  # in the picture's pixels
            style[1] = np.clip((wanted - mean) / deviation, -1.5, 1.5)
            style[0] = np.clip(hand[0], -2.5, 2.5) + 0.15 * rng.standard_normal()
        return styles

    def _draw(self, letters: str, styles: np.ndarray, temperature: float, generator: torch.Generator) -> np.ndarray:
        """Uint8 (N, 28, 28)."""
        parts = [np.zeros((0, SIZE, SIZE), np.uint8)]
        with torch.inference_mode():
            for start in range(0, len(letters), BATCH):
                part = slice(start, start + BATCH)
                indices = torch.tensor([self._index(char) for char in letters[part]], device=self.device)
                style = torch.from_numpy(np.array(styles[part])).to(self.device)
                parts.append(self.network.sample(indices, style, temperature=temperature, generator=generator).cpu().numpy())
        return np.concatenate(parts)

    def _verified(
        self,
        letters: str,
        styles: np.ndarray,
        temperature: float,
        generator: torch.Generator,
        verify: bool,
        progress: Progress | None,
    ) -> tuple[np.ndarray, int, int]:
        """The letters drawn, how many of them more than once, and how many can't be read as meant."""
        glyphs = np.zeros((len(letters), SIZE, SIZE), np.uint8)
        redrawn = unread = 0
        for start in range(0, len(letters), BATCH):
            part = slice(start, start + BATCH)
            glyphs[part] = self._draw(letters[part], styles[part], temperature, generator)
            if verify:
                sure, right = self._read(glyphs[part], letters[part])
                again = np.flatnonzero(~right) + start
                redrawn += len(again)
                best = {index: sure[index - start] for index in again}
                for _ in range(TRIES - 1):
                    if not len(again):
                        break
                    chars = "".join(letters[index] for index in again)
                    drawn = self._draw(chars, styles[again], temperature, generator)
                    sure, right = self._read(drawn, chars)
                    for index, glyph, confidence in zip(again, drawn, sure, strict=True):
                        if confidence > best[index]:
                            best[index], glyphs[index] = confidence, glyph
                    again = again[~right]
                unread += len(again)
            if progress is not None:
                progress(min(start + BATCH, len(letters)), len(letters))
        return glyphs, redrawn, unread

    def _read(self, glyphs: np.ndarray, chars: str) -> tuple[np.ndarray, np.ndarray]:
        """How sure the recogniser is that characters are what was meant, and whether nothing else is likelier."""
        with torch.inference_mode():
            probabilities = self.recognizer.network.probabilities(torch.from_numpy(glyphs).to(self.recognizer.device)).cpu().numpy()
        meant = np.array([CLASS_OF[char] for char in chars])
        return probabilities[np.arange(len(meant)), meant], probabilities.argmax(1) == meant


_TALL = 20.0
"""Pixels that the longer side of a character has in EMNIST's pictures, about."""


class _Typesetter:
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
        self.margin = round(1.6 * size)
        self.spacing = LINE_SPACING * size
        self.first = self.margin + 1.9 * size
        measured = proportions()
        habit = np.random.default_rng([int(value * 1000) & 0xFFFF for value in hand[:4]])
        self.gap = measured.letter_gap * float(np.exp(0.25 * habit.standard_normal()))
        self.word_gap = measured.word_gap * 0.85 * float(np.exp(0.12 * habit.standard_normal()))
        self.slope = 0.004 * float(habit.standard_normal())

    def set(self, spelled: Spelled, glyphs: Any, charset: str) -> list[tuple[list[_Placed], int]]:
        """Pages: what stands on each, and how high it is in pixels.

        Args:
            spelled: the text.
            glyphs: the pictures of those of its signs that the network draws, in order.
            charset: what the network draws.
        """
        lines: list[list[_Placed]] = []
        for words in spelled.lines:
            pictures = [[self._picture(sign, next(glyphs) if sign.char in charset else None) for sign in word] for word in words]
            advances = [[cover.shape[1] / self.size + self._gap() for cover, _ in word] for word in pictures]
            for pieces in wrap(advances, self.word_gap, (self.width - 2 * self.margin) / self.size):
                lines.append(self._line(pieces, pictures, advances))
        sheets = []
        for start in range(0, len(lines), PAGE_LINES):
            placed = []
            for number, line in enumerate(lines[start : start + PAGE_LINES]):
                baseline = round(self.first + number * self.spacing)
                placed += [_Placed(part.cover, part.x, part.y + baseline) for part in line]
            height = round(self.first + (min(PAGE_LINES, len(lines) - start) - 1) * self.spacing + 1.3 * self.size) + self.margin
            sheets.append((placed, height))
        return sheets

    def _gap(self) -> float:
        return max(0.03, self.gap + 0.05 * self.rng.standard_normal())

    def _line(
        self, pieces: list[tuple[int, int, int]], pictures: list[list[tuple[np.ndarray, int]]], advances: list[list[float]]
    ) -> list[_Placed]:
        placed = []
        at, drift = float(self.margin + 0.2 * self.size * self.rng.random()), 0.0
        slope = self.slope + 0.002 * self.rng.standard_normal()
        for word, start, stop in pieces:
            for (cover, bottom), advance in zip(pictures[word][start:stop], advances[word][start:stop], strict=True):
                drift = 0.8 * drift + 0.025 * self.size * self.rng.standard_normal()
                y = round(bottom - len(cover) + drift + slope * (at - self.margin))
                placed.append(_Placed(cover, round(at), y))
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
            accent, low = self._strokes([stroke + np.float32([0, lift]) for stroke in strokes])
            cover, bottom = _overlaid(cover, bottom, accent, low)
        return cover, bottom

    def _strokes(self, strokes: ink.Strokes) -> tuple[np.ndarray, int]:
        sheared = [np.stack([stroke[:, 0] - self.slant * stroke[:, 1], stroke[:, 1]], 1) * self.size for stroke in strokes]
        points = np.concatenate(sheared)
        pad = self.pen * self.size / 2 + 1
        low, high = points.min(0) - pad, points.max(0) + pad
        top, bottom = int(np.floor(low[1])), int(np.ceil(high[1]))
        size = (max(1, int(np.ceil(high[0] - low[0]))), bottom - top)
        moved = [(stroke - [low[0], top]).astype(np.float32) for stroke in sheared]
        return 255 - ink.render(moved, size, self.pen * self.size), bottom


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


def _apart(ink_picture: np.ndarray) -> list[np.ndarray]:
    """Cut a picture of ink, uint8 (H, W), ink 255 on 0, into characters: what overlaps in x belongs together."""
    mask = (ink_picture > 100).astype(np.uint8)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return []
    tall = np.percentile(boxes[1:, cv2.CC_STAT_HEIGHT], 80)
    found: list[list[int]] = []
    for x, y, width, height, area in sorted(boxes[1:].tolist()):
        if area < max(4, 0.002 * tall * tall):
            continue
        for box in found:
            shared = min(box[2], x + width) - max(box[0], x)
            near = y < box[3] + 0.6 * tall and y + height > box[1] - 0.6 * tall
            if near and shared > 0.5 * min(width, box[2] - box[0]):
                box[:] = [min(box[0], x), min(box[1], y), max(box[2], x + width), max(box[3], y + height)]
                break
        else:
            found.append([x, y, x + width, y + height])
    return [np.pad(ink_picture[y0:y1, x0:x1], 8) for x0, y0, x1, y1 in found[:200]]


def _sheet(colour: tuple[int, int, int], paper: str, width: int, height: int, page: _Typesetter) -> np.ndarray:
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


def _ink_in(page: np.ndarray, placed: _Placed, colour: tuple[int, int, int]) -> None:
    """Lay ink on a page, uint8 (H, W, 3), in place; what lies outside is cut off."""
    top, left = max(0, placed.y), max(0, placed.x)
    part = page[top : max(top, placed.y + placed.cover.shape[0]), left : max(left, placed.x + placed.cover.shape[1])]
    cover = placed.cover[top - placed.y :, left - placed.x :][: part.shape[0], : part.shape[1], None] / 255.0
    part[:] = (part * (1 - cover) + np.asarray(colour) * cover).round().astype(np.uint8)


def _colour(name: Any) -> tuple[int, int, int]:
    try:
        return ImageColor.getrgb(name)[:3]
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"{name!r} is not a colour; write for example #1c2340 or navy.") from None


def _rng(seed: Any, stream: int) -> np.random.Generator:
    """Independent random numbers for each purpose, so that none shifts another's."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise InputError("The seed must be a whole number, 0 or more.")
    return np.random.default_rng([seed, stream])


def _generator(seed: Any, stream: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(_rng(seed, stream).integers(2**62)))
