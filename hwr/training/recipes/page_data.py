"""What the network that finds the writing learns from: composed pages, and what each of their cells is."""

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from hwr.data.pages.composing import CROPS, PageComposer
from hwr.data.pages.page import SHRINK, Page
from hwr.models.arrays import CELL, KINDS, USUAL
from hwr.models.page_lstm import BLOCK, PageTruth
from hwr.training.recipes.line_data import POOL

CROPPED = 0.25
"""Share of pages that are crops of a word, a line or a few lines, besides those that the composer makes anyhow."""
TURNED = 0.25
"""Share of the pages with enough writing that lie on a side or upside down."""
ORIENTED = 16
"""Characters on a page from which on it can be seen how it lies."""
CORE = {True: (4.0, 36.0), False: (4.0, 11.5)}
"""Pixels to the core height, least and greatest, of crops and of whole pages."""
LARGEST = 450_000
"""Pixels of the largest pages that are learnt from."""
FINER = 0.25
"""Share of the pages that are made twice as large and shrunk, as large photographs are."""
_COVERED = 24  # of 255, on average over the pixels of a mask: a thin pen's stroke
_BAND = 0.5  # core heights from the middle of the small letters that are core on either side


class PagePools(Dataset[list[list[PageTruth]]]):
    """Pool number to its ``POOL`` batches, a function of the composer's seed and the number alone."""

    def __init__(self, composer: PageComposer, batch_size: int) -> None:
        self.composer = composer
        self.batch_size = batch_size

    def __getitem__(self, index: int) -> list[list[PageTruth]]:
        start = index * POOL * self.batch_size
        numbers = range(start, start + POOL * self.batch_size)
        return [[self._page(number) for number in numbers[first::POOL]] for first in range(POOL)]

    def _page(self, number: int) -> PageTruth:
        rng = np.random.default_rng([self.composer.seed, number, 1])
        crop = bool(rng.random() < CROPPED)
        kind = str(rng.choice(CROPS)) if crop else None
        by = 2 if rng.random() < FINER else 1
        least, greatest = CORE[crop]
        page = self.composer.page(number, kind=kind, core=(by * least, by * greatest), largest=by * by * LARGEST)
        if by > 1:
            page = page.shrunk(by)
        if rng.random() < TURNED and _oriented(page):
            page = page.turn(int(rng.integers(1, 4)))
        return truth(page)


def _oriented(page: Page) -> bool:
    return sum(len(line.text) for line in page.lines) >= ORIENTED


def truth(page: Page) -> PageTruth:
    """What the network should say of a page."""
    grey = cv2.cvtColor(page.image, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    rows, columns = 2 * -(-height // BLOCK), -(-width // BLOCK)
    cells = np.zeros((len(KINDS), rows, columns), np.float32)
    baseline, cores = np.zeros((2, rows, columns), np.float32)
    side = CELL[1] // SHRINK
    for cell, mask in zip(cells[1:], page.masks, strict=True):
        wide = np.zeros((rows, columns * side), np.uint8)
        wide[: mask.shape[0], : mask.shape[1]] = mask[:rows, : columns * side]
        cell[:] = wide.reshape(rows, columns, side).max(2) > _COVERED
    if page.turned == 0:
        middles = (np.arange(columns) + 0.5) * CELL[1], (np.arange(rows) + 0.5) * CELL[0]
        for line in page.lines:
            _mark(line.baseline, line.core, middles, cells[0], baseline, cores)
    tensors = (torch.from_numpy(values) for values in (grey, cells, baseline, cores))
    return PageTruth(*tensors, page.turned, _oriented(page))


def _mark(
    course: np.ndarray, core: float, middles: tuple[np.ndarray, np.ndarray], marked: np.ndarray, baseline: np.ndarray, cores: np.ndarray
) -> None:
    """Enter a line into the cells: where its core runs, how far its baseline is, how high it is."""
    x, y = middles
    along = course[-1] - course[0]
    steep = float(np.hypot(*along) / max(abs(along[0]), 1e-3))  # the core's height along the column, to that across the line
    here = np.flatnonzero((x >= course[0, 0] - CELL[1] / 2) & (x <= course[-1, 0] + CELL[1] / 2))
    if along[0] <= 0 or steep > 2 or len(here) == 0:
        return
    base = np.interp(x[here], course[:, 0], course[:, 1])
    away = base[None, :] - y[:, None]  # (rows, columns here)
    band = max(_BAND * core * steep, CELL[0])
    inside = np.abs(away - 0.5 * core * steep) <= band
    row, column = np.nonzero(inside)
    column_there = here[column]
    marked[row, column_there] = 1
    baseline[row, column_there] = away[row, column] / core
    cores[row, column_there] = np.log(core / USUAL)
