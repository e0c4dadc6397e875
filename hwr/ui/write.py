"""The tab "Write": with a pen, or with pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.ui import pen, pixels
from hwr.ui.first_page import FirstPage

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter
    from hwr.predictors.pixels import PixelWriter


def build(pen_writer: PenWriter, pixel_writer: PixelWriter, first: FirstPage, share: dict[str, Any]) -> dict[str, Any]:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        pen_writer: writes with strokes.
        pixel_writer: draws characters row by row.
        first: what stands there before anything is written.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.

    Returns:
        What a link to the mode "Pen" restores: components by their names in it.
    """
    with gr.Tabs(elem_classes="hwr-modes", overflow_behavior="wrap"):
        with gr.Tab("Pen", id="pen", elem_id="mode-pen") as tab:
            linked = pen.build(pen_writer, first.hands, first.paper, tab, share)
        with gr.Tab("Pixels", id="pixels", elem_id="mode-pixels") as tab:
            pixels.build(pixel_writer, first.temperature, tab, share)
    return linked
