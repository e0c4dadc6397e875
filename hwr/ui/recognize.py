"""The tab "Recognize": one character, or text."""

from typing import Any

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.ink import InkReader
from hwr.predictors.text import TextReader
from hwr.ui import character, text


def build(recognizer: CharRecognizer, reader: TextReader, ink_reader: InkReader, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        recognizer: reads single characters.
        reader: reads words, lines and pages.
        ink_reader: reads pen strokes.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    with gr.Tabs(elem_id="modes"):
        with gr.Tab("Character", id="character"):
            character.build(recognizer, share)
        with gr.Tab("Text", id="text"):
            text.build(reader, ink_reader, share)
