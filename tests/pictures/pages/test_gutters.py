"""Lines are parted between columns, and nowhere between words."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwr.pictures.pages.courses import Course
from hwr.pictures.pages.gutters import part_at_gutters

CELL = (4, 8)
CORE = 12.0


def page(words: list[list[tuple[float, float]]], fall: float = 0.0) -> tuple[list[Course], np.ndarray]:
    """Lines of words, each from x0 to x1, below each other, and the cells with their writing."""
    written = np.zeros((140, 100), np.float32)
    x = (np.arange(100) + 0.5) * CELL[1]
    courses = []
    for number, line in enumerate(words):
        course = Course(np.array([line[0][0], line[-1][1]]), 60 + 36 * number + fall * np.array([line[0][0], line[-1][1]]), CORE)
        courses.append(course)
        for x0, x1 in line:
            for column in np.flatnonzero((x > x0) & (x < x1)):
                top = float(course.at(x[column])) - CORE
                written[int(top / CELL[0]) : int((top + CORE) / CELL[0]), column] = 0.9
    return courses, written


@given(st.integers(5, 10), st.floats(-0.04, 0.04))
def test_two_columns_are_parted(count, fall):
    rng = np.random.default_rng(count)
    words = []
    for _ in range(count):
        first, second = rng.uniform(120, 250), rng.uniform(500, 620)
        words.append([(40.0, first), (first + 8, 380.0 - rng.uniform(0, 40)), (424.0, second), (second + 8, 700.0)])
    parted = part_at_gutters(*page(words, fall), CELL)
    assert len(parted) == 2 * count
    for left, right in zip(parted[::2], parted[1::2], strict=True):
        assert left.x[0] == 40
        assert 340 < left.x[-1] == right.x[0] < 430
        assert right.x[-1] == 700


@given(st.integers(0, 1000))
def test_words_are_not(seed):
    rng = np.random.default_rng(seed)
    words = []
    for _ in range(9):
        starts = 40 + np.cumsum(rng.uniform(60, 140, 6))
        words.append([(a, b - 16) for a, b in pairwise(starts)])
    assert len(part_at_gutters(*page(words), CELL)) == 9


def test_few_lines_are_never_parted():
    assert len(part_at_gutters(*page([[(40.0, 300.0), (420.0, 700.0)]] * 4), CELL)) == 4
    assert part_at_gutters([], np.zeros((4, 4), np.float32), CELL) == []
