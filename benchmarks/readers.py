"""Side by side with Tesseract 5 and RapidOCR: ``python benchmarks/readers.py``.

500 words of UNIPEN's test writers, evenly over the split, drawn on white by the pad's own renderer, the same pictures for all three. Needs
``apt-get install tesseract-ocr`` and ``pip install rapidocr-onnxruntime``. Writes ``benchmarks/readers.md``.
"""

import argparse
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from hwr import TextReader
from hwr.data import unipen as ink_data
from hwr.data.lines import usable
from hwr.evaluation.metrics import text_metrics
from hwr.ink.rendering import text_picture
from hwr.training.recipes.line_data import CORE

Reader = Callable[[np.ndarray], str]
COUNT = 500
MARGIN = 20
ROOT = Path(__file__).parents[1]


def pictures() -> tuple[list[np.ndarray], list[str]]:
    """Pictures, uint8 (H, W), and their texts."""
    words = usable(ink_data.load(os.path.join(os.environ["HWR_DATASETS"], "unipen-ink"), "test", "word"))
    reliable = np.flatnonzero(words.case_reliable)
    chosen = reliable[np.linspace(0, len(reliable) - 1, COUNT).astype(int)]
    drawn = [text_picture([stroke * (CORE / 100) for stroke in words.strokes[index]]) for index in chosen]
    return [np.pad(picture, MARGIN, constant_values=255) for picture in drawn], [words.texts[index] for index in chosen]


def tesseract(picture: np.ndarray) -> str:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        cv2.imwrite(file.name, picture)
        command = ["tesseract", file.name, "stdout", "--psm", "8"]
        return subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"}, check=True
        ).stdout.strip()


def others() -> dict[str, Reader]:
    """Readers that aren't ours, by name and version."""
    from rapidocr_onnxruntime import RapidOCR  # ty: ignore[import-not-found]  (only this benchmark wants it)

    rapid = RapidOCR()

    def rapidocr(picture: np.ndarray) -> str:
        found, _ = rapid(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
        return " ".join(part[0] for part in found or [])

    versions = subprocess.run(["tesseract", "--version"], capture_output=True, text=True).stdout
    return {
        "Tesseract " + re.findall(r"[\d.]+", versions)[0]: tesseract,
        f"RapidOCR {version('rapidocr-onnxruntime')}, recognition only": rapidocr,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", action="store_true", help="measure ours again, and leave the rows of the others as they are")
    arguments = parser.parse_args()
    reader = TextReader.from_pretrained()
    readers: dict[str, Reader] = {f"hwr {reader.source}": lambda picture: reader.read_line(picture).text}
    path = ROOT / "benchmarks" / "readers.md"
    kept = [row for row in path.read_text().splitlines() if re.match(r"\| (?!hwr|reader)\w", row)] if arguments.ours else []
    readers |= {} if arguments.ours else others()
    images, texts = pictures()
    lines = [
        f"`python benchmarks/readers.py`, {date.today().isoformat()}: {COUNT} words of UNIPEN's test writers, drawn on white.",
        "",
        "| reader | CER | WER |",
        "|---|---:|---:|",
    ]
    for name, read in readers.items():
        metrics = text_metrics(texts, [read(image) for image in tqdm(images, desc=name)])
        lines.append(f"| {name} | {metrics['cer']:.4f} | {metrics['wer']:.4f} |")
    path.write_text("\n".join(lines + kept) + "\n")
    print("\n".join(lines + kept))


if __name__ == "__main__":
    main()
