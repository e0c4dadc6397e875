"""Pen trajectories: the UNIPEN ink data set, from a Hub repo id or a local folder to arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hwr.charset import CLASS_OF
from hwr.data.tables import load_table
from hwr.errors import InputError
from hwr.ink.strokes import Strokes

COLUMNS = ("text", "kind", "writer", "contributor", "case_reliable", "x", "y", "pen_up")
_SPACED_DIGITS = re.compile(r"\b\d(?: \d)+\b")
_SPACING_CONTRIBUTORS = ("hpb", "hpp")  # their labels have a space between the digits of a number, their ink has none


@dataclass(frozen=True)
class InkSet:
    """Samples of one kind, in the data set's order.

    Attributes:
        texts: what was written.
        strokes: float32 arrays (N, 2) per sample; 100 units are the writer's core height, y grows downwards.
        case_reliable: bool (samples,); False where the label may not follow the ink's case.
        writers: who wrote it.
        contributors: at which institution, so with which tablet.
    """

    texts: list[str]
    strokes: list[Strokes]
    case_reliable: np.ndarray
    writers: list[str]
    contributors: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def chosen(self, indices: Sequence[int]) -> InkSet:
        """Some of the samples, in this order."""
        return InkSet(
            [self.texts[index] for index in indices],
            [self.strokes[index] for index in indices],
            self.case_reliable[list(indices)],
            [self.writers[index] for index in indices],
            [self.contributors[index] for index in indices] if self.contributors else [],
        )


def load(dataset: str, split: str, kind: str) -> InkSet:
    """Read one kind of samples of a split.

    Args:
        dataset: Hub repo id, or a local folder with ``train.parquet``, ``validation.parquet`` and ``test.parquet``.
        split: ``"train"``, ``"validation"`` or ``"test"``; no writer is in two of them.
        kind: ``"char"``, ``"word"`` or ``"line"``.

    Raises:
        InputError: the data set isn't there, or hasn't the columns of this layout.
    """
    table = load_table(
        dataset,
        split,
        title=f"The ink data set {dataset} ({split})",
        otherwise="`hwr dataset unipen -o unipen-ink` makes it of UNIPEN's archive, https://doi.org/10.5281/zenodo.1195803.",
    )
    missing = [column for column in COLUMNS if column not in table.column_names]
    if missing:
        raise InputError(f"The data set {dataset} is not an ink data set: it lacks the columns {', '.join(missing)}.")
    columns = table.select_columns(list(COLUMNS)).with_format("arrow")[:]
    columns = columns.filter(np.asarray(columns["kind"].to_pandas() == kind))
    strokes = []
    for x, y, pen_up in zip(*(columns[name].to_pandas() for name in ("x", "y", "pen_up")), strict=True):
        points = np.stack([x, y], axis=1).astype(np.float32)
        strokes.append(np.split(points, np.flatnonzero(pen_up[:-1]) + 1))
    texts = [
        _SPACED_DIGITS.sub(lambda digits: digits[0].replace(" ", ""), text) if contributor in _SPACING_CONTRIBUTORS else text
        for text, contributor in zip(columns["text"].to_pylist(), columns["contributor"].to_pylist(), strict=True)
    ]
    reliable = np.asarray(columns["case_reliable"].to_pandas(), dtype=bool)
    return InkSet(texts, strokes, reliable, columns["writer"].to_pylist(), columns["contributor"].to_pylist())


def labelled_characters(ink: InkSet, *, unreliable_case: bool) -> tuple[list[Strokes], np.ndarray]:
    """The samples whose text is one of the 62 alphanumeric characters, with their label among the 47 classes.

    Args:
        ink: samples of kind ``"char"``.
        unreliable_case: keep also samples of unreliable case where both cases have the same class (digits, and merged letters).

    Returns:
        Strokes per sample, and int64 labels.
    """
    kept, labels = [], []
    for text, strokes, reliable in zip(ink.texts, ink.strokes, ink.case_reliable, strict=True):
        label = CLASS_OF.get(text)
        if label is None:
            continue
        if reliable or (unreliable_case and CLASS_OF[text.lower()] == CLASS_OF[text.upper()]):
            kept.append(strokes)
            labels.append(label)
    return kept, np.asarray(labels, dtype=np.int64)
