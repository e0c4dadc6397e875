"""Of what a network without error says of a page, lines must come out whole, in order and alone, whatever paper and camera do."""

from typing import Any

import cv2
import numpy as np
import pages_drawn as drawn
import pytest

from hwr.pictures.pages.cutting import LineRegion
from hwr.pictures.pages.finding import find_lines


def found(page: drawn.Page, pixels: np.ndarray | None = None) -> list[LineRegion]:
    return find_lines(page.pixels if pixels is None else pixels, *drawn.cells(page), (4, 8))


def ink_of(region: LineRegion, shape: tuple[int, ...]) -> np.ndarray:
    """Where on the page the picture has ink: bool (H, W)."""
    dark = 255 - region.picture
    return cv2.warpAffine(dark, region.to_page, shape[1::-1], flags=cv2.INTER_LINEAR, borderValue=(0,)) > 0.4 * dark.max()


def assert_lines(regions: list[LineRegion], page: drawn.Page, *, slack: int = 3) -> None:
    """Each region's picture shows its line, whole, and nothing of another one; boxes and outlines hold the ink, baselines run below it."""
    assert len(regions) == len(page.lines)
    kernel = np.ones((2 * slack + 1,) * 2, np.uint8)
    for region, line, baseline in zip(regions, page.lines, page.baselines, strict=True):
        seen = ink_of(region, line.shape)
        assert (cv2.dilate(seen.astype(np.uint8), kernel)[line] > 0).mean() > 0.97  # whole
        assert (cv2.dilate(line.astype(np.uint8), kernel)[seen] > 0).mean() > 0.97  # alone
        rows, columns = np.flatnonzero(line.any(1)), np.flatnonzero(line.any(0))
        assert np.abs(np.subtract(region.box, (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))).max() <= 8
        within = np.zeros(line.shape, np.uint8)
        cv2.fillPoly(within, [np.round(region.outline).astype(np.int32)], 1)
        assert within[line].mean() > 0.97
        assert np.abs(np.interp(baseline[:, 0], *region.baseline.T) - baseline[:, 1]).max() < 4


@pytest.mark.parametrize("count", [1, 2, 12])
@pytest.mark.parametrize("pen", [1, 3, 5])
def test_every_line_is_found_whole_alone_and_in_order(count, pen):
    page = drawn.page(drawn.TEXTS[:count], pen=pen)
    assert_lines(found(page), page)


PAPERS: dict[str, Any] = {
    "noisy": drawn.noisy,
    "lit from a side": drawn.lit,
    "shadowed": drawn.shadowed,
    "chalk on a board": lambda pixels: 255 - np.round(0.8 * pixels).astype(np.uint8),
    "white on black": lambda pixels: 255 - pixels,
    "pencil": lambda pixels: np.round(190 + pixels * (50 / 255)).astype(np.uint8),
    "faint chalk in a shadow": lambda pixels: drawn.shadowed(np.round(120 - pixels * (60 / 255)).astype(np.uint8)),
    "all at once": lambda pixels: drawn.noisy(drawn.shadowed(drawn.lit(pixels, 0.7))),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_and_light_change_nothing(paper):
    page = drawn.page()
    assert_lines(found(page, PAPERS[paper](page.pixels)), page)


@pytest.mark.parametrize("squared", [False, True])
def test_what_is_said_to_be_ruled_is_no_ink(squared):
    page = drawn.page(pitch=70)
    pixels = drawn.ruled(page.pixels, 35, squared=squared)
    kinds, below, core = drawn.cells(page)
    rules = (drawn.ruled(np.full_like(page.pixels, 255), 35, squared=squared) < 255).astype(np.float32)
    kinds[3] = cv2.dilate(cv2.resize(rules, kinds.shape[:0:-1], interpolation=cv2.INTER_AREA), np.ones((3, 3))) > 0
    regions = find_lines(pixels, kinds, below, core, (4, 8))
    assert len(regions) == len(page.lines)
    for region, line in zip(regions, page.lines, strict=True):
        columns = np.flatnonzero(line.any(0))
        assert np.abs(np.subtract(region.box[::2], (columns[0], columns[-1] + 1))).max() <= 16


@pytest.mark.parametrize("degrees", [-30, -15, -3, 3, 15, 30])
def test_lines_are_cut_out_level(degrees):
    page = drawn.turned(drawn.page(), degrees)
    regions = found(page)
    assert_lines(regions, page)
    for region in regions:
        a, b = region.to_page[:, 0]
        assert np.degrees(np.arctan2(b, a)) == pytest.approx(degrees, abs=2)


@pytest.mark.parametrize("depth", [-32, 32])
def test_a_bent_line_is_straightened(depth):
    page = drawn.bent(drawn.page(("a long sentence without tails as seen on a sheet that does not lie level at all",) * 4), depth)
    regions = found(page)
    assert len(regions) == 4
    for region, line in zip(regions, page.lines, strict=True):
        height = np.flatnonzero((region.picture < 128).any(1))[[0, -1]] @ [-1, 1]
        assert height < np.ptp(np.flatnonzero(line.any(1))) - 0.5 * abs(depth)


def test_dots_and_bars_belong_to_their_line():
    page = drawn.page(("jiji titi", "iiii jjjj", "t-t = i : j ; i!"), pitch=58, pen=2)
    assert_lines(found(page), page)


def test_touching_lines_are_cut_between_them():
    page = drawn.page(("gyp gyp gyp gyp", "lbd lbd lbd lbd", "gyp lbd gyp lbd"), pitch=46, pen=3)
    regions = found(page)
    assert len(regions) == 3
    for region, line in zip(regions, page.lines, strict=True):
        seen = ink_of(region, line.shape)
        assert seen[line].mean() > 0.85
        assert cv2.dilate(line.astype(np.uint8), np.ones((7, 7), np.uint8))[seen].mean() > 0.85


def test_print_beside_the_writing_is_not_in_its_picture():
    page = drawn.page(("handwriting",), margin=100)
    pixels = page.pixels.copy()
    cv2.putText(pixels, "PRINT", (110, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    assert_lines(found(page, pixels), page)


def test_a_large_photo_gives_the_lines_of_a_small_one():
    page = drawn.page(scale=3, pitch=190, pen=6, margin=200)
    large = drawn.noisy(drawn.lit(page.pixels))
    regions = found(page, large)
    assert_lines(regions, page, slack=6)
    assert max(region.picture.shape[0] for region in regions) < 128  # no larger than reading wants


def test_cells_without_any_ink_give_no_line():
    page = drawn.page()
    assert found(page, np.full_like(page.pixels, 200)) == []


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_region_turns_with_its_page(quarters):
    page = drawn.page(drawn.TEXTS[:3])
    for region in found(page):
        turned = region.turned(quarters, page.pixels.shape)
        pixels = np.rot90(page.pixels, quarters)
        x0, y0, x1, y1 = turned.box
        before, after = page.pixels[region.box[1] : region.box[3], region.box[0] : region.box[2]], pixels[y0:y1, x0:x1]
        assert np.array_equal(np.rot90(before, quarters), after)
        assert np.array_equal(turned.picture, region.picture)
        again = turned.turned(4 - quarters, pixels.shape)
        np.testing.assert_allclose(again.to_page, region.to_page)
        np.testing.assert_allclose(again.outline, region.outline, atol=1e-3)
        assert again.box == region.box


@pytest.mark.parametrize("degrees", [-14, 7])
def test_a_region_moves_with_its_page(degrees):
    page = drawn.page(drawn.TEXTS[:3])
    height, width = page.pixels.shape
    there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    there[:, 2] += 100
    shape = height + 200, width + 200
    for region, line in zip(found(page), page.lines, strict=True):
        moved = region.moved(there, shape)
        ink = cv2.warpAffine(line.astype(np.uint8), there, shape[::-1]) > 0
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        assert np.abs(np.subtract(moved.box, (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))).max() <= 12
        assert (ink_of(moved, shape) & ink).sum() > 0.9 * (ink_of(region, line.shape) & line).sum()
        back = moved.moved(cv2.invertAffineTransform(there), page.pixels.shape)
        np.testing.assert_allclose(back.to_page, region.to_page, atol=1e-6)
        np.testing.assert_allclose(back.outline, region.outline, atol=1e-2)
        np.testing.assert_allclose(back.baseline, region.baseline, atol=1e-2)
    off = region.moved(np.array([[1.0, 0, -5 * width], [0, 1, 0]]), page.pixels.shape)
    assert 0 <= off.box[0] < off.box[2] <= width
