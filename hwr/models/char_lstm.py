"""The network that reads a character: a stacked LSTM over the rows of a 28x28 image.

The defaults are the reference model: 28 steps of 28 pixels, two LSTM layers (Hochreiter and Schmidhuber 1997) of 128 hidden units, dropout
0.2 between the layers and before the output, a linear layer to 47 logits: 219,055 parameters. Bidirectional reading follows Schuster and
Paliwal 1997; reading rows as well as columns is the idea of ReNet (Visin et al. 2015, arXiv:1505.00393), here side by side.
"""

from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import AfterValidator, Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.charset import CLASSES
from hwr.hub.loading import StrictHubMixin
from hwr.models.arrays import CharNetwork
from hwr.models.computed import Computed
from hwr.models.config import Dropout, HeldOut, Layers, Names, Units, checked, current, distinct
from hwr.pictures.character import PREPROCESSING_VERSION, SIZE


class CharBatch(NamedTuple):
    """What :meth:`CharLSTM.loss` learns from."""

    images: Tensor  # (B, 28, 28) float32 in [0, 1], ink 1 on 0
    labels: Tensor  # (B,) int64
    teacher_logits: Tensor | None = None  # (B, classes) of a teacher that is imitated (Hinton et al. 2015, arXiv:1503.02531)
    teacher_share: float = 0.8  # of the loss


class CharLSTM(
    nn.Module,
    StrictHubMixin,
    Computed,
    CharNetwork,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="image-classification",
    tags=["handwriting-recognition", "lstm", "emnist"],
):
    """Stacked LSTM over the rows (and columns) of a character image.

    Args:
        classes: one character per class, in label order.
        hidden_size: hidden units of each LSTM layer and direction, 1 to 1024.
        num_layers: LSTM layers, 1 to 4.
        dropout: probability, between the layers and before the output.
        bidirectional: read each sequence both ways.
        scan: ``"rows"``, or ``"rows+columns"``: a second LSTM reads the image column by column.
        pooling: ``"last"``: the hidden state after the last step of each direction; ``"mean"``: the mean over all steps.
        stem_channels: channels of 3x3 convolutions (each with batch normalisation and ReLU) in front of the LSTM; 2x2 max pooling after the
            first, and by 2 within each step after the last. Empty: the LSTM reads pixels.
        temperature: divides the logits at inference, so that probabilities are calibrated (Guo et al. 2017, arXiv:1706.04599).
        preprocessing: version of :mod:`hwr.pictures.character` that the weights were trained with.
        trained_on: keys of the data that it has learnt, itself or through those that taught it: ``"emnist"``, ``"unipen"``.
        validation_per_class: scanned characters of each class that were kept from training for validation; None where not known.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    @checked
    def __init__(
        self,
        *,
        classes: Annotated[str, Field(min_length=2, max_length=256), AfterValidator(distinct)] = CLASSES,
        hidden_size: Units = 128,
        num_layers: Layers = 2,
        dropout: Dropout = 0.2,
        bidirectional: bool = False,
        scan: Literal["rows", "rows+columns"] = "rows",
        pooling: Literal["last", "mean"] = "last",
        stem_channels: Annotated[list[Annotated[int, Field(ge=1, le=256)]], Field(max_length=4)] | None = None,
        temperature: Annotated[float, Field(ge=0.05, le=20)] = 1.0,
        preprocessing: Annotated[int, current(PREPROCESSING_VERSION)] = PREPROCESSING_VERSION,
        trained_on: Names | None = None,
        validation_per_class: HeldOut | None = None,
    ) -> None:
        super().__init__()
        stem_channels = stem_channels or []
        self.classes = classes
        self.temperature = float(temperature)
        self.trained_on = trained_on or []
        self.validation_per_class = validation_per_class
        self.pooling = pooling
        self.bidirectional = bidirectional

        stem: list[nn.Module] = []
        previous = 1
        for index, channels in enumerate(stem_channels):
            halving = [nn.MaxPool2d(2)] if index == 0 else []
            stem += [nn.Conv2d(previous, channels, 3, padding=1, bias=False), *halving, nn.BatchNorm2d(channels), nn.ReLU()]
            previous = channels
        self.stem = nn.Sequential(*stem).to(memory_format=torch.channels_last)  # twice as fast on CPUs # ty: ignore[no-matching-overload]
        features = previous * SIZE // 4 if stem else SIZE
        self.scanners = nn.ModuleList(
            nn.LSTM(
                features,
                hidden_size,
                num_layers,
                batch_first=True,
                dropout=dropout if num_layers > 1 else 0.0,
                bidirectional=bidirectional,
            )
            for _ in scan.split("+")
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size * (1 + bidirectional) * len(self.scanners), len(classes))

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, classes) for images (B, 28, 28), float in [0, 1], ink 1 on 0."""
        return self.output(self.dropout(self.encode(images)))

    def encode(self, images: Tensor) -> Tensor:
        """The pooled hidden state (B, scans * directions * hidden_size) that the output layer sees."""
        maps = self.stem(images.unsqueeze(1))  # (B, channels, rows, columns)
        pooled = []
        # Read row by row, and with a second scanner column by column.
        for scanner, steps in zip(self.scanners, (maps, maps.transpose(2, 3)), strict=False):
            within = F.max_pool2d(steps, (1, 2)) if len(self.stem) else steps
            hidden, _ = scanner(within.permute(0, 2, 1, 3).flatten(2))  # (B, T, channels * positions) -> (B, T, directions * hidden_size)
            pooled.append(self._pool(hidden))
        return torch.cat(pooled, 1)

    def _pool(self, hidden: Tensor) -> Tensor:
        if self.pooling == "mean":
            return hidden.mean(1)
        if not self.bidirectional:
            return hidden[:, -1]
        forward, backward = hidden.chunk(2, dim=2)  # each (B, T, hidden_size)
        return torch.cat([forward[:, -1], backward[:, 0]], 1)

    def loss(self, batch: CharBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean cross-entropy; with ``teacher_logits`` blended with the cross-entropy to the teacher's distribution.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        logits = self(batch.images).float()
        cross_entropy = F.cross_entropy(logits, batch.labels)
        parts = {"cross_entropy": cross_entropy.detach()}
        if batch.teacher_logits is None:
            return cross_entropy, parts
        distillation = F.cross_entropy(logits, batch.teacher_logits.softmax(1))
        parts["distillation"] = distillation.detach()
        return torch.lerp(cross_entropy, distillation, batch.teacher_share), parts

    def probabilities(self, images: Tensor) -> Tensor:
        """Calibrated class probabilities (B, classes), float32, for uint8 images (B, 28, 28)."""
        return (self(images.float() / 255).float() / self.temperature).softmax(1)

    def answers(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return (self.probabilities(*inputs),)
