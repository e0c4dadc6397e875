"""``hwr write``."""

from pathlib import Path

import numpy as np
import pytest
from app_server import pixel_writer as writer
from PIL import Image
from seeing import pixels

from hwr import cli
from hwr.hub.finding import beside_package
from hwr.ink.files import load_strokes


@pytest.mark.skipif(beside_package("weights/pen-best") is None, reason="no weights")
def test_the_pen_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["write", "pen", "over the hills", "-o", str(tmp_path / "a.svg"), "--style", "3", "--single-line"]) == 0
    assert "a.svg" in capsys.readouterr().out
    assert len(load_strokes(tmp_path / "a.svg")) >= 3
    assert cli.main(["write", "pen", "over", "-o", str(tmp_path / "b.svg"), "--pressure", "0.5"]) == 0
    assert "stroke-width" not in (tmp_path / "b.svg").read_text()
    assert cli.main(["write", "pen", "a", "-o", str(tmp_path / "no" / "a.svg")]) == 2


def test_the_command_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "a.png"
    assert cli.main(["write", "pixels", "Hi –", "-o", str(path), "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(path)
    assert "seed 3" in err
    assert "it became -" in err
    assert np.array_equal(pixels(Image.open(path)), pixels(writer().write("Hi –", seed=3).image))
    text = tmp_path / "text.txt"
    text.write_text("Hi –", encoding="utf-8")
    assert cli.main(["write", "pixels", "--file", str(text), "-o", str(tmp_path / "b.png"), "--seed", "3"]) == 0
    assert path.read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("arguments", [[], ["a", "--file", "b"], ["--file", "none.txt"], ["a", "--style-image", "none.png"]])
def test_a_wrong_command_is_a_sentence(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["write", "pixels", *arguments, "-o", str(tmp_path / "a.png")]) == 2
    assert capsys.readouterr().err.startswith("hwr: ")
    assert not (tmp_path / "a.png").exists()
