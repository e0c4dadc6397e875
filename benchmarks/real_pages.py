"""Lines of real letters and copies in French, cut by their polygons: ``python benchmarks/real_pages.py``.

The data set ``real-pages`` (45 scans, 885 lines, a person a page, in no training data) lies in the folder ``HWR_DATASETS``. It is for
checking only. Case, accents and punctuation count; signs that no hand tells apart (:data:`hwr.charset.SAME_INK`) are made one in the
labels, and the marks around struck text are left out. Writes ``benchmarks/real_pages.md``.
"""

import argparse
import io
import json
import os
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from hwr import InputError, TextReader
from hwr.charset import readable
from hwr.evaluation.metrics import text_metrics

ROOT = Path(__file__).parents[1]
EVERYTHING = "".join(map(chr, range(32, 0x2100)))


def cut(page: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """A line, uint8 (H, W): what is outside its polygon, int (N, 2), is as bright as the paper within."""
    height, width = page.shape
    left, top = np.maximum(polygon.min(0), 0)
    right, bottom = np.minimum(polygon.max(0), (width - 1, height - 1)) + 1
    part = page[top:bottom, left:right].copy()
    inside = cv2.fillPoly(np.zeros(part.shape, np.uint8), [polygon - (left, top)], 1).astype(bool)
    part[~inside] = int(np.percentile(part[inside], 75))
    return part


def lines(folder: Path) -> tuple[list[np.ndarray], list[str]]:
    """Pictures of all lines, and what they say."""
    import pandas as pd

    images, texts = [], []
    for _, row in pd.read_parquet(folder / "pages.parquet").iterrows():
        page = np.asarray(Image.open(io.BytesIO(row["image"]["bytes"] if isinstance(row["image"], dict) else row["image"])).convert("L"))
        for line in json.loads(row["lines"]):
            images.append(cut(page, np.asarray(line["polygon"]).reshape(-1, 2).round().astype(np.int32)))
            texts.append(readable(line["text"].replace(">", "").replace("<", ""), EVERYTHING))
    return images, texts


def read(reader: TextReader, image: np.ndarray, language_model: bool) -> str:
    try:
        return reader.read_line(image, language_model=language_model).text
    except InputError:  # what it gives up on is an error
        return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["text-judge", "text-best"], help="shipped weights or folders")
    arguments = parser.parse_args()
    images, texts = lines(Path(os.environ["HWR_DATASETS"]) / "real-pages")
    rows = [
        f"`python benchmarks/real_pages.py`, {date.today().isoformat()}: {len(texts)} lines of 45 people, French; none is learnt from.",
        "",
        "| reader | CER | WER | CER without accents and case |",
        "|---|---:|---:|---:|",
    ]
    for name in arguments.models:
        reader = TextReader.from_pretrained(name)
        for how, model in (("greedy", False), ("beam with language models", True)):
            said = [read(reader, image, model) for image in tqdm(images, desc=f"{name}, {how}")]
            metrics, plain = text_metrics(texts, said), text_metrics(list(map(bare, texts)), list(map(bare, said)))
            rows.append(f"| {Path(name).name}, {how} | {metrics['cer']:.4f} | {metrics['wer']:.4f} | {plain['cer']:.4f} |")
    (ROOT / "benchmarks" / "real_pages.md").write_text("\n".join(rows) + "\n")
    print("\n".join(rows))


def bare(text: str) -> str:
    """A text without accents, in small letters."""
    import unicodedata

    return "".join(char for char in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(char))


if __name__ == "__main__":
    main()
