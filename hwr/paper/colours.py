"""Colours by their CSS names."""

from __future__ import annotations

from typing import Any

from PIL import ImageColor

from hwr.errors import InputError


def rgb_colour(name: Any) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of any CSS colour.

    Raises:
        InputError: it is none.
    """
    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except (ValueError, AttributeError, TypeError):
        raise InputError(f"{str(name)[:40]!r} is not a colour; write for example #1c2340 or navy.") from None
    return red, green, blue


def hex_colour(name: Any) -> str:
    """``#rrggbb`` of any CSS colour; errors as of :func:`rgb_colour`."""
    return "#{:02x}{:02x}{:02x}".format(*rgb_colour(name))
