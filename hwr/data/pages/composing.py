"""Pages with ground truth, a function of seed and number: ink of writers on papers as people have them, before cameras.

from hwr.data.lines import Handwriting, usable
from hwr.data.pages.composing import PageComposer
from hwr.data.unipen import load

ink = Handwriting(*(usable(load("unipen-ink", "test", kind)) for kind in ("word", "line", "char")))
page = PageComposer(ink, seed=1).page(7, kind="page", camera="photo", core=(12, 30), largest=4_000_000)
page.image, [(line.text, line.baseline, line.polygon, line.core, line.words) for line in page.lines]
"""

import numpy as np

from hwr.data.lines import Handwriting
from hwr.data.pages.camera import CAMERAS, taken, view_of
from hwr.data.pages.page import Page, PageLine, moved_lines
from hwr.data.pages.printing import LABELS, Printer
from hwr.data.pages.scenes import scene
from hwr.data.pages.sheet import Colour, Sheet, new_sheet
from hwr.data.pages.writing import Hand, Stroke, Written

KINDS = ("page", "columns", "letterhead", "form", "note", "few", "line", "word", "empty")
"""``few`` lines, a ``line``, a ``word`` or a character: crops, tight or loose; ``note``: a page with a slanted note in a corner."""
CROPS = ("few", "line", "word")
_SHARES = (0.19, 0.08, 0.12, 0.12, 0.08, 0.07, 0.06, 0.04, 0.24)
MAX_ANGLE = 15.0
_INKS: tuple[Colour, ...] = (
    (25, 30, 90),
    (20, 20, 22),
    (30, 50, 150),
    (10, 10, 60),
    (60, 60, 66),
    (160, 25, 35),
    (20, 105, 60),
    (90, 30, 110),
)
_CHALKS: tuple[Colour, ...] = ((235, 235, 230), (240, 225, 140), (235, 170, 170), (170, 205, 240))


class PageComposer:
    """Composes pages.

    Args:
        handwriting: ink of one split's writers.
        seed: of everything random, together with a page's number.
    """

    def __init__(self, handwriting: Handwriting, seed: int = 0) -> None:
        self.handwriting = handwriting
        self.seed = seed

    def page(
        self,
        number: int,
        *,
        kind: str | None = None,
        camera: str | None = None,
        paper: str | None = None,
        core: tuple[float, float] = (5.0, 16.0),
        tight: bool | None = None,
        largest: int = 1_000_000,
    ) -> Page:
        """Compose a page, upright but for up to 15 degrees.

        Args:
            number: which; the same arguments give the same page.
            kind: of :data:`KINDS`.
            camera: of :data:`hwr.data.pages.camera.CAMERAS`.
            paper: of :data:`hwr.data.pages.sheet.PAPERS`.
            core: least and greatest height of small letters in pixels of the sheet; smaller where the page would be too large.
            tight: whether crops leave no paper around the ink.
            largest: pixels of the sheet at the most.
        """
        rng = np.random.default_rng([self.seed, number])
        kind = kind or str(rng.choice(KINDS, p=_SHARES))
        camera = camera or str(rng.choice(CAMERAS, p=(0.22, 0.3, 0.48)))
        paper = paper or None
        height = float(np.exp(rng.uniform(*np.log(core))))
        if kind in CROPS:
            sheet, written, height, crop = self._crop(rng, kind, paper, height, tight, largest)
        else:
            crop = bool(rng.random() < 0.35)
            sheet, written, height = self._whole(rng, kind, paper, height, largest)
        lines = tuple(item.line for item in written if item.line.text)
        angle = 0.0
        if camera == "photo" or rng.random() < 0.5:
            angle = float(np.clip(rng.normal(0, 3.5 if camera == "photo" else 1.2), -MAX_ANGLE, MAX_ANGLE))
        if rng.random() < 0.18:
            angle = rng.uniform(-MAX_ANGLE, MAX_ANGLE)
        if camera == "clean" and not crop and rng.random() < 0.7:
            angle = 0.0
        view = view_of(rng, sheet.pixels.shape, camera, angle, crop)
        image, lines, masks = taken(sheet, lines, rng, camera, view, height, crop)
        return Page(image, lines, masks, kind, camera)

    def _crop(
        self, rng: np.random.Generator, kind: str, paper: str | None, core: float, tight: bool | None, largest: int
    ) -> tuple[Sheet, list[Written], float, bool]:
        """A sheet that is cut close to, or not so close to, the ink."""
        hand = Hand(self.handwriting, rng, core, 0.25 if kind == "word" else 0.06)
        pitch = _pitch(rng, hand)
        rows = int(rng.integers(2, 6)) if kind == "few" else 1
        width = core * rng.uniform(8, 45) if kind != "word" else 0.0
        written = [hand.line(0.0, row * pitch, width, words=1 if kind == "word" else None) for row in range(rows)]
        points = np.concatenate([stroke.points for item in written for stroke in item.strokes])
        pen = hand.pen / 2
        if tight or (tight is None and rng.random() < 0.55):
            margins = rng.uniform(-0.05, 0.35, 4) * core
        else:
            margins = np.exp(rng.uniform(np.log(0.4), np.log(8), 4)) * core
        low, high = points.min(0) - pen - margins[:2], points.max(0) + pen + margins[2:]
        shape = tuple(np.maximum(np.ceil(high - low), 8).astype(int)[::-1].tolist())
        if shape[0] * shape[1] > largest:
            share = (largest / (shape[0] * shape[1])) ** 0.5 * 0.98
            low, core, pitch = low * share, core * share, pitch * share
            shape = max(8, int(shape[0] * share)), max(8, int(shape[1] * share))
            written = [_scaled(item, share) for item in written]
        written = [_moved(item, -low) for item in written]
        sheet = new_sheet(rng, shape, core, pitch, float(-low[1]), paper)
        _write(sheet, written, *_look(sheet, rng))
        return sheet, written, core, True

    def _whole(
        self, rng: np.random.Generator, kind: str, paper: str | None, core: float, largest: int
    ) -> tuple[Sheet, list[Written], float]:
        """A whole page, or a good part of one."""
        across = float(np.exp(rng.uniform(np.log(6 if kind == "empty" else 20), np.log(85))))
        tall = across * rng.uniform(0.15 if kind == "empty" else 0.5, 1.5)
        core = min(core, (largest / (across * tall)) ** 0.5)
        shape = max(16, int(core * tall)), max(16, int(core * across))
        hand = Hand(self.handwriting, rng, core)
        pitch = _pitch(rng, hand)
        left, right = shape[1] * rng.uniform(0.01, 0.15), shape[1] * rng.uniform(0.86, 0.99)
        top, bottom = shape[0] * rng.uniform(0.01, 0.12), shape[0] * rng.uniform(0.75, 0.99)
        sheet = new_sheet(rng, shape, core, pitch, top + 2 * core, paper)
        board = sheet.paper in ("whiteboard", "blackboard")
        printer = Printer(sheet, rng, core, self.handwriting.words.texts)
        if kind == "empty":
            self._empty(rng, printer, board)
            return sheet, [], core
        if kind == "letterhead" and not board:
            top = (
                printer.letterhead(left, top, right - left)
                if rng.random() < 0.6
                else printer.paragraph(left, top, right - left, int(rng.integers(1, 5)))
            )
            top += core
        if not board and rng.random() < (0.5 if kind == "letterhead" else 0.06):
            lines = int(rng.integers(1, 3))
            printer.paragraph(left, bottom, (right - left) * rng.uniform(0.2, 1), lines, max(5, round(0.8 * printer.size)))
        if kind == "form" and not board:
            written = self._form(rng, printer, hand, (left, top, right, bottom), pitch)
        elif kind == "columns":
            middle = left + (right - left) * rng.uniform(0.38, 0.62)
            gap = core * rng.uniform(1.2, 5)
            if rng.random() < 0.3:
                printer.rule(middle + gap / 2, top, middle + gap / 2, bottom)
            written = self._column(rng, hand, (left, top, middle, bottom), pitch, 0)
            written += self._column(rng, hand, (middle + gap, top + rng.uniform(-0.5, 0.5) * pitch, right, bottom), pitch, 1)
        else:
            written = self._column(rng, hand, (left, top, right, bottom * (0.72 if kind == "note" else 1.0)), pitch, 0)
        look = _look(sheet, rng)
        _write(sheet, written, *look)
        if kind == "note":
            note = self._note(rng, core, shape, max(float(item.line.polygon[:, 1].max()) for item in written) if written else top)
            _write(sheet, note, *(_look(sheet, rng) if rng.random() < 0.5 else look))
            written += note
        if not board and rng.random() < 0.08:
            printer.stamp(*(rng.random(2) * (shape[1], shape[0]) - 3 * core), core * rng.uniform(5, 12))
        if not board and rng.random() < 0.06:
            printer.picture(rng.random() * shape[1], max(bottom, 0.9 * shape[0]), core * rng.uniform(3, 8))
        if not board and rng.random() < 0.05:
            printer.sketch(rng.random() * shape[1], max(bottom, 0.85 * shape[0]), core * rng.uniform(3, 8))
        return sheet, written, core

    def _column(
        self, rng: np.random.Generator, hand: Hand, area: tuple[float, float, float, float], pitch: float, column: int
    ) -> list[Written]:
        """Lines from top to bottom: paragraphs, indented or with a line left free, or a list of short lines."""
        left, top, right, bottom = area
        short, free = rng.random() < 0.15, rng.random() < 0.5
        indent = hand.core * rng.uniform(1, 6) if rng.random() < 0.4 else 0.0
        most = int(rng.integers(1, 5)) if rng.random() < 0.12 else 60
        ragged = hand.core * rng.uniform(0, 0.8)
        written: list[Written] = []
        y, begins = top + 2 * hand.core, True
        while y < bottom - 0.9 * hand.core and len(written) < most:
            start = left + abs(rng.normal(0, ragged)) + (indent if begins else 0.0)
            ends = rng.random() < 0.18
            width = (right - start) * (rng.uniform(0.1, 0.9) if ends or short else 1.0)
            item = hand.line(start, y, max(width, 3 * hand.core), words=int(rng.integers(1, 4)) if short else None, column=column)
            if _fits(item, right):
                written.append(item)
            y += pitch + rng.normal(0, 0.08 * hand.core)
            if ends and free:
                y += pitch * (1 if rng.random() < 0.7 else int(rng.integers(2, 5)))
            begins = ends
        return written

    def _form(
        self, rng: np.random.Generator, printer: Printer, hand: Hand, area: tuple[float, float, float, float], pitch: float
    ) -> list[Written]:
        """Printed labels with what was written beside or below them, on rules or in boxes."""
        left, top, right, bottom = area
        core = hand.core
        if rng.random() < 0.6:
            top = printer.letterhead(left, top, right - left)
        size = max(5, round(printer.size * 0.8))
        columns = int(rng.choice((1, 2), p=(0.7, 0.3)))
        wide = (right - left) / columns
        above, boxed = rng.random() < 0.4, rng.random() < 0.4
        step = max(pitch, 2.9 * core) + (1.5 * size if above else 0.0)
        cells: list[list[Written]] = [[] for _ in range(columns)]
        y = top + (1.5 * size if above else 0) + 2.2 * core
        while y < bottom - core:
            for column in range(columns):
                x = left + column * wide
                label = LABELS[int(rng.integers(len(LABELS)))] + (":" if rng.random() < 0.5 else "")
                if above:
                    printer.text(label, x + 0.2 * core, y - 2.2 * core - 1.4 * size, size)
                    start = x + 0.3 * core
                else:
                    start = x + printer.text(label, x, y - 0.95 * size, size)[0] + core * rng.uniform(0.4, 1.5)
                end = x + wide - core
                if boxed:
                    printer.box(x, y - 2.2 * core - (1.5 * size if above else 0), x + wide - 0.5 * core, y + 0.9 * core)
                elif rng.random() < 0.8:
                    printer.rule(start, y + 0.1 * core, end, y + 0.1 * core, 0.06)
                if rng.random() < 0.85 and end - start > 4 * core:
                    words = int(rng.integers(1, 4))
                    item = hand.line(start, y - rng.uniform(0, 0.3) * core, end - start, words=words, column=column)
                    if _fits(item, end):
                        cells[column].append(item)
            y += step
            if rng.random() < 0.15:
                y = (
                    printer.paragraph(left, y - core, right - left, int(rng.integers(1, 4)), size)
                    + 2.4 * core
                    + (1.5 * size if above else 0)
                )
        return [item for cell in cells for item in cell]

    def _note(self, rng: np.random.Generator, core: float, shape: tuple[int, int], below: float) -> list[Written]:
        """A few slanted lines in a lower corner, where there is room."""
        core = core * rng.uniform(0.7, 1.2)
        hand = Hand(self.handwriting, rng, core)
        angle = np.deg2rad(rng.uniform(8, 35) * rng.choice((-1, 1)))
        pitch = core * rng.uniform(2.6, 4)
        width = 0.36 * shape[1]
        drop = width * abs(np.sin(angle))
        y = below + 2.5 * core + (drop if angle < 0 else 0.0)
        x = shape[1] * (rng.uniform(0.05, 0.1) if rng.random() < 0.5 else rng.uniform(0.5, 0.58))
        written = []
        for row in range(int(rng.integers(1, 4))):
            if y + row * pitch + (drop if angle > 0 else 0.0) > shape[0] - core:
                break
            start = x - np.sin(angle) * row * pitch, y + np.cos(angle) * row * pitch
            item = hand.line(*start, width, words=int(rng.integers(2, 5)), column=9, angle=angle)
            if _fits(item, shape[1]):
                written.append(item)
        return written

    def _empty(self, rng: np.random.Generator, printer: Printer, board: bool) -> None:
        """A sheet without writing: bare, printed on, or a picture of something else."""
        sheet, core = printer.sheet, printer.core
        height, width = sheet.written.shape
        what = int(rng.choice(6, p=(0.05, 0.24, 0.07, 0.06, 0.45, 0.13)))
        if what == 1 and not board:
            printer.size = max(7, round(min(height, core * float(np.exp(rng.uniform(np.log(0.8), np.log(4.5)))))))
            left, y = width * rng.uniform(0, 0.15), height * rng.uniform(-0.02, 0.1)
            if rng.random() < 0.3:
                y = printer.letterhead(left, y, 0.8 * width)
            while y < 0.9 * height:
                y = printer.paragraph(left, y, width * rng.uniform(0.7, 1.0) - left, int(rng.integers(1, 8)), printer.size) + printer.size
        elif what == 2 and not board:
            self._form(
                rng, printer, _Nothing(self.handwriting, rng, core), (0.1 * width, 0.05 * height, 0.9 * width, 0.9 * height), 3 * core
            )
        elif what == 3:
            for _ in range(int(rng.integers(1, 9))):
                printer.colour = tuple(rng.uniform(0, 255, 3))
                printer.picture(rng.uniform(-0.3, 0.8) * width, rng.uniform(-0.3, 0.8) * height, max(height, width) * rng.uniform(0.1, 0.9))
        elif what == 4:
            sheet.pixels[:] = scene(rng, (height, width))
        elif what == 5:
            size = min(height, width) * rng.uniform(0.2, 1)
            for _ in range(int(rng.integers(1, 8))):
                printer.colour = tuple(rng.uniform(0, 170, 3))
                printer.sketch(*(rng.uniform(-0.2, 0.8, 2) * (width, height)), size)


class _Nothing(Hand):
    """Writes nothing."""

    def line(self, left: float, y: float, width: float, **_: object) -> Written:
        del left, y, width
        return Written(PageLine("", np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32), self.core, ()), [])


def _fits(item: Written, right: float) -> bool:
    """Whether a line ends where it should, or a letter further: nobody writes over the next column or the sheet's edge."""
    return bool(item.strokes) and item.right <= right + 0.5 * item.line.core


def _pitch(rng: np.random.Generator, hand: Hand) -> float:
    """Pixels from line to line; capitals, all as high as the highest letters, want more room."""
    room = 1.3 if hand.spells == "capitals" else 1.0
    return hand.core * room * float(np.clip(np.exp(rng.normal(np.log(3.1), 0.22)), 2.2, 6.0))


def _look(sheet: Sheet, rng: np.random.Generator) -> tuple[Colour, float, np.ndarray | None]:
    """Colour, strength and grain of what is written on a sheet with."""
    if sheet.paper == "blackboard":
        grain = rng.integers(0, 140, (64, 256)).astype(np.uint8)
        return _CHALKS[int(rng.choice(4, p=(0.7, 0.14, 0.08, 0.08)))], float(rng.uniform(0.65, 1.0)), grain
    if sheet.paper == "whiteboard":
        return _INKS[int(rng.choice((1, 2, 5, 6)))], float(rng.uniform(0.7, 1.0)), None
    if rng.random() < 0.22:
        return (70, 70, 75), float(rng.uniform(0.5, 0.9)), rng.integers(0, 100, (97, 211)).astype(np.uint8)
    return _INKS[int(rng.choice(len(_INKS), p=(0.24, 0.3, 0.18, 0.08, 0.06, 0.06, 0.04, 0.04)))], float(rng.uniform(0.7, 1.0)), None


def _write(sheet: Sheet, written: list[Written], colour: Colour, strength: float, grain: np.ndarray | None) -> None:
    widen = 1.5 if sheet.paper in ("whiteboard", "blackboard") else 1.0
    strokes = [Stroke(stroke.points, widen * stroke.width) for item in written for stroke in item.strokes]
    if grain is not None:
        height, width = sheet.written.shape
        grain = np.tile(grain, (-(-height // grain.shape[0]), -(-width // grain.shape[1])))[:height, :width]
    sheet.ink(strokes, colour, strength, grain)


def _moved(item: Written, by: np.ndarray) -> Written:
    line = moved_lines((item.line,), lambda points: (points + by).astype(np.float32))[0]
    return Written(line, [Stroke((stroke.points + by).astype(np.float32), stroke.width) for stroke in item.strokes])


def _scaled(item: Written, by: float) -> Written:
    line = moved_lines((item.line,), lambda points: points * np.float32(by), by)[0]
    return Written(line, [Stroke(stroke.points * np.float32(by), stroke.width * by) for stroke in item.strokes])
