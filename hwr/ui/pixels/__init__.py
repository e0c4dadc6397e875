"""The mode "Pixels" of writing: a text in handwriting that a network draws pixel row by pixel row."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.ui.pixels.endpoint import add_endpoint
from hwr.ui.pixels.handlers import Handlers, Settings
from hwr.ui.pixels.layout import lay_out
from hwr.ui.writing import MAX_SEED

if TYPE_CHECKING:
    from hwr.predictors.pixels import PixelWriter


def build(writer: PixelWriter, temperature: float, tab: gr.Tab, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``, and say what happens when.

    Args:
        writer: draws the text.
        temperature: the network's own.
        tab: of the mode.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    view, handlers = lay_out(temperature), Handlers(writer)
    shown = [view.picture, view.report, view.save, view.watch, view.animation, view.last]

    def write(*values: Any) -> list[Any]:
        *chosen, last = values
        return handlers.write(Settings(**dict(zip(view.settings, chosen, strict=True))), last)

    # One event: a session draws one page after the other, and the last one counts.
    gr.on(
        [view.go.click, tab.select, view.settings["text"].submit, view.settings["seed"].change],
        write,
        [*view.settings.values(), view.last],
        shown,
        api_visibility="private",
        preprocess=False,
        trigger_mode="always_last",
        **share,
    )
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    view.dice.click(lambda: random.randrange(MAX_SEED), None, view.settings["seed"], **quick)
    computing: dict[str, Any] = {"api_visibility": "private"} | share
    view.watch.click(handlers.animate, view.last, view.animation, **computing)
    add_endpoint(writer, temperature, share)
