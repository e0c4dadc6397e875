"""What the output of a CTC network says of a text: the best path, the probability of a text, and where each of its characters stands.

The network emits, per time step, a distribution over the CTC blank (class 0) and the characters (class ``k + 1`` is ``charset[k]``); a
text's probability is the sum over all alignments that collapse to it (Graves et al. 2006, doi:10.1145/1143844.1143891).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwr.errors import InputError

FLOOR = -69.0
"""Log-probability that search and alignment never go below, so that what the network excludes ranks last instead of nowhere."""


@dataclass(frozen=True)
class Span:
    """Where a character of a text stands.

    Attributes:
        char: the character.
        start: where it begins, in time steps from the left.
        stop: where it ends; the next one begins there.
        confidence: probability in [0, 1] that this character, and no other or none, stands between its neighbours.
        alternatives: other characters in its place, ``(char, probability)``, likeliest first.
    """

    char: str
    start: float
    stop: float
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


def greedy(log_probs: np.ndarray, charset: str) -> str:
    """The text of the best path: the likeliest class of each step, repeats merged, blanks dropped (Graves et al. 2006).

    Args:
        log_probs: float (T, 1 + len(charset)).
        charset: class ``k + 1`` is ``charset[k]``.
    """
    check_emissions(log_probs, charset)
    path = log_probs.argmax(1) if len(log_probs) else np.empty(0, int)
    starts = np.flatnonzero((path != 0) & (np.diff(path, prepend=0) != 0))
    return "".join(charset[label - 1] for label in path[starts])


def ctc_log_probability(log_probs: np.ndarray, text: str, charset: str) -> float:
    """Natural logarithm of a text's CTC probability, by the forward algorithm (Graves et al. 2006).

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms.
        text: any text over the charset.
        charset: class ``k + 1`` is ``charset[k]``.

    Returns:
        The logarithm of the sum over all alignments; ``-inf`` where there is none.

    Raises:
        InputError: the text has characters that the charset lacks.
    """
    check_emissions(log_probs, charset)
    return float(forward_scores(np.asarray(log_probs, np.float64), [_labels(text, charset)])[0])


def align(log_probs: np.ndarray, text: str, charset: str, *, alternatives: int = 4) -> list[Span]:
    """Where each character of a text stands, how sure it is, and what else could stand there.

    Places come from the likeliest alignment (Viterbi). CTC emits a character in a spike of a step or two; here it extends to the middle
    between its spike and its neighbours'. Confidences compare the text's CTC probability with that of every text that differs from it in
    this one character, which is replaced or left out; all of them come out of one forward and one backward pass.

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms.
        text: any text over the charset.
        charset: class ``k + 1`` is ``charset[k]``.
        alternatives: how many other characters to report.

    Returns:
        One span per character, in order, within [0, T]. If there are fewer steps than the text needs, they share them evenly, with
        confidence 0.

    Raises:
        InputError: the text has characters that the charset lacks.
    """
    check_emissions(log_probs, charset)
    target = _labels(text, charset)
    steps = len(log_probs)
    if not target:
        return []
    if steps < steps_needed(target):
        return [Span(char, steps * k / len(text), steps * (k + 1) / len(text), 0.0) for k, char in enumerate(text)]
    floored = np.maximum(log_probs, FLOOR, dtype=np.float64)
    starts, stops = _extents(_viterbi([floored], [target])[0][0], steps)
    probabilities, none = _substitutions(floored, target)
    whole = probabilities.sum(1) + none
    spans = []
    for k, char in enumerate(text):
        order = [label for label in np.argsort(-probabilities[k], kind="stable") if label != target[k] - 1][:alternatives]
        others = tuple((charset[label], float(probabilities[k, label] / whole[k])) for label in order)
        spans.append(Span(char, starts[k], stops[k], float(probabilities[k, target[k] - 1] / whole[k]), others))
    return spans


def alignments(emitted: Sequence[np.ndarray], texts: Sequence[str], charset: str) -> tuple[list[np.ndarray], np.ndarray]:
    """The likeliest alignment of each text (Viterbi), all at once.

    Args:
        emitted: float (T, 1 + len(charset)) each, natural logarithms.
        texts: none is empty or needs more steps than there are.
        charset: class ``k + 1`` is ``charset[k]``.

    Returns:
        int64 (T,) each, per step ``2 k + 1`` for character k and ``2 k`` for the blank before it; and float64 (N,), the alignments'
        log-probabilities.

    Raises:
        InputError: a text has characters that the charset lacks.
    """
    floored = [np.maximum(log_probs, FLOOR, dtype=np.float64) for log_probs in emitted]
    return _viterbi(floored, [_labels(text, charset) for text in texts])


def lone_characters(log_probs: np.ndarray) -> np.ndarray:
    """How likely it is that a text is one character and nothing else: natural logarithms of CTC probabilities, float64 (len(charset),).

    That the path is at character c from step i to step j, and at the blank before and after, summed over all i and j.

    Args:
        log_probs: float (T, 1 + len(charset)), natural logarithms; T is 1 or more.
    """
    whole = np.cumsum(np.maximum(log_probs, FLOOR, dtype=np.float64), axis=0)
    before = np.concatenate([np.zeros((1, whole.shape[1])), whole[:-1]])
    begun = np.logaddexp.accumulate(before[:, :1] - before[:, 1:], axis=0)  # over i up to j
    return np.logaddexp.reduce(begun + whole[:, 1:] - whole[:, :1] + whole[-1, 0], axis=0)


def check_emissions(log_probs: np.ndarray, charset: str) -> None:
    if log_probs.ndim != 2 or log_probs.shape[1] != 1 + len(charset):
        raise ValueError(f"log_probs must have shape (T, {1 + len(charset)}), not {log_probs.shape}")


def _labels(text: str, charset: str) -> list[int]:
    if unknown := sorted(set(text) - set(charset)):
        raise InputError(f"The model has no character {unknown[0]!r}.")
    return [1 + charset.index(char) for char in text]


def steps_needed(symbols: Sequence[int] | str) -> int:
    """Time steps that a text needs at least: one per symbol, and a blank between equal ones."""
    return len(symbols) + sum(one == other for one, other in pairwise(symbols))


def forward_scores(log_probs: np.ndarray, targets: Sequence[Sequence[int]]) -> np.ndarray:
    """CTC log-probabilities, float64 (N,), of N label sequences, each by the forward algorithm, all at once; arguments as elsewhere."""
    longest = max(len(target) for target in targets)
    extended = np.zeros((len(targets), 2 * longest + 1), np.int64)  # blanks between, before and after the symbols
    for row, target in zip(extended, targets, strict=True):
        row[1 : 2 * len(target) : 2] = target
    alpha = np.full((len(targets), extended.shape[1] + 2), -np.inf)  # two columns of nothing on the left
    alpha[:, 2] = 0.0
    skips = _skips(extended)
    for frame in log_probs:
        total = np.logaddexp(alpha[:, 2:], alpha[:, 1:-1])
        # Before the first step all mass waits at the first blank, from where it may go to that blank or to the first symbol.
        total = np.logaddexp(total, np.where(skips, alpha[:, :-2], -np.inf))
        alpha[:, 2:] = total + frame[extended]
    rows = np.arange(len(targets))
    ends = 2 + 2 * np.array([len(target) for target in targets])
    before = np.where(ends > 2, alpha[rows, ends - 1], -np.inf)
    return np.logaddexp(alpha[rows, ends], before)


def _skips(extended: np.ndarray) -> np.ndarray:
    """Where the blank before a symbol may be left out, bool, of the shape of ``extended``, int64 (..., 2L + 1)."""
    found = np.zeros(extended.shape, bool)
    found[..., 3::2] = extended[..., 3::2] != extended[..., 1:-2:2]
    return found


def _viterbi(emitted: Sequence[np.ndarray], targets: Sequence[list[int]]) -> tuple[list[np.ndarray], np.ndarray]:
    """As :func:`alignments`, of float64 arrays and classes."""
    rows = np.arange(len(targets))
    steps, ends = np.array([len(log_probs) for log_probs in emitted]), np.array([2 * len(target) for target in targets])
    extended = np.zeros((len(targets), int(ends.max()) + 1), np.int64)
    frames = np.zeros((int(steps.max()), len(targets), emitted[0].shape[1]))
    for row, (log_probs, target) in enumerate(zip(emitted, targets, strict=True)):
        extended[row, 1 : 2 * len(target) : 2] = target
        frames[: len(log_probs), row] = log_probs
    skips = _skips(extended)
    best = np.full((len(targets), extended.shape[1] + 2), -np.inf)
    best[:, 2] = 0.0
    back = np.zeros((len(frames), *extended.shape), np.int8)
    for step, frame in enumerate(frames):
        going = steps > step  # the others have ended
        ways = np.stack([best[:, 2:], best[:, 1:-1], np.where(skips, best[:, :-2], -np.inf)])
        back[step] = ways.argmax(0)
        best[going, 2:] = ways.max(0)[going] + frame[rows[:, None], extended][going]
    last_blank, last_symbol = best[rows, 2 + ends], best[rows, 1 + ends]
    state = ends - (last_symbol >= last_blank)
    path = np.empty((len(frames), len(targets)), np.int64)
    for step in reversed(range(len(frames))):
        path[step] = state
        state = np.where(steps > step, state - back[step, rows, state], state)
    return [path[:count, row] for row, count in enumerate(steps)], np.maximum(last_blank, last_symbol)


def _extents(path: np.ndarray, steps: int) -> tuple[list[float], list[float]]:
    """Where each symbol of an alignment begins and ends, in steps: halfway between neighbours, and as far outside at the ends."""
    emitting = np.flatnonzero(path % 2)
    spike_starts = emitting[np.flatnonzero(np.diff(path[emitting], prepend=-1))]
    spike_stops = emitting[np.flatnonzero(np.diff(path[emitting], append=-1))] + 1
    between = (spike_stops[:-1] + spike_starts[1:]) / 2
    if not len(between):
        return [0.0], [float(steps)]
    left = max(0.0, spike_starts[0] - (between[0] - spike_stops[0]) - 0.5)
    right = min(float(steps), spike_stops[-1] + (spike_starts[-1] - between[-1]) + 0.5)
    return [left, *between.tolist()], [*between.tolist(), right]


def _substitutions(log_probs: np.ndarray, target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """How likely the text is with one symbol replaced, and with it left out, as multiples of its own probability up to a factor per symbol.

    Mass enters a symbol from the blank before it and from the symbol before that, stays, and leaves for what comes after it. What enters
    and what is left to do after it depend on the text around it only, so that one pass through the steps serves every replacement.

    Args:
        log_probs: float64 (T, classes), all finite.
        target: classes of the L symbols.

    Returns:
        float64 (L, classes - 1), by class without the blank, and float64 (L,), of the text without the symbol.
    """
    symbols = np.array(target)
    steps, count = len(log_probs), len(symbols)
    alpha, beta = _forward_backward(log_probs, target)
    none = np.full((steps, 1), -np.inf)
    # By time t and symbol k: alpha has just taken in step t, beta has still to take in step t.
    blanks, emitted = alpha[:, 0::2], alpha[:, 1::2]
    before_symbol = np.hstack([none, emitted[:, :-1]])
    ahead = beta[:, 0::2]
    after_symbol = np.hstack([beta[:, 3::2], none])
    previous, following = np.append(0, symbols[:-1]), np.append(symbols[1:], 0)

    # Shifted by one step: what may enter at t was there at t - 1; before the first step all waits at the first blank.
    first = np.full((1, count), -np.inf)
    waiting = first.copy()
    waiting[0, 0] = 0.0
    from_blank, from_symbol = np.vstack([waiting, blanks[:-1, :-1]]), np.vstack([first, before_symbol[:-1]])
    done = first.copy()
    done[0, -1] = 0.0
    to_blank, to_symbol = np.vstack([ahead[1:, 1:], done]), np.vstack([after_symbol[1:], first])

    # Without the symbol, the two blanks around it are one, and it goes on from there, or from the symbol before, to the symbol after.
    joined = np.logaddexp(from_blank, np.where(previous != following, from_symbol, -np.inf))
    left_out = np.logaddexp.reduce(joined + after_symbol, axis=0)
    left_out[-1] = np.logaddexp(alpha[-1, -3], alpha[-1, -4] if count > 1 else -np.inf)

    # Numbers instead of logarithms, relative to all mass in the neighbourhood of the symbol, which changes little from step to step.
    level = np.logaddexp(np.logaddexp(from_blank, from_symbol), np.vstack([first, emitted[:-1]]))
    level = np.logaddexp(level, emitted)
    level[~np.isfinite(level)] = 0.0
    whole = np.logaddexp(alpha[-1, -1], alpha[-1, -2])
    decay = _exp(np.vstack([np.zeros((1, count)), level[:-1] - level[1:]]))
    enter, enter_symbol = _exp(np.logaddexp(from_blank, from_symbol) - level), _exp(from_symbol - level)
    leave, leave_symbol = _exp(np.logaddexp(to_blank, to_symbol) + level - whole), _exp(to_symbol + level - whole)
    probs = np.exp(log_probs[:, 1:])
    rows = np.arange(count)
    mass, found = np.zeros((count, probs.shape[1])), np.zeros((count, probs.shape[1]))
    for step in range(steps):
        mass *= decay[step, :, None]
        mass += enter[step, :, None]
        mass[rows[1:], previous[1:] - 1] -= enter_symbol[step, 1:]  # equal symbols need a blank between
        mass *= probs[step]
        np.minimum(mass, _MOST, out=mass)
        found += mass * leave[step, :, None]
        found[rows[:-1], following[:-1] - 1] -= mass[rows[:-1], following[:-1] - 1] * leave_symbol[step, :-1]
    found = np.clip(found, 0.0, _MOST)
    return found, _exp(left_out - whole)


_MOST = 1e200


def _exp(logarithms: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(logarithms, 300.0))


def _forward_backward(log_probs: np.ndarray, target: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Forward and backward log-probabilities, float64 (T, 2L + 1) each; both include the emission at their step."""
    extended = np.zeros(2 * len(target) + 1, np.int64)
    extended[1::2] = target
    passes = []
    for order in (slice(None), slice(None, None, -1)):  # backward is forward in a mirror
        emitted = log_probs[order][:, extended[order]]
        skips = _skips(extended[order])
        now = np.full(len(extended) + 2, -np.inf)
        now[2] = 0.0
        found = np.empty(emitted.shape)
        for step, frame in enumerate(emitted):
            now[2:] = np.logaddexp(np.logaddexp(now[2:], now[1:-1]), np.where(skips, now[:-2], -np.inf)) + frame
            found[step] = now[2:]
        passes.append(found[order][:, order])
    return passes[0], passes[1]
