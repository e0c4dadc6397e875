"""A written text as pictures, animations and documents."""

import io
import json
import re
import shutil
import subprocess
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from ink_drawn import written_page
from PIL import Image

from hwr import InputError
from hwr.ink.files import load_strokes, to_inkml
from hwr.paper import written_ink
from hwr.predictors.pen import PenWriter


def test_a_moving_pen_never_changes_what_is_written() -> None:
    """However much of a stroke is drawn, its beginning stays as it is."""
    page = written_page([np.linspace((100, 30), (100, 170), 30, dtype=np.float32)], pressure=1.0)
    half, whole = (page._inked(page._sheet(1), slice(None), 1, share=share)[:95, :, 0] for share in (0.5, 1.0))
    np.testing.assert_array_equal(half, whole)


def test_documents_carry_the_time_of_a_hand(pen: PenWriter) -> None:
    page = pen.write("Hi you", verify=False)
    points = [point for stroke in json.loads(page.to_json())["strokes"] for point in stroke]
    assert all(later[2] > before[2] for before, later in pairwise(points))
    assert points[-1][2] == pytest.approx(1000 * page.times[-1][-1], abs=0.06)
    assert page.to_inkml().count("<channel") == 3
    for document in (page.to_json(), page.to_inkml()):
        for stroke, read in zip(page.strokes, load_strokes(document.encode()), strict=True):
            np.testing.assert_allclose(stroke, read, atol=0.006)


def test_the_pen_of_an_animated_svg_slows_down_at_corners() -> None:
    corner = np.concatenate([np.linspace((50, 40), (50, 140), 11), np.linspace((50, 140), (150, 140), 11)[1:]]).astype(np.float32)
    page = written_page([corner, np.array([[200, 50]], np.float32)])
    animated = page.to_animated_svg(speed=2)
    (easing,) = re.findall(r"linear\(([^)]*)\)", animated)
    shares = np.array([float(share) for share in easing.split(",")])
    steps = np.diff(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert (steps > 0).all()
    assert steps[np.searchsorted(shares, 0.5) - 1] < 0.8 * steps[0]
    delays, durations = (re.findall(rf"animation-{name}:([0-9.]+)s", animated) for name in ("delay", "duration"))
    assert float(delays[1]) == pytest.approx(page.times[1][0] / 2, abs=0.001)
    assert float(durations[0]) == pytest.approx(page.times[0][-1] / 2, abs=0.001)
    with pytest.raises(InputError, match="above 0"):
        page.to_animated_svg(speed=0)


@pytest.mark.skipif(shutil.which("inkscape") is None, reason="wants Inkscape")
@pytest.mark.parametrize("pressure", [0.0, 0.8])
def test_inkscape_sees_what_the_picture_shows(pen: PenWriter, tmp_path, pressure: float) -> None:
    page = pen.write("Hi you", verify=False, size=40, width=500, pressure=pressure)
    page.save(tmp_path / "a.svg")
    subprocess.run(["inkscape", "a.svg", "-o", "a.png"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    with Image.open(tmp_path / "a.png") as picture:
        seen = np.asarray(picture.convert("L"), float)
    ours = np.asarray(page.to_image().convert("L"), float)
    assert seen.shape == ours.shape
    assert np.corrcoef(seen.ravel(), ours.ravel())[0, 1] > 0.9
    assert (255 - seen).sum() == pytest.approx((255 - ours).sum(), rel=0.1)


def test_text_in_files_is_escaped(pen: PenWriter) -> None:
    text = "a</title><script>alert(1)</script>\x07&"
    ink = pen.write(text, verify=False)
    for document in (ink.to_svg(), ink.to_animated_svg(), ink.to_inkml()):
        assert "<script" not in document
        ElementTree.fromstring(document)
    assert ink.to_svg().count("<path") == len(ink.strokes)
    assert "rect" not in ink.to_svg(single_line=True)
    assert ElementTree.fromstring(to_inkml(ink.strokes, "\x00")).tag.endswith("ink")


def test_pictures_and_animations_show_the_ink(pen: PenWriter) -> None:
    ink = pen.write("Hi", verify=False, width=300, paper_color="#fffff0")
    picture = np.asarray(ink.to_image(scale=2))
    assert picture.shape == (2 * ink.size[1], 600, 3)
    assert tuple(picture[0, 0]) == (255, 255, 240)
    assert (picture.sum(2) < 300).any()
    for kind in ("gif", "webp"):
        animation = Image.open(io.BytesIO(ink.to_animation(kind)))
        assert animation.n_frames > 5
        animation.seek(0)
        first = (np.asarray(animation.convert("L")) < 128).sum()
        animation.seek(animation.n_frames - 1)
        assert (np.asarray(animation.convert("L")) < 128).sum() > first
    with pytest.raises(InputError):
        ink.to_image(scale=1000)
    with pytest.raises(InputError):
        ink.to_animation("mp4")
    with pytest.raises(InputError):
        ink.save("/no/such/folder/a.svg")


@pytest.mark.parametrize("format", ["webp", "gif"])
def test_the_animation_of_a_very_long_page_is_small_and_ends_with_the_page(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_ink, "MOST_PIXELS", 2_000_000)
    strokes = [np.array([[20, y], [280, y]], np.float32) for y in range(50, 60_000, 600)]
    page = written_page(strokes, size=(300, 60_000), ink_color="#ff0000")
    with Image.open(io.BytesIO(page.to_animation(format))) as movie:
        assert movie.n_frames * movie.width * movie.height <= 1.1 * 2_000_000
        movie.seek(movie.n_frames - 1)
        last = np.asarray(movie.convert("RGB"), float)
    whole = np.asarray(page.to_image(scale=last.shape[0] / page.size[1]), float)
    assert abs(last - whole[: len(last)]).mean() < 3


def test_a_picture_of_a_very_long_page_is_saved_at_a_scale_that_fits(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_ink, "SAVED_PIXELS", 1_000_000)
    page = written_page([np.array([[20, 50], [280, 59_000]], np.float32)], size=(300, 60_000))
    page.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width * picture.height <= 1_010_000
        assert picture.width / picture.height == pytest.approx(300 / 60_000, rel=0.05)
    with pytest.raises(InputError, match="another scale"):
        page.to_image(scale=2.1)
