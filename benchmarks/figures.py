"""Put the measured figures into the README: ``python benchmarks/figures.py``.

They come from the cards' ``metrics.json``, from ``benchmarks/latency.json`` and from ``benchmarks/ablation.md``; nothing is typed in by
hand.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def results(name: str) -> dict:
    return json.loads((ROOT / "weights" / name / "metrics.json").read_text())


def figures() -> str:
    """The table of results, as Markdown."""
    reference, best = results("char-reference"), results("char-best")
    latency = json.loads((ROOT / "benchmarks" / "latency.json").read_text())
    lines = [
        "| model | data (split test) | images | accuracy | macro-F1 | top-3 | look-alikes merged | calibration error |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for model, title in ((reference, "reference"), (best, "best")):
        for row in model["results"]:
            values = " | ".join(f"{row[name]:.4f}" for name in ("accuracy", "macro_f1", "top3_accuracy", "merged_accuracy", "ece"))
            lines.append(f"| {title}, {model['parameters']:,} parameters | {row['dataset']} | {row['n']:,} | {values} |")
    lines += [
        "",
        f"Measured on {best['date']} (best) and {reference['date']} (reference) by the training commands below.",
        "",
        "| speed, one thread of a 2-core machine | best | reference |",
        "|---|---:|---:|",
    ]
    for key, title in (("image_ms", "one drawing as an array"), ("png_ms", "as a PNG file"), ("strokes_ms", "as strokes")):
        lines.append(f"| {title}, preprocessing and model | {latency['char-best'][key]} ms | {latency['char-reference'][key]} ms |")
    lines += [
        "",
        f"From `python app.py` to a page that answers: {latency['seconds_to_page']} s "
        f"(`python benchmarks/latency.py`, {latency['date']}, {latency['cpu_cores']} cores).",
    ]
    return "\n".join(lines)


def between(text: str, start: str, end: str, content: str) -> str:
    """Replace what stands between two marker lines."""
    pattern = re.compile(f"({re.escape(start)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the README has no {start}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def readme(text: str) -> str:
    """The README with the figures of the files beside it."""
    text = between(text, "<!-- figures: python benchmarks/figures.py -->", "<!-- end of figures -->", figures())
    return between(text, "<!-- ablation -->", "<!-- end of ablation -->", (ROOT / "benchmarks" / "ablation.md").read_text().strip())


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text()))
