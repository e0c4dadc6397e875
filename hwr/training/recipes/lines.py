"""How the network that reads words and lines is trained, calibrated and measured."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from hwr.charset import LATIN, PRINTABLE
from hwr.data import emnist
from hwr.data import scans as scan_data
from hwr.data import unipen as ink_data
from hwr.data.lines import Glyphs, Handwriting, usable
from hwr.errors import InputError
from hwr.evaluation.metrics import expected_calibration_error, text_metrics
from hwr.models.line_ctc import STEM, LineCTC
from hwr.pictures.line import LINE_PREPROCESSING_VERSION
from hwr.text.ctc import greedy
from hwr.text.languages import Languages, shipped_languages
from hwr.text.reading import Reading, interpret_alone, word_confidence
from hwr.training.model_folder import report, weights_digest
from hwr.training.recipes.base import StepsRecipe, data_folder, data_name, shipped
from hwr.training.recipes.line_data import CLEAN, PEN_SHARE, PEN_WIDTH, POOL, Evaluated, PooledBatches, Pools, drawn, scanned, written_texts
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)

CHARSETS = {"ascii": PRINTABLE, "latin": LATIN}
WRITTEN_TEXTS = 250
"""Of each language, that are measured on of what the pen wrote."""
CALIBRATION_WORDS = 1200
"""Validation words, of each kind, on which the confidences are fitted."""


def calibrate(network: LineCTC, dataset: str) -> list[float]:
    """Fit how sure a word is (:func:`hwr.text.reading.word_confidence`) on the validation writers' words, clean and photographed."""
    features, right = [], []
    for photographed in (False, True):
        words = drawn(dataset, "validation", "word", photographed=photographed, limit=CALIBRATION_WORDS)
        for text, reading in zip(words.texts, _readings(network, words, shipped_languages()), strict=True):
            if len(reading.words) == 1:
                features.append(reading.words[0])
                right.append(reading.text == text)
    return fitted_confidence(features, right)


def fitted_confidence(features: Sequence[Sequence[float]], right: Sequence[bool]) -> list[float]:
    """The weights of :func:`hwr.text.reading.word_confidence`, from words' features and whether they were read right."""
    from sklearn.linear_model import LogisticRegression

    if len(set(right)) < 2:  # too few words to tell
        return [1.0, 0.0, 0.0, 0.0]
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(features, right)
    return [round(float(weight), 4) for weight in (*fitted.coef_[0], fitted.intercept_[0])]


def _greedy(network: LineCTC, evaluated: Evaluated) -> list[str]:
    return [greedy(log_probs, network.charset) for log_probs in network.emissions(evaluated.images)]


def _readings(network: LineCTC, evaluated: Evaluated, languages: Languages | None) -> list[Reading]:
    """Decode everything, on all cores where it is much."""
    from joblib import Parallel, delayed

    emitted = network.emissions(evaluated.images)
    parts = min(os.cpu_count() or 1, 1 + len(emitted) // 200)
    decoded = Parallel(n_jobs=parts)(delayed(_interpreted)(emitted[part::parts], network.charset, languages) for part in range(parts))
    return [decoded[index % parts][index // parts] for index in range(len(emitted))]


def _interpreted(emitted: Sequence[np.ndarray], charset: str, languages: Languages | None) -> list[Reading]:
    return [interpret_alone(log_probs, charset, languages) for log_probs in emitted]


@dataclass(frozen=True, kw_only=True)
class LineRecipe(StepsRecipe[LineCTC]):
    """Read words and lines.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        ink: pen trajectories: Hub repo id or folder.
        dataset: scanned characters: Hub repo id or folder.
        written: ink that the pen wrote (``hwr dataset written``): Hub repo id or folder; without it people alone are learnt from.
        scans: scanned words: Hub repo id or folder; none does without.
        characters: what can be read: printable ASCII, or besides what six European languages are written with.
        pen_share: of the samples, what the pen wrote.
        start_from: folders or repo ids of networks of the same shape, whatever their characters, whose mean weights to begin with; none
            for random ones.
        hidden_size: hidden units of each LSTM layer and direction.
        num_layers: LSTM layers.
        dropout: probability, in front of the LSTM, between its layers and before the output.
        stem_channels: convolutions in front of the LSTM.
        steps: optimiser steps.
        batch_size: images a step.
        learning_rate: peak of the one-cycle schedule.
        workers: processes that draw; what they draw does not depend on their number.
        seed: of everything random.
    """

    network_type: ClassVar = LineCTC
    shape: ClassVar = ("hidden_size", "num_layers", "dropout", "stem_channels")
    tags: ClassVar = ("handwriting-recognition", "lstm", "ctc")
    pipeline_tag: ClassVar = "image-to-text"

    name: str = "text-best"
    ink: str = field(default_factory=lambda: data_folder("unipen-ink"))
    dataset: str = field(default_factory=lambda: data_folder("emnist-47"))
    written: str | None = None
    scans: str | None = None
    characters: Literal["ascii", "latin"] = "latin"
    pen_share: float = PEN_SHARE
    start_from: tuple[str, ...] = ()
    hidden_size: int = shipped(LineCTC, "hidden_size")
    num_layers: int = shipped(LineCTC, "num_layers")
    dropout: float = shipped(LineCTC, "dropout")
    stem_channels: tuple[int, int, int, int] = (STEM[0], STEM[1], STEM[2], STEM[3])
    steps: int = 14_000
    batch_size: int = 48
    learning_rate: float = 2e-3
    workers: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.workers <= 64:
            raise InputError("There can be at most 64 workers.")
        if not 0 < self.pen_share < 1:
            raise InputError("The share of what the pen wrote must be between 0 and 1.")
        super().__post_init__()

    @property
    def network(self) -> dict[str, Any]:
        return super().network | {"charset": CHARSETS[self.characters]}

    def train(self, runs: Path) -> tuple[LineCTC, list[dict[str, float]]]:
        network, history = self.learn(runs)
        calibrated = LineCTC(trained_on=network.trained_on, calibration=calibrate(network, self.ink), **self.network)
        calibrated.load_state_dict(network.state_dict())
        return calibrated.eval(), history

    def learn(self, runs: Path) -> tuple[LineCTC, list[dict[str, float]]]:
        """As :meth:`train`, but how sure a word is isn't fitted."""
        charset = CHARSETS[self.characters]
        words, lines, chars = (usable(ink_data.load(self.ink, "train", kind)) for kind in ("word", "line", "char"))
        glyphs = Glyphs(emnist.load(self.dataset, "train"), [words.texts[index] for index in np.flatnonzero(words.case_reliable)])
        pen = [usable(ink_data.load(self.written, "train", kind), charset) for kind in ("word", "line")] if self.written else []
        scans = scan_data.load(self.scans, "train", charset) if self.scans else None
        validation = {"": drawn(self.ink, "validation", "word", limit=1500), "lines_": drawn(self.ink, "validation", "line", limit=250)}
        if self.written:
            validation["written_"] = drawn(self.written, "validation", "word", limit=500, charset=charset)
        if self.scans:
            validation["scans_"] = scanned(self.scans, charset)
        torch.manual_seed(self.seed)
        network = self._first()
        log.info("%s", self.described(network))

        def score(average: LineCTC) -> tuple[float, dict[str, float]]:
            report: dict[str, float] = {}
            for prefix, evaluated in validation.items():
                read = [greedy(log_probs, network.charset) for log_probs in average.emissions(evaluated.images)]
                report |= {f"{prefix}{name}": value for name, value in text_metrics(evaluated.texts, read).items()}
            return -report["cer"], report

        pools = Pools(Handwriting(words, lines, chars, *pen), glyphs, self.part_size, self.seed, charset, scans, self.pen_share)
        settings = self.settings(self.steps, 1000)
        trainer = Trainer(
            network,
            PooledBatches(pools, self.workers, self.steps, settings.parts),
            score,
            folder=runs / self.name,
            settings=settings,
            identity={
                "network": self.network,
                "data": [len(words), len(lines), len(chars), len(glyphs.images), *map(len, pen), len(scans or ())],
                "start_from": [weights_digest(other) for other in self.start_from],
                "sampling": [pools.shares, CLEAN, PEN_WIDTH, POOL],
                "preprocessing": LINE_PREPROCESSING_VERSION,
                "batch_size": self.batch_size,
            },
        )
        network.load_state_dict(trainer.run())
        return network.eval(), trainer.history

    def _first(self) -> LineCTC:
        """The network as the training begins with it.

        Raises:
            InputError: the one to begin with has another shape.
        """
        learnt = {"emnist", "unipen"} | ({"written"} if self.written else set()) | ({"dhsd"} if self.scans else set())
        if not self.start_from:
            return LineCTC(trained_on=sorted(learnt), **self.network)
        begin = [LineCTC.from_pretrained(other) for other in self.start_from]
        network = LineCTC(trained_on=sorted(learnt.union(*(other.trained_on for other in begin))), **self.network)
        try:
            network.begin_with(*begin)
        except ValueError as error:
            raise InputError(f"{' and '.join(self.start_from)}: {error}") from error
        return network

    def measure(self, network: LineCTC, split: str, runs: Path) -> list[dict[str, Any]]:
        languages = shipped_languages()
        known = set(usable(ink_data.load(self.ink, "train", "word")).texts)
        words, lines = drawn(self.ink, split, "word"), drawn(self.ink, split, "line")
        photographs = drawn(self.ink, split, "word", photographed=True)
        measured: list[dict[str, Any]] = []

        def add(what: str, texts: Sequence[str], read: Sequence[str], **more: float) -> None:
            entry = {"dataset": f"{data_name(self.ink)} {what}", "dataset_id": data_name(self.ink), "split": split, "n": len(texts)}
            measured.append(entry | text_metrics(texts, read) | more)
            report(self.name, measured[-1])

        add("words, greedy", words.texts, _greedy(network, words))
        readings = _readings(network, words, languages)
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
        photographed = [reading.text for reading in _readings(network, photographs, languages)]
        add("words as noisy photographs, beam with language model", photographs.texts, photographed)
        if lines.texts:
            add("lines, greedy", lines.texts, _greedy(network, lines))
            add("lines, beam with language model", lines.texts, [reading.text for reading in _readings(network, lines, languages)])
        return measured + self._measure_more(network, split, languages)

    def _measure_more(self, network: LineCTC, split: str, languages: Languages | None) -> list[dict[str, Any]]:
        """The figures of what the pen wrote, in hands and of texts that were not learnt from, and of scanned words of others' hands."""
        sets: dict[str, tuple[str, str, Evaluated]] = {}
        if self.written:
            by_language = written_texts(self.written, split, network.charset, WRITTEN_TEXTS)
            sets = {f"written, {language}": (self.written, split, found) for language, found in by_language.items()}
            pairs = [pair for found in by_language.values() for pair in zip(found.images, found.texts, strict=True)]
            beyond = [(image, text) for image, text in pairs if not text.isascii()]
            if beyond:
                sets["written, not all ASCII"] = (self.written, split, Evaluated([i for i, _ in beyond], [t for _, t in beyond]))
        if self.scans:
            sets["scanned words"] = (self.scans, "validation", scanned(self.scans, network.charset))
        measured = []
        for what, (dataset, part, found) in sets.items():
            read = [reading.text for reading in _readings(network, found, languages)]
            for how, said in (("greedy", _greedy(network, found)), ("beam with language model", read)):
                entry = {"dataset": f"{data_name(dataset)} {what}, {how}", "dataset_id": data_name(dataset), "split": part}
                measured.append(entry | {"n": len(found.texts)} | text_metrics(found.texts, said))
                report(self.name, measured[-1])
        return measured
