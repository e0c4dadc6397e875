"""The mode "Text": write a word or a line, photograph a page or open a document, see what stands there, where, and how it was read."""

from typing import Any

from hwr.predictors.ink import InkReader
from hwr.predictors.strokes import StrokesReader
from hwr.predictors.text import TextReader
from hwr.ui.inputs import from_pad, from_picture, read_latest
from hwr.ui.pad import Greeting
from hwr.ui.text.document import from_document
from hwr.ui.text.endpoints import add_endpoints
from hwr.ui.text.handlers import Handlers
from hwr.ui.text.layout import lay_out


def build(reader: TextReader, ink_reader: InkReader, greeting: Greeting, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``, and say what happens when.

    Args:
        reader: reads the text.
        ink_reader: reads what is written on the pad as well, by its strokes.
        greeting: stands on the pad until the visitor does something.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    view, handlers = lay_out(greeting), Handlers(reader, StrokesReader(reader, ink_reader), greeting)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal", "trigger_mode": "always_last", "preprocess": False}
    quiet |= share
    settings = [view.settings["language_model"], view.settings["words"]]
    sources = [
        from_pad(view.drawing, handlers.read_strokes),
        from_picture(view.picture, handlers.read_file),
        from_document(view.document, handlers.read_file),
    ]
    read_latest(sources, view.shown, nothing=handlers.nothing, settings=settings, **quiet)
    silent: dict[str, Any] = quiet | {"show_progress": "hidden"}
    view.drawing.play(handlers.greet, None, view.shown, **silent)
    view.examples.select(handlers.example, settings, [*view.shown, view.drawing, view.picture, view.document], **quiet)
    view.page.select(handlers.correct, view.last, [view.transcript, view.last, view.everything], **quiet)
    view.more.click(handlers.all_files, view.last, view.everything, api_visibility="private", **share)
    add_endpoints(reader, share)
