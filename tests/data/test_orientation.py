"""How images lie."""

import os

import cv2
import numpy as np
import pytest
from emnist_files import TRAIN, Split, as_is, inverted, transposed

from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.data.orientation import detect
from hwr.errors import InputError

POSITIONS = {
    "rotated by 90 degrees to the left": lambda images: np.rot90(images, 1, axes=(1, 2)),
    "upside down": lambda images: np.rot90(images, 2, axes=(1, 2)),
    "rotated by 90 degrees to the right": lambda images: np.rot90(images, 3, axes=(1, 2)),
    "mirrored, left for right": lambda images: images[:, :, ::-1],
    "mirrored, top for bottom": lambda images: images[:, ::-1],
    "transposed along the other diagonal": lambda images: np.rot90(transposed(images), 2, axes=(1, 2)),
}


def check_orientation(images: np.ndarray, labels: np.ndarray) -> None:
    """Upright images are known as such, transposed and inverted ones turned, all others refused."""
    for lie in (as_is, transposed, inverted, lambda images: 255 - transposed(images)):
        orientation = detect(lie(images), labels, "these")
        assert np.array_equal(orientation.turned(lie(images)), images)
        assert orientation.needs_turning == (lie is not as_is)
        assert orientation.lead > 0.2
    for position, lie in POSITIONS.items():
        with pytest.raises(InputError, match=f"these does not look like EMNIST: its images are {position}"):
            detect(lie(images), labels, "these")


def unlike_emnist(images: np.ndarray, labels: np.ndarray) -> dict[str, Split]:
    draw = np.random.default_rng(0)
    blobs = np.stack([cv2.GaussianBlur(draw.random((28, 28)), (0, 0), 3) for _ in CLASSES])
    blobs = (255 * (blobs - blobs.min()) / np.ptp(blobs)).astype(np.uint8)
    return {
        "shuffled labels": (images, draw.permutation(labels)),
        "renamed classes": (images, draw.permutation(len(CLASSES))[labels]),
        "labels off by one": (images, (labels + 1) % len(CLASSES)),
        "permuted pixels": (images.reshape(-1, 784)[:, draw.permutation(784)].reshape(-1, 28, 28), labels),
        "noise": (draw.integers(0, 256, images.shape, dtype=np.uint8), labels),
        "other pictures": (blobs[labels], labels),
    }


def test_orientation() -> None:
    check_orientation(*TRAIN)
    for name, split in unlike_emnist(*TRAIN).items():
        with pytest.raises(InputError, match=r"does not look like EMNIST: in no position do its images show what their labels say"):
            pytest.fail(f"{name}: {detect(*split, 'these')}")
    with pytest.raises(InputError, match="only 1 of 255 levels apart"):
        detect(TRAIN[0] // 255, TRAIN[1], "these")
    with pytest.raises(InputError, match="of only 10 of EMNIST Balanced's 47 classes"):
        detect(TRAIN[0][TRAIN[1] < 10], TRAIN[1][TRAIN[1] < 10], "these")


@pytest.mark.skipif("HWR_DATASETS" not in os.environ, reason="HWR_DATASETS names no real data")
def test_orientation_of_real_images() -> None:
    data = emnist.load(os.path.join(os.environ["HWR_DATASETS"], "emnist-47"), "test")
    assert data.images.shape == (18800, 28, 28)
    check_orientation(data.images, data.labels)
    for seed in range(20):
        draw = np.random.default_rng(seed)
        few = np.concatenate([draw.permutation(np.flatnonzero(data.labels == label))[:12] for label in range(len(CLASSES))])
        check_orientation(data.images[few], data.labels[few])
        for name, split in unlike_emnist(data.images[few], data.labels[few]).items():
            with pytest.raises(InputError, match="does not look like EMNIST: in no position"):
                pytest.fail(f"{name}: {detect(*split, 'these')}")
