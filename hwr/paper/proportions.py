"""How tall, deep and wide handwritten characters are, and how far apart. Lengths are in x-heights."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Proportions:
    """How tall, deep and wide handwritten characters are, and how far apart.

    Attributes:
        height: of each character's ink.
        depth: how much of that is below the baseline.
        width: of its ink.
        letter_gap: between the ink of two characters of a word.
        word_gap: between the ink of two words.
    """

    height: dict[str, float]
    depth: dict[str, float]
    width: dict[str, float]
    letter_gap: float
    word_gap: float


@cache
def proportions() -> Proportions:
    """Medians over UNIPEN's training writers (``benchmarks/proportions.py``)."""
    record = json.loads((Path(__file__).parent / "proportions.json").read_text(encoding="utf-8"))
    heights, depths, widths = ({char: sizes[index] for char, sizes in record["characters"].items()} for index in range(3))
    return Proportions(heights, depths, widths, record["letter_gap"], record["word_gap"])
