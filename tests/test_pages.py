"""Lines must be found whole, in order and alone, whatever paper and camera do; and where nothing is written, none."""

import cv2
import numpy as np
import pages_drawn as drawn
import pytest

from hwr.pages import MAX_REGIONS, LineRegion, find_lines


def ink_of(region: LineRegion, shape: tuple[int, int]) -> np.ndarray:
    """Where on the page the picture has ink: bool (H, W)."""
    dark = 255 - region.picture
    return cv2.warpAffine(dark, region.to_page, shape[::-1], flags=cv2.INTER_LINEAR, borderValue=0) > 0.4 * dark.max()


def assert_lines(regions: list[LineRegion], lines: list[np.ndarray], *, slack: int = 3) -> None:
    """Each region's picture shows its line, whole, and nothing of another one; boxes hold the ink."""
    assert len(regions) == len(lines)
    kernel = np.ones((2 * slack + 1,) * 2, np.uint8)
    for region, line in zip(regions, lines, strict=True):
        found = ink_of(region, line.shape)
        assert (cv2.dilate(found.astype(np.uint8), kernel)[line] > 0).mean() > 0.97  # whole
        assert (cv2.dilate(line.astype(np.uint8), kernel)[found] > 0).mean() > 0.97  # alone
        assert_box(region, line)


def assert_box(region: LineRegion, line: np.ndarray) -> None:
    rows, columns = np.flatnonzero(line.any(1)), np.flatnonzero(line.any(0))
    expected = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert np.abs(np.subtract(region.box, expected)).max() <= 8
    assert all(isinstance(value, int) for value in region.box)


def assert_sound(regions: list[LineRegion], shape: tuple[int, ...]) -> None:
    """What holds for any region of any page."""
    assert len(regions) <= MAX_REGIONS
    for region in regions:
        assert region.picture.dtype == np.uint8
        assert region.picture.ndim == 2
        assert 1 <= region.picture.shape[0] <= 128
        assert region.to_page.shape == (2, 3)
        assert region.to_page.dtype == np.float64
        assert np.isfinite(region.to_page).all()
        assert region.outline.shape == (4, 2)
        assert region.outline.dtype == np.float32
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= shape[1]
        assert 0 <= y0 < y1 <= shape[0]


def slope(region: LineRegion) -> float:
    """Degrees by which the region's upper edge goes down to the right."""
    across, down = region.outline[1] - region.outline[0]
    return float(np.degrees(np.arctan2(down, across)))


@pytest.mark.parametrize("count", [1, 2, 12])
@pytest.mark.parametrize("pen", [1, 3, 5])
def test_every_line_is_found_whole_alone_and_in_order(count, pen):
    page = drawn.page(drawn.TEXTS[:count], pen=pen)
    regions = find_lines(page.pixels)
    assert_sound(regions, page.pixels.shape)
    assert_lines(regions, page.lines)


PAPERS = {
    "noisy": drawn.noisy,
    "lit from a side": drawn.lit,
    "shadowed": drawn.shadowed,
    "ruled": drawn.ruled,
    "squared": lambda pixels: drawn.ruled(pixels, 40, squared=True),
    "strongly ruled": lambda pixels: drawn.ruled(pixels, 64, darkness=140),
    "on a table": drawn.on_table,
    "chalk on a board": lambda pixels: 255 - np.round(0.8 * pixels).astype(np.uint8),
    "white on black": lambda pixels: 255 - pixels,
    "pencil": lambda pixels: np.round(190 + pixels * (50 / 255)).astype(np.uint8),
    "all at once": lambda pixels: drawn.noisy(drawn.on_table(drawn.shadowed(drawn.lit(drawn.ruled(pixels), 0.7)))),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_and_light_change_nothing(paper):
    page = drawn.page()
    pixels = PAPERS[paper](page.pixels)
    border = (pixels.shape[0] - page.pixels.shape[0]) // 2
    lines = [np.pad(line, border) for line in page.lines]
    regions = find_lines(pixels)
    assert_sound(regions, pixels.shape)
    assert_lines(regions, lines)


@pytest.mark.parametrize("left", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("right", [0.4, 0.7, 1.0])
def test_a_gradient_of_light_does_not_change_the_lines(left, right):
    page = drawn.page()
    assert_lines(find_lines(drawn.lit(page.pixels, left, right)), page.lines)


@pytest.mark.parametrize("degrees", [-15, -5, -2, 2, 5, 15])
@pytest.mark.parametrize("noise", [False, True])
def test_a_turned_page_gives_the_same_lines_along_the_turn(degrees, noise):
    page = drawn.turned(drawn.page(), degrees)
    regions = find_lines(drawn.noisy(page.pixels) if noise else page.pixels)
    assert_lines(regions, page.lines)
    for region in regions:
        assert slope(region) == pytest.approx(degrees, abs=3)
        a, b = region.to_page[:, 0]
        assert np.degrees(np.arctan2(b, a)) == pytest.approx(degrees, abs=3)
    assert np.median([slope(region) for region in regions]) == pytest.approx(degrees, abs=1)


def test_ruled_paper_may_be_turned_too():
    straight = drawn.page()
    page = drawn.turned(straight._replace(pixels=drawn.ruled(straight.pixels)), 4)
    assert_lines(find_lines(page.pixels), page.lines)


@pytest.mark.parametrize("depth", [-32, 32])
def test_a_bent_line_is_straightened(depth):
    page = drawn.bent(drawn.page(("a long sentence without tails as seen on a sheet that does not lie level at all",) * 4), depth)
    regions = find_lines(page.pixels)
    assert len(regions) == 4
    for region, line in zip(regions, page.lines, strict=True):
        assert_box(region, line)
        rows = np.flatnonzero(line.any(1))
        height = (np.flatnonzero((region.picture < 128).any(1))[[0, -1]] @ [-1, 1]) * np.linalg.norm(region.to_page[:, 1])
        assert height < np.ptp(rows) - 0.5 * abs(depth)


def test_the_picture_is_dark_on_white_with_the_light_taken_off():
    page = drawn.page()
    for pixels in (drawn.shadowed(page.pixels), 255 - drawn.shadowed(page.pixels)[:, ::-1].copy()[:, ::-1]):
        for region in find_lines(pixels):
            assert np.median(region.picture) > 245
            assert np.percentile(region.picture, 1) < 120


def test_dots_and_bars_belong_to_their_line():
    page = drawn.page(("jiji titi", "iiii jjjj", "t-t = i : j ; i!"), pitch=58, pen=2)
    assert_lines(find_lines(page.pixels), page.lines)


def test_touching_lines_are_cut_between_them():
    page = drawn.page(("gyp gyp gyp gyp", "lbd lbd lbd lbd", "gyp lbd gyp lbd"), pitch=46, pen=3)
    regions = find_lines(page.pixels)
    assert len(regions) == 3
    for region, line in zip(regions, page.lines, strict=True):
        found = ink_of(region, line.shape)
        assert found[line].mean() > 0.85
        assert cv2.dilate(line.astype(np.uint8), np.ones((7, 7), np.uint8))[found].mean() > 0.85


def test_wide_gaps_between_words_leave_one_line_and_columns_are_read_from_left_to_right():
    page = drawn.page(("one          two", "three     four"))
    assert_lines(find_lines(page.pixels), page.lines)
    left, right = drawn.page(("one", "two", "three")), drawn.page(("four", "five", "six"))
    width = max(left.pixels.shape[1], right.pixels.shape[1])
    apart = 900
    columns = np.full((left.pixels.shape[0], 2 * width + apart), 255, np.uint8)
    columns[:, : left.pixels.shape[1]] = left.pixels
    columns[:, width + apart : width + apart + right.pixels.shape[1]] = right.pixels
    boxes = [region.box for region in find_lines(columns)]
    assert len(boxes) == 6
    assert [box[0] > width for box in boxes] == [False, True] * 3
    assert all(first[1] < second[3] for first, second in zip(boxes[::2], boxes[1::2], strict=True))


def test_short_lines_stand_beside_long_ones():
    page = drawn.page(("a long line of many words here", "7", "another long line of many words", "I", "so"))
    assert_lines(find_lines(page.pixels), page.lines)


def test_colour_is_taken_as_brightness():
    page = drawn.page()
    blue = np.where(page.pixels[:, :, None] < 128, np.array([30, 40, 160], np.uint8), np.array([250, 245, 230], np.uint8))
    assert_lines(find_lines(blue), page.lines)


@pytest.mark.parametrize("pen", [4, 8, 16])
@pytest.mark.parametrize("text", ["g", "1", "hello", "T", "i"])
def test_a_drawing_is_one_line(text, pen):
    page = drawn.page((text,), scale=5, pitch=150, pen=pen)
    regions = find_lines(page.pixels)
    assert_sound(regions, page.pixels.shape)
    assert_lines(regions, page.lines)


def test_one_letter_may_fill_the_picture():
    page = drawn.page(("g",), scale=20, pitch=600, pen=60, margin=20)
    rows, columns = np.flatnonzero(page.lines[0].any(1)), np.flatnonzero(page.lines[0].any(0))
    box = slice(rows[0] - 8, rows[-1] + 8), slice(columns[0] - 8, columns[-1] + 8)
    assert_lines(find_lines(page.pixels[box]), [page.lines[0][box]])


def test_a_large_photo_gives_the_lines_of_a_small_one():
    page = drawn.page(scale=3, pitch=190, pen=6, margin=200)
    large = drawn.noisy(drawn.lit(page.pixels))
    regions = find_lines(large)
    assert_sound(regions, large.shape)
    assert_lines(regions, page.lines, slack=6)
    small = find_lines(cv2.resize(large, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA))
    assert len(small) == len(regions)
    for one, other in zip(regions, small, strict=True):
        assert np.abs(np.array(one.box) - np.array(other.box) / 0.4).max() < 20


def walls() -> dict[str, np.ndarray]:
    """Pictures of nothing."""
    random = np.random.default_rng(5)
    height, width = 700, 900
    plain = np.full((height, width), 200.0)
    light = np.linspace(0.5, 1, width)
    coarse = cv2.resize(random.random((6, 8)), (width, height), interpolation=cv2.INTER_CUBIC)
    plaster = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), 2)
    pictures = {
        "white": np.full((height, width), 255.0),
        "black": np.zeros((height, width)),
        "grey": plain,
        "gradient": plain * light,
        "noise": plain + random.normal(0, 10, plain.shape),
        "overexposed noise": 252 + random.normal(0, 10, plain.shape),
        "noise in a gradient": plain * light + random.normal(0, 10, plain.shape),
        "blotches": plain * (1 - 0.4 * coarse) + random.normal(0, 3, plain.shape),
        "plaster": plain * light + 60 * plaster,
        "specks": np.where(random.random(plain.shape) < 0.01, 60, 220),
        "shadow": drawn.shadowed(plain.astype(np.uint8)),
        "ruled": drawn.ruled(np.full((height, width), 255, np.uint8)),
        "squared": drawn.ruled(np.full((height, width), 255, np.uint8), squared=True),
        "empty sheet on a table": drawn.on_table(np.full((height, width), 230, np.uint8)),
    }
    return {name: np.clip(pixels, 0, 255).astype(np.uint8) for name, pixels in pictures.items()}


@pytest.mark.parametrize("name", walls())
@pytest.mark.parametrize("jpeg", [False, True])
def test_where_nothing_is_written_nothing_is_found(name, jpeg):
    wall = walls()[name]
    assert find_lines(drawn.noisy(wall, deviation=2, quality=30) if jpeg else wall) == []


def hostile() -> dict[str, np.ndarray]:
    """Pictures that no one writes."""
    random = np.random.default_rng(7)
    text = np.full((20, 5000), 255, np.uint8)
    cv2.putText(text, "over and over " * 40, (5, 15), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    long = np.full((100, 75_000), 255, np.uint8)
    cv2.putText(long, "on and on " * 450, (5, 60), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1, 0, 2, cv2.LINE_AA)
    return {
        "one pixel": np.zeros((1, 1), np.uint8),
        "one row": np.zeros((1, 3000), np.uint8),
        "one column of colour": np.zeros((3000, 1, 3), np.uint8),
        "a blank strip": np.full((20, 5000), 255, np.uint8),
        "a strip of text": text,
        "a tall strip": text.T.copy(),
        "a very long strip": long,
        "coin tosses": (random.random((600, 800)) < 0.5).astype(np.uint8) * 255,
        "blobs": np.where(cv2.GaussianBlur(random.standard_normal((1200, 900)), (0, 0), 4) > 0.05, 0, 255).astype(np.uint8),
        "a chess board": np.kron(np.indices((40, 40)).sum(0) % 2, np.full((20, 20), 255)).astype(np.uint8),
        "bars": np.tile(np.repeat([0, 255], 8), 50)[:, None].repeat(600, 1).astype(np.uint8),
        "dashes": np.kron(random.random((150, 60)) < 0.3, np.ones((4, 16))).astype(np.uint8) * 255,
        "half black": np.repeat([0, 255], 400)[:, None].repeat(500, 1).astype(np.uint8),
    }


@pytest.mark.parametrize("name", hostile())
def test_anything_gives_sound_regions(name):
    pixels = hostile()[name]
    before = pixels.copy()
    assert_sound(find_lines(pixels), pixels.shape)
    assert np.array_equal(pixels, before)


def test_a_strip_of_text_is_read_as_one_line():
    (region,) = find_lines(hostile()["a strip of text"])
    assert region.box[2] - region.box[0] > 3000


def test_the_same_page_gives_the_same_regions():
    pixels = drawn.noisy(drawn.page().pixels)
    for one, other in zip(find_lines(pixels), find_lines(pixels), strict=True):
        assert np.array_equal(one.picture, other.picture)
        assert one.box == other.box
