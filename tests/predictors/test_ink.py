"""Reading ink."""

import json

import numpy as np
import pytest

from hwr.hub.finding import beside_package
from hwr.ink.moves import unit_of
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import PenWriter


def test_small_letters_are_measured_by_what_is_read() -> None:
    """Capitals alone are not taken for tall small letters, whatever the unit."""
    reader = InkReader.from_pretrained()
    pen = PenWriter.from_pretrained()
    small, capitals = (pen.write(text, verify=False).strokes for text in ("seven more rooms", "SEVEN MORE ROOMS"))
    heights = [reader.core_height(strokes) for strokes in (small, capitals)]
    assert heights[1] / heights[0] < 0.9 * unit_of(capitals) / unit_of(small)
    assert reader.core_height([stroke * 37 for stroke in small]) == pytest.approx(37 * heights[0], rel=0.05)


@pytest.mark.skipif(beside_package("weights/ink-best") is None, reason="no weights")
def test_the_shipped_reader_reads_ink_of_any_size() -> None:
    reader = InkReader.from_pretrained()
    angles = np.linspace(-0.5, 6.0, 30)
    ring = np.stack([np.cos(angles), np.sin(angles)], 1)
    strokes = [ring * 50, np.array([[90, -150], [90, 50]]), np.array([[60, -50], [125, -52]])]
    results = reader.read_batch([strokes, [stroke * 0.03 for stroke in strokes], "nonsense", []])
    assert results[0].text == results[1].text != ""
    assert results[2].error
    assert results[3].error
    line = results[0].lines[0]
    assert 0 <= line.confidence <= 1
    assert all(line.box[0] - 1 <= character.x0 <= character.x1 <= line.box[2] + 1 for character in line.characters)
    json.dumps(results[0].export())
