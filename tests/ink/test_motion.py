"""The times of a pen: always growing, slower where it turns."""

import json
from itertools import pairwise

import numpy as np
import pytest

from hwr.ink import motion
from hwr.ink.files import load_strokes, timed, to_inkml


def arc(radius: float, turn: float = np.pi, count: int = 40) -> np.ndarray:
    angles = np.linspace(0, turn, count)
    return radius * np.stack([np.cos(angles), np.sin(angles)], 1)


def moved(x: float, y: float) -> np.ndarray:
    return arc(0.5) + np.array([x, y])


def speed(stroke: np.ndarray, core: float = 1.0) -> float:
    (times,) = motion.times_of([stroke], core)
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum() / core / (times[-1] - times[0]))


@pytest.mark.parametrize("radius", [0.3, 0.5, 1.0, 2.0])
def test_speed_on_an_arc_follows_the_law(radius: float) -> None:
    assert speed(arc(radius)) == pytest.approx(motion.GAIN * (1 / radius + motion.STRAIGHT) ** (-1 / 3), rel=0.05)


def test_the_pen_slows_down_at_a_corner() -> None:
    stroke = np.concatenate([np.linspace((0, 0), (0, 3), 31), np.linspace((0, 3), (3, 3), 31)[1:]])
    (times,) = motion.times_of([stroke], 1.0)
    steps = np.diff(times)
    assert steps.argmax() in (29, 30)
    assert steps.max() > 1.8 * np.median(steps)


@pytest.mark.parametrize("seed", range(4))
def test_times_grow_whatever_the_strokes(seed: int) -> None:
    """Dots, points on top of each other, ways back, tiny and huge pages."""
    rng = np.random.default_rng(seed)
    strokes = [rng.normal(0, 10.0 ** rng.integers(-3, 2), (int(rng.integers(1, 30)), 2)).astype(np.float32) for _ in range(30)]
    strokes += [np.zeros((1, 2), np.float32), np.zeros((5, 2), np.float32), np.array([[0, 0], [1, 0], [0, 0], [1, 0]], np.float32)]
    for core in (0.3, 24.0):
        times = motion.times_of(strokes, core)
        assert [len(each) for each in times] == [len(stroke) for stroke in strokes]
        together = np.concatenate(times)
        assert together.dtype == np.float64
        assert together[0] == 0
        assert (np.diff(together) >= 0.999 * motion.TICK).all()
        written = np.array([t for stroke in timed(strokes, times) for _, _, t in stroke])
        assert (np.diff(written) > 0).all()
        again = motion.times_of(strokes[:10], core)
        for one, other in zip(again, times[:10], strict=True):
            np.testing.assert_array_equal(one, other)


def test_size_changes_nothing_and_ways_through_the_air_take_time() -> None:
    strokes = [arc(0.5), moved(2, 0), moved(12, 0), moved(-400, 3)]
    times = motion.times_of(strokes, 1.0)
    for one, other in zip(times, motion.times_of([24.0 * stroke for stroke in strokes], 24.0), strict=True):
        np.testing.assert_allclose(one, other)
    near, far, line = (after[0] - before[-1] for before, after in pairwise(times))
    assert motion.LIFT < near < far < line <= motion.LONGEST_LIFT
    assert motion.times_of([], 1.0) == []
    assert [len(each) for each in motion.times_of([np.zeros((0, 2)), np.zeros((1, 2))], 1.0)] == [0, 1]


def test_shares_reach_from_nothing_to_all() -> None:
    for stroke in (arc(1.0), np.zeros((3, 2)), np.zeros((1, 2))):
        shares = motion.shares_of(stroke)
        assert shares[0] == 0
        assert shares[-1] == (1 if len(stroke) > 1 else 0)
        assert (np.diff(shares) > 0).all()


def test_files_with_times_are_read_as_those_without() -> None:
    strokes = [arc(20.0).astype(np.float32), np.array([[3, 4]], np.float32)]
    times = motion.times_of(strokes, 24.0)
    document = to_inkml(strokes, "D.", times)
    assert '<channel name="T" units="ms" type="decimal" />' in document
    for data in (document, to_inkml(strokes, "D."), json.dumps({"strokes": timed(strokes, times)})):
        for stroke, read in zip(strokes, load_strokes(data.encode()), strict=True):
            np.testing.assert_allclose(stroke, read, atol=0.006)
