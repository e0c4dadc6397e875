"""Ink in files: our own, foreign ones, broken ones; and the curves that are stored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hwr import InputError
from hwr.ink.files import curves, load_strokes, smoothed
from hwr.predictors.pen import PenWriter


def test_ink_survives_each_kind_of_file(pen: PenWriter, tmp_path) -> None:
    ink = pen.write("Hello <b>", verify=False)
    for kind in ("json", "inkml"):
        again = load_strokes(ink.save(tmp_path / f"a.{kind}"))
        assert len(again) == len(ink.strokes)
        for one, other in zip(again, ink.strokes, strict=True):
            np.testing.assert_allclose(one, other, atol=0.011)
    from_svg = load_strokes(ink.to_svg(single_line=True).encode())
    assert len(from_svg) == len(ink.strokes)
    np.testing.assert_allclose([stroke[0] for stroke in from_svg], [stroke[0] for stroke in ink.strokes], atol=0.02)
    assert pen.encode(tmp_path / "a.inkml").shape == (pen.style_size,)


def test_paths_of_foreign_svg_files_are_found() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g transform="translate(100 0)"><path d="M0 0 q 10 10 20 0 t 20 0 M 50 0 h 10 v 10"/></g>'
        '<polyline points="0,0 5,5 10,0"/></svg>'
    )
    strokes = load_strokes(svg.encode())
    assert len(strokes) == 3
    assert max(float(stroke[:, 0].max()) for stroke in strokes) == pytest.approx(160)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<",
        b"{}",
        b"[[[1, 2], [3]]]",
        b"<html/>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><path d="nonsense"/></svg>',
        b"<ink><trace>1 2, '3 4</trace></ink>",
        b"<ink><trace>nan nan</trace></ink>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><title>&b;</title></svg>',
        b"\x89PNG\r\n",
        b"[" * 100_000,
    ],
)
def test_broken_files_get_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError):
        load_strokes(data)


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1000, 1000, width=32)))
def test_curves_pass_all_points_and_stay_near(stroke: np.ndarray) -> None:
    pieces = curves(stroke)
    assert pieces.shape == (len(stroke) - 1, 4, 2)
    np.testing.assert_allclose(pieces[:, 0], stroke[:-1])
    np.testing.assert_allclose(pieces[:, 3], stroke[1:])
    path = smoothed(stroke, 5.0)
    assert np.isfinite(path).all()
    reach = np.ptp(stroke, axis=0).max()
    assert (path >= stroke.min(0) - 0.6 * reach - 1).all()
    assert (path <= stroke.max(0) + 0.6 * reach + 1).all()
