"""Side by side with Tesseract 5 and RapidOCR: ``python benchmarks/readers.py``.

500 words of UNIPEN's test writers, evenly over the split, drawn on white by the pad's own renderer, the same pictures for all three. Needs
``apt-get install tesseract-ocr`` and ``pip install rapidocr-onnxruntime``. Writes ``benchmarks/readers.md``.
"""

import os
import re
import subprocess
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from hwr import TextReader, ink
from hwr.data import ink as ink_data
from hwr.data.lines import usable
from hwr.evaluation import text_metrics
from hwr.recipes.lines import CORE

COUNT = 500
MARGIN = 20
ROOT = Path(__file__).parents[1]


def pictures() -> tuple[list[np.ndarray], list[str]]:
    """Pictures, uint8 (H, W), and their texts."""
    words = usable(ink_data.load(os.path.join(os.environ["HWR_DATASETS"], "unipen-ink"), "test", "word"))
    reliable = np.flatnonzero(words.case_reliable)
    chosen = reliable[np.linspace(0, len(reliable) - 1, COUNT).astype(int)]
    drawn = [ink.text_picture([stroke * (CORE / 100) for stroke in words.strokes[index]]) for index in chosen]
    return [np.pad(picture, MARGIN, constant_values=255) for picture in drawn], [words.texts[index] for index in chosen]


def tesseract(picture: np.ndarray) -> str:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        cv2.imwrite(file.name, picture)
        command = ["tesseract", file.name, "stdout", "--psm", "8"]
        return subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"}, check=True
        ).stdout.strip()


def main() -> None:
    from rapidocr_onnxruntime import RapidOCR

    reader, rapid = TextReader.from_pretrained(), RapidOCR()

    def rapidocr(picture: np.ndarray) -> str:
        found, _ = rapid(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), use_det=False, use_cls=False, use_rec=True)
        return " ".join(part[0] for part in found or [])

    readers = {
        f"hwr {reader.source}": lambda picture: reader.read_line(picture).text,
        "Tesseract "
        + re.search(r"[\d.]+", subprocess.run(["tesseract", "--version"], capture_output=True, text=True).stdout)[0]: tesseract,
        f"RapidOCR {version('rapidocr-onnxruntime')}, recognition only": rapidocr,
    }
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
    (ROOT / "benchmarks" / "readers.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
