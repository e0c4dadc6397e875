"""The network that reads ink: a stacked bidirectional LSTM over pen moves, CTC aligns it with text.

Graves et al. 2009, "A novel connectionist system for unconstrained handwriting recognition", doi:10.1109/TPAMI.2008.137, on the moves of
:mod:`hwr.pen_moves`, each of which is a time step.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from hwr.charset import PRINTABLE
from hwr.config import are_names, check, is_int, is_number
from hwr.hub import StrictHubMixin
from hwr.models.line_ctc import case_folding, fold_case
from hwr.pen_moves import FEATURES, MOVES_VERSION

MAX_BATCH = 64
"""Samples that go through the network at once at inference."""


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
        calibration: weights, with which :func:`hwr.predictors.text.word_confidence` says how sure a word is; fitted on validation data.
        moves: version of :mod:`hwr.pen_moves` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    def __init__(
        self,
        *,
        charset: str = PRINTABLE,
        hidden_size: int = 128,
        num_layers: int = 2,
        dropout: float = 0.2,
        calibration: list[float] | None = None,
        moves: int = MOVES_VERSION,
        trained_on: list[str] | None = None,
    ) -> None:
        super().__init__()
        check(
            isinstance(charset, str) and 1 <= len(charset) <= 1024 and len(set(charset)) == len(charset),
            "charset must be a string of 1 to 1024 different characters",
        )
        check(is_int(hidden_size, 1, 1024), "hidden_size must be an integer from 1 to 1024")
        check(is_int(num_layers, 1, 4), "num_layers must be an integer from 1 to 4")
        check(is_number(dropout, 0, 0.9), "dropout must be a number from 0 to 0.9")
        calibration = [1.0, 0.0, 0.0, 0.0] if calibration is None else calibration
        check(
            isinstance(calibration, list) and len(calibration) == 4 and all(is_number(weight, -100, 100) for weight in calibration),
            "calibration must be a list of 4 numbers from -100 to 100",
        )
        check(moves == MOVES_VERSION, f"moves must be {MOVES_VERSION}, the version of this package")
        trained_on = [] if trained_on is None else trained_on
        check(are_names(trained_on), "trained_on must be a list of at most 20 short names")
        self.charset = charset
        self.calibration = calibration
        self.trained_on = trained_on
        self.lstm = nn.LSTM(
            FEATURES, hidden_size, num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0, bidirectional=True
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * hidden_size, 1 + len(charset))
        self.register_buffer("_folded", case_folding(charset), persistent=False)

    def forward(self, moves: Tensor, counts: Tensor) -> Tensor:
        """Logits of a batch.

        Args:
            moves: float32 (B, T, 8), see :func:`hwr.pen_moves.features`.
            counts: int64 (B,), moves of each sample that count.

        Returns:
            (B, T, 1 + len(charset)).
        """
        if self.training:  # without packing it is more than twice as fast; samples of a batch are of like length
            return self.output(self.dropout(self.lstm(moves)[0]))
        packed = pack_padded_sequence(moves, counts.cpu(), batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=moves.shape[1])
        return self.output(self.dropout(hidden))

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

    def emissions(self, samples: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Log-probabilities, float32 (T, 1 + len(charset)), for the moves, float32 (T, 8), of each sample; in evaluation mode."""
        order = np.argsort([len(sample) for sample in samples], kind="stable").tolist()
        found = [np.empty((0, 0), np.float32)] * len(samples)
        for start in range(0, len(order), MAX_BATCH):
            part = order[start : start + MAX_BATCH]
            moves, counts = padded([samples[index] for index in part])
            with torch.inference_mode():
                log_probs = self(moves.to(self.output.weight.device), counts).float().log_softmax(2).cpu().numpy()
            for row, index, count in zip(log_probs, part, counts.tolist(), strict=True):
                found[index] = row[:count]
        return found


def padded(samples: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Arrays (T, F) as one tensor, float32 (B, T of the longest, F), and their lengths, int64 (B,)."""
    counts = [len(sample) for sample in samples]
    moves = np.zeros((len(samples), max(counts), samples[0].shape[1]), np.float32)
    for row, sample in zip(moves, samples, strict=True):
        row[: len(sample)] = sample
    return torch.from_numpy(moves), torch.tensor(counts)
