"""What the page says of a read character: the answer with its probabilities, and why a correction did not win."""

from collections.abc import Sequence
from html import escape

import numpy as np

from hwr.charset import MERGED_LOWER, look_alikes_of
from hwr.errors import InputError
from hwr.predictors.char import CharPrediction
from hwr.ui.character.reading import duel, written_rows
from hwr.ui.panels import card, percent

SHOWN = 5
"""So many candidates stand in the list."""


def empty_answer() -> str:
    """What stands in the answer's place before there is one."""
    return card(
        '<div class="hwr-char hwr-waiting" aria-hidden="true">?</div><p>The answer appears here when you lift the pen.</p>',
        kind="hwr-empty",
    )


def empty_reading() -> str:
    """What stands in the place of the reading before there is one."""
    return card(
        "<p>Your drawing is brought to 28x28 pixels. The network takes it in row by row, from the top, as we take in a line of text, and "
        "remembers what it has seen. Here you will see its answer change with every row.</p>",
        kind="hwr-about",
        title="How it reads",
    )


def both_cases(char: str) -> str:
    """``"C or c"`` for a class that holds both cases of a letter, else the character itself."""
    return f"{char} or {char.lower()}" if char.isupper() and char.lower() in MERGED_LOWER else char


def answer(prediction: CharPrediction, *, spoken: bool = True) -> str:
    """The likeliest class, the candidates with their probabilities, and what should be known; ``spoken`` by screen readers at once."""
    char, confidence = prediction.char, prediction.confidence
    notes = []
    if prediction.look_alike:
        notes.append(f"{char} and {prediction.look_alike} are look-alikes: without the word around it, people can't be sure either.")
    if both_cases(char) != char:
        notes.append(f"Capital and small {char} count as one.")
    bars = "".join(
        f'<li><b>{escape(name)}</b><span class="hwr-bar" aria-hidden="true"><i style="width:{100 * value:.1f}%"></i></span>'
        f"<span>{percent(value)}</span></li>"
        for name, value in prediction[:SHOWN]
    )
    sure = "sure" if confidence > 0.9 else "fairly sure" if confidence > 0.6 else "unsure"
    said = f'<div class="hwr-char" data-label="{escape(char)}">{escape(char)}</div><p>{sure}: <b>{percent(confidence)}</b></p>'
    live = ' aria-live="polite"' if spoken else ""
    return card(
        f'<div class="hwr-said"{live}>{said}</div><ol class="hwr-bars" aria-label="Candidates">{bars}</ol>'
        + "".join(f'<p class="hwr-note">{escape(note)}</p>' for note in notes),
        kind="hwr-answer",
    )


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th`` ..."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def lost_row(trace: np.ndarray, right: int, chosen: int, first: int) -> int | None:
    """The row, counted from 0, that cost the right class its lead over the chosen one; None if it never led.

    Args:
        trace: (rows, classes) probabilities after reading rows 0..t.
        right: index of the right class.
        chosen: index of the class that won.
        first: the first row with ink; what is believed before it is not about this picture.
    """
    ahead = np.flatnonzero(trace[first:, right] > trace[first:, chosen]) + first
    return int(ahead[-1]) + 1 if len(ahead) and ahead[-1] + 1 < len(trace) else None


def strongest_row(trace: np.ndarray, right: int, chosen: int, first: int) -> int:
    """The row, counted from 0, that spoke most for the chosen class and against the right one; arguments as for :func:`lost_row`."""
    odds = np.log(np.maximum(trace[:, chosen], 1e-9)) - np.log(np.maximum(trace[:, right], 1e-9))
    return first + int(np.diff(odds, prepend=0.0)[first:].argmax())


def explain(char: str, prediction: CharPrediction, trace: np.ndarray, classes: Sequence[str]) -> str:
    """Where the right answer ranked, and why it did not win.

    Args:
        char: the character that it really is.
        prediction: with all classes.
        trace: (28, classes) of the same picture.
        classes: names of the classes.

    Raises:
        InputError: ``char`` is nothing that the network knows.
    """
    char = char.strip()
    name = char if char in classes else char.upper()
    if len(char) != 1 or name not in classes:
        raise InputError("Type one letter from A to Z or a to z, or one digit.")
    assert prediction.seen is not None
    ranked = [candidate for candidate, _ in prediction]
    rank, probability = ranked.index(name) + 1, dict(prediction)[name]
    merged = f"Small {char} and capital {name} count as one here, written {name}. " if name != char else ""
    if rank == 1:
        return f"<p>{escape(merged)}That is what it read: {escape(name)} came first, with {percent(probability)}.</p>"
    right, chosen = list(classes).index(name), list(classes).index(prediction.char)
    first, _ = written_rows(prediction.seen)
    lost, strongest = lost_row(trace, right, chosen, first), strongest_row(trace, right, chosen, first)
    row = strongest if lost is None else lost

    def odds(at: int) -> str:
        return f"{percent(float(trace[at, right]))} against {percent(float(trace[at, chosen]))}"

    if trace[-1, right] > trace[-1, chosen]:
        row = len(trace) - 1
        why = f"By its looks it was ahead of {prediction.char} ({odds(row)}), but the way it was drawn spoke for {prediction.char}."
    elif lost is None:
        why = f"It was never ahead of {prediction.char}. Row {row + 1}, marked below, spoke most against it ({odds(row)} after it)."
    else:
        why = (
            f"Up to row {row} it was ahead of {prediction.char} ({odds(row - 1)}); row {row + 1}, marked below, "
            f"cost it the lead ({odds(row)}), and it never came back."
        )
        if strongest > lost:
            why += f" Row {strongest + 1} spoke most strongly for {prediction.char}."
    if name in look_alikes_of(prediction.char):
        why += f" {name} and {prediction.char} are look-alikes, which even people tell apart only by the word around them."
    words = (
        f"<p>{escape(merged)}<b>{escape(name)}</b> came {ordinal(rank)} of {len(ranked)}, with {percent(probability)}. {escape(why)}</p>"
    )
    return words + duel(trace, prediction.seen, classes, right, chosen, row)
