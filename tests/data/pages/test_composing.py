"""Composed pages: what their truth says must be what their pictures show, whatever kind, camera and paper."""

import cv2
import numpy as np
import pytest
from scrawls import handwriting

from hwr.data.pages.camera import CAMERAS
from hwr.data.pages.composing import KINDS, PageComposer
from hwr.data.pages.page import Page
from hwr.data.pages.sheet import PAPERS


@pytest.fixture(scope="module")
def composer() -> PageComposer:
    return PageComposer(handwriting(), seed=3)


def covered(page: Page) -> np.ndarray:
    """What lies in the lines' outlines, bool (H, W), with a pixel or two around."""
    within = np.zeros(page.image.shape[:2], np.uint8)
    for line in page.lines:
        cv2.fillPoly(within, [np.round(line.polygon).astype(np.int32)], 1)
    return cv2.dilate(within, np.ones((9, 9))) > 0


def assert_true(page: Page) -> None:
    """What holds for every page."""
    height, width = page.image.shape[:2]
    assert page.image.dtype == np.uint8
    assert page.masks.shape == (3, -(-height // 4), -(-width // 4))
    within = cv2.resize(covered(page).astype(np.uint8), page.masks.shape[:0:-1], interpolation=cv2.INTER_AREA) > 0
    ink = page.masks[0] > 20
    assert ink.any() == bool(page.lines)
    for line in page.lines:
        assert line.text == " ".join(word.text for word in line.words)
        assert line.core > 1
        for points in (line.baseline, line.polygon, *(word.polygon for word in line.words)):
            assert points.dtype == np.float32
            assert np.isfinite(points).all()
        for word in line.words:
            middle = word.polygon.mean(0)
            assert cv2.pointPolygonTest(line.polygon, middle.tolist(), measureDist=True) > -line.core
    if ink.any():  # a stroke through a word, or a line under it, may stick out
        assert within[ink].mean() > 0.9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("camera", CAMERAS)
def test_the_truth_lies_on_the_ink(composer, kind, camera):
    for number in range(3):
        page = composer.page(number, kind=kind, camera=camera, largest=200_000)
        assert (page.kind, page.camera) == (kind, camera)
        assert bool(page.lines) == (kind != "empty")
        assert_true(page)


@pytest.mark.parametrize("paper", PAPERS)
def test_papers_change_the_picture_alone(composer, paper):
    page = composer.page(11, kind="page", camera="clean", paper=paper, largest=200_000)
    assert_true(page)


def test_a_page_depends_on_seed_and_number_alone(composer):
    other = PageComposer(handwriting(), seed=3)
    other.page(1)
    one, again = composer.page(5, largest=200_000), other.page(5, largest=200_000)
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.masks, again.masks)
    assert [line.text for line in one.lines] == [line.text for line in again.lines]
    assert not np.array_equal(one.image, PageComposer(handwriting(), seed=4).page(5, largest=200_000).image)


@pytest.mark.parametrize("core", [6.0, 14.0, 40.0])
def test_letters_are_as_high_as_was_asked(composer, core):
    for number in range(4):
        page = composer.page(number, kind="line", camera="clean", core=(core, core), tight=True)
        assert page.lines[0].core == pytest.approx(core, rel=0.02)
        assert page.image.shape[0] < 16 * core  # up to 45 wide, and up to 15 degrees askew


def test_pages_are_no_larger_than_was_asked(composer):
    for number in range(12):
        page = composer.page(number, core=(30.0, 60.0), largest=90_000)
        assert page.image.shape[0] * page.image.shape[1] < 3 * 90_000  # a sheet that lies askew fills a larger picture


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_turns_with_its_truth(composer, quarters):
    page = composer.page(7, kind="page", camera="clean", largest=200_000)
    turned = page.turn(quarters)
    assert turned.turned == quarters
    assert_true(turned)
    back = turned.turn(-quarters)
    assert np.array_equal(back.image, page.image)
    assert back.turned == 0
    for one, other in zip(back.lines, page.lines, strict=True):
        np.testing.assert_allclose(one.baseline, other.baseline, atol=1e-3)


def test_a_page_seen_from_further_away_keeps_its_truth(composer):
    page = composer.page(9, kind="columns", camera="clean", core=(16.0, 16.0), largest=400_000)
    small = page.shrunk(2)
    assert small.image.shape[0] == page.image.shape[0] // 2
    assert small.lines[0].core == pytest.approx(page.lines[0].core / 2)
    assert_true(small)


def test_lines_come_column_by_column_from_top_to_bottom(composer):
    page = composer.page(2, kind="columns", camera="clean", largest=300_000)
    columns = [line.column for line in page.lines]
    assert columns == sorted(columns)
    for column in set(columns):
        heights = [line.baseline[:, 1].mean() for line in page.lines if line.column == column]
        assert heights == sorted(heights)
