"""Write with a pen: text -> words -> pen moves by a recurrent network -> read back -> a page of strokes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from hwr.errors import InputError
from hwr.hub.loading import load_named
from hwr.ink.files import load_strokes
from hwr.ink.letters import Written
from hwr.ink.moves import Path, features, logical_order, normalised, pieces_of, strokes_of
from hwr.ink.rendering import line_picture
from hwr.models.pen_lstm import PenLSTM
from hwr.models.pen_sampler import Sampler
from hwr.paper import signs
from hwr.paper.pen_options import PenOptions
from hwr.paper.pen_typesetting import in_haste, page_of_ink, pieces_to_draw, room_for_writing
from hwr.paper.report import InkReport
from hwr.paper.spelling import Spelled, spell
from hwr.paper.wrapping import check_lines
from hwr.paper.written_ink import Ink
from hwr.predictors.ink import InkReader
from hwr.predictors.text import TextReader
from hwr.system.recent import Recent
from hwr.text.ctc import ctc_log_probability, greedy

DEFAULT_WEIGHTS = "pen-best"
PICTURE_READER = "text-judge"
"""Reads words back by their looks: taught by people's ink only, since one taught by the pen would read whatever it writes."""
NEATNESS = PenOptions.neatness
"""The bias that is the default: on validation texts the judge reads as much of it as of real ink, or more."""
TRIES = 4
"""How often a word that can't be read is drawn at most, the first time included."""
BATCHES = (2, 8, 24, 64)
"""Words that are drawn at once: few at first, so that the first ones are there soon."""
_PROBE = ("name", "over", "such")
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


@dataclass(frozen=True, eq=False)
class _Word:
    """A word that is drawn: its ink in core heights, letter by letter."""

    written: Written
    tries: int
    read: bool


Memory = Recent[tuple[Any, ...], Any]  # of words, for PenWriter.stream


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
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> PenWriter:
        """Load a writer, and the shipped readers that read it back. The pen runs on the CPU, where single steps are fastest.

        Args:
            path_or_repo: name of shipped weights, a folder, or a Hub repository ``user/name``; None for the best shipped weights.
            revision: branch, tag or commit of a Hub repository.
            device: where the readers run, such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_named(PenLSTM, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        return cls(network, InkReader.from_pretrained(device=device), TextReader.from_pretrained(PICTURE_READER, device=device), source)

    @property
    def style_size(self) -> int:
        """Numbers in a style."""
        return self.network.style_size

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

    def spelled(self, text: str) -> Spelled:
        """A text as the signs that are drawn for it.

        Raises:
            InputError: nothing in it can be written, or it is too long.
        """
        drawable = set(self.network.charset)
        shapes = {char: letter for char, (letter, _) in signs.SHAPES.items() if char not in drawable and letter in drawable}
        tied = {char: parts for char, parts in signs.TIED.items() if char not in drawable and drawable >= set(parts)}
        return spell(text, drawable, signs.ACCENTS.keys(), shapes, tied)

    def write(self, text: str, *, progress: Progress | None = None, **options: Any) -> Ink:
        """Write a text; for the options see :meth:`stream`.

        Args:
            text: line breaks are kept, long lines wrapped.
            progress: is told how many words are written, and of how many.
            options: as of :meth:`stream`.

        Raises:
            InputError: an argument that can't be used; the message says which.
        """
        for step in self.stream(text, partial=False, **options):
            if progress is not None:
                progress(step.done, step.total)
        return step.ink

    def stream(self, text: str, *, partial: bool = True, memory: Memory | None = None, **options: Any) -> Iterator[WritingProgress]:
        """Write a text, and give the page again and again as it grows; the first words come soon.

        Args:
            text: line breaks are kept, long lines wrapped, typographic quotes and dashes written as those of a keyboard, accents drawn on
                their letters; what can't be written is named in the report.
            partial: False: the page only comes with the last word, before that the one with nothing on it.
            memory: words that were drawn before at their places are not drawn again, and are all on the first page that comes. Drawn in
                other company, words may differ in the last digits.
            options: those of :class:`~hwr.paper.pen_options.PenOptions`.

        Yields:
            How far it is; at least once.

        Raises:
            InputError: an argument that can't be used; the message says which.
        """
        wanted = PenOptions(**options)
        vector = self.style(wanted.style) if wanted.style_strokes is None else self.encode(wanted.style_strokes)
        gap = self.gap(vector) if memory is None else memory.made(("gap", vector.tobytes()), lambda: self.gap(vector))
        look = wanted.look(gap)
        spelled = self.spelled(text)
        check_lines(spelled, room_for_writing(look))
        pieces = pieces_to_draw(spelled)
        drawn: list[_Word] = []
        number = 0
        while len(drawn) < len(pieces):
            count = BATCHES[min(number, len(BATCHES) - 1)]
            number += 1
            part = pieces[len(drawn) : len(drawn) + count]
            texts = ["".join(sign.char for sign in piece) for piece in part]
            seeds = [[wanted.seed, len(drawn) + index] for index in range(len(part))]
            words, fresh = self._remembered(texts, vector, wanted, seeds, memory)
            drawn += words
            growing = len(drawn) < len(pieces)
            if growing and not fresh:
                continue
            if partial or not growing:
                report = InkReport(
                    words=len(drawn),
                    redrawn=sum(word.tries > 1 for word in drawn),
                    unread=tuple("".join(s.char for s in piece) for piece, word in zip(pieces, drawn, strict=False) if not word.read),
                    replaced=spelled.replaced,
                    verified=wanted.verify,
                    seed=wanted.seed,
                )
                loosened = [Written(in_haste(word.written.path, wanted.looseness), word.written.letters) for word in drawn]
                rng = np.random.default_rng([wanted.seed, 1 << 40])
                ink = page_of_ink(text, spelled, loosened, look, report, rng, growing=growing)
            else:
                nothing = InkReport(0, 0, (), {}, wanted.verify, wanted.seed)
                ink = page_of_ink(text, spelled, [], look, nothing, np.random.default_rng(0))
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

    def _remembered(
        self, texts: Sequence[str], vector: np.ndarray, wanted: PenOptions, seeds: Sequence[Sequence[int]], memory: Memory | None
    ) -> tuple[list[_Word], int]:
        """The words, and how many of them had to be drawn."""
        if memory is None:
            return self._verified(texts, vector, wanted.neatness, seeds, wanted.verify), len(texts)
        keys = [(text, *seed, vector.tobytes(), wanted.neatness, wanted.verify) for text, seed in zip(texts, seeds, strict=True)]
        words: list[Any] = [memory.get(key) for key in keys]
        missing = [index for index, word in enumerate(words) if word is None]
        chosen, theirs = [texts[index] for index in missing], [seeds[index] for index in missing]
        fresh = self._verified(chosen, vector, wanted.neatness, theirs, wanted.verify) if missing else []
        for index, word in zip(missing, fresh, strict=True):
            words[index] = memory.put(keys[index], word)
        return words, len(missing)

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
