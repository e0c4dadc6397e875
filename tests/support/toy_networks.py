"""Toy networks that are trained in no time."""

import torch
from torch import nn


class ToyRegression(nn.Module):
    """A line with dropout, so that the random state matters, and with batch normalisation, so that buffers do."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))

    def loss(self, batch):
        loss = (self.layers(batch[0]) - batch[1]).square().mean()
        return loss, {"square": loss.detach()}


def regression_batch(step: int):
    inputs = torch.randn(32, 3, generator=torch.Generator().manual_seed(step))
    return inputs, inputs[:, :1] * 2 - inputs[:, 1:2]


def regression_score(network: nn.Module):
    inputs, targets = regression_batch(10**6)
    error = float((network.layers(inputs) - targets).square().mean())
    return -error, {"validation_loss": error}
