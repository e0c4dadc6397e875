"""Read one handwritten character: image or strokes in, ranked classes out.

Strokes are read by their looks and by their order: what looks alike is often drawn in different ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from hwr.charset import CLASSES, MERGED_LOWER, look_alikes_of
from hwr.errors import InputError
from hwr.ink.moves import features, logical_order, normalised
from hwr.ink.rendering import fitted_picture
from hwr.ink.strokes import Strokes, parse_strokes
from hwr.models.arrays import CharNetwork, InkNetwork
from hwr.models.loading import load_reader
from hwr.pictures.character import character
from hwr.system.later import Later
from hwr.text.ctc import lone_characters

DEFAULT_WEIGHTS = "char-best"
INK_WEIGHTS = "ink-best"
LOOKS, ORDER = 0.71, 0.49
"""Weights of the two log-probabilities of a class: ``benchmarks/drawn_characters.py`` fits them to the validation writers."""
IMPOSSIBLE = -30.0
"""Least log-probability of a class by the order of its strokes."""


@dataclass(frozen=True, eq=False)
class CharPrediction(Sequence[tuple[str, float]]):
    """The likeliest classes of one image, best first: a sequence of ``(char, probability)``.

    Attributes:
        candidates: ``(char, probability)``, probabilities in [0, 1], best first.
        seen: uint8 (28, 28), ink 255 on 0: the picture that the network saw; None where ``error`` is set.
        error: why there is no result, as a sentence for people; None where there is one. Only batch calls give such results.
    """

    candidates: tuple[tuple[str, float], ...] = ()
    seen: np.ndarray | None = None
    error: str | None = None

    @overload
    def __getitem__(self, index: int) -> tuple[str, float]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[str, float], ...]: ...
    def __getitem__(self, index):
        return self.candidates[index]

    def __len__(self) -> int:
        return len(self.candidates)

    @property
    def char(self) -> str:
        """The likeliest class; empty where ``error`` is set."""
        return self.candidates[0][0] if self.candidates else ""

    @property
    def confidence(self) -> float:
        """Probability of the likeliest class; 0 where ``error`` is set."""
        return self.candidates[0][1] if self.candidates else 0.0

    @property
    def look_alike(self) -> str | None:
        """The runner-up, if it is a known look-alike of the likeliest class (0/O, 1/I/L, 5/S ...)."""
        runner_up = self.candidates[1][0] if len(self.candidates) > 1 else ""
        return runner_up if runner_up in look_alikes_of(self.char) else None

    def export(self) -> dict[str, Any]:
        """JSON-able data: ``label``, ``confidences`` (a list of ``label`` and ``confidence``), and ``error`` if there is one."""
        result: dict[str, Any] = {
            "label": self.char,
            "confidences": [{"label": char, "confidence": probability} for char, probability in self.candidates],
        }
        return result | ({"error": self.error} if self.error else {})


class CharRecognizer:
    """Reads single characters with a :class:`~hwr.models.char_lstm.CharLSTM`. Thread-safe.

    Args:
        network: trained.
        source: where the weights came from, for people.
        device: where to run.
        ink: reads strokes in their order; None reads them by their looks alone.
    """

    def __init__(self, network: CharNetwork, source: str = "", device: str = "cpu", ink: InkNetwork | Later | None = None) -> None:
        self.network = network.placed(device)
        self.source = source
        self.ink = ink

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> CharRecognizer:
        """Load a recogniser; the shipped network that reads ink goes with it, once there are strokes.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``; None: the best weights that are shipped.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_reader(CharNetwork, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision, device=device)
        ink = Later(lambda: load_reader(InkNetwork, None, default=INK_WEIGHTS, device=device)[0])
        return cls(network, source, device, ink)

    @property
    def classes(self) -> str:
        """One character per class, in label order."""
        return self.network.classes

    def predict(self, image: Any, top_k: int = 5) -> CharPrediction:
        """Read one character.

        Args:
            image: a path, bytes, PIL image or array of any size and mode, dark on light or light on dark; see
                :func:`hwr.pictures.character.character`.
            top_k: how many classes to return, at least 1.

        Returns:
            The likeliest classes, best first.

        Raises:
            InputError: the image can't be used; the message says why.
        """
        self._check(top_k)
        return self._predict([character(image)], top_k)[0]

    def predict_strokes(self, strokes: Any, top_k: int = 5) -> CharPrediction:
        """Read one character from pen strokes, by their looks and their order.

        Args:
            strokes: in the order in which they were drawn, lists of points ``[x, y]`` or ``[x, y, t]``, y downwards, in any unit.
            top_k: as of :meth:`predict`.

        Raises:
            InputError: the strokes can't be used; the message says why.
        """
        self._check(top_k)
        parsed = parse_strokes(strokes)
        seen = character(fitted_picture(parsed))
        probabilities = self.network.classify(seen[None])[0]
        if (order := self.by_order(parsed)) is not None:
            probabilities = combined(probabilities, order)
        return self._ranked(seen, probabilities, top_k)

    def by_order(self, strokes: Strokes) -> np.ndarray | None:
        """Log-probabilities of the classes, float64 (classes,), by the strokes in their order, float arrays (N, 2), y downwards.

        None where there is no network that reads ink, or it lacks one of the classes.
        """
        if self.ink is None:
            return None
        chars = [char + char.lower() if self.classes == CLASSES and char.lower() in MERGED_LOWER else char for char in self.classes]
        labels = [[self.ink.charset.find(char) for char in dict.fromkeys(same)] for same in chars]
        if any(-1 in same for same in labels):
            return None
        (log_probs,) = self.ink.emissions([features(logical_order(normalised(strokes)))])
        lone = lone_characters(log_probs)
        by_class = np.array([np.logaddexp.reduce(lone[same]) for same in labels])
        return by_class - np.logaddexp.reduce(by_class)

    def predict_batch(self, images: Iterable[Any], top_k: int = 5) -> list[CharPrediction]:
        """Read many characters: as :meth:`predict`, in order.

        An image that can't be used gives an empty result that carries ``error``; the others are not affected.
        """
        self._check(top_k)
        results: list[CharPrediction] = []
        seen = []
        for image in images:
            try:
                seen.append(character(image))
                results.append(CharPrediction())  # filled in below
            except InputError as error:
                results.append(CharPrediction(error=str(error)))
        read = iter(self._predict(seen, top_k))
        return [result if result.error else next(read) for result in results]

    def trace(self, image: Any) -> np.ndarray:
        """What the network makes of the image row by row.

        Args:
            image: as of :meth:`predict`; or what :meth:`predict` has returned for it, which saves preparing it again.

        Returns:
            Float32 (28, classes): probabilities after rows 0 to t of the picture that the network sees; the last row is the final answer.

        Raises:
            InputError: the image can't be used.
        """
        seen = image.seen if isinstance(image, CharPrediction) else character(image)
        if seen is None:
            raise InputError(image.error or "There is no picture to trace.")
        return self.network.trace(seen)

    def _predict(self, seen: list[np.ndarray], top_k: int) -> list[CharPrediction]:
        if not seen:
            return []
        read = self.network.classify(np.stack(seen))
        return [self._ranked(picture, probabilities, top_k) for picture, probabilities in zip(seen, read, strict=True)]

    def _ranked(self, seen: np.ndarray, probabilities: np.ndarray, top_k: int) -> CharPrediction:
        best = np.argsort(-probabilities, kind="stable")[:top_k]
        return CharPrediction(tuple((self.classes[k], float(probabilities[k])) for k in best), seen)

    @staticmethod
    def _check(top_k: int) -> None:
        if not isinstance(top_k, int) or isinstance(top_k, bool) or top_k < 1:
            raise InputError("top_k must be a whole number, 1 or more.")


def combined(looks: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Probabilities, float64 (..., classes), by probabilities of the looks and log-probabilities of the order of strokes."""
    scores = LOOKS * np.log(np.maximum(looks, np.finfo(np.float32).tiny, dtype=np.float64)) + ORDER * np.maximum(order, IMPOSSIBLE)
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
