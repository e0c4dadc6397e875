"""What drawn characters are compared with."""

import math

import numpy as np
import pytest
import torch
from glyphs import glyphs

from hwr.models.pixel_lstm import LEVELS
from hwr.training.judges.pixel_baselines import Categorical, ConditionalVAE


def test_independent_pixels_cost_what_their_distribution_says():
    images, labels = glyphs(3)
    baseline = Categorical(images, labels)
    np.testing.assert_allclose(baseline.probabilities.sum(2), 1)
    cost = 0.0
    for image, label in zip(images[:20] >> 4, labels[:20], strict=True):
        cost += sum(-math.log2(baseline.probabilities[label, pixel, level]) for pixel, level in enumerate(image.ravel()))
    assert baseline.bits_per_dim(images[:20], labels[:20]) == pytest.approx(cost / (20 * 784))
    drawn = baseline.sample(np.repeat(labels[:1], 300), np.random.default_rng(0)).astype(float).mean(0)
    expected = (baseline.probabilities[labels[0]] * 17 * np.arange(LEVELS)).sum(1).reshape(28, 28)
    assert np.abs(drawn - expected).max() < 40


def test_the_vae_draws_and_is_bounded():
    torch.manual_seed(0)
    vae = ConditionalVAE(hidden_size=16, latent_size=2)
    images, labels = glyphs(1)
    assert vae.bits_per_dim(images, labels) == pytest.approx(4, abs=0.2)  # untrained: 16 levels, all alike
    drawn = vae.sample(labels, np.random.default_rng(0))
    assert drawn.shape == images.shape
    assert drawn.dtype == np.uint8
    assert np.array_equal(drawn, vae.sample(labels, np.random.default_rng(0)))
