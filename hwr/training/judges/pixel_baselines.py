"""What a network that draws characters has to beat: pixels drawn independently, and a small variational autoencoder without recurrence."""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import CLASSES
from hwr.models.pixel_lstm import LEVELS, PixelBatch
from hwr.pictures.character import SIZE

SMOOTHING = 0.5
"""Pseudo-count of every grey level, of the distribution over pixels."""


class Categorical:
    """One distribution over 16 grey levels for each class and pixel, all pixels independent.

    Args:
        images: uint8 (N, 28, 28) to count.
        labels: int64 (N,).
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        counts = np.full((len(CLASSES), SIZE * SIZE, LEVELS), SMOOTHING)
        pixels = np.arange(SIZE * SIZE)
        for label in range(len(CLASSES)):
            for image in (images[labels == label] >> 4).reshape(-1, SIZE * SIZE):
                counts[label, pixels, image] += 1
        self.probabilities = counts / counts.sum(2, keepdims=True)

    def bits_per_dim(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Exact."""
        levels = (images >> 4).reshape(len(images), -1, 1)
        cost = [
            -np.log2(np.take_along_axis(self.probabilities[label], level, 1)).mean() for label, level in zip(labels, levels, strict=True)
        ]
        return float(np.mean(cost))

    def sample(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Uint8 (N, 28, 28)."""
        cumulated = self.probabilities.cumsum(2)
        drawn = [(rng.random((SIZE * SIZE, 1)) > cumulated[label]).sum(1).clip(max=LEVELS - 1) for label in labels]
        return (17 * np.stack(drawn)).astype(np.uint8).reshape(-1, SIZE, SIZE)


class ConditionalVAE(nn.Module):
    """A conditional variational autoencoder as in tutorials (Kingma and Welling 2014, arXiv:1312.6114): one hidden layer of 400 units on
    either side, 20 latent numbers, all pixels independent given them; 16 grey levels instead of ink or none.

    Args:
        hidden_size: units of each hidden layer.
        latent_size: numbers in a latent vector.
    """

    def __init__(self, hidden_size: int = 400, latent_size: int = 20) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.encoder = nn.Sequential(nn.Linear(SIZE * SIZE + len(CLASSES), hidden_size), nn.ReLU(), nn.Linear(hidden_size, 2 * latent_size))
        self.decoder = nn.Sequential(
            nn.Linear(latent_size + len(CLASSES), hidden_size), nn.ReLU(), nn.Linear(hidden_size, SIZE * SIZE * LEVELS)
        )

    def bound(self, images: Tensor, labels: Tensor) -> Tensor:
        """Upper bound on the negative log-likelihood of each image in nats, (B,); one draw of the latent vector."""
        known = F.one_hot(labels, len(CLASSES)).float()
        mean, deviation = self.encoder(torch.cat([images.flatten(1).float() / 255, known], 1)).float().chunk(2, 1)
        latent = mean + deviation.exp() * torch.randn_like(mean)
        divergence = 0.5 * (mean.square() + (2 * deviation).exp() - 1) - deviation
        logits = self.decoder(torch.cat([latent, known], 1)).float().view(-1, LEVELS)
        pixels = F.cross_entropy(logits, (images >> 4).long().flatten(), reduction="none").view(len(images), -1)
        return pixels.sum(1) + divergence.sum(1)

    def loss(self, batch: PixelBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """The bound in bits per dimension."""
        bits = self.bound(batch.images, batch.labels).mean() / (SIZE * SIZE * math.log(2))
        return bits, {"bits_per_dim": bits.detach()}

    def bits_per_dim(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Upper bound."""
        with torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            pairs = zip(torch.from_numpy(images).split(512), torch.from_numpy(labels).split(512), strict=True)
            return float(torch.cat([self.bound(*pair) for pair in pairs]).mean()) / (SIZE * SIZE * math.log(2))

    def sample(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Uint8 (N, 28, 28)."""
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        parts = []
        with torch.inference_mode():
            for part in torch.from_numpy(labels).split(512):
                latent = torch.randn(len(part), self.latent_size, generator=generator)
                logits = self.decoder(torch.cat([latent, F.one_hot(part, len(CLASSES)).float()], 1)).view(-1, LEVELS)
                parts.append(torch.multinomial(logits.softmax(1), 1, generator=generator).view(-1, SIZE, SIZE))
        return (17 * torch.cat(parts)).to(torch.uint8).numpy()
