"""The network that reads a line of writing: columns are time steps, a stacked bidirectional LSTM reads them, CTC aligns them with text.

A light convolutional stem turns every four columns of pixels into the features of one step; the rest is Graves and Schmidhuber's recipe
(2009, "Offline handwriting recognition with multidimensional recurrent neural networks") with one dimension of recurrence: bidirectional
LSTM layers and connectionist temporal classification (Graves et al. 2006, doi:10.1145/1143844.1143891).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import AfterValidator, Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import PRINTABLE
from hwr.hub.loading import StrictHubMixin
from hwr.models.arrays import STRIDE, LineNetwork, padded_pictures
from hwr.models.case import case_folding, fold_case
from hwr.models.computed import Computed
from hwr.models.config import UNCALIBRATED, Calibration, Dropout, Layers, Names, Units, checked, current, distinct
from hwr.models.recurrence import hidden_states
from hwr.pictures.line import LINE_HEIGHT, LINE_PREPROCESSING_VERSION

STEM = [16, 40, 64, 96]
"""Channels of the convolutions in front of the LSTM, unless said otherwise."""
UNLIKELY = 2.0
"""How much less likely than its letter a new character with an accent is to begin with (natural logarithm)."""


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
    Computed,
    LineNetwork,
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
        calibration: weights, with which :func:`hwr.text.reading.word_confidence` says how sure a word is; fitted on validation data.
        preprocessing: version of :func:`hwr.pictures.line.line` that the weights were trained with.
        trained_on: keys of the data that it has learnt: ``"emnist"``, ``"unipen"``, ``"written"``, ``"dhsd"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    _folded: Tensor

    @checked
    def __init__(
        self,
        *,
        charset: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(distinct)] = PRINTABLE,
        stem_channels: Annotated[list[Annotated[int, Field(ge=1, le=512)]], Field(min_length=4, max_length=4)] | None = None,
        hidden_size: Units = 192,
        num_layers: Layers = 2,
        dropout: Dropout = 0.2,
        calibration: Calibration | None = None,
        preprocessing: Annotated[int, current(LINE_PREPROCESSING_VERSION)] = LINE_PREPROCESSING_VERSION,
        trained_on: Names | None = None,
    ) -> None:
        super().__init__()
        stem_channels = stem_channels or STEM
        calibration = calibration or UNCALIBRATED
        self.charset = charset
        self.calibration = calibration
        self.trained_on = trained_on or []

        self.stem = nn.ModuleList()
        previous = 1
        for channels, stride, pool in zip(stem_channels, (2, 1, 1, 1), (1, 2, (2, 1), (1, 1)), strict=True):
            convolution = nn.Conv2d(previous, channels, 3, stride, padding=1, bias=False)
            self.stem.append(nn.Sequential(convolution, nn.MaxPool2d(pool), nn.BatchNorm2d(channels), nn.ReLU()))
            previous = channels
        self.stem.to(memory_format=torch.channels_last)  # twice as fast on CPUs # ty: ignore[no-matching-overload]
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
        return self.output(self.dropout(hidden_states(self.lstm, features, steps(widths))))

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

    def begin_with(self, *others: LineCTC) -> None:
        """Take over the mean weights of networks of the same shape, whatever their characters.

        Where all descend from one, the mean is a good network itself (model soup: Wortsman et al. 2022, arXiv:2203.05482). A character that
        only some know begins as it is with those; one that none knows as its letter without accents, less likely, or, if it is no such
        letter, at random.

        Raises:
            ValueError: one has another shape.
        """
        states = [other.state_dict() for other in others]
        mean = {name: sum(state[name].float() / len(states) for state in states) for name in states[0] if not name.startswith("output.")}
        for name, values in self.output.state_dict().items():
            known = [state[f"output.{name}"] for state in states]
            if any(rows.shape[1:] != values.shape[1:] for rows in known):
                raise ValueError("The network to begin with has another shape.")
            values[0] = torch.stack([rows[0] for rows in known]).mean(0)
            for label, char in enumerate(self.charset, 1):
                found = [rows[1 + other.charset.index(char)] for other, rows in zip(others, known, strict=True) if char in other.charset]
                letter = unicodedata.normalize("NFD", char)[0]
                if not found and letter in others[0].charset:
                    found = [known[0][1 + others[0].charset.index(letter)] - (UNLIKELY if name == "bias" else 0.0)]
                if found:
                    values[label] = torch.stack(found).mean(0)
            mean[f"output.{name}"] = values
        own = self.state_dict()
        try:
            self.load_state_dict({name: values.to(own[name].dtype) for name, values in mean.items()})
        except (RuntimeError, KeyError) as error:
            raise ValueError("The network to begin with has another shape.") from error

    def log_probabilities(self, images: Tensor, widths: Tensor) -> Tensor:
        """Log-probabilities, float32 (B, W / 4, 1 + len(charset)); arguments as of :meth:`forward`."""
        return self(images, widths).float().log_softmax(2)

    def answers(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return (self.log_probabilities(*inputs),)


def padded(pictures: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """As :func:`~hwr.models.arrays.padded_pictures`, as tensors."""
    images, widths = padded_pictures(pictures)
    return torch.from_numpy(images), torch.from_numpy(widths)


def steps(widths: Tensor) -> Tensor:
    """Time steps, int64, of images so many columns wide."""
    return (widths + STRIDE - 1) // STRIDE
