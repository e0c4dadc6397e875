"""The demo page: one file a tab or mode, and the drawing pad they share."""

import os
from dataclasses import dataclass

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import PenWriter
from hwr.predictors.pixels import PixelWriter
from hwr.predictors.text import TextReader
from hwr.ui import evaluate, recognize, write
from hwr.ui.theme import TITLE, header, launch_options

__all__ = ["Models", "build", "launch_options"]


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


def build(models: Models, notice: str | None = None) -> gr.Blocks:
    """The whole page, ready to ``launch(**launch_options())``.

    Args:
        models: what reads and writes.
        notice: something people should know about this installation, shown on top of the page.
    """
    cores = os.cpu_count() or 1
    # Requests take turns, as many at once as there are cores; the rest waits in the order of arrival.
    share = {"concurrency_id": "compute", "concurrency_limit": cores}
    # Uploads are deleted within the hour.
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3000)) as demo:
        gr.HTML(header(models.sources, notice), apply_default_css=False, elem_id="header")
        with gr.Tabs():
            with gr.Tab("Recognize", id="recognize"):
                recognize.build(models.recognizer, models.reader, models.ink_reader, share)
            with gr.Tab("Write", id="write"):
                write.build(models.pen_writer, models.pixel_writer, share)
            with gr.Tab("Evaluate", id="evaluate"):
                evaluate.build(models.recognizer, models.reader, share)
        # Gradio imports for a second when the first event arrives: let that be while the first visitor still looks around.
        demo.load(lambda: None, api_visibility="private", show_progress="hidden")
    return demo
