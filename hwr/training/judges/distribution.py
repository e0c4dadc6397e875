"""How drawn characters compare with real ones: diversity, precision and recall, what a style vector carries over."""

import numpy as np
from scipy.spatial.distance import cdist


def diversity(drawn: np.ndarray, drawn_labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> float:
    """Variance within a class, of drawn characters over that of real ones; 1 is as it should be.

    Args:
        drawn: features (N, D), such as a recogniser's last hidden state.
        drawn_labels: int (N,).
        real: features (M, D).
        real_labels: int (M,).

    Returns:
        Total variance about the class means, averaged over the classes that both have, drawn over real.
    """

    def spread(features: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> float:
        return float(np.mean([features[labels == label].var(0, ddof=1).sum() for label in classes]))

    classes = np.intersect1d(drawn_labels, real_labels)
    return spread(drawn, drawn_labels, classes) / spread(real, real_labels, classes)


def precision_recall(drawn: np.ndarray, real: np.ndarray, neighbours: int = 3) -> tuple[float, float]:
    """Improved precision and recall of a sample distribution (Kynkäänniemi et al. 2019, arXiv:1904.06991).

    Args:
        drawn: features (N, D).
        real: features (M, D).
        neighbours: how far the ball round a sample reaches: to its so-manieth nearest neighbour.

    Returns:
        The share of drawn samples that lie among real ones, and the share of real samples that lie among drawn ones.
    """

    def covered(queries: np.ndarray, samples: np.ndarray) -> float:
        radii = np.partition(cdist(samples, samples), neighbours, axis=1)[:, neighbours]  # the nearest is the sample itself
        return float((cdist(queries, samples) <= radii).any(1).mean())

    return covered(drawn, real), covered(real, drawn)


def carried_over(measured: np.ndarray) -> float:
    """Whether what is measured of one character tells of the others in the same style.

    Args:
        measured: float (styles, characters): a trait, such as slant, of each character drawn in each style; NaN where there is none.

    Returns:
        Correlation of two different characters of one style, over all such pairs; each character is compared with its own mean.
    """
    standard = (measured - np.nanmean(measured, 0)) / np.nanstd(measured, 0)
    counts = np.isfinite(standard).sum(1)
    standard = np.nan_to_num(standard)
    pairs = standard.sum(1) ** 2 - (standard**2).sum(1)
    return float(pairs.sum() / (counts * (counts - 1)).sum())


def nearest(queries: np.ndarray, images: np.ndarray, count: int) -> np.ndarray:
    """Indices (Q, count) of the images (N, 28, 28) that are nearest to each query (Q, 28, 28) by Euclidean distance of pixels."""
    distances = cdist(queries.reshape(len(queries), -1).astype(np.float32), images.reshape(len(images), -1).astype(np.float32))
    return np.argsort(distances, axis=1, kind="stable")[:, :count]
