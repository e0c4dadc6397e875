"""Does what ``hwr dataset unipen`` makes of UNIPEN's files agree with a data set that was made of the whole archive?

``python benchmarks/unipen_agreement.py ARCHIVE DATASET``: the archive may hold some of the files only. A writer's core height is
measured on all of their texts, of which such an archive has a part: so the core height of each hand is told from the data set's sizes, and
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
    TALLEST,
    TOLERANCE,
    UNRELIABLE_CASE,
    WIDEST,
    Sample,
    core_height,
    samples,
    scaled,
    split_of,
)

HELD = 0.03
"""Ends of strokes that lie closer than this, in sizes of the sample, are those of the same ink."""
ROUNDING = 1
"""Hundredths of a core height."""
STEPS = (0.25, 0.31, 0.225)
"""Where the tablet's numbers are whole, core heights are multiples of one of these, by which of the three rules they are measured."""
TRIED = 30
"""Samples of a hand on which such core heights are tried."""

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


def same(one: Strokes, other: Strokes) -> tuple[bool, bool, bool]:
    """Whether two samples are equal; have the same points up to rounding; follow the same course, up to that and to what is left out."""
    equal = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    points = all(len(a) == len(b) and np.abs(a - b).max() <= ROUNDING for a, b in zip(one, other, strict=True))
    courses = all(max(farthest(a, b), farthest(b, a)) <= 100 * TOLERANCE + ROUNDING for a, b in zip(one, other, strict=True))
    return equal, points, courses


def farthest(points: np.ndarray, course: np.ndarray) -> float:
    """How far the farthest point lies from a polyline."""
    starts, ends = (course[:-1], course[1:]) if len(course) > 1 else (course, course)
    along = (ends - starts).astype(float)
    share = ((points[:, None] - starts) * along).sum(2) / np.maximum((along**2).sum(1), 1e-9)
    nearest = starts + np.clip(share, 0, 1)[:, :, None] * along
    return float(np.hypot(*np.moveaxis(points[:, None] - nearest, 2, 0)).min(1).max())


def height_of(pairs: Sequence[tuple[Sample, Strokes]], unit: float) -> float | None:
    """The core height at which samples of one hand were made into those of the data set; None where they are too small to tell.

    Args:
        pairs: samples, and those of the data set that they became.
        unit: the core height by the samples at hand.
    """
    sizes = np.array([[np.ptp(np.concatenate(strokes), axis=0).max() for strokes in (sample.strokes, held)] for sample, held in pairs])
    sizes = sizes[sizes[:, 1] > 150]
    if not len(sizes):
        return None
    ratios = 100 * sizes[:, 0] / sizes[:, 1]
    inside = np.abs(ratios / np.median(ratios) - 1) < 0.01  # pairs that don't belong together are left out
    about = float(100 * sizes[inside, 0].sum() / sizes[inside, 1].sum())
    likely = {round(about / step) * step for step in STEPS} | ({unit} if abs(unit / about - 1) < 0.005 else set())

    def agreement(height: float) -> int:
        return sum(same(scaled(sample.strokes, height), held)[0] for sample, held in pairs[:TRIED])

    return max([about, *sorted(likely)], key=agreement)


def compare(inks: Sequence[Sample], held: dict) -> tuple[Counter, list[float]]:
    """Count samples that the data set holds and that agree; and how the core heights of the hands compare."""
    counts, ratios = Counter(), []
    hands: dict[tuple[str, str, str], list[Sample]] = defaultdict(list)
    for sample in inks:
        hands[sample.contributor, sample.writer, sample.session].append(sample)
    for hand in hands.values():
        pairs, lacking = [], []
        for sample in hand:
            turned = [stroke * (1, -1) for stroke in sample.strokes]
            ends, best = shape(turned), None
            for split, case, strokes in held.get((sample.contributor, sample.kind, sample.writer, sample.text), ()):
                if len(strokes) == len(turned) and ((away := float(np.abs(shape(strokes) - ends).max())) < (best[0] if best else HELD)):
                    best = (away, split, case, strokes)
            if best is not None:
                pairs.append((sample, *best[1:]))
            else:
                lacking.append(sample)
        unit = core_height(hand)
        true = height_of([(sample, strokes) for sample, _, _, strokes in pairs], unit) if pairs else None
        if true is not None:
            ratios.append(unit / true)
        for sample in lacking:
            width, height = np.concatenate(scaled(sample.strokes, true or unit)).max(0) / 100
            counts["lacking"] += 1
            counts["left out"] += height >= TALLEST or width > WIDEST * len(sample.text)
        for sample, split, case, strokes in pairs:
            counts["held"] += 1
            counts["split and flags"] += split == split_of(sample.writer) and case == (sample.contributor not in UNRELIABLE_CASE)
            for name, agrees in zip(("equal", "points", "courses"), same(scaled(sample.strokes, true or unit), strokes), strict=True):
                counts[name] += agrees
    return counts, ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--write", action="store_true", help="write benchmarks/unipen.md as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = archive.root_of(archive.unpacked(arguments.archive, Path(folder, "archive")))
        skipped: list[str] = []
        inks = list(samples((archive.read(root, path) for path in archive.paths(root, CATEGORIES)), skipped))
    counts, ratios = compare(inks, held_samples(arguments.dataset))
    held = max(counts["held"], 1)
    figures = {
        "samples": len(inks),
        "skipped": len(skipped),
        "held": counts["held"],
        "split_and_flags_agree": counts["split and flags"] / held,
        "equal": counts["equal"] / held,
        "points_agree": counts["points"] / held,
        "courses_agree": counts["courses"] / held,
        "lacking": counts["lacking"],
        "lacking_and_left_out": int(counts["left out"]),
        "hands": len(ratios),
        "same_core_height": sum(abs(ratio - 1) < 1e-4 for ratio in ratios),
    }
    print(json.dumps(figures, indent=1))
    if arguments.write:
        lines = [
            f"`python benchmarks/unipen_agreement.py`, {date.today()}: {len(inks):,} samples made, {len(skipped):,} that could not be.",
            "",
            "| samples that the data set holds | |",
            "|---|---:|",
            f"| number | {counts['held']:,} |",
            f"| split, writer, text, kind and flags agree | {figures['split_and_flags_agree']:.1%} |",
            f"| all points equal | {figures['equal']:.1%} |",
            f"| all points equal up to rounding (a hundredth of a core height) | {figures['points_agree']:.1%} |",
            f"| courses agree up to that and to what the simplification leaves out (2 hundredths) | {figures['courses_agree']:.1%} |",
            f"| samples that it lacks; of those, too tall or too wide to be kept by us | {counts['lacking']}; {counts['left out']} |",
            f"| hands whose core height by these files alone is the data set's | {figures['same_core_height']} of {len(ratios)} |",
        ]
        Path(__file__).with_name("unipen.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
