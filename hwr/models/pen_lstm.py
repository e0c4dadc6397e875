"""The network that writes with a pen: letters and a style in, pen moves out.

A stacked LSTM predicts the next pen move as a mixture of bivariate Gaussians (Graves 2013, "Generating sequences with recurrent neural
networks", arXiv:1308.0850). Instead of soft attention over the text there is a pointer: each move belongs to a letter, known in training
from the forced alignment of :class:`~hwr.models.ink_ctc.InkCTC`, and after each move the network says whether the letter is done. The
pointer only moves forwards, so that no letter is skipped or repeated and the text ends by construction. How somebody writes is told by a
second, bidirectional LSTM over other ink of the same hand: as a whole, and letter by letter, by attention (Bahdanau et al. 2015,
arXiv:1409.0473) to where in that ink the letter, or one that resembles it, was written.
"""

import math
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import AfterValidator, Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import PRINTABLE
from hwr.hub.loading import StrictHubMixin
from hwr.ink.moves import DEPART, FEATURES, KINDS, MOVES_VERSION, RETURN, Path
from hwr.models.config import Dropout, Names, Units, checked, current, distinct
from hwr.models.recurrence import hidden_states

CONTEXT = 4
"""Letters that each move knows of: the one before, its own, and the next two."""
PLACE = 7  # previous move, from where: height above the baseline, place within the letter (2), excursion or not, beginning or not
_SMALLEST = 0.008
"""Least standard deviation of a Gaussian, in core heights: half the grid of the data."""

FARTHEST = 6.0
"""Longest move in either direction, in core heights."""
_SHARPNESS = 8.0
"""Largest logit of the attention to the ink of a hand."""


class PenBatch(NamedTuple):
    """What :meth:`PenLSTM.loss` learns from: words that one hand wrote one after the other, and ink of that hand; padded at the end."""

    letters: Tensor  # (B, T, 4) int64: labels from 1 of the letters before, now, next and next but one; 0 beyond the word
    before: Tensor  # (B, T, 7) float32: see `PenLSTM.forward`
    kinds: Tensor  # (B, T) int64: how the pen makes each move
    moves: Tensor  # (B, T, 2) float32, core heights
    after: Tensor  # (B, T) int64: kind of the next move + 4 if the letter is done
    counts: Tensor  # (B,) int64: moves of each row
    ink: Tensor  # (P, S, 8) float32: single words as the style encoder sees them
    written: Tensor  # (P, S) int64: the label of the letter that each of their moves belongs to, from 1; 0 beyond the word
    references: Tensor  # (B, P) float32: row b says of which words the style of row b is made; rows sum to 1


class PenLSTM(
    nn.Module,
    StrictHubMixin,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="other",
    tags=["handwriting-generation", "online-handwriting", "lstm"],
):
    """Stacked LSTM with mixture density output, and the style encoder.

    Args:
        charset: the characters it can write, in label order; label k + 1 is ``charset[k]``, 0 nothing.
        hidden_size: hidden units of each of the two LSTM layers, 1 to 2048.
        hand_size: numbers that tell of a hand as a whole, 1 to 512.
        shape_size: numbers that tell of how a hand shapes a letter, for each letter, 1 to 128.
        encoder_size: hidden units of the style encoder in each direction, 1 to 1024.
        letter_size: numbers that make a letter, 1 to 256.
        mixtures: Gaussians, 1 to 100.
        dropout: probability, between the layers and before the output.
        hands: names of the styles in the gallery.
        moves: version of :mod:`hwr.ink.moves` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    gallery: Tensor

    @checked
    def __init__(
        self,
        *,
        charset: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(distinct)] = PRINTABLE[1:],
        hidden_size: Annotated[int, Field(ge=1, le=2048)] = 256,
        hand_size: Annotated[int, Field(ge=1, le=512)] = 64,
        shape_size: Annotated[int, Field(ge=1, le=128)] = 24,
        encoder_size: Units = 128,
        letter_size: Annotated[int, Field(ge=1, le=256)] = 32,
        mixtures: Annotated[int, Field(ge=1, le=100)] = 20,
        dropout: Dropout = 0.1,
        hands: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=1000)] | None = None,
        moves: Annotated[int, current(MOVES_VERSION)] = MOVES_VERSION,
        trained_on: Names | None = None,
    ) -> None:
        super().__init__()
        self.charset = charset
        self.hidden_size = hidden_size
        self.hand_size = hand_size
        self.shape_size = shape_size
        self.style_size = hand_size + shape_size * len(charset)
        self.mixtures = mixtures
        self.hands = hands or []
        self.trained_on = trained_on or []

        self.letters = nn.Embedding(1 + len(charset), letter_size)
        inputs = PLACE + KINDS + CONTEXT * letter_size + hand_size + shape_size
        self.first = nn.LSTM(inputs, hidden_size, batch_first=True)
        self.second = nn.LSTM(inputs + hidden_size, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.mixture = nn.Linear(2 * hidden_size, 6 * mixtures)
        self.move = nn.Linear(2, 64)
        self.outlook = nn.Linear(2 * hidden_size, 64)
        self.after = nn.Linear(64, 2 * KINDS)
        self.encoder = nn.LSTM(FEATURES, encoder_size, batch_first=True, bidirectional=True)
        self.hand = nn.Sequential(nn.Linear(4 * encoder_size, 128), nn.ReLU(), nn.Linear(128, hand_size))
        self.key = nn.Linear(2 * encoder_size, 64)
        self.query = nn.Embedding(len(charset), 64)
        self.shape = nn.Linear(2 * encoder_size, shape_size)
        self.register_buffer("gallery", torch.zeros(len(self.hands), self.style_size))

    def encode(self, ink: Tensor, counts: Tensor, references: Tensor) -> Tensor:
        """Styles of hands, from pieces of their ink.

        Args:
            ink: float32 (B, T, 8), see :func:`hwr.ink.moves.features`, 1 unit to the core height.
            counts: int64 (B,), moves that count.
            references: float32 (R, B): row r says of which pieces style r is made; rows sum to 1.

        Returns:
            float32 (R, style_size): of the hand as a whole the mean over its pieces, then of each letter of the charset what the attention
            finds.
        """
        return self._encode(ink, counts, references)[0]

    def _encode(self, ink: Tensor, counts: Tensor, references: Tensor) -> tuple[Tensor, Tensor]:
        """Styles, and which letter each move is thought to belong to: logits (B, T, letters)."""
        inside = (torch.arange(ink.shape[1], device=ink.device) < counts[:, None])[:, :, None]
        hidden = hidden_states(self.encoder, ink, counts).float()
        mean = (hidden * inside).sum(1) / counts[:, None]
        spread = ((hidden - mean[:, None]).square() * inside).sum(1) / counts[:, None]
        hand = references @ self.hand(torch.cat([mean, (spread + 1e-6).sqrt()], 1)).float()

        logits = _SHARPNESS * F.normalize(self.key(hidden).float(), dim=2) @ F.normalize(self.query.weight, dim=1).t()
        # Bounded logits can be summed without more ado, piece by piece, so that any pieces together make a style.
        attention = (logits.float().exp() * inside).transpose(1, 2)  # (B, letters, T)
        weighted = torch.einsum("rb,blv->rlv", references, (attention @ self.shape(hidden).float()).float())
        shapes = weighted / torch.einsum("rb,bl->rl", references, attention.sum(2))[:, :, None]
        return torch.cat([hand, shapes.flatten(1)], 1).float(), logits

    def forward(self, letters: Tensor, before: Tensor, kinds: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
        """What the network expects of each move, given all before it.

        Args:
            letters: int64 (B, T, 4): labels of the letters before, now, next and next but one.
            before: float32 (B, T, 7): the previous move, x and y; of the point from where this move starts the height below the baseline
                and the place relative to the letter's first point, x and y; whether the pen is on an excursion; whether nothing was
                written before. Core heights.
            kinds: int64 (B, T): of this move.
            styles: float32 (B, style_size).

        Returns:
            Mixture parameters (B, T, 6 * mixtures) for :meth:`log_likelihood`, and the outlook (B, T, 64) for :meth:`what_follows`.
        """
        batch, time = kinds.shape
        shapes = styles[:, self.hand_size :].reshape(batch, -1, self.shape_size)
        now = (letters[:, :, 1] - 1).clamp(min=0)  # beyond the text there is no letter, and nothing counts
        inputs = torch.cat(
            [
                before,
                F.one_hot(kinds, KINDS).to(before.dtype),
                self.letters(letters).flatten(2),
                styles[:, None, : self.hand_size].expand(batch, time, self.hand_size),
                shapes.gather(1, now[:, :, None].expand(batch, time, self.shape_size)),
            ],
            2,
        )
        first, _ = self.first(inputs)
        second, _ = self.second(torch.cat([inputs, self.dropout(first)], 2))
        hidden = self.dropout(torch.cat([first, second], 2))
        return self.mixture(hidden), self.outlook(hidden)

    def what_follows(self, outlook: Tensor, moves: Tensor) -> Tensor:
        """Logits (..., 8) of what comes after a move (..., 2): kind of the next move, + 4 if the letter is done."""
        return self.after(torch.tanh(outlook + self.move(moves)))

    def components(self, parameters: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Mixture parameters (..., 6 * M) as weights (logits) (..., M), means, log deviations (..., M, 2), correlations (..., M)."""
        weights, means, deviations, correlations = parameters.float().split((self.mixtures, *([2 * self.mixtures] * 2), self.mixtures), -1)
        shape = (*weights.shape, 2)
        deviations = deviations.reshape(shape).clamp(math.log(_SMALLEST), 2.0)
        return weights, means.reshape(shape), deviations, 0.98 * torch.tanh(correlations)

    def log_likelihood(self, parameters: Tensor, moves: Tensor) -> Tensor:
        """Log density (...) of moves (..., 2), per square core height."""
        weights, means, deviations, correlations = self.components(parameters)
        z = (moves[..., None, :] - means) * torch.exp(-deviations)
        rest = 1 - correlations.square()
        square = z.square().sum(-1) - 2 * correlations * z[..., 0] * z[..., 1]
        densities = -square / (2 * rest) - deviations.sum(-1) - 0.5 * torch.log(rest) - math.log(2 * math.pi)
        return torch.logsumexp(F.log_softmax(weights, -1) + densities, -1)

    def loss(self, batch: PenBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Negative log-likelihood per move: of the move itself, of what follows it, and, so that the attention finds letters, a fifth of
        that of the letter in the ink that styles are taken from.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        inked = batch.written > 0
        styles, found = self._encode(batch.ink, inked.sum(1), batch.references)
        if self.training:
            styles = styles + 0.05 * torch.randn_like(styles)
        parameters, outlook = self(batch.letters, batch.before, batch.kinds, styles)
        inside = torch.arange(batch.kinds.shape[1], device=batch.kinds.device) < batch.counts[:, None]
        moves = batch.moves[inside]
        points = -self.log_likelihood(parameters[inside], moves).mean()
        after = F.cross_entropy(self.what_follows(outlook[inside], moves).float(), batch.after[inside])
        letters = F.cross_entropy(found[inked].float(), batch.written[inked] - 1)
        parts = {"moves": points.detach(), "after": after.detach(), "letters": letters.detach()}
        return points + after + 0.2 * letters, parts


def known_before(path: Path, letters: np.ndarray) -> np.ndarray:
    """What the network knows before each move of a path: float32 (N, 7), see :meth:`PenLSTM.forward`.

    Args:
        path: from the left edge and the baseline, core heights.
        letters: int64 (N,), to which letter each move belongs.
    """
    known = np.zeros((len(path), PLACE), np.float32)
    known[1:, :2] = path.offsets[:-1]
    known[1:, 2] = path.points[path.before[1:], 1]
    starts = np.append(0, np.flatnonzero(np.diff(letters)) + 1)
    first = np.repeat(starts, np.diff(np.append(starts, len(path))))
    known[:, 3:5] = path.points[path.before] - path.points[first]
    known[starts, 3:5] = 0
    known[:, 5] = np.cumsum((path.kinds == DEPART).astype(int) - (path.kinds == RETURN)) > 0
    known[0, 6] = 1
    return squeezed(known)


def squeezed(before: np.ndarray) -> np.ndarray:
    """What the network knows of a pen's place, float32 (..., 7 or more), kept in a range where it has learnt."""
    before[..., :5] = np.clip(before[..., :5], -FARTHEST, FARTHEST)
    return before
