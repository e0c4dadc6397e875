"""Write with a pen: text -> words -> pen moves by a recurrent network -> read back -> a page of strokes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from PIL import ImageColor

from hwr import signs
from hwr.decoding import ctc_log_probability, greedy
from hwr.errors import InputError
from hwr.hub import fetch
from hwr.ink import Strokes
from hwr.ink_files import load_strokes
from hwr.layout import LINE_SPACING, Sign, Spelled, rules, spell, wrap
from hwr.models.pen_lstm import PenLSTM, Sampler, Written
from hwr.pen_moves import Path, features, logical_order, normalised, pieces_of, simplified, strokes_of
from hwr.predictors.ink import InkReader, line_picture
from hwr.predictors.text import TextReader
from hwr.written import Ink, InkLetter, InkReport

DEFAULT_WEIGHTS = "pen-best"
NEATNESS = 0.5
"""The bias that is the default: on validation texts the judge reads as much of it as of real ink, or more."""
TRIES = 4
"""How often a word that can't be read is drawn at most, the first time included."""
BATCHES = (2, 8, 24)
"""Words that are drawn at once: few at first, so that the first ones are there soon."""
_PROBE = ("name", "over", "such")
LONGEST_WORD = 40
"""Letters that are drawn in one go; longer words are made of several pieces."""
STROKE = 0.11
"""Width of the pen's stroke, in core heights."""
_ALIKE = str.maketrans({c: c.lower() for c in "CKOPSUVWXZJMYI"} | dict(zip("0|l1!", "oiiii", strict=True)) | {'"': "'", "`": "'", "_": "-"})
"""What can't be told apart without the size of other letters."""

Progress = Callable[[int, int], None]
"""Called with how many words are done, and of how many."""
Style = int | np.ndarray | Sequence[float]


@dataclass(frozen=True, eq=False)
class Hand:
    """A hand of the gallery.

    Attributes:
        name: neutral, such as ``"Hand 17"``.
        style: float32 (style_size,).
    """

    name: str
    style: np.ndarray


@dataclass(frozen=True)
class WritingProgress:
    """How far a text has come.

    Attributes:
        done: words that are written.
        total: words of the text.
        ink: the page so far; the last one is the whole.
    """

    done: int
    total: int
    ink: Ink


@dataclass(frozen=True)
class _Look:
    """How the page shall look; lengths in pixels."""

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


@dataclass(frozen=True, eq=False)
class _Word:
    """A word that is drawn: its ink in core heights, letter by letter."""

    written: Written
    tries: int
    read: bool


class PenWriter:
    """Writes with a :class:`~hwr.models.pen_lstm.PenLSTM`. Thread-safe.

    Args:
        network: trained.
        reader: reads words back by their strokes.
        picture_reader: reads them back by their looks; None does without.
        source: where the weights came from, for people.
    """

    def __init__(self, network: PenLSTM, reader: InkReader, picture_reader: TextReader | None = None, source: str = "") -> None:
        self.network = network.eval()
        self.reader = reader
        self.picture_reader = picture_reader
        self.source = source
        self.sampler = Sampler(network)
        self.gallery: tuple[Hand, ...] = tuple(
            Hand(name, style) for name, style in zip(network.hands, network.gallery.numpy().copy(), strict=True)
        )

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None) -> PenWriter:
        """Load a writer, and the shipped readers that read it back. It runs on the CPU, where single steps are fastest.

        Args:
            path_or_repo: name of shipped weights, a folder, or a Hub repository ``user/name``; None for the best shipped weights.
            revision: branch, tag or commit of a Hub repository.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        folder = fetch(path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        source = f"{path_or_repo or DEFAULT_WEIGHTS}{f'@{revision}' if revision else ''}"
        return cls(PenLSTM.from_pretrained(folder), InkReader.from_pretrained(), TextReader.from_pretrained(), source)

    @property
    def style_size(self) -> int:
        """Numbers in a style."""
        return self.network.style_size

    # --- styles ---

    def encode(self, ink: Any) -> np.ndarray:
        """The style of a hand, from a few words in it.

        Args:
            ink: strokes (lists of points ``[x, y]`` or ``[x, y, t]``, y downwards, any unit), or the path or bytes of an SVG, InkML or
                JSON file.

        Returns:
            float32 (style_size,), to be given as ``style``.

        Raises:
            InputError: it can't be read, or is too little to tell.
        """
        strokes = load_strokes(ink)
        paths = pieces_of(strokes, self.reader.core_height(strokes))
        if sum(len(path) for path in paths) < 8:
            raise InputError("That is too little ink to imitate. Write a few words.")
        return self.style_of(paths)

    def style_of(self, paths: Sequence[Path]) -> np.ndarray:
        """The style, float32 (style_size,), of one hand's paths, 1 unit to the core height."""
        from hwr.models.ink_ctc import padded

        moves, counts = padded([features(path) for path in paths])
        with torch.inference_mode():
            return self.network.encode(moves, counts, torch.full((1, len(paths)), 1 / len(paths))).numpy()[0]

    def mix(self, a: Style, b: Style, t: float) -> np.ndarray:
        """A hand between two: float32 (style_size,); ``t`` from 0 (the first) to 1 (the second).

        Raises:
            InputError: no such style, or no such number.
        """
        if isinstance(t, bool) or not isinstance(t, int | float) or not 0 <= t <= 1:
            raise InputError("The share of the second hand must be a number from 0 to 1.")
        return ((1 - t) * self.style(a) + t * self.style(b)).astype(np.float32)

    def style(self, style: Style) -> np.ndarray:
        """The vector, float32 (style_size,), of an index of the gallery or of a vector.

        Raises:
            InputError: no such hand, or not that many finite numbers.
        """
        if isinstance(style, int | np.integer) and not isinstance(style, bool):
            if not 0 <= style < len(self.gallery):
                raise InputError(f"The gallery has the hands 0 to {len(self.gallery) - 1}, not {style}.")
            return self.gallery[style].style
        try:
            vector = np.asarray(style, np.float32)
        except (TypeError, ValueError):
            vector = np.zeros(0, np.float32)
        if vector.shape != (self.style_size,) or not np.isfinite(vector).all() or isinstance(style, bool) or np.abs(vector).max() > 1e3:
            raise InputError(f"A style is the number of a hand in the gallery, or {self.style_size} finite numbers.")
        return vector

    # --- writing ---

    def write(self, text: str, *, progress: Progress | None = None, **options: Any) -> Ink:
        """Write a text; for the options see :meth:`stream`.

        Args:
            text: line breaks are kept, long lines wrapped.
            progress: is told how many words are written, and of how many.
            options: as of :meth:`stream`.

        Raises:
            InputError: an argument that can't be used; the message says which.
        """
        ink = None
        for step in self.stream(text, partial=False, **options):
            ink = step.ink
            if progress is not None:
                progress(step.done, step.total)
        return ink

    def stream(
        self,
        text: str,
        *,
        style: Style = 0,
        style_strokes: Any = None,
        neatness: float = NEATNESS,
        seed: int = 0,
        verify: bool = True,
        slant: float = 0.0,
        size: float = 24.0,
        letter_spacing: float = 0.0,
        word_spacing: float = 1.0,
        line_spacing: float = 1.06 * LINE_SPACING,
        baseline_drift: float = 0.03,
        looseness: float = 0.0,
        pressure: float = 0.0,
        stroke_width: float | None = None,
        width: int = 900,
        ink_color: str = "#1c2340",
        paper_color: str = "#ffffff",
        paper: str = "plain",
        partial: bool = True,
    ) -> Iterator[WritingProgress]:
        """Write a text, and give the page again and again as it grows; the first words come soon.

        Args:
            text: line breaks are kept, long lines wrapped, typographic quotes and dashes written as those of a keyboard, accents drawn on
                their letters; what can't be written is named in the report.
            style: number of a hand in the gallery, or a vector of :meth:`encode` or :meth:`mix`.
            style_strokes: a few words in the hand to write in, as :meth:`encode` takes them, instead of ``style``.
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
            partial: False: the page only comes with the last word, before that the one with nothing on it.

        Yields:
            How far it is; at least once.

        Raises:
            InputError: an argument that can't be used; the message says which.
        """
        vector = self.style(style) if style_strokes is None else self.encode(style_strokes)
        for name, value, low, high in (
            ("neatness", neatness, 0, 3),
            ("slant", slant, -1, 1),
            ("size", size, 4, 200),
            ("letter_spacing", letter_spacing, -0.2, 3),
            ("word_spacing", word_spacing, 0.2, 5),
            ("line_spacing", line_spacing, 1.5, 10),
            ("baseline_drift", baseline_drift, 0, 0.5),
            ("looseness", looseness, 0, 1),
            ("pressure", pressure, 0, 1),
            ("stroke_width", STROKE * 24 if stroke_width is None else stroke_width, 0.1, 50),
            ("width", width, 100, 10_000),
        ):
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"{name} must be a number from {low} to {high}.")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InputError("The seed must be a whole number, 0 or more.")
        rules(paper, 0, 0, 0, 1)
        look = _Look(
            core=float(size),
            width=width,
            slant=slant,
            letter_spacing=letter_spacing,
            word_spacing=word_spacing,
            line_spacing=line_spacing,
            drift=baseline_drift,
            stroke_width=STROKE * size if stroke_width is None else float(stroke_width),
            ink_color=_colour(ink_color),
            paper_color=_colour(paper_color),
            paper=paper,
            pressure=float(pressure),
            gap=self.gap(vector),
        )
        spelled = spell(text, set(self.network.charset), signs.ACCENTS.keys())
        pieces = _pieces(spelled)
        drawn: list[_Word] = []
        number = 0
        while len(drawn) < len(pieces):
            count = BATCHES[min(number, len(BATCHES) - 1)]
            number += 1
            part = pieces[len(drawn) : len(drawn) + count]
            texts = ["".join(sign.char for sign in piece) for piece in part]
            seeds = [[seed, len(drawn) + index] for index in range(len(part))]
            drawn += self._verified(texts, vector, neatness, seeds, verify)
            if partial or len(drawn) == len(pieces):
                report = InkReport(
                    words=len(drawn),
                    redrawn=sum(word.tries > 1 for word in drawn),
                    unread=tuple("".join(s.char for s in piece) for piece, word in zip(pieces, drawn, strict=False) if not word.read),
                    replaced=spelled.replaced,
                    verified=verify,
                    seed=seed,
                )
                loosened = [Written(_loosened(word.written.path, looseness), word.written.letters) for word in drawn]
                ink = _page(text, spelled, loosened, look, report, np.random.default_rng([seed, 1 << 40]))
            else:
                ink = _page(text, spelled, [], look, InkReport(0, 0, (), {}, verify, seed), np.random.default_rng(0))
            yield WritingProgress(len(drawn), len(pieces), ink)

    def sample(
        self, texts: Sequence[str], styles: np.ndarray, *, neatness: float = NEATNESS, seed: int = 0, verify: bool = False
    ) -> list[Written]:
        """Words as the network draws them, all at once, without a page: for measuring.

        Args:
            texts: words without spaces, of the network's charset.
            styles: float32 (N, style_size), one for each.
            neatness: see :meth:`stream`.
            seed: of everything random.
            verify: draw those again that can't be read as meant.
        """
        return [word.written for word in self._verified(texts, styles, neatness, [[seed, index] for index in range(len(texts))], verify)]

    def gap(self, style: np.ndarray) -> float:
        """Width of the space between words, wider in a hand that leaves more space between letters: measured on a few words of it."""
        vectors = torch.from_numpy(np.repeat(style[None], len(_PROBE), 0))
        found = []
        for written in self.sampler.draw(_PROBE, vectors, neatness=1.0, seeds=[[number] for number in range(len(_PROBE))]):
            edges = []
            for letter in range(int(written.letters[-1]) + 1):
                xs = written.path.points[written.letters == letter, 0]
                edges.append((float(xs.min()), float(xs.max())))
            found += [max(0.0, left - right) for (_, right), (left, _) in pairwise(edges)]
        return float(np.clip(0.8 + 1.4 * np.mean(found), 0.8, 2.5))

    def _verified(
        self, texts: Sequence[str], styles: np.ndarray, neatness: float, seeds: Sequence[Sequence[int]], verify: bool
    ) -> list[_Word]:
        """The words drawn; ``styles`` is one for all, or one for each."""
        vectors = torch.from_numpy(np.array(np.broadcast_to(styles, (len(texts), self.style_size)), np.float32))
        drawn = self.sampler.draw(texts, vectors, neatness=neatness, seeds=[[*seed, 0] for seed in seeds])
        if not verify:
            return [_Word(written, 1, True) for written in drawn]
        scores, right = self.read_back(drawn, texts)
        words = [_Word(written, 1, bool(fine)) for written, fine in zip(drawn, right, strict=True)]
        for attempt in range(1, TRIES):
            again = [index for index, word in enumerate(words) if not word.read]
            if not again:
                break
            chosen = [texts[index] for index in again]
            redrawn = self.sampler.draw(
                chosen, vectors[again], neatness=neatness + 0.2 * attempt, seeds=[[*seeds[index], attempt] for index in again]
            )
            new_scores, right = self.read_back(redrawn, chosen)
            for index, written, score, fine in zip(again, redrawn, new_scores, right, strict=True):
                if fine or score > scores[index]:
                    words[index], scores[index] = _Word(written, attempt + 1, bool(fine)), score
                else:
                    words[index] = _Word(words[index].written, attempt + 1, False)
        return words

    def read_back(self, drawn: Sequence[Written], texts: Sequence[str]) -> tuple[list[float], list[bool]]:
        """How likely the readers think it that each word is what was meant (log-probability a letter), and whether they read it so."""
        strokes = [strokes_of(written.path)[0] for written in drawn]
        emitted = [(self.reader.charset, self.reader.network.emissions([features(logical_order(normalised(ink))) for ink in strokes]))]
        if self.picture_reader is not None:
            pictures = [line_picture(ink) for ink in strokes]
            emitted.append((self.picture_reader.charset, self.picture_reader.network.emissions(pictures)))
        scores = [0.0] * len(texts)
        agreeing = [0] * len(texts)
        for charset, all_log_probs in emitted:
            for index, (log_probs, text) in enumerate(zip(all_log_probs, texts, strict=True)):
                scores[index] += max(-50.0, ctc_log_probability(log_probs, text, charset) / len(text))
                agreeing[index] += greedy(log_probs, charset).translate(_ALIKE) == text.translate(_ALIKE)
        # Signs on their own are hard to tell for any reader: one of them must do.
        needed = [len(emitted) if any(char.isalnum() for char in text) else 1 for text in texts]
        return scores, [count >= least for count, least in zip(agreeing, needed, strict=True)]


def _pieces(spelled: Spelled) -> list[list[Sign]]:
    """What is drawn in one go: words, or parts of very long ones."""
    found = []
    for line in spelled.lines:
        for word in line:
            found += [word[start : start + LONGEST_WORD] for start in range(0, len(word), LONGEST_WORD)]
    return found


def _loosened(path: Path, looseness: float) -> Path:
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


def _set(word: list[Sign], parts: Sequence[Written], look: _Look, rng: np.random.Generator) -> _Set:
    """Join the parts of a word, slant and space it, and draw its accents."""
    strokes: Strokes = []
    letters: list[np.ndarray] = []
    left, first = 0.0, 0
    for written in parts:
        lines, places = strokes_of(written.path)
        count = int(written.letters[-1]) + 1
        start = min(float(stroke[:, 0].min()) for stroke in lines)
        for stroke, place in zip(lines, places, strict=True):
            own = written.letters[place]
            moved = stroke - np.array([start - left, 0], np.float32)
            moved[:, 0] += look.letter_spacing * own - look.slant * moved[:, 1]
            strokes.append(moved)
            letters.append(own + first)
        first += count
        left = max(float(stroke[:, 0].max()) for stroke in strokes) + 0.2
    for index, sign in enumerate(word):
        if sign.marks:
            strokes, letters = _accented(strokes, letters, index, sign, rng)
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


def _page(text: str, spelled: Spelled, drawn: Sequence[Written], look: _Look, report: InkReport, rng: np.random.Generator) -> Ink:
    """Set words, as many as are drawn, on a page."""
    margin = 1.4
    room = look.width / look.core - 2 * margin
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
            words.append(_set(word, parts, look, rng))
        gap = look.gap * look.word_spacing
        for pieces in wrap([word.advances for word in words], gap, room):
            y = first_baseline + line_number * look.line_spacing
            at = margin + 0.3 * look.drift * float(rng.random())
            drift, slope = 0.0, 0.08 * look.drift * float(rng.standard_normal())
            for number, start, stop in pieces:
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
    for stroke, owners in zip(word.strokes, word.letters, strict=True):
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
            yield InkLetter(word[index].char, word[index].position, line, box)


def _colour(name: Any) -> str:
    try:
        return "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(name)[:3])
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"{name!r} is not a colour; write for example #1c2340 or navy.") from None
