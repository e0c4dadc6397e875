"""How the network that writes with a pen is trained: ink of known letters, in groups of one hand each."""

import hashlib
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from torch import Tensor, nn

from hwr.cards import CardText
from hwr.charset import PRINTABLE
from hwr.data import ink as ink_data
from hwr.data.lines import usable
from hwr.data.pen import Hands, PenSample, aligned, on_baseline, singles
from hwr.errors import InputError
from hwr.hub import fetch
from hwr.models.char_lstm import parameter_count
from hwr.models.ink_ctc import InkCTC, padded
from hwr.models.pen_lstm import CONTEXT, PenBatch, PenLSTM, Written, known_before
from hwr.pen_moves import KINDS, LIFT, MOVES_VERSION, features
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import NEATNESS, PenWriter
from hwr.predictors.text import TextReader
from hwr.recipes import pen_judge, pen_sheets
from hwr.recipes.char import data_name
from hwr.recipes.model_folder import weights_digest, write_model_folder
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)

GROUP = 5
"""Samples of one hand in a batch; the style of each comes from some of the others."""
DATA_VERSION = 1
"""Of how samples are made; part of the name of the cache."""
_PANGRAMS = (
    *["The", "quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "Sphinx", "black", "quartz", "judge", "vow"],
    *["Hello", "Anna", "Kiev", "1984", "Why", "wizards", "hexing", "27.5", "(Jim)", "Zebra"],
)
GALLERY = 100
"""Hands that are kept to choose from."""


@dataclass(frozen=True)
class PenRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        ink: pen trajectories: Hub repo id or folder.
        reader: reader of ink that aligns them: folder, name of shipped weights or repo id.
        network: keyword arguments of :class:`PenLSTM`.
        steps: optimiser steps.
        groups: hands a step, of ``GROUP`` samples each.
        learning_rate: peak of the schedule.
        seed: of everything random.
    """

    name: str
    ink: str
    reader: str = "ink-best"
    network: dict[str, Any] = field(default_factory=dict)
    steps: int = 7_000
    groups: int = 16
    learning_rate: float = 3e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if self.steps < 1 or not 1 <= self.groups <= 1000 or not self.learning_rate > 0 or not 0 <= self.seed < 2**63:
            raise InputError(
                "There must be a step to take, 1 to 1,000 groups a step, a learning rate above 0 and a seed that is not negative."
            )
        try:
            with torch.device("meta"):
                PenLSTM(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error


class PenBatches:
    """Step number to batch, a function of seed and number alone."""

    def __init__(self, hands: Hands, groups: int, seed: int) -> None:
        self.hands = hands
        self.groups = groups
        self.seed = seed

    def __call__(self, step: int) -> PenBatch:
        rng = np.random.default_rng([self.seed, step])
        length = self.hands.length(rng.random())
        samples, references = [], np.zeros((self.groups * GROUP,) * 2, np.float32)
        for number in range(self.groups):
            matrix = varied_hand(rng)
            for sample in self.hands.group(rng, GROUP, length):
                samples.append(changed(sample, matrix))
            start = number * GROUP
            for place in range(GROUP):
                others = [start + other for other in range(GROUP) if other != place]
                chosen = rng.choice(others, int(rng.integers(1, GROUP)), replace=False)
                references[start + place, chosen] = 1 / len(chosen)
        return collate(samples, torch.from_numpy(references))


def varied_hand(rng: np.random.Generator) -> np.ndarray:
    """Slant and stretch, (2, 2), that make of a hand another one."""
    return np.array([[1, rng.normal(0, 0.12)], [0, 1]]) @ np.diag(np.exp([rng.normal(0, 0.1), rng.normal(0, 0.06)]))


def changed(sample: PenSample, matrix: np.ndarray) -> PenSample:
    """The sample as another hand would have written it."""
    path = on_baseline(sample.path.changed(matrix), 0.0)
    return PenSample(sample.text, path, sample.letters, sample.writer)


def collate(samples: Sequence[PenSample], references: Tensor) -> PenBatch:
    """A batch of samples; ``references`` as of :class:`PenBatch`."""
    charset = PRINTABLE[1:]
    contexts, kinds, after = [], [], []
    for sample in samples:
        labels = np.array([0, *(1 + charset.index(char) for char in sample.text), *[0] * (CONTEXT - 2)])
        contexts.append(np.lib.stride_tricks.sliding_window_view(labels, CONTEXT)[sample.letters])
        kinds.append(sample.path.kinds[:, None])
        following = np.append(sample.path.kinds[1:], LIFT)
        done = np.append(np.diff(sample.letters), 1)
        after.append((following + KINDS * done)[:, None])
    before, counts = padded([known_before(sample.path, sample.letters) for sample in samples])
    return PenBatch(
        letters=padded(contexts)[0].long(),
        before=before,
        kinds=padded(kinds)[0].long()[:, :, 0],
        moves=padded([sample.path.offsets for sample in samples])[0],
        after=padded(after)[0].long()[:, :, 0],
        counts=counts,
        ink=padded([features(sample.path) for sample in samples])[0],
        references=references,
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
    temporary = cache.with_suffix(".part")
    joblib.dump((words, chars), temporary)
    temporary.replace(cache)
    return words, chars


def validation_batches(hands: Hands, seed: int, count: int) -> list[PenBatch]:
    """The same batches every time, of unchanged hands."""
    batches = []
    for step in range(count):
        rng = np.random.default_rng([seed, step])
        samples = [sample for _ in range(8) for sample in hands.group(rng, GROUP, hands.length((step + 0.5) / count))]
        references = np.kron(np.eye(8), np.ones((GROUP, GROUP)) - np.eye(GROUP)) / (GROUP - 1)
        batches.append(collate(samples, torch.tensor(references, dtype=torch.float32)))
    return batches


def train(recipe: PenRecipe, runs: Path) -> tuple[PenLSTM, list[dict[str, float]]]:
    """Train, or go on with a run that was interrupted, and keep the weights that expect the validation writers' moves best.

    Args:
        recipe: what to train.
        runs: folder of checkpoints, logs and prepared data.

    Returns:
        The network in evaluation mode, without a gallery, and one entry per evaluation: step, losses and validation scores.

    Raises:
        InputError: data that can't be used, or a checkpoint of another recipe.
    """
    words, chars = prepared(recipe.ink, recipe.reader, "train", runs)
    validation = validation_batches(Hands(*prepared(recipe.ink, recipe.reader, "validation", runs)), 1, 24)
    hands = Hands(words, chars)
    torch.manual_seed(recipe.seed)
    network = PenLSTM(trained_on=["unipen"], **recipe.network)
    log.info(
        "%s: %s parameters; %s words, %s characters, %s hands",
        *(recipe.name, f"{parameter_count(network):,}", f"{len(words):,}", f"{len(chars):,}", len(hands.writers)),
    )

    def score(average: nn.Module) -> tuple[float, dict[str, float]]:
        parts = [average.loss(batch)[1] for batch in validation]
        weights = np.array([int(batch.counts.sum()) for batch in validation])
        moves, after = (float(np.average([float(part[name]) for part in parts], weights=weights)) for name in ("moves", "after"))
        return -(moves + after), {"validation_moves": moves, "validation_after": after}

    trainer = Trainer(
        network,
        PenBatches(hands, recipe.groups, recipe.seed),
        score,
        folder=runs / recipe.name,
        settings=Settings(steps=recipe.steps, evaluate_every=500, learning_rate=recipe.learning_rate, gradient_norm=5.0, seed=recipe.seed),
        identity={
            "network": recipe.network,
            "data": [len(words), len(chars), len(hands.writers)],
            "sampling": [GROUP, DATA_VERSION, MOVES_VERSION],
            "groups": recipe.groups,
        },
    )
    network.load_state_dict(trainer.run())
    return network.eval(), trainer.history


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


def likelihood(network: PenLSTM, recipe: PenRecipe, split: str, runs: Path) -> dict[str, Any]:
    """Negative log-likelihood of the moves of a split's writers, styles from the other four words of each group."""
    batches = validation_batches(Hands(*prepared(recipe.ink, recipe.reader, split, runs)), 2, 24)
    with torch.inference_mode():
        parts = [network.loss(batch)[1] for batch in batches]
    weights = np.array([int(batch.counts.sum()) for batch in batches])
    moves, after = (float(np.average([float(part[name]) for part in parts], weights=weights)) for name in ("moves", "after"))
    return {
        "dataset": f"{data_name(recipe.ink)}, moves of known letters",
        "n": int(weights.sum()),
        "nll_per_point": moves,
        "nll_of_what_follows": after,
    }


def measure(network: PenLSTM, recipe: PenRecipe, split: str, runs: Path) -> list[dict[str, Any]]:
    """All figures of the writer, printed as they come; entries for ``metrics.json``."""
    writer = PenWriter(network, InkReader.from_pretrained(recipe.reader), TextReader.from_pretrained(), recipe.name)
    return pen_judge.measure(writer, recipe.ink, split, runs, likelihood(network, recipe, split, runs))


def run(recipe: PenRecipe, command: str, *, runs: Path, weights: Path, split: str) -> Path:
    """Train, evaluate, and write the model folder with card and figures; arguments and errors as of :func:`hwr.recipes.char.run`."""
    network, history = train(recipe, runs)
    words, _ = prepared(recipe.ink, recipe.reader, "train", runs)
    reader = InkReader.from_pretrained(recipe.reader)
    network = with_gallery(network, recipe.network, words, reader)
    writer = PenWriter(network, reader, TextReader.from_pretrained(), recipe.name)
    return write_model_folder(
        weights / recipe.name,
        network,
        command=command,
        results=measure(network, recipe, split, runs),
        history=[
            entry | {f"{part}loss": entry[f"{part}moves"] + entry[f"{part}after"] for part in ("", "validation_")} for entry in history
        ],
        pictures=pen_sheets.pictures(writer, recipe.ink),
        card=lambda figures: card_text(network, recipe, figures),
    )


def card_text(network: PenLSTM, recipe: PenRecipe, figures: list[tuple[str, str]]) -> CardText:
    """The words of the network's card."""
    return CardText(
        title=recipe.name,
        description="Writes text with a pen, as a *time series* of pen moves. A stacked LSTM (2 x "
        f"{network.hidden_size}) predicts each move as a mixture of {network.mixtures} bivariate Gaussians (Graves 2013), from the moves "
        "before it, the letter it belongs to with its neighbours, and a style; then whether the pen is lifted, and whether the letter is "
        "done. The pointer to the letter only moves forwards: no letter is skipped or repeated, and texts of any length end by "
        f"themselves. A style is {network.hand_size} numbers for the hand as a whole and {network.shape_size} for each of "
        f"{len(network.charset)} characters, made by a bidirectional LSTM with attention (Bahdanau et al. 2015) of a few words in a hand, "
        f"so that a hand it has never seen is imitated without training. {len(network.hands)} hands are in the gallery.",
        intended_use="Notes, drawings, pen plotters, training data for readers. It is no tool to forge signatures or to pass a text off as "
        "somebody's own writing; imitate only your own hand, or with the consent of whose it is.",
        usage="from hwr import PenWriter\n\n"
        f'writer = PenWriter.from_pretrained("{recipe.name}")  # or "user/repo", or a folder\n'
        'ink = writer.write("Dear Anna, ...", style=17, neatness=0.8, seed=3)\n'
        'ink.save("letter.svg")',
        training="AdamW, one-cycle learning rate, averaged weights. A reader of ink (InkCTC) aligns words and lines with their letters; "
        "what aligns badly is left out. Delayed strokes follow their letter. Batches are groups of five samples of one hand, slanted and "
        "stretched at random; the style of each comes from some of the other four. Isolated characters are set side by side, before "
        "words and after them. The best weights by likelihood of validation writers' moves.",
        limitations="The writers are European and American adults of the 1990s; rare signs are less well written than letters. Letters "
        "with accents are composed. In the figures, the judge reads pictures without a language model and was trained on real ink only; "
        "read back by looks means that the judge itself chose among up to four drawings, by strokes that another reader did. An imitation "
        "from a few words is less surely told to be its writer's than real ink is.",
        data=network.trained_on,
        figures=figures,
        tags=("handwriting-generation", "handwriting-synthesis", "online-handwriting", "lstm"),
        pipeline_tag="other",
    )
