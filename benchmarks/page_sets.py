"""The pictures on which finders of lines are measured: composed pages, real scans, and pictures without writing."""

import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from hwr.data import unipen
from hwr.data.lines import Handwriting, usable
from hwr.data.pages.camera import CAMERAS
from hwr.data.pages.composing import PageComposer
from hwr.data.pages.page import Page, PageLine, moved_lines
from hwr.evaluation.page_metrics import MarkedLine

SEED = 13
CORE = (6.0, 60.0)  # pixels to the core height
LARGEST = 2_500_000  # pixels
CROPS = ("line, tight", "line, loose", "word, tight", "word, loose")
"""Of one line or word."""
GROUPS = ("page", "columns", "letterhead", "form", "note", "few lines", "board", "askew", "turned", *CROPS)
"""``askew``: a page turned by 5 to 15 degrees; ``turned``: by 90, 180 or 270."""
_KINDS = {"few lines": "few", "board": "page", "askew": "page", "turned": "page"}


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture with its truth.

    Attributes:
        group: of :data:`GROUPS`, ``"real"``, or what a picture without writing shows.
        camera: of :data:`hwr.data.pages.camera.CAMERAS`; empty of what was not composed.
        image: uint8 (H, W, 3), RGB.
        lines: what is written on it.
    """

    group: str
    camera: str
    image: np.ndarray
    lines: tuple[MarkedLine, ...] = ()


def composed(split: str, pages: int, crops: int) -> Iterator[Sample]:
    """Pages composed of UNIPEN's writers, the same at each call.

    Args:
        split: ``"validation"`` or ``"test"``.
        pages: how many of each group and camera.
        crops: how many of each group of crops and camera.
    """
    composer = PageComposer(handwriting(split), SEED)
    for place, group in enumerate(GROUPS):
        for camera in CAMERAS:
            for number in range(crops if group in CROPS else pages):
                page = _page(composer, group, camera, 10_000 * place + 1_000 * CAMERAS.index(camera) + number)
                lines = tuple(_marked(line) for line in page.lines)
                if any(line.counted for line in lines):
                    yield Sample(group, camera, page.image, lines)


def _marked(line: PageLine) -> MarkedLine:
    """A line without a letter or digit, such as a full stop alone, may be found or not."""
    words = tuple(word.polygon for word in line.words)
    return MarkedLine(line.polygon, line.baseline, line.text, words, counted=any(char.isalnum() for char in line.text))


def handwriting(split: str) -> Handwriting:
    """UNIPEN's ink of one split's writers."""
    dataset = os.path.join(os.environ["HWR_DATASETS"], "unipen-ink")
    return Handwriting(*(usable(unipen.load(dataset, split, kind)) for kind in ("word", "line", "char")))


def _page(composer: PageComposer, group: str, camera: str, number: int) -> Page:
    kind = _KINDS.get(group, group.partition(",")[0])
    tight = group.endswith("tight") if group in CROPS else None
    paper = ("whiteboard", "blackboard")[number % 2] if group == "board" else None
    page = composer.page(number, kind=kind, camera=camera, paper=paper, core=CORE, tight=tight, largest=LARGEST)
    if group == "turned":
        return page.turn(1 + number % 3)
    if group == "askew":
        rng = np.random.default_rng([SEED, number])
        return _rotated(page, float(rng.uniform(5, 15) * rng.choice((-1, 1))))
    return page


def _rotated(page: Page, angle: float) -> Page:
    """A page turned by an angle in degrees, about its middle; what lies around it goes on as its border is."""
    height, width = page.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    reach = np.abs(matrix[:, :2]) @ (width, height)
    matrix[:, 2] += (reach - (width, height)) / 2
    image = cv2.warpAffine(page.image, matrix, np.ceil(reach).astype(int).tolist(), borderMode=cv2.BORDER_REPLICATE)
    return replace(page, image=image, lines=moved_lines(page.lines, lambda points: points @ matrix[:, :2].T + matrix[:, 2]))


def real() -> Iterator[Sample]:
    """45 scans of French pages, for checking only: no finder or reader has learned from them.

    What was struck out, ``>...<`` in the labels, is left out of the text; a line of which nothing else is left may be found or not. Some
    pages begin with printed lines, which are no lines of writing here.
    """
    import pyarrow.parquet as parquet

    for row in parquet.read_table(Path(os.environ["HWR_DATASETS"]) / "real-pages" / "pages.parquet").to_pylist():
        image = np.asarray(Image.open(io.BytesIO(row["image"])).convert("RGB"))
        lines = []
        for line in json.loads(row["lines"]):
            text = without_struck(line["text"])
            lines.append(MarkedLine(np.array(line["polygon"]), np.array(line["baseline"]), text, counted=bool(text)))
        yield Sample("real, with a printed header" if row["printed_header"] else "real", "", image, tuple(lines))


def without_struck(text: str) -> str:
    """A label without what was struck out; ``a>0}, b<0`` is mathematics, and stays."""
    return " ".join(re.sub(r">[^<>{}]*<", "", text).split())


def whole_lines(sample: Sample) -> list[np.ndarray]:
    """The counted lines of a picture, each alone, uint8 (h, w, 3): a crop's only line is the picture as it is, others are cut out level."""
    if sample.group in CROPS:
        return [sample.image]
    return [_cut_out(sample.image, line) for line in sample.lines if line.counted]


def _cut_out(image: np.ndarray, line: MarkedLine) -> np.ndarray:
    """A line turned level by the ends of its baseline, everything beyond its polygon and a little margin painted over with its paper."""
    along = line.baseline[-1] - line.baseline[0]
    middle = line.polygon.mean(0)
    matrix = cv2.getRotationMatrix2D(middle.tolist(), float(np.degrees(np.arctan2(along[1], along[0]))), 1.0)
    level = line.polygon @ matrix[:, :2].T + matrix[:, 2]
    height = float(np.ptp(level[:, 1]))
    margin = max(2.0, 0.1 * height)
    size = np.ceil(np.ptp(level, axis=0) + 2 * margin).astype(int)
    matrix[:, 2] += margin - level.min(0)
    level += margin - level.min(0)
    cut = cv2.warpAffine(image, matrix, size.tolist(), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outside = np.full(cut.shape[:2], 255, np.uint8)
    corners = [np.round(level).astype(np.int32)]
    cv2.fillPoly(outside, corners, 0)
    cv2.polylines(outside, corners, True, 0, max(1, round(2 * margin)))
    paper = cv2.medianBlur(cut, 2 * (round(0.75 * height) // 2) + 1)  # ink covers less than half
    cut[outside > 0] = paper[outside > 0]
    return cut
