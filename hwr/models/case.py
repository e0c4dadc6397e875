"""Labels whose case means nothing: the two cases of a letter count as one."""

import torch
from torch import Tensor


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
