"""The mode "Pen" of writing: a text as pen strokes, in a hand of the gallery, between two, or in the visitor's own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.system.deadline import Deadline
from hwr.ui.door import COMPUTING_SECONDS, REQUEST_SECONDS
from hwr.ui.pen.endpoint import add_endpoint
from hwr.ui.pen.handlers import Handlers, Settings
from hwr.ui.pen.layout import lay_out
from hwr.ui.writing import MAX_SEED

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter


def build(writer: PenWriter, hands: int, empty: str, tab: gr.Tab, share: dict[str, Any]) -> dict[str, Any]:
    """Compose the mode inside the current ``gr.Blocks``, and say what happens when.

    Args:
        writer: writes the text.
        hands: in its gallery.
        empty: value of the paper without a word.
        tab: of the mode; its greeting and its gallery are written when it is first looked at.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.

    Returns:
        What a link restores: components by their names in it.
    """
    view, handlers = lay_out(hands, empty), Handlers(writer)
    settings = [*view.settings.values(), view.shown]
    updated = [view.page, view.report, view.more, view.everything, view.shown]

    def write(*values: Any) -> Iterator[list[Any]]:
        *chosen, shown = values
        within = Deadline(REQUEST_SECONDS, COMPUTING_SECONDS)
        yield from within.around(handlers.write(Settings(**dict(zip(view.settings, chosen, strict=True))), shown))

    # One event for whatever changes: a session writes one page after the other, and the last one counts. Of the text not .input, which
    # Gradio fires at key presses only: soft keyboards and pasting have none.
    triggers = [view.go.click, tab.select, *(setting.change for setting in view.settings.values())]
    gr.on(
        triggers,
        write,
        settings,
        updated,
        api_visibility="private",
        preprocess=False,
        trigger_mode="always_last",
        show_progress="hidden",
        **share,
    )
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    view.gallery.select(handlers.pick, None, [view.settings[name] for name in ("style", "share_of_other", "own", "upload")], **quick)
    view.dice.click(lambda: random.randrange(MAX_SEED), None, view.settings["seed"], **quick)
    computing: dict[str, Any] = {"api_visibility": "private"} | share
    view.page.select(handlers.again, view.shown, [view.page, view.shown], show_progress="hidden", **computing)
    view.more.click(handlers.all_files, view.shown, view.everything, **computing)
    tab.select(handlers.specimens, view.settings["text"], view.gallery, show_progress="hidden", **computing)
    view.gallery.input(handlers.specimens_of_word, None, view.gallery, show_progress="hidden", trigger_mode="always_last", **computing)
    add_endpoint(writer, hands, share)
    return {"text": view.settings["text"], "hand": view.settings["style"], "seed": view.settings["seed"], "paper": view.settings["paper"]}
