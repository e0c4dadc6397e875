"""A data set that the pen writes: texts of many languages in the hands of an ink data set's writers, in that data set's layout.

Words come from lists with frequencies and from running text, lines from running text. Whether a sentence or a listed word is for training,
validation or test is decided by its SHA-256, and the hands are those of the split's own writers: neither text nor hand of the one is in
another.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwr.charset import readable
from hwr.data import unipen as ink_data
from hwr.data.hands import paths_of
from hwr.data.lines import usable
from hwr.data.unipen_conversion import SPLITS, columns_of, ink_schema, scaled
from hwr.errors import InputError
from hwr.ink.letters import Written
from hwr.paper.pen_options import PenOptions
from hwr.paper.pen_typesetting import page_of_ink, pieces_to_draw
from hwr.paper.report import InkReport
from hwr.paper.spelling import Spelled
from hwr.predictors.pen import PenWriter

SHARES = {"train": 0.9, "validation": 0.04, "test": 0.06}
"""Of texts, and of what is written."""
TEMPER = 0.5
"""A listed word is written as often as its frequency to this power says."""
ACCENTED = 2.0
"""How much more often a listed word is written that is not all ASCII: it is what real ink has too little of."""
CAPITALISED, IN_CAPITALS = 0.12, 0.06
"""Shares of listed words that are written so."""
LISTED = 0.75
"""Share of words from lists, where there are lists; the others are of running text, with the punctuation that stands at them."""
SHORTEST_LINE, LONGEST_LINE = 12, 60
"""Characters of a line."""
LEAST_WORDS, STYLE_WORDS = 8, 30
"""Words of a writer that a hand is taken from: with fewer it is none, with more the first serve."""
MIXED = 0.4
"""Share of texts that are written in a hand between two."""
NEATNESS = (0.2, 0.9)
BATCH = 256
"""Words that are drawn at once."""
_HELD = 1024  # texts that are drawn in words of like length
_CORE = 100.0


@dataclass(frozen=True, eq=False)
class Texts:
    """What may be written of one source and split: words with weights, or sentences."""

    name: str
    share: float
    words: Sequence[str] = ()
    weights: np.ndarray | None = None
    sentences: Sequence[str] = ()


def split_of(text: str) -> str:
    """Which split a sentence or a listed word belongs to."""
    place = int(hashlib.sha256(text.lower().encode()).hexdigest(), 16) % 1000 / 1000
    return "test" if place < SHARES["test"] else "validation" if place < SHARES["test"] + SHARES["validation"] else "train"


def read_texts(path: str | Path, share: float, split: str) -> Texts:
    """What a file has for a split.

    Args:
        path: UTF-8; a text to the line, or, if its name ends in .tsv, a word, a tab and its frequency.
        share: how often it is written from.
        split: of :data:`SPLITS`.

    Raises:
        InputError: it can't be read, or has nothing for this split.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read as UTF-8 text: {error}.") from error
    name = Path(path).stem
    if not str(path).endswith(".tsv"):
        sentences = [text for text in map(readable, lines) if text and split_of(text) == split]
        if not sentences:
            raise InputError(f"{path} has no text for the split {split}.")
        return Texts(name, share, sentences=sentences)
    words, counts = [], []
    for number, line in enumerate(lines, 1):
        word, _, frequency = line.rpartition("\t")
        try:
            count = float(frequency)
        except ValueError:
            count = np.nan
        if not word or not 0 < count < np.inf:
            raise InputError(f"{path}, line {number}: there must be a word, a tab, and how often it occurs.")
        if (word := readable(word)) and split_of(word) == split:
            words.append(word)
            counts.append(count**TEMPER * (1.0 if word.isascii() else ACCENTED))
    if not words:
        raise InputError(f"{path} has no words for the split {split}.")
    return Texts(name, share, words=words, weights=np.array(counts) / sum(counts))


def drawn_text(sources: Sequence[Texts], kind: str, rng: np.random.Generator) -> tuple[str, str]:
    """A word or a line to write, and the name of its source."""
    listing = [source for source in sources if source.words]
    running = [source for source in sources if source.sentences]
    if kind == "word" and listing and (not running or rng.random() < LISTED):
        source = _one(listing, rng)
        word = source.words[int(rng.choice(len(source.words), p=source.weights))]
        form = rng.random()
        if form < IN_CAPITALS:
            return readable(word.upper()), source.name
        return word[0].upper() + word[1:] if form < IN_CAPITALS + CAPITALISED else word, source.name
    if not running:
        raise InputError("Lines need running text: give a text file besides lists of words.")
    source = _one(running, rng)
    words = source.sentences[int(rng.integers(len(source.sentences)))].split()
    start = int(rng.integers(len(words)))
    if kind == "word":
        return words[start], source.name
    wanted = int(rng.integers(SHORTEST_LINE, LONGEST_LINE + 1))
    start = max(0, start - 3)
    stop = start + 1
    while stop < len(words) and len(" ".join(words[start : stop + 1])) <= wanted:
        stop += 1
    return " ".join(words[start:stop])[:LONGEST_LINE].strip(), source.name


def _one(sources: Sequence[Texts], rng: np.random.Generator) -> Texts:
    shares = np.array([source.share for source in sources])
    return sources[int(rng.choice(len(sources), p=shares / shares.sum()))]


def hands_of(writer: PenWriter, dataset: str, split: str) -> list[np.ndarray]:
    """The hands, float32 (style_size,), of a split's writers.

    Raises:
        InputError: no writer has words enough.
    """
    words = usable(ink_data.load(dataset, split, "word"))
    of: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(words.writers):
        of[name].append(index)
    chosen = [own[:STYLE_WORDS] for _, own in sorted(of.items()) if len(own) >= LEAST_WORDS]
    if not chosen:
        raise InputError(f"{dataset} has no writer in its split {split} who wrote {LEAST_WORDS} words.")
    return [writer.style_of(paths_of(words.chosen(own))) for own in chosen]


@dataclass(frozen=True, eq=False)
class _Task:
    text: str
    kind: str
    source: str
    hand: str
    style: np.ndarray
    spelled: Spelled
    number: int


def rows(writer: PenWriter, sources: Sequence[Texts], hands: Sequence[np.ndarray], counts: dict[str, int], seed: int) -> Iterator[dict]:
    """Rows of an ink data set: so many words and lines.

    Args:
        writer: writes them.
        sources: what.
        hands: in which, and in mixtures of which.
        counts: how many ``"word"`` and ``"line"``.
        seed: of everything random.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(np.repeat(list(counts), list(counts.values()))).tolist()
    gaps = [writer.gap(hand) for hand in hands]
    for start in range(0, len(kinds), _HELD):
        tasks, spaces = [], []
        for number, kind in enumerate(kinds[start : start + _HELD], start):
            text, source = drawn_text(sources, kind, rng)
            while not text:
                text, source = drawn_text(sources, kind, rng)
            one, other = rng.integers(len(hands), size=2).tolist()
            share = float(rng.uniform(0.2, 0.8)) if rng.random() < MIXED else 0.0
            style = ((1 - share) * hands[one] + share * hands[other]).astype(np.float32)
            hand = f"pen-{one}" + (f"-{other}" if share else "")
            tasks.append(_Task(text, kind, source, hand, style, writer.spelled(text), number))
            spaces.append((1 - share) * gaps[one] + share * gaps[other])
        yield from _written(writer, tasks, spaces, rng, seed)


def drawn_words(
    writer: PenWriter, texts: Sequence[Spelled], styles: Sequence[np.ndarray], rng: np.random.Generator, seed: int
) -> list[list[Written]]:
    """The words of texts, each text in its style (style_size,), drawn many at once, those of like length together."""
    pieces = [("".join(sign.char for sign in piece), number) for number, text in enumerate(texts) for piece in pieces_to_draw(text)]
    order = sorted(range(len(pieces)), key=lambda index: len(pieces[index][0]))
    drawn: list[Written | None] = [None] * len(pieces)
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        found = writer.sample(
            [pieces[index][0] for index in part],
            np.stack([styles[pieces[index][1]] for index in part]),
            neatness=float(rng.uniform(*NEATNESS)),
            seed=seed + start,
        )
        for index, written in zip(part, found, strict=True):
            drawn[index] = written
    coming: list[list[Any]] = [[] for _ in texts]
    for (_, number), written in zip(pieces, drawn, strict=True):
        coming[number].append(written)
    return coming


def _written(writer: PenWriter, tasks: Sequence[_Task], gaps: Sequence[float], rng: np.random.Generator, seed: int) -> Iterator[dict]:
    texts, styles = [task.spelled for task in tasks], [task.style for task in tasks]
    coming = drawn_words(writer, texts, styles, rng, seed + 1000 * tasks[0].number)
    nothing = InkReport(0, 0, (), {}, False, 0)
    for number, (task, gap) in enumerate(zip(tasks, gaps, strict=True)):
        options = PenOptions(
            size=_CORE,
            width=10_000,
            letter_spacing=float(np.clip(rng.normal(0.0, 0.05), -0.1, 0.2)),
            word_spacing=float(np.clip(np.exp(rng.normal(-0.1, 0.25)), 0.45, 1.8)),
        )
        ink = page_of_ink(task.text, task.spelled, coming[number], options.look(gap), nothing, rng)
        if ink.letters[-1].line == 0:
            yield {
                "text": task.text,
                "kind": task.kind,
                "writer": task.hand,
                "contributor": task.source,
                "case_reliable": True,
                "in_context": False,
            } | columns_of(scaled([stroke * (1.0, -1.0) for stroke in ink.strokes], _CORE))


def write(
    files: Sequence[tuple[str, float]], dataset: str, folder: str | os.PathLike[str], *, words: int, lines: int, seed: int = 0
) -> dict[str, int]:
    """Make the data set ``train.parquet``, ``validation.parquet``, ``test.parquet``.

    Args:
        files: see :func:`read_texts`, each with its share.
        dataset: ink data set whose writers' hands are used, each in its split: Hub repo id or folder.
        folder: where it goes; it must not exist yet, or be empty. It appears when it is complete.
        words: how many in all.
        lines: how many in all.
        seed: of everything random.

    Returns:
        How many texts each split has.

    Raises:
        InputError: a file or the data set can't be used, or the folder can't be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from tqdm import tqdm

    folder = Path(folder).expanduser()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists already. Name a folder that doesn't exist or is empty.")
    writer = PenWriter.from_pretrained()
    counted: dict[str, int] = {}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
            new = Path(unfinished, folder.name)
            new.mkdir()
            for number, split in enumerate(SPLITS):
                sources = [read_texts(path, share, split) for path, share in files]
                counts = {"word": round(words * SHARES[split]), "line": round(lines * SHARES[split])}
                written = rows(writer, sources, hands_of(writer, dataset, split), counts, seed + number)
                found = list(tqdm(written, total=sum(counts.values()), desc=f"Writing {split}", unit=" texts"))
                pq.write_table(pa.Table.from_pylist(found, ink_schema()), new / f"{split}.parquet")
                counted[split] = len(found)
            new.replace(folder)
    except OSError as error:
        raise InputError(f"{folder} can't be written: {error.strerror or error}.") from error
    return counted
