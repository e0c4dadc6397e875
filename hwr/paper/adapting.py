"""Letters made into signs that the network can't write: with accents, in other shapes, tied together. Lengths are in core heights.

Ink comes as strokes, float32 (N, 2), and for each the index of the letter that its points belong to, int (N,).
"""

from __future__ import annotations

import numpy as np

from hwr.ink.moves import simplified
from hwr.ink.strokes import Strokes
from hwr.paper import signs
from hwr.paper.spelling import Sign


def accented(
    strokes: Strokes, letters: list[np.ndarray], index: int, sign: Sign, rng: np.random.Generator
) -> tuple[Strokes, list[np.ndarray]]:
    """Draw the accents of a letter, in place of its dot if it has one."""
    own = [stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)]
    present = np.concatenate(own)
    if not len(present):
        return strokes, letters
    if sign.char in signs.DOTTED:
        stem_top = min((float(part[:, 1].min()) for part in own if len(part) and np.ptp(part[:, 1]) > 0.4), default=-1.0)
        kept = [
            not (len(part) == len(stroke) and np.ptp(part, axis=0).max() < 0.5 and part[:, 1].max() < stem_top + 0.15)
            for part, stroke in zip(own, strokes, strict=True)
        ]
        if any(kept):
            strokes = [stroke for stroke, keep in zip(strokes, kept, strict=True) if keep]
            letters = [place for place, keep in zip(letters, kept, strict=True) if keep]
            present = np.concatenate([stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)])
            if not len(present):
                return strokes, letters
    middle, top = float((present[:, 0].min() + present[:, 0].max()) / 2), float(present[:, 1].min())
    for mark in sign.marks:
        lines = signs.drawn(signs.ACCENTS[mark], rng)
        above = max(float(stroke[:, 1].max()) for stroke in lines) < 0
        shift = np.array([middle, top - 0.1 if above else 0.0], np.float32)
        strokes = strokes + [simplified([stroke + shift], 0.02)[0] for stroke in lines]
        letters = letters + [np.full(len(stroke), index) for stroke in strokes[len(letters) :]]
    return strokes, letters


def reshaped(
    strokes: Strokes, letters: list[np.ndarray], index: int, shape: str, rng: np.random.Generator
) -> tuple[Strokes, list[np.ndarray]]:
    """Draw a sign where a letter is, instead of it."""
    own = np.concatenate([stroke[place == index] for stroke, place in zip(strokes, letters, strict=True)])
    if not len(own):
        return strokes, letters
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for stroke, place in zip(strokes, letters, strict=True):
        left = np.flatnonzero(place != index)
        kept += [(stroke[part], place[part]) for part in np.split(left, np.flatnonzero(np.diff(left) > 1) + 1) if len(part)]
    lines = signs.drawn(signs.SHAPES[shape][1], rng)
    points = np.concatenate(lines)
    size = np.exp(rng.normal(0, (0.12, 0.06))).astype(np.float32)  # of its width and height
    middle = float((own[:, 0].min() + own[:, 0].max()) / 2 - size[0] * (points[:, 0].min() + points[:, 0].max()) / 2)
    lines = [simplified([size * line + np.array([middle, 0], np.float32)], 0.02)[0] for line in lines]
    return [stroke for stroke, _ in kept] + lines, [place for _, place in kept] + [np.full(len(line), index) for line in lines]


def tied(strokes: Strokes, letters: list[np.ndarray], index: int, rng: np.random.Generator) -> Strokes:
    """Move a letter, and all after it, into the one before."""
    points, owners = np.concatenate(strokes), np.concatenate(letters)
    before, own = points[owners == index - 1, 0], points[owners == index, 0]
    if not len(before) or not len(own):
        return strokes
    shift = max(0.0, float(own.min() - before.max()) + rng.uniform(0.02, 0.25))
    return [stroke - np.array([shift, 0], np.float32) * (place >= index)[:, None] for stroke, place in zip(strokes, letters, strict=True)]
