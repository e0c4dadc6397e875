"""Sheets to look at: words in many hands beside real ones, a letter in three hands, all signs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from hwr.charset import DIGITS, PRINTABLE, UPPER
from hwr.ink.rendering import render
from hwr.ink.strokes import Strokes
from hwr.predictors.pen import PenWriter
from hwr.training.judges.pen import real_ink, some, written
from hwr.training.model_folder import Pictures

LETTER = (
    "Dear Anna,\n\nthank you for your letter of 14 May, which came on a rainy Tuesday. You ask how I am: quite well! The garden is a "
    "jungle, the cat (Zoë) has caught 3 mice, and José has painted the kitchen yellow & blue. "
    "Would you believe it?\n\nOn Friday we took the 7:45 "
    'train to Xanten and walked along the river. "Quick," said Paul, "a heron!" - but it was only a plastic bag. We had soup for £6, '
    "an excellent cake, and no umbrella.\n\nWrite soon, and give my love to Victor, Ulla and Grandma. My new address is "
    "j.kowalski@example.org; the telephone number stays 0151/238-9064.\n\nYours, Jan"
)
_CORE = 22.0
_CELL = (250, 84)


def pictures(writer: PenWriter, dataset: str) -> Pictures:
    """The sheets of the model's card, of words of the validation split."""
    return [
        (
            "words.png",
            "40 words in 40 hands: real ink of validation writers (left), the same words written (right)",
            words(writer, dataset),
        ),
        ("letter.png", "A letter in three hands", letters(writer, LETTER, (0, 33, 66))),
        ("signs.png", "Capitals, digits and punctuation in three hands", letters(writer, signs(), (5, 20, 50))),
    ]


def signs() -> str:
    """All that can be written besides small letters, in lines."""
    others = [char for char in PRINTABLE[1:] if not char.isalnum()]
    return "\n".join([" ".join(UPPER[:13]), " ".join(UPPER[13:]), " ".join(DIGITS), " ".join(others[:16]), " ".join(others[16:])])


def words(writer: PenWriter, dataset: str) -> Figure:
    """Forty words: real ones in the left four columns, written ones in the right four."""
    real = some(real_ink(dataset, "validation", "word"), 40)
    drawn = written(writer, real.texts, [number % len(writer.gallery) for number in range(0, 2 * len(real.texts), 2)], verify=True)
    columns = [
        np.concatenate([_cell(ink) for ink in inks[start : start + 10]]) for inks in (real.strokes, drawn) for start in range(0, 40, 10)
    ]
    columns.insert(len(columns) // 2, np.full((columns[0].shape[0], 6), 120, np.uint8))
    return _figure(np.concatenate(columns, 1))


def letters(writer: PenWriter, text: str, hands: Sequence[int]) -> Figure:
    """A text in several hands side by side."""
    pages = [
        np.asarray(writer.write(text, style=hand % len(writer.gallery), size=16, width=600, seed=1).to_image(scale=1.5)) for hand in hands
    ]
    height = max(len(page) for page in pages)
    return _figure(np.concatenate([np.pad(page, ((0, height - len(page)), (0, 0), (0, 0)), constant_values=255) for page in pages], 1))


def _cell(strokes: Strokes) -> np.ndarray:
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    scale = min(_CORE, *((np.array(_CELL) - 16) / np.maximum(extent, 0.1)))
    corner = (np.array(_CELL) - extent * scale) / 2
    return render([((stroke - low) * scale + corner).astype(np.float32) for stroke in strokes], _CELL, 2.4)


def _figure(pixels: np.ndarray) -> Figure:
    figure = Figure(figsize=(pixels.shape[1] / 80, pixels.shape[0] / 80))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="lanczos", aspect="auto")
    axes.axis("off")
    return figure
