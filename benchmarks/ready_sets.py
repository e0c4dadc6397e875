"""Make the ready sets of the tab "Evaluate": ``python benchmarks/ready_sets.py``, into ``hwr/ui/evaluate/sets/``.

One holds characters that PixelWriter drew, every one as it came; the other our own strokes of characters and words, by varied hands.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from hwr import PixelWriter
from hwr.ink.photographs import draw, on_white, vary_hand

ROOT = Path(__file__).parents[1]
SETS = ROOT / "hwr" / "ui" / "evaluate" / "sets"
PER_CHARACTER = 6
PER_EXAMPLE = 12


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    SETS.mkdir(exist_ok=True)
    writer = PixelWriter.from_pretrained()
    with zipfile.ZipFile(SETS / "drawn.zip", "w") as archive:
        for number, char in enumerate(writer.network.charset):
            kind = "digit" if char.isdigit() else "upper" if char.isupper() else "lower"
            for index, glyph in enumerate(writer.sample(char, PER_CHARACTER, seed=number)):
                archive.writestr(f"{kind}_{char}/{index}.png", png(glyph))
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(SETS / "strokes.zip", "w") as archive:
        rows = ["file_name,label"]
        for mode, key in (("character", "char"), ("text", "text")):
            for example in json.loads((ROOT / "hwr" / "ui" / mode / "examples.json").read_text(encoding="utf-8")):
                strokes = [np.array([point[:2] for point in stroke], np.float32) for stroke in example["strokes"]]
                height = max(float(np.ptp(np.concatenate(strokes)[:, 1])), 1.0)
                units = [stroke * np.float32(150 / height) for stroke in strokes]  # as ink is: a core height is 100
                for index in range(PER_EXAMPLE):
                    cover = draw(vary_hand(units, rng), rng, core=28.0, pen_width=float(rng.uniform(9, 18)), pressure=0.0)
                    file = f"{example[key]}-{index}.png"
                    archive.writestr(file, png(on_white(cover, rng)))
                    rows.append(f"{file},{example[key]}")
        archive.writestr("labels.csv", "\n".join(rows) + "\n")
    for path in SETS.iterdir():
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
