"""The tab "Write": with a pen, or with pixels."""

from typing import Any

import gradio as gr

from hwr.predictors.pen import PenWriter
from hwr.predictors.pixels import PixelWriter
from hwr.ui import pen, pixels


def build(pen_writer: PenWriter, pixel_writer: PixelWriter, share: dict[str, Any]) -> dict[str, Any]:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        pen_writer: writes with strokes.
        pixel_writer: draws characters row by row.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.

    Returns:
        What a link to the mode "Pen" restores: components by their names in it.
    """
    with gr.Tabs(elem_classes="hwr-modes", overflow_behavior="wrap"):
        with gr.Tab("Pen", id="pen", elem_id="mode-pen") as tab:
            linked = pen.build(pen_writer, tab, share)
        with gr.Tab("Pixels", id="pixels", elem_id="mode-pixels") as tab:
            pixels.build(pixel_writer, tab, share)
    return linked
