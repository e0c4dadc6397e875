"""The network that reads ink: a stacked bidirectional LSTM over pen moves, CTC aligns it with text.

Graves et al. 2009, "A novel connectionist system for unconstrained handwriting recognition", doi:10.1109/TPAMI.2008.137, on the moves of
:mod:`hwr.ink.moves`, each of which is a time step.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import AfterValidator, Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import PRINTABLE
from hwr.hub.loading import StrictHubMixin
from hwr.ink.moves import FEATURES, MOVES_VERSION
from hwr.models.arrays import InkNetwork, padded_samples
from hwr.models.case import case_folding, fold_case
from hwr.models.computed import Computed
from hwr.models.config import UNCALIBRATED, Calibration, Dropout, Layers, Names, Units, checked, current, distinct
from hwr.models.recurrence import hidden_states


class InkBatch(NamedTuple):
    """What :meth:`InkCTC.loss` learns from."""

    moves: Tensor  # (B, T, 8) float32, padded with 0 at the end
    counts: Tensor  # (B,) int64, moves of each sample without padding
    targets: Tensor  # (sum of lengths,) int64, labels from 1
    lengths: Tensor  # (B,) int64
    any_case: Tensor  # (B,) bool: the label's case means nothing


class InkCTC(
    nn.Module,
    StrictHubMixin,
    Computed,
    InkNetwork,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="other",
    tags=["handwriting-recognition", "online-handwriting", "lstm", "ctc"],
):
    """Stacked bidirectional LSTM over pen moves, CTC output.

    Args:
        charset: the characters it can write, in label order; label 0 is the CTC blank, label k + 1 is ``charset[k]``.
        hidden_size: hidden units of each LSTM layer and direction, 1 to 1024.
        num_layers: LSTM layers, 1 to 4.
        dropout: probability, between the layers and before the output.
        calibration: weights, with which :func:`hwr.text.reading.word_confidence` says how sure a word is; fitted on validation data.
        moves: version of :mod:`hwr.ink.moves` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    _folded: Tensor

    @checked
    def __init__(
        self,
        *,
        charset: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(distinct)] = PRINTABLE,
        hidden_size: Units = 128,
        num_layers: Layers = 2,
        dropout: Dropout = 0.2,
        calibration: Calibration | None = None,
        moves: Annotated[int, current(MOVES_VERSION)] = MOVES_VERSION,
        trained_on: Names | None = None,
    ) -> None:
        super().__init__()
        calibration = calibration or UNCALIBRATED
        self.charset = charset
        self.calibration = calibration
        self.trained_on = trained_on or []
        self.lstm = nn.LSTM(
            FEATURES, hidden_size, num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0, bidirectional=True
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * hidden_size, 1 + len(charset))
        self.register_buffer("_folded", case_folding(charset), persistent=False)

    def forward(self, moves: Tensor, counts: Tensor) -> Tensor:
        """Logits of a batch.

        Args:
            moves: float32 (B, T, 8), see :func:`hwr.ink.moves.features`.
            counts: int64 (B,), moves of each sample that count.

        Returns:
            (B, T, 1 + len(charset)).
        """
        return self.output(self.dropout(hidden_states(self.lstm, moves, counts)))

    def loss(self, batch: InkBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """CTC loss per character. Where a label's case means nothing, the two cases of a letter count as one.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        log_probs = self(batch.moves, batch.counts).float().log_softmax(2)
        log_probs, targets = fold_case(log_probs, batch.targets, batch.lengths, batch.any_case, self._folded)
        losses = F.ctc_loss(log_probs.transpose(0, 1), targets, batch.counts, batch.lengths, blank=0, reduction="none", zero_infinity=True)
        loss = losses.sum() / batch.lengths.sum()
        return loss, {"ctc": loss.detach()}

    def answers(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return (self(*inputs).float().log_softmax(2),)


def padded(samples: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """As :func:`~hwr.models.arrays.padded_samples`, as tensors."""
    together, counts = padded_samples(samples)
    return torch.from_numpy(together), torch.from_numpy(counts)
