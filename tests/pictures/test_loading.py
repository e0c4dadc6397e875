"""Any file or array to an image: what strangers make of the formats is read or refused, in bounded time and memory."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from hostile_files import chunk, picture, png, scans, stroke, text_bomb, tiff_of_strips
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from hwr import InputError
from hwr.pictures.loading import MAX_LONG_SIDE, colours_of, grey, load_image

HOSTILE = {
    "chunks without end": (lambda: png(8, 8, data=bytes(72), more=chunk(b"abCd", b"") * 100_000), "too much before its pixels"),
    "markers without end": (lambda: b"\xff\xd8" + b"\xff\xe5\0\2" * 100_000 + picture("JPEG").data[2:], "too much before its pixels"),
    "a comment without end": (lambda: b"P6 #" + b"a" * 1_000_000 + b"\n 2 2 255\n" + bytes(12), "too much before its pixels"),
    "comments without end": (lambda: picture("GIF").data[:13] + b"\x21\xfe\1a\0" * 100_000 + b";", "too much before its pixels"),
    "strips without end": (lambda: tiff_of_strips(2_000_000), "too much before its pixels"),
    "passes without end": (lambda: scans(2_000, 1_000), "too many passes"),
    "a text that unpacks to 60 MB": (text_bomb, "damaged"),
    "a long line": (lambda: png(MAX_LONG_SIDE + 1, 1, depth=1), "a side may have"),
    "a negative size": (lambda: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, -5, 5, 1, 24, 0, 0, 0, 0, 0, 0), "."),
    "no white": (lambda: b"P5 3 3 0\n000000000", "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_sentence(name: str) -> None:
    make, says = HOSTILE[name]
    file = make()
    with pytest.raises(InputError, match=says):
        load_image(getattr(file, "data", file))


def test_text_that_takes_long_to_read_as_numbers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwr.pictures.loading.MAX_SECONDS", 0.2)
    with pytest.raises(InputError, match="to decode"):
        load_image(b"P2 4000 4000 255\n" + b"0 " * 16_000_000)


@pytest.mark.parametrize("compression", ["raw", "jpeg", "tiff_lzw"])
def test_ordinary_files_are_read_whole(compression: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (900, 700), dtype=np.uint8))
    for file in (picture("TIFF", noise, compression=compression), picture("JPEG", noise, progressive=True), picture(image=noise)):
        assert load_image(file.data).size == (700, 900)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_ink_stands_out_whatever_is_transparent(mode: str) -> None:
    ink = np.asarray(stroke()) < 128
    for ink_level, paper in ((0, 255), (255, 0)):
        pixels = np.zeros((*ink.shape, 4), np.uint8)
        pixels[ink] = (ink_level, ink_level, ink_level, 255)  # on nothing
        holed = np.full((*ink.shape, 4), paper, np.uint8)
        holed[ink] = (ink_level, ink_level, ink_level, 255)
        holed[:, :, 3] = 255
        holed[:5, :5, 3] = 0  # a corner is missing
        for drawn in (pixels, holed):
            found = grey(Image.fromarray(drawn).convert("RGBA" if mode == "PA" else mode)).astype(int)
            assert np.abs(found[ink] - ink_level).max() < 3
            assert np.abs(found[~ink] - paper).max() < 3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("see", [grey, colours_of])
def test_numbers_that_are_not_finite_are_refused(see: Any, value: float) -> None:
    pixels = np.ones((20, 20), np.float32)
    pixels[3, 3] = value
    with pytest.raises(InputError, match="not finite"):
        see(Image.fromarray(pixels))


def valid(kind: str, mode: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    stroke((17, 23)).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


VALID = [
    valid("PNG", "L"),
    valid("PNG", "RGBA"),
    valid("PNG", "P", bits=4),
    valid("PNG", "1"),
    valid("JPEG", "L"),
    valid("JPEG", "CMYK", progressive=True),
    valid("GIF", "P"),
    valid("BMP", "L"),
    valid("BMP", "RGB"),
    valid("TIFF", "L"),
    valid("TIFF", "RGB", compression="tiff_lzw"),
    valid("TIFF", "L", compression="jpeg"),
    valid("TIFF", "F"),
    valid("TIFF", "I;16"),
    valid("TIFF", "1", compression="group4"),
    valid("WEBP", "RGB"),
    valid("WEBP", "RGBA", lossless=True),
    valid("PPM", "L"),
    valid("PPM", "RGB"),
]
CHANGES = st.lists(
    st.tuples(st.integers(0, 5_000), st.sampled_from([0, 1, 2, 3, 4, 127, 128, 255]) | st.integers(0, 255)), min_size=1, max_size=8
)


@given(st.sampled_from(VALID), CHANGES, st.integers(0, 5_000))
@example(VALID[0], [(20, 255)], 0)
def test_whatever_the_bytes_an_image_is_read_or_refused(original: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(original)
    for at, value in changes:
        data[at % len(data)] = value
    if cut % 4 == 0:
        data = data[: cut % len(data)]
    try:
        image = load_image(bytes(data))
        seen, colours = grey(image), colours_of(image)
    except InputError:
        return
    assert seen.dtype == np.uint8
    assert seen.ndim == 2
    assert np.isfinite(colours).all()
    assert 0 <= colours.min() <= colours.max() <= 1
