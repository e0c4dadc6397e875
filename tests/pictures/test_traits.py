"""Slant and width of strokes."""

import numpy as np
import pytest

from hwr.pictures.traits import slant, stroke_width


@pytest.mark.parametrize("lean", [-0.5, 0.0, 0.4])
@pytest.mark.parametrize("width", [9, 15])
def test_traits_of_a_stroke(lean: float, width: int):
    import cv2

    picture = np.zeros((200, 200), np.uint8)
    x = 60 * lean
    cv2.line(picture, (round(100 - x), 160), (round(100 + x), 40), 255, width, cv2.LINE_AA)
    assert slant(picture[None])[0] == pytest.approx(lean, abs=0.03)
    assert stroke_width(picture[None])[0] == pytest.approx(width + 1, rel=0.15)  # the edges are smooth
    assert stroke_width(picture[None] / 255.0)[0] == pytest.approx(stroke_width(picture[None])[0])


def test_nothing_has_no_traits():
    empty = np.zeros((2, 28, 28), np.uint8)
    assert slant(empty).tolist() == [0, 0]
    assert stroke_width(empty).tolist() == [0, 0]
