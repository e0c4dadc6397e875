"""What the tab "Evaluate" is made of, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from hwr.evaluation.collections.limits import LIMITS
from hwr.evaluation.labels import SCHEMES
from hwr.ui.evaluate.handlers import READY
from hwr.ui.panels import card


@dataclass(frozen=True)
class View:
    """The components.

    Attributes:
        settings: by their names in :class:`hwr.ui.evaluate.handlers.Settings`.
        shown: what an evaluation updates, the status first.
    """

    settings: dict[str, Any]
    go: gr.Button
    stop: gr.Button
    only: gr.Dropdown
    counts: gr.Checkbox
    heat_map: gr.Plot
    last: gr.State
    shown: list[Any]


def lay_out(models: Sequence[str]) -> View:
    """Compose the tab inside the current ``gr.Blocks``; the first of the models is the one that is used unless another is named."""
    settings: dict[str, Any] = {}
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                settings["archive"] = gr.File(label="A zip archive, Parquet or IDX file", height=170, elem_id="evaluate-archive")
                gr.Markdown(
                    f"Class folders (`A/001.png`), or images with a `labels.csv` (`file_name`, `label`). {LIMITS}",
                    elem_classes="hwr-hint",
                )
                settings["ready"] = gr.Dropdown(["", *READY], value="", label="Or a ready set", elem_id="evaluate-ready")
                settings["dataset"] = gr.Textbox(
                    label="Or a Hub data set", placeholder="user/name", max_lines=1, elem_id="evaluate-dataset"
                )
                with gr.Row():
                    go = gr.Button("Evaluate", variant="primary", elem_id="evaluate-go")
                    stop = gr.Button("Cancel", elem_id="evaluate-stop")
            _settings(settings, models)
        with gr.Column(elem_classes="hwr-out hwr-order-2", min_width=280):
            status = gr.HTML(
                card("<p>The result appears here: how many are read right, what is taken for what, and why.</p>", kind="hwr-empty"),
                apply_default_css=False,
                elem_id="evaluate-status",
            )
            with gr.Row():
                html = gr.DownloadButton("Report (HTML)", visible=False, elem_id="evaluate-html")
                pdf = gr.DownloadButton("Report (PDF)", visible=False, elem_id="evaluate-pdf")
                predictions = gr.DownloadButton("predictions.csv", visible=False, elem_id="evaluate-csv")
                metrics = gr.DownloadButton("metrics.json", visible=False, elem_id="evaluate-json")
            heat_map = gr.Plot(label="What is read as what", visible=False, elem_id="evaluate-map")
            with gr.Row(visible=False) as view:
                only = gr.Dropdown([], multiselect=True, label="Only these classes", elem_id="evaluate-only")
                counts = gr.Checkbox(False, label="Counts instead of shares")
            pairs = gr.HTML("", apply_default_css=False, elem_id="evaluate-pairs")
            classes = gr.Dataframe(visible=False, label="Classes", interactive=False, max_height=360, elem_id="evaluate-classes")
    last = gr.State(None)
    shown = [status, html, pdf, predictions, metrics, heat_map, view, only, pairs, classes, last]
    return View(settings, go, stop, only, counts, heat_map, last, shown)


def _settings(settings: dict[str, Any], models: Sequence[str]) -> None:
    with gr.Accordion("Settings", open=False, elem_classes="hwr-order-3"):
        settings["model"] = gr.Dropdown(list(models), value=models[0], label="Model", allow_custom_value=True, elem_id="evaluate-model")
        settings["against"] = gr.Dropdown(
            ["", *models], value="", label="Compare with", allow_custom_value=True, elem_id="evaluate-against"
        )
        settings["labels"] = gr.Dropdown(
            [("what nearly all fit", "auto"), *((what, name) for name, what in SCHEMES.items())], value="auto", label="Labels are"
        )
        settings["limit"] = gr.Number(0, label="At most so many images (0: all)", precision=0, minimum=0)
