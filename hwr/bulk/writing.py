"""A factory of handwriting: texts in many hands, as pictures and strokes, with the places of words and letters.

What a row holds depends on the texts, the seed and the size of the shards alone: each row has a random hand of the gallery, or one between
two, and, unless all shall be clean, paper, pen and camera as readers of lines are trained on (:mod:`hwr.ink.photographs`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwr.bulk.engine import work
from hwr.bulk.shards import Shards, reason
from hwr.errors import InputError, need_extra
from hwr.hub.files import weights_sha256
from hwr.hub.finding import fetch
from hwr.ink import photographs
from hwr.models.pen_lstm import PenLSTM
from hwr.paper.pen_options import PenOptions
from hwr.paper.pen_typesetting import page_of_ink
from hwr.paper.report import InkReport
from hwr.paper.written_ink import Ink
from hwr.predictors.pen import DEFAULT_WEIGHTS, PenWriter
from hwr.predictors.pen_dataset import MIXED, drawn_words

if TYPE_CHECKING:
    from datasets import Features

    from hwr.paper.spelling import Spelled

VERSION = 1
"""Of what the shards look like, and of how they are drawn."""
CLEAN = 0.2
"""Share of pictures on clean white, unless all are."""
CORES = (12.0, 28.0)
"""Pixels to the core height, least and greatest."""
PEN_WIDTH = 13.0
"""Median width of the pens, in hundredths of the core height."""
_CORE = 100.0
_TOGETHER = 64
"""Texts that are drawn at once."""
_NOTHING = InkReport(0, 0, (), {}, False, 0)


def features() -> Features:
    """The columns of a shard; boxes are x0, y0, x1, y1, and strokes lists of points x, y, in pixels of the image."""
    from datasets import Features, Image, List, Value

    text, number, box = Value("string"), Value("float32"), List(Value("float32"))
    return Features(
        {
            "image": Image(),
            "text": text,
            "strokes": List(List(List(number))),
            "hand": text,
            "words": List({"text": text, "box": box}),
            "letters": List({"char": text, "position": Value("int32"), "box": box}),
            "look": text,
            "core": number,
            "seed": Value("int64"),
            "number": Value("int64"),
            "error": text,
        }
    )


class ShardWriter:
    """A worker that writes.

    Args:
        shards: where it goes.
        texts: what may be written, in turn.
        number: of rows in all.
        size: of a shard.
        seed: of everything random.
        clean: draw all on clean white.
        model: folder or Hub repository of a writer; None for the shipped one.
        revision: of the repository.
    """

    def __init__(
        self, shards: Shards, texts: Sequence[str], number: int, size: int, seed: int, clean: bool, model: str | None, revision: str | None
    ) -> None:
        from hwr.system.process import use_threads

        use_threads(1)
        self.shards = shards
        self.texts = texts
        self.number = number
        self.size = size
        self.seed = seed
        self.clean = clean
        self.writer = PenWriter.from_pretrained(model, revision=revision)
        self.gaps: dict[int, float] = {}

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        number = int(row["shard"])
        return {"shard": number} | self.shards.write(number, features(), self.rows(number))

    def rows(self, shard: int) -> Iterator[dict[str, Any]]:
        """The rows of a shard."""
        first = shard * self.size
        stop = min(first + self.size, self.number)
        for start in range(first, stop, _TOGETHER):
            yield from self._written(range(start, min(start + _TOGETHER, stop)))

    def _written(self, numbers: range) -> Iterator[dict[str, Any]]:
        spelled: dict[int, Spelled] = {}
        rows = {number: self._empty(number) for number in numbers}
        for number in numbers:
            try:
                spelled[number] = self.writer.spelled(rows[number]["text"])
            except InputError as error:
                rows[number]["error"] = str(error)
        rngs = {number: np.random.default_rng([self.seed, number]) for number in spelled}
        hands = {number: self._hand(rng) for number, rng in rngs.items()}
        styles = [style for _, style, _ in hands.values()]
        rng = np.random.default_rng([self.seed, numbers.start, 1])
        drawn = drawn_words(self.writer, list(spelled.values()), styles, rng, int(rng.integers(2**31))) if spelled else []
        for (number, text), words in zip(spelled.items(), drawn, strict=True):
            name, _, gap = hands[number]
            rng = rngs[number]
            options = PenOptions(
                size=_CORE,
                width=10_000,
                letter_spacing=float(np.clip(rng.normal(0.0, 0.05), -0.1, 0.2)),
                word_spacing=float(np.clip(np.exp(rng.normal(-0.1, 0.25)), 0.45, 1.8)),
            )
            try:
                ink = page_of_ink(rows[number]["text"], text, words, options.look(gap), _NOTHING, rng)
                rows[number] |= {"hand": name} | pictured(ink, rng, clean=self.clean)
            except Exception as error:  # of a million, whatever one of them brings about costs the others nothing
                rows[number]["error"] = reason(error)
        yield from rows.values()

    def _empty(self, number: int) -> dict[str, Any]:
        nothing: dict[str, Any] = {"image": None, "strokes": [], "hand": "", "words": [], "letters": [], "look": "", "core": 0.0}
        return {"text": self.texts[number % len(self.texts)], "seed": self.seed, "number": number, "error": None} | nothing

    def _hand(self, rng: np.random.Generator) -> tuple[str, np.ndarray, float]:
        """A hand of the gallery, or one between two: what it is called, its style, and its space between words."""
        one, other = rng.integers(len(self.writer.gallery), size=2).tolist()
        share = round(float(rng.uniform(0.2, 0.8)), 2) if rng.random() < MIXED else 0.0
        gaps = [self._gap(one), self._gap(other) if share else 0.0]
        name = self.writer.gallery[one].name
        if share:
            name = f"{1 - share:.2f} {name} + {share:.2f} {self.writer.gallery[other].name}"
        return name, self.writer.mix(one, other, share), (1 - share) * gaps[0] + share * gaps[1]

    def _gap(self, hand: int) -> float:
        if hand not in self.gaps:
            self.gaps[hand] = self.writer.gap(self.writer.gallery[hand].style)
        return self.gaps[hand]


def pictured(ink: Ink, rng: np.random.Generator, *, clean: bool) -> dict[str, Any]:
    """A picture of ink, and where in it everything stands: ``image``, ``strokes``, ``words``, ``letters``, ``look`` and ``core``.

    Args:
        ink: 100 pixels to the core height.
        rng: source of all randomness.
        clean: draw on clean white, with a pen of one width.
    """
    import cv2

    core = float(np.exp(rng.uniform(*np.log(CORES))))
    pen_width = float(np.clip(np.exp(rng.normal(np.log(PEN_WIDTH), 0.45)), 4, 40))
    pressure = float(rng.uniform(0.1, 0.4)) if rng.random() < 0.4 and not clean else 0.0
    clean = clean or bool(rng.random() < CLEAN)
    cover = photographs.draw(ink.strokes, rng, core=core, pen_width=pen_width, pressure=pressure)
    cover, margin = photographs.with_margins(cover, rng, max(3, int(0.6 * core)))
    image = 255 - cover if clean else photographs.photographed(cover, rng, core=core)
    moved = np.array(margin) - photographs.corner(ink.strokes, core=core, pen_width=pen_width)

    def box(places: Sequence[tuple[float, float, float, float]]) -> list[float]:
        edges = np.array(places).reshape(-1, 2, 2) * core / _CORE + moved
        return np.round([*edges[:, 0].min(0), *edges[:, 1].max(0)], 2).tolist()

    words = []
    for match in re.finditer(r"\S+", ink.text):
        if own := [letter.box for letter in ink.letters if match.start() <= letter.position < match.end()]:
            words.append({"text": match[0], "box": box(own)})
    return {
        "image": {"bytes": cv2.imencode(".png", image)[1].tobytes(), "path": None},
        "strokes": [np.round(stroke * core / _CORE + moved, 2).tolist() for stroke in ink.strokes],
        "words": words,
        "letters": [{"char": ink.text[letter.position], "position": letter.position, "box": box([letter.box])} for letter in ink.letters],
        "look": "clean" if clean else "photograph",
        "core": core,
    }


def texts_of(path: str) -> list[str]:
    """The texts of a UTF-8 file, one to the line.

    Raises:
        InputError: it can't be read, or has none.
    """
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"The texts {path} can't be read as UTF-8: {error}") from error
    if not (texts := [text for line in lines if (text := " ".join(line.split()))]):
        raise InputError(f"There is no text in {path}.")
    return texts


def write(
    file: str,
    folder: str,
    *,
    number: int,
    workers: int,
    size: int = 250,
    seed: int = 0,
    clean: bool = False,
    model: str | None = None,
    revision: str | None = None,
    done: Callable[[dict[str, Any], int], None] = lambda row, count: None,
) -> Shards:
    """Write texts into Parquet shards; started again, go on with those that are missing.

    Args:
        file: UTF-8, a text to the line; where ``number`` is larger, all are written again, in other hands.
        folder: where the shards go; on a cluster, where all machines have it.
        number: of rows.
        workers: processes that write.
        size: rows to a shard.
        seed: of everything random.
        clean: draw all on clean white.
        model: of a writer; so ``revision``; see :meth:`hwr.PenWriter.from_pretrained`.
        done: told of each shard that is done, and how many there are in all.

    Raises:
        InputError: a number out of range, or the texts, the folder, the model or Ray can't be used.
    """
    import hashlib

    if number < 1 or size < 1 or not 0 <= seed < 2**63:
        raise InputError("There must be a row to write, room for one in a shard, and a seed from 0 on.")
    need_extra("ray")
    texts = texts_of(file)
    folder_of_weights = fetch(model, default=DEFAULT_WEIGHTS, revision=revision)
    PenLSTM.from_pretrained(folder_of_weights)  # before anything is made, that it can be used
    weights = weights_sha256(folder_of_weights)
    options = {"number": number, "size": size, "seed": seed, "clean": clean}
    learnt = hashlib.sha256("\n".join(texts).encode(errors="surrogateescape")).hexdigest()
    job = {"kind": "written", "version": VERSION, "texts": learnt, "weights": weights} | options
    count = -(-number // size)
    shards = Shards(folder, job, count)
    arguments = {"shards": shards, "texts": texts, "model": model, "revision": revision} | options
    work(shards, ShardWriter, arguments, workers=workers, done=lambda row: done(row, count))
    shards.finish(_card(options, model or DEFAULT_WEIGHTS, weights))
    return shards


def _card(options: dict[str, Any], model: str, weights: str) -> str:
    number = options["number"]
    size = next(text for most, text in _SIZES if number < most)
    looks = "All are on clean white." if options["clean"] else f"{1 - CLEAN:.0%} look photographed, the others are on clean white."
    words = {"count": f"{number:,}", "size": size, "model": model, "weights": weights, "seed": options["seed"], "looks": looks}
    return files("hwr.bulk").joinpath("written_card.md").read_text(encoding="utf-8").format(**words)


_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (float("inf"), "n>10M"),
)
"""The Hub's categories."""
