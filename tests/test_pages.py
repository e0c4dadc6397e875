"""Lines are found on drawn pages: number, order, place; whatever the light, the paper and the turn; and none where there are none."""

import cv2
import numpy as np
import pytest

from hwr.pages import find_lines

FONT = cv2.FONT_HERSHEY_SCRIPT_SIMPLEX
TEXTS = ["The quick brown fox", "jumps over", "a lazy dog, twice", "and again today", "so say we all", "in the evening"]


def page(count: int, *, size: float = 1.6, thickness: int = 3, spacing: int = 100, width: int = 1100) -> np.ndarray:
    """Dark script on white, uint8 (H, W); line k begins at x = 60, its baseline at y = 100 + k * spacing."""
    sheet = np.full((140 + spacing * count, width), 255, np.uint8)
    for index in range(count):
        cv2.putText(sheet, TEXTS[index % len(TEXTS)], (60, 100 + index * spacing), FONT, size, 0, thickness, cv2.LINE_AA)
    return sheet


def photographed(sheet: np.ndarray, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    height, width = sheet.shape
    light = np.linspace(0.55, 1.0, width)[None, :] * np.linspace(1.0, 0.8, height)[:, None]
    seen = (40 + sheet * (190 / 255)) * light + draw.normal(0, 3, sheet.shape)
    _, encoded = cv2.imencode(".jpg", np.clip(cv2.GaussianBlur(seen, (0, 0), 0.8), 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)


def turned(sheet: np.ndarray, degrees: float) -> np.ndarray:
    padded = np.pad(sheet, 150, constant_values=255)
    height, width = padded.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(padded, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)


@pytest.mark.parametrize("count", [1, 2, 12])
def test_every_line_is_found_in_order(count: int) -> None:
    found = find_lines(page(count))
    assert len(found) == count
    middles = [(region.box[1] + region.box[3]) / 2 for region in found]
    assert middles == sorted(middles)
    for index, region in enumerate(found):
        x0, y0, x1, y1 = region.box
        assert abs(x0 - 60) < 30
        assert y0 < 100 + 100 * index - 20 < y1  # its small letters are inside
        assert x1 > 200


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
def test_a_turned_page_has_the_same_lines_along_the_turn(degrees: float) -> None:
    found = find_lines(turned(page(5), degrees))
    assert len(found) == 5
    for region in found:
        (x0, y0), (x1, y1) = region.outline[0], region.outline[1]
        assert np.degrees(np.arctan2(y1 - y0, x1 - x0)) == pytest.approx(-degrees, abs=3)


def test_light_and_noise_change_nothing_about_the_number() -> None:
    for count in (1, 4):
        assert len(find_lines(photographed(page(count)))) == count


def test_light_ink_on_dark_paper_is_found() -> None:
    assert len(find_lines(255 - page(3))) == 3


def test_ruled_paper_is_not_writing() -> None:
    ruled = page(4)
    for y in range(20, ruled.shape[0], 50):
        ruled[y : y + 2] = 150
    assert len(find_lines(ruled)) == 4
    empty = np.full((600, 900), 255, np.uint8)
    empty[30::50] = 160
    assert find_lines(empty) == []


def test_colour_pictures_are_found_like_grey_ones() -> None:
    grey = page(2)
    assert [region.box for region in find_lines(np.stack([grey] * 3, axis=2))] == [region.box for region in find_lines(grey)]


def wall(kind: str) -> np.ndarray:
    draw = np.random.default_rng(1)
    if kind == "white":
        return np.full((480, 640), 255, np.uint8)
    if kind == "black":
        return np.zeros((480, 640), np.uint8)
    plain = 190 + 25 * np.linspace(-1, 1, 640)[None, :] + draw.normal(0, 5, (480, 640))
    if kind == "blotched":
        plain -= 20 * cv2.resize(draw.random((6, 8)), (640, 480), interpolation=cv2.INTER_CUBIC)
    _, encoded = cv2.imencode(".jpg", np.clip(plain, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 50])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize("kind", ["white", "black", "plain", "blotched"])
def test_there_is_nothing_on_a_wall(kind: str) -> None:
    assert find_lines(wall(kind)) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (20, 5000), (5000, 20), (7, 7)])
def test_absurd_shapes_are_bounded(shape: tuple[int, int]) -> None:
    draw = np.random.default_rng(0)
    for sheet in (np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8), draw.integers(0, 256, shape, dtype=np.uint8)):
        assert len(find_lines(sheet)) <= 200


def test_a_large_photograph_is_found_on_and_its_boxes_are_its_own() -> None:
    large = cv2.resize(page(3), None, fx=3.4, fy=3.4, interpolation=cv2.INTER_CUBIC)
    found = find_lines(large)
    assert len(found) == 3
    assert found[2].box[3] > 900
    for region in found:
        assert region.picture.shape[0] <= 200  # no more pixels than help


def test_places_in_the_picture_lead_back_to_the_page() -> None:
    sheet = page(2)
    for region in find_lines(sheet):
        height, width = region.picture.shape
        corners = region.to_page @ np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], float)
        x0, y0, x1, y1 = region.box
        assert corners[0].min() <= x0 + 3
        assert corners[0].max() >= x1 - 3
        assert corners[1].min() <= y0 + 3
        assert corners[1].max() >= y1 - 3
        dark = np.argwhere(region.picture < 100)
        back = region.to_page @ np.array([dark[:, 1], dark[:, 0], np.ones(len(dark))])
        columns, rows = np.clip(np.rint(back).astype(int), 0, [[sheet.shape[1] - 1], [sheet.shape[0] - 1]])
        assert (cv2.erode(sheet, np.ones((9, 9), np.uint8))[rows, columns] < 128).mean() > 0.9


def test_one_huge_character_is_one_line() -> None:
    sheet = np.full((300, 300), 255, np.uint8)
    cv2.putText(sheet, "g", (80, 190), FONT, 7, 0, 12, cv2.LINE_AA)
    assert len(find_lines(sheet)) == 1
