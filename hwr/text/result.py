"""What was read: characters, words, lines, pages and documents, as typed results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hwr.errors import InputError
from hwr.text import correction, formats


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
class TextWord:
    """One word of a line: what stands between spaces.

    Attributes:
        text: what was read; never empty, without white space.
        confidence: probability in [0, 1] that it is right, calibrated.
        box: x0, y0, x1, y1 in pixels of the image given; x1 and y1 lie one past it.
        polygon: float32 (4, 2), corners x, y of its (possibly turned) rectangle in pixels of the image given, from the upper left along the
            writing.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    polygon: np.ndarray = field(repr=False)

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``box, text, confidence, polygon``."""
        return {"box": list(self.box), "text": self.text, "confidence": self.confidence, "polygon": _points(self.polygon)}


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
        words: from left to right; their texts are those of ``text.split()``.
        polygon: float32 (M, 2), corners x, y of the line's outline in pixels of the image given, from the upper left along the writing.
        baseline: float32 (N, 2), the line that the letters stand on, as points x, y from its beginning to its end; N is 0 where it isn't
            known.
        corrected: whether somebody has said what it reads; see :meth:`TextDocument.corrected`.
        language: ISO 639-1 code of the language model that helped; None where none did.
        seen: uint8 (height, width), ink 255 on 0: the picture that the network saw.
        emissions: float32 (T, classes): what the network says at each time step, class 0 the CTC blank, class k + 1 the network's
            charset[k]. Step t covers the columns ``t * width / T`` to ``(t + 1) * width / T`` of ``seen``.
    """

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    characters: tuple[TextCharacter, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    words: tuple[TextWord, ...] = ()
    polygon: np.ndarray = field(default_factory=lambda: np.zeros((4, 2), np.float32), repr=False)
    baseline: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.float32), repr=False)
    corrected: bool = False
    language: str | None = None
    seen: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.uint8), repr=False)
    emissions: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32), repr=False)

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``box, text, confidence, characters, alternatives, words, polygon, baseline``."""
        return {
            "box": list(self.box),
            "text": self.text,
            "confidence": self.confidence,
            "characters": [{"char": c.char, "confidence": c.confidence, "x0": c.x0, "x1": c.x1} for c in self.characters],
            "alternatives": [{"text": text, "confidence": confidence} for text, confidence in self.alternatives],
            "words": [word.export() for word in self.words],
            "polygon": _points(self.polygon),
            "baseline": _points(self.baseline),
        }


@dataclass(frozen=True, eq=False)
class TextResult:
    """What stands on a page.

    Attributes:
        lines: in the order of reading: from top to bottom; those of one height from left to right.
        size: width and height of the image given, upright, in pixels.
        error: why there is no result, as a sentence for people; None where there is one. Only batch calls and documents give such results.
        name: of the image's file; empty where it has none.
        picture: gives the image once more, upright, for formats that show it; None where it isn't known.
    """

    lines: tuple[TextLine, ...] = ()
    size: tuple[int, int] = (0, 0)
    error: str | None = None
    name: str = ""
    picture: Callable[[], Image.Image] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The lines, joined by line breaks."""
        return "\n".join(line.text for line in self.lines)

    @property
    def language(self) -> str | None:
        """ISO 639-1 code of the language model that helped, one for all lines; None where none did."""
        return self.lines[0].language if self.lines else None

    @property
    def confidence(self) -> float:
        """Mean confidence of the lines; 0 where there is none."""
        return float(np.mean([line.confidence for line in self.lines])) if self.lines else 0.0

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``text, confidence, size, lines``, and ``language`` and ``error`` if there is one."""
        result: dict[str, Any] = {"text": self.text, "confidence": self.confidence, "size": list(self.size)}
        result["lines"] = [line.export() for line in self.lines]
        result |= {"language": self.language} if self.language else {}
        return result | ({"error": self.error} if self.error else {})

    def to(self, format: str) -> bytes:
        """The page as a file of a format, one of :data:`hwr.text.formats.FORMATS`: ``text, json, markdown, alto, page, hocr, pdf``.

        Raises:
            InputError: no such format, or a page that it can't hold.
        """
        return TextDocument((self,)).to(format)

    def save(self, path: str | Path, format: str | None = None) -> list[Path]:
        """Write the page as a file; see :meth:`TextDocument.save`."""
        return TextDocument((self,)).save(path, format)

    def corrected(self, texts: Mapping[int, str]) -> TextResult:
        """The page as somebody says that some of its lines read; see :meth:`TextDocument.corrected`."""
        return TextDocument((self,)).corrected(texts).pages[0]


@dataclass(frozen=True, eq=False)
class TextDocument:
    """What stands on the pages of a document.

    Attributes:
        pages: in order. One on which nothing could be read has no lines, and says why in ``error``.
    """

    pages: tuple[TextResult, ...] = ()

    @property
    def text(self) -> str:
        """What stands on the pages, joined by empty lines."""
        return "\n\n".join(page.text for page in self.pages if page.lines)

    @property
    def confidence(self) -> float:
        """Mean confidence of the lines of all pages; 0 where there is none."""
        return float(np.mean([line.confidence for line in self.lines])) if self.lines else 0.0

    @property
    def lines(self) -> tuple[TextLine, ...]:
        """The lines of all pages."""
        return tuple(line for page in self.pages for line in page.lines)

    def corrected(self, texts: Mapping[int, str]) -> TextDocument:
        """The document as somebody says that some of its lines read.

        Args:
            texts: by the number of the line, counted from 0 through all pages. A line that is none may be empty: it stays, so that the
                others keep their numbers.

        Raises:
            InputError: there is no line of such a number.
        """
        if not all(0 <= number < len(self.lines) for number in texts):
            raise InputError(f"There is no such line: the document has {len(self.lines)}, counted from 0.")
        lines = iter([correction.corrected(line, texts[n]) if n in texts else line for n, line in enumerate(self.lines)])
        return TextDocument(tuple(replace(page, lines=tuple(next(lines) for _ in page.lines)) for page in self.pages))

    def check(self) -> TextDocument:
        """The document itself, if anything was read on any page.

        Raises:
            InputError: nothing was; it says why.
        """
        if any(page.lines for page in self.pages):
            return self
        alone = self.pages[0].error if len(self.pages) == 1 else None
        raise InputError(alone or f"No writing was found on any of the {len(self.pages)} pages.")

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``text, confidence, pages``."""
        return {"text": self.text, "confidence": self.confidence, "pages": [page.export() for page in self.pages]}

    def to(self, format: str) -> bytes:
        """The document as a file of a format, one of :data:`hwr.text.formats.FORMATS`: ``text, json, markdown, alto, page, hocr, pdf``.

        Raises:
            InputError: no such format, or pages that it can't hold: PAGE-XML holds one, and PDF wants to know what they look like.
        """
        return formats.to(self, format)

    def save(self, path: str | Path, format: str | None = None) -> list[Path]:
        """Write the document as a file: ``.txt``, ``.json``, ``.md``, ``.hocr``, ``.pdf`` (searchable), ``.alto.xml`` or ``.page.xml``.

        PAGE-XML holds one page a file: ``a.xml``, and if there are more ``a-2.xml``, ``a-3.xml`` ...

        Args:
            path: of the file.
            format: as of :meth:`to`; None: what the ending says.

        Returns:
            The files written.

        Raises:
            InputError: no such format, or the file can't be written.
        """
        return formats.save(self, path, format)


def _points(points: np.ndarray) -> list[list[float]]:
    return np.round(points.astype(float), 1).tolist()
