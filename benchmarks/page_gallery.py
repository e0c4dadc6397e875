"""A gallery of pages with what was found drawn over them, the worst ones and good ones."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from figures import between
from page_sets import CROPS, Sample

from hwr.evaluation.page_metrics import MarkedLine, PageCounts, page_counts, page_metrics

HALF = 15
SIDE = 640  # pixels
QUALITY = 50
FOUND = ((20, 130, 60), (30, 90, 200))  # in turn
MISSED = (215, 30, 30)


@dataclass(frozen=True)
class _Picture:
    title: str
    group: str
    rank: tuple[float, float, int]  # F1, F1 at 0.75, lines
    webp: bytes


@dataclass
class Gallery:
    """Collects pages as they are measured. Pictures of one line or word are not shown."""

    pictures: list[_Picture] = field(default_factory=list)

    def add(self, sample: Sample, found: list[MarkedLine], counts: PageCounts) -> None:
        """Draw what was found over a page, and keep the picture."""
        if sample.group in CROPS or not counts.true:
            return
        metrics = page_metrics(counts)
        title = f"{sample.group}, {sample.camera}: F1 {metrics['f1']:.2f}, {counts.true} lines, {counts.found} found"
        _, webp = cv2.imencode(".webp", drawn_over(sample, found)[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
        self.pictures.append(_Picture(title, sample.group, (metrics["f1"], metrics["f1_75"], counts.true), webp.tobytes()))

    def chosen(self) -> tuple[list[_Picture], list[_Picture]]:
        """The worst pages by F1, and of the others those with the most lines of which all were found, group after group."""
        worst = sorted(self.pictures, key=lambda picture: picture.rank)[:HALF]
        others = [picture for picture in self.pictures if picture not in worst]
        others.sort(key=lambda picture: (-picture.rank[0], -picture.rank[2]))
        seen: dict[str, int] = {}
        place = []
        for picture in others:
            seen[picture.group] = seen.get(picture.group, 0) + 1
            place.append(seen[picture.group])
        order = sorted(range(len(others)), key=lambda number: (place[number], number))
        return worst, [others[number] for number in order[:HALF]]

    def write(self, docs: Path) -> None:
        """Write the pictures into ``gallery``, and the page that shows them."""
        folder = docs / "gallery"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        lines = []
        for heading, pictures in zip(("The worst", "Good ones"), self.chosen(), strict=True):
            lines += [f"## {heading}", ""]
            for number, picture in enumerate(pictures):
                name = f"{heading.split()[-1]}-{number + 1:02}.webp"
                (folder / name).write_bytes(picture.webp)
                lines += [f"![{picture.title}](gallery/{name})", f"*{picture.title}*", ""]
        page = docs / "gallery.md"
        page.write_text(between(page.read_text(), "<!-- gallery -->", "<!-- end of gallery -->", "\n".join(lines)))


def drawn_over(sample: Sample, found: list[MarkedLine]) -> np.ndarray:
    """The page, uint8 (h, w, 3), its longer side at most 640 pixels, with the lines.

    Those that were found in green and blue in turn, numbered as they were read, with their baselines; red the outlines of true lines that
    none of them matches.
    """
    scale = min(1.0, SIDE / max(sample.image.shape))
    page = cv2.resize(sample.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tint = page.copy()
    shapes = [_points(line.polygon, scale) for line in found]
    for number, shape in enumerate(shapes):
        cv2.fillPoly(tint, [shape], FOUND[number % 2])
    page = cv2.addWeighted(page, 0.7, tint, 0.3, 0)
    for number, (line, shape) in enumerate(zip(found, shapes, strict=True)):
        if len(line.baseline) >= 2:
            cv2.polylines(page, [_points(line.baseline, scale)], False, FOUND[number % 2], 1, cv2.LINE_AA)
        cv2.putText(page, str(number + 1), shape.min(0).tolist(), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (200, 0, 140), 1, cv2.LINE_AA)
    for line in sample.lines:
        if line.counted and not any(page_counts([line], [other]).matched for other in found):
            cv2.polylines(page, [_points(line.polygon, scale)], True, MISSED, 1, cv2.LINE_AA)
    return page


def _points(points: np.ndarray, scale: float) -> np.ndarray:
    return np.round(np.asarray(points) * scale).astype(np.int32)
