"""How large networks are."""

import math

from torch import nn


def parameter_count(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(math.prod(parameter.shape) for parameter in network.parameters())
