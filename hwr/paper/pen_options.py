"""How a page written with a pen shall look, as it is asked for and as it is set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwr.errors import InputError
from hwr.paper.colours import hex_colour
from hwr.paper.ruling import LINE_SPACING, rules

STROKE = 0.11
"""Width of the pen's stroke, in core heights."""
_RANGES = {
    "neatness": (0, 3),
    "slant": (-1, 1),
    "size": (4, 200),
    "letter_spacing": (-0.2, 3),
    "word_spacing": (0.2, 5),
    "line_spacing": (1.5, 10),
    "baseline_drift": (0, 0.5),
    "looseness": (0, 1),
    "pressure": (0, 1),
    "stroke_width": (0.1, 50),
    "width": (100, 10_000),
}


@dataclass(frozen=True, kw_only=True)
class PenOptions:
    """How a text shall be written with a pen.

    Attributes:
        style: number of a hand in the gallery, or a vector of ``encode`` or ``mix``.
        style_strokes: a few words in the hand to write in, as ``encode`` takes them, instead of ``style``.
        neatness: 0 (as people write) to 3: the bias b of Graves 2013.
        seed: of everything random: the same arguments give the same ink.
        verify: read each word back, and draw those again that can't be read as meant.
        slant: added to the hand's own: -1 to 1, tangent of the angle to the right.
        size: height of small letters in pixels, 4 to 200.
        letter_spacing: added between letters, in core heights, -0.2 to 3.
        word_spacing: space between words as a multiple of the hand's own, 0.2 to 5.
        line_spacing: from baseline to baseline, in core heights, 1.5 to 10.
        baseline_drift: how far the line wanders, in core heights, 0 to 0.5.
        looseness: 0 to 1: corners are cut and strokes drawn out, as in haste.
        pressure: 0 to 1: how much the width of the pen's stroke varies.
        stroke_width: of the pen in pixels, 0.1 to 50; None for one that fits the size.
        width: of the page in pixels, 100 to 10,000.
        ink_color: any CSS colour.
        paper_color: any CSS colour.
        paper: ``"plain"``, ``"ruled"`` or ``"grid"``.

    Raises:
        InputError: a value that can't be used; the message says which.
    """

    style: Any = 0
    style_strokes: Any = None
    neatness: float = 0.5
    seed: int = 0
    verify: bool = True
    slant: float = 0.0
    size: float = 24.0
    letter_spacing: float = 0.0
    word_spacing: float = 1.0
    line_spacing: float = 1.06 * LINE_SPACING
    baseline_drift: float = 0.03
    looseness: float = 0.0
    pressure: float = 0.0
    stroke_width: float | None = None
    width: int = 900
    ink_color: str = "#1c2340"
    paper_color: str = "#ffffff"
    paper: str = "plain"

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if name == "stroke_width" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise InputError(f"{name} must be a number from {low} to {high}.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise InputError("The seed must be a whole number, 0 or more.")
        rules(self.paper, 0, 0, 0, 1)

    def look(self, gap: float) -> Look:
        """What the page is set by; ``gap`` is the hand's own space between words."""
        return Look(
            core=float(self.size),
            width=self.width,
            slant=self.slant,
            letter_spacing=self.letter_spacing,
            word_spacing=self.word_spacing,
            line_spacing=self.line_spacing,
            drift=self.baseline_drift,
            stroke_width=STROKE * self.size if self.stroke_width is None else float(self.stroke_width),
            ink_color=hex_colour(self.ink_color),
            paper_color=hex_colour(self.paper_color),
            paper=self.paper,
            pressure=float(self.pressure),
            gap=gap,
        )


@dataclass(frozen=True)
class Look:
    """How the page shall look: core, width and stroke width in pixels, spacings, gap and drift in core heights."""

    core: float
    width: int
    slant: float
    letter_spacing: float
    word_spacing: float
    line_spacing: float
    drift: float
    stroke_width: float
    ink_color: str
    paper_color: str
    paper: str
    pressure: float
    gap: float
