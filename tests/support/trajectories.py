"""Scrawls in the layout of UNIPEN's data set: the same text always looks the same, at another place."""

from collections.abc import Sequence
from pathlib import Path

import datasets
import numpy as np

WORDS = ["at", "be", "Cat", "dog", "it's", "(see", "1984"]


def scrawled(folder: Path, words: Sequence[str] = WORDS) -> str:
    """All three splits: the words by two writers, one of unreliable case, two lines, and isolated characters."""
    draw = np.random.default_rng(0)
    shapes = {char: np.cumsum(draw.integers(-30, 30, (2, 6)), axis=1) for char in sorted(set("".join(WORDS)) | set("0123456789 ABC"))}

    def row(text: str, kind: str, writer: str, contributor: str = "abc", reliable: bool = True) -> dict:
        x = np.concatenate([shapes[char][0] + 150 * index for index, char in enumerate(text)])
        y = np.concatenate([shapes[char][1] for char in text])
        ends = ([False] * 5 + [True]) * len(text)
        known = {"text": text, "kind": kind, "writer": writer, "contributor": contributor, "case_reliable": reliable}
        return known | {"x": x - x.min(), "y": y - y.min(), "pen_up": ends}

    for split in ("train", "validation", "test"):
        rows = [row(word, "word", writer) for word in words for writer in ("a", "b")]
        rows += [row("dog", "word", "c", reliable=False)]
        rows += [row("dog at", "line", "a"), row("1 9 8 4", "line", "b", contributor="hpb")]
        rows += [row(char, "char", "a") for char in "0123456789AB"]
        datasets.Dataset.from_list(rows).to_parquet(folder / f"{split}.parquet")
    return str(folder)
