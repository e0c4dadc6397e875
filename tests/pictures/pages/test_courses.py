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


@given(st.lists(st.floats(40, 900), min_size=1, max_size=9), st.floats(-0.4, 0.4), st.floats(-0.7, 0.7))
def test_a_page_is_as_askew_as_most_of_its_lines(lengths, angle, other):
    def line(length: float, angle: float) -> Course:
        return Course(np.array([0, length * np.cos(angle)]), np.array([0, length * np.sin(angle)]), 10.0)

    courses = [line(length, angle) for length in lengths]
    odd = [line(0.4 * sum(lengths), other), line(20, 1.2)]
    assert tilt_of(courses) == pytest.approx(angle)
    if sum(lengths) * np.cos(angle) > 45 + 0.4 * sum(lengths) * np.cos(other):
        assert tilt_of(courses + odd) == pytest.approx(angle)


def test_letters_alone_have_no_direction():
    assert tilt_of([]) == 0
    assert tilt_of([Course(np.array([0.0, 20.0]), np.array([0.0, 15.0]), 10.0)]) == 0
