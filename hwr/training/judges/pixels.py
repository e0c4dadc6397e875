"""How well a network draws characters: the figures of its card, beside those of baselines and of real characters."""

import logging
import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from accelerate.utils import send_to_device

from hwr.charset import CHARACTERS, CLASSES
from hwr.data import emnist
from hwr.data import unipen as ink_data
from hwr.evaluation.metrics import classification_metrics
from hwr.evaluation.plots import picture_rows
from hwr.ink.rendering import fitted_picture
from hwr.models.char_lstm import CharBatch, CharLSTM
from hwr.models.pixel_lstm import PixelLSTM
from hwr.pictures.character import SIZE, character
from hwr.pictures.traits import slant, stroke_width
from hwr.training.judges.distribution import carried_over, diversity, nearest, precision_recall
from hwr.training.judges.pixel_baselines import Categorical, ConditionalVAE
from hwr.training.model_folder import Pictures as Figures
from hwr.training.model_folder import digest, report
from hwr.training.recipes.base import data_name
from hwr.training.recipes.char import evaluate, network_logits
from hwr.training.recipes.char_data import VALIDATION_PER_CLASS, Characters, scanned_name
from hwr.training.recipes.pixel_data import EvenBatches, Pictures, batch_of, class_traits, pictures_of
from hwr.training.trainer import Settings, Trainer

log = logging.getLogger(__name__)

PER_CLASS = 500
"""Drawn characters of each class that a classifier is trained on."""
SEEDS = 3
"""Classifiers that are trained."""
CLASSIFIER_STEPS = 1500
CLASSIFIER_BATCH = 128
VAE_STEPS = 6000
STYLES = 200
"""Style vectors in which characters are drawn to see what they carry over."""
COMPARED = 1500
"""Characters, drawn and real, of which precision and recall are measured."""

Sampler = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""From rows of the training pictures, whose character is to be drawn, to uint8 (N, 28, 28)."""


class Source(NamedTuple):
    """Something that draws characters."""

    name: str
    bits: dict[str, float]  # per dimension on the data to measure, by what they are
    sample: Sampler


class Judge:
    """Measures on one split what draws characters.

    Readers that judge are frozen: the shipped ``char-best`` and ``char-reference``, which have only learnt from real characters.

    Args:
        dataset: scanned characters: Hub repo id or folder.
        ink: pen trajectories, whose writers show what a hand carries over: Hub repo id or folder.
        split: ``"validation"`` or ``"test"``.
        runs: folder for the checkpoints of baselines and classifiers.
    """

    def __init__(self, dataset: str, ink: str, split: str, runs: Path) -> None:
        data = emnist.load(dataset, "train")
        chosen, held_out = emnist.validation_split(data.labels, VALIDATION_PER_CLASS, seed=0)
        traits = class_traits(data.images[chosen], data.labels[chosen])
        self.training = pictures_of(data, chosen, traits)
        if split == "test":
            data = emnist.load(dataset, "test")
            held_out = np.arange(len(data))
        self.real = pictures_of(data, held_out, traits)
        self.about = {"dataset": scanned_name(dataset, split), "dataset_id": data_name(dataset), "split": split}
        self.runs = runs
        self.ink = ink
        self.split = split
        self.recognizer = CharLSTM.from_pretrained("char-best")
        self.reference = CharLSTM.from_pretrained("char-reference")

    def measure(self, network: PixelLSTM, name: str) -> list[dict[str, Any]]:
        """Print and return the figures of a network, of the baselines and of real characters, as ``metrics.json`` has them."""
        bound, style = bits_per_dim(network, self.real)
        bits = {"bits_per_dim_bound": bound, "style_share_of_bits": style}
        read = evaluate(self.recognizer, Characters(self.real.images, self.real.labels))["accuracy"]
        real = {"read_as_meant": read, "classification_accuracy": self._classifiers("real", self._real_sample)}
        measured: list[dict[str, Any]] = [self._about("real characters") | real]
        report(name, measured[0])
        for source in (Source("drawn", bits, self._sampler(network)), *self._baselines()):
            entry: dict[str, Any] = self._about(source.name) | source.bits
            entry |= self._judged(source)
            entry["read_as_meant_of_real"] = entry["read_as_meant"] / read
            entry["classification_accuracy_of_real"] = entry["classification_accuracy"] / real["classification_accuracy"]
            if source.name == "drawn":
                entry |= {"temperature": network.temperature, "style_spread": network.style_spread} | self._carried_over(network)
            measured.append(entry)
            report(name, entry)
        drawn, categorical = measured[1], measured[2]
        drawn["bits_of_categorical"] = drawn["bits_per_dim_bound"] / categorical["bits_per_dim"]
        print(f"{name}: {drawn['bits_of_categorical']:.4f} of the bits of independent pixels")
        return measured

    def _about(self, what: str) -> dict[str, Any]:
        """What the record of some drawings says besides their figures."""
        return self.about | {"dataset": f"{self.about['dataset']}, {what}", "n": len(self.real.labels)}

    def _judged(self, source: Source) -> dict[str, float]:
        rng = np.random.default_rng(1)
        rows = self._rows(len(self.real.labels) // len(CLASSES), rng)
        drawn, labels = source.sample(rows, rng), self.training.labels[rows]
        right = network_logits(self.recognizer, drawn).argmax(1) == labels
        features = {"drawn": self._features(drawn), "real": self._features(self.real.images)}
        few = {
            key: values[np.random.default_rng(2).choice(len(values), min(COMPARED, len(values)), replace=False)]
            for key, values in features.items()
        }
        precision, recall = precision_recall(few["drawn"], few["real"])
        return {
            "read_as_meant": float(right.mean()),
            "diversity_of_real": diversity(features["drawn"], labels, features["real"], self.real.labels),
            "precision": precision,
            "recall": recall,
            "classification_accuracy": self._classifiers(source.name, source.sample),
        }

    def _features(self, images: np.ndarray) -> np.ndarray:
        """The reference network's last hidden state, float32 (N, 128)."""
        with torch.inference_mode():
            return torch.cat([self.reference.encode(part.float() / 255) for part in torch.from_numpy(images).split(512)]).numpy()

    def _rows(self, per_class: int, rng: np.random.Generator) -> np.ndarray:
        """Training pictures whose characters are to be drawn: as many of each class, cases as often as they are found."""
        return np.concatenate([rng.choice(np.flatnonzero(self.training.labels == label), per_class) for label in range(len(CLASSES))])

    def _sampler(self, network: PixelLSTM) -> Sampler:
        def sample(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
            characters = torch.from_numpy(self.training.characters[rows])
            with torch.inference_mode():
                parts = [network.sample(part, network.styles(len(part), generator), generator=generator) for part in characters.split(512)]
            return torch.cat(parts).numpy()

        return sample

    def _real_sample(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return self.training.images[rows]

    def _baselines(self) -> list[Source]:
        training, real = self.training, self.real
        categorical = Categorical(training.images, training.labels)
        torch.manual_seed(0)
        vae = ConditionalVAE()
        trainer = Trainer(
            vae,
            EvenBatches(training, 128, 0),
            lambda trained: (-trained.bits_per_dim(real.images, real.labels), {}),
            folder=self.runs / "vae",
            settings=Settings(steps=VAE_STEPS, evaluate_every=VAE_STEPS, learning_rate=1e-3),
            identity={"data": digest(training.images)},
        )
        vae.load_state_dict(trainer.run())
        vae.eval()
        return [
            Source(
                "independent pixels",
                {"bits_per_dim": categorical.bits_per_dim(real.images, real.labels)},
                lambda rows, rng: categorical.sample(training.labels[rows], rng),
            ),
            Source(
                "conditional VAE",
                {"bits_per_dim_bound": vae.bits_per_dim(real.images, real.labels)},
                lambda rows, rng: vae.sample(training.labels[rows], rng),
            ),
        ]

    def _classifiers(self, name: str, sample: Sampler) -> float:
        """Classification accuracy score (Ravuri and Vinyals 2019, arXiv:1905.10887): what the reference network, trained on samples, reads
        of real characters; the mean of several trainings, each on samples of its own."""
        accuracies = []
        for seed in range(SEEDS):
            rng = np.random.default_rng([3, seed])
            rows = self._rows(PER_CLASS, rng)
            images, labels = torch.from_numpy(sample(rows, rng)), torch.from_numpy(self.training.labels[rows])
            torch.manual_seed(seed)
            network = CharLSTM()

            def batches(step: int, images: torch.Tensor = images, labels: torch.Tensor = labels, seed: int = seed) -> CharBatch:
                chosen = torch.from_numpy(np.random.default_rng([4, seed, step]).integers(len(labels), size=CLASSIFIER_BATCH))
                return CharBatch(images[chosen].float() / 255, labels[chosen])

            def score(network: CharLSTM) -> tuple[float, dict[str, float]]:
                logits = torch.from_numpy(network_logits(network, self.real.images))
                accuracy = classification_metrics(logits.softmax(1).numpy(), self.real.labels, CLASSES)["accuracy"]
                return accuracy, {"accuracy": accuracy}

            trainer = Trainer(
                network,
                batches,
                score,
                folder=self.runs / f"{name.replace(' ', '-')}-{seed}",
                settings=Settings(steps=CLASSIFIER_STEPS, evaluate_every=CLASSIFIER_STEPS, learning_rate=4e-3, seed=seed),
                identity={"data": digest(images.numpy(), labels.numpy()), "real": digest(self.real.images)},
            )
            trainer.run()
            accuracies.append(trainer.best_score)
        return float(np.mean(accuracies))

    def _carried_over(self, network: PixelLSTM) -> dict[str, float]:
        """Correlation of slant and stroke width between different characters drawn with one style vector, and with shuffled ones."""
        generator = torch.Generator().manual_seed(5)
        chars = [CHARACTERS.index(char) for char in CHARACTERS]
        traits = np.empty((2, STYLES, len(chars)))
        for style in range(STYLES):
            vector = network.styles(1, generator).expand(len(chars), -1)
            with torch.inference_mode():
                images = network.sample(torch.tensor(chars), vector, generator=generator).numpy()
            traits[:, style] = slant(images), stroke_width(images)
        shuffled = np.random.default_rng(6).permuted(traits[0], axis=0)
        return {
            "slant_carried_over": carried_over(traits[0]),
            "stroke_width_carried_over": carried_over(traits[1]),
            "slant_carried_over_shuffled": carried_over(shuffled),
            "slant_carried_over_writers": self._writers(),
        }

    def _writers(self) -> float:
        """Correlation of slant between different characters of one writer, drawn as pictures that the network could have drawn."""
        chars = ink_data.load(self.ink, self.split, "char")
        leaning: dict[tuple[str, str], list[float]] = defaultdict(list)
        for text, strokes, reliable, writer in zip(chars.texts, chars.strokes, chars.case_reliable, chars.writers, strict=True):
            if reliable and text in CHARACTERS:
                leaning[writer, text].append(float(slant(character(fitted_picture(strokes))[None])[0]))
        writers = sorted({writer for writer, _ in leaning})
        means = [[np.mean(leaning[writer, char]) if (writer, char) in leaning else np.nan for char in CHARACTERS] for writer in writers]
        measured = np.array(means)
        return carried_over(measured[:, np.isfinite(measured).sum(0) > 1])

    def sheets(self, network: PixelLSTM) -> Figures:
        """Pictures: samples beside real characters, and samples beside the training pictures nearest to them."""
        rng = np.random.default_rng(7)
        rows = self._rows(12, rng)
        drawn = self._sampler(network)(rows, rng)
        shown = np.concatenate([rng.choice(np.flatnonzero(self.real.labels == label), 12) for label in range(len(CLASSES))])
        few = self._rows(1, rng)[::3]
        queries = self._sampler(network)(few, rng)
        alike = self.training.images[nearest(queries, self.training.images, 6)]
        together = np.concatenate([queries[:, None], alike], 1).reshape(-1, SIZE, SIZE)
        return [
            ("samples.png", "Samples, 12 of each class, none left out", picture_rows(drawn, 24, "drawn")),
            ("real.png", "Real characters, 12 of each class", picture_rows(self.real.images[shown], 24, "real")),
            (
                "neighbours.png",
                "Samples, each followed by the six training pictures nearest to it",
                picture_rows(together, 14, "a sample, then its nearest training pictures"),
            ),
        ]


def bits_per_dim(network: PixelLSTM, data: Pictures, batch_size: int = 256) -> tuple[float, float]:
    """Upper bound on the bits a pixel costs, at 16 levels, with one draw of the style a picture; and the style's share of it."""
    total, style = 0.0, 0.0
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(0)
        for start in range(0, len(data.images), batch_size):
            cost, _, _ = network.likelihood(send_to_device(batch_of(data, slice(start, start + batch_size)), network.traits.device))
            total += float(cost.pixels.sum() + cost.style.sum())
            style += float(cost.style.sum())
    return total / (data.images.size * math.log(2)), style / total
