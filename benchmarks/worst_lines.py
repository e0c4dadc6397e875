"""The worst readings of validation lines, to be looked at: ``python benchmarks/worst_lines.py -o FOLDER``.

Lines of UNIPEN's validation writers, drawn on white, ranked by the edits that the reading needs for each character. Writes pictures with
twenty of them each, and what they say and were read as, to ``FOLDER/1.png`` and so on, and to ``FOLDER/lines.tsv``.
"""

import argparse
import os
from pathlib import Path

import jiwer
import numpy as np
from PIL import Image, ImageDraw

from hwr import TextReader
from hwr.text.reading import interpret_alone
from hwr.training.recipes.line_data import drawn

PAGE = 20
ROW = 84
WIDTH = 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", help="shipped weights, or a folder")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    reader = TextReader.from_pretrained(arguments.model)
    found = drawn(os.path.join(os.environ["HWR_DATASETS"], "unipen-ink"), "validation", "line")
    said = [interpret_alone(seen, reader.charset, reader.languages).text for seen in reader.network.emissions(found.images)]
    rates = np.array([jiwer.cer(text, read) for text, read in zip(found.texts, said, strict=True)])
    worst = np.argsort(-rates, kind="stable")[: arguments.count].tolist()
    rows = [f"{rates[index]:.3f}\t{found.texts[index]}\t{said[index]}" for index in worst]
    (arguments.output / "lines.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for start in range(0, len(worst), PAGE):
        page = Image.new("L", (WIDTH, ROW * len(worst[start : start + PAGE])), 255)
        draw = ImageDraw.Draw(page)
        for row, index in enumerate(worst[start : start + PAGE]):
            page.paste(Image.fromarray(255 - found.images[index]), (4, ROW * row))
            draw.text((4, ROW * row + 44), f"{rates[index]:.2f}  {found.texts[index]}", fill=0)
            draw.text((4, ROW * row + 60), f"      {said[index]}", fill=0)
        page.save(arguments.output / f"{1 + start // PAGE}.png")
    wrong = int((rates > 0).sum())
    print(f"{len(found.texts)} lines, of which {wrong} have an error; the worst {len(worst)} have {rates[worst].mean():.3f} on average")


if __name__ == "__main__":
    main()
