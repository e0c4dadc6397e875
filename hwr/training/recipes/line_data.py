"""What the network that reads lines learns from: ink, drawn anew every time by other hands, with other pens, before other cameras."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from hwr.charset import LANGUAGES, PRINTABLE
from hwr.data import scans as scan_data
from hwr.data import unipen as ink_data
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.data.scans import ScanSet, varied
from hwr.errors import InputError
from hwr.ink import photographs as rendering
from hwr.ink.rendering import text_picture
from hwr.models.arrays import STRIDE
from hwr.models.line_ctc import LineBatch, padded
from hwr.pictures.line import LINE_HEIGHT, normalise_line

Batch = TypeVar("Batch")

POOL = 16
"""Batches that are made together, so that images of like width share one."""
SHARES = {"word": 0.72, "line": 0.06, "some_words": 0.04, "some_chars": 0.11, "glyphs": 0.07}
"""Of what the training samples are, where people alone are learnt from."""
PEN_SHARES = {"pen_word": 0.65, "pen_line": 0.35}
"""Of what the pen wrote."""
PEN_SHARE = 0.29
SCAN_SHARE = 0.04
"""Of scanned words, where there are some; the rest is people's ink, with more lines than where that is learnt from alone."""
PEOPLES_SHARES = {"word": 0.627, "line": 0.134, "some_words": 0.06, "some_chars": 0.12, "glyphs": 0.059}
CLEAN = 0.4
"""Share of samples on clean white, as on a canvas; the others are photographed."""
LONGEST = 1400
"""Columns of the widest pictures that are learnt from; wider ones would make up much of the time for few samples."""
CORE = 40.0
"""Pixels to the core height at which evaluation draws, with the pen of the wide pad."""
PEN_WIDTH = 13.0
"""Median width of the training pens, in hundredths of the core height."""


def shares(pen_words: bool, pen_lines: bool, scans: bool, pen_share: float) -> dict[str, float]:
    """What the training samples are, by what there is besides people's ink."""
    pen = {kind: share for kind, share in PEN_SHARES.items() if {"pen_word": pen_words, "pen_line": pen_lines}[kind]}
    found = {kind: pen_share * share / sum(pen.values()) for kind, share in pen.items()}
    found |= {"scan": SCAN_SHARE} if scans else {}
    people = PEOPLES_SHARES if found else SHARES
    rest = (1 - sum(found.values())) / sum(people.values())
    return {kind: rest * share for kind, share in people.items()} | found


class Pools(Dataset[list[LineBatch]]):
    """Pool number to its ``POOL`` batches, a function of seed and number alone."""

    def __init__(
        self,
        handwriting: Handwriting,
        glyphs: Glyphs,
        batch_size: int,
        seed: int,
        charset: str = PRINTABLE,
        scans: ScanSet | None = None,
        pen_share: float = PEN_SHARE,
    ) -> None:
        self.handwriting = handwriting
        self.glyphs = glyphs
        self.batch_size = batch_size
        self.seed = seed
        self.charset = charset
        self.scans = scans
        self.shares = shares(bool(handwriting.pen_words), bool(handwriting.pen_lines), bool(scans), pen_share)

    def __getitem__(self, index: int) -> list[LineBatch]:
        rng = np.random.default_rng([self.seed, index])
        samples = sorted((self._sample(rng) for _ in range(POOL * self.batch_size)), key=lambda sample: sample[0].shape[1])
        batches = [collate(samples[start : start + self.batch_size], self.charset) for start in range(0, len(samples), self.batch_size)]
        return [batches[place] for place in rng.permutation(POOL)]

    def _sample(self, rng: np.random.Generator) -> tuple[np.ndarray, str, bool]:
        while True:
            picture, text, any_case = self._picture(rng)
            try:
                pixels = normalise_line(picture).pixels
            except InputError:  # a camera may see nothing of a faint pencil
                continue
            if rng.random() < 0.25:
                pixels = _loosely(pixels, rng)
            if STRIDE * _least_steps(text) <= pixels.shape[1] <= LONGEST:
                return pixels, text, any_case

    def _picture(self, rng: np.random.Generator) -> tuple[np.ndarray, str, bool]:
        """A picture of a word or a line, uint8 (H, W) of brightness, what it says, and whether case means nothing."""
        kind = str(rng.choice(list(self.shares), p=list(self.shares.values())))
        if kind == "scan":
            assert self.scans is not None
            index = int(rng.integers(len(self.scans)))
            return varied(self.scans.images[index], rng), self.scans.texts[index], False
        core = float(np.exp(rng.uniform(np.log(9), np.log(28))))
        if kind == "glyphs":
            text, cover = self.glyphs.word(rng, core)
            any_case = False
        else:
            written = getattr(self.handwriting, kind)(rng)
            text, any_case = written.text, written.any_case
            pen_width = float(np.clip(np.exp(rng.normal(np.log(PEN_WIDTH), 0.45)), 4, 40))
            pressure = rng.uniform(0.1, 0.4) if rng.random() < 0.4 else 0.0
            cover = rendering.draw(rendering.vary_hand(written.strokes, rng), rng, core=core, pen_width=pen_width, pressure=pressure)
        picture = rendering.on_white(cover, rng) if rng.random() < CLEAN else rendering.photograph(cover, rng, core=core)
        return picture, text, any_case


def _loosely(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture of a line that was not cut out closely: smaller, and higher or lower."""
    share = rng.uniform(0.7, 1.0)
    width, height = max(1, round(pixels.shape[1] * share)), round(LINE_HEIGHT * share)
    loose = np.zeros((LINE_HEIGHT, -(-width // STRIDE) * STRIDE), np.uint8)
    top = int(rng.integers(LINE_HEIGHT - height + 1))
    loose[top : top + height, :width] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return loose


def _least_steps(text: str) -> int:
    """Time steps that CTC needs: one a character, and a blank between two of the same."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def collate(samples: Sequence[tuple[np.ndarray, str, bool]], charset: str = PRINTABLE) -> LineBatch:
    """A batch of pictures, uint8 (40, W), with their texts, made of ``charset``, and whether case means nothing."""
    images, widths = padded([pixels for pixels, _, _ in samples])
    label_of = {char: 1 + index for index, char in enumerate(charset)}
    labels = [[label_of[char] for char in text] for _, text, _ in samples]
    return LineBatch(
        images,
        widths,
        torch.tensor([label for row in labels for label in row]),
        torch.tensor([len(row) for row in labels]),
        torch.tensor([any_case for _, _, any_case in samples]),
    )


class PooledBatches(Generic[Batch]):
    """Number to batch; the next pools are drawn in the background. Each part of a step has pools of its own, so that who computes one part
    draws nothing of another.

    Args:
        pools: what to draw: number to ``POOL`` batches.
        workers: processes that draw; 0 draws in this one.
        steps: how many will be asked for.
        parts: of a step, each a batch.
    """

    def __init__(self, pools: Dataset[list[Batch]], workers: int, steps: int, parts: int = 1) -> None:
        self.pools = pools
        self.workers = workers
        self.parts = parts
        self.count = -(-steps // POOL)
        self.coming: dict[int, Iterator[list[Batch]]] = {}
        self.current: dict[int, tuple[int, list[Batch]]] = {}

    def __call__(self, number: int) -> Batch:
        step, part = divmod(number, self.parts)
        place, index = divmod(step, POOL)
        before, batches = self.current.get(part, (-2, []))
        if place != before:
            if place != before + 1:
                order = range(place * self.parts + part, self.count * self.parts, self.parts)
                self.coming[part] = iter(DataLoader(self.pools, batch_size=None, sampler=order, num_workers=self.workers))
            batches = next(self.coming[part])
            self.current[part] = place, batches
        return batches[index]


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Pictures of words or lines to evaluate on, as the network sees them, and their texts."""

    images: list[np.ndarray]  # uint8 (40, W)
    texts: list[str]


def drawn(
    dataset: str, split: str, kind: str, *, photographed: bool = False, limit: int | None = None, charset: str = PRINTABLE
) -> Evaluated:
    """Ink of a split whose case can be relied on, drawn on white by the pad's own renderer.

    Args:
        dataset: Hub repo id or folder.
        split: ``"validation"`` or ``"test"``.
        kind: ``"word"`` or ``"line"``.
        photographed: as noisy photographs instead: paper, shadow, blur, JPEG as in training, by another seed.
        limit: only so many, evenly over the split.
        charset: texts with other characters are left out.
    """
    samples = usable(ink_data.load(dataset, split, kind), charset)
    chosen = np.flatnonzero(samples.case_reliable)
    if limit is not None and len(chosen) > limit:
        chosen = chosen[np.linspace(0, len(chosen) - 1, limit).astype(int)]
    rng = np.random.default_rng(20_000)
    images = []
    for index in chosen:
        picture = text_picture([stroke * (CORE / 100) for stroke in samples.strokes[index]])
        if photographed:
            picture = rendering.photograph(255 - picture, rng, core=CORE)
        images.append(normalise_line(picture).pixels)
    return Evaluated(images, [samples.texts[index] for index in chosen])


def written_texts(dataset: str, split: str, charset: str, limit: int) -> dict[str, Evaluated]:
    """Words and lines that the pen wrote, by the ISO 639-1 code that the name of their source begins with: of each language so many."""
    found: dict[str, Evaluated] = {}
    parts = [usable(ink_data.load(dataset, split, kind), charset) for kind in ("word", "line")]
    for language in LANGUAGES:
        inks = [(part.texts[i], part.strokes[i]) for part in parts for i, name in enumerate(part.contributors) if name[:2] == language]
        chosen = [inks[i] for i in np.linspace(0, len(inks) - 1, min(limit, len(inks))).astype(int)]
        images = [normalise_line(text_picture([stroke * (CORE / 100) for stroke in strokes])).pixels for _, strokes in chosen]
        found[language] = Evaluated(images, [text for text, _ in chosen])
    return {language: evaluated for language, evaluated in found.items() if evaluated.texts}


def scanned(dataset: str, charset: str, split: str = "validation") -> Evaluated:
    """Scanned words of the writers kept for validation; what shows no writing is left out of neither pictures nor texts."""
    scans = scan_data.load(dataset, split, charset)
    return Evaluated([normalise_line(image).pixels for image in scans.images], list(scans.texts))
