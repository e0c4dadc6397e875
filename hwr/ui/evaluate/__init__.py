"""The tab "Evaluate": how well a model reads a collection of labelled images, and where it goes wrong."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader
from hwr.system.deadline import Deadline
from hwr.ui.evaluate.endpoint import add_endpoint
from hwr.ui.evaluate.handlers import Handlers, Settings
from hwr.ui.evaluate.lane import ADVICE, SECONDS, TOLD
from hwr.ui.evaluate.layout import lay_out
from hwr.ui.panels import card


def build(recognizer: CharRecognizer, reader: TextReader, tab: gr.Tab, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``, and say what happens when.

    Args:
        recognizer: reads single characters, unless another model is named.
        reader: reads texts.
        tab: that this is; it shows an example when it is first looked at.
        share: arguments for every other event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    handlers = Handlers(recognizer, reader)
    view = lay_out(handlers.models)

    def on_evaluate(*values: Any) -> Iterator[list[Any]]:
        yield from Deadline(SECONDS, advice=ADVICE).around(handlers.evaluate(Settings(**dict(zip(view.settings, values, strict=True)))))

    # One evaluation runs at a time, which is the lane's affair; a few visitors are let in to be told that they wait.
    private: dict[str, Any] = {"api_visibility": "private", "preprocess": False, "concurrency_id": "evaluate", "concurrency_limit": TOLD}
    event = view.go.click(on_evaluate, list(view.settings.values()), view.shown, show_progress="hidden", trigger_mode="multiple", **private)
    tab.select(handlers.example, view.last, view.shown[0], api_visibility="private", show_progress="hidden")
    cancelled = card('<p role="status">Cancelled.</p>')
    view.stop.click(lambda: cancelled, None, view.shown[0], cancels=[event], api_visibility="private", show_progress="hidden")
    computing: dict[str, Any] = {"api_visibility": "private", "preprocess": False} | share
    for choice in (view.only, view.counts):
        choice.input(handlers.show_map, [view.last, view.only, view.counts], view.heat_map, **computing)
    add_endpoint(handlers.model_of, recognizer.source, reader, handlers.lane)
