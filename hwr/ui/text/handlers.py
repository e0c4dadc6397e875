"""What the mode "Text" does: drawings and pictures in, updates of what is shown out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Any

import gradio as gr
import numpy as np

from hwr.errors import InputError
from hwr.ink.rendering import TEXT_PAD_SIZE, TEXT_PEN_WIDTH
from hwr.predictors.strokes import StrokesReader
from hwr.predictors.text import TextReader
from hwr.text.formats import FORMATS, parts
from hwr.text.result import TextDocument, TextLine
from hwr.ui import drawings
from hwr.ui.greeting import answered
from hwr.ui.guard import sentence
from hwr.ui.inputs import Updates, picked
from hwr.ui.outputs import handed_out
from hwr.ui.pad import Greeting, to_value
from hwr.ui.panels import problem
from hwr.ui.text.transcript import empty_strips, empty_transcript, pictured, strips, transcript

MAX_WORDS_CHARACTERS = 100_000
MAX_PAGES = 20
"""Of a document that a visitor or a program sends."""
MAX_CORRECTED = 100_000
_PATIENCE = 0.4  # seconds until what has been read so far is shown
_NO_FILES = gr.update(value=None, visible=False)


@cache
def examples() -> list[dict[str, Any]]:
    """Drawings to try the mode with: ``text`` and ``strokes``."""
    return json.loads(files("hwr.ui.text").joinpath("examples.json").read_text(encoding="utf-8"))


def thumbnails() -> str:
    """The examples as buttons with their strokes drawn in them."""
    return drawings.thumbnails(
        ((example["text"], example["strokes"]) for example in examples()), TEXT_PAD_SIZE, stroke_width=2 * TEXT_PEN_WIDTH, kind="hwr-wide"
    )


def word_text(words: Any) -> str:
    """What somebody says are the only words that can be read.

    Raises:
        InputError: no text, or a very long one.
    """
    if not isinstance(words, str) or len(words) > MAX_WORDS_CHARACTERS:
        raise InputError(f"words must be a text of at most {MAX_WORDS_CHARACTERS:,} characters.")
    return words


@dataclass(frozen=True)
class Last:
    """What was read last, and what the visitor has corrected in it: texts by the number of their line."""

    document: TextDocument
    texts: dict[int, str]

    @property
    def corrected(self) -> TextDocument:
        """The document as the visitor says it reads."""
        return self.document.corrected(self.texts)


@dataclass(frozen=True)
class Handlers:
    """The mode's handlers; none of them knows a component. Updates are those of ``View.shown``."""

    reader: TextReader
    both: StrokesReader
    greeting: Greeting | None = None
    _greeted: dict[tuple[int, int], Updates] = field(default_factory=dict)  # one entry a part of a word

    def nothing(self, words: str = "") -> Updates:
        """There is nothing to read, or a sentence says why it can't be read."""
        return [problem(words) if words else empty_transcript(), "", empty_strips(), None, gr.update(interactive=False), _NO_FILES]

    def told(self, document: TextDocument) -> Updates:
        """What was read, and how; of a document, how its first page was."""
        lines = next(page.lines for page in document.pages if page.lines)
        pages = tuple(replace(page, lines=tuple(map(_without_emissions, page.lines))) for page in document.pages)
        last = Last(TextDocument(pages), {})
        story = strips(lines, self.reader.charset)
        return [transcript(document), pictured(document), story, last, gr.update(interactive=True), _NO_FILES]

    def read_file(self, path: str, language_model: Any, words: Any) -> Iterator[Updates]:
        """Of a picture or a document that was uploaded, as it is being read."""
        steps = self.reader.stream(path, language_model=bool(language_model), words=word_text(words or ""), max_pages=MAX_PAGES)
        document, shown = TextDocument(), monotonic()
        before = ["", empty_strips(), None, gr.update(interactive=False), _NO_FILES]  # what was read before is gone
        for step in steps:
            document = step.document
            if monotonic() - shown > _PATIENCE:
                shown = monotonic()
                yield [transcript(document, step), *before]
                before = [gr.skip()] * len(before)
        yield self.told(document.check())

    def read_strokes(self, strokes: list[Any], language_model: Any, words: Any) -> Updates:
        """Of what was written on the pad, by looks and by strokes."""
        found, _ = self.both.read(strokes, language_model=bool(language_model), words=word_text(words or ""))
        return self.told(TextDocument((found,)))

    def greet(self, event: gr.EventData) -> Updates:
        """A part of the greeting was written: how it reads so far."""
        return answered(event, self.greeting, self._greeted, self._read_greeting)

    def _read_greeting(self, strokes: list[Any]) -> Updates:
        try:
            document = TextDocument((self.both.read(strokes)[0],))
        except InputError:  # too little yet
            return [gr.skip()] * 6
        rest = ["", strips(document.lines, self.reader.charset), None, gr.update(interactive=False), _NO_FILES]
        return [transcript(document, spoken=False), *rest]

    def example(self, event: gr.EventData, language_model: Any, words: Any) -> Updates:
        """An example was chosen: what it says, then the pad's value, and no picture and no document."""
        strokes = examples()[picked(event, len(examples()))]["strokes"]
        return [*self.read_strokes(strokes, language_model, words), to_value(strokes), None, ""]

    def correct(self, event: gr.EventData, last: Last | None) -> list[Any]:
        """The visitor has corrected lines: updates of the transcript, of what is remembered and of the files, which are out of date."""
        if last is None:
            return [gr.skip()] * 3
        try:
            changed = Last(last.document, _texts(event))
            return [transcript(changed.corrected), changed, _NO_FILES]
        except InputError as error:
            return [problem(str(error)), last, _NO_FILES]

    def all_files(self, last: Last | None) -> Any:
        """What was read, with all corrections, as files of every format."""
        if last is None:
            return _NO_FILES
        try:
            return gr.update(value=[path for format in FORMATS for path in written_files(last.corrected, format)], visible=True)
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from None


def _texts(event: gr.EventData) -> dict[int, str]:
    """Corrected lines, as a browser says: texts by the number of their line."""
    said = getattr(event, "_data", None)
    lines = said.get("lines") if isinstance(said, dict) else None
    if not isinstance(lines, dict) or not all(str(number).isdecimal() and isinstance(text, str) for number, text in lines.items()):
        raise InputError("The correction did not arrive whole. Make it again.")
    if sum(map(len, lines.values())) > MAX_CORRECTED:
        raise InputError(f"Corrections may have {MAX_CORRECTED:,} characters at most.")
    return {int(number): text for number, text in lines.items()}


def _without_emissions(line: TextLine) -> TextLine:
    """A line without what the network saw and said, which nobody asks for again."""
    return replace(line, seen=np.zeros((0, 0), np.uint8), emissions=np.zeros((0, 0), np.float32))


def written_files(document: TextDocument, format: str) -> list[str]:
    """A document as files of a format, named after the file that was read."""
    stem, ending = Path(document.pages[0].name).stem[:100] or "handwriting", FORMATS[format].ending
    return [
        handed_out(f"{stem}{f'-{number}' if number > 1 else ''}{ending}", partial(part.save, format=format))
        for number, part in enumerate(parts(document, format), start=1)
    ]
