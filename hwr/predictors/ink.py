"""Read pen strokes: strokes -> moves -> network -> decoder -> text with places and confidences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ink.letters import letter_starts
from hwr.ink.moves import Path, features, logical_order, normalised, pieces_of, strokes_of, unit_of
from hwr.ink.rendering import line_picture
from hwr.ink.strokes import Strokes, parse_strokes
from hwr.models.arrays import InkNetwork
from hwr.models.loading import load_reader
from hwr.paper.proportions import proportions
from hwr.predictors.text import TextReader
from hwr.text.ctc import alignments, greedy
from hwr.text.grammar import word_list
from hwr.text.languages import Languages, shipped_languages
from hwr.text.reading import ALTERNATIVES, Reading, agreed, interpret, word_confidence
from hwr.text.result import TextCharacter, TextLine, TextResult, TextWord

DEFAULT_WEIGHTS = "ink-best"
_TRUST, _USUAL = 0.7, 1.24
"""How much of the correction of a core height counts, and what it is on average, in UNIPEN's unit.

With three words of a training writer the error is then a third smaller than without.
"""


class InkReader:
    """Reads a line of pen strokes with an :class:`~hwr.models.ink_ctc.InkCTC` and, unless told not to, a language model. Thread-safe.

    Args:
        network: trained.
        languages: the language models; None reads without one, whatever a call asks for.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(self, network: InkNetwork, languages: Languages | None = None, source: str = "", device: str = "cpu") -> None:
        self.network = network.placed(device)
        self.languages = languages
        self.source = source

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> InkReader:
        """Load a reader, with the shipped language model.

        Args:
            path_or_repo: name of shipped weights, a folder, or a Hub repository ``user/name``; None for the best shipped weights.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_reader(InkNetwork, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision, device=device)
        return cls(network, shipped_languages(), source, device)

    @property
    def charset(self) -> str:
        """The characters that can be read."""
        return self.network.charset

    def read(
        self,
        strokes: Any,
        *,
        language_model: bool = True,
        words: Sequence[str] | str = (),
        language: str | None = None,
        picture_reader: TextReader | None = None,
    ) -> TextResult:
        """Read one line of writing.

        Args:
            strokes: in the order in which they were written, each a list of points ``[x, y]`` or ``[x, y, t]``, y downwards; any unit.
            language_model: let the language model help. Without it what stands there is read letter by letter.
            words: if any are given, only these can be read; see :meth:`TextReader.read <hwr.predictors.text.TextReader.read>`.
            language: of the language model that helps; see :meth:`TextReader.read <hwr.predictors.text.TextReader.read>`.
            picture_reader: reads the ink's picture as well; what both together think likeliest is the text.

        Returns:
            One line; its box and the places of its characters are in the unit of the strokes.

        Raises:
            InputError: the strokes can't be used, or nothing in them can be read; the message says why.
        """
        vocabulary = word_list(words)
        parsed = parse_strokes(strokes)
        path = logical_order(normalised(parsed))
        (log_probs,) = self.network.emissions([features(path)])
        seen, known = log_probs, self.charset  # by whichever network knows more characters
        if picture_reader is not None:
            (seen,), known = picture_reader.network.emissions([line_picture(strokes_of(path)[0])]), picture_reader.charset
        code, model = None, None
        if self.languages is not None:
            self.languages.check(language)
            if language_model:
                code, model = self.languages.choose([greedy(seen, known)], language)
        reading = interpret(log_probs, self.charset, model, vocabulary)
        if picture_reader is not None:
            reading = agreed(reading, log_probs, interpret(seen, known, model, vocabulary), seen, self.charset, known)
        if not reading.text.strip():
            raise InputError("There is ink, but nothing that could be read as writing.")
        low, high = (edge(np.concatenate(parsed), axis=0) for edge in (np.min, np.max))
        line = replace(self._line(parsed, path, log_probs, reading), language=code)
        return TextResult((line,), tuple(np.ceil(high - low).astype(int).tolist()))

    def core_height(self, strokes: Strokes) -> float:
        """Height of small letters in somebody's ink, in its own unit: as its ups and downs say, corrected by the letters read in it.

        Args:
            strokes: float arrays (N, 2); one line or several.
        """
        unit = unit_of(strokes)
        pieces = pieces_of(strokes, unit)
        usual = proportions().height
        taller = []
        for piece, log_probs in zip(pieces, self.network.emissions([features(piece) for piece in pieces]), strict=True):
            text = greedy(log_probs, self.charset)
            visible = text.replace(" ", "")
            if not visible:
                continue
            states, _ = alignments([log_probs], [text], self.charset)
            starts = letter_starts(states[0], text, piece)
            for char, start, stop in zip(visible, starts, [*starts[1:], len(piece)], strict=True):
                if char.isalnum() and stop - start > 1:
                    taller.append(float(np.ptp(piece.points[start:stop, 1])) / usual[char])
        if not taller or not (correction := float(np.median(taller))):
            return unit
        return unit * (correction / _USUAL) ** _TRUST

    def read_batch(self, drawings: Iterable[Any], *, language_model: bool = True, words: Sequence[str] | str = ()) -> list[TextResult]:
        """Read many drawings, in order. One that can't be used gives an empty result that carries ``error``."""
        vocabulary = word_list(words)
        results = []
        for drawing in drawings:
            try:
                results.append(self.read(drawing, language_model=language_model, words=vocabulary))
            except InputError as error:
                results.append(TextResult(error=str(error)))
        return results

    def _line(self, strokes: Strokes, path: Path, log_probs: np.ndarray, reading: Reading) -> TextLine:
        points = np.concatenate(strokes)
        x0, x1 = float(points[:, 0].min()), float(points[:, 0].max())
        low, high = float(path.points[:, 0].min()), float(path.points[:, 0].max())
        scale = (x1 - x0) / (high - low) if high > low else 1.0

        def extent(start: float, stop: float) -> tuple[float, float]:
            covered = path.points[int(start) : max(int(start) + 1, int(np.ceil(stop))), 0]
            return x0 + scale * (float(covered.min()) - low), x0 + scale * (float(covered.max()) - low)

        characters = tuple(
            TextCharacter(span.char, span.confidence, *extent(span.start, span.stop), tuple(span.alternatives)) for span in reading.spans
        )
        sure = [word_confidence(features, self.network.calibration) for features in reading.words]
        words = []
        for (text, start, stop), confidence in zip(reading.word_places, sure, strict=True):
            corners = _corners(points, *extent(start, min(stop, len(path.points))))
            words.append(TextWord(text, confidence, _box(corners), corners))
        others = [(other.text, float(mass)) for other, mass in zip(reading.hypotheses[1:], reading.posteriors[1:], strict=True)]
        return TextLine(
            text=reading.text,
            confidence=float(np.mean(sure)),
            box=_box(_corners(points, x0, x1)),
            characters=characters,
            alternatives=tuple([other for other in others if other[0].strip()][:ALTERNATIVES]),
            words=tuple(words),
            polygon=_corners(points, x0, x1),
            emissions=np.exp(log_probs, dtype=np.float32),
        )


def _corners(points: np.ndarray, x0: float, x1: float) -> np.ndarray:
    """The rectangle around the points (N, 2) from ``x0`` to ``x1``, or as high as all where there is none: float32 (4, 2)."""
    within = points[(points[:, 0] >= x0) & (points[:, 0] <= x1), 1]
    heights = within if len(within) else points[:, 1]
    y0, y1 = float(heights.min()), float(heights.max())
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def _box(corners: np.ndarray) -> tuple[int, int, int, int]:
    (x0, y0), (x1, y1) = np.floor(corners[0]).astype(int).tolist(), np.ceil(corners[2]).astype(int).tolist()
    return x0, y0, x1, y1
