"""How the network that finds the writing on pages is trained and measured."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from hwr.data import unipen as ink_data
from hwr.data.lines import Handwriting, usable
from hwr.data.pages.camera import CAMERAS
from hwr.data.pages.composing import KINDS, PageComposer
from hwr.errors import InputError
from hwr.evaluation.page_metrics import MarkedLine, PageCounts, page_counts, page_metrics
from hwr.evaluation.plots import pages_with_lines
from hwr.hub.finding import fetch
from hwr.models.page_lstm import STEM, PageLSTM, PageTruth
from hwr.predictors.pages import PageFinder
from hwr.training.model_folder import Pictures, report, weights_digest
from hwr.training.recipes.base import StepsRecipe, data_folder, data_name, shipped
from hwr.training.recipes.line_data import POOL, PooledBatches
from hwr.training.recipes.page_data import CORE, FINER, LARGEST, TURNED, PagePools
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)

VALIDATION_SEED, MEASURED_SEED = 30_000, 31_000
MEASURED = 40
"""Pages of each camera on which a finished network is measured, with letters of so many pixels on so many pixels at the most."""
MEASURED_CORE, MEASURED_LARGEST = (8.0, 24.0), 1_500_000


@dataclass(frozen=True, kw_only=True)
class PageRecipe(StepsRecipe[PageLSTM]):
    """Find the writing on pages.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        ink: pen trajectories of which pages are composed: Hub repo id or folder.
        stem_channels: channels of the convolutions that lead to cells.
        hidden_size: hidden units of each LSTM and direction.
        num_layers: pairs of LSTMs, along the rows and along the columns.
        start_from: folder or Hub repository of a network of the same shape to go on from; None: train from scratch.
        steps: optimiser steps.
        batch_size: pages a step.
        learning_rate: peak of the one-cycle schedule.
        workers: processes that compose; what they compose does not depend on their number.
        seed: of everything random.
    """

    network_type: ClassVar = PageLSTM
    shape: ClassVar = ("stem_channels", "hidden_size", "num_layers")
    tags: ClassVar = ("layout-analysis", "text-line-detection", "lstm")
    pipeline_tag: ClassVar = "image-segmentation"

    name: str = "pages-best"
    ink: str = field(default_factory=lambda: data_folder("unipen-ink"))
    stem_channels: tuple[int, int, int] = (STEM[0], STEM[1], STEM[2])
    hidden_size: int = shipped(PageLSTM, "hidden_size")
    num_layers: int = shipped(PageLSTM, "num_layers")
    start_from: str | None = None
    steps: int = 3500
    batch_size: int = 4
    learning_rate: float = 3e-3
    workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.workers <= 64:
            raise InputError("There can be at most 64 workers.")
        super().__post_init__()

    def train(self, runs: Path) -> tuple[PageLSTM, list[dict[str, float]]]:
        composer = PageComposer(self._handwriting("train"), self.seed)
        validation = PagePools(PageComposer(self._handwriting("validation"), VALIDATION_SEED), 6)[0]
        torch.manual_seed(self.seed)
        network = PageLSTM(trained_on=["unipen"], **self.network)
        if self.start_from:
            first = PageLSTM.from_pretrained(fetch(self.start_from))
            try:
                network.load_state_dict(first.state_dict())
            except RuntimeError as error:
                raise InputError(f"{self.start_from} is a network of another shape.") from error
        log.info("%s", self.described(network))

        def score(average: PageLSTM) -> tuple[float, dict[str, float]]:
            report = cell_scores(average, [page for batch in validation for page in batch])
            return report["core_f1"], report

        settings = self.settings(self.steps, 500)
        trainer = Trainer(
            network,
            PooledBatches(PagePools(composer, self.part_size), self.workers, self.steps, settings.parts),
            score,
            folder=runs / self.name,
            settings=settings,
            identity={
                "network": self.network,
                "data": [len(composer.handwriting.words), len(composer.handwriting.chars)],
                "composing": [list(CORE.values()), LARGEST, TURNED, FINER, POOL],
                "batch_size": self.batch_size,
                "start_from": weights_digest(self.start_from) if self.start_from else None,
            },
        )
        network.load_state_dict(trainer.run())
        return network.eval(), trainer.history

    def _handwriting(self, split: str) -> Handwriting:
        words, lines, chars = (usable(ink_data.load(self.ink, split, kind)) for kind in ("word", "line", "char"))
        return Handwriting(words, lines, chars)

    def measure(self, network: PageLSTM, split: str, runs: Path) -> list[dict[str, Any]]:
        finder = PageFinder(network)
        composer = PageComposer(self._handwriting(split), MEASURED_SEED)
        measured: list[dict[str, Any]] = []
        for place, camera in enumerate(CAMERAS):
            counts = PageCounts()
            for number in range(MEASURED):
                page = composer.page(place * MEASURED + number, camera=camera, core=MEASURED_CORE, largest=MEASURED_LARGEST)
                truth = [MarkedLine(line.polygon, line.baseline, words=tuple(word.polygon for word in line.words)) for line in page.lines]
                found = [MarkedLine(line.outline, line.baseline) for line in finder.find(page.image)]
                counts += page_counts(truth, found)
            entry = {"dataset": f"{data_name(self.ink)} pages, {camera}", "dataset_id": data_name(self.ink), "split": split, "n": MEASURED}
            shares = page_metrics(counts)
            names = ("lines", "f1", "f1_75", "joined", "missed", "superfluous", "baseline_f1", "words_lost", "order")
            measured.append(entry | {name: shares[name] for name in names})
            report(self.name, measured[-1])
        return measured

    def pictures(self, network: PageLSTM, results: Sequence[dict[str, Any]], split: str, runs: Path) -> Pictures:
        finder = PageFinder(network)
        composer = PageComposer(self._handwriting(split), MEASURED_SEED)
        pages = [composer.page(number, kind=kind, core=(9.0, 14.0)) for number, kind in enumerate(KINDS)]
        found = [[(line.outline, line.baseline) for line in finder.find(page.image)] for page in pages]
        caption = "Composed pages, and the lines that were found: outlines and baselines"
        return [("pages.png", caption, pages_with_lines([page.image for page in pages], found, columns=3))]


def cell_scores(network: PageLSTM, pages: list[PageTruth]) -> dict[str, float]:
    """F1 of the cells that are core and of those with writing, and how many pages' sides are seen."""
    counts = np.zeros((2, 3))
    sides: list[bool] = []
    for page in pages:
        found = network.cells(page.image.numpy())
        if page.oriented:
            sides.append(int(found.turned.argmax()) == page.turned)
        if page.turned == 0:
            for count, kind in zip(counts, (0, 1), strict=True):
                said, true = found.kinds[kind] > 0.5, page.cells[kind].numpy() > 0.5
                count += ((said & true).sum(), said.sum(), true.sum())
    f1 = 2 * counts[:, 0] / np.maximum(counts[:, 1] + counts[:, 2], 1)
    return {"core_f1": float(f1[0]), "writing_f1": float(f1[1]), "side": float(np.mean(sides)) if sides else 0.0}
