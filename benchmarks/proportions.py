"""Measure how tall, deep and wide handwritten characters are, and how far apart, on UNIPEN's training writers:
``hwr/paper/proportions.json``.

python benchmarks/proportions.py --ink $HWR_DATASETS/unipen-ink
"""

import argparse
import json
import os
from collections import defaultdict
from pathlib import Path

import numpy as np

from hwr.data import unipen as ink
from hwr.data.lines import usable
from hwr.ink.strokes import Strokes

FLAT = set("acemnorsuvwxz")
"""Letters from the baseline to the x-height."""
DESCENDING = "gpqy"
RISING_LIKE = {"j": "i", "f": "h"}
"""Letters that both rise and descend: what of them is above the baseline is as high as another letter."""
OUTPUT = Path(__file__).parent.parent / "hwr" / "paper" / "proportions.json"


def extent(strokes: Strokes) -> tuple[float, float]:
    """Width and height."""
    points = np.concatenate(strokes)
    return float(np.ptp(points[:, 0])), float(np.ptp(points[:, 1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ink", default=os.path.join(os.environ.get("HWR_DATASETS", ""), "unipen-ink"))
    folder = parser.parse_args().ink
    heights, widths = defaultdict(list), defaultdict(list)
    chars, words, lines = (usable(ink.load(folder, "train", kind)) for kind in ("char", "word", "line"))
    for text, strokes, reliable in zip(chars.texts, chars.strokes, chars.case_reliable, strict=True):
        if reliable and len(text) == 1:
            width, height = extent(strokes)
            widths[text].append(width)
            heights[text].append(height)
    reliable_words = [(t, *extent(s)) for t, s, r in zip(words.texts, words.strokes, words.case_reliable, strict=True) if r]
    x_height = float(np.median([height for text, _, height in reliable_words if set(text) <= FLAT]))
    # Of words in which nothing but one letter descends and nothing rises, the height tells how far it descends.
    depth = {
        char: float(np.median([h for t, _, h in reliable_words if set(t) <= FLAT | {char} and char in t and len(t) > 1])) - x_height
        for char in DESCENDING
    }
    width = {char: float(np.median(values)) for char, values in widths.items()}
    height = {char: float(np.median(values)) for char, values in heights.items()}
    depth |= {char: height[char] - height[other] for char, other in RISING_LIKE.items()}
    gaps = [
        (w - sum(width[char] for char in text)) / (len(text) - 1)
        for text, w, _ in reliable_words
        if len(text) > 2 and all(char in width for char in text)
    ]
    gap = float(np.median(gaps))
    spaces = []
    for text, strokes, reliable in zip(lines.texts, lines.strokes, lines.case_reliable, strict=True):
        letters = text.replace(" ", "")
        if reliable and text.count(" ") >= 2 and all(char in width for char in letters):
            within = sum(width[char] for char in letters) + gap * (len(letters) - 1 - text.count(" "))
            spaces.append((extent(strokes)[0] - within) / text.count(" "))

    def share(value: float) -> float:
        return round(value / x_height, 3)

    record = {
        "about": "UNIPEN train_r01_v07, CC BY 4.0: medians over training writers, in x-heights. height, depth below the baseline, width.",
        "letter_gap": share(gap),
        "word_gap": share(float(np.median(spaces))),
        "characters": {char: [share(height[char]), share(max(0.0, depth.get(char, 0.0))), share(width[char])] for char in sorted(height)},
    }
    OUTPUT.write_text(json.dumps(record, indent=None, separators=(", ", ": ")) + "\n")
    print(OUTPUT.read_text())


if __name__ == "__main__":
    main()
