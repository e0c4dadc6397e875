"""Model cards: the template ``model_card.md`` filled with what was measured."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwr.errors import ModelError
from hwr.hub.files import CARD_FILE, METRICS_FILE, WEIGHTS_FILE, first_line, some, weights_sha256
from hwr.hub.finding import beside_package
from hwr.hub.loading import read_config, read_object

METRICS = {
    "accuracy": ("accuracy", "Accuracy"),
    "macro_f1": ("f1", "Macro F1"),
    "top3_accuracy": ("top_3_accuracy", "Top-3 accuracy"),
    "merged_accuracy": ("merged_accuracy", "Accuracy, look-alikes merged"),
    "ece": ("expected_calibration_error", "Calibration error"),
    "cer": ("cer", "Character error rate"),
    "wer": ("wer", "Word error rate"),
}
"""Metric names of ``metrics.json``: the Hub's identifier and the heading in a card. Other numbers go by their own name."""

DATA_SOURCES = {
    "emnist": (
        "[EMNIST](https://arxiv.org/abs/1702.05373) (G. Cohen, S. Afshar, J. Tapson and A. van Schaik 2017): scanned characters of NIST "
        "Special Database 19, a work of the US government, not subject to copyright in the United States."
    ),
    "unipen": (
        "UNIPEN train_r01_v07, International Unipen Foundation, [Zenodo 10.5281/zenodo.1195803](https://doi.org/10.5281/zenodo.1195803), "
        "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); I. Guyon et al. 1994, "
        "[doi:10.1109/ICPR.1994.576870](https://doi.org/10.1109/ICPR.1994.576870). Pen trajectories; changes made: file names dropped, "
        "scaled, simplified, split by writer, and drawn as pictures where a network reads pictures."
    ),
    "written": (
        "Ink that the network `pen-best` of this package, trained on UNIPEN, wrote in the hands of UNIPEN's training writers: words of "
        "[wordfreq](https://github.com/rspeer/wordfreq)'s lists (R. Speer 2022, CC BY-SA 4.0), drawn by their frequency, and pieces of "
        "sentences of 15 English books in Standard Ebooks' edition (CC0 1.0), of the Debian Administrator's Handbook (R. Hertzog, R. Mas) "
        "and of GNOME's user documentation (both CC BY-SA 3.0) in German, French, Spanish, Italian and Dutch. No text is in the weights."
    ),
    "dhsd": (
        "[DHSD](https://github.com/nauman-riaz/DHSD): 5,186 scanned German place and street names by 32 people, "
        "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Changes made: stretched, slanted, turned, blurred; five writers are "
        "kept for validation."
    ),
}
"""Training data that cards name, with what their licences ask to be said."""


@dataclass(frozen=True)
class CardText:
    """What a card says besides the figures, as Markdown.

    Attributes:
        title: the heading.
        description: what the model is.
        intended_use: what it is for, and what it isn't for.
        usage: Python code that uses it.
        training: how it was trained.
        limitations: where it fails.
        data: keys of :data:`DATA_SOURCES`.
        figures: ``(file name, caption)`` of pictures in the folder.
        tags: Hub tags.
        datasets: Hub ids of the training data, if it is there.
        pipeline_tag: the Hub's name of the task.
    """

    title: str
    description: str
    intended_use: str
    usage: str
    training: str
    limitations: str
    data: Sequence[str] = ("emnist",)
    figures: Sequence[tuple[str, str]] = ()
    tags: Sequence[str] = ("handwriting-recognition",)
    datasets: Sequence[str] = ()
    pipeline_tag: str = "image-classification"


def write_card(folder: Path, text: CardText) -> Path:
    """Fill the template ``model_card.md`` into ``folder/README.md``, with all figures taken from ``folder/metrics.json``.

    Returns:
        The card's path.

    Raises:
        ModelError: metrics, weights, configuration, a figure or the template is missing or malformed, or the metrics are of other weights.
    """
    from huggingface_hub import ModelCard, ModelCardData
    from jinja2 import TemplateError

    metrics = read_object(folder / METRICS_FILE)
    config = read_config(folder)
    weights = folder / WEIGHTS_FILE
    if not weights.is_file() or metrics.get("weights_sha256") != weights_sha256(folder):
        raise ModelError(f"{folder / METRICS_FILE} was not measured with the {WEIGHTS_FILE} beside it (weights_sha256 differs).")
    if lost := [name for name, _ in text.figures if not (folder / name).is_file()]:
        raise ModelError(f"{folder} lacks the figures {some(lost)}.")
    if (template := beside_package("model_card.md")) is None:
        raise ModelError("The template model_card.md is missing from this installation.")
    try:
        if not isinstance(metrics["name"], str) or not (results := metrics["results"]):
            raise ValueError("it lacks a name or results")
        names = [name for name in dict.fromkeys(key for result in results for key in result) if name not in ("n", "seconds")]
        names = [name for name in names if any(_is_number(result.get(name)) for result in results)]
        data = ModelCardData(
            license="apache-2.0",
            library_name="hwr",
            pipeline_tag=text.pipeline_tag,
            tags=[*text.tags, "pytorch", "hwr"],
            datasets=list(text.datasets) or None,
            metrics=[_metric(name)[0] for name in names],
            model_name=metrics["name"],
            eval_results=_eval_results(results, names, text.pipeline_tag),
        )
        card = ModelCard.from_template(
            data,
            template_path=str(template),
            text=text,
            run=metrics,
            config=json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False),
            sources=[DATA_SOURCES[key] for key in text.data],
            headings=[_metric(name)[1] for name in names],
            rows=[(r["dataset"], r["n"], [f"{r[m]:.4f}" if _is_number(r.get(m)) else "" for m in names]) for r in results],
            details=[_escaped(result) for result in results if result.get("per_class")],
        )
    except (KeyError, TypeError, ValueError, AttributeError, TemplateError) as error:
        raise ModelError(f"{folder / METRICS_FILE} can't be made into a card: {type(error).__name__} {first_line(error)}") from error
    path = folder / CARD_FILE
    card.save(path)
    return path


def _metric(name: str) -> tuple[str, str]:
    return METRICS.get(name, (name, name.replace("_", " ").capitalize()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _eval_results(results: list[dict[str, Any]], names: list[str], task: str) -> list[Any]:
    from huggingface_hub import EvalResult

    evaluations, seen = [], set()
    for result in results:
        slug = re.sub(r"[^a-z0-9]+", "-", result["dataset"].lower()).strip("-")
        kind, split = result.get("dataset_id") or slug, result.get("split")
        config = slug if (kind, split) in seen else None  # the Hub merges results of equal kind, split and configuration
        seen.add((kind, split))
        evaluations += [
            EvalResult(
                task_type=task,
                dataset_type=kind,
                dataset_name=result["dataset"],
                dataset_config=config,
                dataset_split=split,
                metric_type=_metric(name)[0],
                metric_name=_metric(name)[1],
                metric_value=round(result[name], 6),
            )
            for name in names
            if _is_number(result.get(name))
        ]
    return evaluations


def _escaped(value: Any) -> Any:
    """Strings made safe for a Markdown table: a class may be ``|`` or a backtick."""
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return re.sub(r"[|`*_\\\[\]~]", lambda match: f"&#{ord(match[0])};", html.escape(value)) if isinstance(value, str) else value
