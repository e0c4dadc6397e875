"""Read handwritten words, lines and pages: image -> lines -> network -> decoder -> text with boxes and confidences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch

from hwr import ink
from hwr.decoding import Hypothesis, Span, align, beam_search
from hwr.errors import InputError
from hwr.hub import beside_package, fetch
from hwr.images import LinePicture, grey, load_image, normalise_line
from hwr.language import LanguageModel
from hwr.models.line_ctc import LineCTC
from hwr.pages import LineRegion, find_lines

DEFAULT_WEIGHTS = "text-best"
ALTERNATIVES = 4
"""Other readings of a line that are reported at most."""


@dataclass(frozen=True)
class TextCharacter:
    """One character that was read.

    Attributes:
        char: what was read; a space for the gap between words.
        confidence: probability in [0, 1] that it is right.
        x0: where it begins, in pixels of the image given, along the line.
        x1: where it ends.
        alternatives: what else it may be: ``(char, probability)``, likeliest first, without ``char`` itself.
    """

    char: str
    confidence: float
    x0: float
    x1: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class TextLine:
    """One line of writing, or one word.

    Attributes:
        text: what was read.
        confidence: the share of its words that is likely to be right; of one word, the probability that it is. Calibrated: of the words
            said with 0.9, nine in ten are right.
        box: x0, y0, x1, y1 in pixels of the image given (upright as its EXIF data says).
        characters: one per character of ``text``.
        alternatives: other readings: ``(text, confidence)``, likeliest first.
        outline: float32 (4, 2), corners x, y of the line's (possibly turned) rectangle in pixels of the image given.
        seen: uint8 (height, width), ink 255 on 0: the picture that the network saw.
        emissions: float32 (T, classes): what the network says at each time step, class 0 the CTC blank, class k + 1 the network's
            charset[k]. Step t covers the columns ``t * width / T`` to ``(t + 1) * width / T`` of ``seen``.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    characters: tuple[TextCharacter, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    outline: np.ndarray = field(default=None, repr=False)
    seen: np.ndarray = field(default=None, repr=False)
    emissions: np.ndarray = field(default=None, repr=False)

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``box, text, confidence, characters, alternatives``."""
        return {
            "box": list(self.box),
            "text": self.text,
            "confidence": self.confidence,
            "characters": [{"char": c.char, "confidence": c.confidence, "x0": c.x0, "x1": c.x1} for c in self.characters],
            "alternatives": [{"text": text, "confidence": confidence} for text, confidence in self.alternatives],
        }


@dataclass(frozen=True, eq=False)
class TextResult:
    """What stands in a picture.

    Attributes:
        lines: from top to bottom; those of one height from left to right.
        size: width and height of the image given, upright, in pixels.
        error: why there is no result, as a sentence for people; None where there is one. Only batch calls give such results.
    """

    lines: tuple[TextLine, ...] = ()
    size: tuple[int, int] = (0, 0)
    error: str | None = None

    @property
    def text(self) -> str:
        """The lines, joined by line breaks."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """Mean confidence of the lines; 0 where there is none."""
        return float(np.mean([line.confidence for line in self.lines])) if self.lines else 0.0

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``text, confidence, lines``, and ``error`` if there is one."""
        result: dict[str, Any] = {"text": self.text, "confidence": self.confidence, "lines": [line.export() for line in self.lines]}
        return result | ({"error": self.error} if self.error else {})


class TextReader:
    """Reads words, lines and pages with a :class:`~hwr.models.line_ctc.LineCTC` and, unless told not to, a language model. Thread-safe.

    Args:
        network: trained.
        language_model: of the language that is read; None reads without one, whatever a call asks for.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(
        self, network: LineCTC, language_model: LanguageModel | None = None, source: str = "", device: str | torch.device = "cpu"
    ) -> None:
        self.network = network.to(device).eval()
        self.language_model = language_model
        self.source = source
        self.device = torch.device(device)

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> TextReader:
        """Load a reader, with the shipped language model.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``; None: the best weights that are shipped.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        folder = fetch(path_or_repo, default=DEFAULT_WEIGHTS, revision=revision)
        source = f"{path_or_repo or DEFAULT_WEIGHTS}{f'@{revision}' if revision else ''}"
        return cls(LineCTC.from_pretrained(folder, device=device), shipped_language_model(), source, device)

    @property
    def charset(self) -> str:
        """The characters that can be read."""
        return self.network.charset

    def read(self, image: Any, *, language_model: bool = True, words: Sequence[str] | str = ()) -> TextResult:
        """Read a page, a line or a word.

        Args:
            image: a path, bytes, PIL image or array of any size and mode; a photograph, a scan or a drawing.
            language_model: let the language model help. Without it what stands there is read letter by letter.
            words: if any are given, only these can be read (names, a vocabulary): a list, or a text in which commas or white space
                separate them. They may be capitalised, and punctuation may stand around them.

        Raises:
            InputError: the image can't be used, or shows no writing; the message says why.
        """
        page = grey(load_image(image))
        regions = find_lines(page)
        if not regions:
            raise InputError("No writing was found. Write something, or use a picture on which the ink stands out from the paper.")
        return self._read(regions, page.shape[::-1], language_model, words)

    def read_line(self, image: Any, *, language_model: bool = True, words: Sequence[str] | str = ()) -> TextResult:
        """Read a picture of one line or one word, taken whole: as :meth:`read`, but no lines are looked for."""
        region = _whole(grey(load_image(image)))
        return self._read([region], region.picture.shape[::-1], language_model, words)

    def locate(self, image: Any, text: str) -> TextResult:
        """Where a text that is known stands in a picture of one line: as :meth:`read_line`, but what is read is given.

        Raises:
            InputError: the image can't be used, or the text has characters that the network doesn't know.
        """
        region = _whole(grey(load_image(image)))
        return self._read([region], region.picture.shape[::-1], False, (), text)

    def read_strokes(self, strokes: Any, *, language_model: bool = True, words: Sequence[str] | str = ()) -> TextResult:
        """As :meth:`read`, of pen strokes on the wide pad: lists of points ``[x, y]`` or ``[x, y, t]`` in its units, y downwards.

        Boxes and extents are in the pixels of the picture that :func:`hwr.ink.text_picture` draws.
        """
        return self.read(ink.text_picture(ink.parse_strokes(strokes)), language_model=language_model, words=words)

    def read_batch(
        self, images: Iterable[Any], *, line: bool = False, language_model: bool = True, words: Sequence[str] | str = ()
    ) -> list[TextResult]:
        """Read many images: as :meth:`read`, or with ``line`` as :meth:`read_line`, in order.

        An image that can't be used gives an empty result that carries ``error``; the others are not affected.
        """
        vocabulary = word_list(words)
        read = self.read_line if line else self.read
        results = []
        for image in images:
            try:
                results.append(read(image, language_model=language_model, words=vocabulary))
            except InputError as error:
                results.append(TextResult(error=str(error)))
        return results

    def _read(
        self,
        regions: Sequence[LineRegion],
        size: tuple[int, int],
        language_model: bool,
        words: Sequence[str] | str,
        known: str | None = None,
    ) -> TextResult:
        vocabulary = word_list(words)
        found: list[tuple[LineRegion, LinePicture]] = []
        complaint: InputError | None = None
        for region in regions:
            try:
                found.append((region, normalise_line(region.picture)))
            except InputError as error:  # a stain that looked like a line
                complaint = error
        if not found and complaint is not None:
            raise complaint
        emitted = self.network.emissions([picture.pixels for _, picture in found])
        model = self.language_model if language_model else None
        lines = []
        for (region, picture), log_probs in zip(found, emitted, strict=True):
            if known is None:
                reading = interpret(log_probs, self.charset, model, vocabulary)
            else:
                reading = read_as([Hypothesis(known, 0.0, 0.0)], log_probs, self.charset)
            if reading.text.strip():
                lines.append(self._line(region, picture, log_probs, reading))
        if not lines:
            raise InputError("There is something in the picture, but nothing that could be read as writing.")
        return TextResult(tuple(lines), size)

    def _line(self, region: LineRegion, picture: LinePicture, log_probs: np.ndarray, reading: Reading) -> TextLine:
        columns = picture.pixels.shape[1] / len(log_probs)
        middle = region.picture.shape[0] / 2

        def on_page(step: float) -> float:
            x = picture.left + picture.scale * step * columns
            return float(region.to_page[0] @ (x, middle, 1.0))

        characters = tuple(
            TextCharacter(span.char, span.confidence, on_page(span.start), on_page(span.stop), tuple(span.alternatives))
            for span in reading.spans
        )
        sure = [word_confidence(features, self.network.calibration) for features in reading.words]
        others = [
            (hypothesis.text, float(mass))
            for hypothesis, mass in zip(reading.hypotheses[1:], reading.posteriors[1:], strict=True)
            if hypothesis.text.strip()
        ]
        return TextLine(
            text=reading.text,
            confidence=float(np.mean(sure)),
            box=region.box,
            characters=characters,
            alternatives=tuple(others[:ALTERNATIVES]),
            outline=region.outline,
            seen=picture.pixels,
            emissions=np.exp(log_probs, dtype=np.float32),
        )


def _whole(picture: np.ndarray) -> LineRegion:
    """A picture, uint8 (H, W), that is one line."""
    height, width = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return LineRegion(picture=picture, to_page=np.eye(2, 3), box=(0, 0, width, height), outline=corners)


def word_list(words: Sequence[str] | str) -> list[str]:
    """A user's words as a list, from a list or from a text in which commas or white space separate them.

    Raises:
        InputError: not text, or absurdly many.
    """
    if not isinstance(words, str | Sequence) or not all(isinstance(word, str) for word in words):
        raise InputError("Words must be a list of words, or a text in which commas or spaces separate them.")
    parts = re.split(r"[,;\s]+", words if isinstance(words, str) else "\n".join(words))
    listed = list(dict.fromkeys(part for part in parts if part))
    if len(listed) > 100_000 or any(len(word) > 100 for word in listed):
        raise InputError("At most 100,000 words of at most 100 characters can be given.")
    return listed


@cache
def shipped_language_model() -> LanguageModel | None:
    """The language model beside the weights."""
    folder = beside_package("weights/language-model")
    return LanguageModel.load(folder) if folder else None


@dataclass(frozen=True, eq=False)
class Reading:
    """What a decoder makes of the network's output for one line.

    Attributes:
        hypotheses: the n best, best first.
        posteriors: float64 (n,), the share of each among them by their scores.
        spans: the characters of the best, with their places.
        words: the features of each of its words, for :func:`word_confidence`.
    """

    hypotheses: Sequence[Hypothesis]
    posteriors: np.ndarray
    spans: Sequence[Span]
    words: Sequence[tuple[float, float, float]]

    @property
    def text(self) -> str:
        """The best hypothesis."""
        return self.hypotheses[0].text


def interpret(log_probs: np.ndarray, charset: str, language_model: LanguageModel | None, words: Sequence[str] = ()) -> Reading:
    """Decode the network's output for one line.

    Args:
        log_probs: float32 (T, 1 + len(charset)).
        charset: of the network.
        language_model: None for none.
        words: the only words that can be read, if there are any.
    """
    return read_as(beam_search(log_probs, charset, language_model=language_model, words=words or None), log_probs, charset)


def read_as(hypotheses: Sequence[Hypothesis], log_probs: np.ndarray, charset: str) -> Reading:
    """What is to be said of the n best hypotheses for a line; arguments as of :func:`interpret`."""
    scores = np.array([hypothesis.score for hypothesis in hypotheses])
    posteriors = np.exp(scores - scores.max())
    posteriors /= posteriors.sum()
    spans = align(log_probs, hypotheses[0].text, charset)
    split = [hypothesis.text.split() for hypothesis in hypotheses]
    features = []
    place = iter(span.confidence for span in spans if span.char != " ")
    for index, word in enumerate(split[0]):
        same = [len(other) == len(split[0]) and other[index] == word for other in split]
        features.append(_features([next(place) for _ in word], float(posteriors[same].sum())))
    return Reading(hypotheses, posteriors, spans, features)


def _features(confidences: Sequence[float], mass: float) -> tuple[float, float, float]:
    """Log-probability of all characters of a word, of the least sure one, and the log-odds of its posterior among the n best."""
    logs = np.log(np.clip(confidences, 1e-4, 1.0))
    share = min(max(mass, 1e-4), 1 - 1e-4)
    return float(logs.sum()), float(logs.min()), float(np.log(share / (1 - share)))


def word_confidence(features: Sequence[float], calibration: Sequence[float]) -> float:
    """Probability that a word is right: logistic regression, ``calibration`` being the weights of the features and the bias."""
    return float(1 / (1 + np.exp(-(np.dot(features, calibration[:-1]) + calibration[-1]))))
