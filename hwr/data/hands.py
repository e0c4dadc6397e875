"""Ink to learn writing from: which pen move belongs to which letter, by the alignment of a reader of ink; where the baseline is.

Lengths are in core heights; a sample's left edge and its baseline are at 0, y grows downwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hwr.data.unipen import InkSet
from hwr.ink.letters import baseline, letter_starts, on_baseline, usual_bottom
from hwr.ink.moves import LIFT, TOLERANCE, Path, core_height, features, logical_order, simplified
from hwr.models.ink_ctc import InkCTC
from hwr.text.ctc import alignments

WORST_MARGIN = 1.6
"""Samples whose best alignment is less likely than what the reader sees by more than this (natural logarithm per character) are dropped."""
MOST_MOVES = 40
"""Moves of a letter; samples with longer ones are dropped."""
_TRIES = 6
"""How often something else is drawn if its length doesn't fit; short batches are quick."""


@dataclass(frozen=True, eq=False)
class PenSample:
    """Ink of known letters.

    Attributes:
        text: without spaces.
        path: core heights, from the left edge and the baseline.
        letters: int64 (N,): to which letter of the text each move belongs; never falling, each letter has a move.
        writer: who wrote it.
    """

    text: str
    path: Path
    letters: np.ndarray
    writer: str


def paths_of(ink: InkSet) -> list[Path]:
    """The samples of a set in logical order, simplified, in core heights."""
    return [logical_order(simplified([stroke / 100 for stroke in strokes], TOLERANCE)) for strokes in ink.strokes]


def scaled_features(path: Path) -> np.ndarray:
    """What a reader of ink sees of a path of any scale: float32 (N, 8)."""
    points = np.split(path.points, np.flatnonzero(path.kinds[1:] == LIFT) + 1)
    return features(path.changed(np.eye(2) / core_height(points)))


def aligned(ink: InkSet, reader: InkCTC) -> Iterator[PenSample]:
    """Words and lines of a set, as words whose moves are told apart by letter; what aligns badly is dropped.

    Where the label's case can't be relied on, the likeliest of the usual spellings counts.
    """
    paths = paths_of(ink)
    candidates: list[tuple[int, str]] = []
    for index, (text, path) in enumerate(zip(ink.texts, paths, strict=True)):
        spellings = [text] if ink.case_reliable[index] else list(dict.fromkeys((text, text.lower(), text.capitalize(), text.upper())))
        candidates += [(index, spelling) for spelling in spellings if 2 * len(spelling) <= len(path) <= 1000]
    candidates.sort(key=lambda candidate: len(paths[candidate[0]]))
    best: dict[int, tuple[float, str, np.ndarray]] = {}
    for start in range(0, len(candidates), 128):
        part = candidates[start : start + 128]
        needed = list(dict.fromkeys(index for index, _ in part))
        emitted = dict(zip(needed, reader.emissions([scaled_features(paths[index]) for index in needed]), strict=True))
        found, scores = alignments([emitted[index] for index, _ in part], [text for _, text in part], reader.charset)
        for (index, text), states, score in zip(part, found, scores, strict=True):
            margin = float(score - emitted[index].max(1).sum()) / len(text)
            if index not in best or margin > best[index][0]:
                best[index] = (margin, text, states)
    for index in sorted(best):
        margin, text, states = best[index]
        if margin > -WORST_MARGIN:
            yield from _words(text, paths[index], letter_starts(states, text, paths[index]), ink.writers[index])


def _words(text: str, path: Path, starts: np.ndarray, writer: str) -> Iterator[PenSample]:
    ends = np.append(starts[1:], len(path))
    if (ends <= starts).any():
        return
    begin = 0
    pieces = []
    for word in text.split():
        stop = begin + len(word)
        piece = path.part(int(starts[begin]), int(ends[stop - 1]))
        pieces.append((word, piece, np.repeat(np.arange(len(word)), (ends - starts)[begin:stop])))
        begin = stop
    for word, piece, letters in pieces:
        if piece is None or np.bincount(letters).max() > MOST_MOVES:
            continue
        placed = on_baseline(piece, baseline(word, piece, letters))
        if np.abs(placed.offsets).max() < 5:
            yield PenSample(word, placed, letters, writer)


def singles(ink: InkSet) -> Iterator[PenSample]:
    """Isolated characters of a set."""
    for text, path, writer, reliable in zip(ink.texts, paths_of(ink), ink.writers, ink.case_reliable, strict=True):
        placed = on_baseline(path, float(path.points[:, 1].max()) - usual_bottom(text))
        if reliable and text.strip() and len(path) <= MOST_MOVES and np.abs(placed.offsets).max() < 5:
            yield PenSample(text, placed, np.zeros(len(path), np.int64), writer)


def side_by_side(samples: Sequence[PenSample], gaps: Sequence[float]) -> PenSample:
    """Samples of one writer as one word, with so much space between the ink of neighbours."""
    points, kinds, before, letters, text = [], [], [], [], ""
    right, count = 0.0, 0
    for sample, gap in zip(samples, [0.0, *gaps], strict=True):
        left = right + gap if count else 0.0
        points.append(sample.path.points + np.array([left, 0], np.float32))
        kinds.append(sample.path.kinds)
        starts = sample.path.before + count
        starts[0] = max(0, count - 1)
        before.append(starts)
        letters.append(sample.letters + len(text))
        right = float(points[-1][:, 0].max())
        count += len(sample.path)
        text += sample.text
    path = Path(np.concatenate(points), np.concatenate(kinds), np.concatenate(before))
    return PenSample(text, path, np.concatenate(letters), samples[0].writer)


class Hands:
    """Samples by writer, to draw training samples from; every draw depends on the generator alone.

    Args:
        words: aligned.
        chars: isolated.
    """

    def __init__(self, words: Sequence[PenSample], chars: Sequence[PenSample]) -> None:
        self.words: dict[str, list[PenSample]] = defaultdict(list)
        self.chars: dict[str, dict[str, list[PenSample]]] = defaultdict(lambda: defaultdict(list))
        for sample in words:
            self.words[sample.writer].append(sample)
        for sample in chars:
            self.chars[sample.writer][sample.text].append(sample)
        for own in self.words.values():
            own.sort(key=lambda sample: len(sample.path))
        self.counts = {writer: len(own) for writer, own in self.words.items()}
        for writer, own in self.chars.items():
            self.counts[writer] = self.counts.get(writer, 0) + len(own)
        self.writers = sorted(writer for writer, count in self.counts.items() if count >= 10)
        weights = np.sqrt([self.counts[writer] for writer in self.writers])
        self.weights = weights / weights.sum()
        self.lengths = {writer: np.array([len(sample.path) for sample in own]) for writer, own in self.words.items()}
        self.everywhere = np.sort(np.concatenate(list(self.lengths.values())))

    def length(self, quantile: float) -> int:
        """Moves of a word that is longer than this share of all words."""
        return int(self.everywhere[int(quantile * len(self.everywhere))])

    def group(self, rng: np.random.Generator, size: int, length: int, moves: int = 1) -> list[list[PenSample]]:
        """So many sittings of one writer; no ink is in two places.

        Else the style of one would be taken from ink that is to be predicted.

        Args:
            rng: decides.
            size: sittings, 10 at most.
            length: moves that a word has about, as far as there are such.
            moves: that a sitting has about, of at least one word, as far as the writer wrote so much.
        """
        for _ in range(_TRIES):
            writer = self.writers[int(rng.choice(len(self.writers), p=self.weights))]
            if writer in self.chars or self.lengths[writer][-1] > 0.8 * length:
                break
        share = self.counts[writer] // size
        used: set[int] = set()
        sittings = []
        for _ in range(size):
            words: list[PenSample] = []
            total, most = 0, share
            while not words or (most > 0 and total + len(words[-1].path) / 2 < moves):
                parts, word = self._unused(rng, writer, length, max(1, most // max(1, round((moves - total) / length))), used)
                used.update(map(id, parts))
                most -= len(parts)
                total += len(word.path)
                words.append(word)
            sittings.append(words)
        return sittings

    def _unused(self, rng: np.random.Generator, writer: str, length: int, most: int, used: set[int]) -> tuple[list[PenSample], PenSample]:
        """As :meth:`_sample`, of about so many moves as far as there are such, and of nothing that was used."""
        for _ in range(_TRIES):
            parts, sample = self._sample(rng, writer, length, most)
            if len(sample.path) <= 1.15 * length + 4 and len(parts) <= most and used.isdisjoint(map(id, parts)):
                return parts, sample
        if used.isdisjoint(map(id, parts)) and len(parts) <= most:
            return parts, sample
        # A writer of few samples: whatever is left.
        own = [*self.words.get(writer, []), *(sample for some in self.chars.get(writer, {}).values() for sample in some)]
        left = [sample for sample in own if id(sample) not in used]
        sample = left[int(rng.integers(len(left)))]
        return [sample], sample

    def _sample(self, rng: np.random.Generator, writer: str, length: int, most: int) -> tuple[list[PenSample], PenSample]:
        """Something that a writer wrote, after the samples that it is made of, ``most`` at most."""
        words, chars = self.words.get(writer, []), self.chars.get(writer)
        kind = rng.random()
        if chars is None or (len(words) >= 5 and kind < 0.72):
            word = self._word(rng, writer, length)
            return [word], word
        if len(words) >= 5 and kind < 0.82:  # a capital before a word, or a sign after it
            word, char = self._word(rng, writer, length - 8), self._char(rng, chars)
            gap = [rng.normal(0.3, 0.12)]
            parts = [char, word] if char.text.isupper() or char.text in "([{\"'$#@" else [word, char]
            return parts, side_by_side(parts, gap)
        parts = [self._char(rng, chars) for _ in range(max(1, min(10, most, round(length / 9))))]
        gap = rng.uniform(0.12, 0.55)
        return parts, side_by_side(parts, rng.normal(gap, 0.08, len(parts) - 1).tolist())

    def _word(self, rng: np.random.Generator, writer: str, length: int) -> PenSample:
        own = self.words[writer]
        place = np.searchsorted(self.lengths[writer], length) + rng.normal(0, 4 + 0.03 * len(own))
        return own[int(np.clip(place, 0, len(own) - 1))]

    def _char(self, rng: np.random.Generator, chars: dict[str, list[PenSample]]) -> PenSample:
        kinds = list(chars)
        samples = chars[kinds[int(rng.integers(len(kinds)))]]
        return samples[int(rng.integers(len(samples)))]
