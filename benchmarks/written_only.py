"""What is writing by the pen worth to a reader? ``python benchmarks/written_only.py WRITTEN`` teaches the same small reader several times.

Once with what the pen wrote alone (WRITTEN, as ``hwr dataset written`` makes it), and with 1,000, 10,000 and all words of UNIPEN's training
writers; with the same seeds, pens, papers and number of steps. Each is measured on the validation writers' words, greedily, without a
language model. A run that was interrupted goes on where it stopped; with ``--only`` one of them is taught. Writes
``benchmarks/written_only.json``, and ``written_only.md`` and the figure in ``docs/`` of what has been measured so far.
"""

import argparse
import json
import logging
import os
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from hwr.charset import PRINTABLE
from hwr.data import unipen as ink_data
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.data.unipen import InkSet
from hwr.evaluation.metrics import text_metrics
from hwr.models.line_ctc import LineCTC
from hwr.models.sizes import parameter_count
from hwr.system.process import use_threads
from hwr.text.ctc import greedy
from hwr.training.recipes.line_data import Evaluated, PooledBatches, Pools, drawn
from hwr.training.trainer import Settings, Trainer

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).with_suffix(".json")
FIGURE = ROOT / "docs" / "written_only.svg"
NETWORK: dict[str, Any] = {"stem_channels": [8, 16, 24, 32], "hidden_size": 96, "num_layers": 1, "dropout": 0.1}
BATCH = 32
LEARNING_RATE = 4e-3
SEED = 0
REAL: dict[str, int | None] = {"1,000 real words": 1_000, "10,000 real words": 10_000, "all real words": None}
WRITTEN = "written alone"
NOTHING = InkSet([], [], np.zeros(0, bool), [])


def taught_with(what: str, ink: str, written: str) -> tuple[Handwriting, dict[str, float], int]:
    """What one of the readers learns from, in which shares, and how many samples that are."""
    if what == WRITTEN:
        words, lines = (usable(ink_data.load(written, "train", kind)) for kind in ("word", "line"))
        total = len(words) + len(lines)
        shares = {"pen_word": len(words) / total, "pen_line": len(lines) / total}
        return Handwriting(NOTHING, NOTHING, NOTHING, words, lines), shares, total
    words = usable(ink_data.load(ink, "train", "word"))
    count = REAL[what] or len(words)
    chosen = np.random.default_rng(SEED).permutation(len(words))[:count]
    return Handwriting(words.chosen(chosen.tolist()), NOTHING, NOTHING), {"word": 1.0}, count


def errors(network: LineCTC, found: Evaluated) -> dict[str, float]:
    """Error rates, greedily."""
    return text_metrics(found.texts, [greedy(log_probs, network.charset) for log_probs in network.emissions(found.images)])


def teach(what: str, ink: str, written: str, steps: int, limit: int) -> dict[str, Any]:
    """Teach one reader, or go on with it. Returns its figures."""
    handwriting, shares, count = taught_with(what, ink, written)
    pools = Pools(handwriting, cast("Glyphs", None), BATCH, SEED)  # no scanned characters are drawn
    pools.shares = shares
    watched = drawn(ink, "validation", "word", limit=limit)
    torch.manual_seed(SEED)
    network = LineCTC(charset=PRINTABLE, **NETWORK)

    def score(average: LineCTC) -> tuple[float, dict[str, float]]:
        found = errors(average, watched)
        return -found["cer"], found

    trainer = Trainer(
        network,
        PooledBatches(pools, 0, steps),
        score,
        folder=Path("runs") / f"written-only-{steps}-{what.replace(',', '').replace(' ', '-')}",
        settings=Settings(steps=steps, evaluate_every=max(1, steps // 6), learning_rate=LEARNING_RATE, seed=SEED),
        identity={"network": NETWORK, "samples": count, "shares": shares, "batch": BATCH},
    )
    start, first = time.monotonic(), trainer.step
    network.load_state_dict(trainer.run())
    network.eval()
    taken = trainer.step - first
    figures: dict[str, Any] = {"samples": count, "steps": steps, "date": date.today().isoformat()}
    if taken:
        figures["seconds_per_step"] = (time.monotonic() - start) / taken
    figures["curve"] = [{"step": entry["step"], "cer": entry["cer"]} for entry in trainer.history]
    for name, photographed in (("clean", False), ("photographed", True)):
        found = drawn(ink, "validation", "word", photographed=photographed)
        figures[name] = errors(network, found) | {"n": len(found.texts)}
    figures["parameters"] = parameter_count(network)
    return figures


def table(measured: dict[str, Any]) -> list[str]:
    """The figures as Markdown."""
    one = next(iter(measured.values()))
    lines = [
        f"`python benchmarks/written_only.py`, {max(row['date'] for row in measured.values())}: {one['parameters']:,} parameters, "
        f"{one['steps']:,} steps of {BATCH} samples each, seed {SEED}; words of UNIPEN's validation writers, greedily.",
        "",
        "| taught with | samples | CER | WER | as photographs: CER |",
        "|---|---:|---:|---:|---:|",
    ]
    for what, row in measured.items():
        clean, photographed = row["clean"], row["photographed"]
        lines.append(f"| {what} | {row['samples']:,} | {clean['cer']:.4f} | {clean['wer']:.4f} | {photographed['cer']:.4f} |")
    if missing := [what for what in (WRITTEN, *REAL) if what not in measured]:
        lines += ["", f"Not run to their end yet, so that there is nothing to compare with: {', '.join(missing)}."]
    best = measured.get("all real words")
    if best and WRITTEN in measured:
        ratio = measured[WRITTEN]["clean"]["cer"] / best["clean"]["cer"]
        lines += [
            "",
            f"The CER of the one taught with what the pen wrote alone is {ratio:.2f} times that of the one taught with all real words.",
        ]
    return lines


def figure(measured: dict[str, Any], path: Path) -> None:
    """The learning curves."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(6.4, 3.6), layout="constrained")
    for what, row in measured.items():
        steps, rates = zip(*((point["step"], point["cer"]) for point in row["curve"]), strict=True)
        axes.plot(steps, rates, "o--" if what == WRITTEN else "o-", label=what, markersize=3)
    axes.set(xlabel="steps", ylabel="CER, validation words", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    drawing.savefig(path, metadata={"Date": None})


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("written", help="folder of what the pen wrote")
    parser.add_argument("--steps", type=int, default=3000, help="of each (default: %(default)s)")
    parser.add_argument("--limit", type=int, default=400, help="validation words that are looked at while it learns (default: %(default)s)")
    parser.add_argument("--only", choices=[WRITTEN, *REAL], help="teach this one")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    use_threads(1)
    ink = os.path.join(os.environ["HWR_DATASETS"], "unipen-ink")
    measured = json.loads(OUT.read_text()) if OUT.exists() else {}
    for what in [options.only] if options.only else [WRITTEN, *REAL]:
        found = teach(what, ink, options.written, options.steps, options.limit)
        found = {"seconds_per_step": measured.get(what, {}).get("seconds_per_step")} | found
        measured = {name: row for name, row in measured.items() if row["steps"] == options.steps} | {what: found}
        measured = {name: measured[name] for name in (WRITTEN, *REAL) if name in measured}
        OUT.write_text(json.dumps(measured, indent=1) + "\n")
        OUT.with_suffix(".md").write_text("\n".join(table(measured)) + "\n")
        figure(measured, FIGURE)
        print(f"{what}: {found['clean']}", flush=True)


if __name__ == "__main__":
    main()
