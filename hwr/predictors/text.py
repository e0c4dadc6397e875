"""Read handwritten words, lines and pages: image -> lines -> network -> decoder -> text with boxes and confidences."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ink.rendering import text_picture
from hwr.ink.strokes import parse_strokes
from hwr.models.arrays import LineNetwork
from hwr.models.loading import load_reader
from hwr.pictures.documents import MAX_PAGES, open_document
from hwr.pictures.line import LinePicture, normalise_line
from hwr.pictures.loading import grey, load_image
from hwr.pictures.pages.cutting import LineRegion
from hwr.pictures.places import baseline_of, box_of, place_of
from hwr.predictors.pages import PageFinder
from hwr.system import deadline
from hwr.text.beam import Hypothesis
from hwr.text.ctc import greedy
from hwr.text.grammar import word_list
from hwr.text.languages import Languages, shipped_languages
from hwr.text.reading import ALTERNATIVES, Reading, interpret, read_as, word_confidence
from hwr.text.result import TextCharacter, TextDocument, TextLine, TextResult, TextWord

DEFAULT_WEIGHTS = "text-best"
_NOTHING = "There is something in the picture, but nothing that could be read as writing."


@dataclass(frozen=True)
class ReadingProgress:
    """How far the reading of a document is.

    Attributes:
        page: number of the page that is being read, from 1.
        pages: of the document.
        line: how many lines of the page have been read.
        lines: that there are on the page.
        document: what has been read of it.
    """

    page: int
    pages: int
    line: int
    lines: int
    document: TextDocument

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return (self.page - 1 + (self.line / self.lines if self.lines else 1.0)) / self.pages


class TextReader:
    """Reads words, lines and pages with a :class:`~hwr.models.line_ctc.LineCTC` and, unless told not to, a language model. Thread-safe.

    Args:
        network: trained.
        languages: the language models; None reads without one, whatever a call asks for.
        finder: finds the lines of a page; None takes every picture for one line.
        source: where the weights came from, for people.
        device: where to run.
    """

    def __init__(
        self,
        network: LineNetwork,
        languages: Languages | None = None,
        finder: PageFinder | None = None,
        source: str = "",
        device: str = "cpu",
    ) -> None:
        self.network = network.placed(device)
        self.languages = languages
        self.finder = finder
        self.source = source

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> TextReader:
        """Load a reader, with the shipped language models and finder of lines.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``; None: the best weights that are shipped.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_reader(LineNetwork, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision, device=device)
        return cls(network, shipped_languages(), PageFinder.from_pretrained(device=device), source, device)

    @property
    def charset(self) -> str:
        """The characters that can be read."""
        return self.network.charset

    def read(self, image: Any, *, language_model: bool = True, words: Sequence[str] | str = (), language: str | None = None) -> TextResult:
        """Read a page, a line or a word.

        Args:
            image: a path, bytes, PIL image or array of any size and mode; a photograph, a scan or a drawing.
            language_model: let the language model help. Without it what stands there is read letter by letter.
            words: if any are given, only these can be read (names, a vocabulary): a list, or a text in which commas or white space
                separate them. They may be capitalised, and punctuation may stand around them.
            language: ISO 639-1 code of the language model that helps, such as ``"de"``; None finds it out from what stands there.

        Raises:
            InputError: the image can't be used, or shows no writing; the message says why.
        """
        page = grey(load_image(image))
        return _of(image, self._read(self._regions(page), page.shape[::-1], language_model, words, language))

    def read_document(self, source: Any, *, max_pages: int = MAX_PAGES, **options: Any) -> TextDocument:
        """Read a document page by page: a PDF, a TIFF of several pages, or any picture, which is one page.

        Args:
            source: a path or bytes, or whatever else :meth:`read` takes.
            max_pages: a document of more is refused.
            options: ``language_model``, ``words`` and ``language``, as of :meth:`read`.

        Returns:
            All pages; one on which nothing could be read says so in ``error``.

        Raises:
            InputError: the document can't be used, or there is no writing on any of its pages; the message says why.
        """
        *_, last = self.stream(source, max_pages=max_pages, **options)
        return last.document.check()

    def stream(
        self,
        source: Any,
        *,
        language_model: bool = True,
        words: Sequence[str] | str = (),
        language: str | None = None,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[ReadingProgress]:
        """Read a document, and give what has been read of it again and again, line by line; arguments as of :meth:`read_document`.

        Yields:
            How far it is; at least once a page.

        Raises:
            InputError: the document can't be used. That nothing is read on a page stands in ``error`` of the page.
        """
        vocabulary = word_list(words)
        self._check(language)
        document = open_document(source, max_pages)
        done: list[TextResult] = []
        for number in range(document.pages):
            result = TextResult(name=document.name, picture=partial(document.page, number))
            count = 0
            try:
                page = grey(document.page(number))
                result = replace(result, size=page.shape[::-1])
                regions = self._regions(page)
                count = len(regions)
                for tried, line in enumerate(self._lines(regions, result.size, language_model, vocabulary, language), start=1):
                    if line is not None:
                        result = replace(result, lines=(*result.lines, line))
                    if tried < count:
                        yield ReadingProgress(number + 1, document.pages, tried, count, TextDocument((*done, result)))
                if not result.lines:
                    raise InputError(_NOTHING)
            except InputError as error:
                result = replace(result, error=str(error))
            done.append(result)
            yield ReadingProgress(number + 1, document.pages, count, count, TextDocument(tuple(done)))

    def read_line(
        self, image: Any, *, language_model: bool = True, words: Sequence[str] | str = (), language: str | None = None
    ) -> TextResult:
        """Read a picture of one line or one word, taken whole: as :meth:`read`, but no lines are looked for."""
        region = _whole(grey(load_image(image)))
        return _of(image, self._read([region], region.picture.shape[::-1], language_model, words, language))

    def locate(self, image: Any, text: str) -> TextResult:
        """Where a text that is known stands in a picture of one line: as :meth:`read_line`, but what is read is given.

        Raises:
            InputError: the image can't be used, or the text has characters that the network doesn't know.
        """
        if unknown := sorted(set(text) - set(self.charset)):
            raise InputError(f"The model has no character {unknown[0]!r}.")
        region = _whole(grey(load_image(image)))
        return _of(image, self._read([region], region.picture.shape[::-1], False, (), None, text))

    def read_strokes(
        self, strokes: Any, *, language_model: bool = True, words: Sequence[str] | str = (), language: str | None = None
    ) -> TextResult:
        """As :meth:`read`, of pen strokes on the wide pad: lists of points ``[x, y]`` or ``[x, y, t]`` in its units, y downwards.

        Boxes and extents are in the pixels of the picture that :func:`hwr.ink.rendering.text_picture` draws.
        """
        return self.read(text_picture(parse_strokes(strokes)), language_model=language_model, words=words, language=language)

    def read_batch(
        self,
        images: Iterable[Any],
        *,
        line: bool = False,
        language_model: bool = True,
        words: Sequence[str] | str = (),
        language: str | None = None,
    ) -> list[TextResult]:
        """Read many images: as :meth:`read`, or with ``line`` as :meth:`read_line`, in order.

        An image that can't be used gives an empty result that carries ``error``; the others are not affected.
        """
        vocabulary = word_list(words)
        self._check(language)
        read = self.read_line if line else self.read
        results = []
        for image in images:
            try:
                results.append(read(image, language_model=language_model, words=vocabulary, language=language))
            except InputError as error:
                results.append(TextResult(error=str(error)))
        return results

    def _regions(self, page: np.ndarray) -> list[LineRegion]:
        """The lines of a page, uint8 (H, W)."""
        regions = self.finder.find_in(page) if self.finder else [_whole(page)]
        if not regions:
            raise InputError("No writing was found. Write something, or use a picture on which the ink stands out from the paper.")
        return regions

    def _read(
        self,
        regions: Sequence[LineRegion],
        size: tuple[int, int],
        language_model: bool,
        words: Sequence[str] | str,
        language: str | None,
        known: str | None = None,
    ) -> TextResult:
        self._check(language)
        read = self._lines(regions, size, language_model, word_list(words), language, known)
        lines = tuple(line for line in read if line is not None)
        if not lines:
            raise InputError(_NOTHING)
        return TextResult(lines, size)

    def _check(self, language: str | None) -> None:
        if language is not None and self.languages is None:
            raise InputError("This reader has no language models: leave out the language.")
        if self.languages is not None:
            self.languages.check(language)

    def _lines(
        self,
        regions: Sequence[LineRegion],
        size: tuple[int, int],
        language_model: bool,
        vocabulary: Sequence[str],
        language: str | None,
        known: str | None = None,
    ) -> Iterator[TextLine | None]:
        """Read the lines of a page so wide and high; of a stain that looked like a line, None."""
        found: list[tuple[LineRegion, LinePicture]] = []
        complaint: InputError | None = None
        for region in regions:
            deadline.check()
            try:
                found.append((region, normalise_line(region.picture)))
            except InputError as error:
                complaint = error
        if not found and complaint is not None:
            raise complaint
        yield from [None] * (len(regions) - len(found))
        emitted = self.network.emissions([picture.pixels for _, picture in found])
        code, model = None, None
        if self.languages is not None and language_model and known is None:
            code, model = self.languages.choose([greedy(log_probs, self.charset) for log_probs in emitted], language)
        for (region, picture), log_probs in zip(found, emitted, strict=True):
            deadline.check()
            if known is None:
                reading = interpret(log_probs, self.charset, model, vocabulary)
            else:
                reading = read_as([Hypothesis(known, 0.0, 0.0)], log_probs, self.charset)
            line = self._line(region, picture, log_probs, reading, size) if reading.text.strip() else None
            yield replace(line, language=code) if line is not None else None

    def _line(self, region: LineRegion, picture: LinePicture, log_probs: np.ndarray, reading: Reading, size: tuple[int, int]) -> TextLine:
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
        words = []
        for (text, start, stop), confidence in zip(reading.word_places, sure, strict=True):
            polygon = place_of(region, picture, start * columns, stop * columns)
            words.append(TextWord(text, confidence, box_of(polygon, size), polygon))
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
            words=tuple(words),
            polygon=region.outline,
            baseline=region.baseline if len(region.baseline) else baseline_of(region, picture),
            seen=picture.pixels,
            emissions=np.exp(log_probs, dtype=np.float32),
        )


def _of(source: Any, result: TextResult) -> TextResult:
    """A result that knows what it was read from."""
    name = os.path.basename(os.fspath(source)) if isinstance(source, str | os.PathLike) else ""
    return replace(result, name=name, picture=partial(load_image, source))


def _whole(picture: np.ndarray) -> LineRegion:
    """A picture, uint8 (H, W), that is one line."""
    height, width = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return LineRegion(picture=picture, to_page=np.eye(2, 3), box=(0, 0, width, height), outline=corners)
