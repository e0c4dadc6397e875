"""The endpoint ``/evaluate``."""

from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.evaluation import report
from hwr.evaluation import run as batch
from hwr.evaluation.collections.limits import LIMITS
from hwr.evaluation.collections.opening import open_collection, open_hub
from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader
from hwr.system.deadline import Deadline
from hwr.system.process import usable_device
from hwr.ui.evaluate.lane import ADVICE, SECONDS, THREADS, Lane
from hwr.ui.guard import object_of, uploaded_path
from hwr.ui.outputs import handed_out
from hwr.ui.zero import on_gpu


def add_endpoint(model_of: Any, default: str, reader: TextReader, lane: Lane) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    archive = gr.File(label="Zip archive, Parquet or IDX file with labelled images; none for a Hub data set", visible=False)
    dataset = gr.Textbox("", label="Hub data set, user/name; empty for an archive", visible=False)
    model = gr.Textbox(default, label="Model: char-best, char-reference or a Hub repository", visible=False)
    page = gr.File(label="Report, HTML", visible=False)
    metrics = gr.JSON(label="Metrics", visible=False)
    table = gr.File(label="Predictions, CSV", visible=False)
    metrics.api_info = lambda: object_of(accuracy="number", macro_f1="number", n="integer", skipped={"type": "array", "items": {}})

    @on_gpu
    def compute(device: str, archive: str | None, dataset: str, model: str) -> tuple[str, dict[str, Any], str]:
        chosen, texts, device = model_of(model), reader, usable_device(device)
        if device != "cpu":
            chosen = CharRecognizer(chosen.network, chosen.source, device)
            texts = TextReader(reader.network, reader.languages, reader.finder, reader.source, device)
        collection = open_collection(archive) if archive else open_hub(dataset)
        found = batch.evaluate(collection, chosen, texts, workers=THREADS)
        return (
            handed_out("report.html", lambda path: report.save_html(found, path)),
            found.metrics(),
            handed_out("predictions.csv", found.save_predictions),
        )

    def evaluate(archive: Any = None, dataset: str = "", model: str = default) -> tuple[str, dict[str, Any], str]:
        if bool(archive) == bool(dataset):
            raise InputError("Send an archive or name a Hub data set, one of the two.")
        if not isinstance(model, str) or not isinstance(dataset, str):
            raise InputError("dataset and model must be texts.")
        with Deadline(SECONDS, advice=ADVICE):
            for _ in lane.waited():
                pass
            try:
                return compute(uploaded_path(archive, "archive") if archive else None, dataset, model)
            finally:
                lane.leave()

    gr.Button(visible=False).click(
        evaluate,
        [archive, dataset, model],
        [page, metrics, table],
        api_name="evaluate",
        api_description="How well a model reads labelled images: a report, the metrics, and every prediction. " + LIMITS,
        preprocess=False,
        concurrency_id="evaluate for programs",
        concurrency_limit=1,
    )
