"""What both modes of writing share: numbers and colours from the page's controls, and what is said of a text that was written."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ui.answer import card

MAX_SEED = 2**31 - 1
OWN_PEN_WIDTH = 9.0
"""Of the pads for the visitor's own hand, in their logical units."""


def told(sentences: Sequence[str]) -> str:
    """What there is to say about a text, as a panel; the first sentence is the main one."""
    first, *notes = sentences
    more = "".join(f'<p class="hwr-note">{escape(note)}</p>' for note in notes[:20])
    return card(f'<p role="status">{escape(first)}</p>{more}', kind="hwr-report")


def refused(sentence: str) -> str:
    """Why there is no text, as a panel."""
    return card(f'<p role="alert">{escape(sentence)}</p>', kind="hwr-problem")


def whole(value: Any, name: str) -> int:
    """A whole number, of what a number field says.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or int(value) != value:
        raise InputError(f"The {name} must be a whole number.")
    return int(value)


def css_colour(colour: Any) -> str:
    """``#rrggbb``, of what the picker says: ``rgba(28, 35, 64, 1)`` with fractions; anything else as it is."""
    text = str(colour)
    if text.startswith("rgba(") and text.endswith(")"):
        try:
            return "#" + "".join(f"{int(np.clip(round(float(part)), 0, 255)):02x}" for part in text[5:-1].split(",")[:3])
        except ValueError:
            return text
    return text
