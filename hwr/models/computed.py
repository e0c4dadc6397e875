"""The networks that read, computed by PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, cast

import numpy as np
import torch
from torch import Tensor, nn


class Computed:
    """Gives a network of PyTorch the arrays of :class:`~hwr.models.arrays.ArrayNetwork`."""

    def answers(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """What ``OUTPUTS`` names of what ``INPUTS`` names, in evaluation mode: this is what is exported."""
        raise NotImplementedError

    def run(self, *inputs: np.ndarray) -> Sequence[np.ndarray]:
        device = next(cast("nn.Module", self).parameters()).device
        with torch.inference_mode():
            tensors = [torch.from_numpy(np.require(array, requirements=("C", "W"))).to(device) for array in inputs]
            return [answer.cpu().numpy() for answer in self.answers(*tensors)]

    def placed(self, device: str) -> Self:
        return cast("Self", cast("nn.Module", self).to(device).eval())
