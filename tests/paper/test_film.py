"""Animations frame by frame: the encoder sees every picture, and only one of them is there at a time."""

import io
import weakref
from collections.abc import Iterator

import pytest
from PIL import Image

from hwr.paper.film import Film, fitting, save_film

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (250, 250, 250)]


def frames() -> Iterator[Image.Image]:
    drawn: list[weakref.ref[Image.Image]] = []
    for colour in COLOURS:
        picture = Image.new("RGB", (40, 30), colour)
        drawn.append(weakref.ref(picture))
        assert sum(each() is not None for each in drawn) <= 2
        yield picture


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_all_pictures_are_in_the_file_in_their_order(kind: str):
    buffer = io.BytesIO()
    save_film(buffer, kind, frames(), [50, 50, 50, 900])
    with Image.open(buffer) as movie:
        assert movie.n_frames == len(COLOURS)
        for number, colour in enumerate(COLOURS):
            movie.seek(number)
            seen = movie.convert("RGB").getpixel((20, 15))
            assert max(abs(one - other) for one, other in zip(seen, colour, strict=True)) < 8


def test_a_film_can_be_gone_through_once():
    film = Film(frames(), len(COLOURS))
    assert film.getpixel((0, 0)) == COLOURS[0]
    film.seek(2)
    assert (film.tell(), film.getpixel((0, 0))) == (2, COLOURS[2])
    with pytest.raises(EOFError):
        film.seek(len(COLOURS))


@pytest.mark.parametrize("size", [(100, 100), (900, 40_000), (4000, 11_000), (1, 10**9)])
def test_the_scale_fits(size: tuple[int, int]):
    scale = fitting(size, 2.0, 1e6)
    assert 0 < scale <= 2
    assert size[0] * size[1] * scale**2 <= 1e6 * (1 + 1e-9)
    assert scale == 2 or size[0] * size[1] * scale**2 == pytest.approx(1e6)
