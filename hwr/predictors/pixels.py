"""Write text with pixels: characters drawn row by row by a recurrent network, all in one hand, set on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from hwr.charset import CLASS_OF, CLASSES
from hwr.errors import InputError
from hwr.hub.finding import load_named
from hwr.models.pixel_lstm import PixelLSTM
from hwr.paper import signs
from hwr.paper.colours import rgb_colour
from hwr.paper.pixel_typesetting import MARGIN, TALL, Typesetter, sheet_of
from hwr.paper.proportions import proportions
from hwr.paper.report import PixelReport
from hwr.paper.ruling import LINE_SPACING, rules
from hwr.paper.spelling import MAX_LINES, spell
from hwr.paper.wrapping import check_lines
from hwr.paper.written_pixels import PixelText, Placed, lay_ink
from hwr.pictures.character import SIZE, character
from hwr.pictures.ink_finding import characters_apart, ink_of
from hwr.predictors.char import CharRecognizer
from hwr.system import deadline

DEFAULT_WEIGHTS = "pixels-best"
BATCH = 256
"""Characters that are drawn at once."""
TRIES = 4
"""How often a character that can't be read is drawn at most, the first time included."""
NATURAL = 0.2
"""How far the characters of a hand scatter about its style, in standard deviations of the style among hands."""
STROKE = 0.15
"""Width of an average hand's stroke, in x-heights."""
MAX_SAMPLES = 10_000
MAX_PIXELS = 60_000_000
"""Of all pages of a text."""

Progress = Callable[[int, int], None]
"""Called with how many characters are done, and of how many."""


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
        network, source = load_named(PixelLSTM.from_pretrained, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        return cls(network, CharRecognizer.from_pretrained(device=device), source, device)

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
            image: whatever :func:`hwr.pictures.loading.load_image` takes.

        Returns:
            Float32 (style_size,).

        Raises:
            InputError: no image, or no character in it.
        """
        found = []
        for part in characters_apart(ink_of(image)):
            try:
                found.append(character(255 - part))
            except InputError:  # a speck
                continue
        if not found:
            raise InputError("There is no character in the picture of your hand. Write a few, well apart.")
        # Which characters they are is guessed: what remains of a hand is what doesn't depend on it.
        probabilities = self.recognizer.network.classify(np.stack(found))
        names = [self._index(CLASSES[label]) for label in probabilities.argmax(1)]
        sure = probabilities.max(1)
        with torch.inference_mode():
            images = torch.from_numpy(np.stack(found)).to(self.device)
            mean, _ = self.network.encode(images, torch.tensor(names, device=self.device).unsqueeze(1).expand(-1, 2))
        return (mean.cpu().numpy() * sure[:, None]).sum(0) / sure.sum()

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
        _check_page(size, width, paper)
        colour, sheet = rgb_colour(ink_color), rgb_colour(paper_color)
        spelled = spell(text, set(self.network.charset) | signs.PUNCTUATION.keys(), signs.ACCENTS.keys())
        hand = self._hand(seed, style, style_image)
        check_lines(spelled, width / size - 2 * MARGIN, min(MAX_LINES, int(MAX_PIXELS / (LINE_SPACING * size * width))))

        everything = [sign for line in spelled.lines for word in line for sign in word]
        letters = "".join(sign.char for sign in everything if sign.char in self.network.charset)
        pen = STROKE * float(np.exp(0.2 * np.clip(hand[1], -2, 2)))
        styles = self._styles(letters, hand, pen, _rng(seed, 4))
        glyphs, redrawn, unread = self._verified(letters, styles, temperature, _generator(seed, 5), verify, progress)
        page = Typesetter(size, width, hand, pen, _rng(seed, 6), self._slant(hand))
        sheets = page.set(spelled, iter(glyphs), self.network.charset)
        # A few words don't need a whole page's width.
        width = min(width, page.margin + max(part.x + part.cover.shape[1] for placed, _ in sheets for part in placed))
        pages = [_inked(sheet_of(sheet, paper, width, height, page), placed, colour) for placed, height in sheets]
        blank = sheet_of(sheet, paper, width, sheets[0][1], page)
        report = PixelReport(len(everything), redrawn, unread, spelled.replaced, verify, seed)
        return PixelText(tuple(pages), glyphs, report, tuple(sheets[0][0]), Image.fromarray(blank), colour)

    # --- drawing ---

    def _hand(self, seed: int, style: np.ndarray | None, style_image: Any) -> np.ndarray:
        """The style, float32 (style_size,), of the hand to write in; arguments and errors as of :meth:`write`."""
        if style_image is not None:
            style = self.encode(style_image)
        hand = self.style(seed) if style is None else np.asarray(style, np.float32)
        if hand.shape != (self.style_size,) or not np.isfinite(hand).all():
            raise InputError(f"A style is {self.style_size} finite numbers.")
        return hand

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
            wanted = pen / heights[char] * TALL  # in the picture's pixels
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
        probabilities = self.recognizer.network.classify(glyphs)
        meant = np.array([CLASS_OF[char] for char in chars])
        return probabilities[np.arange(len(meant)), meant], probabilities.argmax(1) == meant


def _check_page(size: Any, width: Any, paper: str) -> None:
    """Refuse a page that can't be set; arguments and errors as of :meth:`PixelWriter.write`."""
    if not isinstance(size, int) or not 8 <= size <= 120:
        raise InputError("The size (height of an x) must be a whole number from 8 to 120 pixels.")
    if not isinstance(width, int) or not 200 <= width <= 4000:
        raise InputError("The width of the page must be a whole number from 200 to 4,000 pixels.")
    rules(paper, 0, 0, 0, 1)


def _inked(empty: np.ndarray, placed: Sequence[Placed], colour: tuple[int, int, int]) -> Image.Image:
    """Lay on paper, uint8 (H, W, 3), in place, what stands on it."""
    for part in placed:
        deadline.check()
        lay_ink(empty, part, colour)
    return Image.fromarray(empty)


def _rng(seed: Any, stream: int) -> np.random.Generator:
    """Independent random numbers for each purpose, so that none shifts another's."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise InputError("The seed must be a whole number, 0 or more.")
    return np.random.default_rng([seed, stream])


def _generator(seed: Any, stream: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(_rng(seed, stream).integers(2**62)))
