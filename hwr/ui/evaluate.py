"""The tab "Evaluate": how well a model reads a collection of labelled images, and where it goes wrong."""

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from hwr import batch, report
from hwr.data.collections import LIMITS, open_collection, open_hub
from hwr.data.labels import SCHEMES
from hwr.errors import InputError
from hwr.hub import check_repo_id
from hwr.plots import confusion_heat_map
from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader
from hwr.ui.answer import card
from hwr.ui.guard import endpoint, object_of, sentence, uploaded_path
from hwr.ui.outputs import handed_out
from hwr.ui.writing import refused

SHIPPED = ("char-best", "char-reference")
READY = {
    "Characters drawn by PixelWriter, unfiltered": "drawn.zip",
    "Characters and words in our own strokes": "strokes.zip",
}
"""Sets to try the tab with, made by ``benchmarks/ready_sets.py``."""


def _ready(name: str) -> Path:
    return Path(str(files("hwr.ui").joinpath("sets", name)))


def build(recognizer: CharRecognizer, reader: TextReader, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        recognizer: reads single characters, unless another model is named.
        reader: reads texts.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """

    @cache
    def model_of(name: str) -> CharRecognizer:
        if name == recognizer.source:
            return recognizer
        if name not in SHIPPED:
            check_repo_id(name)  # no looking round on this machine
        return CharRecognizer.from_pretrained(name)

    models = list(dict.fromkeys((recognizer.source, *SHIPPED)))
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                archive = gr.File(label="A zip archive, Parquet or IDX file", height=130, elem_id="evaluate-archive")
                gr.Markdown(
                    f"Class folders (`A/001.png`), or images with a `labels.csv` (`file_name`, `label`). {LIMITS}",
                    elem_classes="hwr-hint",
                )
                ready = gr.Dropdown(["", *READY], value="", label="Or a ready set", elem_id="evaluate-ready")
                dataset = gr.Textbox(label="Or a Hub data set", placeholder="user/name", max_lines=1, elem_id="evaluate-dataset")
                with gr.Row():
                    go = gr.Button("Evaluate", variant="primary", elem_id="evaluate-go")
                    stop = gr.Button("Cancel", elem_id="evaluate-stop")
            with gr.Accordion("Settings", open=False, elem_classes="hwr-order-3"):
                model = gr.Dropdown(models, value=models[0], label="Model", allow_custom_value=True, elem_id="evaluate-model")
                against = gr.Dropdown(["", *models], value="", label="Compare with", allow_custom_value=True, elem_id="evaluate-against")
                labels = gr.Dropdown(
                    [("what nearly all fit", "auto"), *((what, name) for name, what in SCHEMES.items())], value="auto", label="Labels are"
                )
                limit = gr.Number(0, label="At most so many images (0: all)", precision=0, minimum=0)
        with gr.Column(elem_classes="hwr-out hwr-order-2", min_width=280):
            status = gr.HTML(
                card("<p>The result appears here: how many are read right, what is taken for what, and why.</p>", kind="hwr-empty"),
                apply_default_css=False,
                elem_id="evaluate-status",
            )
            with gr.Row():
                html = gr.DownloadButton("Report (HTML)", interactive=False, elem_id="evaluate-html")
                pdf = gr.DownloadButton("Report (PDF)", interactive=False, elem_id="evaluate-pdf")
                predictions = gr.DownloadButton("predictions.csv", interactive=False, elem_id="evaluate-csv")
                metrics = gr.DownloadButton("metrics.json", interactive=False, elem_id="evaluate-json")
            heat_map = gr.Plot(label="What is read as what", visible=False, elem_id="evaluate-map")
            with gr.Row(visible=False) as view:
                only = gr.Dropdown([], multiselect=True, label="Only these classes", elem_id="evaluate-only")
                counts = gr.Checkbox(False, label="Counts instead of shares")
            pairs = gr.HTML("", apply_default_css=False, elem_id="evaluate-pairs")
            classes = gr.Dataframe(visible=False, label="Classes", interactive=False, max_height=360, elem_id="evaluate-classes")
    last = gr.State(None)
    shown = [status, html, pdf, predictions, metrics, heat_map, view, only, pairs, classes, last]
    waiting = [gr.skip()] * (len(shown) - 1)

    def on_go(archive: Any, ready: Any, dataset: Any, model: Any, against: Any, labels: Any, limit: Any) -> Iterator[list[Any]]:
        try:
            most = int(limit) if limit else None
            yield [card('<p role="status">Opening …</p>'), *waiting]
            if archive:
                collection = open_collection(uploaded_path(archive), limit=most)
            elif ready in READY:
                collection = open_collection(_ready(READY[ready]), limit=most)
            elif name := str(dataset or "").strip():
                collection = open_hub(name, limit=most)
            else:
                raise InputError("There is nothing to evaluate yet: choose a file, a ready set or a Hub data set.")
            other = model_of(against) if against else None
            for step in batch.steps(collection, model_of(model), reader, against=other, labels=labels):
                if isinstance(step, batch.Progress):
                    yield [_progress(step), *waiting]
            assert isinstance(step, batch.Evaluation)
            yield [card('<p role="status">Writing the report …</p>'), *waiting]
            yield _result(step)
        except Exception as error:
            yield [refused(sentence(error)), *waiting]

    def show_map(found: batch.Evaluation | None, only: Any, counts: Any) -> Any:
        if found is None or not found.characters:
            return gr.skip()
        return gr.update(value=confusion_heat_map(found.characters, "", counts=bool(counts), only=only or ()))

    private = {"api_visibility": "private", "preprocess": False} | share
    event = go.click(
        on_go, [archive, ready, dataset, model, against, labels, limit], shown, show_progress="hidden", trigger_mode="multiple", **private
    )
    stop.click(
        lambda: card('<p role="status">Cancelled.</p>'), None, status, cancels=[event], api_visibility="private", show_progress="hidden"
    )
    for choice in (only, counts):
        choice.input(show_map, [last, only, counts], heat_map, api_visibility="private", **share)
    _endpoint(model_of, recognizer.source, reader, share)


def _progress(step: batch.Progress) -> str:
    """A bar with the speed and the time that is left."""
    of = "" if step.total is None else f" of {step.total:,}"
    left = "" if step.seconds_left is None else f", {step.seconds_left:.0f} s left"
    share = 0.0 if not step.total else 100 * step.done / step.total
    return card(
        f'<p role="status">{step.done:,}{of} images, {step.per_second:,.0f} a second{left}</p>'
        f'<div class="hwr-bar"><i style="width:{share:.1f}%"></i></div>'
    )


def _result(found: batch.Evaluation) -> list[Any]:
    """Updates of everything that shows a result."""
    figures = "".join(
        f"<li><b>{escape(figure['value'])}</b> {escape(figure['name'])} <span>{escape(figure['note'])}</span></li>"
        for figure in report.headlines(found)
    )
    compared = f"<p>{escape(report.compared(found))}</p>" if found.comparison else ""
    listed = "".join(f"<li><code>{escape(name)}</code> {escape(reason)}</li>" for name, reason in found.skipped[:50])
    more = f"<p>and {len(found.skipped) - 50:,} more, in metrics.json</p>" if len(found.skipped) > 50 else ""
    left_out = f"<details><summary>{len(found.skipped):,} entries left out</summary><ul>{listed}</ul>{more}</details>" if listed else ""
    words = card(
        f'<p role="status">{escape(report.summary(found))}</p><ul class="hwr-figures">{figures}</ul>{compared}{left_out}', kind="hwr-result"
    )
    downloads = [
        gr.update(value=handed_out("report.html", lambda path: report.save_html(found, path)), interactive=True),
        gr.update(value=handed_out("report.pdf", lambda path: report.save_pdf(found, path)), interactive=True),
        gr.update(value=handed_out("predictions.csv", found.save_predictions), interactive=True),
        gr.update(value=handed_out("metrics.json", found.save_metrics), interactive=True),
    ]
    if not found.characters:
        return [words, *downloads, gr.update(visible=False), gr.update(visible=False), gr.skip(), "", gr.update(visible=False), found]
    rows = [row for row in found.characters["per_class"] if row["n"]]
    cells = [[round(value, 4) if isinstance(value, float) else value for value in row.values()] for row in rows]
    table = {"headers": ["class", "images", "precision", "recall", "F1"], "data": cells}
    return [
        words,
        *downloads,
        gr.update(value=confusion_heat_map(found.characters, ""), visible=True),
        gr.update(visible=True),
        gr.update(choices=[row["char"] for row in rows], value=[]),
        report.pairs_html(found),
        gr.update(value=table, visible=True),
        found,
    ]


def _endpoint(model_of: Any, default: str, reader: TextReader, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    archive = gr.File(label="Zip archive, Parquet or IDX file with labelled images; none for a Hub data set", visible=False)
    dataset = gr.Textbox("", label="Hub data set, user/name; empty for an archive", visible=False)
    model = gr.Textbox(default, label="Model: char-best, char-reference or a Hub repository", visible=False)
    page = gr.File(label="Report, HTML", visible=False)
    metrics = gr.JSON(label="Metrics", visible=False)
    table = gr.File(label="Predictions, CSV", visible=False)
    metrics.api_info = lambda: object_of(accuracy="number", macro_f1="number", n="integer", skipped={"type": "array", "items": {}})

    def evaluate(archive: Any = None, dataset: str = "", model: str = default) -> tuple[str, dict[str, Any], str]:
        if bool(archive) == bool(dataset):
            raise InputError("Send an archive or name a Hub data set, one of the two.")
        if not isinstance(model, str) or not isinstance(dataset, str):
            raise InputError("dataset and model must be texts.")
        chosen = model_of(model)
        collection = open_collection(uploaded_path(archive)) if archive else open_hub(dataset)
        found = batch.evaluate(collection, chosen, reader)
        return (
            handed_out("report.html", lambda path: report.save_html(found, path)),
            found.metrics(),
            handed_out("predictions.csv", found.save_predictions),
        )

    gr.Button(visible=False).click(
        endpoint(evaluate),
        [archive, dataset, model],
        [page, metrics, table],
        api_name="evaluate",
        api_description="How well a model reads labelled images: a report, the metrics, and every prediction. " + LIMITS,
        preprocess=False,
        **share,
    )
