"""Sampling strokes step by step."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwr.data.hands import PenSample
from hwr.ink.moves import DEPART, RETURN, strokes_of
from hwr.models.pen_lstm import PenLSTM
from hwr.models.pen_sampler import Sampler
from hwr.predictors.pen import PenWriter
from hwr.training.recipes.pen import collate


@pytest.fixture(scope="module")
def network(pen: PenWriter) -> PenLSTM:
    return pen.network


def test_the_sampler_does_what_the_network_says(network: PenLSTM, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    components = network.components
    monkeypatch.setattr(network, "components", lambda parameters: (seen.append(parameters.clone()), components(parameters))[1])
    style = torch.randn((2, network.style_size), generator=torch.Generator().manual_seed(0))
    (drawn,) = Sampler(network).draw(["Heyo."], style[:1], neatness=0.0, seeds=[[5]])
    monkeypatch.undo()
    assert {DEPART, RETURN} <= set(drawn.path.kinds.tolist()), "the seed should show excursions"
    batch = collate([[[PenSample("Heyo.", drawn.path, drawn.letters, "")]]])
    with torch.inference_mode():
        expected, _ = network(batch.letters, batch.before, batch.kinds, style[:1])
    torch.testing.assert_close(torch.cat(seen), expected[0], atol=1e-4, rtol=1e-4)
    first, _ = Sampler(network).draw(["Heyo.", "a"], style, neatness=0.0, seeds=[[5], [6]])
    np.testing.assert_allclose(first.path.points, drawn.path.points, atol=1e-4, err_msg="others in the batch have no influence")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text("".join(map(chr, range(33, 127))), min_size=1, max_size=20), min_size=1, max_size=5), st.integers(0, 1000))
def test_each_letter_is_written_once_in_order(network: PenLSTM, texts: list[str], seed: int) -> None:
    styles = torch.zeros((len(texts), network.style_size))
    for text, drawn in zip(
        texts, Sampler(network).draw(texts, styles, neatness=0.0, seeds=[[seed, n] for n in range(len(texts))]), strict=True
    ):
        assert [key for key, _ in itertools.groupby(drawn.letters.tolist())] == list(range(len(text)))
        assert np.isfinite(drawn.path.points).all()
        assert sum(map(len, strokes_of(drawn.path)[0])) == len(drawn.path)


def test_each_letter_has_a_style_of_its_own(network: PenLSTM) -> None:
    """Numbers of one letter change how that letter is written, and nothing before it."""
    style = torch.zeros((1, network.style_size))
    other = style.clone()
    start = network.hand_size + network.shape_size * network.charset.index("b")
    other[0, start : start + network.shape_size] = 3.0
    (plain,), (changed,) = (Sampler(network).draw(["abc"], each, neatness=0.0, seeds=[[1]]) for each in (style, other))
    before = int((plain.letters < 1).sum())
    np.testing.assert_array_equal(plain.path.points[:before], changed.path.points[:before])
    assert not np.allclose(plain.path.points[before], changed.path.points[before], atol=1e-3)
    (same,) = Sampler(network).draw(["ac"], other, neatness=0.0, seeds=[[1]])
    (without,) = Sampler(network).draw(["ac"], style, neatness=0.0, seeds=[[1]])
    np.testing.assert_array_equal(same.path.points, without.path.points)
