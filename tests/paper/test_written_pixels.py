"""A text of pixels as files."""

from pathlib import Path

import numpy as np
import pytest
from app_server import pixel_writer as writer
from PIL import Image
from seeing import pixels

from hwr import InputError


def test_the_animation_ends_with_the_page(tmp_path: Path):
    written = writer().write("row by row", verify=False)
    for name in ("a.webp", "a.gif"):
        with Image.open(written.animation(tmp_path / name, max_width=4000)) as movie:
            assert movie.n_frames == 29
            movie.seek(0)
            assert (pixels(movie) > 250).all()
            movie.seek(28)
            assert np.abs(pixels(movie).astype(int) - pixels(written.image)).mean() < 4


def test_a_place_that_can_not_be_written_to_is_a_sentence(tmp_path: Path):
    written = writer().write("a", verify=False)
    for path in (tmp_path / "none" / "a.png", tmp_path / "a.xyz", tmp_path):
        with pytest.raises(InputError, match="can't be written"):
            written.save(path)
