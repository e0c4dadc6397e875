"""How the network that reads ink is trained: words, lines and characters as they were written, and set side by side, by varied hands."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from hwr.cards import CardText
from hwr.charset import PRINTABLE
from hwr.data import ink as ink_data
from hwr.data.ink import InkSet
from hwr.data.lines import Handwriting, usable
from hwr.decoding import greedy
from hwr.errors import InputError
from hwr.evaluation import text_metrics
from hwr.models.char_lstm import parameter_count
from hwr.models.ink_ctc import InkBatch, InkCTC, padded
from hwr.pen_moves import MOVES_VERSION, features, logical_order, normalised
from hwr.pen_moves import Path as PenPath
from hwr.predictors.text import interpret, shipped_language_model
from hwr.recipes.char import data_name
from hwr.recipes.lines import fitted_confidence
from hwr.recipes.model_folder import report, write_model_folder
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)

POOL = 32
"""Batches that are made together, so that samples of like length share one."""
SHARES = {"word": 0.7, "line": 0.08, "char": 0.06, "some_words": 0.05, "some_chars": 0.11}
"""Of what the training samples are."""
LONGEST = 420
"""Moves of the longest samples that are learnt from."""


@dataclass(frozen=True)
class InkRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        ink: pen trajectories: Hub repo id or folder.
        network: keyword arguments of :class:`InkCTC`.
        steps: optimiser steps.
        batch_size: samples a step.
        learning_rate: peak of the schedule.
        seed: of everything random.
    """

    name: str
    ink: str
    network: dict[str, Any] = field(default_factory=dict)
    steps: int = 4_600
    batch_size: int = 64
    learning_rate: float = 5e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if self.steps < 1 or not 1 <= self.batch_size <= 4096 or not self.learning_rate > 0 or not 0 <= self.seed < 2**63:
            raise InputError(
                "There must be a step to take, 1 to 4,096 samples a step, a learning rate above 0 and a seed that is not negative."
            )
        try:
            with torch.device("meta"):
                InkCTC(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error


class InkBatches:
    """Step number to batch, a function of seed and number alone."""

    def __init__(self, handwriting: Handwriting, batch_size: int, seed: int) -> None:
        self.handwriting = handwriting
        self.batch_size = batch_size
        self.seed = seed
        self.number = -1
        self.pool: list[InkBatch] = []
        self.paths: dict[tuple[str, int], PenPath] = {}

    def __call__(self, step: int) -> InkBatch:
        number, index = divmod(step, POOL)
        if number != self.number:
            rng = np.random.default_rng([self.seed, number])
            samples = sorted((self._sample(rng) for _ in range(POOL * self.batch_size)), key=lambda sample: len(sample[0]))
            batches = [samples[start : start + self.batch_size] for start in range(0, len(samples), self.batch_size)]
            self.pool = [collate(batches[place]) for place in rng.permutation(POOL)]
            self.number = number
        return self.pool[index]

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


def train(recipe: InkRecipe, runs: Path) -> tuple[InkCTC, list[dict[str, float]]]:
    """Train, or go on with a run that was interrupted, and keep the weights that read the validation writers' words best.

    Args:
        recipe: what to train.
        runs: folder of checkpoints and logs.

    Returns:
        The network in evaluation mode, and one entry per evaluation: step, losses and validation scores.

    Raises:
        InputError: data that can't be used, or a checkpoint of another recipe.
    """
    words, lines, chars = (usable(ink_data.load(recipe.ink, "train", kind)) for kind in ("word", "line", "char"))
    validation = {
        "": evaluated(recipe.ink, "validation", "word", limit=1500),
        "lines_": evaluated(recipe.ink, "validation", "line", limit=200),
    }
    torch.manual_seed(recipe.seed)
    network = InkCTC(trained_on=["unipen"], **recipe.network)
    log.info("%s: %s parameters", recipe.name, f"{parameter_count(network):,}")

    def score(average: nn.Module) -> tuple[float, dict[str, float]]:
        figures: dict[str, float] = {}
        for prefix, (moves, texts) in validation.items():
            read = [greedy(log_probs, network.charset) for log_probs in average.emissions(moves)]
            figures |= {f"{prefix}{name}": value for name, value in text_metrics(texts, read).items()}
        return -figures["cer"], figures

    trainer = Trainer(
        network,
        InkBatches(Handwriting(words, lines, chars), recipe.batch_size, recipe.seed),
        score,
        folder=runs / recipe.name,
        settings=Settings(steps=recipe.steps, evaluate_every=1000, learning_rate=recipe.learning_rate, seed=recipe.seed),
        identity={
            "network": recipe.network,
            "data": [len(words), len(lines), len(chars)],
            "sampling": [SHARES, POOL, LONGEST, MOVES_VERSION],
            "batch_size": recipe.batch_size,
        },
    )
    best = trainer.run()
    network.load_state_dict(best)
    calibrated = InkCTC(trained_on=network.trained_on, calibration=calibrate(network.eval(), *validation[""]), **recipe.network)
    calibrated.load_state_dict(best)
    return calibrated.eval(), trainer.history


def calibrate(network: InkCTC, moves: list[np.ndarray], texts: list[str]) -> list[float]:
    """Fit how sure a word is (:func:`hwr.predictors.text.word_confidence`) on the validation writers' words."""
    features, right = [], []
    for text, log_probs in zip(texts, network.emissions(moves), strict=True):
        reading = interpret(log_probs, network.charset, shipped_language_model())
        if len(reading.words) == 1:
            features.append(reading.words[0])
            right.append(reading.text == text)
    return fitted_confidence(features, right)


def measure(network: InkCTC, recipe: InkRecipe, split: str) -> list[dict[str, Any]]:
    """Error rates on words and lines of a split, printed as they come; entries for ``metrics.json``."""
    measured: list[dict[str, Any]] = []
    for kind in ("word", "line"):
        moves, texts = evaluated(recipe.ink, split, kind)
        if not texts:
            continue
        emitted = network.emissions(moves)
        name = data_name(recipe.ink)
        model = shipped_language_model()
        for how, read in (
            ("greedy", [greedy(log_probs, network.charset) for log_probs in emitted]),
            ("beam with language model", [interpret(log_probs, network.charset, model).text for log_probs in emitted]),
        ):
            entry = {"dataset": f"{name} {kind}s, {how}", "dataset_id": name, "split": split, "n": len(texts)}
            folded = text_metrics([text.lower() for text in texts], [text.lower() for text in read])
            measured.append(entry | text_metrics(texts, read) | {"cer_without_case": folded["cer"]})
            report(recipe.name, measured[-1])
    return measured


def run(recipe: InkRecipe, command: str, *, runs: Path, weights: Path, split: str) -> Path:
    """Train, evaluate, and write the model folder with card and figures; arguments and errors as of :func:`hwr.recipes.char.run`."""
    network, history = train(recipe, runs)
    return write_model_folder(
        weights / recipe.name,
        network,
        command=command,
        results=measure(network, recipe, split),
        history=history,
        pictures=[],
        card=lambda figures: card_text(network, recipe, figures),
    )


def card_text(network: InkCTC, recipe: InkRecipe, figures: list[tuple[str, str]]) -> CardText:
    """The words of the network's card."""
    return CardText(
        title=recipe.name,
        description="Reads pen strokes as a *time series* of pen moves: a "
        f"{network.lstm.num_layers}-layer bidirectional LSTM of {network.lstm.hidden_size} hidden units, trained with connectionist "
        f"temporal classification (CTC) to write {len(network.charset)} characters, printable ASCII. It also aligns ink with its text: "
        "which move belongs to which letter.",
        intended_use="English, and other text in unaccented Latin letters, digits and punctuation, written with a pen, mouse or finger. "
        "Not for decisions about people.",
        usage=f"from hwr import InkReader\n\n"
        f'reader = InkReader.from_pretrained("{recipe.name}")  # or "user/repo", or a folder\n'
        "print(reader.read([[[10, 10], [60, 10], [25, 90]]]).text)  # strokes of points [x, y], y downwards, any unit",
        training="AdamW, one-cycle learning rate, averaged weights, CTC loss, random slant, stretch, turn and tremble. Words, lines and "
        "characters as they were written, words and characters of one writer set side by side. Delayed strokes (dots, bars) are moved to "
        "the letter they lie at. Labels of unreliable case are learnt without case. The best weights by character error rate were chosen "
        "on validation writers.",
        limitations="The writers are European and American adults of the 1990s, most of them wrote English. The size of the ink is not "
        "used, so that a lone o can't be told from an O. No letters with accents. One line at a time.",
        data=network.trained_on,
        figures=figures,
        tags=("handwriting-recognition", "online-handwriting", "lstm", "ctc"),
        pipeline_tag="other",
    )
