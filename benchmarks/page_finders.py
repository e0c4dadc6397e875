"""What finds lines on pages, each as a function of a picture: ours, and others' beside it."""

import csv
import io
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby

import cv2
import numpy as np

from hwr import InputError, TextReader
from hwr.evaluation.page_metrics import MarkedLine


@dataclass(frozen=True)
class Finder:
    """A finder of lines.

    Attributes:
        name: with its version.
        made_for: what it was made for, as its makers say.
        find: a picture, uint8 (H, W, 3), RGB, to the lines found, in order; empty where it says that there are none.
        reads: whether the lines' texts are what it reads, else they are empty.
        read_line: a picture of one line, given whole, to what it reads there; of our own.
    """

    name: str
    made_for: str
    find: Callable[[np.ndarray], list[MarkedLine]]
    reads: bool = True
    read_line: Callable[[np.ndarray], str] | None = None


def ours() -> Finder:
    """The reader of this package with what it finds its lines by."""
    reader = TextReader.from_pretrained()

    def find(image: np.ndarray) -> list[MarkedLine]:
        try:
            lines = reader.read(image).lines
        except InputError:
            return []
        return [MarkedLine(line.polygon, line.baseline, line.text) for line in lines]

    return Finder("hwr", "handwriting", find, read_line=lambda picture: reader.read_batch([picture], line=True)[0].text)


def tesseract() -> Finder:
    """Tesseract, with its page segmentation mode 1: fully automatic, pages turned upright."""
    said = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    number = re.findall(r"[\d.]+", said)[0]

    def find(image: np.ndarray) -> list[MarkedLine]:
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            cv2.imwrite(file.name, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
            command = ["tesseract", file.name, "stdout", "--psm", "1", "tsv"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_THREAD_LIMIT": "1"})
        rows = csv.DictReader(io.StringIO(done.stdout), delimiter="\t", quoting=csv.QUOTE_NONE)
        return list(_tesseract_lines(rows))

    return Finder(f"Tesseract {number}", "print", find)


def _tesseract_lines(rows: Iterable[dict[str, str]]) -> Iterable[MarkedLine]:
    """A line's row comes before those of its words; a line without a word is none."""
    for _, group in groupby(rows, lambda row: tuple(row[key] for key in ("block_num", "par_num", "line_num"))):
        line, words = None, []
        for row in group:
            if row["level"] == "4":
                line = row
            elif row["level"] == "5" and row["text"].strip():
                words.append(row["text"])
        if line is not None and words:
            left, top, width, height = (float(line[key]) for key in ("left", "top", "width", "height"))
            yield MarkedLine(_rectangle(left, top, left + width, top + height), text=" ".join(words))


def rapidocr() -> Finder:
    """RapidOCR's detector alone: what it finds is read by nobody here."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def find(image: np.ndarray) -> list[MarkedLine]:
        found = engine(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        return [MarkedLine(np.asarray(box, float)) for box in ([] if boxes is None else boxes)]

    return Finder(f"RapidOCR {version('rapidocr')}, detection only", "print and scenes", find, reads=False)


def _rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


FINDERS: dict[str, Callable[[], Finder]] = {"hwr": ours, "tesseract": tesseract, "rapidocr": rapidocr}
