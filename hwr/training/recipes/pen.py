"""How the network that writes with a pen is trained: ink of known letters, in groups of one hand each."""

import hashlib
import itertools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import joblib
import numpy as np
import torch
import tyro
from accelerate.utils import send_to_device

from hwr.charset import PRINTABLE
from hwr.data import unipen as ink_data
from hwr.data.hands import Hands, PenSample, aligned, singles
from hwr.data.lines import usable
from hwr.errors import InputError
from hwr.hub.finding import fetch
from hwr.ink.letters import Written, on_baseline
from hwr.ink.moves import KINDS, LIFT, MOVES_VERSION, features
from hwr.models.ink_ctc import InkCTC, padded
from hwr.models.pen_lstm import CONTEXT, PenBatch, PenLSTM, known_before
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import NEATNESS, PICTURE_READER, PenWriter
from hwr.predictors.text import TextReader
from hwr.training.judges import pen as pen_judge
from hwr.training.judges import pen_sheets
from hwr.training.machines import device
from hwr.training.model_folder import Pictures, weights_digest
from hwr.training.recipes.base import StepsRecipe, data_folder, data_name, shipped
from hwr.training.trainer import Trainer

log = logging.getLogger(__name__)

GROUP = 3
"""Sittings of one hand in a batch; the style of each comes from words of the others."""
SITTING = 120
"""Moves of a sitting, about: its words are learnt one after the other, the state of the hand goes on."""
DATA_VERSION = 1
"""Of how samples are made; part of the name of the cache."""
_PANGRAMS = (
    *["The", "quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "Sphinx", "black", "quartz", "judge", "vow"],
    *["Hello", "Anna", "Kiev", "1984", "Why", "wizards", "hexing", "27.5", "(Jim)", "Zebra"],
)
GALLERY = 100
"""Hands that are kept to choose from."""


class PenBatches:
    """Step number to batch, a function of seed and number alone."""

    def __init__(self, hands: Hands, groups: int, seed: int) -> None:
        self.hands = hands
        self.batch_size = groups
        self.seed = seed

    def __call__(self, step: int) -> PenBatch:
        rng = np.random.default_rng([self.seed, step])
        length = self.hands.length(rng.random())
        groups = []
        for _ in range(self.batch_size):
            matrix = varied_hand(rng)
            group = self.hands.group(rng, GROUP, length, SITTING)
            groups.append([[changed(word, matrix) for word in words] for words in group])
        return collate(groups, rng)


def varied_hand(rng: np.random.Generator) -> np.ndarray:
    """Slant and stretch, (2, 2), that make of a hand another one."""
    return np.array([[1, rng.normal(0, 0.16)], [0, 1]]) @ np.diag(np.exp([rng.normal(0, 0.13), rng.normal(0, 0.08)]))


def changed(sample: PenSample, matrix: np.ndarray) -> PenSample:
    """The sample as another hand would have written it."""
    path = on_baseline(sample.path.changed(matrix), 0.0)
    return PenSample(sample.text, path, sample.letters, sample.writer)


def collate(groups: Sequence[Sequence[Sequence[PenSample]]], rng: np.random.Generator | None = None) -> PenBatch:
    """A batch of hands, each of them sittings, each of them words.

    Args:
        groups: at least one sitting of each hand.
        rng: draws from which words of its other sittings, 1 to 8, the style of a sitting is made; None: from all of them. The style of a
            hand's only sitting is made of itself.
    """
    rows, pieces, references = [], [], []
    for group in groups:
        owners = np.repeat(np.arange(len(group)), [len(words) for words in group])
        for place, words in enumerate(group):
            others = len(pieces) + np.flatnonzero((owners != place) | (len(group) == 1))
            if rng is not None:
                others = rng.choice(others, int(rng.integers(1, 1 + min(8, len(others)))), replace=False)
            references.append(others)
            rows.append([np.concatenate(parts) for parts in zip(*map(_learnt, words), strict=True)])
        pieces += [word for words in group for word in words]
    letters, before, kinds, moves, after = ([row[place] for row in rows] for place in range(5))
    known, counts = padded(before)
    shares = torch.zeros((len(rows), len(pieces)))
    for share, chosen in zip(shares, references, strict=True):
        share[chosen] = 1 / len(chosen)
    written = [_labels(piece.text)[piece.letters, None] for piece in pieces]
    return PenBatch(
        letters=padded(letters)[0].long(),
        before=known,
        kinds=padded(kinds)[0].long()[:, :, 0],
        moves=padded(moves)[0],
        after=padded(after)[0].long()[:, :, 0],
        counts=counts,
        ink=padded([features(piece.path) for piece in pieces])[0],
        written=padded(written)[0].long()[:, :, 0],
        references=shares,
    )


def _labels(text: str) -> np.ndarray:
    return np.array([1 + PRINTABLE[1:].index(char) for char in text])


def _learnt(word: PenSample) -> tuple[np.ndarray, ...]:
    """Of each move of a word the letters, what is known before, its kind, itself, and what follows: (N, ...) each."""
    labels = np.concatenate([[0], _labels(word.text), [0] * (CONTEXT - 2)])
    following = np.append(word.path.kinds[1:], LIFT)
    done = np.append(np.diff(word.letters), 1)
    return (
        np.lib.stride_tricks.sliding_window_view(labels, CONTEXT)[word.letters],
        known_before(word.path, word.letters),
        word.path.kinds[:, None],
        word.path.offsets,
        (following + KINDS * done)[:, None],
    )


def prepared(ink: str, reader: str, split: str, runs: Path) -> tuple[list[PenSample], list[PenSample]]:
    """Words (also of lines) with their letters told apart, and isolated characters, of a split; made once, then kept in ``runs/cache``."""
    key = hashlib.sha256(f"{ink} {weights_digest(reader)} {DATA_VERSION} {MOVES_VERSION}".encode()).hexdigest()[:16]
    cache = runs / "cache" / f"pen-{split}-{key}.joblib"
    if cache.exists():
        return joblib.load(cache)
    network = InkCTC.from_pretrained(fetch(reader))
    words = [sample for kind in ("word", "line") for sample in aligned(usable(ink_data.load(ink, split, kind)), network)]
    chars = list(singles(usable(ink_data.load(ink, split, "char"))))
    cache.parent.mkdir(parents=True, exist_ok=True)
    temporary = cache.with_suffix(f".{os.getpid()}.part")
    joblib.dump((words, chars), temporary)
    temporary.replace(cache)
    return words, chars


def validation_batches(hands: Hands, seed: int, count: int, *, sitting: bool) -> list[PenBatch]:
    """The same batches every time, of unchanged hands: words in a row, or single ones."""
    batches = []
    for step in range(count):
        rng = np.random.default_rng([seed, step])
        length = hands.length((step + 0.5) / count)
        batches.append(collate([hands.group(rng, 3 if sitting else 5, length, SITTING if sitting else 1) for _ in range(8)]))
    return batches


def with_gallery(network: PenLSTM, config: dict[str, Any], words: Sequence[PenSample], reader: InkReader) -> PenLSTM:
    """The network with a gallery: training writers whom it imitates legibly and evenly, as different as can be, neatest first.

    A hand is the style of up to 40 of its words; whose it was isn't kept. How different two are is told by what describes them as a whole.
    """
    own: dict[str, list[PenSample]] = {}
    for sample in words:
        if len(sample.text) > 2:
            own.setdefault(sample.writer, []).append(sample)
    candidates = [samples for _, samples in sorted(own.items()) if len(samples) >= 30]
    rng = np.random.default_rng(7)
    writer = PenWriter(network, reader)
    styles, faults = [], []
    for samples in candidates:
        chosen = [samples[index].path for index in rng.permutation(len(samples))[:40]]
        styles.append(writer.style_of(chosen))
    for style in styles:
        drawn = writer.sample(_PANGRAMS, np.repeat(style[None], len(_PANGRAMS), 0), neatness=NEATNESS)
        _, right = writer.read_back(drawn, _PANGRAMS)
        faults.append(1 - float(np.mean(right)) + unevenness(drawn))
    order = np.argsort(faults, kind="stable")[: round(2.4 * GALLERY)]
    vectors = np.stack([styles[index][: network.hand_size] for index in order])
    kept = [0]
    nearest = np.linalg.norm(vectors - vectors[0], axis=1)
    while len(kept) < min(GALLERY, len(order)):
        kept.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, np.linalg.norm(vectors - vectors[kept[-1]], axis=1))
    chosen = [int(order[index]) for index in sorted(kept)]
    state = network.state_dict() | {"gallery": torch.from_numpy(np.stack([styles[index] for index in chosen]))}
    complete = PenLSTM(
        **config,
        hands=[f"Hand {number + 1}" for number in range(len(chosen))],
        trained_on=network.trained_on,
    )
    complete.load_state_dict(state)
    return complete.eval()


def unevenness(words: Sequence[Written]) -> float:
    """How much the space between letters differs from word to word: standard deviation of the words' means, core heights."""
    means = []
    for word in words:
        edges = [(x.min(), x.max()) for k in range(word.letters[-1] + 1) if len(x := word.path.points[word.letters == k, 0])]
        if len(edges) > 2:
            means.append(np.mean([right[0] - left[1] for left, right in itertools.pairwise(edges)]))
    return float(np.std(means)) if means else 0.0


def _losses(entry: dict[str, float]) -> dict[str, float]:
    """What the learning curves show of an evaluation."""
    return {f"{part}loss": entry[f"{part}moves"] + entry[f"{part}after"] for part in ("", "validation_")}


@dataclass(frozen=True, kw_only=True)
class PenRecipe(StepsRecipe[PenLSTM]):
    """Write with a pen.

    Attributes:
        name: of the run's folder in runs/ and of the weights' folder in weights/.
        ink: pen trajectories: Hub repo id or folder.
        reader: reader of ink that aligns them: folder, name of shipped weights or repo id.
        hidden_size: hidden units of each of the two LSTM layers.
        hand_size: numbers that tell of a hand as a whole.
        shape_size: numbers that tell of how a hand shapes a letter, for each letter.
        encoder_size: hidden units of the style encoder in each direction.
        letter_size: numbers that make a letter.
        mixtures: Gaussians.
        dropout: probability, between the layers and before the output.
        start_from: folder, name of shipped weights or Hub repository of a network of the same shape to go on from; None: train from
            scratch.
        steps: optimiser steps.
        batch_size: hands a step, of three sittings each.
        learning_rate: peak of the one-cycle schedule.
        seed: of everything random.
    """

    network_type: ClassVar = PenLSTM
    shape: ClassVar = ("hidden_size", "hand_size", "shape_size", "encoder_size", "letter_size", "mixtures", "dropout")
    tags: ClassVar = ("handwriting-generation", "handwriting-synthesis", "online-handwriting", "lstm")

    name: str = "pen-best"
    ink: str = field(default_factory=lambda: data_folder("unipen-ink"))
    reader: str = "ink-best"
    hidden_size: int = shipped(PenLSTM, "hidden_size")
    hand_size: int = shipped(PenLSTM, "hand_size")
    shape_size: int = shipped(PenLSTM, "shape_size")
    encoder_size: int = shipped(PenLSTM, "encoder_size")
    letter_size: int = shipped(PenLSTM, "letter_size")
    mixtures: int = shipped(PenLSTM, "mixtures")
    dropout: float = shipped(PenLSTM, "dropout")
    start_from: str | None = None
    steps: int = 7_000
    batch_size: Annotated[int, tyro.conf.arg(aliases=("--groups",))] = 16
    learning_rate: float = 3e-3

    def train(self, runs: Path) -> tuple[PenLSTM, list[dict[str, float]]]:
        words, chars = prepared(self.ink, self.reader, "train", runs)
        validation = validation_batches(Hands(*prepared(self.ink, self.reader, "validation", runs)), 1, 24, sitting=True)
        hands = Hands(words, chars)
        torch.manual_seed(self.seed)
        network = PenLSTM(trained_on=["unipen"], **self.network)
        if self.start_from:
            first = PenLSTM.from_pretrained(fetch(self.start_from))
            try:
                network.load_state_dict(first.state_dict() | {"gallery": network.gallery})
            except RuntimeError as error:
                raise InputError(f"{self.start_from} is a network of another shape.") from error
        log.info("%s; %s words, %s characters, %s hands", self.described(network), f"{len(words):,}", f"{len(chars):,}", len(hands.writers))

        def score(average: PenLSTM) -> tuple[float, dict[str, float]]:
            parts = [average.loss(send_to_device(batch, device()))[1] for batch in validation]
            weights = np.array([int(batch.counts.sum()) for batch in validation])
            moves, after = (float(np.average([float(part[name]) for part in parts], weights=weights)) for name in ("moves", "after"))
            return -(moves + after), {"validation_moves": moves, "validation_after": after}

        trainer = Trainer(
            network,
            PenBatches(hands, self.part_size, self.seed),
            score,
            folder=runs / self.name,
            settings=self.settings(self.steps, 500, gradient_norm=5.0),
            identity={
                "network": self.network,
                "data": [len(words), len(chars), len(hands.writers)],
                "sampling": [GROUP, SITTING, DATA_VERSION, MOVES_VERSION],
                "groups": self.batch_size,
                "start_from": weights_digest(self.start_from) if self.start_from else None,
            },
        )
        network.load_state_dict(trainer.run())
        reader = InkReader.from_pretrained(self.reader)
        history = [entry | _losses(entry) for entry in trainer.history]
        return with_gallery(network.eval(), self.network, words, reader), history

    def measure(self, network: PenLSTM, split: str, runs: Path) -> list[dict[str, Any]]:
        return pen_judge.measure(self._writer(network), self.ink, split, runs, self._likelihood(network, split, runs))

    def pictures(self, network: PenLSTM, results: Sequence[dict[str, Any]], split: str, runs: Path) -> Pictures:
        return pen_sheets.pictures(self._writer(network), self.ink)

    def _writer(self, network: PenLSTM) -> PenWriter:
        return PenWriter(network, InkReader.from_pretrained(self.reader), TextReader.from_pretrained(PICTURE_READER), self.name)

    def _likelihood(self, network: PenLSTM, split: str, runs: Path) -> dict[str, Any]:
        """Negative log-likelihood of the moves of a split's writers, styles from the other four words of each group."""
        batches = validation_batches(Hands(*prepared(self.ink, self.reader, split, runs)), 2, 24, sitting=False)
        with torch.inference_mode():
            parts = [network.loss(batch)[1] for batch in batches]
        weights = np.array([int(batch.counts.sum()) for batch in batches])
        moves, after = (float(np.average([float(part[name]) for part in parts], weights=weights)) for name in ("moves", "after"))
        return {
            "dataset": f"{data_name(self.ink)}, moves of known letters",
            "n": int(weights.sum()),
            "nll_per_point": moves,
            "nll_of_what_follows": after,
        }
