"""Drawings to try a mode with, as buttons with their strokes drawn in them."""

from collections.abc import Iterable, Sequence

from hwr.ui.templates import render


def thumbnails(
    drawings: Iterable[tuple[str, Sequence[Sequence[Sequence[float]]]]], size: tuple[int, int], *, stroke_width: float, kind: str = ""
) -> str:
    """HTML of the buttons.

    Args:
        drawings: what each says, and its strokes of points x, y, t in pixels of the pad.
        size: width and height of the pad in pixels.
        stroke_width: in pixels of the pad.
        kind: class of their list.
    """
    buttons = [
        {
            "name": f"Example {says}",
            "box": f"0 0 {size[0]} {size[1]}",
            "lines": [" ".join(f"{x},{y}" for x, y, _ in stroke) for stroke in strokes],
        }
        for says, strokes in drawings
    ]
    return render("drawings.html", label="Examples", kind=kind, stroke_width=f"{stroke_width:g}", drawings=buttons, titled=False, word="")
