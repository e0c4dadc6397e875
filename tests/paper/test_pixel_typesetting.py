"""Glyphs of pixels on pages."""

from pathlib import Path

import numpy as np
from app_server import pixel_writer as writer
from PIL import Image
from seeing import pixels

from hwr.paper.pixel_typesetting import _enlarged


def test_lines_wrap_paragraphs_stay_and_pages_follow(tmp_path: Path):
    short = writer().write("one\n\ntwo", verify=False, size=12)
    assert short.image.height > 3 * 3 * 12
    long = writer().write("words and words and words " * 40, verify=False, size=12, width=400)
    assert len(long.pages) > 1
    assert all(page.width <= 400 for page in long.pages)
    border = np.concatenate([pixels(page)[:, :4].ravel() for page in long.pages] + [pixels(page)[:, -4:].ravel() for page in long.pages])
    assert (border == 255).all()
    assert [path.name for path in long.save(tmp_path / "a.png")][:2] == ["a.png", "a-2.png"]
    assert all(Image.open(path).size == page.size for path, page in zip(long.save(tmp_path / "a.png"), long.pages, strict=True))
    assert len(long.save(tmp_path / "a.pdf")) == 1


def test_paper_and_colours():
    written = writer().write("ink", verify=False, ink_color="rgb(200,0,0)", paper_color="#102030", paper="grid")
    found = {tuple(pixel) for pixel in pixels(written.image).reshape(-1, 3).tolist()}
    assert (200, 0, 0) in found
    assert (16, 32, 48) in found
    plain = writer().write("ink", verify=False)
    ruled = writer().write("ink", verify=False, paper="ruled")
    assert len({tuple(pixel) for pixel in pixels(ruled.image)[:, 2].tolist()}) > 1
    assert (pixels(plain.image)[:, 2] == 255).all()


def test_strokes_are_as_wide_as_asked_whatever_the_size():
    glyph = writer().sample("l", n=1, seed=1)[0]
    areas = [(_enlarged(glyph, 200, pen) > 127).sum() for pen in (5, 60)]
    assert areas[1] > 1.1 * areas[0]
    assert _enlarged(np.zeros((28, 28), np.uint8), 30, 3).max() == 0
