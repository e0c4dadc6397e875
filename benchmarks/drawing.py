"""How many samples a second the pipelines draw on one core, which is what limits a training on a fast graphics card.

``PYTHONPATH=. python benchmarks/drawing.py``, with ``HWR_DATASETS``, on a machine that does nothing else. Prints a table in Markdown.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from hwr.bulk.shards import Shards
from hwr.bulk.writing import ShardWriter
from hwr.data import emnist
from hwr.data import unipen as ink_data
from hwr.data.hands import Hands
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.data.pages.composing import PageComposer
from hwr.system.process import use_threads
from hwr.training.recipes.base import data_folder
from hwr.training.recipes.char import CharRecipe
from hwr.training.recipes.char_data import BalancedBatches, scanned_characters
from hwr.training.recipes.ink import InkBatches
from hwr.training.recipes.line_data import POOL, Pools
from hwr.training.recipes.page_data import PagePools
from hwr.training.recipes.pen import GROUP, PenBatches, prepared
from hwr.training.recipes.pixel_data import EvenBatches, class_traits, pictures_of

SECONDS = 20.0
"""For which each pipeline draws at the least."""


def pipelines(ink: str, scans: str) -> Iterator[tuple[str, int, Callable[[int], Any]]]:
    """What is drawn, how many samples at once, and what draws them by their number."""
    words, lines, chars = (usable(ink_data.load(ink, "train", kind)) for kind in ("word", "line", "char"))
    writing = Handwriting(words, lines, chars)
    yield "char: scanned characters, distorted", 256, BalancedBatches([scanned_characters(scans, "train")], CharRecipe(dataset=scans))
    characters = emnist.load(scans, "train")
    glyphs = Glyphs(characters, [words.texts[index] for index in np.flatnonzero(words.case_reliable)])
    yield "lines: words and lines, drawn and photographed", 48 * POOL, Pools(writing, glyphs, 48, 0).__getitem__
    yield "pages: whole pages", POOL, PagePools(PageComposer(writing, 0), 1).__getitem__
    batches = InkBatches(writing, 64, 0)
    yield "ink: pen moves", 64, batches
    traits = class_traits(characters.images, characters.labels)
    pictures = pictures_of(characters, np.arange(len(characters)), traits)
    yield "pixels: scanned characters", 64, EvenBatches(pictures, 64, 0)
    hands = Hands(*prepared(ink, "ink-best", "train", Path("runs")))
    yield "pen: sittings by hands", 16 * GROUP, PenBatches(hands, 16, 0)
    texts = [words.texts[index] for index in range(500)]
    with TemporaryDirectory() as folder:
        writer = ShardWriter(Shards(f"{folder}/out", {}, 1000), texts, 100_000, 100, 0, False, None, None)
        yield "`hwr write --texts`: words with picture and boxes", 100, lambda number: list(writer.rows(number))
        sentences = [" ".join(texts[start : start + 6]) for start in range(0, 480, 6)]
        writer = ShardWriter(Shards(f"{folder}/lines", {}, 1000), sentences, 100_000, 100, 0, False, None, None)
        yield "`hwr write --texts`: lines of six words", 100, lambda number: list(writer.rows(number))


def main() -> None:
    use_threads(1)
    print(f"`python benchmarks/drawing.py`, {date.today().isoformat()}, one core.\n\n| samples a second | |\n|---|---:|")
    for name, count, draw in pipelines(data_folder("unipen-ink"), data_folder("emnist-47")):
        draw(0)
        began, rounds = time.perf_counter(), 0
        while time.perf_counter() - began < SECONDS:
            rounds += 1
            draw(rounds)
        print(f"| {name} | {rounds * count / (time.perf_counter() - began):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
