"""How well models read somebody's handwriting: every labelled image of a collection, characters and texts alike."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from hwr.errors import InputError
from hwr.evaluation.collections.entries import Collection, Entry
from hwr.evaluation.collections.limits import TooMuchError
from hwr.evaluation.conclusion import conclude
from hwr.evaluation.gathering import Characters, Chunk, Texts
from hwr.evaluation.labels import check_scheme, class_of, infer, meaning
from hwr.evaluation.result import Evaluation, Progress
from hwr.pictures.character import SIZE, character
from hwr.pictures.loading import load_image
from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader
from hwr.system import deadline

CHUNK = 64
PATIENCE = 0.25
"""Seconds from one look at how far it is to the next."""
MAX_LABEL = 5000
"""Characters of a text."""


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
    """Evaluate models on a collection, bit by bit.

    Files that can't be decoded and labels that mean nothing are left out, each listed with its reason. A picture in which a model finds
    nothing to read is an error of the model.

    Args:
        collection: labelled images.
        recognizer: reads those with labels of one character.
        reader: reads those with longer ones.
        against: another reader of single characters, to compare with.
        labels: what they mean: one of :data:`hwr.evaluation.labels.SCHEMES`, or ``"auto"``.
        workers: threads; None for one a core.

    Yields:
        Progress again and again, and in the end the evaluation.

    Raises:
        InputError: the whole collection can't be used, or nothing in it could be evaluated; the message says why.
        TimeUpError: the deadline of the caller is over. Who leaves the steps early ends the work, but for the images that are being read.
    """
    check_scheme(labels)
    if against is not None and against.classes != recognizer.classes:
        raise InputError("The two models can't be compared: they know different classes.")
    scheme, entries = _scheme(collection, labels)
    skipped: list[tuple[str, str]] = []
    characters, texts = Characters(recognizer.classes), Texts()
    start, done = time.monotonic(), 0
    count = workers or os.cpu_count() or 1
    left = threading.Event()
    pool = ThreadPoolExecutor(count, "evaluate")

    def submitted(chunk: list[Entry]) -> Future[Chunk]:
        work = partial(_read, chunk, scheme, recognizer, reader, against, left)
        return pool.submit(copy_context().run, work)  # ty: ignore[invalid-explicit-return]  (with the deadline of the caller)

    try:
        chunks = iter(lambda: list(itertools.islice(entries, CHUNK)), [])
        # A few chunks ahead, no more: memory stays flat.
        waiting = [submitted(chunk) for chunk in itertools.islice(chunks, 2 * count)]
        while waiting:
            try:
                chunk = waiting[0].result(timeout=PATIENCE)
            except TimeoutError:  # of the wait, not of the work: who has lost interest can leave
                yield Progress(done, collection.total, done / max(time.monotonic() - start, 1e-9))
                continue
            del waiting[0]
            waiting += [submitted(following) for following in itertools.islice(chunks, 1)]
            done += chunk.count
            skipped += chunk.skipped
            characters.add(chunk, compared=against is not None)
            texts.add(chunk)
            yield Progress(done, collection.total, done / max(time.monotonic() - start, 1e-9))
    finally:  # also where the caller leaves early: nothing goes on behind its back
        left.set()
        pool.shutdown(wait=False, cancel_futures=True)
    if not characters.names and not texts.names:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped[:3])
        raise InputError(f"Nothing in {collection.name} could be evaluated. {reasons}")
    models = (recognizer.source, None if against is None else against.source)
    yield conclude(collection.name, models, scheme, characters, texts, skipped, time.monotonic() - start)


def _scheme(collection: Collection, labels: str) -> tuple[str, Iterator[Entry]]:
    """What the labels mean, and the entries."""
    known, entries = collection.labels, collection.entries()
    if not known:  # a stream: its first entries tell
        first = list(itertools.islice(entries, 2000))
        known, entries = frozenset(entry.label for entry in first if not entry.error), itertools.chain(first, entries)
    return infer(known) if labels == "auto" else labels, entries


def _read(
    entries: Sequence[Entry],
    scheme: str,
    recognizer: CharRecognizer,
    reader: TextReader,
    against: CharRecognizer | None,
    left: threading.Event,
) -> Chunk:
    """What is found in a few entries; nothing, once the caller has left."""
    chunk = Chunk(len(entries))
    seen: list[np.ndarray | None] = []
    for entry in entries:
        deadline.check()
        if left.is_set():
            break
        try:
            truth = _truth(entry, scheme)
            if len(truth) == 1:
                label = class_of(truth, recognizer.classes)
                if label is None:
                    raise InputError(f"The model has no class for {truth!r}; it has these: {recognizer.classes}")
                seen.append(_picture(load_image(entry.read())))
                chunk.names.append(entry.name)
                chunk.labels.append(label)
                chunk.writers.append(entry.writer)
            else:
                read, sure = _reading(reader, load_image(entry.read()))
                chunk.text_names.append(entry.name)
                chunk.text_writers.append(entry.writer)
                chunk.truths.append(truth)
                chunk.read.append(read)
                chunk.sure.append(sure)
        except TooMuchError:
            raise
        except InputError as error:
            chunk.skipped.append((entry.name, str(error)))
    if seen:
        chunk.seen = np.stack([np.zeros((SIZE, SIZE), np.uint8) if picture is None else picture for picture in seen])
        found = np.array([picture is not None for picture in seen])
        chunk.probabilities = _probabilities(recognizer, chunk.seen, found)
        if against is not None:
            chunk.other = _probabilities(against, chunk.seen, found)
    return chunk


def _truth(entry: Entry, scheme: str) -> str:
    """What an entry shows.

    Raises:
        InputError: it can't be used, or its label means nothing.
    """
    if entry.error:
        raise InputError(entry.error)
    truth = meaning(entry.label, scheme)
    if truth and len(truth) > MAX_LABEL:
        raise InputError(f"The label has {len(truth):,} characters; at most {MAX_LABEL:,} are compared.")
    if not truth or not truth.strip() or not truth.isprintable():
        raise InputError(f"The label {entry.label[:60]!r} means nothing as {scheme}.")
    return truth


def _picture(image: Image.Image) -> np.ndarray | None:
    """What a recogniser sees, uint8 (28, 28); None where it finds no ink: that is its error, not the image's."""
    try:
        return character(image)
    except InputError:
        return None


def _reading(reader: TextReader, image: Image.Image) -> tuple[str, float]:
    """What is read, and how sure; nothing, where the reader gives up on an image: that is an error of its own, not of the image."""
    try:
        result = reader.read_line(image)
    except InputError:
        return "", 0.0
    return result.text, result.lines[0].confidence


def _probabilities(recognizer: CharRecognizer, seen: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Float32 (N, C) of the pictures (N, 28, 28); zeros where there is nothing to read, as ``found``, bool (N,), says."""
    probabilities = np.zeros((len(seen), len(recognizer.classes)), np.float32)
    if found.any():
        probabilities[found] = recognizer.network.classify(seen[found])
    return probabilities
