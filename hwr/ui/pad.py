"""The drawing pad that every tab uses: a ``gr.HTML`` whose value is strokes."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr import ink
from hwr.errors import InputError


@cache
def _asset(name: str) -> str:
    return files("hwr.ui").joinpath(name).read_text(encoding="utf-8")


def to_value(strokes: Sequence[Any]) -> str:
    """The pad's value for a JSON-able list of strokes: set it to show them."""
    return json.dumps(strokes, separators=(",", ":"))


def from_value(value: str | None) -> list[Any]:
    """The strokes in a pad's value, lists of ``[x, y, t]``; an empty list for an empty pad.

    Raises:
        InputError: not a value that a pad makes.
    """
    try:
        strokes = json.loads(value or "[]")
    except (TypeError, ValueError, RecursionError):
        strokes = None
    if not isinstance(strokes, list):
        raise InputError("The drawing did not arrive whole. Draw it again.")
    return strokes


def pad(
    strokes: Sequence[Any] = (),
    *,
    size: tuple[int, int] = ink.PAD_SIZE,
    pen_width: float = ink.PEN_WIDTH,
    label: str = "Drawing pad",
    hint: str = "Draw here",
    description: str = "Drawing pad for mouse, finger or pen.",
    **kwargs: Any,
) -> gr.HTML:
    """A drawing pad for mouse, finger and pen, with undo, redo and clear.

    Its value is JSON text (:func:`from_value`, :func:`to_value`) of a list of strokes, each a list of ``[x, y, t]``: x and y in logical
    units, whatever the size on screen, y growing downwards, t in milliseconds from the first point. :func:`hwr.ink.render` draws the same
    picture from it that the pad shows. Listen to ``.input`` for what people do (a stroke ended, undo, redo, clear); setting the value from
    Python draws it and fires only ``.change``.

    Args:
        strokes: to begin with.
        size: width and height in logical units; the pad is as wide as its column and keeps this aspect.
        pen_width: in logical units.
        label: accessible name of the pad with its buttons.
        hint: shown on the empty pad.
        description: what a screen reader says of the canvas, before the number of strokes.
        kwargs: passed to ``gr.HTML`` (``elem_id``, ``visible`` ...).
    """
    # A function and not a subclass, for which Gradio would write a .pyi file into this package when it is imported.
    return gr.HTML(
        value=to_value(list(strokes)),
        label=label,
        html_template=_asset("pad.html"),
        css_template=_asset("pad.css"),
        js_on_load=_asset("pad.js"),
        apply_default_css=False,
        pad_width=size[0],
        pad_height=size[1],
        pen_width=pen_width,
        max_points=ink.MAX_POINTS,
        hint=hint,
        description=description,
        **kwargs,
    )
