"""How the character networks are trained: scanned and drawn characters, drawn evenly over the classes, distorted, optionally taught."""

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from hwr import ink
from hwr.augment import elastic_affine, stroke_thickness
from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.data import ink as ink_data
from hwr.errors import InputError
from hwr.evaluation import classification_metrics, fit_temperature
from hwr.images import PREPROCESSING_VERSION, character
from hwr.models.char_lstm import CharBatch, CharLSTM, parameter_count
from hwr.plots import confusion_heat_map
from hwr.recipes.char_card import card_text
from hwr.recipes.model_folder import digest, report, weights_digest, write_model_folder
from hwr.training import Settings, Trainer

log = logging.getLogger(__name__)

DRAWS_PER_EPOCH = 112_800
"""Size of EMNIST Balanced's training part: an epoch is as many draws, evenly over the classes."""
VALIDATION_PER_CLASS = 100
INK_SHARE = 0.3
"""Share of drawn characters in each batch, where there is ink."""
THICKNESS = 0.3
"""Largest change of stroke width in training, as a share of a 3x3 maximum or minimum."""
INK = "unipen"
"""Stands in ``trained_on`` of networks that have learnt drawn characters."""
HEAT_MAPS = ("confusion_scanned.png", "confusion_drawn.png")


class Characters(NamedTuple):
    """Pictures as networks see them, and their labels."""

    images: np.ndarray  # uint8 (N, 28, 28)
    labels: np.ndarray  # int64 (N,)


@dataclass(frozen=True)
class CharRecipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        name: of the run's folder and of the weights' folder.
        dataset: scanned characters: Hub repo id or folder.
        ink: pen trajectories: Hub repo id or folder; None trains on scans only.
        network: keyword arguments of :class:`CharLSTM`.
        start_from: folders or repo ids of networks of the same shape whose mean weights to begin with; none for random ones. Where all
            descend from one network, the mean is a good one itself (model soup: Wortsman et al. 2022, arXiv:2203.05482).
        teachers: folders or repo ids of networks whose mean probabilities are imitated. Those that have not learnt drawn characters teach
            only the scanned ones.
        teacher_share: of the loss, from 0 to 1; the rest is that of the labels.
        epochs: of ``DRAWS_PER_EPOCH`` draws.
        batch_size: images a step.
        learning_rate: peak of the schedule.
        distortion: strength of the elastic and affine distortion and of the change of stroke width; 0 for none.
        validation_per_class: scanned characters of each class that are kept from training, to choose the best epoch by. Of two numbers the
            larger set holds the smaller one, so networks to begin with or to learn from must have been kept from as many, or more.
        seed: of everything random.
    """

    name: str
    dataset: str
    ink: str | None = None
    network: dict[str, Any] = field(default_factory=dict)
    start_from: Sequence[str] = ()
    teachers: Sequence[str] = ()
    teacher_share: float = 0.8
    epochs: float = 14
    batch_size: int = 256
    learning_rate: float = 4e-3
    distortion: float = 1.0
    validation_per_class: int = VALIDATION_PER_CLASS
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse, before any data is read, what can't be trained.

        Raises:
            InputError: a number out of range, or a network that can't be.
        """
        if not self.epochs * (DRAWS_PER_EPOCH // max(self.batch_size, 1)) >= 1 or not 1 <= self.batch_size <= DRAWS_PER_EPOCH:
            raise InputError(f"batch size must be from 1 to {DRAWS_PER_EPOCH:,}, and epochs so many that there is a step to take.")
        if not self.learning_rate > 0 or not 0 <= self.distortion <= 3 or not 0 <= self.seed < 2**63:
            raise InputError("learning rate must be above 0, distortion from 0 to 3, the seed not below 0.")
        if not 0 <= self.teacher_share <= 1:
            raise InputError("The teachers' share of the loss must be from 0 to 1.")
        if self.validation_per_class < 1:
            raise InputError("At least one character of each class must be kept for validation.")
        try:
            with torch.device("meta"):
                CharLSTM(**self.network)
        except ValueError as error:
            raise InputError(f"The network can't be built: {error}.") from error


class BalancedBatches:
    """Batch number to batch: classes drawn as said below, images evenly within a class, each distorted anew.

    Scanned classes are drawn evenly, as they are tested. Of drawn ones people write some far more often than their look-alikes (o than 0, l
    than 1), and a pen's picture shows that it is one: classes are drawn with the square root of their frequency, halfway between even and
    as found. That prior, put into the logits of a network that had drawn evenly, read 4 % more of the validation writers' characters right,
    and as many of each class on average.

    Args:
        sources: scanned characters, then drawn ones if there are any.
        recipe: says how many of each and how distorted.
        teachers: the mean of what they see in the same distorted images goes along.
    """

    def __init__(self, sources: Sequence[Characters], recipe: CharRecipe, teachers: Sequence[CharLSTM] = ()) -> None:
        self.recipe = recipe
        self.teachers = teachers
        drawn = round(recipe.batch_size * INK_SHARE) if len(sources) > 1 else 0
        self.sources = []
        for source, count in zip(sources, (recipe.batch_size - drawn, drawn), strict=False):
            order = np.argsort(source.labels, kind="stable")
            sizes = np.bincount(source.labels, minlength=len(CLASSES))
            if not sizes.all():
                raise InputError(f"The training data has no image of {CLASSES[int(sizes.argmin())]}.")
            weights = np.sqrt(sizes) if self.sources else np.ones(len(CLASSES))
            self.sources.append((source, order, np.cumsum(sizes) - sizes, sizes, weights / weights.sum(), count))

    def __call__(self, step: int) -> CharBatch:
        chooser = np.random.default_rng([self.recipe.seed, step])
        generator = torch.Generator().manual_seed(int(chooser.integers(2**62)))
        pictures, labels = [], []
        for source, order, starts, sizes, probabilities, count in self.sources:
            chosen = chooser.choice(len(CLASSES), size=count, p=probabilities)
            pictures.append(source.images[order[starts[chosen] + (chooser.random(count) * sizes[chosen]).astype(np.int64)]])
            labels.append(chosen)
        images = torch.from_numpy(np.concatenate(pictures)).float() / 255
        if self.recipe.distortion:
            images = stroke_thickness(images, generator, THICKNESS * self.recipe.distortion)
            images = elastic_affine(images, generator, self.recipe.distortion)
        return CharBatch(images, torch.from_numpy(np.concatenate(labels)), self._teach(images), self.recipe.teacher_share)

    def _teach(self, images: Tensor) -> Tensor | None:
        if not self.teachers:
            return None
        scanned = self.sources[0][-1]  # so many images come first
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            parts = []
            for part, teachers in (
                (images[:scanned], self.teachers),
                (images[scanned:], [teacher for teacher in self.teachers if INK in teacher.trained_on]),
            ):
                if len(part):
                    logits = [teacher(part).float() / teacher.temperature for teacher in teachers]
                    parts.append(torch.stack([each.softmax(1) for each in logits]).mean(0).log())
        return torch.cat(parts).clone()  # an inference tensor can't take part in a backward pass


def data_name(dataset: str) -> str:
    """What a data set is called in records: its Hub repository, or the name of its folder."""
    return Path(dataset).resolve().name if Path(dataset).is_dir() else dataset


def scanned_name(dataset: str, split: str, per_class: int = VALIDATION_PER_CLASS) -> str:
    """What people should call the images of a split; ``per_class`` as of :func:`scanned_characters`."""
    if data_name(dataset) != "emnist-47":
        return f"{data_name(dataset)}, scanned"
    return "EMNIST ByMerge-test, 400 a class" if split == "test" else f"EMNIST, {per_class} a class of the training part"


def scanned_characters(dataset: str, split: str, per_class: int = VALIDATION_PER_CLASS) -> Characters:
    """Scanned characters of a split.

    ``"train"`` and ``"validation"`` (``per_class`` of each class) are parts of the data set's train, ``"test"`` is its test.
    """
    data = emnist.load(dataset, "test" if split == "test" else "train")
    if split == "test":
        return Characters(data.images, data.labels)
    train, validation = emnist.validation_split(data.labels, per_class, seed=0)
    chosen = train if split == "train" else validation
    return Characters(data.images[chosen], data.labels[chosen])


def drawn_characters(dataset: str, split: str, cache: Path) -> Characters:
    """UNIPEN's isolated alphanumerics drawn with the pad's pen, through the app's own preprocessing.

    Training samples get pens of many widths, and those of unreliable case where case doesn't matter; the others only what is reliable.
    The pictures are cached, since making those of the training split takes minutes.

    Args:
        dataset: Hub repo id or folder.
        split: ``"train"``, ``"validation"`` or ``"test"``: different writers.
        cache: folder.
    """
    training = split == "train"
    strokes, labels = ink_data.labelled_characters(ink_data.load(dataset, split, "char"), unreliable_case=training)
    widths = np.random.default_rng(0).lognormal(np.log(ink.SCAN_PEN_WIDTH), 0.3 if training else 0.0, len(strokes))
    digest = hashlib.sha256(f"{PREPROCESSING_VERSION} {ink.PAD_SIZE} {ink.INK_EXTENT}".encode())
    for array in [labels, widths, *(stroke for sample in strokes for stroke in sample)]:
        digest.update(np.ascontiguousarray(array).data)
    path = cache / f"drawn-{digest.hexdigest()[:16]}.npz"
    if not path.exists():
        from tqdm import tqdm

        images, kept = [], []
        for index, sample in enumerate(tqdm(strokes, desc=f"drawing {split}", unit="char")):
            try:
                images.append(character(ink.fitted_picture(sample, widths[index])))
                kept.append(index)
            except InputError as error:  # a wide pen fills a small scrawl: no training sample, but a test sample must never go
                if not training:
                    raise
                log.info("sample %d left out: %s", index, error)
        cache.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.npz")  # swapped in whole: a kill must not leave half a cache
        np.savez(part, images=np.stack(images), labels=labels[kept])
        part.replace(path)
    with np.load(path) as arrays:
        return Characters(arrays["images"], arrays["labels"])


def network_logits(network: CharLSTM, images: np.ndarray, batch_size: int = 512) -> np.ndarray:
    """Logits, float32 (N, classes), of uint8 images (N, 28, 28)."""
    with torch.inference_mode():
        parts = [network(part.float() / 255).float() for part in torch.from_numpy(images).split(batch_size)]
    return torch.cat(parts).numpy()


def evaluate(network: CharLSTM, characters: Characters) -> dict[str, Any]:
    """Metrics of a network on characters, with calibrated probabilities; see :func:`hwr.evaluation.classification_metrics`."""
    scaled = torch.from_numpy(network_logits(network, characters.images)) / network.temperature
    return classification_metrics(scaled.softmax(1).numpy(), characters.labels, network.classes)


def train(recipe: CharRecipe, runs: Path) -> tuple[CharLSTM, list[dict[str, float]]]:
    """Train, or go on with a run that was interrupted; choose the best epoch by validation macro-F1; calibrate.

    Args:
        recipe: what to train.
        runs: folder of checkpoints, logs and caches.

    Returns:
        The network in evaluation mode, and one entry per evaluation: step, losses and validation scores.

    Raises:
        InputError: data that can't be used, or a checkpoint of another recipe.
    """
    cache = runs / "cache"
    sources = [scanned_characters(recipe.dataset, "train", recipe.validation_per_class)]
    validation = {"": scanned_characters(recipe.dataset, "validation", recipe.validation_per_class)}
    if recipe.ink:
        sources.append(drawn_characters(recipe.ink, "train", cache))
        validation["drawn_"] = drawn_characters(recipe.ink, "validation", cache)
    torch.manual_seed(recipe.seed)
    teachers = [CharLSTM.from_pretrained(teacher) for teacher in recipe.teachers]
    begin = [CharLSTM.from_pretrained(other) for other in recipe.start_from]
    # What those that it learns from have learnt is passed on, with its licence.
    learnt = {key for other in (*teachers, *begin) for key in other.trained_on}
    trained_on = sorted({"emnist", *([INK] if recipe.ink else []), *learnt})
    network = CharLSTM(trained_on=trained_on, **recipe.network)
    log.info("%s: %s parameters", recipe.name, f"{parameter_count(network):,}")
    for name, other in zip(recipe.start_from, begin, strict=True):
        try:
            network.load_state_dict(other.state_dict())
        except RuntimeError as error:
            raise InputError(f"{name} is a network of another shape than the one to train.") from error
    if begin:
        states = [other.state_dict() for other in begin]
        network.load_state_dict({name: sum(state[name] / len(states) for state in states) for name in states[0]})
    if recipe.ink and teachers and not any(INK in teacher.trained_on for teacher in teachers):
        raise InputError("None of the teachers has learnt drawn characters. Name one that has, or train without --ink.")

    def score(average: nn.Module) -> tuple[float, dict[str, float]]:
        report: dict[str, float] = {}
        for prefix, characters in validation.items():
            logits = torch.from_numpy(network_logits(average, characters.images))
            metrics = classification_metrics(logits.softmax(1).numpy(), characters.labels, CLASSES)
            report[f"{prefix}validation_loss"] = float(nn.functional.cross_entropy(logits, torch.from_numpy(characters.labels)))
            report |= {f"{prefix}{name}": metrics[name] for name in ("accuracy", "macro_f1", "top3_accuracy")}
        return report["macro_f1"], report

    steps_per_epoch = DRAWS_PER_EPOCH // recipe.batch_size
    trainer = Trainer(
        network,
        BalancedBatches(sources, recipe, teachers),
        score,
        folder=runs / recipe.name,
        settings=Settings(
            steps=round(recipe.epochs * steps_per_epoch),
            evaluate_every=steps_per_epoch,
            learning_rate=recipe.learning_rate,
            seed=recipe.seed,
        ),
        identity={
            "network": recipe.network,
            "data": [digest(source.images, source.labels) for source in sources],
            "preprocessing": PREPROCESSING_VERSION,
            "ink_share": INK_SHARE,
            "thickness": THICKNESS,
            "batch_size": recipe.batch_size,
            "distortion": recipe.distortion,
            "start_from": [weights_digest(other) for other in recipe.start_from],
            "teachers": [weights_digest(teacher) for teacher in recipe.teachers],
            "teacher_share": recipe.teacher_share,
        },
    )
    best = trainer.run()
    network.load_state_dict(best)
    network.eval()
    together = Characters(*(np.concatenate(parts) for parts in zip(*validation.values(), strict=True)))
    temperature = fit_temperature(network_logits(network, together.images), together.labels)
    calibrated = CharLSTM(trained_on=trained_on, temperature=round(temperature, 4), **recipe.network)
    calibrated.load_state_dict(best)
    return calibrated.eval(), trainer.history


def run(recipe: CharRecipe, command: str, *, runs: Path, weights: Path, split: str) -> Path:
    """Train, evaluate, and write the model folder with card and figures.

    Args:
        recipe: what to train.
        command: that asked for it, for the record.
        runs: folder of checkpoints, logs and caches.
        weights: parent of the model folder.
        split: ``"test"``, or ``"validation"`` while models are still being compared.

    Returns:
        The model folder, ``weights/<name>``.

    Raises:
        InputError: data or a repository can't be used.
    """
    network, history = train(recipe, runs)
    measured = measure(network, recipe, split, runs)
    pictures = []
    for name, metrics in zip(HEAT_MAPS, measured, strict=False):
        title = f"{recipe.name} on {metrics['dataset']} ({split}, {metrics['n']:,} images)"
        pictures.append((name, f"Confusion matrix, {title}", confusion_heat_map(metrics, title)))
    return write_model_folder(
        weights / recipe.name,
        network,
        command=command,
        results=measured,
        history=history,
        pictures=pictures,
        card=lambda figures: card_text(network, recipe, figures),
    )


def measure(network: CharLSTM, recipe: CharRecipe, split: str, runs: Path) -> list[dict[str, Any]]:
    """Print and return metrics on scanned and, where the recipe has ink, on drawn characters of a split, as ``metrics.json`` has them."""
    kept = recipe.validation_per_class
    sets = [(recipe.dataset, scanned_name(recipe.dataset, split, kept), scanned_characters(recipe.dataset, split, kept))]
    if recipe.ink:
        sets.append((recipe.ink, f"{data_name(recipe.ink)} characters, drawn", drawn_characters(recipe.ink, split, runs / "cache")))
    measured = []
    for dataset, name, characters in sets:
        measured.append({"dataset": name, "dataset_id": data_name(dataset), "split": split} | evaluate(network, characters))
        report(recipe.name, measured[-1])
    return measured
