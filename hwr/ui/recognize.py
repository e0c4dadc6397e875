"""The tab "Recognize": text, or one character."""

from typing import Any

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.ink import InkReader
from hwr.predictors.text import TextReader
from hwr.ui import character, text
from hwr.ui.first_page import FirstPage


def build(recognizer: CharRecognizer, reader: TextReader, ink_reader: InkReader, first: FirstPage, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        recognizer: reads single characters.
        reader: reads words, lines and pages.
        ink_reader: reads pen strokes.
        first: has the greetings.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    with gr.Tabs(elem_id="modes", elem_classes="hwr-modes", overflow_behavior="wrap"):
        with gr.Tab("Text", id="text", elem_id="mode-text"):
            text.build(reader, ink_reader, first.words, share)
        with gr.Tab("Character", id="character", elem_id="mode-character"):
            character.build(recognizer, first.letters, share)
