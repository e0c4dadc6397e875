"""What each option of CharLSTM is worth: short trainings that differ in one thing, scored on the validation split.

``HWR_DATASETS=... python benchmarks/ablation.py`` writes ``benchmarks/ablation.md``. A run that was interrupted goes on where it stopped.
"""

import logging
import os
from datetime import date
from pathlib import Path
from typing import Any

from hwr.models.sizes import parameter_count
from hwr.system.process import use_threads
from hwr.training.recipes import char
from hwr.training.recipes.char_data import VALIDATION_PER_CLASS

EPOCHS = 2
VARIANTS: dict[str, dict[str, Any]] = {
    "reference: rows, one way, last state": {},
    "+ bidirectional": {"bidirectional": True},
    "+ mean over time": {"pooling": "mean"},
    "+ bidirectional, columns": {"bidirectional": True, "scan": "rows+columns"},
    "+ bidirectional, columns, mean over time": {"bidirectional": True, "scan": "rows+columns", "pooling": "mean"},
    "+ convolutional stem": {"stem_channels": (32, 64, 32)},
    "+ stem, bidirectional, columns, mean over time": {
        "bidirectional": True,
        "scan": "rows+columns",
        "pooling": "mean",
        "stem_channels": (32, 64, 32),
    },
}


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    use_threads(1)
    dataset = os.path.join(os.environ["HWR_DATASETS"], "emnist-47")
    lines = [
        f"`python benchmarks/ablation.py`, {date.today().isoformat()}: {EPOCHS} epochs of {char.DRAWS_PER_EPOCH:,} draws from the scanned",
        f"characters, learning rate 3e-3, seed 0; scores on the validation split ({VALIDATION_PER_CLASS} a class, not the test).",
        "",
        "| network | parameters | accuracy | macro-F1 |",
        "|---|---:|---:|---:|",
    ]
    for number, (title, network) in enumerate(VARIANTS.items()):
        recipe = char.CharRecipe(name=f"ablation-{number}", dataset=dataset, **network, epochs=EPOCHS, learning_rate=3e-3)
        trained, history = recipe.train(Path("runs"))
        best = max(history, key=lambda entry: entry["macro_f1"])
        lines.append(f"| {title} | {parameter_count(trained):,} | {best['accuracy']:.4f} | {best['macro_f1']:.4f} |")
        print(lines[-1], flush=True)
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
