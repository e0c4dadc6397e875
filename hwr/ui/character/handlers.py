"""What the mode "Character" does: drawings and pictures in, updates of what is shown out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import gradio as gr
import numpy as np

from hwr.ink.rendering import PAD_SIZE, PEN_WIDTH
from hwr.predictors.char import CharPrediction, CharRecognizer
from hwr.ui import drawings
from hwr.ui.character.answer import answer, empty_answer, empty_reading, explain
from hwr.ui.character.reading import reading
from hwr.ui.greeting import answered
from hwr.ui.guard import sentence
from hwr.ui.inputs import Updates, picked
from hwr.ui.pad import Greeting, to_value
from hwr.ui.panels import card, problem
from hwr.ui.templates import render


@dataclass(frozen=True)
class Read:
    """What a session remembers of the last character, for corrections."""

    prediction: CharPrediction  # with all classes
    trace: np.ndarray  # (28, 47)


@cache
def examples() -> list[dict[str, Any]]:
    """Drawings to try the mode with: ``char`` and ``strokes``."""
    return json.loads(files("hwr.ui.character").joinpath("examples.json").read_text(encoding="utf-8"))


def thumbnails() -> str:
    """The examples as buttons with their strokes drawn in them."""
    return drawings.thumbnails(((example["char"], example["strokes"]) for example in examples()), PAD_SIZE, stroke_width=PEN_WIDTH)


@dataclass(frozen=True)
class Handlers:
    """The mode's handlers; none of them knows a component. Updates are those of ``View.shown``."""

    recognizer: CharRecognizer
    greeting: Greeting | None = None
    _greeted: dict[tuple[int, int], Updates] = field(default_factory=dict)  # one entry a part of a letter

    def greet(self, event: gr.EventData) -> Updates:
        """A part of the greeting was written: how it reads so far."""
        return answered(event, self.greeting, self._greeted, self._read_greeting)

    def _read_greeting(self, strokes: list[Any]) -> Updates:
        prediction = self.recognizer.predict_strokes(strokes, top_k=len(self.recognizer.classes))
        return [*self.told(prediction, spoken=False)[:2], *[gr.skip()] * 4]

    def nothing(self, words: str = "") -> Updates:
        """There is nothing to read, or a sentence says why it can't be read."""
        return [problem(words) if words else empty_answer(), empty_reading(), gr.update(visible=False), "", "", None]

    def told(self, prediction: CharPrediction, *, spoken: bool = True) -> Updates:
        """What was read, and how."""
        assert prediction.seen is not None
        found = Read(prediction, self.recognizer.trace(prediction))
        story = reading(found.trace, prediction.seen, self.recognizer.classes, prediction.char)
        story = card(story, kind="hwr-reading", title="How it was read")
        return [answer(prediction, spoken=spoken), story, gr.update(visible=True), "", "", found]

    def read_strokes(self, strokes: list[Any]) -> Updates:
        """Of a drawing on the pad."""
        return self.told(self.recognizer.predict_strokes(strokes, top_k=len(self.recognizer.classes)))

    def read_picture(self, path: str) -> Updates:
        """Of a picture that was uploaded."""
        return self.told(self.recognizer.predict(path, top_k=len(self.recognizer.classes)))

    def example(self, event: gr.EventData) -> Updates:
        """An example was chosen: what it is, then the pad's value and no picture."""
        strokes = examples()[picked(event, len(examples()))]["strokes"]
        return [*self.read_strokes(strokes), to_value(strokes), None]

    def correct(self, char: Any, read_last: Read | None) -> str:
        """Why what a visitor says did not win."""
        said = str(char or "")[:20].strip()
        if not said or read_last is None:
            return ""
        try:
            return explain(said, read_last.prediction, read_last.trace, self.recognizer.classes)
        except Exception as error:
            return render("alert.html", words=sentence(error))
