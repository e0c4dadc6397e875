"""What is printed on a page and is no handwriting: letterheads, forms, paragraphs, stamps, pictures."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hwr.data.pages.scenes import leaves, photograph, sketch
from hwr.data.pages.sheet import Colour, Sheet

_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono", "DejaVuSerif-Italic",
    "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "DejaVuSans-Oblique",
)  # fmt: skip
LABELS = (
    "Name", "Date", "Date of birth", "Address", "Street", "City", "Country", "Telephone", "Signature", "Subject", "Remarks", "No.",
    "Total", "Amount", "Reference", "Page", "Class", "Teacher", "Notes", "To", "From", "Department", "Order number", "Comments", "Vorname",
    "Anschrift", "Datum", "Unterschrift", "Nom", "Prénom", "Adresse", "Ville", "Objet",
)  # fmt: skip
_INKS: tuple[Colour, ...] = ((15, 15, 15), (40, 40, 45), (30, 60, 140), (140, 25, 30), (20, 90, 60), (90, 90, 95))


@lru_cache(maxsize=256)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


def printed(text: str, font: str, size: int) -> np.ndarray:
    """A printed line: uint8 (h, w), ink 255 on 0, closely cropped at the sides, its height that of the font."""
    face = _font(font, max(4, size))
    left, _, right, bottom = face.getbbox(text)
    picture = Image.new("L", (max(1, int(right - left) + 2), max(1, int(bottom) + 2)))
    ImageDraw.Draw(picture).text((1 - left, 0), text, 255, font=face)
    return np.asarray(picture)


class Printer:
    """Prints on a sheet; everything it prints on one page looks alike.

    Args:
        sheet: to print on.
        rng: source of all randomness.
        core: pixels to the core height of the writing, to which print is proportioned.
        texts: words to print.
    """

    def __init__(self, sheet: Sheet, rng: np.random.Generator, core: float, texts: list[str]) -> None:
        self.sheet = sheet
        self.rng = rng
        self.core = core
        self.texts = texts
        self.font = str(rng.choice(_FONTS))
        self.size = max(6, round(core * float(np.exp(rng.uniform(np.log(0.9), np.log(2.8))))))
        self.colour = _INKS[int(rng.choice(len(_INKS), p=(0.5, 0.16, 0.12, 0.08, 0.06, 0.08)))]
        self.cover = float(rng.uniform(0.6, 1.0))

    def words(self, count: int) -> str:
        return " ".join(self.texts[int(index)] for index in self.rng.integers(len(self.texts), size=count))

    def text(self, text: str, x: float, y: float, size: int | None = None, font: str | None = None) -> tuple[int, int]:
        """Print a line from its upper left corner on; its width and height."""
        cover = printed(text, font or self.font, size or self.size)
        self.sheet.paint(cv2.convertScaleAbs(cover, alpha=self.cover), self.colour, (round(x), round(y)), onto=self.sheet.printed)
        return cover.shape[1], cover.shape[0]

    def rule(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.1) -> None:
        """A straight line, or with all four sides :meth:`box`."""
        self._drawn(lambda cover, ends: cv2.line(cover, ends[0], ends[1], 255, max(1, round(self.core * thick))), x0, y0, x1, y1)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._drawn(lambda cover, ends: cv2.rectangle(cover, ends[0], ends[1], 255, max(1, round(self.core * 0.08))), x0, y0, x1, y1)

    def _drawn(self, draw: Callable[[np.ndarray, list[tuple[int, int]]], object], x0: float, y0: float, x1: float, y1: float) -> None:
        corner = int(min(x0, x1)) - 3, int(min(y0, y1)) - 3
        cover = np.zeros((int(abs(y1 - y0)) + 7, int(abs(x1 - x0)) + 7), np.uint8)
        draw(cover, [(round(x0) - corner[0], round(y0) - corner[1]), (round(x1) - corner[0], round(y1) - corner[1])])
        self.sheet.paint(cv2.convertScaleAbs(cover, alpha=self.cover), self.colour, corner, onto=self.sheet.ruled)

    def paragraph(self, x: float, y: float, width: float, lines: int, size: int | None = None) -> float:
        """So many lines of print; y below them."""
        size = size or self.size
        for number in range(lines):
            count = max(1, int(width / (size * 2.9)))
            share = self.rng.uniform(0.3, 1.0) if number == lines - 1 else 1.0
            cover = printed(self.words(max(1, int(count * share))), self.font, size)[:, : max(1, int(width))]
            self.sheet.paint(cv2.convertScaleAbs(cover, alpha=self.cover), self.colour, (round(x), round(y)), onto=self.sheet.printed)
            y += 1.35 * size
        return y

    def letterhead(self, x: float, y: float, width: float) -> float:
        """A name, an address, perhaps a sign and a rule; y below them."""
        rng = self.rng
        large = round(self.size * rng.uniform(1.2, 2.4))
        if rng.random() < 0.4:
            self.picture(x + width - 2.5 * large, y, 2.2 * large)
        if rng.random() < 0.5:
            x += width * rng.uniform(0, 0.4)
        y += 1.3 * self.text(self.words(int(rng.integers(1, 4))).upper() if rng.random() < 0.5 else self.words(2), x, y, large)[1]
        for _ in range(int(rng.integers(0, 4))):
            y += 1.2 * self.text(f"{self.words(int(rng.integers(1, 5)))} {int(rng.integers(1, 99999))}", x, y)[1]
        if rng.random() < 0.5:
            self.rule(0.04 * self.sheet.written.shape[1], y + 0.3 * self.size, 0.96 * self.sheet.written.shape[1], y + 0.3 * self.size)
        return y + self.size

    def stamp(self, x: float, y: float, size: float) -> None:
        """A round or square stamp, turned, with print in it, on or beside the writing."""
        rng = self.rng
        side = max(12, round(size))
        cover = np.zeros((side, side), np.uint8)
        thick = max(1, side // 40)
        if rng.random() < 0.6:
            cv2.circle(cover, (side // 2,) * 2, side // 2 - 2 * thick, 255, thick, cv2.LINE_AA)
        else:
            cv2.rectangle(cover, (thick, side // 4), (side - 2 * thick, 3 * side // 4), 255, thick)
        for row in (-1, 0, 1):
            text = printed(self.words(1).upper(), self.font, max(5, side // 8))[:, : max(1, int(0.7 * side))]
            top, left = side // 2 + int((row - 0.5) * side / 7), (side - text.shape[1]) // 2
            part = cover[top : top + text.shape[0], left : left + text.shape[1]]
            np.maximum(part, text[: part.shape[0], : part.shape[1]], out=part)
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-25, 25), 0.95)
        cover = cv2.warpAffine(cover, turn, (side, side))
        colour = ((170, 30, 40), (40, 50, 150), (60, 40, 110), (30, 30, 30))[int(rng.integers(4))]
        self.sheet.paint(cv2.convertScaleAbs(cover, alpha=rng.uniform(0.3, 0.8)), colour, (round(x), round(y)), onto=self.sheet.printed)

    def picture(self, x: float, y: float, size: float) -> None:
        """Something that is no writing: discs, bars, a barcode, a chart, spots, a photograph."""
        rng = self.rng
        side = max(10, round(size))
        if rng.random() < 0.3:
            shape = side, max(10, round(side * rng.uniform(0.7, 1.5)))
            pasted = photograph(rng, shape) if rng.random() < 0.7 else leaves(rng, shape)
            self.sheet.paste(pasted, (round(x), round(y)))
            return
        cover = np.zeros((side, side), np.uint8)
        kind = int(rng.integers(5))
        if kind == 0:
            cover[:] = np.repeat(rng.random(side // 3 + 1) < 0.5, 3)[:side].astype(np.uint8) * 255
        elif kind == 1:
            cover[:] = (
                cv2.resize(rng.random((5, 5), dtype=np.float32), (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1) * 255
            ).astype(np.uint8)
        else:
            for _ in range(int(rng.integers(2, 7))):
                a, b = (rng.random((2, 2)) * side).astype(int).tolist()
                filled = -1 if rng.random() < 0.4 else max(1, side // 30)
                if kind == 2:
                    cv2.circle(cover, a, max(2, int(rng.uniform(0.05, 0.35) * side)), int(rng.integers(90, 255)), filled, cv2.LINE_AA)
                elif kind == 3:
                    cv2.rectangle(cover, a, b, int(rng.integers(90, 255)), filled)
                else:
                    cv2.line(cover, a, b, 255, max(1, side // 30), cv2.LINE_AA)
        self.sheet.paint(cover, self.colour, (round(x), round(y)), onto=self.sheet.printed)

    def sketch(self, x: float, y: float, size: float) -> None:
        """A few strokes of a drawing."""
        rng = self.rng
        side = max(12, round(2 * size))
        cover = np.zeros((side, side, 3), np.uint8)
        for _ in range(int(rng.integers(1, 5))):
            kind, reach = int(rng.integers(7)), size * rng.uniform(0.2, 0.5)
            sketch(cover, rng, kind, reach, [255.0] * 3, max(1, round(self.core * rng.uniform(0.07, 0.2))))
        self.sheet.paint(cover[..., 0], self.colour, (round(x), round(y)), onto=self.sheet.printed)
