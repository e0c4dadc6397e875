"""The finder of lines: with a network that errs in nothing, with an untrained one that says anything, and with the shipped one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Self

import cv2
import numpy as np
import pages_drawn as drawn
import pytest
import torch

from hwr import InputError, PageFinder, PageLSTM, PenWriter
from hwr.hub.finding import beside_package
from hwr.models.arrays import FoundCells, PageNetwork
from hwr.pictures.pages.courses import MAX_LINES
from hwr.pictures.pages.cutting import LineRegion


class Oracle(PageNetwork):
    """Knows the page that it will be shown, at any size and turned by quarters; no square one."""

    def __init__(self, page: drawn.Page) -> None:
        self.page = page
        self.seen: list[tuple[int, ...]] = []

    def placed(self, device: str) -> Self:
        return self

    def cells(self, image: np.ndarray) -> FoundCells:
        self.seen.append(image.shape)
        differences = []
        for quarters in range(4):
            whole = np.ascontiguousarray(np.rot90(self.page.pixels, quarters))
            alike = cv2.resize(whole, image.shape[::-1], interpolation=cv2.INTER_AREA).astype(float)
            lying = (whole.shape[0] > whole.shape[1]) == (image.shape[0] > image.shape[1])
            differences.append(np.abs(alike - image).mean() if lying else np.inf)
        turned = np.eye(4, dtype=np.float32)[int(np.argmin(differences))]
        page = drawn.scaled(self.page, image.shape[0] / self.page.pixels.shape[0])
        if turned[0]:
            return FoundCells(*drawn.cells(page), turned)
        blank = np.zeros((4, -(-image.shape[0] // 4), -(-image.shape[1] // 8)), np.float32)
        return FoundCells(blank, blank[0], blank[0] + 10, turned)


def oracle(page: drawn.Page) -> PageFinder:
    return PageFinder(Oracle(page))


@pytest.fixture(scope="module")
def untrained() -> PageFinder:
    torch.manual_seed(0)
    return PageFinder(PageLSTM(stem_channels=[4, 4, 8], hidden_size=4, num_layers=1))


@pytest.fixture(scope="module")
def shipped() -> PageFinder:
    if beside_package("weights/pages-best") is None:
        pytest.skip("no weights are shipped")
    return PageFinder.from_pretrained()


def assert_sound(regions: list[LineRegion], shape: tuple[int, ...]) -> None:
    """What holds for any region of any page."""
    assert len(regions) <= MAX_LINES
    for region in regions:
        assert region.picture.dtype == np.uint8
        assert region.picture.ndim == 2
        assert min(region.picture.shape) >= 1
        assert region.to_page.shape == (2, 3)
        assert region.outline.dtype == region.baseline.dtype == np.float32
        assert all(np.isfinite(part).all() for part in (region.to_page, region.outline, region.baseline))
        assert len(region.outline) >= 4
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= shape[1]
        assert 0 <= y0 < y1 <= shape[0]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("scale", [0.6, 1.0, 3.0])
def test_a_page_is_found_at_any_size_and_on_any_side(quarters, scale):
    page = drawn.scaled(drawn.page(drawn.TEXTS[:6]), scale)
    pixels = np.ascontiguousarray(np.rot90(page.pixels, quarters))
    regions = oracle(page).find(pixels)
    assert_sound(regions, pixels.shape)
    assert len(regions) == 6
    for region, line in zip(regions, page.lines, strict=True):
        turned = np.rot90(line, quarters)
        rows, columns = np.flatnonzero(turned.any(1)), np.flatnonzero(turned.any(0))
        expected = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        assert np.abs(np.subtract(region.box, expected)).max() <= 8 * max(scale, 1)
        assert region.picture.shape[1] > 2 * region.picture.shape[0]  # upright


def test_large_letters_are_looked_at_from_further_away():
    page = drawn.page(drawn.TEXTS[:3], scale=6, pitch=400, pen=12, margin=300)
    finder = oracle(page)
    assert len(finder.find(page.pixels)) == 3
    network: Oracle = finder.network  # ty: ignore[invalid-assignment]
    assert max(max(shape) for shape in network.seen) < 0.3 * max(page.pixels.shape)


def test_a_picture_of_one_line_is_given_as_it_is():
    page = drawn.page(("a line of many words",), margin=4, pitch=50)
    (region,) = oracle(page).find(page.pixels)
    assert np.array_equal(region.picture, page.pixels)
    assert np.array_equal(region.to_page, np.eye(2, 3))
    loose = drawn.page(("a line of many words",), margin=300)
    (region,) = oracle(loose).find(loose.pixels)
    assert region.picture.shape[0] < 100


@pytest.mark.parametrize("name", drawn.hostile())
def test_anything_gives_sound_regions(untrained, name):
    pixels = drawn.hostile()[name]
    before = pixels.copy()
    assert_sound(untrained.find(pixels), pixels.shape)
    assert np.array_equal(pixels, before)


def test_what_is_no_picture_is_refused(untrained, tmp_path):
    for nothing in (b"", b"GIF89a", tmp_path / "none.png", np.zeros((0, 5))):
        with pytest.raises(InputError):
            untrained.find(nothing)


@pytest.fixture(scope="module")
def letter() -> drawn.Page:
    """Six lines in the hand of the shipped writer, below each other."""
    if beside_package("weights/pen-best") is None:
        pytest.skip("no weights are shipped")
    writer = PenWriter.from_pretrained()
    rows, margin, pitch = [], 60, 70
    for number, text in enumerate(("The quick brown", "fox jumps over", "the lazy dog", "and nobody", "looks up today", "quietly")):
        ink = 255 - np.asarray(writer.write(text, style=3, seed=number, verify=False).to_image().convert("L"))
        down, across = np.flatnonzero((ink > 100).any(1)), np.flatnonzero((ink > 100).any(0))
        ink = ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        rows.append(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    shape = 2 * margin + pitch * len(rows), 2 * margin + max(row.shape[1] for row in rows)
    covers = np.zeros((len(rows), *shape), np.uint8)
    for number, (cover, row) in enumerate(zip(covers, rows, strict=True)):
        cover[margin + pitch * number :][: row.shape[0], margin : margin + row.shape[1]] = row
    return drawn.Page(255 - covers.max(0), [cover > 100 for cover in covers], [], 1.0)


def assert_found(regions: list[LineRegion], lines: list[np.ndarray]) -> None:
    """Every line is in a region of its own, in order; one region more may be the tail of a letter."""
    assert len(lines) <= len(regions) <= len(lines) + 1
    shares = [[line[y0:y1, x0:x1].sum() / line.sum() for x0, y0, x1, y1 in (region.box for region in regions)] for line in lines]
    assert np.max(shares, axis=1).min() > 0.93
    assert (np.diff(np.argmax(shares, axis=1)) > 0).all()


@pytest.mark.parametrize("degrees", [-8, 0, 8])
def test_the_shipped_network_finds_every_line(shipped, letter, degrees):
    page = drawn.turned(letter, degrees)
    regions = shipped.find(drawn.noisy(page.pixels))
    assert_sound(regions, page.pixels.shape)
    assert_found(regions, page.lines)


@pytest.mark.parametrize("paper", [drawn.lit, drawn.shadowed, drawn.ruled, drawn.on_table, lambda pixels: 255 - pixels])
def test_the_shipped_network_minds_no_paper(shipped, letter, paper):
    assert len(letter.lines) <= len(shipped.find(paper(letter.pixels))) <= len(letter.lines) + 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_the_shipped_network_turns_a_page_upright(shipped, letter, quarters):
    assert_found(shipped.find(np.rot90(letter.pixels, quarters)), [np.rot90(line, quarters) for line in letter.lines])


@pytest.mark.parametrize("strokes", [[(20, 10, 20, 90)], [(10, 10, 90, 10), (50, 10, 50, 90)], [(10, 50, 90, 52)]])
def test_a_drawing_of_a_letter_is_a_line(shipped, strokes):
    pixels = np.full((100, 100), 255, np.uint8)
    for x0, y0, x1, y1 in strokes:
        cv2.line(pixels, (x0, y0), (x1, y1), 0, 6, cv2.LINE_AA)
    (region,) = shipped.find(pixels)
    assert (pixels < 100).sum() == (pixels[region.box[1] : region.box[3], region.box[0] : region.box[2]] < 100).sum()
    assert_sound([region], pixels.shape)


@pytest.mark.parametrize("name", drawn.walls())
def test_where_nothing_is_written_the_shipped_network_finds_nothing(shipped, name):
    assert shipped.find(drawn.walls()[name]) == []


def test_threads_share_a_finder(shipped, letter):
    pages = [drawn.noisy(letter.pixels[: 60 + 70 * count]) for count in (2, 5, 6, 3)]
    alone = [[region.box for region in shipped.find(page)] for page in pages]
    with ThreadPoolExecutor(4) as pool:
        assert [[region.box for region in regions] for regions in pool.map(shipped.find, pages)] == alone
