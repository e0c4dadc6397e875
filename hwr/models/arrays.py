"""The networks that read, as those see them who use them: arrays in, arrays out, whether PyTorch or ONNX Runtime computes.

Nothing here needs PyTorch. The networks themselves are subclasses, and so is what :mod:`hwr.models.onnx` makes of their exported files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from hwr.ink.moves import FEATURES, MOVES_VERSION
from hwr.pictures.character import PREPROCESSING_VERSION, SIZE
from hwr.pictures.line import LINE_HEIGHT, LINE_PREPROCESSING_VERSION

MAX_CHARACTERS, MAX_LINES, MAX_INKS = 128, 16, 64
"""Samples that go through a network at once."""
STRIDE = 4
"""Columns of pixels of a line to a time step."""
CELL = (4, 8)
"""Rows and columns of pixels of a page to a cell."""
KINDS = ("core", "writing", "print", "rule")
"""What a cell may be, in the order of the channels; ``core``: small letters, and the gaps between a line's words."""
USUAL = 10.0
"""Pixels to the core height of a usual page at the size at which it is read; heights are told against it."""


class ArrayNetwork:
    """A network that reads."""

    TORCH: ClassVar[str]
    """Module and name of the class that PyTorch runs."""
    INPUT_VERSION: ClassVar[int] = 1
    """Version of what prepares its input."""
    SETTINGS: ClassVar[tuple[str, ...]] = ()
    """Attributes that whoever uses the network has to know."""
    INPUTS: ClassVar[dict[str, dict[int, str]]]
    """Names of the inputs, and of their dimensions that vary."""
    OUTPUTS: ClassVar[dict[str, dict[int, str]]]

    def run(self, *inputs: np.ndarray) -> Sequence[np.ndarray]:
        """The one place where the network is called: the arrays named by ``INPUTS`` to those named by ``OUTPUTS``, all float32."""
        raise NotImplementedError

    def placed(self, device: str) -> Self:
        """The same network, to be used for reading only, on a device such as ``"cpu"`` or ``"cuda"``."""
        raise NotImplementedError

    @classmethod
    def examples(cls) -> Iterator[tuple[np.ndarray, ...]]:
        """Inputs of various sizes, the same whenever they are asked for."""
        raise NotImplementedError


class CharNetwork(ArrayNetwork):
    """Reads characters."""

    TORCH = "hwr.models.char_lstm:CharLSTM"
    INPUT_VERSION = PREPROCESSING_VERSION
    SETTINGS = ("classes",)
    INPUTS: ClassVar = {"images": {0: "batch"}}  # uint8 (B, 28, 28), ink 255 on 0
    OUTPUTS: ClassVar = {"probabilities": {0: "batch"}}  # (B, classes), calibrated

    classes: str

    def classify(self, images: np.ndarray) -> np.ndarray:
        """Calibrated class probabilities, float32 (B, classes), for uint8 images (B, 28, 28), ink 255 on 0."""
        parts = [self.run(images[start : start + MAX_CHARACTERS])[0] for start in range(0, len(images), MAX_CHARACTERS)]
        return np.concatenate([np.zeros((0, len(self.classes)), np.float32), *parts])

    def trace(self, image: np.ndarray) -> np.ndarray:
        """What the network makes of an image after each row: what it would say if the writing ended there.

        Args:
            image: uint8 (28, 28).

        Returns:
            Float32 (28, classes), calibrated probabilities after rows 0 to t; the last row equals :meth:`classify`.
        """
        seen = np.tril(np.ones((SIZE, SIZE), np.uint8))  # seen[t, row] = 1 for row <= t
        news = np.atleast_1d(image.any(1))
        news[0] = True  # after a row without ink it says what it said before
        return self.classify(image[None] * seen[news, :, None])[np.cumsum(news) - 1]

    @classmethod
    def examples(cls) -> Iterator[tuple[np.ndarray, ...]]:
        draw = np.random.default_rng(0)
        for count in (3, 1):
            yield (draw.integers(0, 256, (count, SIZE, SIZE), dtype=np.uint8),)


class LineNetwork(ArrayNetwork):
    """Reads lines of writing."""

    TORCH = "hwr.models.line_ctc:LineCTC"
    INPUT_VERSION = LINE_PREPROCESSING_VERSION
    SETTINGS = ("charset", "calibration")
    INPUTS: ClassVar = {"images": {0: "batch", 2: "columns"}, "widths": {0: "batch"}}  # of padded_pictures
    OUTPUTS: ClassVar = {"log_probabilities": {0: "batch", 1: "steps"}}  # (B, T, 1 + len(charset))

    charset: str
    calibration: list[float]

    def emissions(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Log-probabilities, float32 (T, 1 + len(charset)), for each picture, uint8 (40, W), ink 255 on 0."""
        found = [np.empty((0, 0), np.float32)] * len(pictures)
        for part in _alike([picture.shape[1] for picture in pictures], MAX_LINES):
            images, widths = padded_pictures([pictures[index] for index in part])
            (log_probs,) = self.run(images, widths)
            for row, index, width in zip(log_probs, part, widths.tolist(), strict=True):
                found[index] = row[: -(-width // STRIDE)]
        return found

    @classmethod
    def examples(cls) -> Iterator[tuple[np.ndarray, ...]]:
        draw = np.random.default_rng(0)
        for widths in ((84, 40, 61), (120,)):
            yield padded_pictures([draw.integers(0, 256, (LINE_HEIGHT, width), dtype=np.uint8) for width in widths])


class InkNetwork(ArrayNetwork):
    """Reads pen moves."""

    TORCH = "hwr.models.ink_ctc:InkCTC"
    INPUT_VERSION = MOVES_VERSION
    SETTINGS = ("charset", "calibration")
    INPUTS: ClassVar = {"moves": {0: "batch", 1: "steps"}, "counts": {0: "batch"}}  # of padded_samples
    OUTPUTS: ClassVar = {"log_probabilities": {0: "batch", 1: "steps"}}  # (B, T, 1 + len(charset))

    charset: str
    calibration: list[float]

    def emissions(self, samples: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Log-probabilities, float32 (T, 1 + len(charset)), for the moves, float32 (T, 8), of each sample."""
        found = [np.empty((0, 0), np.float32)] * len(samples)
        for part in _alike([len(sample) for sample in samples], MAX_INKS):
            moves, counts = padded_samples([samples[index] for index in part])
            (log_probs,) = self.run(moves, counts)
            for row, index, count in zip(log_probs, part, counts.tolist(), strict=True):
                found[index] = row[:count]
        return found

    @classmethod
    def examples(cls) -> Iterator[tuple[np.ndarray, ...]]:
        draw = np.random.default_rng(0)
        for lengths in ((50, 20, 33), (7,)):
            yield padded_samples([draw.normal(size=(length, FEATURES)).astype(np.float32) for length in lengths])


class FoundCells(NamedTuple):
    """What there is on a page."""

    kinds: np.ndarray  # float32 (4, rows, columns): probabilities of KINDS
    baseline: np.ndarray  # float32 (rows, columns): pixels from the cell's middle down to the baseline
    core: np.ndarray  # float32 (rows, columns): core height in pixels
    turned: np.ndarray  # float32 (4,): probabilities of quarter turns counterclockwise


class PageNetwork(ArrayNetwork):
    """Finds the writing on a page."""

    TORCH = "hwr.models.page_lstm:PageLSTM"
    INPUTS: ClassVar = {"page": {0: "height", 1: "width"}}  # uint8 (H, W), grey
    OUTPUTS: ClassVar = {"kinds": {1: "rows", 2: "columns"}, "baseline": {0: "rows", 1: "columns"}, "core": {0: "rows", 1: "columns"}} | {
        "turned": {}
    }  # of FoundCells

    def cells(self, image: np.ndarray) -> FoundCells:
        """What there is on a page, uint8 (H, W), grey, of any size: ``2 * ceil(H / 8)`` rows and ``ceil(W / 8)`` columns."""
        return FoundCells(*self.run(image))

    @classmethod
    def examples(cls) -> Iterator[tuple[np.ndarray, ...]]:
        draw = np.random.default_rng(0)
        for shape in ((67, 90), (40, 161)):
            yield (draw.integers(0, 256, shape, dtype=np.uint8),)


READERS: tuple[type[ArrayNetwork], ...] = (CharNetwork, LineNetwork, InkNetwork, PageNetwork)


def padded_pictures(pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Pictures, uint8 (40, W), as one array (B, 40, W of the widest, a multiple of 4), and their widths, int64 (B,)."""
    widths = np.array([picture.shape[1] for picture in pictures], np.int64)
    images = np.zeros((len(pictures), LINE_HEIGHT, -(-int(widths.max()) // STRIDE) * STRIDE), np.uint8)
    for row, picture in zip(images, pictures, strict=True):
        row[:, : picture.shape[1]] = picture
    return images, widths


def padded_samples(samples: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Arrays (T, F) as one, float32 (B, T of the longest, F), and their lengths, int64 (B,)."""
    counts = np.array([len(sample) for sample in samples], np.int64)
    together = np.zeros((len(samples), int(counts.max()), samples[0].shape[1]), np.float32)
    for row, sample in zip(together, samples, strict=True):
        row[: len(sample)] = sample
    return together, counts


def settings_of(network: ArrayNetwork) -> dict[str, Any]:
    """What whoever uses a network has to know of it; JSON-able."""
    return {name: getattr(network, name) for name in network.SETTINGS}


def _alike(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Indices of samples, in groups of at most that size and of like length."""
    order = np.argsort(lengths, kind="stable").tolist()
    for start in range(0, len(order), size):
        yield order[start : start + size]
