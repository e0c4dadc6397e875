"""What the writers have to do with the page before anybody asks them for something.

For the shipped ones it is made beforehand (``benchmarks/page_examples.py``), so that the page is up before they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from hwr.ui import greeting
from hwr.ui.pad import Greeting
from hwr.ui.pen.layout import GREETING
from hwr.ui.pen.paper import update

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter
    from hwr.predictors.pixels import PixelWriter

FILE = "first_page.json"


@dataclass(frozen=True)
class FirstPage:
    """What stands on the page.

    Attributes:
        words: greeting on the wide pad.
        letters: greeting on the square pad.
        hands: in the gallery of the pen.
        paper: value of the paper without a word.
        temperature: of the network that writes with pixels.
    """

    words: Greeting
    letters: Greeting
    hands: int
    paper: str
    temperature: float

    def export(self) -> dict[str, Any]:
        """JSON-able data, for :func:`shipped`."""
        return {
            "words": _exported(self.words),
            "letters": _exported(self.letters),
            "hands": self.hands,
            "paper": self.paper,
            "temperature": self.temperature,
        }


def of(pen: PenWriter, pixels: PixelWriter) -> FirstPage:
    """What these writers do."""
    empty, _ = update(None, next(pen.stream(GREETING, partial=False, verify=False)).ink)
    return FirstPage(greeting.of_words(pen), greeting.of_letters(pen), len(pen.gallery), empty, pixels.network.temperature)


def shipped() -> FirstPage:
    """What the shipped writers did."""
    known = json.loads(files("hwr.ui").joinpath(FILE).read_text(encoding="utf-8"))
    return FirstPage(**known | {name: _read(known[name]) for name in ("words", "letters")})


def _exported(told: Greeting) -> dict[str, Any]:
    words = [[stroke.astype(float).round(1).tolist() for stroke in word] for word in told.words]
    return {"words": words, "parts": told.parts, "letters": told.letters}


def _read(known: dict[str, Any]) -> Greeting:
    words = tuple([np.array(stroke, np.float32) for stroke in word] for word in known["words"])
    return Greeting(words, known["parts"], known["letters"])
