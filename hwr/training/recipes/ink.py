"""How the network that reads ink is trained: words, lines and characters as they were written, and set side by side, by varied hands."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from hwr.charset import PRINTABLE
from hwr.data import unipen as ink_data
from hwr.data.lines import Handwriting, usable
from hwr.data.unipen import InkSet
from hwr.evaluation.metrics import text_metrics
from hwr.ink.moves import MOVES_VERSION, features, logical_order, normalised
from hwr.ink.moves import Path as PenPath
from hwr.models.ink_ctc import InkBatch, InkCTC, padded
from hwr.text.ctc import greedy
from hwr.text.languages import shipped_languages
from hwr.text.reading import interpret_alone
from hwr.training.model_folder import report
from hwr.training.recipes.base import StepsRecipe, data_folder, data_name, shipped
from hwr.training.recipes.lines import fitted_confidence
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)

POOL = 32
"""Batches that are made together, so that samples of like length share one."""
SHARES = {"word": 0.7, "line": 0.08, "char": 0.06, "some_words": 0.05, "some_chars": 0.11}
"""Of what the training samples are."""
LONGEST = 420
"""Moves of the longest samples that are learnt from."""


class InkBatches:
    """Number to batch, a function of seed and number alone; ``parts`` batches are a step, and each part of a step has pools of its own."""

    def __init__(self, handwriting: Handwriting, batch_size: int, seed: int, parts: int = 1) -> None:
        self.handwriting = handwriting
        self.batch_size = batch_size
        self.seed = seed
        self.parts = parts
        self.pools: dict[int, tuple[int, list[InkBatch]]] = {}  # of each part
        self.paths: dict[tuple[str, int], PenPath] = {}

    def __call__(self, number: int) -> InkBatch:
        step, part = divmod(number, self.parts)
        place, index = divmod(step, POOL)
        if part not in self.pools or self.pools[part][0] != place:
            rng = np.random.default_rng([self.seed, place * self.parts + part])
            samples = sorted((self._sample(rng) for _ in range(POOL * self.batch_size)), key=lambda sample: len(sample[0]))
            batches = [samples[start : start + self.batch_size] for start in range(0, len(samples), self.batch_size)]
            self.pools[part] = place, [collate(batches[chosen]) for chosen in rng.permutation(POOL)]
        return self.pools[part][1][index]

    def _sample(self, rng: np.random.Generator) -> tuple[np.ndarray, str, bool]:
        while True:
            kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
            if kind in ("word", "line", "char"):
                ink: InkSet = getattr(self.handwriting, f"{kind}s")
                index = int(rng.integers(len(ink)))
                text, any_case = ink.texts[index], not bool(ink.case_reliable[index])
                path = self.paths.get((kind, index))
                if path is None:
                    path = self.paths[kind, index] = logical_order(normalised(ink.strokes[index]))
            else:
                written = getattr(self.handwriting, kind)(rng)
                text, any_case, path = written.text, written.any_case, logical_order(normalised(written.strokes))
            if len(text) + sum(a == b for a, b in pairwise(text)) <= len(path) <= LONGEST:
                return features(varied(path, rng)), text, any_case


def varied(path: PenPath, rng: np.random.Generator) -> PenPath:
    """Slant, stretch, turn and tremble: the same by another hand."""
    angle = rng.normal(0, 0.04)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, rng.normal(0, 0.2)], [0, 1]])
    stretch = np.diag(np.exp([rng.normal(0, 0.15), rng.normal(0, 0.1)]))
    changed = path.changed(turn @ slant @ stretch)
    tremble = abs(rng.normal(0, 0.025))
    return PenPath(changed.points + rng.normal(0, tremble, changed.points.shape).astype(np.float32), path.kinds, path.before)


def collate(samples: Sequence[tuple[np.ndarray, str, bool]]) -> InkBatch:
    """A batch of moves, float32 (T, 8), with their texts and whether case means nothing."""
    moves, counts = padded([sample for sample, _, _ in samples])
    labels = [[1 + PRINTABLE.index(char) for char in text] for _, text, _ in samples]
    return InkBatch(
        moves,
        counts,
        torch.tensor([label for row in labels for label in row]),
        torch.tensor([len(row) for row in labels]),
        torch.tensor([any_case for _, _, any_case in samples]),
    )


def evaluated(dataset: str, split: str, kind: str, limit: int | None = None) -> tuple[list[np.ndarray], list[str]]:
    """Samples of a split whose case can be relied on: their moves, float32 (T, 8), and texts."""
    samples = usable(ink_data.load(dataset, split, kind))
    chosen = np.flatnonzero(samples.case_reliable)
    if limit is not None and len(chosen) > limit:
        chosen = chosen[np.linspace(0, len(chosen) - 1, limit).astype(int)]
    moves = [features(logical_order(normalised(samples.strokes[index]))) for index in chosen]
    return moves, [samples.texts[index] for index in chosen]


def calibrate(network: InkCTC, moves: list[np.ndarray], texts: list[str]) -> list[float]:
    """Fit how sure a word is (:func:`hwr.text.reading.word_confidence`) on the validation writers' words."""
    features, right = [], []
    for text, log_probs in zip(texts, network.emissions(moves), strict=True):
        reading = interpret_alone(log_probs, network.charset, shipped_languages())
        if len(reading.words) == 1:
            features.append(reading.words[0])
            right.append(reading.text == text)
    return fitted_confidence(features, right)


@dataclass(frozen=True, kw_only=True)
class InkRecipe(StepsRecipe[InkCTC]):
    """Read pen strokes.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        ink: pen trajectories: Hub repo id or folder.
        hidden_size: hidden units of each LSTM layer and direction.
        num_layers: LSTM layers.
        dropout: probability, between the layers and before the output.
        steps: optimiser steps.
        batch_size: samples a step.
        learning_rate: peak of the one-cycle schedule.
        seed: of everything random.
    """

    network_type: ClassVar = InkCTC
    shape: ClassVar = ("hidden_size", "num_layers", "dropout")
    tags: ClassVar = ("handwriting-recognition", "online-handwriting", "lstm", "ctc")

    name: str = "ink-best"
    ink: str = field(default_factory=lambda: data_folder("unipen-ink"))
    hidden_size: int = shipped(InkCTC, "hidden_size")
    num_layers: int = shipped(InkCTC, "num_layers")
    dropout: float = shipped(InkCTC, "dropout")
    steps: int = 4_600
    batch_size: int = 64
    learning_rate: float = 5e-3

    def train(self, runs: Path) -> tuple[InkCTC, list[dict[str, float]]]:
        words, lines, chars = (usable(ink_data.load(self.ink, "train", kind)) for kind in ("word", "line", "char"))
        validation = {
            "": evaluated(self.ink, "validation", "word", limit=1500),
            "lines_": evaluated(self.ink, "validation", "line", limit=200),
        }
        torch.manual_seed(self.seed)
        network = InkCTC(trained_on=["unipen"], **self.network)
        log.info("%s", self.described(network))

        def score(average: InkCTC) -> tuple[float, dict[str, float]]:
            figures: dict[str, float] = {}
            for prefix, (moves, texts) in validation.items():
                read = [greedy(log_probs, network.charset) for log_probs in average.emissions(moves)]
                figures |= {f"{prefix}{name}": value for name, value in text_metrics(texts, read).items()}
            return -figures["cer"], figures

        settings = self.settings(self.steps, 1000)
        trainer = Trainer(
            network,
            InkBatches(Handwriting(words, lines, chars), self.part_size, self.seed, settings.parts),
            score,
            folder=runs / self.name,
            settings=settings,
            identity={
                "network": self.network,
                "data": [len(words), len(lines), len(chars)],
                "sampling": [SHARES, POOL, LONGEST, MOVES_VERSION],
                "batch_size": self.batch_size,
            },
        )
        best = trainer.run()
        network.load_state_dict(best)
        calibrated = InkCTC(trained_on=network.trained_on, calibration=calibrate(network.eval(), *validation[""]), **self.network)
        calibrated.load_state_dict(best)
        return calibrated.eval(), trainer.history

    def measure(self, network: InkCTC, split: str, runs: Path) -> list[dict[str, Any]]:
        measured: list[dict[str, Any]] = []
        for kind in ("word", "line"):
            moves, texts = evaluated(self.ink, split, kind)
            if not texts:
                continue
            emitted = network.emissions(moves)
            name = data_name(self.ink)
            languages = shipped_languages()
            for how, read in (
                ("greedy", [greedy(log_probs, network.charset) for log_probs in emitted]),
                ("beam with language model", [interpret_alone(log_probs, network.charset, languages).text for log_probs in emitted]),
            ):
                entry = {"dataset": f"{name} {kind}s, {how}", "dataset_id": name, "split": split, "n": len(texts)}
                folded = text_metrics([text.lower() for text in texts], [text.lower() for text in read])
                measured.append(entry | text_metrics(texts, read) | {"cer_without_case": folded["cer"]})
                report(self.name, measured[-1])
        return measured
