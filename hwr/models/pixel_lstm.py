"""The network that draws a character: 28 steps of 28 pixels, each row from the rows before it, each pixel from those left of it.

The reader's view turned round. A style vector, encoded from a picture by an LSTM or drawn from a standard normal distribution (conditional
variational autoencoder: Kingma and Welling 2014, arXiv:1312.6114; Sohn et al. 2015), and the character wanted go to a *planner*, a
bidirectional LSTM over the 28 rows that sketches the whole shape. A *row LSTM* then reads the rows drawn so far beside the plan, and a
*pixel LSTM* draws the next row from left to right, two pixels a step, as a distribution over 16 grey levels (PixelRNN: van den Oord et al.
2016, arXiv:1601.06759).

An autoregressive decoder this strong would do without the style vector. The planner's sketch therefore has a loss of its own, so that the
vector must hold the shape (auxiliary guidance: Lucas and Verbeek 2018, arXiv:1711.11479), and two of its numbers are tied to what hands
differ in most, slant and stroke width, so that one vector means the same for every character.
"""

import math
from typing import Annotated, NamedTuple

import torch
from pydantic import AfterValidator, Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import CHARACTERS
from hwr.hub.loading import StrictHubMixin
from hwr.models.config import Dropout, HeldOut, Layers, Names, Units, checked, distinct
from hwr.pictures.character import SIZE
from hwr.system import deadline

LEVELS = 16
"""Grey levels that pixels are drawn in."""
PAIRS = SIZE // 2
_PLAN = 4
"""Numbers that the planner says of each pixel, the first being how inked it is."""
_PLAN_WEIGHT = 0.5
"""Of the sketch's loss, which keeps the style vector in use."""
_FREE_NATS = 15.0
"""What the style vector may say of a picture, on average over a batch, at no cost (Kingma et al. 2016, arXiv:1606.04934)."""
_TRAITS_WEIGHT = 4.0
"""Of the squared error in the style vector's slant and stroke width: that of a normal distribution of standard deviation 0.35."""


class PixelBatch(NamedTuple):
    """What :meth:`PixelLSTM.loss` learns from."""

    images: Tensor  # (B, 28, 28) uint8, ink 255 on 0
    characters: Tensor  # (B, 2) int64, indices into the charset: twice the same, or the two cases where it is not known which
    traits: Tensor  # (B, 2) float32: slant and stroke width, in standard deviations from the mean of the class
    labels: Tensor  # (B,) int64, of the 47 classes


class Likelihood(NamedTuple):
    """What a picture costs, in nats, (B,) each: their sum bounds the negative log-likelihood from above."""

    pixels: Tensor
    style: Tensor


class PixelLSTM(
    nn.Module,
    StrictHubMixin,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="unconditional-image-generation",
    tags=["handwriting-generation", "lstm", "emnist", "autoregressive"],
):
    """Draws 28x28 characters row by row.

    Args:
        charset: the characters that it draws.
        style_size: numbers in a style vector, 2 to 256; the first two are slant and stroke width.
        hidden_size: hidden units of the row LSTM, 1 to 1024.
        plan_hidden_size: of the planner, each direction.
        encoder_hidden_size: of the style encoder, each direction.
        pixel_hidden_size: of the pixel LSTM.
        num_layers: layers of planner and row LSTM, 1 to 4.
        dropout: probability, between the layers and before the outputs.
        temperature: default of :meth:`sample`.
        style_spread: standard deviation of the styles to sample in. Of the prior's 1, which the pictures' styles have as a whole, much is
            what no hand would do in this character.
        trained_on: keys of the data that it has learnt.
        validation_per_class: scanned characters of each class that were kept from training for validation; None where not known.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    traits: Tensor

    @checked
    def __init__(
        self,
        *,
        charset: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(distinct)] = CHARACTERS,
        style_size: Annotated[int, Field(ge=2, le=256)] = 32,
        hidden_size: Units = 192,
        plan_hidden_size: Units = 96,
        encoder_hidden_size: Units = 96,
        pixel_hidden_size: Units = 96,
        num_layers: Layers = 2,
        dropout: Dropout = 0.1,
        temperature: Annotated[float, Field(ge=0.05, le=5)] = 1.0,
        style_spread: Annotated[float, Field(ge=0, le=2)] = 0.7,
        trained_on: Names | None = None,
        validation_per_class: HeldOut | None = None,
    ) -> None:
        super().__init__()
        self.charset = charset
        self.style_size = style_size
        self.temperature = float(temperature)
        self.style_spread = float(style_spread)
        self.trained_on = trained_on or []
        self.validation_per_class = validation_per_class

        between = dropout if num_layers > 1 else 0.0
        known = 48
        self.characters = nn.Embedding(len(charset), known)
        self.rows = nn.Parameter(nn.init.normal_(torch.empty(SIZE, 16), std=0.1))
        self.encoder = nn.LSTM(SIZE + known, encoder_hidden_size, batch_first=True, bidirectional=True)
        self.posterior = nn.Linear(2 * encoder_hidden_size, 2 * style_size)
        self.planner = nn.LSTM(known + style_size + 16, plan_hidden_size, num_layers, batch_first=True, dropout=between, bidirectional=True)
        self.plan = nn.Linear(2 * plan_hidden_size, SIZE * _PLAN)
        self.row = nn.LSTM(SIZE * (1 + _PLAN) + known + style_size, hidden_size, num_layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        seen = 16
        self.columns = nn.Linear(hidden_size, PAIRS * seen)
        # The two pixels to the left, eight and six of the two rows above, the plan of six.
        self.pixel = nn.LSTM(2 + 8 + 6 + 6 * _PLAN + seen, pixel_hidden_size, batch_first=True)
        self.left = nn.Linear(pixel_hidden_size, LEVELS)
        self.right = nn.Sequential(nn.Linear(pixel_hidden_size + LEVELS, 64), nn.ReLU(), nn.Linear(64, LEVELS))
        # Of each character's training pictures: mean and standard deviation of slant, then of stroke width.
        self.register_buffer("traits", torch.tensor([[0.0, 1.0, 2.5, 0.5]] * len(charset)))

    def forward(self, images: Tensor, characters: Tensor, style: Tensor) -> Tensor:
        """Logits (B, 28, 28, 16) of the grey levels of each pixel, given all pixels above it and left of it.

        Args:
            images: uint8 (B, 28, 28), ink 255 on 0.
            characters: int64 (B, 2), see :class:`PixelBatch`.
            style: float (B, style_size).
        """
        return self._logits(images, self._condition(characters, style))[0]

    def _logits(self, images: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, 28, 28, 16), and the planner's sketch as logits (B, 28, 28)."""
        levels = (images >> 4).long()
        ink = levels.float() / (LEVELS - 1)  # (B, R, C)
        plan = self._plan(condition)  # (B, R, C, 4)
        above = F.pad(ink, (0, 0, 1, 0))[:, :-1]
        row = self._row(above, plan, condition)[0]
        around = self._around(above, F.pad(ink, (0, 0, 2, 0))[:, :-2], plan, row)  # (B, R, P, features)
        pairs = ink.unflatten(2, (PAIRS, 2))  # (B, R, P, 2)
        before = F.pad(pairs, (0, 0, 1, 0))[:, :, :-1]
        hidden, _ = self.pixel(torch.cat([before, around], 3).flatten(0, 1))  # (B * R, P, hidden)
        hidden = self.dropout(hidden.unflatten(0, ink.shape[:2]))
        drawn = F.one_hot(levels.unflatten(2, (PAIRS, 2))[..., 0], LEVELS).to(hidden.dtype)
        logits = torch.stack([self.left(hidden), self.right(torch.cat([hidden, drawn], 3))], 3)
        return logits.flatten(2, 3).float(), plan[..., 0].float()

    def _condition(self, characters: Tensor, style: Tensor) -> Tensor:
        return torch.cat([self.characters(characters).mean(1), style], 1)  # (B, known + style_size)

    def _plan(self, condition: Tensor) -> Tensor:
        """(B, 28, 28, 4)."""
        count = len(condition)
        steps = torch.cat([condition.unsqueeze(1).expand(-1, SIZE, -1), self.rows.expand(count, -1, -1)], 2)
        return self.plan(self.dropout(self.planner(steps)[0])).unflatten(2, (SIZE, _PLAN))

    def _row(
        self, above: Tensor, plan: Tensor, condition: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """What the row LSTM tells each pair of pixels, (B, R, 14, 16), and its state, for the rows above (B, R, 28) those to be drawn."""
        steps = torch.cat([above, plan.flatten(2), condition.unsqueeze(1).expand(-1, above.shape[1], -1)], 2)
        hidden, state = self.row(steps, state)
        return self.columns(self.dropout(hidden)).unflatten(2, (PAIRS, -1)), state

    @staticmethod
    def _around(above: Tensor, higher: Tensor, plan: Tensor, row: Tensor) -> Tensor:
        """What each pair of pixels (B, R, 14, features) sees of the two rows above it, of the plan and of the row LSTM."""

        def windows(pixels: Tensor, side: int) -> Tensor:
            return F.pad(pixels, (side, side)).unfold(-1, 2 + 2 * side, 2)  # (..., 14, 2 + 2 * side)

        planned = windows(plan.transpose(2, 3), 2).transpose(2, 3).flatten(3)
        return torch.cat([windows(above, 3), windows(higher, 2), planned, row], 3)

    def encode(self, images: Tensor, characters: Tensor) -> tuple[Tensor, Tensor]:
        """The style of pictures as a normal distribution.

        Args:
            images: uint8 (B, 28, 28).
            characters: int64 (B, 2).

        Returns:
            Mean and logarithm of the standard deviation, float32 (B, style_size) each.
        """
        known = self.characters(characters).mean(1).unsqueeze(1).expand(-1, SIZE, -1)
        hidden, _ = self.encoder(torch.cat([images.float() / 255, known.float()], 2))
        mean, deviation = self.posterior(self.dropout(hidden.mean(1))).float().chunk(2, 1)
        return mean, deviation.clamp(-6, 2)

    def likelihood(self, batch: PixelBatch) -> tuple[Likelihood, Tensor, Tensor]:
        """One sample of the evidence bound.

        Returns:
            Its parts; the sketch's logits (B, 28, 28); the style vectors (B, style_size) that were drawn.
        """
        mean, deviation = self.encode(batch.images, batch.characters)
        style = mean + deviation.exp() * torch.randn_like(mean)
        logits, sketch = self._logits(batch.images, self._condition(batch.characters, style))
        pixels = F.cross_entropy(logits.flatten(0, 2), (batch.images >> 4).long().flatten(), reduction="none")
        divergence = 0.5 * (mean.square() + (2 * deviation).exp() - 1) - deviation
        return Likelihood(pixels.view(len(mean), -1).sum(1), divergence.sum(1)), sketch, style

    def loss(self, batch: PixelBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """The bound in bits per dimension, with the losses that keep the style vector in use and its first two numbers in meaning.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        cost, sketch, style = self.likelihood(batch)
        traits = 0.5 * _TRAITS_WEIGHT * (style[:, :2] - batch.traits).square().sum(1)
        plan = F.binary_cross_entropy_with_logits(sketch, batch.images.float() / 255, reduction="none").sum((1, 2))
        total = (cost.pixels + traits + _PLAN_WEIGHT * plan).mean() + cost.style.mean().clamp_min(_FREE_NATS)
        bits = 1 / (SIZE * SIZE * math.log(2))
        parts = {
            "bits_per_dim": bits * (cost.pixels + cost.style).mean().detach(),
            "kl": cost.style.mean().detach(),
            "plan": plan.mean().detach(),
            "traits": traits.mean().detach(),
        }
        return bits * total, parts

    def styles(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """Styles to sample in, float32 (count, style_size)."""
        return self.style_spread * torch.randn(count, self.style_size, generator=generator)

    def sample(
        self, characters: Tensor, style: Tensor, *, temperature: float | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Draw characters, all at once, row by row.

        Args:
            characters: int64 (B,) or (B, 2).
            style: float (B, style_size).
            temperature: divides the logits of the pixels; None for the network's own.
            generator: source of all randomness, on the CPU: a seed gives the same on any device.

        Returns:
            Uint8 (B, 28, 28), multiples of 17, ink 255 on 0.
        """
        temperature = self.temperature if temperature is None else temperature
        characters = characters if characters.dim() == 2 else characters.unsqueeze(1).expand(-1, 2)
        count = len(characters)
        condition = self._condition(characters, style)
        plan = self._plan(condition)
        canvas = torch.zeros(count, SIZE + 2, SIZE, device=style.device)  # two empty rows above
        noise = -torch.empty(SIZE, PAIRS, 2, count, LEVELS, device="cpu").exponential_(generator=generator).log()  # Gumbel's
        noise = noise.to(style.device)
        state: tuple[Tensor, Tensor] | None = None
        for row in range(SIZE):
            deadline.check()
            above, higher = canvas[:, row + 1 : row + 2], canvas[:, row : row + 1]
            told, state = self._row(above, plan[:, row : row + 1], condition, state)
            around = self._around(above, higher, plan[:, row : row + 1], told)[:, 0]  # (B, P, features)
            before = torch.zeros(count, 2, device=style.device)
            hidden: tuple[Tensor, Tensor] | None = None
            for pair in range(PAIRS):
                output, hidden = self.pixel(torch.cat([before, around[:, pair]], 1).unsqueeze(1), hidden)
                output = output[:, 0]
                left = (self.left(output) / temperature + noise[row, pair, 0]).argmax(1)
                drawn = F.one_hot(left, LEVELS).to(output.dtype)
                right = (self.right(torch.cat([output, drawn], 1)) / temperature + noise[row, pair, 1]).argmax(1)
                before = torch.stack([left, right], 1).float() / (LEVELS - 1)
                canvas[:, row + 2, 2 * pair : 2 * pair + 2] = before
        return (canvas[:, 2:] * 255).round().to(torch.uint8)
