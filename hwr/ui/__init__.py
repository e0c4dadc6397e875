"""The demo page: one file a tab, and the drawing pad they share."""

import os

import gradio as gr

from hwr.predictors.char import CharRecognizer
from hwr.predictors.pixels import PixelWriter
from hwr.predictors.text import TextReader
from hwr.ui import recognize, write
from hwr.ui.theme import TITLE, header, launch_options

__all__ = ["build", "launch_options"]


def build(recognizer: CharRecognizer, reader: TextReader, pixel_writer: PixelWriter, notice: str | None = None) -> gr.Blocks:
    """The whole page, ready to ``launch(**launch_options())``.

    Args:
        recognizer: reads single characters.
        reader: reads words, lines and pages.
        pixel_writer: writes with pixels.
        notice: something people should know about this installation, shown on top of the page.
    """
    cores = os.cpu_count() or 1
    # Requests take turns, as many at once as there are cores; the rest waits in the order of arrival.
    share = {"concurrency_id": "compute", "concurrency_limit": cores}
    # Uploads are deleted within the hour.
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3000)) as demo:
        gr.HTML(header((recognizer.source, reader.source, pixel_writer.source), notice), apply_default_css=False, elem_id="header")
        with gr.Tabs():
            with gr.Tab("Recognize", id="recognize"):
                recognize.build(recognizer, reader, share)
            with gr.Tab("Write", id="write"):
                write.build(pixel_writer, share)
        # Gradio imports for a second when the first event arrives: let that be while the first visitor still looks around.
        demo.load(lambda: None, api_visibility="private", show_progress="hidden")
    return demo
