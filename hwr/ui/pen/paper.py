"""The paper: a page of handwriting in the browser, of which only what has changed is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import count, takewhile
from typing import Any

import gradio as gr

from hwr.paper.written_ink import Ink
from hwr.ui.outputs import stem

_NUMBERS = count(1)  # of all states of all papers


@dataclass(frozen=True, eq=False)
class Shown:
    """What a session's paper shows.

    Attributes:
        number: of this state, which no other has.
        ink: that is on it.
        marks: a number for each of its strokes; the same strokes have the same.
    """

    number: int
    ink: Ink
    marks: tuple[int, ...]


def paper(value: str, **kwargs: Any) -> gr.HTML:
    """A paper, with buttons to keep what is on it.

    Its value is JSON text, written by :func:`update`. ``.select`` asks for the whole page: a change did not fit what the browser shows.

    Args:
        value: to begin with.
        kwargs: passed to ``gr.HTML`` (``elem_id`` ...).
    """
    template = files("hwr.ui.pen").joinpath("paper.html").read_text(encoding="utf-8")
    script = "hwr.paper(element, trigger, props, watch);"
    return gr.HTML(value, html_template=template, js_on_load=script, apply_default_css=False, **kwargs)


def update(before: Shown | None, ink: Ink, *, name: str = "") -> tuple[str, Shown]:
    """What is sent of a page, and what the paper shows then.

    Args:
        before: what it shows now; None: whatever that is, the page is sent whole.
        ink: the page.
        name: of files, without their ending; empty for one that tells what is in them.
    """
    head, paths, tail = ink.svg_parts()
    marks = tuple(map(hash, paths))
    kept = 0 if before is None else sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before.marks, marks, strict=False)))
    number = next(_NUMBERS)
    sent = {
        "number": number,
        "base": 0 if before is None else before.number,
        "keep": kept,
        "head": head,
        "paths": [path[9:-3] for path in paths[kept:]],  # the data alone
        "tail": tail,
        "core": round(ink.core, 1),
        "name": name or stem(ink.text),
    }
    return json.dumps(sent, separators=(",", ":")), Shown(number, ink, marks)
