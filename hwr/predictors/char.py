"""Read one handwritten character: image or strokes in, ranked classes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from hwr.charset import look_alikes_of
from hwr.errors import InputError
from hwr.ink.rendering import fitted_picture
from hwr.ink.strokes import parse_strokes
from hwr.models.arrays import CharNetwork
from hwr.models.loading import load_reader
from hwr.pictures.character import character

DEFAULT_WEIGHTS = "char-best"


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
    """

    def __init__(self, network: CharNetwork, source: str = "", device: str = "cpu") -> None:
        self.network = network.placed(device)
        self.source = source

    @classmethod
    def from_pretrained(cls, path_or_repo: str | None = None, *, revision: str | None = None, device: str = "cpu") -> CharRecognizer:
        """Load a recogniser.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``; None: the best weights that are shipped.
            revision: branch, tag or commit of the repository.
            device: such as ``"cpu"`` or ``"cuda"``.

        Raises:
            ModelError: the model can't be had, or isn't one of this package's.
        """
        network, source = load_reader(CharNetwork, path_or_repo, default=DEFAULT_WEIGHTS, revision=revision, device=device)
        return cls(network, source, device)

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
        """Read one character from pen strokes: lists of points ``[x, y]`` or ``[x, y, t]``, y downwards, in any unit.

        Raises:
            InputError: the strokes can't be used; the message says why.
        """
        return self.predict(fitted_picture(parse_strokes(strokes)), top_k)

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
        predictions = []
        for picture, probabilities in zip(seen, self.network.classify(np.stack(seen)), strict=True):
            best = np.argsort(-probabilities, kind="stable")[:top_k]
            predictions.append(CharPrediction(tuple((self.classes[k], float(probabilities[k])) for k in best), picture))
        return predictions

    @staticmethod
    def _check(top_k: int) -> None:
        if not isinstance(top_k, int) or isinstance(top_k, bool) or top_k < 1:
            raise InputError("top_k must be a whole number, 1 or more.")
