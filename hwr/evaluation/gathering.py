"""What is remembered of a collection while it is evaluated: as little as will do for reports of any size."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from hwr.evaluation.metrics import read_classes
from hwr.evaluation.result import Mistake

GALLERY = 120
"""Errors whose pictures are kept: those that the model was surest of."""
STRIP = 12
"""Pictures that are kept of each confused pair."""


@dataclass
class Chunk:
    """What became of some entries. Where no ink was found in a character's picture, what is seen and probabilities are all zeros."""

    count: int
    skipped: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    seen: np.ndarray = field(default_factory=lambda: np.zeros((0, 28, 28), np.uint8))
    probabilities: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    other: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    text_names: list[str] = field(default_factory=list)
    text_writers: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)


@dataclass
class Characters:
    """What is remembered of single characters, as little as will do for reports of any size."""

    classes: str
    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    probabilities: list[np.ndarray] = field(default_factory=list)  # float32 (chunk, classes)
    other: list[np.ndarray] = field(default_factory=list)  # int16 (chunk,): what the model compared with reads; as of read_classes
    gallery: list[tuple[float, int, Mistake]] = field(default_factory=list)  # a heap
    pairs: dict[tuple[int, int], list[tuple[float, int, Mistake]]] = field(default_factory=lambda: defaultdict(list))  # heaps
    differing: list[Mistake] = field(default_factory=list)  # read right by one model only

    def add(self, chunk: Chunk, *, compared: bool) -> None:
        """Remember one chunk, with what the other model says of it if there is one."""
        if not chunk.names:
            return
        probabilities, read = chunk.probabilities, read_classes(chunk.probabilities)
        for row in np.flatnonzero((read != chunk.labels) & (read < len(self.classes))):
            truth, read_as, number = chunk.labels[row], int(read[row]), len(self.names) + int(row)
            sure = float(probabilities[row, read_as])
            mistake = Mistake(chunk.names[row], self.classes[truth], self.classes[read_as], sure, chunk.seen[row])
            for heap, size in ((self.gallery, GALLERY), (self.pairs[truth, read_as], STRIP)):
                heapq.heappush(heap, (sure, -number, mistake))
                if len(heap) > size:
                    heapq.heappop(heap)
        self.names += chunk.names
        self.labels += chunk.labels
        self.writers += chunk.writers
        self.probabilities.append(probabilities.astype(np.float32))
        if compared:
            self._compare(chunk)

    def _compare(self, chunk: Chunk) -> None:
        other = read_classes(chunk.other)
        self.other.append(other.astype(np.int16))
        mine, labels = read_classes(chunk.probabilities), np.asarray(chunk.labels)
        for row in np.flatnonzero((mine == labels) != (other == labels)):
            if len(self.differing) >= GALLERY:
                break
            # What the wrong one of the two says.
            wrong = chunk.other if mine[row] == labels[row] else chunk.probabilities
            read_as = int(wrong[row].argmax())
            self.differing.append(
                Mistake(
                    chunk.names[row],
                    self.classes[labels[row]],
                    f"{self.classes[mine[row]]} / {self.classes[other[row]]}",
                    float(wrong[row, read_as]),
                    chunk.seen[row],
                )
            )

    def together(self) -> np.ndarray:
        """All probabilities, float32 (N, classes)."""
        return np.concatenate(self.probabilities) if self.names else np.zeros((0, len(self.classes)), np.float32)

    def strip(self, truth: str, read_as: str) -> tuple[Mistake, ...]:
        """The errors of a confused pair that were kept, the surest first; none where nothing was read."""
        if not read_as:
            return ()
        return surest(self.pairs[self.classes.index(truth), self.classes.index(read_as)])


def surest(heap: list[tuple[float, int, Mistake]]) -> tuple[Mistake, ...]:
    """The errors of a heap, the surest first."""
    return tuple(mistake for *_, mistake in sorted(heap, key=lambda item: (-item[0], -item[1])))


@dataclass
class Texts:
    """What is remembered of texts."""

    names: list[str] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        """Remember one chunk."""
        self.names += chunk.text_names
        self.writers += chunk.text_writers
        self.truths += chunk.truths
        self.read += chunk.read
        self.sure += chunk.sure
