"""Pen moves: ink as the sequence that recurrent networks read and write.

Ink becomes points in *logical order*: a delayed stroke (the dot of an i, the bar of a t, set after the word was written) follows the
letter above or across which it lies. Where that is in the middle of a stroke, the pen makes an excursion: it departs, draws, and returns
to exactly where it left, so that nothing is lost by the detour. How the pen came to each point is one of four kinds of move.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from hwr.ink.strokes import Strokes

DRAW, LIFT, DEPART, RETURN = range(4)
"""Kinds of moves: the pen draws; moves through the air; leaves a stroke for an excursion; goes on drawing where it left the stroke."""
KINDS = 4
TOLERANCE = 0.06
"""Of the simplification (Ramer 1972, Douglas and Peucker 1973), in core heights."""
MOST_PIECES = 60
"""Pieces of somebody's ink that tell the style at most."""
LONGEST_PIECE = 400
"""Moves of such a piece; a word has about 60."""
FEATURES = 8
"""Numbers per move that :class:`hwr.models.ink_ctc.InkCTC` reads."""
MOVES_VERSION = 1
"""Of everything here that trained weights depend on."""


@dataclass(frozen=True, eq=False)
class Path:
    """Points in logical order.

    Attributes:
        points: float32 (N, 2), y downwards.
        kinds: int8 (N,), how the pen came to each point; the first is ``LIFT``.
        before: int64 (N,), index of the point that each move starts from (the one before, or where a stroke was left); 0 for the first.
    """

    points: np.ndarray
    kinds: np.ndarray
    before: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def offsets(self) -> np.ndarray:
        """float32 (N, 2): the moves; the first one starts from (0, 0)."""
        offsets = self.points - self.points[self.before]
        offsets[:1] = self.points[:1]
        return offsets

    def changed(self, matrix: np.ndarray, shift: tuple[float, float] = (0.0, 0.0)) -> Path:
        """The same path with every point multiplied by a (2, 2) matrix, then moved."""
        points = self.points @ np.asarray(matrix, np.float32).T + np.asarray(shift, np.float32)
        return Path(points, self.kinds, self.before)

    def part(self, start: int, stop: int) -> Path | None:
        """The moves from ``start`` to before ``stop`` on their own; None where that would tear an excursion apart."""
        kinds, before = self.kinds[start:stop].copy(), self.before[start:stop] - start
        if kinds[0] in (DEPART, RETURN) or (before[1:] < 0).any():
            return None
        if (kinds == DEPART).sum() != (kinds == RETURN).sum():
            return None
        kinds[0], before[0] = LIFT, 0
        return Path(self.points[start:stop], kinds, before)


def path_of(points: np.ndarray, kinds: np.ndarray) -> Path:
    """A path from points, float32 (N, 2), and kinds, (N,), that follow the rules of excursions."""
    before = np.arange(len(points)) - 1
    before[:1] = 0
    departed = np.flatnonzero(kinds == DEPART)
    for index in np.flatnonzero(kinds == RETURN):
        before[index] = departed[np.searchsorted(departed, index) - 1] - 1
    return Path(np.asarray(points, np.float32), np.asarray(kinds, np.int8), before)


def core_height(strokes: Strokes) -> float:
    """About the height of small letters without ascenders, in the ink's own units, from the ink alone: at least 1e-6.

    It is the mean height of the pen's ups and downs, the longer ones counting more; slope, width and length of the text don't matter.
    """
    heights, diagonals = [], []
    for stroke in strokes:
        diagonals.append(float(np.hypot(*np.ptp(stroke, axis=0))))
        steps = np.diff(stroke[:, 1])
        steps = steps[steps != 0]
        if len(steps):
            turns = np.flatnonzero(np.diff(np.sign(steps)))
            heights.append(np.abs(np.add.reduceat(steps, [0, *(turns + 1)])))
    runs = np.concatenate(heights) if heights else np.zeros(1)
    mean = float((runs**2).sum() / runs.sum()) if runs.sum() > 0 else 0.0
    return max(0.7 * mean, 0.12 * max(diagonals), 1e-6)


def simplified(strokes: Strokes, tolerance: float) -> Strokes:
    """Strokes with only the points that matter (Ramer-Douglas-Peucker)."""
    return [
        stroke if len(stroke) < 3 else cv2.approxPolyDP(np.ascontiguousarray(stroke, np.float32)[:, None], tolerance, False)[:, 0]
        for stroke in strokes
    ]


def unit_of(strokes: Strokes) -> float:
    """The core height of ink that may tremble, as far as it can be told."""
    return core_height(simplified(strokes, 0.02 * core_height(strokes)))


def normalised(strokes: Strokes, unit: float | None = None) -> Strokes:
    """Ink of any units, scaled so that its core height (or ``unit``) is 1, and simplified."""
    scale = 1 / (unit_of(strokes) if unit is None else unit)
    return simplified([(stroke * scale).astype(np.float32) for stroke in strokes], TOLERANCE)


def logical_order(strokes: Strokes) -> Path:
    """Simplified strokes, 1 unit to the core height, as one path in which delayed strokes follow their letter.

    A stroke is delayed if it is small and ink that was written before it lies to its right. It is set in where the pen last passed by its
    middle above the descenders.
    """
    main = list(range(len(strokes)))
    lefts = [float(stroke[:, 0].min()) for stroke in strokes]
    rights = [float(stroke[:, 0].max()) for stroke in strokes]
    delayed = []
    reach = -np.inf
    for index, stroke in enumerate(strokes):
        height, width = np.ptp(stroke[:, 1]), rights[index] - lefts[index]
        small = (height < 1.3 and width < 1.5) or (height < 0.7 and width < 4)
        if small and index and reach > rights[index] + 0.2 and reach > (lefts[index] + rights[index]) / 2 + 0.6:
            delayed.append(index)
            main.remove(index)
        else:
            reach = max(reach, rights[index])
    points = np.concatenate([strokes[index] for index in main])
    owner = np.repeat(main, [len(strokes[index]) for index in main])
    low = np.median(points[:, 1]) + 0.9
    inserts: dict[int, list[int]] = {}
    for index in delayed:
        middle = (lefts[index] + rights[index]) / 2
        passed = np.flatnonzero((owner < index) & (points[:, 0] <= middle + 0.05) & (points[:, 1] < low))
        inserts.setdefault(int(passed[-1]) if len(passed) else -1, []).append(index)
    sequence: list[np.ndarray] = []
    kinds: list[int] = []

    def add(stroke: np.ndarray, kind: int) -> None:
        sequence.append(stroke)
        kinds.extend([kind] + [DRAW] * (len(stroke) - 1))

    for index in inserts.get(-1, ()):
        add(strokes[index], LIFT)
    after = LIFT
    start = 0
    for place in range(len(points)):
        last = place + 1 == len(points) or owner[place + 1] != owner[place]
        if not last and place not in inserts:
            continue
        add(points[start : place + 1], after)
        start, after = place + 1, LIFT if last else RETURN
        for number, index in enumerate(inserts.get(place, ())):
            add(strokes[index], LIFT if last or number else DEPART)
    return path_of(np.concatenate(sequence), np.array(kinds))


def pieces_of(strokes: Strokes, unit: float) -> list[Path]:
    """Ink in pieces as long as words, scaled so that ``unit`` is 1; of endless pieces the beginning, of very many the first."""
    thin = normalised(strokes, unit)
    lines: list[Strokes] = [[thin[0]]]
    for previous, stroke in itertools.pairwise(thin):
        jump = stroke.mean(0) - previous.mean(0)
        if (jump[1] > 1.6 and stroke[:, 0].min() < previous[:, 0].min() - 1) or abs(jump[1]) > 4:
            lines.append([])
        lines[-1].append(stroke)
    paths = []
    for line in lines:
        path = logical_order(line)
        advance = path.points[:, 0] - path.points[path.before, 0]
        cuts = [0, *np.flatnonzero((path.kinds == LIFT) & (advance > 0.5)).tolist(), len(path)]
        start = 0
        for stop in cuts[1:]:
            if stop - start < 25 and stop < len(path):
                continue
            part = path.part(start, min(stop, start + LONGEST_PIECE))
            if part is not None:
                paths.append(part.changed(np.eye(2), tuple((-part.points.min(0)).tolist())))
            start = stop
    return paths[:MOST_PIECES]


def strokes_of(path: Path) -> tuple[Strokes, list[np.ndarray]]:
    """The strokes of a path as a hand would write them, strokes of excursions last.

    Returns:
        Strokes, and for each the indices of its points in the path, int64 (N,).
    """
    main: list[list[int]] = []
    aside: list[list[int]] = []
    away = False
    for index, kind in enumerate(path.kinds):
        if kind == LIFT:
            (aside if away else main).append([index])
        elif kind == DEPART:
            away = True
            aside.append([index])
        else:
            away = away and kind == DRAW
            (aside if away else main)[-1].append(index)
    places = [np.array(part) for part in main + aside]
    return [path.points[part] for part in places], places


def features(path: Path) -> np.ndarray:
    """What the reader sees of a path whose core height is 1: float32 (N, 8).

    The move from the point before (clipped), its direction (cosine, sine), whether it was a lift, a departure or a return, and the height
    of the point above the mean of the ink.
    """
    found = np.zeros((len(path), FEATURES), np.float32)
    moves = np.diff(path.points, axis=0, prepend=path.points[:1])
    lengths = np.hypot(moves[:, 0], moves[:, 1])
    found[:, :2] = np.clip(moves, -3, 3)
    found[:, 2:4] = moves / np.maximum(lengths, 1e-6)[:, None]
    for column, kind in enumerate((LIFT, DEPART, RETURN), start=4):
        found[:, column] = path.kinds == kind
    drawn = np.where(path.kinds == DRAW, lengths, 1e-3)
    found[:, 7] = np.clip(path.points[:, 1] - np.average(path.points[:, 1], weights=drawn), -3, 3)
    return found
