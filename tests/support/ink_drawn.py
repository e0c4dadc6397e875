"""Ink for tests, and how it is drawn."""

import numpy as np

from hwr.ink import photographs
from hwr.paper.report import InkReport
from hwr.paper.written_ink import Ink

ZIGZAG = [np.array([[x, 100 * (x // 40 % 2)] for x in range(0, 600, 40)], np.float32), np.array([[300, -60]], np.float32)]


def rng(seed: int = 0) -> np.random.Generator:
    """A generator."""
    return np.random.default_rng(seed)


def drawn(seed: int = 0, core: float = 20) -> np.ndarray:
    """A zigzag with a dot above it, in some hand: uint8 (H, W), ink 255 on 0."""
    return photographs.draw(photographs.vary_hand(ZIGZAG, rng(seed)), rng(seed), core=core, pen_width=13, pressure=0.2)


def cursive_i_n() -> list[np.ndarray]:
    """A cursive "in": one stroke, and the dot set afterwards."""
    x = np.linspace(0, 3, 40)
    body = np.stack([x, -np.abs(np.sin(2.2 * x))], 1).astype(np.float32)
    return [body, np.array([[0.7, -1.6], [0.75, -1.5]], np.float32)]


def written_page(strokes: list[np.ndarray], **options) -> Ink:
    report = InkReport(1, 0, (), {}, True, 0)
    plain = {"size": (300, 200), "core": 40.0, "stroke_width": 8.0, "ink_color": "#000000", "paper_color": "#ffffff"}
    return Ink(strokes=strokes, letters=(), report=report, text="x", **plain | options)
