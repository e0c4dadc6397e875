"""Any picture of a character must come out as the scans look."""

import io
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from hwr import InputError
from hwr.ink.rendering import fitted_picture, render
from hwr.ink.strokes import Strokes
from hwr.pictures.character import character
from hwr.pictures.loading import MAX_PIXELS, load_image
from hwr.pictures.traits import median_stroke_width


def hook(offset: tuple[float, float] = (0, 0), scale: float = 1.0) -> Strokes:
    """A drawing without symmetries: a long stem with a hook, and a short bar apart from it."""
    strokes = [np.array([[100, 60], [100, 240], [130, 262], [170, 240]], np.float32), np.array([[70, 120], [150, 110]], np.float32)]
    return [stroke * np.float32(scale) + np.float32(offset) for stroke in strokes]


def picture(pen_width: float = 14) -> np.ndarray:
    return render(hook(), pen_width=pen_width)


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Mean absolute difference, relative to the ink."""
    return float(np.abs(first.astype(float) - second).sum() / first.sum())


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def emnist_like() -> np.ndarray:
    return character(picture())


def test_an_emnist_picture_comes_out_pixel_for_pixel():
    pixels = emnist_like()
    for source in (
        pixels,
        Image.fromarray(pixels),
        Image.fromarray(pixels).convert("RGB"),
        255 - pixels,
        encoded(Image.fromarray(pixels), "PNG"),
    ):
        assert np.array_equal(character(source), pixels)


@pytest.mark.skipif("HWR_DATASETS" not in os.environ, reason="needs the real data (HWR_DATASETS)")
def test_every_real_test_image_comes_out_pixel_for_pixel():
    from hwr.data import emnist

    for pixels in emnist.load(os.path.join(os.environ["HWR_DATASETS"], "emnist-47"), "test").images:
        assert np.array_equal(character(pixels), pixels)


def variants() -> dict[str, object]:
    grey = picture()
    rgb = np.stack([grey] * 3, axis=2)
    alpha = Image.fromarray(np.dstack([np.zeros((320, 320, 3), np.uint8), 255 - grey]))
    white = Image.fromarray(np.dstack([np.full((320, 320, 3), 255, np.uint8), 255 - grey]))
    hole = np.dstack([rgb, np.full((320, 320), 255, np.uint8)])
    hole[:20, :20, 3] = 0
    turned = Image.fromarray(np.rot90(grey).copy())
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to see it upright"
    blue = np.where(grey[:, :, None] < 128, np.array([30, 60, 200], np.uint8), np.array([250, 245, 230], np.uint8))
    equally_bright = np.where(grey[:, :, None] < 128, np.array([220, 20, 20], np.uint8), np.array([70, 95, 70], np.uint8))
    shadow = (grey * np.linspace(0.45, 1, 320)[None, :]).astype(np.uint8)
    noisy = np.clip(grey * 0.5 + 60 + np.random.default_rng(0).normal(0, 6, grey.shape), 0, 255).astype(np.uint8)
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey * 0)]
    return {
        "light on dark": 255 - grey,
        "rgb": rgb,
        "bool": grey > 128,
        "float": grey / 255,
        "16 bit": Image.fromarray(grey.astype(np.uint16) * 257),
        "16 bit array": grey.astype(np.uint16) * 257,
        "palette": Image.fromarray(grey).convert("P"),
        "one bit": Image.fromarray(grey).convert("1", dither=Image.Dither.NONE),
        "cmyk jpeg": encoded(Image.fromarray(rgb).convert("CMYK"), "JPEG", quality=90),
        "dark ink on nothing": alpha,
        "light ink on nothing": white,
        "a transparent corner": hole,
        "grey with transparency": Image.fromarray(np.dstack([np.zeros_like(grey), 255 - grey]), "LA"),
        "turned by EXIF": encoded(turned, "JPEG", exif=exif, quality=95),
        "animation": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "blue on cream": blue,
        "equally bright colours": equally_bright,
        "a shadow": shadow,
        "noise": noisy,
        "tiff": encoded(Image.fromarray(grey), "TIFF"),
        "large": cv2.resize(grey, (3000, 3000), interpolation=cv2.INTER_CUBIC),
        "small": cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA),
        "wide": np.pad(grey, ((0, 0), (0, 1500)), constant_values=255),
        "in a corner": np.pad(cv2.resize(grey, (96, 96), interpolation=cv2.INTER_AREA), ((380, 4), (4, 380)), constant_values=255),
    }


@pytest.mark.parametrize("name", variants())
def test_what_kind_of_picture_it_is_does_not_matter(name):
    seen = character(variants()[name])
    assert seen.shape == (28, 28)
    assert seen.dtype == np.uint8
    assert difference(character(picture()), seen) < 0.3


@pytest.mark.parametrize("mirror", [np.fliplr, np.flipud, np.transpose])
def test_the_measure_of_those_tests_tells_pictures_apart(mirror):
    assert difference(character(picture()), character(np.ascontiguousarray(mirror(picture())))) > 0.6


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.9, 40.0])
def test_neither_place_nor_size_of_strokes_matters(scale):
    expected = character(fitted_picture(hook()))
    moved = character(fitted_picture(hook(offset=(31.5 * scale, -77), scale=scale)))
    assert difference(expected, moved) < 0.05


@pytest.mark.parametrize("side", [300, 1200, 4000])
def test_a_hairline_survives(side):
    canvas = np.full((side, side), 255, np.uint8)
    points = (np.concatenate([hook()[0], hook()[0][-1:]]) * side / 320).astype(np.int32)
    cv2.polylines(canvas, [points], False, 0, 1)
    seen = character(canvas)
    whole = character(render(hook()[:1], pen_width=10))
    assert cv2.connectedComponents((seen > 60).astype(np.uint8))[0] == 2  # paper, and one unbroken stroke
    assert difference(whole, seen) < 0.5


@pytest.mark.parametrize("pen_width", [3, 8, 14, 24, 40])
def test_strokes_come_out_as_wide_as_in_the_scans(pen_width):
    enlarged = cv2.resize(character(picture(pen_width)), (224, 224), interpolation=cv2.INTER_CUBIC) / 255
    assert 1.8 < median_stroke_width(enlarged) / 8 < 5  # the scans' 5th and 95th percentile


def test_the_box_lies_as_in_the_scans():
    rows = np.flatnonzero(character(picture()).any(1))
    columns = np.flatnonzero(character(picture()).any(0))
    assert 24 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 26
    for found in (rows, columns):
        assert abs(found[0] + found[-1] - 27) <= 1


def test_dust_does_not_stretch_the_box_but_a_dot_stays():
    dusty = picture()
    dusty[5:8, 5:8] = 0
    assert difference(character(picture()), character(dusty)) < 0.05
    stem = [np.array([[160, 130], [160, 250]], np.float32)]
    dotted = [*stem, np.array([[160, 80]], np.float32)]
    assert difference(character(render(stem)), character(render(dotted))) > 0.2


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.full((100, 100), 255, np.uint8), "No ink"),
        (np.zeros((100, 100), np.uint8), "No ink"),
        (np.full((28, 28, 3), 130, np.uint8), "No ink"),
        (np.random.default_rng(0).normal(128, 4, (200, 200)).clip(0, 255).astype(np.uint8), "No ink"),
        (Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "No ink"),
        (np.zeros((1, 1), np.uint8), "too small"),
        (np.pad(np.zeros((300, 300), np.uint8), 10, constant_values=255), "almost all ink"),
        (Image.new("1", (20_000, 20_000)), "20,000 x 20,000"),
        (np.zeros((0, 5), np.uint8), "shape"),
        (np.zeros((4, 4, 7), np.uint8), "shape"),
        (np.full((30, 30), np.nan), "finite"),
        (np.full((30, 30), -5), "from 0 to"),
        (np.array([["a"] * 9] * 9), "can't be read"),
        (b"", "empty"),
        (b"Not a picture at all, but a text.", "not an image"),
        ("no/such/file.png", "no file"),
        (None, "path, bytes"),
        (7, "path, bytes"),
    ],
)
def test_what_is_no_character_is_refused_with_a_sentence(image, says):
    with pytest.raises(InputError, match=says) as caught:
        character(image)
    assert str(caught.value).endswith((".", "uint8."))


def test_damaged_files_are_refused(tmp_path):
    whole = encoded(Image.fromarray(picture()), "PNG")
    for length in range(8, len(whole) - 12, 97):
        with pytest.raises(InputError):
            character(whole[:length])
    text = tmp_path / "letter.png"
    text.write_text("A")
    with pytest.raises(InputError, match=r"letter\.png"):
        character(text)


def test_a_bomb_is_refused_before_it_is_decoded():
    bomb = encoded(Image.new("L", (30_000, 30_000)), "PNG")  # under 1 MB
    assert len(bomb) < 2_000_000
    with pytest.raises(InputError, match=f"{MAX_PIXELS // 1_000_000} million"):
        load_image(bomb)
