"""A recurrent layer over samples of unlike length."""

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def hidden_states(lstm: nn.LSTM, inputs: Tensor, counts: Tensor) -> Tensor:
    """Hidden states of a batch.

    In training nothing is packed, which is twice as fast: there samples of a batch are of like length, and the padding is empty.

    Args:
        lstm: stacked or not, one way or both, batch first.
        inputs: (B, T, F), padded at the end.
        counts: int64 (B,), steps of each sample that count: out of training, what comes after has no influence.

    Returns:
        (B, T, hidden units of all directions).
    """
    if lstm.training:
        return lstm(inputs)[0]
    packed = pack_padded_sequence(inputs, counts.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=inputs.shape[1])[0]
