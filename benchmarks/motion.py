"""Measure how fast pens move on UNIPEN's training writers, for the constants of ``hwr/ink/motion.py``.

Only words and lines in files that say how many points a second their tablet took, from 60 to 250, are used. Each writer counts once,
with medians.

python benchmarks/motion.py --archive $HWR_DATASETS/unipen-sample.zip
"""

import argparse
import os
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from hwr.data import unipen_archive as archive
from hwr.data.unipen_conversion import core_height, samples, split_of
from hwr.errors import InputError

RATES = (60.0, 250.0)
CURVATURES = np.geomspace(0.125, 32, 9)
"""Edges of classes, in turns of one radian a core height."""
TRAVELS = np.array([0.0, 0.5, 1, 2, 4, 8, 16, 64])
"""Edges of classes, in core heights."""
SMOOTHING = 0.01
"""Of positions, in seconds: a tablet's steps are no corners."""


def moving(points: np.ndarray, rate: float, core: float) -> tuple[np.ndarray, np.ndarray]:
    """Curvature, in radians a core height, and speed, in core heights a second, where a stroke (N, 2) is not at its ends."""
    smooth = gaussian_filter1d(points / core, SMOOTHING * rate, axis=0)
    velocity = np.gradient(smooth, 1 / rate, axis=0)
    acceleration = np.gradient(velocity, 1 / rate, axis=0)
    speed = np.hypot(*velocity.T)
    turn = np.abs(velocity[:, 0] * acceleration[:, 1] - velocity[:, 1] * acceleration[:, 0])
    good = speed > 0.2
    good[:2] = good[-2:] = False
    return turn[good] / speed[good] ** 3, speed[good]


def classes(values: np.ndarray, edges: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Medians of something in classes of something else; NaN where there are fewer than 20."""
    where = np.digitize(values, edges) - 1
    return np.array([np.median(of[where == k]) if (where == k).sum() >= 20 else np.nan for k in range(len(edges) - 1)])


def measured(root: Path) -> list[dict[str, np.ndarray | float]]:
    """Of each training writer: median speeds in classes of curvature, and times in the air in classes of distance."""
    pens = defaultdict(list)
    for path in archive.paths(root, ("7", "8")):
        try:
            document = archive.read(root, path)
        except InputError:
            continue
        if not RATES[0] <= document.rate <= RATES[1]:
            continue
        for sample in samples([document], []):
            if split_of(sample.writer) == "train":
                pens[sample.writer].append((sample, document))
    found = []
    for pen in pens.values():
        core = core_height([sample for sample, _ in pen])
        moves = [moving(s, document.rate, core) for sample, document in pen for s in sample.strokes if len(s) > 8]
        if not moves:
            continue
        curvature, speed = (np.concatenate(each) for each in zip(*moves, strict=True))
        if len(speed) < 500:
            continue
        dots = [len(s) / document.rate for sample, document in pen for s in sample.strokes if np.ptp(s, axis=0).max() < 0.2 * core]
        far, long = [], []
        for document in {id(document): document for _, document in pen}.values():
            parts = document.components
            for before, air, after in zip(parts, parts[1:], parts[2:], strict=False):
                if before.down and after.down and not air.down:
                    far.append(np.hypot(*(after.points[0] - before.points[-1])) / core)
                    long.append((len(air.points) + 1) / document.rate)
        straight = (curvature > 0.25) & (curvature < 8)
        slope = np.polyfit(np.log(curvature[straight]), np.log(speed[straight]), 1)
        found.append(
            {
                "exponent": slope[0],
                "gain": np.exp(slope[1]),
                "mean": float(speed.mean()),
                "speeds": classes(curvature, CURVATURES, speed),
                "dot": np.median(dots) if dots else np.nan,
                "air": classes(np.array(far), TRAVELS, np.array(long)),
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", default=os.path.join(os.environ.get("HWR_DATASETS", ""), "unipen-sample.zip"))
    source = Path(parser.parse_args().archive)
    with tempfile.TemporaryDirectory() as folder:
        writers = measured(archive.root_of(archive.unpacked(source, Path(folder, "archive"))))
    print(f"{len(writers)} training writers")
    for name in ("exponent", "gain", "mean", "dot"):
        print(f"{name}: {np.nanmedian([writer[name] for writer in writers]):.3f}")
    for name, edges in (("speeds", CURVATURES), ("air", TRAVELS)):
        table = np.array([writer[name] for writer in writers])
        for low, high, column in zip(edges, edges[1:], table.T, strict=False):
            known = column[np.isfinite(column)]
            print(f"{name} {low:.3g} to {high:.3g}: {np.median(known) if len(known) else np.nan:.3f} ({len(known)} writers)")


if __name__ == "__main__":
    main()
