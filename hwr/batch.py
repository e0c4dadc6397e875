"""How well models read somebody's handwriting: every labelled image of a collection, characters and texts alike."""

from __future__ import annotations

import csv
import heapq
import itertools
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from hwr.charset import CLASS_OF, PRINTABLE
from hwr.data.collections import Collection, Entry, TooMuchError
from hwr.data.labels import check_scheme, infer, meaning
from hwr.errors import InputError
from hwr.evaluation import bootstrap_intervals, classification_metrics, mcnemar, reliability, text_edits, text_intervals, text_metrics
from hwr.images import character
from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader

CHUNK = 64
GALLERY = 120
"""Errors whose pictures are kept: those that the model was surest of."""
STRIP = 12
"""Pictures that are kept of each confused pair."""
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


@dataclass
class Characters:
    """What is remembered of single characters, as little as will do for reports of any size."""

    classes: str
    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    probabilities: list[np.ndarray] = field(default_factory=list)  # float32 (chunk, classes)
    other: list[np.ndarray] = field(default_factory=list)  # int16 (chunk,): what the model compared with reads
    gallery: list[tuple[float, int, Mistake]] = field(default_factory=list)  # a heap
    pairs: dict[tuple[int, int], list[tuple[float, int, Mistake]]] = field(default_factory=lambda: defaultdict(list))  # heaps
    differing: list[Mistake] = field(default_factory=list)  # read right by one model only

    def add(self, names: Sequence[str], labels: Sequence[int], seen: np.ndarray, probabilities: np.ndarray) -> None:
        """Remember one chunk."""
        for row in np.flatnonzero(probabilities.argmax(1) != labels):
            read_as, number = int(probabilities[row].argmax()), len(self.names) + int(row)
            sure = float(probabilities[row, read_as])
            mistake = Mistake(names[row], self.classes[labels[row]], self.classes[read_as], sure, seen[row])
            for heap, size in ((self.gallery, GALLERY), (self.pairs[labels[row], read_as], STRIP)):
                heapq.heappush(heap, (sure, -number, mistake))
                if len(heap) > size:
                    heapq.heappop(heap)
        self.names += names
        self.labels += labels
        self.probabilities.append(probabilities.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What came out.

    Attributes:
        name: of the collection.
        model: where the weights came from.
        scheme: what the labels were taken for, see :data:`hwr.data.labels.SCHEMES`.
        characters: metrics of the single characters; None if there are none.
        texts: metrics of the texts; None if there are none.
        intervals: 95 % intervals of the headline figures.
        skipped: entries that could not be evaluated: name and reason.
        comparison: of two models, by McNemar's test; None for one.
        predictions: rows of ``file, truth`` and three times what was read and how sure.
        mistakes: errors, the surest first.
        strips: of each confused pair ``(truth, read as)``, errors, the surest first.
        differing: characters that only one of two models reads right.
        calibration: of the characters, see :func:`hwr.evaluation.reliability`.
        seconds: that it took.
    """

    name: str
    model: str
    scheme: str
    characters: dict[str, Any] | None
    texts: dict[str, Any] | None
    intervals: dict[str, tuple[float, float]]
    skipped: tuple[tuple[str, str], ...]
    comparison: dict[str, Any] | None
    predictions: Callable[[], Iterator[list[Any]]]
    mistakes: tuple[Mistake, ...]
    strips: dict[tuple[str, str], tuple[Mistake, ...]]
    differing: tuple[Mistake, ...]
    calibration: tuple[dict[str, float], ...]
    seconds: float

    def metrics(self) -> dict[str, Any]:
        """``metrics.json``: ``accuracy``, ``macro_f1``, ``n``, ``skipped`` (``name`` and ``reason``); for texts ``cer`` and ``wer``."""
        found: dict[str, Any] = {"name": self.name, "model": self.model, "labels": self.scheme}
        found |= self.characters or {"accuracy": None, "macro_f1": None, "n": 0}
        if self.texts:
            found |= {key: value for key, value in self.texts.items() if key != "n"} | {"n_texts": self.texts["n"]}
            found["n"] += self.texts["n"]
        if self.comparison:
            found["comparison"] = self.comparison
        return found | {
            "intervals": {key: list(interval) for key, interval in self.intervals.items()},
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


def evaluate(collection: Collection, recognizer: CharRecognizer, reader: TextReader, **options: Any) -> Evaluation:
    """Evaluate to the end; arguments, result and errors as of :func:`steps`."""
    *_, last = steps(collection, recognizer, reader, **options)
    assert isinstance(last, Evaluation)
    return last


def steps(
    collection: Collection,
    recognizer: CharRecognizer,
    reader: TextReader,
    *,
    against: CharRecognizer | None = None,
    labels: str = "auto",
    workers: int | None = None,
) -> Iterator[Progress | Evaluation]:
    """Evaluate models on a collection, bit by bit. What can't be used is listed with its reason; the rest goes on.

    Args:
        collection: labelled images.
        recognizer: reads those with labels of one character.
        reader: reads those with longer ones.
        against: another reader of single characters, to compare with.
        labels: what they mean: one of :data:`hwr.data.labels.SCHEMES`, or ``"auto"``.
        workers: threads; None for one a core.

    Yields:
        Progress again and again, and in the end the evaluation.

    Raises:
        InputError: the whole collection can't be used, or nothing in it could be evaluated; the message says why.
    """
    check_scheme(labels)
    if against is not None and against.classes != recognizer.classes:
        raise InputError("The two models can't be compared: they know different classes.")
    known = collection.labels
    entries = collection.entries()
    if not known:  # a stream: its first entries tell
        first = list(itertools.islice(entries, 2000))
        known, entries = frozenset(entry.label for entry in first if not entry.error), itertools.chain(first, entries)
    scheme = infer(known) if labels == "auto" else labels
    skipped: list[tuple[str, str]] = []
    characters, texts = Characters(recognizer.classes), _Texts()
    start, done = time.monotonic(), 0
    count = workers or os.cpu_count() or 1
    with ThreadPoolExecutor(count) as pool:
        chunks = iter(lambda: list(itertools.islice(entries, CHUNK)), [])
        # A few chunks ahead, no more: memory stays flat.
        waiting = [pool.submit(_read, chunk, scheme, recognizer, reader, against) for chunk in itertools.islice(chunks, 2 * count)]
        while waiting:
            chunk = waiting.pop(0).result()
            for following in itertools.islice(chunks, 1):
                waiting.append(pool.submit(_read, following, scheme, recognizer, reader, against))
            done += chunk.count
            skipped += chunk.skipped
            if chunk.names:
                characters.add(chunk.names, chunk.labels, chunk.seen, chunk.probabilities)
                if against is not None:
                    _compare(characters, chunk)
            texts.names += chunk.text_names
            texts.truths += chunk.truths
            texts.read += chunk.read
            texts.sure += chunk.sure
            yield Progress(done, collection.total, done / max(time.monotonic() - start, 1e-9))
    if not characters.names and not texts.names:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped[:3])
        raise InputError(f"Nothing in {collection.name} could be evaluated. {reasons}")
    yield _finish(collection.name, recognizer, against, scheme, characters, texts, skipped, start)


@dataclass
class _Texts:
    names: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)


@dataclass
class _Chunk:
    """What became of some entries."""

    count: int
    skipped: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    seen: np.ndarray = field(default_factory=lambda: np.zeros((0, 28, 28), np.uint8))
    probabilities: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    other: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    text_names: list[str] = field(default_factory=list)
    truths: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)


def _read(entries: Sequence[Entry], scheme: str, recognizer: CharRecognizer, reader: TextReader, against: CharRecognizer | None) -> _Chunk:
    chunk = _Chunk(len(entries))
    seen = []
    for entry in entries:
        try:
            if entry.error:
                raise InputError(entry.error)
            truth = meaning(entry.label, scheme)
            if truth is None:
                raise InputError(f"The label {entry.label[:60]!r} means nothing as {scheme}.")
            if len(truth) == 1:
                label = CLASS_OF.get(truth)
                if label is None:
                    raise InputError(f"There is no class for {truth!r}: single characters are letters and digits.")
                seen.append(character(entry.read()))
                chunk.names.append(entry.name)
                chunk.labels.append(label)
            else:
                if odd := sorted(set(truth) - set(PRINTABLE)):
                    raise InputError(f"The label {truth[:60]!r} has characters that can't be read: {''.join(odd)[:20]}")
                result = reader.read_line(entry.read())
                chunk.text_names.append(entry.name)
                chunk.truths.append(truth)
                chunk.read.append(result.text)
                chunk.sure.append(result.lines[0].confidence)
        except TooMuchError:
            raise
        except InputError as error:
            chunk.skipped.append((entry.name, str(error)))
    if seen:
        chunk.seen = np.stack(seen)
        chunk.probabilities = _probabilities(recognizer, chunk.seen)
        if against is not None:
            chunk.other = _probabilities(against, chunk.seen)
    return chunk


def _probabilities(recognizer: CharRecognizer, seen: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return recognizer.network.probabilities(torch.from_numpy(seen).to(recognizer.device)).cpu().numpy()


def _compare(characters: Characters, chunk: _Chunk) -> None:
    other = chunk.other.argmax(1)
    characters.other.append(other.astype(np.int16))
    mine, labels = chunk.probabilities.argmax(1), np.asarray(chunk.labels)
    for row in np.flatnonzero((mine == labels) != (other == labels)):
        if len(characters.differing) >= GALLERY:
            break
        # What the wrong one of the two says.
        wrong = chunk.other if mine[row] == labels[row] else chunk.probabilities
        read_as = int(wrong[row].argmax())
        characters.differing.append(
            Mistake(
                chunk.names[row],
                characters.classes[labels[row]],
                f"{characters.classes[mine[row]]} / {characters.classes[other[row]]}",
                float(wrong[row, read_as]),
                chunk.seen[row],
            )
        )


def _finish(
    name: str,
    recognizer: CharRecognizer,
    against: CharRecognizer | None,
    scheme: str,
    characters: Characters,
    texts: _Texts,
    skipped: list[tuple[str, str]],
    start: float,
) -> Evaluation:
    found, comparison, calibration = None, None, []
    intervals: dict[str, tuple[float, float]] = {}
    labels = np.asarray(characters.labels, np.int64)
    probabilities = np.concatenate(characters.probabilities) if characters.names else np.zeros((0, len(characters.classes)), np.float32)
    if characters.names:
        found = classification_metrics(probabilities, labels, characters.classes)
        intervals |= bootstrap_intervals(found)
        right = probabilities.argmax(1) == labels
        calibration = reliability(probabilities.max(1), right)
        if against is not None:
            others = np.concatenate(characters.other) == labels
            comparison = {
                "first": recognizer.source, "second": against.source,
                "first_accuracy": float(right.mean()), "second_accuracy": float(others.mean()),
            } | mcnemar(right, others)  # fmt: skip
    written = None
    if texts.names:
        written = {"n": len(texts.names)} | text_metrics(texts.truths, texts.read) | text_edits(texts.truths, texts.read)
        intervals |= text_intervals(texts.truths, texts.read)

    def predictions() -> Iterator[list[Any]]:
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
        for row, file in enumerate(characters.names):
            top = ((characters.classes[k], float(probabilities[row, k])) for k in best[row])
            yield [file, characters.classes[labels[row]], *itertools.chain.from_iterable(top)]
        for file, truth, read, sure in zip(texts.names, texts.truths, texts.read, texts.sure, strict=True):
            yield [file, truth, read, sure, "", "", "", ""]

    def surest(heap: list[tuple[float, int, Mistake]]) -> tuple[Mistake, ...]:
        return tuple(mistake for *_, mistake in sorted(heap, key=lambda item: (-item[0], -item[1])))

    strips = {
        (row["truth"], row["read_as"]): surest(
            characters.pairs[characters.classes.index(row["truth"]), characters.classes.index(row["read_as"])]
        )
        for row in (found["confusions"][:40] if found else [])
    }
    return Evaluation(
        name=name,
        model=recognizer.source,
        scheme=scheme,
        characters=found,
        texts=written,
        intervals=intervals,
        skipped=tuple(skipped),
        comparison=comparison,
        predictions=predictions,
        mistakes=surest(characters.gallery),
        strips=strips,
        differing=tuple(characters.differing),
        calibration=tuple(calibration),
        seconds=time.monotonic() - start,
    )
