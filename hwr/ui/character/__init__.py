"""The mode "Character": draw or upload one character, see what it is, how sure the network is, and how it read."""

from typing import Any

from hwr.predictors.char import CharRecognizer
from hwr.ui.character.endpoints import add_endpoints
from hwr.ui.character.handlers import Handlers
from hwr.ui.character.layout import lay_out
from hwr.ui.inputs import from_pad, from_picture, read_latest
from hwr.ui.pad import Greeting


def build(recognizer: CharRecognizer, greeting: Greeting, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``, and say what happens when.

    Args:
        recognizer: reads the characters.
        greeting: stands on the pad until the visitor does something.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    view, handlers = lay_out(greeting), Handlers(recognizer, greeting)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "always_last", "preprocess": False}
    quiet |= share
    read_latest(
        [from_pad(view.drawing, handlers.read_strokes), from_picture(view.picture, handlers.read_picture)],
        view.shown,
        nothing=handlers.nothing,
        **quiet,
    )
    view.drawing.play(handlers.greet, None, view.shown, **quiet)
    view.examples.select(handlers.example, None, [*view.shown, view.drawing, view.picture], **quiet)
    # Not .input, which Gradio fires at key presses only: soft keyboards and pasting have none.
    view.truth.change(handlers.correct, [view.truth, view.last], view.because, **quiet)
    add_endpoints(recognizer, share)
