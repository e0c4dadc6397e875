"""What the tab "Evaluate" does: settings in, updates of what is shown out."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from hwr.errors import InputError
from hwr.evaluation import report
from hwr.evaluation import run as batch
from hwr.evaluation.collections.opening import open_collection, open_hub
from hwr.evaluation.plots import confusion_heat_map
from hwr.evaluation.result import Evaluation, Progress
from hwr.hub.pushing import check_repo_id
from hwr.predictors.char import CharRecognizer
from hwr.predictors.text import TextReader
from hwr.ui.evaluate.lane import THREADS, Lane
from hwr.ui.guard import sentence, uploaded_path
from hwr.ui.outputs import handed_out
from hwr.ui.panels import card
from hwr.ui.templates import render
from hwr.ui.writing import refused, whole

SHIPPED = ("char-best", "char-reference")
READY = {
    "Characters drawn by PixelWriter, unfiltered": "drawn.zip",
    "Characters and words in our own strokes": "strokes.zip",
}
"""Sets to try the tab with, made by ``benchmarks/ready_sets.py``."""
KEPT = 2
"""Models that visitors named and that stay loaded: those that were used last."""
COMPONENTS = 11
"""What an evaluation updates."""


def ready_set(name: str) -> Path:
    """Where a set to try the tab with lies."""
    return Path(str(files("hwr.ui.evaluate").joinpath("sets", name)))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the controls say, as it comes from a browser."""

    archive: Any
    ready: Any
    dataset: Any
    model: Any
    against: Any
    labels: Any
    limit: Any


@dataclass(frozen=True)
class Handlers:
    """The tab's handlers; none of them knows a component."""

    recognizer: CharRecognizer
    reader: TextReader
    lane: Lane = field(default_factory=Lane)
    _models: dict[str, CharRecognizer] = field(default_factory=dict)

    @property
    def models(self) -> list[str]:
        """Names of the models to choose from, the default first."""
        return list(dict.fromkeys((self.recognizer.source, *SHIPPED)))

    def model_of(self, name: str) -> CharRecognizer:
        """A model by its name: the page's own, a shipped one, or that of a Hub repository; the last two stay loaded.

        Raises:
            InputError: it is none of these, or can't be had. A folder of this machine is never a visitor's model.
        """
        if name == self.recognizer.source:
            return self.recognizer
        if name not in SHIPPED:
            check_repo_id(name)
            if "/" not in name or Path(name).exists():
                raise InputError(f"There is no model {name[:100]!r}: choose char-best, char-reference or a Hub repository, user/name.")
        found = self._models.pop(name, None)
        while len(self._models) >= KEPT:
            del self._models[next(iter(self._models))]
        self._models[name] = found or CharRecognizer.from_pretrained(name)  # the last one was used last
        return self._models[name]

    def evaluate(self, settings: Settings) -> Generator[list[Any]]:
        """Updates of everything that shows how far it is, and what came out."""
        waiting = [gr.skip()] * (COMPONENTS - 1)
        try:
            for _ in self.lane.waited():
                yield [card('<p role="status">Another evaluation is running. This one waits for it …</p>'), *waiting]
            try:
                yield [card('<p role="status">Opening …</p>'), *waiting]
                for step in self._steps(settings):
                    if isinstance(step, Progress):
                        yield [progress(step), *waiting]
                assert isinstance(step, Evaluation)
                yield [card('<p role="status">Writing the report …</p>'), *waiting]
                yield result(step)
            finally:
                self.lane.leave()
        except Exception as error:
            yield [refused(sentence(error)), *waiting]

    def _steps(self, settings: Settings) -> Iterator[Progress | Evaluation]:
        most = whole(settings.limit, "number of images") if settings.limit else None
        if settings.archive:
            collection = open_collection(uploaded_path(settings.archive, "archive"), limit=most)
        elif isinstance(settings.ready, str) and settings.ready in READY:
            collection = open_collection(ready_set(READY[settings.ready]), limit=most)
        elif name := str(settings.dataset or "").strip():
            collection = open_hub(name, limit=most)
        else:
            raise InputError("There is nothing to evaluate yet: choose a file, a ready set or a Hub data set.")
        other = self.model_of(settings.against) if settings.against else None
        yield from batch.steps(
            collection, self.model_of(settings.model), self.reader, against=other, labels=settings.labels, workers=THREADS
        )

    def example(self, found: Evaluation | None) -> Any:
        """What an evaluation of a ready set has given, if there is none of the visitor's yet; ``benchmarks/page_examples.py`` made it."""
        return gr.skip() if found else card(example(), kind="hwr-result", title="An example")

    def show_map(self, found: Evaluation | None, only: Any, counts: Any) -> Any:
        """What is read as what, of some classes or all, in shares or counts."""
        if found is None or not found.characters:
            return gr.skip()
        known = {row["char"] for row in found.characters["per_class"]}
        chosen = [char for char in only if isinstance(char, str) and char in known] if isinstance(only, list) else []
        return gr.update(value=confusion_heat_map(found.characters, "", counts=bool(counts), only=chosen))


@cache
def example() -> str:
    """The example as HTML."""
    found = json.loads(files("hwr.ui.evaluate").joinpath("example.json").read_text(encoding="utf-8"))
    return render("evaluate_example.html", **found | {"pairs": Markup(found["pairs"])})  # which the report's own template has escaped


def progress(step: Progress) -> str:
    """A bar with the speed and the time that is left."""
    of = "" if step.total is None else f" of {step.total:,}"
    left = "" if step.seconds_left is None else f", {step.seconds_left:.0f} s left"
    share = 0.0 if not step.total else 100 * step.done / step.total
    return card(
        f'<p role="status">{step.done:,}{of} images, {step.per_second:,.0f} a second{left}</p>'
        f'<div class="hwr-bar"><i style="width:{share:.1f}%"></i></div>'
    )


def result(found: Evaluation) -> list[Any]:
    """Updates of everything that shows a result."""
    words = card(
        render(
            "evaluate_result.html",
            summary=report.summary(found),
            figures=report.headlines(found),
            compared=report.compared(found) if found.comparison else "",
            skipped=found.skipped[:50],
            count=len(found.skipped),
        ),
        kind="hwr-result",
    )
    downloads = [
        gr.update(value=handed_out("report.html", lambda path: report.save_html(found, path)), visible=True),
        gr.update(value=handed_out("report.pdf", lambda path: report.save_pdf(found, path)), visible=True),
        gr.update(value=handed_out("predictions.csv", found.save_predictions), visible=True),
        gr.update(value=handed_out("metrics.json", found.save_metrics), visible=True),
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
