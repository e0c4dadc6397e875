"""Read pen strokes: strokes -> moves -> network -> decoder -> text with places and confidences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from hwr import ink
from hwr.data.pen import letter_starts
from hwr.decoding import Hypothesis, alignments, ctc_log_probability, greedy
from hwr.errors import InputError
from hwr.hub import fetch
from hwr.images import LINE_HEIGHT, normalise_line
from hwr.ink import Strokes
from hwr.language import LanguageModel
from hwr.layout import proportions
from hwr.models.ink_ctc import InkCTC
from hwr.pen_moves import Path, features, logical_order, normalised, pieces_of, strokes_of, unit_of
from hwr.predictors.text import (
    ALTERNATIVES,
    Reading,
    TextCharacter,
    TextLine,
    TextReader,
    TextResult,
    interpret,
    read_as,
    shipped_language_model,
    word_confidence,
    word_list,
)

DEFAULT_WEIGHTS = "ink-best"
PICTURE_CORE = 40.0
"""Pixels to the core height where ink is drawn for a reader of pictures."""
_TRUST, _USUAL = 0.7, 1.24
"""How much of the correction of a core height counts, and what it is on average, in UNIPEN's unit.

With three words of a training writer the error is then a third smaller than without.
"""
AGREEMENT = 0.5
"""What the log-probabilities of two networks, which err together at times, count when they are added."""


class InkReader:
    """Reads a line of pen strokes with an :class:`~hwr.models.ink_ctc.InkCTC` and, unless told not to, a language model. Thread-safe.

    Args:
        network: trained.
        language_model: of the language that is read; None reads without one, whatever a call asks for.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(
        self, network: InkCTC, language_model: LanguageModel | None = None, source: str = "", device: str | torch.device = "cpu"
    ) -> None:
        self.network = network.to(device).eval()
        self.language_model = language_model
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
        folder = fetch(path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        source = f"{path_or_repo or DEFAULT_WEIGHTS}{f'@{revision}' if revision else ''}"
        return cls(InkCTC.from_pretrained(folder, device=device), shipped_language_model(), source, device)

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
        picture_reader: TextReader | None = None,
    ) -> TextResult:
        """Read one line of writing.

        Args:
            strokes: in the order in which they were written, each a list of points ``[x, y]`` or ``[x, y, t]``, y downwards; any unit.
            language_model: let the language model help. Without it what stands there is read letter by letter.
            words: if any are given, only these can be read; see :meth:`TextReader.read <hwr.predictors.text.TextReader.read>`.
            picture_reader: reads the ink's picture as well; what both together think likeliest is the text.

        Returns:
            One line; its box and the places of its characters are in the unit of the strokes.

        Raises:
            InputError: the strokes can't be used, or nothing in them can be read; the message says why.
        """
        vocabulary = word_list(words)
        parsed = ink.parse_strokes(strokes)
        path = logical_order(normalised(parsed))
        (log_probs,) = self.network.emissions([features(path)])
        model = self.language_model if language_model else None
        reading = interpret(log_probs, self.charset, model, vocabulary)
        if picture_reader is not None and picture_reader.charset == self.charset:
            (seen,) = picture_reader.network.emissions([line_picture(strokes_of(path)[0])])
            reading = _agreed(reading, log_probs, interpret(seen, self.charset, model, vocabulary), seen, self.charset)
        if not reading.text.strip():
            raise InputError("There is ink, but nothing that could be read as writing.")
        low, high = (edge(np.concatenate(parsed), axis=0) for edge in (np.min, np.max))
        return TextResult((self._line(parsed, path, log_probs, reading),), tuple(np.ceil(high - low).astype(int).tolist()))

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
        (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
        low, high = float(path.points[:, 0].min()), float(path.points[:, 0].max())
        scale = (x1 - x0) / (high - low) if high > low else 1.0

        def extent(start: float, stop: float) -> tuple[float, float]:
            covered = path.points[int(start) : max(int(start) + 1, int(np.ceil(stop))), 0]
            return x0 + scale * (float(covered.min()) - low), x0 + scale * (float(covered.max()) - low)

        characters = tuple(
            TextCharacter(span.char, span.confidence, *extent(span.start, span.stop), tuple(span.alternatives)) for span in reading.spans
        )
        others = [(other.text, float(mass)) for other, mass in zip(reading.hypotheses[1:], reading.posteriors[1:], strict=True)]
        return TextLine(
            text=reading.text,
            confidence=float(np.mean([word_confidence(word, self.network.calibration) for word in reading.words])),
            box=(int(np.floor(x0)), int(np.floor(y0)), int(np.ceil(x1)), int(np.ceil(y1))),
            characters=characters,
            alternatives=tuple([other for other in others if other[0].strip()][:ALTERNATIVES]),
            outline=np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32),
            emissions=np.exp(log_probs, dtype=np.float32),
        )


def line_picture(strokes: Strokes) -> np.ndarray:
    """What the reader of pictures sees of a line of ink, 1 unit to the core height: uint8 (40, W)."""
    try:
        return normalise_line(ink.text_picture([stroke * np.float32(PICTURE_CORE) for stroke in strokes])).pixels
    except InputError:  # a dot is no line
        return np.zeros((LINE_HEIGHT, 16), np.uint8)


def _agreed(one: Reading, one_log_probs: np.ndarray, other: Reading, other_log_probs: np.ndarray, charset: str) -> Reading:
    """What two networks together make of a line: the hypotheses of both, judged by both; places are those of the first."""
    scored: dict[str, Hypothesis] = {}
    for hypothesis in (*one.hypotheses, *other.hypotheses):
        if hypothesis.text not in scored and np.isfinite(hypothesis.log_probability):
            both = [max(-500.0, ctc_log_probability(log_probs, hypothesis.text, charset)) for log_probs in (one_log_probs, other_log_probs)]
            language = hypothesis.score - hypothesis.log_probability
            scored[hypothesis.text] = Hypothesis(hypothesis.text, both[0], AGREEMENT * sum(both) + language)
    if not scored:
        return one
    ranked = sorted(scored.values(), key=lambda hypothesis: -hypothesis.score)
    return read_as(ranked, one_log_probs, charset)
