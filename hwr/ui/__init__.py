"""The demo page: a folder for each mode or tab, and what they share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.ink import InkReader
from hwr.predictors.text import TextReader
from hwr.ui import evaluate, how, recognize, write
from hwr.ui.door import Page
from hwr.ui.first_page import FirstPage
from hwr.ui.theme import PAGES, footer, header

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter
    from hwr.predictors.pixels import PixelWriter

__all__ = ["Models", "build"]


@dataclass(frozen=True)
class Models:
    """What the page works with."""

    recognizer: CharRecognizer  # reads single characters
    reader: TextReader  # reads words, lines and pages
    ink_reader: InkReader  # reads pen strokes
    pen_writer: PenWriter  # writes with strokes
    pixel_writer: PixelWriter  # writes with pixels

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the weights came from, for people."""
        return tuple(model.source for model in vars(self).values())


def build(models: Models, first: FirstPage, notice: str | None = None) -> gr.Blocks:
    """The page with its tabs, and the second one, ready for :func:`hwr.ui.serving.serve`.

    Args:
        models: what reads and writes.
        first: what stands on the page before anybody writes.
        notice: something people should know about this installation, shown on top of the page.
    """
    cores = os.cpu_count() or 1
    # Requests take turns, as many at once as there are cores; the rest waits in the order of arrival.
    share = {"concurrency_id": "compute", "concurrency_limit": cores}
    # Uploads are deleted within the hour.
    with Page(title=PAGES[""].title, analytics_enabled=False, delete_cache=(600, 3000)) as demo:
        gr.HTML(header(notice), apply_default_css=False, elem_id="header")
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Recognize", id="recognize", elem_id="tab-recognize"):
                recognize.build(models.recognizer, models.reader, models.ink_reader, first, share)
            with gr.Tab("Write", id="write", elem_id="tab-write"):
                linked = write.build(models.pen_writer, models.pixel_writer, first, share)
            with gr.Tab("Evaluate", id="evaluate", elem_id="tab-evaluate") as tab:
                evaluate.build(models.recognizer, models.reader, tab, share)
        gr.HTML(footer(models.sources), apply_default_css=False, elem_id="footer")
        values = list(linked.values())
        demo.load(None, values, values, js=f"(...now) => hwr.links.restore('write/pen', {list(linked)}, now)", api_visibility="private")
        # Gradio imports for a second when the first event arrives: let that be while the first visitor still looks around.
        demo.load(lambda: None, api_visibility="private", show_progress="hidden")
    with demo.route(PAGES[how.PATH].name, how.PATH, show_in_navbar=False):
        how.build()
        gr.HTML(footer(models.sources), apply_default_css=False, elem_id="footer")
    # What doesn't wait in the queue would take no turns. Who waits hears now and then how far it is, not after each answer to somebody.
    demo.queue(api_open=False, status_update_rate=2)
    return demo
