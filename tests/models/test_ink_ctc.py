"""The network that reads strokes."""

import numpy as np
import torch

from hwr.models.ink_ctc import InkBatch, InkCTC, padded


def test_padding_has_no_influence_on_reading() -> None:
    torch.manual_seed(0)
    reader = InkCTC(hidden_size=8).eval()
    rng = np.random.default_rng(0)
    samples = [rng.normal(size=(length, 8)).astype(np.float32) for length in (5, 30, 17)]
    for alone, together in zip([reader.emissions([sample])[0] for sample in samples], reader.emissions(samples), strict=True):
        np.testing.assert_allclose(alone, together, atol=1e-5)
    moves, counts = padded(samples)
    batch = InkBatch(moves, counts, torch.tensor([34, 66, 66]), torch.tensor([1, 1, 1]), torch.tensor([True, True, False]))
    assert torch.isfinite(reader.loss(batch)[0])
