"""The drawing pad that every tab uses: a ``gr.HTML`` whose value is strokes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.ink.rendering import PAD_SIZE, PEN_WIDTH
from hwr.ink.strokes import MAX_POINTS, Strokes

BASELINE = 0.68
"""Of a ruled pad, as a share of its height."""
KEYS = "Arrow keys carry the pen, the space bar sets it down and lifts it."


@dataclass(frozen=True)
class Greeting:
    """What the pen network writes on an empty pad until the visitor does something.

    Attributes:
        words: each the strokes of one, arrays (N, 2) in the pad's logical units.
        parts: in so many steps each is read while it is written.
        letters: each is a single letter, which is written faster.
    """

    words: tuple[Strokes, ...]
    parts: int
    letters: bool = False


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
    size: tuple[int, int] = PAD_SIZE,
    pen_width: float = PEN_WIDTH,
    label: str = "Drawing pad",
    hint: str = "Draw here",
    description: str = "Drawing pad for mouse, finger or pen.",
    ruled: bool = False,
    share: str = "",
    greeting: Greeting | None = None,
    **kwargs: Any,
) -> gr.HTML:
    """A drawing pad for mouse, finger and pen, with undo, redo and clear.

    Its value is JSON text (:func:`from_value`, :func:`to_value`) of a list of strokes, each a list of ``[x, y, t]``: x and y in logical
    units, whatever the size on screen, y growing downwards, t in milliseconds from the first point. :func:`hwr.ink.rendering.render` draws
    the same picture from it that the pad shows, with a pen of one width. Listen to ``.input`` for what people do (a stroke ended, undo,
    redo, clear); setting the value from Python draws it and fires only ``.change``. While it greets, ``.play`` asks
    how the greeting reads so far: its event data are the number of the ``word``, and how many ``part``s of it are there.

    Args:
        strokes: to begin with.
        size: width and height in logical units; the pad is as wide as its column and keeps this aspect.
        pen_width: in logical units.
        label: accessible name of the pad with its buttons.
        hint: shown on the empty pad.
        description: what a screen reader says of the canvas, before the number of strokes.
        ruled: with a baseline and a margin.
        share: the mode, such as ``recognize/text``, that a link to the drawing opens; empty: there is none.
        greeting: is written on it to begin with.
        kwargs: passed to ``gr.HTML`` (``elem_id``, ``visible`` ...).
    """
    # A function and not a subclass, for which Gradio would write a .pyi file into this package when it is imported.
    return gr.HTML(
        value=to_value(list(strokes)),
        label=label,
        html_template=files("hwr.ui.pad").joinpath("pad.html").read_text(encoding="utf-8"),
        js_on_load="hwr.pad(element, trigger, props, watch);",
        apply_default_css=False,
        pad_width=size[0],
        pad_height=size[1],
        pen_width=pen_width,
        max_points=MAX_POINTS,
        hint=hint,
        description=f"{description} {KEYS}",
        pad_class="pad-ruled" if ruled else "",
        share=share,
        greeting=[[stroke.astype(float).round(1).ravel().tolist() for stroke in word] for word in greeting.words] if greeting else [],
        greeting_parts=greeting.parts if greeting else 0,
        greeting_letters=bool(greeting and greeting.letters),
        **kwargs,
    )
