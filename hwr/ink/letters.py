"""Which pen move belongs to which letter, and where the baseline is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from hwr.ink.moves import LIFT, RETURN, Path

_HANGING = frozenset("'\"^`*-~=+")
_DESCENDING = frozenset("gjpqyfzQJ,;()[]{}|/\\@$&#%_")


def letter_starts(states: np.ndarray, text: str, path: Path) -> np.ndarray:
    """First moves of the letters of a text: int64 (characters without spaces,).

    Between the moves at which the reader sees two letters the boundary is where the pen was lifted (where it was carried furthest to the
    right, if more than once), else halfway; an excursion belongs to the letter at which it began.

    Args:
        states: of the alignment, see :func:`hwr.text.ctc.alignments`.
        text: that was aligned.
        path: its ink.
    """
    emitting = np.flatnonzero(states % 2)
    characters = states[emitting] // 2
    visible = [k for k, char in enumerate(text) if char != " "]
    first = {k: emitting[np.searchsorted(characters, k, "left")] for k in visible}
    last = {k: emitting[np.searchsorted(characters, k, "right") - 1] for k in visible}
    away = np.cumsum((path.kinds == 2).astype(int) - (path.kinds == RETURN)) > 0
    lifted = np.flatnonzero((path.kinds == LIFT) & ~away)
    advance = path.points[:, 0] - path.points[path.before, 0]
    starts = [0]
    for one, other in itertools.pairwise(visible):
        between = lifted[(lifted > last[one]) & (lifted <= first[other])]
        if len(between):
            start = between[advance[between].argmax()]
        else:
            start = (last[one] + first[other] + 1) // 2
            while start < len(away) and away[start]:
                start += 1
        starts.append(int(start))
    return np.array(starts)


def on_baseline(path: Path, y: float) -> Path:
    """The path moved so that its left edge is at 0, and its baseline, now at y, too."""
    return path.changed(np.eye(2), (-float(path.points[:, 0].min()), -y))


def baseline(text: str, path: Path, letters: np.ndarray) -> float:
    """Height of the baseline: the median of the bottoms of letters that stand on it, as far as there are such."""
    bottoms = np.full(len(text), -np.inf)
    np.maximum.at(bottoms, letters, path.points[:, 1])
    standing = [bottom for char, bottom in zip(text, bottoms, strict=True) if char not in _HANGING and char not in _DESCENDING]
    if standing:
        return float(np.median(standing))
    return float(path.points[:, 1].max() - np.median([usual_bottom(char) for char in text]))


def usual_bottom(char: str) -> float:
    """How far below the baseline a character usually reaches, in core heights."""
    if char in "gjpqy":
        return 0.9
    if char in "-~=+<>*":
        return -0.4
    if char in "'\"^`":
        return -1.3
    return 0.35 if char in ",;()[]{}|/\\$@#" else 0.2 if char in "fzQJ_" else 0.0


@dataclass(frozen=True, eq=False)
class Written:
    """A text as it was drawn.

    Attributes:
        path: its points in logical order, core heights, from the left edge and the baseline of the text.
        letters: int64 (N,): to which letter of the text each move belongs.
    """

    path: Path
    letters: np.ndarray
