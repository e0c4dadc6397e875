"""How well the lines of pages are found and read: ``python benchmarks/pages.py [--split test] [--finders hwr tesseract rapidocr]``.

On pages composed of UNIPEN's writers, on 45 real scans and on pictures without writing, beside Tesseract and RapidOCR (``apt-get install
tesseract-ocr``, ``pip install rapidocr onnxruntime``). Writes ``benchmarks/pages.json``, where what is not measured again stays as it is,
``benchmarks/pages.md``, and from the composed pages the gallery in ``docs/gallery/``. Choose on validation; ``--split test`` comes last.
"""

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from empty_pictures import without_writing
from page_finders import FINDERS, Finder
from page_gallery import Gallery
from page_sets import Sample, composed, real, whole_lines
from page_tables import tables
from tqdm import tqdm

from hwr.evaluation.page_metrics import PageCounts, page_counts, text_distance

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "pages.json"
PAGES, CROPS, EMPTY = 4, 20, 20  # pictures of each group and camera, of each of crops, of each sort of pictures without writing


def measure(finder: Finder, samples: Iterable[Sample], gallery: Gallery | None = None) -> dict[str, dict]:
    """What is counted, by group and camera.

    With it so many ``pictures``, of how many was said that they show ``nothing``, and ``seconds`` of all processors, of programs that were
    called too.
    """
    sums: dict[str, PageCounts] = defaultdict(PageCounts)
    others: dict[str, dict[str, float]] = defaultdict(lambda: {"pictures": 0, "nothing": 0, "seconds": 0.0})
    for sample in tqdm(samples, desc=finder.name):
        start = sum(os.times()[:4])
        found = finder.find(sample.image)
        seconds = sum(os.times()[:4]) - start
        counts = page_counts(sample.lines, found)
        key = f"{sample.group}|{sample.camera}"
        sums[key] += counts
        others[key]["pictures"] += 1
        others[key]["nothing"] += not found
        others[key]["seconds"] += seconds
        if gallery is not None:
            gallery.add(sample, found, counts)
    return {key: asdict(counts) | others[key] for key, counts in sums.items()}


def given_whole(read_line: Callable[[np.ndarray], str], samples: Iterable[Sample]) -> dict[str, dict]:
    """Edits and characters of the same lines, each cut out by its true outline and read whole; a crop as it is."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"characters_of_lines": 0, "edits_of_lines": 0})
    for sample in tqdm(samples, desc="lines given whole"):
        lines = [line for line in sample.lines if line.counted]
        row = sums[f"{sample.group}|{sample.camera}"]
        for line, picture in zip(lines, whole_lines(sample), strict=True):
            row["characters_of_lines"] += len(line.text)
            row["edits_of_lines"] += text_distance(line.text, read_line(picture))
    return dict(sums)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--finders", nargs="*", choices=FINDERS, default=list(FINDERS))
    parser.add_argument("--sets", nargs="*", choices=("composed", "real", "empty"), default=["composed", "real", "empty"])
    parser.add_argument("--share", type=float, default=1.0, help="of the pictures; less than 1 measures for a look, and writes nothing")
    arguments = parser.parse_args()
    count = {"pages": PAGES, "crops": CROPS, "empty": EMPTY}
    count = {name: max(1, round(number * arguments.share)) for name, number in count.items()}
    sets = {
        "real": lambda: list(real())[: max(1, round(45 * arguments.share))],
        "empty": lambda: without_writing(count["empty"]),
        "composed": lambda: composed(arguments.split, count["pages"], count["crops"]),
    }
    results: dict[str, dict[str, dict]] = {}
    for name in arguments.sets:
        place = f"composed, {arguments.split}" if name == "composed" else name
        for key in arguments.finders:
            gallery = Gallery() if (key, name) == ("hwr", "composed") else None
            finder = FINDERS[key]()
            about = {"name": finder.name, "made_for": finder.made_for, "reads": finder.reads, "date": date.today().isoformat()}
            row = about | {"groups": measure(finder, sets[name](), gallery)}
            if finder.read_line is not None and name != "empty":
                row["whole"] = given_whole(finder.read_line, sets[name]())
            if arguments.share >= 1 and RESULTS.exists():  # others may have measured meanwhile
                results = json.loads(RESULTS.read_text())
            results.setdefault(place, {})[key] = row
            if arguments.share >= 1:
                RESULTS.write_text(json.dumps(results, indent=1) + "\n")
                (ROOT / "benchmarks" / "pages.md").write_text(tables(results) + "\n")
                if gallery is not None:
                    gallery.write(ROOT / "docs")
    print(tables(results))


if __name__ == "__main__":
    main()
