"""Cells that agree on a baseline are a line; lines are read column after column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwr.pictures.pages.courses import MAX_LINES, Course, find_courses, reading_order, tilt_of

CELL = (4, 8)


def said(lines: list[tuple[float, float, float, float]], core: float = 12.0, shape: tuple[int, int] = (60, 80)):
    """Cells of straight lines, each from x0 to x1 with its baseline from y0 to y1."""
    x, y = (np.arange(shape[1]) + 0.5) * CELL[1], (np.arange(shape[0]) + 0.5) * CELL[0]
    probability, below = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for x0, x1, y0, y1 in lines:
        away = (y0 + (x - x0) / (x1 - x0) * (y1 - y0))[None, :] - y[:, None]
        own = (np.abs(away - core / 2) <= core / 2) & (x >= x0) & (x <= x1)
        probability[own], below[own] = 0.9, away[own]
    return probability, below, np.full(shape, core, np.float32), CELL


@given(st.floats(20, 200), st.floats(-60, 60))
def test_a_course_follows_its_baseline(y, rise):
    y = min(max(y, 20, 20 - rise), 220, 220 - rise)  # on the page from end to end
    (course,) = find_courses(*said([(40, 600, y, y + rise)]))
    assert course.x[0] <= 56
    assert course.x[-1] >= 584
    at = np.linspace(80, 560, 20)
    assert np.abs(course.at(at) - (y + (at - 40) / 560 * rise)).max() < 1.5
    assert course.core == pytest.approx(12)


@pytest.mark.parametrize("pitch", [16, 20, 30])
def test_lines_that_touch_are_told_apart_by_their_baselines(pitch):
    lines = [(40.0, 600.0, 40.0 + pitch * k, 40.0 + pitch * k) for k in range(6)]
    courses = find_courses(*said(lines))
    assert sorted(round(float(course.y.mean())) for course in courses) == [40 + pitch * k for k in range(6)]


def test_a_weak_stretch_does_not_part_a_line_and_weak_cells_alone_are_none():
    probability, *rest = said([(40, 600, 60, 60), (40, 200, 140, 140)])
    probability[:, 30:36] *= 0.4
    probability[25:] *= 0.4
    (course,) = find_courses(probability, *rest)
    assert course.x[-1] - course.x[0] > 540
    assert find_courses(0.4 * probability, *rest) == []


def test_there_are_never_too_many():
    probability = np.zeros((200, 200), np.float32)
    for beside in range(3):
        probability[::4, beside::8] = 0.9
    assert len(find_courses(probability, np.zeros_like(probability), np.full_like(probability, 4), CELL)) == MAX_LINES
    assert find_courses(np.zeros_like(probability), probability, probability, CELL) == []


def course(x0: float, x1: float, y: float) -> Course:
    return Course(np.array([x0, x1]), np.array([y, y]), 10.0)


@given(st.permutations(range(9)))
def test_columns_are_read_one_after_the_other_below_what_spans_them(shuffled):
    in_order = [course(0, 900, 10)]
    in_order += [course(0, 400, 50 + 30 * k) for k in range(4)]
    in_order += [course(500, 900, 55 + 30 * k) for k in range(3)]
    in_order.append(course(100, 800, 400))
    assert [shuffled[k] for k in reading_order([in_order[number] for number in shuffled])] == list(range(9))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50)), max_size=12))
def test_every_line_is_read_once_however_they_lie(lines):
    courses = [course(x, x + width, y) for x, width, y in lines]
    assert sorted(reading_order(courses)) == list(range(len(courses)))


@given(st.integers(1, 6), st.floats(-20, 20))
def test_a_page_is_as_askew_as_its_lines(count, degrees):
    rise = 500 * np.tan(np.deg2rad(degrees))
    lines = [(60.0, 560.0, 260 + 36 * k - rise / 2, 260 + 36 * k + rise / 2) for k in range(count)]
    probability, *_ = said(lines, shape=(160, 80))
    assert np.rad2deg(tilt_of(probability, 12, CELL)) == pytest.approx(degrees, abs=1.6)


def test_what_is_not_core_is_not_askew():
    assert tilt_of(np.full((20, 20), 0.4, np.float32), 10, CELL) == 0
    probability = np.zeros((20, 20), np.float32)
    probability[7, 7] = 1
    assert tilt_of(probability, 10, CELL) == 0
