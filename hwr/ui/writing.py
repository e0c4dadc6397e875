"""What both modes of writing share: numbers and colours from the page's controls, and what is said of a text that was written."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from hwr.errors import InputError
from hwr.ui.panels import card

MAX_SEED = 2**31 - 1
_LARGEST = 2.0**53
"""Up to here every whole number is one of floating point."""
OWN_PEN_WIDTH = 9.0
"""Of the pads for the visitor's own hand, in their logical units."""


def told(sentences: Sequence[str], *, spoken: bool = True) -> str:
    """What there is to say about a text, as a panel; the first sentence is the main one.

    Args:
        sentences: to say.
        spoken: by screen readers at once; not where it changes with every letter.
    """
    first, *notes = sentences
    more = "".join(f'<p class="hwr-note">{escape(note)}</p>' for note in notes[:20])
    role = ' role="status"' if spoken else ""
    return card(f"<p{role}>{escape(first)}</p>{more}", kind="hwr-report")


def refused(sentence: str) -> str:
    """Why there is no text, as a panel."""
    return card(f'<p role="alert">{escape(sentence)}</p>', kind="hwr-problem")


def whole(value: Any, name: str) -> int:
    """A whole number, of what a number field says.

    Raises:
        InputError: it is none.
    """
    if not _is_number(value) or value != round(value):
        raise InputError(f"The {name} must be a whole number.")
    return int(value)


def number(value: Any, name: str) -> float:
    """A finite number, of what a slider says.

    Raises:
        InputError: it is none.
    """
    if not _is_number(value):
        raise InputError(f"The {name} must be a number.")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST  # which NaN is not


def css_colour(colour: Any) -> str:
    """``#rrggbb``, of what the picker says: ``rgba(28, 35, 64, 1)`` with fractions; anything else as it is."""
    text = str(colour)
    if text.startswith("rgba(") and text.endswith(")"):
        try:
            return "#" + "".join(f"{int(np.clip(round(float(part)), 0, 255)):02x}" for part in text[5:-1].split(",")[:3])
        except ValueError:
            return text
    return text
