"""What it is worth to read drawn characters by their looks and by the order of their strokes: ``python benchmarks/drawn_characters.py``.

UNIPEN's isolated letters and digits of reliable case, as strokes. The weights of the two are fitted to the validation writers (those of
``hwr/predictors/char.py`` are these, rounded), and what both together read is measured on the test writers. Writes
``benchmarks/drawn_characters.md``.
"""

import os
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from tqdm import tqdm

from hwr import CharRecognizer
from hwr.data import unipen as ink_data
from hwr.evaluation.metrics import expected_calibration_error
from hwr.ink.rendering import fitted_picture
from hwr.pictures.character import character
from hwr.predictors.char import IMPOSSIBLE, LOOKS, ORDER, combined
from hwr.system.process import use_threads

ROOT = Path(__file__).parents[1]


def evidence(recognizer: CharRecognizer, split: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities by looks and log-probabilities by order, (N, classes) each, and labels (N,)."""
    ink = ink_data.load(os.path.join(os.environ["HWR_DATASETS"], "unipen-ink"), split, "char")
    strokes, labels = ink_data.labelled_characters(ink, unreliable_case=False)
    pictures = np.stack([character(fitted_picture(sample)) for sample in tqdm(strokes, desc=f"{split}, looks")])
    order = [recognizer.by_order(sample) for sample in tqdm(strokes, desc=f"{split}, order")]
    return recognizer.network.classify(pictures), np.array(order), labels


def fitted(looks: np.ndarray, order: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """The weights that make the labels likeliest."""
    parts = np.log(np.maximum(looks, 1e-30)), np.maximum(order, IMPOSSIBLE)

    def loss(weights: np.ndarray) -> float:
        scores = weights[0] * parts[0] + weights[1] * parts[1]
        return float(np.mean(np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(labels)), labels]))

    first, second = minimize(loss, [0.5, 0.5], method="Nelder-Mead").x.tolist()
    return first, second


def row(name: str, probabilities: np.ndarray, labels: np.ndarray) -> str:
    """Of the table: top-1, top-2, calibration error."""
    ranked = np.argsort(-probabilities, axis=1)
    right = ranked[:, 0] == labels
    second = (ranked[:, :2] == labels[:, None]).any(1)
    error = expected_calibration_error(probabilities.max(1), right)
    return f"| {name} | {right.mean():.4f} | {second.mean():.4f} | {error:.4f} |"


def main() -> None:
    use_threads(1)
    recognizer = CharRecognizer.from_pretrained()
    first, second = fitted(*evidence(recognizer, "validation"))
    looks, order, labels = evidence(recognizer, "test")
    lines = [
        f"`python benchmarks/drawn_characters.py`, {date.today().isoformat()}: {len(labels):,} letters and digits of UNIPEN's test "
        f"writers, as strokes. Weights fitted to the validation writers: looks {first:.3f}, order {second:.3f}; used: {LOOKS}, {ORDER}.",
        "",
        "| read | accuracy | among the first two | calibration error |",
        "|---|---:|---:|---:|",
        row("by looks", looks, labels),
        row("by the order of strokes", np.exp(order), labels),
        row("both", combined(looks, order), labels),
    ]
    (ROOT / "benchmarks" / "drawn_characters.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
