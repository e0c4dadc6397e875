"""How well the lines of pages are found, and what that costs their reading: true lines against those that were found.

What is counted on one page (:func:`page_counts`) adds up over pages; :func:`page_metrics` makes shares of the sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from hwr.evaluation.metrics import text_edits

if TYPE_CHECKING:
    import shapely

HALF = 0.5
WHOLE_WORD = 0.8
"""A word is lost where less than this share of its area lies within the lines that were found."""
_PIECE = 0.1  # of a true line's area: less than this is no piece of it
_TOLERANCE = 0.25  # of the distance between lines


@dataclass(frozen=True, eq=False)
class MarkedLine:
    """A line on a page, as it is or as it was found; points are float (N, 2), x and y in pixels of the picture.

    Attributes:
        polygon: around its ink.
        baseline: polyline along the writing; empty where it isn't known.
        text: what it says, or what was read.
        words: of a true line: the polygons around its words.
        counted: False of a true line that may be found or not, such as one that is crossed out.
    """

    polygon: np.ndarray
    baseline: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    text: str = ""
    words: tuple[np.ndarray, ...] = ()
    counted: bool = True


@dataclass(frozen=True)
class PageCounts:
    """What is counted on a page, or in sum on several.

    Attributes:
        true, found: lines.
        matched, matched_75: pairs of a true and a found line whose polygons' intersection over union is at least 0.5, 0.75; no line is in
            two pairs, and there are as many as can be.
        joined: true lines of which at least half lies in a found line that holds at least half of another true line too.
        split: true lines, not joined, of which two or more found lines are pieces: at least half of the piece, and a tenth of the line.
        missed: true lines of which less than half lies in the found lines together.
        superfluous: found lines of which less than half lies in the true lines together.
        baselines, baselines_found: true and found lines that have a baseline, which is more than a point.
        covered: sum over the true baselines of the share that lies close to any found one.
        aligned: sum over pairs of a true and a found baseline, no baseline in two pairs, of the share of the found one that lies close to
            the true one; the pairs that give the greatest sum.
        words, words_lost: true words, and those of which less than 80 % of the area lies in the found lines together.
        pairs, pairs_in_order: pairs of matched true lines of a page, and those that were found in the true order.
        characters: of the page's true text, its lines joined by spaces.
        edits: Levenshtein, from that text to the found lines' as it was read from first to last.
        characters_of_lines: of the true lines' texts.
        edits_of_lines: Levenshtein in any order of lines: from each true line to the found lines that it holds most of, and all of the
            found lines that no true line holds any of. A line that is missed is deleted.
    """

    true: int = 0
    found: int = 0
    matched: int = 0
    matched_75: int = 0
    joined: int = 0
    split: int = 0
    missed: int = 0
    superfluous: int = 0
    baselines: int = 0
    baselines_found: int = 0
    covered: float = 0.0
    aligned: float = 0.0
    words: int = 0
    words_lost: int = 0
    pairs: int = 0
    pairs_in_order: int = 0
    characters: int = 0
    edits: int = 0
    characters_of_lines: int = 0
    edits_of_lines: int = 0

    def __add__(self, other: "PageCounts") -> "PageCounts":
        return PageCounts(**{part.name: getattr(self, part.name) + getattr(other, part.name) for part in fields(self)})


def page_counts(truth: Sequence[MarkedLine], found: Sequence[MarkedLine]) -> PageCounts:
    """Compare what was found on a page with what is there.

    Args:
        truth: the true lines, in reading order.
        found: the found lines, in the order in which they were read.
    """
    regions = [[_region(line.polygon) for line in lines] for lines in (truth, found)]
    shared, own, others = _areas(*regions)
    if not all(line.counted for line in truth):
        counted = np.array([line.counted for line in truth])
        of_no_account = _ratio(shared[~counted], others).max(0, initial=0.0) >= HALF
        truth = [line for line in truth if line.counted]
        found = [line for line, left_out in zip(found, of_no_account, strict=True) if not left_out]
        return page_counts(truth, found)
    overlap = _ratio(shared, own[:, None] + others[None, :] - shared)
    pairs = _pairs(np.where(overlap >= HALF, overlap + len(truth), 0.0))
    strict = _pairs(np.where(overlap >= 0.75, overlap + len(truth), 0.0))
    words, lost = _words(truth, regions[1])
    order = [later > earlier for k, (_, earlier) in enumerate(pairs) for _, later in pairs[k + 1 :]]
    return PageCounts(
        true=len(truth),
        found=len(found),
        matched=len(pairs),
        matched_75=len(strict),
        words=words,
        words_lost=lost,
        pairs=len(order),
        pairs_in_order=sum(order),
        **_mistakes(*regions, shared, own, others),
        **_baselines(truth, found),
        **_readings(truth, found, shared),
    )


def page_metrics(counts: PageCounts) -> dict[str, Any]:
    """Shares of what was counted.

    Returns:
        JSON-able; None where there is nothing to take a share of. ``lines`` (the number of true ones), ``precision``, ``recall`` and
        ``f1`` at an intersection over union of 0.5, ``f1_75`` at 0.75; ``joined``, ``split`` and ``missed`` over the true lines,
        ``superfluous`` over the found ones; ``baseline_precision``, ``baseline_recall`` and ``baseline_f1`` as of Grüning et al. 2017
        (arXiv:1705.03311), simplified as :func:`baseline_tolerances` and :class:`PageCounts` say; ``words_lost``; ``order``, the share of
        pairs of lines that stand in order (Kendall's tau is twice that less one); ``cer`` of pages and ``cer_any_order`` of their lines.
    """
    c = counts
    recall, precision = _share(c.covered, c.baselines), _share(c.aligned, c.baselines_found)
    harmonic = None
    if recall is not None and precision is not None:
        harmonic = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return {
        "lines": c.true,
        "precision": _share(c.matched, c.found),
        "recall": _share(c.matched, c.true),
        "f1": _share(2 * c.matched, c.true + c.found),
        "f1_75": _share(2 * c.matched_75, c.true + c.found),
        "joined": _share(c.joined, c.true),
        "split": _share(c.split, c.true),
        "missed": _share(c.missed, c.true),
        "superfluous": _share(c.superfluous, c.found),
        "baseline_precision": precision,
        "baseline_recall": recall,
        "baseline_f1": harmonic,
        "words_lost": _share(c.words_lost, c.words),
        "order": _share(c.pairs_in_order, c.pairs),
        "cer": _share(c.edits, c.characters),
        "cer_any_order": _share(c.edits_of_lines, c.characters_of_lines),
    }


def text_distance(text: str, read: str) -> int:
    """Levenshtein's, from what was written, which may be nothing, to what was read."""
    text, read = (" ".join(part.split()) for part in (text, read))
    return sum(text_edits([text], [read]).values()) if text else len(read)


def baseline_tolerances(truth: Sequence[MarkedLine]) -> np.ndarray:
    """How far a found baseline may lie from each true one, float (lines,) pixels: a quarter of the distance to the next line.

    That is the least, over the other true lines beside which this one runs for at least a fifth of the shorter one, of the median distance
    of this one's points from it; where a line has none, the page's median; where no line has, the height of the line's polygon.
    """
    import shapely

    lines = [shapely.LineString(line.baseline) for line in truth]
    spacing = np.full(len(truth), np.nan)
    for k, line in enumerate(truth):
        steps = sampled(line.baseline)
        along = (line.baseline[-1] - line.baseline[0]) / max(float(np.linalg.norm(line.baseline[-1] - line.baseline[0])), 1e-9)
        start, end = np.sort([line.baseline[0] @ along, line.baseline[-1] @ along])
        for j, other in enumerate(truth):
            there = np.sort([other.baseline[0] @ along, other.baseline[-1] @ along])
            beside = min(end, there[1]) - max(start, there[0])
            if j != k and beside >= 0.2 * min(end - start, there[1] - there[0]):
                within = steps[(steps @ along >= there[0]) & (steps @ along <= there[1])]
                if len(within):
                    spacing[k] = np.nanmin([spacing[k], np.median(shapely.distance(shapely.points(within), lines[j]))])
    if np.isnan(spacing).all():
        heights = [_region(line.polygon).area / max(shapely.length(own), 1.0) for line, own in zip(truth, lines, strict=True)]
        return _TOLERANCE * np.array(heights)
    return _TOLERANCE * np.where(np.isnan(spacing), np.nanmedian(spacing), spacing)


def sampled(line: np.ndarray, step: float = 3.0) -> np.ndarray:
    """Points (N, 2) along a polyline, about ``step`` pixels from each other, both ends among them."""
    lengths = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    at = np.linspace(0.0, lengths[-1], max(2, round(lengths[-1] / step) + 1))
    return np.stack([np.interp(at, lengths, line[:, axis]) for axis in (0, 1)], axis=1)


def _region(polygon: np.ndarray) -> "shapely.Geometry":
    import shapely

    if len(polygon) < 3:
        return shapely.Polygon()
    # Areas alone: of an outline that crosses itself lines may be left, and GEOS intersects no mixtures.
    return shapely.make_valid(shapely.Polygon(polygon), method="structure", keep_collapsed=False)


def _areas(truth: list["shapely.Geometry"], found: list["shapely.Geometry"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Areas: shared by each true and each found region (T, F), of the true ones (T,), of the found ones (F,)."""
    import shapely

    first, second = np.array(truth, object), np.array(found, object)
    shared = shapely.area(shapely.intersection(first[:, None], second[None, :])).reshape(len(truth), len(found))
    return shared, shapely.area(first).reshape(-1), shapely.area(second).reshape(-1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=np.broadcast_to(whole > 0, part.shape))


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _pairs(gain: np.ndarray) -> list[tuple[int, int]]:
    """The one-to-one pairs of rows and columns with the greatest sum of gains, by row; none that gains nothing."""
    from scipy.optimize import linear_sum_assignment

    return [(int(row), int(column)) for row, column in zip(*linear_sum_assignment(-gain), strict=True) if gain[row, column] > 0]


def _mistakes(
    truth: list["shapely.Geometry"], found: list["shapely.Geometry"], shared: np.ndarray, own: np.ndarray, others: np.ndarray
) -> dict[str, int]:
    import shapely

    of_truth, of_found = _ratio(shared, own[:, None]), _ratio(shared, others[None, :])
    holds = of_truth >= HALF - 1e-9  # the same for a page that is scaled or turned, whatever the rounding
    joined = (holds & (holds.sum(0) >= 2)).any(1)
    pieces = ((of_found >= HALF) & (of_truth >= _PIECE)).sum(1)
    covered, covering = (
        shapely.area(shapely.intersection(np.array(regions, object), whole)).reshape(-1)
        for regions, whole in ((truth, shapely.union_all(found)), (found, shapely.union_all(truth)))
    )
    return {
        "joined": int(joined.sum()),
        "split": int(((pieces >= 2) & ~joined).sum()),
        "missed": int((_ratio(covered, own) < HALF).sum()),
        "superfluous": int((_ratio(covering, others) < HALF).sum()),
    }


def _words(truth: Sequence[MarkedLine], found: list["shapely.Geometry"]) -> tuple[int, int]:
    import shapely

    words = np.array([_region(polygon) for line in truth for polygon in line.words], object)
    if not len(words):
        return 0, 0
    inside = shapely.area(shapely.intersection(words, shapely.union_all(found)))
    return len(words), int((_ratio(inside, shapely.area(words)) < WHOLE_WORD).sum())


def _baselines(truth: Sequence[MarkedLine], found: Sequence[MarkedLine]) -> dict[str, Any]:
    """Of baselines, as of Grüning et al. 2017, section 4: points within the tolerance count whole, beyond three times of it not at all."""
    import shapely

    truth, found = ([line for line in side if len(line.baseline) and np.ptp(line.baseline, axis=0).any()] for side in (truth, found))
    counts = {"baselines": len(truth), "baselines_found": len(found)}
    if not truth or not found:
        return counts
    tolerances = baseline_tolerances(truth)
    lines = [[shapely.LineString(line.baseline) for line in side] for side in (truth, found)]

    def close(points: np.ndarray, other: "shapely.Geometry", tolerance: float) -> float:
        away = shapely.distance(shapely.points(points), other) / max(tolerance, 1e-9)
        return float(np.clip((3 - away) / 2, 0, 1).mean())

    everything = shapely.union_all(lines[1])
    covered = sum(close(sampled(line.baseline), everything, tolerance) for line, tolerance in zip(truth, tolerances, strict=True))
    steps = [sampled(line.baseline) for line in found]
    gain = np.array([[close(points, line, tolerance) for points in steps] for line, tolerance in zip(lines[0], tolerances, strict=True)])
    return counts | {"covered": covered, "aligned": float(sum(gain[pair] for pair in _pairs(gain)))}


def _readings(truth: Sequence[MarkedLine], found: Sequence[MarkedLine], shared: np.ndarray) -> dict[str, int]:
    texts = [" ".join(line.text.split()) for line in truth]
    holder = shared.argmax(0) if len(truth) else np.zeros(len(found), int)
    held = shared.max(0, initial=0.0) > 0
    parts = [[line.text for line, by, any_ in zip(found, holder, held, strict=True) if any_ and by == k] for k in range(len(truth))]
    strays = [line.text for line, any_ in zip(found, held, strict=True) if not any_]
    return {
        "characters": len(" ".join(texts)),
        "edits": text_distance(" ".join(texts), " ".join(line.text for line in found)),
        "characters_of_lines": sum(map(len, texts)),
        "edits_of_lines": sum(text_distance(text, " ".join(part)) for text, part in zip(texts, parts, strict=True))
        + sum(text_distance("", text) for text in strays),
    }
