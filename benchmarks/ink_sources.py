"""What each source of writing is worth to the reader of lines: ``python benchmarks/ink_sources.py WRITTEN``.

``text-judge``, which was taught by people's ink, goes on for a few steps with the same samples of people's ink and more and more besides:
words that the pen wrote in English, lines, words and lines of six languages, scanned German words. WRITTEN is what ``hwr dataset written``
wrote. Everything is measured on validation, greedily. Writes ``benchmarks/ink_sources.md``.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import torch

from hwr.charset import LATIN
from hwr.evaluation.metrics import text_metrics
from hwr.models.line_ctc import LineCTC
from hwr.text.ctc import greedy
from hwr.training.recipes.line_data import Evaluated, drawn, scanned
from hwr.training.recipes.lines import LineRecipe

ROOT = Path(__file__).parents[1]
STEPS = 200
LEARNING_RATE = 6e-4


def part_of(written: Path, folder: Path, keep: Callable[[str, str], bool]) -> str:
    """A folder with those samples of a written data set whose kind and source are wanted."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    for split in ("train", "validation"):
        table = pq.read_table(written / f"{split}.parquet")
        kept = [keep(kind, source) for kind, source in zip(table["kind"].to_pylist(), table["contributor"].to_pylist(), strict=True)]
        pq.write_table(table.filter(kept), folder / f"{split}.parquet")
    return str(folder)


def errors(network: LineCTC, sets: dict[str, Evaluated]) -> list[str]:
    """Character error rates, greedy, as they stand in the table."""
    rates = []
    for found in sets.values():
        read = [greedy(log_probs, network.charset) for log_probs in network.emissions(found.images)]
        rates.append(f"{text_metrics(found.texts, read)['cer']:.4f}")
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("written", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    data = Path(os.environ["HWR_DATASETS"])
    everything, dhsd = str(arguments.written), str(data / "dhsd")
    sets = {
        "real words": drawn(str(data / "unipen-ink"), "validation", "word", limit=1500),
        "real lines": drawn(str(data / "unipen-ink"), "validation", "line", limit=250),
        "written, six languages": drawn(everything, "validation", "word", limit=500, charset=LATIN),
        "scanned German words": scanned(dhsd, LATIN),
    }
    lines = [
        f"`python benchmarks/ink_sources.py`, {date.today().isoformat()}: {arguments.steps} steps of 48 from `text-judge`, character error "
        "rate on validation, greedy.",
        "",
        f"| learnt from | {' | '.join(f'{name} ({len(found.texts):,})' for name, found in sets.items())} |",
        "|---|" + "---:|" * len(sets),
        f"| `text-judge` itself | {' | '.join(errors(LineCTC.from_pretrained(ROOT / 'weights' / 'text-judge'), sets))} |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        words = part_of(arguments.written, Path(folder, "words"), lambda kind, source: kind == "word" and source.startswith("en"))
        english = part_of(arguments.written, Path(folder, "english"), lambda kind, source: source.startswith("en"))
        steps: dict[str, dict[str, Any]] = {
            "people's ink alone": {},
            "+ written words, English": {"written": words},
            "+ written lines, English": {"written": english},
            "+ written words and lines of six languages": {"written": everything},
            "+ scanned German words": {"written": everything, "scans": dhsd},
        }
        for what, sources in steps.items():
            recipe = LineRecipe(name="sources", start_from=("text-judge",), steps=arguments.steps, learning_rate=LEARNING_RATE, **sources)
            network, history = recipe.learn(Path(folder, "runs", what))
            known = {"real words": history[-1]["cer"], "real lines": history[-1]["lines_cer"]}
            rest = errors(network, {name: found for name, found in sets.items() if name not in known})
            lines.append(f"| {what} | {' | '.join([*(f'{value:.4f}' for value in known.values()), *rest])} |")
            print(lines[-1], flush=True)
    (ROOT / "benchmarks" / "ink_sources.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
