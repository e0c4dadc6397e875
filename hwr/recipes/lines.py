"""How the network that reads lines is trained: ink, drawn anew every time by other hands, with other pens, before other cameras."""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from hwr import ink, rendering
from hwr.cards import CardText
from hwr.charset import PRINTABLE
from hwr.data import emnist
from hwr.data import ink as ink_data
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.decoding import greedy
from hwr.errors import InputError
from hwr.evaluation import expected_calibration_error, text_metrics
from hwr.images import LINE_HEIGHT, LINE_PREPROCESSING_VERSION, normalise_line
from hwr.language import LanguageModel
from hwr.models.char_lstm import parameter_count
from hwr.models.line_ctc import STRIDE, LineBatch, LineCTC, padded
from hwr.predictors.text import Reading, interpret, shipped_language_model, word_confidence
from hwr.recipes.char import data_name
from hwr.recipes.model_folder import report, write_model_folder
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)

POOL = 16
"""Batches that are made together, so that images of like width share one."""
SHARES = {"word": 0.72, "line": 0.06, "some_words": 0.04, "some_chars": 0.11, "glyphs": 0.07}
"""Of what the training samples are."""
CLEAN = 0.4
"""Share of samples on clean white, as on a canvas; the others are photographed."""
LONGEST = 1400
"""Columns of the widest pictures that are learnt from; wider ones would make up much of the time for few samples."""
CALIBRATION_WORDS = 1200
"""Validation words, of each kind, on which the confidences are fitted."""
CORE = 40.0
"""Pixels to the core height at which evaluation draws, with the pen of the wide pad."""
PEN_WIDTH = 13.0
"""Median width of the training pens, in hundredths of the core height."""


@dataclass(frozen=True)
class LineRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        ink: pen trajectories: Hub repo id or folder.
        dataset: scanned characters: Hub repo id or folder.
        network: keyword arguments of :class:`LineCTC`.
        steps: optimiser steps.
        batch_size: images a step.
        learning_rate: peak of the schedule.
        workers: processes that draw; what they draw does not depend on their number.
        seed: of everything random.
    """

    name: str
    ink: str
    dataset: str
    network: dict[str, Any] = field(default_factory=dict)
    steps: int = 14_000
    batch_size: int = 48
    learning_rate: float = 2e-3
    workers: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if self.steps < 1 or not 1 <= self.batch_size <= 4096 or not 0 <= self.workers <= 64:
            raise InputError("There must be a step to take, 1 to 4,096 images a step, and at most 64 workers.")
        if not self.learning_rate > 0 or not 0 <= self.seed < 2**63:
            raise InputError("The learning rate must be above 0, the seed not below 0.")
        try:
            with torch.device("meta"):
                LineCTC(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error


class Pools(Dataset):
    """Pool number to its ``POOL`` batches, a function of seed and number alone."""

    def __init__(self, handwriting: Handwriting, glyphs: Glyphs, batch_size: int, seed: int) -> None:
        self.handwriting = handwriting
        self.glyphs = glyphs
        self.batch_size = batch_size
        self.seed = seed

    def __getitem__(self, number: int) -> list[LineBatch]:
        rng = np.random.default_rng([self.seed, number])
        samples = sorted((self._sample(rng) for _ in range(POOL * self.batch_size)), key=lambda sample: sample[0].shape[1])
        batches = [collate(samples[start : start + self.batch_size]) for start in range(0, len(samples), self.batch_size)]
        return [batches[index] for index in rng.permutation(POOL)]

    def _sample(self, rng: np.random.Generator) -> tuple[np.ndarray, str, bool]:
        while True:
            kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
            core = float(np.exp(rng.uniform(np.log(9), np.log(28))))
            if kind == "glyphs":
                text, cover = self.glyphs.word(rng, core)
                any_case = False
            else:
                written = getattr(self.handwriting, kind)(rng)
                text, any_case = written.text, written.any_case
                pen_width = float(np.clip(np.exp(rng.normal(np.log(PEN_WIDTH), 0.45)), 4, 40))
                pressure = rng.uniform(0.1, 0.4) if rng.random() < 0.4 else 0.0
                cover = rendering.draw(rendering.vary_hand(written.strokes, rng), rng, core=core, pen_width=pen_width, pressure=pressure)
            picture = rendering.on_white(cover, rng) if rng.random() < CLEAN else rendering.photograph(cover, rng, core=core)
            try:
                pixels = normalise_line(picture).pixels
            except InputError:  # a camera may see nothing of a faint pencil
                continue
            if rng.random() < 0.25:
                pixels = _loosely(pixels, rng)
            if STRIDE * _least_steps(text) <= pixels.shape[1] <= LONGEST:
                return pixels, text, any_case


def _loosely(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture of a line that was not cut out closely: smaller, and higher or lower."""
    share = rng.uniform(0.7, 1.0)
    width, height = max(1, round(pixels.shape[1] * share)), round(LINE_HEIGHT * share)
    loose = np.zeros((LINE_HEIGHT, -(-width // STRIDE) * STRIDE), np.uint8)
    top = int(rng.integers(LINE_HEIGHT - height + 1))
    loose[top : top + height, :width] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return loose


def _least_steps(text: str) -> int:
    """Time steps that CTC needs: one a character, and a blank between two of the same."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def collate(samples: Sequence[tuple[np.ndarray, str, bool]]) -> LineBatch:
    """A batch of pictures, uint8 (40, W), with their texts and whether case means nothing."""
    images, widths = padded([pixels for pixels, _, _ in samples])
    labels = [[1 + PRINTABLE.index(char) for char in text] for _, text, _ in samples]
    return LineBatch(
        images,
        widths,
        torch.tensor([label for row in labels for label in row]),
        torch.tensor([len(row) for row in labels]),
        torch.tensor([any_case for _, _, any_case in samples]),
    )


class LineBatches:
    """Step number to batch; the next pools are drawn in the background.

    Args:
        pools: what to draw.
        workers: processes that draw; 0 draws in this one.
        steps: how many will be asked for.
    """

    def __init__(self, pools: Pools, workers: int, steps: int) -> None:
        self.pools = pools
        self.workers = workers
        self.count = -(-steps // POOL)
        self.number = -1
        self.batches: list[LineBatch] = []
        self.coming: Iterator[list[LineBatch]] = iter(())

    def __call__(self, step: int) -> LineBatch:
        number, index = divmod(step, POOL)
        if number != self.number:
            if number != self.number + 1 or self.number < 0:
                loader = DataLoader(self.pools, batch_size=None, sampler=range(number, self.count), num_workers=self.workers)
                self.coming = iter(loader)
            self.batches = next(self.coming)
            self.number = number
        return self.batches[index]


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Pictures of words or lines to evaluate on, as the network sees them, and their texts."""

    images: list[np.ndarray]  # uint8 (40, W)
    texts: list[str]


def drawn(dataset: str, split: str, kind: str, *, photographed: bool = False, limit: int | None = None) -> Evaluated:
    """Ink of a split whose case can be relied on, drawn on white by the pad's own renderer.

    Args:
        dataset: Hub repo id or folder.
        split: ``"validation"`` or ``"test"``.
        kind: ``"word"`` or ``"line"``.
        photographed: as noisy photographs instead: paper, shadow, blur, JPEG as in training, by another seed.
        limit: only so many, evenly over the split.
    """
    samples = usable(ink_data.load(dataset, split, kind))
    chosen = np.flatnonzero(samples.case_reliable)
    if limit is not None and len(chosen) > limit:
        chosen = chosen[np.linspace(0, len(chosen) - 1, limit).astype(int)]
    rng = np.random.default_rng(20_000)
    images = []
    for index in chosen:
        picture = ink.text_picture([stroke * (CORE / 100) for stroke in samples.strokes[index]])
        if photographed:
            picture = rendering.photograph(255 - picture, rng, core=CORE)
        images.append(normalise_line(picture).pixels)
    return Evaluated(images, [samples.texts[index] for index in chosen])


def train(recipe: LineRecipe, runs: Path) -> tuple[LineCTC, list[dict[str, float]]]:
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
    glyphs = Glyphs(emnist.load(recipe.dataset, "train"), [words.texts[index] for index in np.flatnonzero(words.case_reliable)])
    validation = {"": drawn(recipe.ink, "validation", "word", limit=1500), "lines_": drawn(recipe.ink, "validation", "line", limit=250)}
    torch.manual_seed(recipe.seed)
    network = LineCTC(trained_on=["emnist", "unipen"], **recipe.network)
    log.info("%s: %s parameters", recipe.name, f"{parameter_count(network):,}")

    def score(average: nn.Module) -> tuple[float, dict[str, float]]:
        report: dict[str, float] = {}
        for prefix, evaluated in validation.items():
            read = [greedy(log_probs, network.charset) for log_probs in average.emissions(evaluated.images)]
            report |= {f"{prefix}{name}": value for name, value in text_metrics(evaluated.texts, read).items()}
        return -report["cer"], report

    pools = Pools(Handwriting(words, lines, chars), glyphs, recipe.batch_size, recipe.seed)
    trainer = Trainer(
        network,
        LineBatches(pools, recipe.workers, recipe.steps),
        score,
        folder=runs / recipe.name,
        settings=Settings(steps=recipe.steps, evaluate_every=1000, learning_rate=recipe.learning_rate, seed=recipe.seed),
        identity={
            "network": recipe.network,
            "data": [len(words), len(lines), len(chars), len(glyphs.images)],
            "sampling": [SHARES, CLEAN, PEN_WIDTH, POOL],
            "preprocessing": LINE_PREPROCESSING_VERSION,
            "batch_size": recipe.batch_size,
        },
    )
    best = trainer.run()
    calibrated = LineCTC(trained_on=network.trained_on, calibration=calibrate(network, best, recipe.ink), **recipe.network)
    calibrated.load_state_dict(best)
    return calibrated.eval(), trainer.history


def calibrate(network: LineCTC, weights: dict[str, torch.Tensor], dataset: str) -> list[float]:
    """Fit how sure a word is (:func:`hwr.predictors.text.word_confidence`) on the validation writers' words, clean and photographed."""
    network.load_state_dict(weights)
    network.eval()
    features, right = [], []
    for photographed in (False, True):
        words = drawn(dataset, "validation", "word", photographed=photographed, limit=CALIBRATION_WORDS)
        for text, reading in zip(words.texts, _readings(network, words, shipped_language_model()), strict=True):
            if len(reading.words) == 1:
                features.append(reading.words[0])
                right.append(reading.text == text)
    return fitted_confidence(features, right)


def fitted_confidence(features: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    """The weights of :func:`hwr.predictors.text.word_confidence`, from words' features and whether they were read right."""
    from sklearn.linear_model import LogisticRegression

    if len(set(right)) < 2:  # too few words to tell
        return [1.0, 0.0, 0.0, 0.0]
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(features, right)
    return [round(float(weight), 4) for weight in (*fitted.coef_[0], fitted.intercept_[0])]


def measure(network: LineCTC, recipe: LineRecipe, split: str) -> list[dict[str, Any]]:
    """Print and return metrics on the words and lines of a split, drawn on white and photographed, as ``metrics.json`` has them."""
    model = shipped_language_model()
    known = set(usable(ink_data.load(recipe.ink, "train", "word")).texts)
    words, lines = drawn(recipe.ink, split, "word"), drawn(recipe.ink, split, "line")
    photographs = drawn(recipe.ink, split, "word", photographed=True)
    measured: list[dict[str, Any]] = []

    def add(what: str, texts: Sequence[str], read: Sequence[str], **more: float) -> None:
        entry = {"dataset": f"{data_name(recipe.ink)} {what}", "dataset_id": data_name(recipe.ink), "split": split, "n": len(texts)}
        measured.append(entry | text_metrics(texts, read) | more)
        report(recipe.name, measured[-1])

    add("words, greedy", words.texts, _greedy(network, words))
    readings = _readings(network, words, model)
    read = [reading.text for reading in readings]
    sure = [
        float(np.mean([word_confidence(word, network.calibration) for word in reading.words])) if reading.words else 0.0
        for reading in readings
    ]
    right = np.array([text == said for text, said in zip(words.texts, read, strict=True)])
    add("words, beam with language model", words.texts, read, ece=expected_calibration_error(np.array(sure), right))
    new = [index for index, text in enumerate(words.texts) if text not in known]
    if new:
        add("words not among the training labels, beam with language model", [words.texts[i] for i in new], [read[i] for i in new])
    photographed = [reading.text for reading in _readings(network, photographs, model)]
    add("words as noisy photographs, beam with language model", photographs.texts, photographed)
    if lines.texts:
        add("lines, greedy", lines.texts, _greedy(network, lines))
        add("lines, beam with language model", lines.texts, [reading.text for reading in _readings(network, lines, model)])
    return measured


def _greedy(network: LineCTC, evaluated: Evaluated) -> list[str]:
    return [greedy(log_probs, network.charset) for log_probs in network.emissions(evaluated.images)]


def _readings(network: LineCTC, evaluated: Evaluated, model: LanguageModel | None) -> list[Reading]:
    """Decode everything, on all cores where it is much."""
    from joblib import Parallel, delayed

    emitted = network.emissions(evaluated.images)
    parts = min(os.cpu_count() or 1, 1 + len(emitted) // 200)
    decoded = Parallel(n_jobs=parts)(delayed(_interpreted)(emitted[part::parts], network.charset, model) for part in range(parts))
    return [decoded[index % parts][index // parts] for index in range(len(emitted))]


def _interpreted(emitted: Sequence[np.ndarray], charset: str, model: LanguageModel | None) -> list[Reading]:
    return [interpret(log_probs, charset, model) for log_probs in emitted]


def run(recipe: LineRecipe, command: str, *, runs: Path, weights: Path, split: str) -> Path:
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


def card_text(network: LineCTC, recipe: LineRecipe, figures: list[tuple[str, str]]) -> CardText:
    """The words of the network's card."""
    return CardText(
        title=recipe.name,
        description=f"Reads handwritten words and lines as a *time series* of columns: a light convolutional stem turns every {STRIDE} "
        f"columns of the picture into one step, a {network.lstm.num_layers}-layer bidirectional LSTM of {network.lstm.hidden_size} hidden "
        "units reads the steps both ways, and connectionist temporal classification (CTC) aligns what it says with text: "
        f"{len(network.charset)} characters, printable ASCII. A beam search with a small character language model makes the text.",
        intended_use="English, and other text in unaccented Latin letters, digits and punctuation, drawn, scanned or photographed. Not for "
        "decisions about people.",
        usage=f"from hwr import TextReader\n\n"
        f'reader = TextReader.from_pretrained("{recipe.name}")  # or "user/repo", or a folder\n'
        'print(reader.read("photo.jpg").text)',
        training="AdamW, one-cycle learning rate, averaged weights, CTC loss. Every sample is drawn anew: words and lines as they were "
        "written, words and characters of one writer set side by side, words set from scanned characters, by varied hands and pens, on "
        "clean white or as photographed: paper, ruled lines, shadow, blur, noise, JPEG. Labels of unreliable case are learnt without case. "
        "The best weights by character error rate, and how sure a word is, were chosen on validation writers.",
        limitations="The writers are European and American adults of the 1990s, most of them wrote English. Letters with accents come out "
        "without. The language model prefers English, German and Dutch words; `language_model=False` reads letter by letter.",
        data=network.trained_on,
        figures=figures,
        tags=("handwriting-recognition", "lstm", "ctc"),
        pipeline_tag="image-to-text",
    )
