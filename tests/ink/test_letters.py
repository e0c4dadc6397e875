"""Where the letters of a word begin in its ink."""

import numpy as np

from hwr.ink.letters import letter_starts
from hwr.ink.moves import logical_order
from hwr.text.ctc import alignments


def test_boundaries_fall_on_lifts() -> None:
    charset = "ab"
    log_probs = np.full((10, 3), np.log(0.05))
    log_probs[:, 0] = np.log(0.9)
    log_probs[2], log_probs[8] = np.log([0.05, 0.9, 0.05]), np.log([0.05, 0.05, 0.9])
    (states,), _ = alignments([log_probs], ["ab"], charset)
    slope = np.cumsum(np.ones((5, 2), np.float32), 0)
    path = logical_order([slope, slope + np.float32([6, 0])])
    assert letter_starts(states, "ab", path).tolist() == [0, 5]
