"""Documents as if they had been read: any texts, each word a rectangle on a turned line."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from hwr import TextDocument, TextLine, TextResult, TextWord

SIZE = (900, 600)


def line(text: str, number: int = 0, degrees: float = 0.0) -> TextLine:
    """A line whose words stand side by side, 20 pixels for a character, turned about its beginning."""
    turn = np.deg2rad(degrees)
    along, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    origin = np.array([60.0, 60.0 + 60 * number])

    def rectangle(start: float, stop: float) -> np.ndarray:
        return np.array([origin + x * along + y * down for x, y in ((start, 0), (stop, 0), (stop, 30), (start, 30))], np.float32)

    words, place = [], 0.0
    for word in text.split():
        corners = rectangle(place, place + 20 * len(word))
        words.append(TextWord(word, 0.75, box_of(corners), corners))
        place += 20 * (len(word) + 1)
    whole = rectangle(0, max(place - 20, 1))
    baseline = np.array([whole[3] - 6 * down, whole[2] - 6 * down], np.float32)
    return TextLine(text, 0.75, box_of(whole), words=tuple(words), polygon=whole, baseline=baseline, alternatives=(("<other>", 0.1),))


def box_of(corners: np.ndarray) -> tuple[int, int, int, int]:
    (x0, y0), (x1, y1) = np.floor(corners.min(0)).astype(int).tolist(), np.ceil(corners.max(0)).astype(int).tolist()
    return x0, y0, x1, y1


def document(*pages: Sequence[str], name: str = "page.png", degrees: float = 0.0) -> TextDocument:
    """A document of so many pages with these lines."""
    blank = Image.new("L", SIZE, 255)
    return TextDocument(
        tuple(
            TextResult(tuple(line(text, number, degrees) for number, text in enumerate(texts)), SIZE, name=name, picture=blank.copy)
            for texts in pages
        )
    )
