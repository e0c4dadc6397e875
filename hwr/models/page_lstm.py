"""The network that finds the writing on a page: rows and columns of cells are read by bidirectional LSTMs over a light convolutional stem.

Recurrence in both directions of the plane instead of deep convolutions: ReNet (Visin et al. 2015, arXiv:1505.00393), as in the layout
analysis of kraken. For every cell it says what ink there is, whether a line's small letters run through it, how far below
the baseline is and how high the letters are; of the page, which side is up.
"""

from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from hwr.hub.loading import StrictHubMixin
from hwr.models.config import Layers, Names, Units, checked

CELL = (4, 8)
"""Rows and columns of pixels to a cell."""
BLOCK = 8
"""Rows and columns of pixels to what the LSTMs read: two cells, one above the other."""
KINDS = ("core", "writing", "print", "rule")
"""What a cell may be, in the order of the channels; ``core``: small letters, and the gaps between a line's words."""
STEM = [12, 32, 48]
"""Channels of the convolutions in front of the LSTMs, unless said otherwise."""
USUAL = 10.0
"""Pixels to the core height of a usual page at the size at which it is read; heights are told against it."""
_GROUPS = 4


class PageTruth(NamedTuple):
    """A page to learn from."""

    image: Tensor  # (H, W) uint8, grey
    cells: Tensor  # (4, rows, columns) float32, 0 to 1: KINDS
    baseline: (
        Tensor  # (rows, columns) float32: how far below the cell's middle the baseline is, in core heights; counts where there is core
    )
    height: Tensor  # (rows, columns) float32: logarithm of the core height against USUAL; counts where there is core
    turned: int  # quarter turns counterclockwise; of turned pages nothing else is learnt
    oriented: bool  # whether that can be seen


class PageCells(NamedTuple):
    """What the network says of a page."""

    kinds: Tensor  # (4, rows, columns): logits of KINDS
    baseline: Tensor  # (rows, columns), as in PageTruth
    height: Tensor  # (rows, columns), as in PageTruth
    turned: Tensor  # (4,): logits


class PageLSTM(
    nn.Module,
    StrictHubMixin,
    library_name="hwr",
    license="apache-2.0",
    pipeline_tag="image-segmentation",
    tags=["handwriting", "lstm", "layout-analysis"],
):
    """Convolutional stem, LSTMs along rows and columns in turn, a few numbers for each cell.

    Args:
        stem_channels: channels, multiples of 4, of the three 3x3 convolutions that lead to cells, each with group normalisation and ReLU.
        hidden_size: hidden units of each LSTM and direction, 2 to 1024, even.
        num_layers: pairs of bidirectional LSTMs, one along the rows and one along the columns, 1 to 4.
        trained_on: keys of the data that it has learnt: ``"unipen"``.

    Raises:
        ValueError: a value of the wrong type or out of range.
    """

    @checked
    def __init__(
        self,
        *,
        stem_channels: Annotated[list[Annotated[int, Field(ge=4, le=512, multiple_of=4)]], Field(min_length=3, max_length=3)] | None = None,
        hidden_size: Annotated[Units, Field(ge=2, multiple_of=2)] = 32,
        num_layers: Layers = 2,
        trained_on: Names | None = None,
    ) -> None:
        super().__init__()
        first, second, cell = stem_channels or STEM
        width = 2 * hidden_size
        self.trained_on = trained_on or []
        self.stem = nn.Sequential(_convolution(1, first, (2, 2)), _convolution(first, second, (2, 2)), _convolution(second, cell, (1, 2)))
        self.blocks = _convolution(cell, width, (2, 1))
        self.rows = nn.ModuleList(nn.LSTM(width, hidden_size, bidirectional=True, batch_first=True) for _ in range(num_layers))
        self.columns = nn.ModuleList(nn.LSTM(width, hidden_size, bidirectional=True, batch_first=True) for _ in range(num_layers))
        self.apart = nn.Linear(width, 2 * cell)
        self.mixing = nn.Sequential(nn.Conv2d(2 * cell, cell, 3, padding=1), nn.ReLU())
        self.output = nn.Conv2d(cell, len(KINDS) + 2, 1)
        self.side = nn.Linear(2 * width, 4)

    def forward(self, image: Tensor) -> PageCells:
        """What there is on a page.

        Args:
            image: uint8 (H, W), grey, of any size.

        Returns:
            See :class:`PageCells`; ``2 * ceil(H / 8)`` rows and ``ceil(W / 8)`` columns.
        """
        pixels = image.float()
        pixels = (pixels - pixels.mean()) / (pixels.std(correction=0) + 4)
        height, width = image.shape
        pixels = F.pad(pixels[None, None], (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
        cells = self.stem(pixels)  # (1, C, 2R, K)
        blocks = self.blocks(cells)[0].permute(1, 2, 0)  # (R, K, 2 hidden)
        for along, across in zip(self.rows, self.columns, strict=True):
            blocks = blocks + along(blocks)[0]
            turned = blocks.transpose(0, 1)
            blocks = (turned + across(turned.contiguous())[0]).transpose(0, 1)
        rows, columns = blocks.shape[:2]
        apart = self.apart(blocks).view(rows, columns, 2, -1).permute(3, 0, 2, 1).reshape(1, -1, 2 * rows, columns)
        found = self.output(self.mixing(torch.cat([cells, apart], 1)))[0]  # (6, 2R, K)
        side = self.side(torch.cat([blocks.mean((0, 1)), blocks.amax((0, 1))]))
        return PageCells(found[: len(KINDS)], found[-2], found[-1], side)

    def loss(self, batch: list[PageTruth]) -> tuple[Tensor, dict[str, Tensor]]:
        """Mean over pages: cross-entropy of cells and of the page's side, distance of baselines and heights where there is core.

        Returns:
            The scalar to minimise, and its parts (scalars) for the log.
        """
        parts: dict[str, list[Tensor]] = {"cells": [], "baseline": [], "height": [], "side": []}
        for page in batch:
            found = PageCells(*(part.float() for part in self(page.image)))
            if page.oriented:
                parts["side"].append(F.cross_entropy(found.turned, torch.tensor(page.turned, device=found.turned.device)))
            if page.turned:
                continue
            weight = torch.ones_like(page.cells)
            weight[0] = 2 + 2 * page.cells[0]
            parts["cells"].append(F.binary_cross_entropy_with_logits(found.kinds, page.cells, weight))
            core = page.cells[0] > 0.5
            if core.any():
                parts["baseline"].append(F.smooth_l1_loss(found.baseline[core], page.baseline[core], beta=0.2))
                parts["height"].append(F.smooth_l1_loss(found.height[core], page.height[core], beta=0.2))
        zero = self.side.weight.sum() * 0.0  # a batch may lack a part
        means = {name: torch.stack(values).sum() / len(batch) if values else zero for name, values in parts.items()}
        loss = means["cells"] + means["baseline"] + 0.5 * means["height"] + 0.1 * means["side"]
        return loss, {name: value.detach() for name, value in means.items()}

    def cells(self, image: np.ndarray) -> "FoundCells":
        """As :meth:`forward`, of a uint8 array (H, W): probabilities and pixels as float32 arrays; in evaluation mode."""
        with torch.inference_mode():
            found = self(torch.from_numpy(np.require(image, requirements=("C", "W"))).to(self.output.weight.device))
            kinds = found.kinds.sigmoid().cpu().numpy()
            core = USUAL * found.height.clamp(-3, 3).exp()
            return FoundCells(kinds, (core * found.baseline).cpu().numpy(), core.cpu().numpy(), found.turned.softmax(0).cpu().numpy())


class FoundCells(NamedTuple):
    """What there is on a page, in NumPy's arrays."""

    kinds: np.ndarray  # float32 (4, rows, columns): probabilities of KINDS
    baseline: np.ndarray  # float32 (rows, columns): pixels from the cell's middle down to the baseline
    core: np.ndarray  # float32 (rows, columns): core height in pixels
    turned: np.ndarray  # float32 (4,): probabilities of quarter turns counterclockwise


def _convolution(channels: int, to: int, stride: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, to, 3, stride, padding=1, bias=False), nn.GroupNorm(_GROUPS, to), nn.ReLU())
