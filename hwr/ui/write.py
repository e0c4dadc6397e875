"""The tab "Write": with pixels."""

from typing import Any

import gradio as gr

from hwr.predictors.pixels import PixelWriter
from hwr.ui import pixels


def build(pixel_writer: PixelWriter, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        pixel_writer: draws characters row by row.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    with gr.Tabs(elem_classes="hwr-modes"):
        with gr.Tab("Pixels", id="pixels"):
            pixels.build(pixel_writer, share)
