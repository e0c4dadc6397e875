"""The network that reads a line of writing: columns are time steps, a stacked bidirectional LSTM reads them, CTC aligns them with text.

A light convolutional stem turns every four columns of pixels into the features of one step; the rest is Graves and Schmidhuber's recipe
(2009, "Offline handwriting recognition with multidimensional recurrent neural networks") with one dimension of recurrence: bidirectional
LSTM layers and connectionist temporal classification (Graves et al. 2006, doi:10.1145/1143844.1143891).
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
from hwr.images import LINE_HEIGHT, LINE_PREPROCESSING_VERSION

STRIDE = 4
"""Columns of pixels to a time step."""
MAX_BATCH = 16
"""Lines that go through the network at once at inference."""


class LineBatch(NamedTuple):
    """What :meth:`LineCTC.loss` learns from."""

    images: Tensor  # (B, 40, W) uint8, ink 255 on 0, padded with 0 on the right
    widths: Tensor  # (B,) int64, of each image without padding
    targets: Tensor  # (sum of lengths,) int64, labels from 1
    lengths: Tensor  # (B,) int64
    any_case: Tensor  # (B,) bool: the label's case means nothing


class LineCTC(
    nn.Module,
    StrictHubMixin,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="image-to-text",
    tags=["handwriting-recognition", "lstm", "ctc"],
):
    """Convolutional stem, stacked bidirectional LSTM over the columns, CTC output.

    Args:
        charset: the characters it can write, in label order; label 0 is the CTC blank, label k + 1 is ``charset[k]``.
        stem_channels: channels of the four 3x3 convolutions, each with batch normalisation and ReLU. The first has stride 2, 2x2 max
            pooling follows the second, pooling of height alone the third.
        hidden_size: hidden units of each LSTM layer and direction, 1 to 1024.
        num_layers: LSTM layers, 1 to 4.
        dropout: probability, in front of the LSTM, between its layers and before the output.
        calibration: weights, with which :func:`hwr.predictors.text.word_confidence` says how sure a word is; fitted on validation data.
        preprocessing: version of :func:`hwr.images.line` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"emnist"``, ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    def __init__(
        self,
        *,
        charset: str = PRINTABLE,
        stem_channels: list[int] | None = None,
        hidden_size: int = 192,
        num_layers: int = 2,
        dropout: float = 0.2,
        calibration: list[float] | None = None,
        preprocessing: int = LINE_PREPROCESSING_VERSION,
        trained_on: list[str] | None = None,
    ) -> None:
        super().__init__()
        stem_channels = [24, 48, 96, 128] if stem_channels is None else stem_channels
        check(
            isinstance(charset, str) and 1 <= len(charset) <= 1024 and len(set(charset)) == len(charset),
            "charset must be a string of 1 to 1024 different characters",
        )
        check(
            isinstance(stem_channels, list) and len(stem_channels) == 4 and all(is_int(channels, 1, 512) for channels in stem_channels),
            "stem_channels must be a list of 4 integers from 1 to 512",
        )
        check(is_int(hidden_size, 1, 1024), "hidden_size must be an integer from 1 to 1024")
        check(is_int(num_layers, 1, 4), "num_layers must be an integer from 1 to 4")
        check(is_number(dropout, 0, 0.9), "dropout must be a number from 0 to 0.9")
        calibration = [1.0, 0.0, 0.0, 0.0] if calibration is None else calibration
        check(
            isinstance(calibration, list) and len(calibration) == 4 and all(is_number(weight, -100, 100) for weight in calibration),
            "calibration must be a list of 4 numbers from -100 to 100",
        )
        version = LINE_PREPROCESSING_VERSION
        check(preprocessing == version, f"preprocessing must be {version}, the version of this package")
        trained_on = [] if trained_on is None else trained_on
        check(are_names(trained_on), "trained_on must be a list of at most 20 short names")
        self.charset = charset
        self.calibration = calibration
        self.trained_on = trained_on

        self.stem = nn.ModuleList()
        previous = 1
        for channels, stride, pool in zip(stem_channels, (2, 1, 1, 1), (1, 2, (2, 1), (1, 1)), strict=True):
            convolution = nn.Conv2d(previous, channels, 3, stride, padding=1, bias=False)
            self.stem.append(nn.Sequential(convolution, nn.MaxPool2d(pool), nn.BatchNorm2d(channels), nn.ReLU()))
            previous = channels
        self.stem.to(memory_format=torch.channels_last)  # twice as fast on CPUs
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(
            previous * LINE_HEIGHT // 8,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
            bidirectional=True,
        )
        self.output = nn.Linear(2 * hidden_size, 1 + len(charset))
        self.register_buffer("_folded", case_folding(charset), persistent=False)

    def forward(self, images: Tensor, widths: Tensor) -> Tensor:
        """Logits of a batch of lines.

        Args:
            images: uint8 (B, 40, W), ink 255 on 0; W divides by 4.
            widths: int64 (B,), columns of each image that count: what lies to the right of them has no influence.

        Returns:
            (B, W / 4, 1 + len(charset)); of row b the first :func:`steps` of ``widths[b]`` count.
        """
        maps = (images.float() / 255).unsqueeze(1)  # (B, 1, H, W)
        inside = torch.arange(images.shape[2], device=images.device) < widths.to(images.device)[:, None]  # (B, W)
        for block in self.stem:
            maps = block(maps)
            share = images.shape[2] // maps.shape[3]
            # Normalisation gives empty paper a value; the padding must stay as empty as the end of the image is to a convolution.
            maps = maps * inside[:, None, None, ::share]
        features = self.dropout(maps.permute(0, 3, 1, 2).flatten(2))  # (B, T, channels * rows)
        packed = pack_padded_sequence(features, steps(widths).cpu(), batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=features.shape[1])
        return self.output(self.dropout(hidden))

    def loss(self, batch: LineBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """CTC loss per character. Where a label's case means nothing, the two cases of a letter count as one.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        log_probs = self(batch.images, batch.widths).float().log_softmax(2)
        log_probs, targets = fold_case(log_probs, batch.targets, batch.lengths, batch.any_case, self._folded)
        losses = F.ctc_loss(
            log_probs.transpose(0, 1), targets, steps(batch.widths), batch.lengths, blank=0, reduction="none", zero_infinity=True
        )
        loss = losses.sum() / batch.lengths.sum()
        return loss, {"ctc": loss.detach()}

    def log_probabilities(self, images: Tensor, widths: Tensor) -> Tensor:
        """Log-probabilities, float32 (B, W / 4, 1 + len(charset)); arguments as of :meth:`forward`."""
        return self(images, widths).float().log_softmax(2)

    def emissions(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Log-probabilities, float32 (T, 1 + len(charset)), for each picture, uint8 (40, W), ink 255 on 0; in evaluation mode."""
        order = np.argsort([picture.shape[1] for picture in pictures], kind="stable").tolist()
        found = [np.empty((0, 0), np.float32)] * len(pictures)
        for start in range(0, len(order), MAX_BATCH):
            part = order[start : start + MAX_BATCH]
            images, widths = padded([pictures[index] for index in part])
            with torch.inference_mode():
                log_probs = self.log_probabilities(images.to(self.output.weight.device), widths).cpu().numpy()
            for row, index, length in zip(log_probs, part, steps(widths).tolist(), strict=True):
                found[index] = row[:length]
        return found


def padded(pictures: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Pictures, uint8 (40, W), as one tensor (B, 40, W of the widest), and their widths, int64 (B,)."""
    widths = [picture.shape[1] for picture in pictures]
    images = np.zeros((len(pictures), LINE_HEIGHT, -(-max(widths) // STRIDE) * STRIDE), np.uint8)
    for row, picture in zip(images, pictures, strict=True):
        row[:, : picture.shape[1]] = picture
    return torch.from_numpy(images), torch.tensor(widths)


def steps(widths: Tensor) -> Tensor:
    """Time steps, int64, of images so many columns wide."""
    return (widths + STRIDE - 1) // STRIDE


def case_folding(charset: str) -> Tensor:
    """Per label, int64 (1 + len(charset),): that of the small letter for a capital, itself for others; 0 is the CTC blank."""
    return torch.tensor([0, *(1 + charset.index(c.lower()) if c.lower() in charset else 1 + k for k, c in enumerate(charset))])


def fold_case(log_probs: Tensor, targets: Tensor, lengths: Tensor, any_case: Tensor, folded: Tensor) -> tuple[Tensor, Tensor]:
    """Where a label's case means nothing, capitals give their probability to the small letters, in the output and in the targets.

    Args:
        log_probs: float32 (B, T, classes).
        targets: int64 (sum of lengths,).
        lengths: int64 (B,).
        any_case: bool (B,), of which samples.
        folded: of :func:`case_folding`.

    Returns:
        Log-probabilities and targets for the CTC loss.
    """
    if any_case.any():
        probs = log_probs[any_case].exp()
        log_probs = log_probs.clone()
        log_probs[any_case] = torch.zeros_like(probs).index_add(2, folded, probs).clamp_min(1e-12).log()
    return log_probs, torch.where(torch.repeat_interleave(any_case, lengths), folded[targets], targets)
