"""The report of an evaluation: one HTML file that holds everything, and a PDF to print."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from hwr.evaluation.labels import SCHEMES
from hwr.evaluation.plots import confusion_heat_map, picture_rows, reliability_diagram
from hwr.evaluation.result import Evaluation, Mistake
from hwr.hub.files import METRICS_FILE
from hwr.hub.finding import beside_package
from hwr.system.staging import staged

if TYPE_CHECKING:
    from jinja2 import Template
    from matplotlib.figure import Figure

PAIRS = 20
_LISTED = 500
"""Texts and left-out entries that are listed at most."""

HEADLINES = {"accuracy": "Accuracy", "macro_f1": "Macro-F1", "cer": "Character error rate", "wer": "Word error rate"}
MORE = {"cohen_kappa": "Cohen's kappa", "weighted_f1": "Weighted F1", "top3_accuracy": "Top-3", "ece": "Calibration error"}


def summary(found: Evaluation) -> str:
    """What was evaluated, in a sentence."""
    kinds = [(figures, kind) for figures, kind in ((found.characters, "characters"), (found.texts, "texts")) if figures]
    counts = " and ".join(f"{figures['n']:,} {kind}" for figures, kind in kinds)
    unread = " and ".join(f"{figures['unread']:,} {kind}" for figures, kind in kinds if figures["unread"])
    left_out = f", {len(found.skipped):,} entries left out" if found.skipped else ""
    nothing = f" In {unread} nothing was found to read; these count as wrong." if unread else ""
    return f"{counts} of {found.name}{left_out}, read by {found.model}; labels taken for {SCHEMES[found.scheme]}.{nothing}"


def method(found: Evaluation) -> str:
    """How the intervals came about, in a sentence."""
    drawn = "single images, as if each were by another hand" if found.writers is None else f"the {found.writers:,} writers"
    return f"The 95 % intervals are by the bootstrap over {drawn}."


def headlines(found: Evaluation) -> list[dict[str, str]]:
    """The headline figures: name, value, and a note with the 95 % interval and the figure of the model's own test."""
    own = _own_figures(found.model)
    values = (found.characters or {}) | (found.texts or {})
    figures = []
    for key, name in HEADLINES.items():
        if key in values:
            low, high = found.intervals[key]
            note = f"95 %{'' if found.writers is None else ' over writers'}: {low:.1%} to {high:.1%}" + (
                f"; on its own test {own[key]:.1%}" if key in own else ""
            )
            figures.append({"name": name, "value": f"{values[key]:.1%}", "note": note})
    for key, name in MORE.items():
        if key in values:
            figures.append({"name": name, "value": f"{values[key]:.3f}", "note": ""})
    return figures


def _own_figures(model: str) -> dict[str, float]:
    """The figures of a shipped model on its own test set."""
    folder = beside_package(f"weights/{model}")
    path = folder / METRICS_FILE if folder else None
    if path is None or not path.is_file():
        return {}
    first = json.loads(path.read_text(encoding="utf-8"))["results"][0]
    return {key: first[key] for key in HEADLINES if key in first}


def compared(found: Evaluation) -> str:
    """What the comparison of two models says, as a sentence."""
    if not found.comparison:
        return ""
    c = found.comparison
    verdict = "a difference that chance hardly makes" if c["p_value"] < 0.05 else "a difference that chance may have made"
    return (
        f"{c['first']} reads {c['first_accuracy']:.2%} right, {c['second']} {c['second_accuracy']:.2%}. {c['only_first']:,} images only "
        f"the first reads right, {c['only_second']:,} only the second: {verdict} (McNemar, p = {c['p_value']:.3g})."
    )


def pairs_html(found: Evaluation) -> str:
    """The most confused pairs, each with a strip of the pictures, as HTML."""
    return _template("pairs.html").render(pairs=_pairs(found))


def _pairs(found: Evaluation) -> list[dict[str, Any]]:
    pairs = []
    for row in (found.characters or {}).get("confusions", [])[:PAIRS]:
        strip = found.strips.get((row["truth"], row["read_as"]), ())
        pairs.append(row | {"strip": [{"picture": _png(mistake.seen), "name": mistake.name} for mistake in strip]})
    return pairs


def _template(name: str) -> Template:
    from jinja2 import Environment, PackageLoader

    return Environment(autoescape=True, loader=PackageLoader("hwr.evaluation")).get_template(name)


def save_html(found: Evaluation, path: Path) -> None:
    """Write the report as one self-contained HTML file."""
    template = _template("report.html")
    shown: dict[str, Any] = {}
    if found.characters:
        title = f"{found.model} on {found.name}"
        shown = {
            "heat_map": _inline(confusion_heat_map(found.characters, title)),
            "count_map": _inline(confusion_heat_map(found.characters, title, counts=True)),
            "diagram": _inline(reliability_diagram(found.calibration)),
            "classes": [
                {key: f"{value:.4f}" if isinstance(value, float) else value for key, value in row.items()}
                for row in found.characters["per_class"]
                if row["n"]
            ],
            "pairs": _pairs(found),
            "mistakes": [_shown(mistake) for mistake in found.mistakes],
            "differing": [_shown(mistake) for mistake in found.differing],
        }
    texts = [row[:3] for row in found.predictions() if len(row[1]) > 1][:_LISTED] if found.texts else []
    html = template.render(
        title=f"How well {found.model} reads {found.name}",
        summary=summary(found),
        method=method(found),
        figures=headlines(found),
        comparison=compared(found),
        texts=texts,
        skipped=found.skipped[:_LISTED],
        skipped_count=len(found.skipped),
        **shown,
    )
    path.write_text(html, encoding="utf-8", errors="backslashreplace")


def save_pdf(found: Evaluation, path: Path) -> None:
    """Write the report as a PDF: figures, heat map, most confused pairs, errors, reliability."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with PdfPages(path) as pages:
        cover = Figure(figsize=(11.7, 8.3))
        lines = [f"{figure['name']}: {figure['value']}   {figure['note']}" for figure in headlines(found)]
        text = "\n".join([f"How well {found.model} reads {found.name}", "", summary(found), "", *lines, "", method(found), compared(found)])
        cover.text(0.07, 0.92, text, va="top", fontsize=12, wrap=True)
        pages.savefig(cover)
        if found.characters:
            pages.savefig(confusion_heat_map(found.characters, f"{found.model} on {found.name}"))
            if found.mistakes:
                shown = np.stack([mistake.seen for mistake in found.mistakes])
                pages.savefig(picture_rows(shown, 12, "Errors, the surest first"))
            pages.savefig(reliability_diagram(found.calibration))


def save_all(found: Evaluation, folder: Path) -> list[Path]:
    """Write ``report.html``, ``report.pdf``, ``predictions.csv`` and ``metrics.json`` into a folder, which is made if need be.

    Raises:
        InputError: it can't be written; the folder is as before.
    """
    writers = {"report.html": save_html, "report.pdf": save_pdf}
    with staged(folder) as aside:
        for name, write in writers.items():
            write(found, aside / name)
        found.save_predictions(aside / "predictions.csv")
        found.save_metrics(aside / METRICS_FILE)
    return [folder / name for name in (*writers, "predictions.csv", METRICS_FILE)]


def _shown(mistake: Mistake) -> dict[str, str]:
    return {
        "name": mistake.name,
        "truth": mistake.truth,
        "read_as": mistake.read_as,
        "confidence": f"{mistake.confidence:.0%}",
        "picture": _png(mistake.seen),
    }


def _png(seen: np.ndarray) -> str:
    """A character as a data URL, ink on paper."""
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", 255 - seen)[1].tobytes()).decode()


def _inline(figure: Figure) -> str:
    """A figure as a data URL."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
