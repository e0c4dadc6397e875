"""Does what ``hwr dataset unipen`` makes of UNIPEN's files agree with a data set that was made of the whole archive?

``python benchmarks/unipen_agreement.py ARCHIVE DATASET``: the archive may hold some of the files only. A writer's core height is
measured on all of their words, of which such an archive has a part: so the scale of each hand is taken from the data set, and
everything else compared, text, split, flags and strokes, point by point.
"""

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from hwr.data import unipen_archive as archive
from hwr.data.unipen_conversion import (
    CATEGORIES,
    SPLITS,
    TOLERANCE,
    UNRELIABLE_CASE,
    Sample,
    core_height,
    samples,
    scaled,
    split_of,
    unpacked,
)

HELD = 0.03
"""Ends of strokes that lie closer than this, in sizes of the sample, are those of the same ink."""
ROUNDING = 1.01
"""Hundredths of a core height."""

Strokes = Sequence[np.ndarray]


def held_samples(dataset: Path) -> dict[tuple[str, str, str, str], list[tuple[str, bool, list[np.ndarray]]]]:
    """What the data set has: by contributor, kind, writer and text, the split, whether case is reliable, and the strokes."""
    found = defaultdict(list)
    for split in SPLITS:
        for row in pq.read_table(dataset / f"{split}.parquet").to_pylist():
            points = np.stack([row["x"], row["y"]], 1)
            strokes = [part for part in np.split(points, np.flatnonzero(row["pen_up"]) + 1) if len(part)]
            found[row["contributor"], row["kind"], row["writer"], row["text"]].append((split, row["case_reliable"], strokes))
    return found


def shape(strokes: Strokes) -> np.ndarray:
    """First and last points of the strokes, as shares of the sample's size, from its corner."""
    points = np.concatenate(strokes).astype(float)
    size = max(float(np.ptp(points, axis=0).max()), 1e-9)
    return np.array([(end - points.min(0)) / size for stroke in strokes for end in (stroke[0], stroke[-1])])


def same(one: Strokes, other: Strokes) -> tuple[bool, bool]:
    """Whether two samples have the same points up to rounding; and the same courses up to that and what the simplification leaves out.

    Where several points lie equally far off, another one of them may be kept.
    """
    points = all(len(a) == len(b) and np.abs(a - b).max() <= ROUNDING for a, b in zip(one, other, strict=True))
    courses = all(max(farthest(a, b), farthest(b, a)) <= 100 * TOLERANCE + ROUNDING for a, b in zip(one, other, strict=True))
    return points, courses


def farthest(points: np.ndarray, course: np.ndarray) -> float:
    """How far the farthest point lies from a polyline."""
    starts, ends = (course[:-1], course[1:]) if len(course) > 1 else (course, course)
    along = (ends - starts).astype(float)
    share = ((points[:, None] - starts) * along).sum(2) / np.maximum((along**2).sum(1), 1e-9)
    nearest = starts + np.clip(share, 0, 1)[:, :, None] * along
    return float(np.hypot(*np.moveaxis(points[:, None] - nearest, 2, 0)).min(1).max())


def scale_of(sizes: Sequence[tuple[float, float]]) -> float:
    """The core height at which sizes in the archive are those in the data set; pairs that don't belong together are left out."""
    pairs = np.array(sizes)
    ratios = pairs[:, 0] / pairs[:, 1]
    inside = np.abs(ratios / np.median(ratios) - 1) < 0.01
    return float(pairs[inside, 0].sum() / pairs[inside, 1].sum())


def compare(inks: Sequence[Sample], held: dict) -> tuple[Counter, list[float]]:
    """Count samples that the data set holds and that agree; and how the core heights of the hands compare."""
    counts, ratios = Counter(), []
    hands: dict[tuple[str, str, str], list[Sample]] = defaultdict(list)
    for sample in inks:
        hands[sample.contributor, sample.writer, sample.session].append(sample)
    for hand in hands.values():
        unit, pairs, factors = core_height(hand), [], []
        for sample in hand:
            turned = [stroke * (1, -1) for stroke in sample.strokes]
            ends, best = shape(turned), None
            for split, case, strokes in held.get((sample.contributor, sample.kind, sample.writer, sample.text), ()):
                if len(strokes) == len(turned) and ((away := float(np.abs(shape(strokes) - ends).max())) < (best[0] if best else HELD)):
                    best = (away, split, case, strokes)
            if best is not None:
                pairs.append((sample, *best[1:]))
                size = np.ptp(np.concatenate(best[3]), axis=0).max()
                if size > 150:
                    factors.append((float(np.ptp(np.concatenate(turned), axis=0).max()) * 100, float(size)))
        true = scale_of(factors) if factors else unit
        if len(factors) >= 5:
            ratios.append(unit / true)
        for sample, split, case, strokes in pairs:
            counts["held"] += 1
            counts["split and flags"] += split == split_of(sample.writer) and case == (sample.contributor not in UNRELIABLE_CASE)
            points, courses = same(scaled(sample.strokes, true), strokes)
            counts["points"] += points
            counts["courses"] += courses
    return counts, ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--write", action="store_true", help="write benchmarks/unipen.md as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = archive.root_of(unpacked(arguments.archive, Path(folder, "archive")))
        skipped: list[str] = []
        inks = list(samples((archive.read(root, path) for path in archive.paths(root, CATEGORIES)), skipped))
    counts, ratios = compare(inks, held_samples(arguments.dataset))
    held = max(counts["held"], 1)
    figures = {
        "samples": len(inks),
        "skipped": len(skipped),
        "held": counts["held"],
        "split_and_flags_agree": counts["split and flags"] / held,
        "points_agree": counts["points"] / held,
        "courses_agree": counts["courses"] / held,
        "core_height_ratio": {q: float(np.percentile(ratios, q)) for q in (5, 25, 50, 75, 95)},
    }
    print(json.dumps(figures, indent=1))
    if arguments.write:
        low, high = figures["core_height_ratio"][25], figures["core_height_ratio"][75]
        lines = [
            f"`python benchmarks/unipen_agreement.py`, {date.today()}: {len(inks):,} samples made, {len(skipped):,} that could not be.",
            "",
            "| of the samples that the data set holds | |",
            "|---|---:|",
            f"| number | {counts['held']:,} |",
            f"| split, writer, text, kind and flags agree | {figures['split_and_flags_agree']:.1%} |",
            f"| strokes agree, up to rounding and what the simplification leaves out (3 hundredths of a core height) | "
            f"{figures['courses_agree']:.1%} |",
            f"| ... point for point, up to rounding alone | {figures['points_agree']:.1%} |",
            f"| core height by these words alone, over the data set's: middle half of the hands | {low:.3f} to {high:.3f} |",
        ]
        Path(__file__).with_name("unipen.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
