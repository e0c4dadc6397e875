"""Random distortions of character images, vectorised over the batch."""

import torch
from torch import Tensor
from torch.nn import functional as F

ELASTIC = 0.7
"""Root mean square of the displacement field, in pixels; see :func:`elastic_affine` for all of these."""
SMOOTHNESS = 4.0
"""Standard deviation of the Gaussian that smooths the field, in pixels."""
ROTATION = 0.1
"""Standard deviation of the angle, radians."""
SHEAR = 0.15
"""Standard deviation of the slant (x moved per y)."""
SCALING = 0.08
"""Standard deviation of the logarithm of each axis' scale."""
TRANSLATION = 0.04
"""Standard deviation of each axis' shift, as a share of the half side."""


def elastic_affine(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Elastic distortion (Simard, Steinkraus and Platt 2003) and a small affine map, in one resampling.

    Args:
        images: float (B, H, W) in [0, 1], ink 1 on 0.
        generator: source of all randomness.
        strength: multiplies displacements, angles, slants, scales and shifts.

    Returns:
        Float (B, H, W).
    """
    count, height, width = images.shape

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    angle, slant = strength * ROTATION * normal(count), strength * SHEAR * normal(count)
    scale = torch.exp(strength * SCALING * normal(count, 2))
    shift = strength * TRANSLATION * normal(count, 2)
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack(
        [
            torch.stack([cos * scale[:, 0], (slant * cos - sin) * scale[:, 1], shift[:, 0]], 1),
            torch.stack([sin * scale[:, 0], (slant * sin + cos) * scale[:, 1], shift[:, 1]], 1),
        ],
        1,
    )  # (B, 2, 3), output to input coordinates
    grid = F.affine_grid(theta, [count, 1, height, width], align_corners=False)  # (B, H, W, 2)
    field = _smooth(normal(count, 2, height, width), SMOOTHNESS)
    field = field / field.square().mean((1, 2, 3), keepdim=True).sqrt()
    # It varies from image to image, so that undistorted writing stays in the training set.
    elastic = strength * ELASTIC * torch.rand(count, 1, 1, 1, generator=generator) * 3**0.5
    pixel = torch.tensor([2 / width, 2 / height]).view(1, 2, 1, 1)
    grid = grid + (field * elastic * pixel).permute(0, 2, 3, 1)
    return F.grid_sample(images.unsqueeze(1), grid, mode="bilinear", padding_mode="zeros", align_corners=False).squeeze(1)


def _smooth(fields: Tensor, deviation: float) -> Tensor:
    """Gaussian smoothing of (..., H, W) as two matrix products, which on 28x28 is faster than a convolution."""

    def kernel(size: int) -> Tensor:
        at = torch.arange(size, dtype=torch.float32)
        return torch.exp(-0.5 * ((at[:, None] - at[None]) / deviation) ** 2)

    return kernel(fields.shape[-2]) @ fields @ kernel(fields.shape[-1])


def stroke_thickness(images: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Thicken or thin strokes: a random blend with the picture's 3x3 maximum or minimum.

    Args:
        images: float (B, H, W) in [0, 1], ink 1 on 0.
        generator: source of all randomness.
        strength: largest share of the maximum or minimum, in [0, 1].

    Returns:
        Float (B, H, W).
    """
    stacked = images.unsqueeze(1)
    share = strength * (2 * torch.rand(len(images), 1, 1, 1, generator=generator) - 1)
    thick, thin = F.max_pool2d(stacked, 3, 1, 1), -F.max_pool2d(-stacked, 3, 1, 1)
    # Thinning is held back: hair lines would vanish.
    return torch.where(share > 0, torch.lerp(stacked, thick, share), torch.lerp(stacked, thin, -0.5 * share)).squeeze(1)
