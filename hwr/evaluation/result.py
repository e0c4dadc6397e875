"""What an evaluation says while it runs, and what comes out of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

_GUARDED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is.

    Attributes:
        done: entries.
        total: entries; None where only the end will tell.
        per_second: entries a second so far.
    """

    done: int
    total: int | None
    per_second: float

    @property
    def seconds_left(self) -> float | None:
        """By the speed so far."""
        return None if self.total is None or not self.per_second else max(0.0, (self.total - self.done) / self.per_second)


class Mistake(NamedTuple):
    """A character that was read wrong."""

    name: str
    truth: str
    read_as: str
    confidence: float
    seen: np.ndarray  # uint8 (28, 28), ink 255 on 0


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What came out.

    Attributes:
        name: of the collection.
        model: where the weights came from.
        scheme: what the labels were taken for, see :data:`hwr.evaluation.labels.SCHEMES`.
        characters: metrics of the single characters; None if there are none.
        texts: metrics of the texts; None if there are none.
        intervals: 95 % intervals of the headline figures.
        writers: over how many writers these are; None where they are over single images.
        skipped: entries that could not be evaluated: name and reason.
        comparison: of two models, by McNemar's test; None for one.
        predictions: rows of ``file, truth`` and three times what was read and how sure.
        mistakes: errors, the surest first.
        strips: of each confused pair ``(truth, read as)``, errors, the surest first.
        differing: characters that only one of two models reads right.
        calibration: of the characters, see :func:`hwr.evaluation.metrics.reliability`.
        seconds: that it took.
    """

    name: str
    model: str
    scheme: str
    characters: dict[str, Any] | None
    texts: dict[str, Any] | None
    intervals: dict[str, tuple[float, float]]
    writers: int | None
    skipped: tuple[tuple[str, str], ...]
    comparison: dict[str, Any] | None
    predictions: Callable[[], Iterator[list[Any]]]
    mistakes: tuple[Mistake, ...]
    strips: dict[tuple[str, str], tuple[Mistake, ...]]
    differing: tuple[Mistake, ...]
    calibration: tuple[dict[str, float], ...]
    seconds: float

    def metrics(self) -> dict[str, Any]:
        """``metrics.json``.

        Returns:
            ``accuracy``, ``macro_f1`` and the others of :func:`hwr.evaluation.metrics.classification_metrics`; for texts ``cer``, ``wer``;
            how many of each kind there were (``n_characters``, ``n_texts``, together ``n``), and in how many of these nothing was read
            (``unread_characters``, ``unread_texts``); ``intervals``, and what was drawn for them (``intervals_over``: ``"writers"`` or
            ``"images"``); ``skipped`` (``name`` and ``reason``).
        """
        characters = self.characters or {"accuracy": None, "macro_f1": None, "n": 0, "unread": 0}
        texts = self.texts or {"n": 0, "unread": 0}
        counts = {"n": characters["n"] + texts["n"]}
        for kind, figures in (("characters", characters), ("texts", texts)):
            counts |= {f"n_{kind}": figures["n"], f"unread_{kind}": figures["unread"]}
        found: dict[str, Any] = {"name": self.name, "model": self.model, "labels": self.scheme} | counts
        found |= {key: value for key, value in (texts | characters).items() if key not in ("n", "unread")}
        if self.comparison:
            found["comparison"] = self.comparison
        return found | {
            "intervals": {key: list(interval) for key, interval in self.intervals.items()},
            "intervals_over": "images" if self.writers is None else "writers",
            "skipped": [{"name": name, "reason": reason} for name, reason in self.skipped],
        }

    def save_metrics(self, path: Path) -> None:
        """Write ``metrics.json``."""
        path.write_text(json.dumps(self.metrics(), indent=1) + "\n", encoding="utf-8")

    def save_predictions(self, path: Path) -> None:
        """Write ``predictions.csv``; cells that a spreadsheet would take for a formula are made harmless by an apostrophe."""
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "truth", *(f"{what}_{rank}" for rank in (1, 2, 3) for what in ("read", "probability"))])
            for row in self.predictions():
                writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_GUARDED) else cell for cell in row])
