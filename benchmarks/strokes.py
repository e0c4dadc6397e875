"""What it is worth to read the pad by looks and by strokes together: ``python benchmarks/strokes.py``.

The words of ``readers.py``, as strokes on the wide pad. Writes ``benchmarks/strokes.md``.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
from readers import COUNT
from tqdm import tqdm

from hwr import InkReader, InputError, TextReader
from hwr.data import unipen as ink_data
from hwr.data.lines import usable
from hwr.evaluation.metrics import expected_calibration_error, text_metrics
from hwr.predictors.strokes import StrokesReader
from hwr.text.result import TextResult
from hwr.training.recipes.line_data import CORE

ROOT = Path(__file__).parents[1]


def main() -> None:
    words = usable(ink_data.load(os.path.join(os.environ["HWR_DATASETS"], "unipen-ink"), "test", "word"))
    reliable = np.flatnonzero(words.case_reliable)
    chosen = reliable[np.linspace(0, len(reliable) - 1, COUNT).astype(int)]
    texts = [words.texts[index] for index in chosen]
    drawings = [[stroke * (CORE / 100) for stroke in words.strokes[index]] for index in chosen]
    pictures, strokes = TextReader.from_pretrained(), InkReader.from_pretrained()
    both = StrokesReader(pictures, strokes)
    readers: dict[str, Callable[[list[np.ndarray]], TextResult]] = {
        "by looks": pictures.read_strokes,
        "by strokes": strokes.read,
        "both": lambda drawing: both.read(drawing)[0],
    }
    lines = [
        f"`python benchmarks/strokes.py`, {date.today().isoformat()}: {COUNT} words of UNIPEN's test writers, as strokes on the wide pad.",
        "",
        "| read | CER | WER | calibration error |",
        "|---|---:|---:|---:|",
    ]
    for name, read in readers.items():
        said, sure = [], []
        for drawing in tqdm(drawings, desc=name):
            try:
                result = read(drawing)
                said.append(result.text.replace("\n", " "))
                sure.append(result.lines[0].confidence)
            except InputError:
                said.append("")
                sure.append(0.0)
        metrics = text_metrics(texts, said)
        right = np.array([one == other for one, other in zip(texts, said, strict=True)])
        error = expected_calibration_error(np.array(sure), right)
        lines.append(f"| {name} | {metrics['cer']:.4f} | {metrics['wer']:.4f} | {error:.4f} |")
    (ROOT / "benchmarks" / "strokes.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
