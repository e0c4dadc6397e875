"""UNIPEN train_r01_v07 as Zenodo distributes it, in very small: scrawls of four writers, one of them for validation, one for the test."""

import io
import string
import tarfile
from itertools import count

import numpy as np

from hwr.data.unipen_conversion import split_of

WORDS = ("at", "be", "Cat", "dog", "it's", "(see", "1984", "hand", "fly", "quite")
LINES = ("dog at", "hand it's", "fly Cat be", "1984 (see")
CHARS = string.digits + string.ascii_letters
ROOT = "unipen/CDROM/train_r01_v07"


def tgz(copies: int = 4) -> bytes:
    """The archive; each writer's words that many times."""
    files: dict[str, str] = {}
    for writer in writers():
        ink, segments = document(writer, copies)
        files[f"include/abc/data/{writer}.dat"] = ink
        for category, found in segments.items():
            files[f"data/{category}/abc/{writer}.dat"] = f".INCLUDE abc/data/{writer}.dat\n" + "".join(found)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            data = text.encode("latin-1")
            entry = tarfile.TarInfo(f"{ROOT}/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def writers() -> list[str]:
    """Two of the training split, one of each other."""
    wanted, found = ["train", "train", "validation", "test"], []
    for name in (f"writer{number}" for number in count()):
        if (split := split_of(name)) in wanted:
            wanted.remove(split)
            found.append(name)
        if not wanted:
            return found
    raise AssertionError


def document(writer: str, copies: int) -> tuple[str, dict[str, list[str]]]:
    """A file of ink, and segments of it by category: a stroke a letter, units of the writer's own, y upwards."""
    draw = np.random.default_rng([ord(letter) for letter in writer])
    unit = draw.uniform(20, 80)
    lines = [".VERSION 1.0", ".COORD X Y", f".WRITER_ID {writer}"]
    segments: dict[str, list[str]] = {"2": [], "7": [], "8": []}
    place = 0
    for category, level, texts in (("7", "WORD", WORDS * copies), ("8", "TEXT", LINES), ("2", "CHARACTER", CHARS)):
        for text in texts:
            first = place
            for index, char in enumerate(text):
                if char == " ":
                    continue
                lines += [".PEN_DOWN", *(f"{x} {y}" for x, y in letter(char, index, unit, draw)), ".PEN_UP"]
                place += 1
            last = "" if place == first + 1 else f"-{place - 1}"
            segments[category].append(f'.SEGMENT {level} {first}{last} OK "{text}"\n')
    return "\n".join(lines) + "\n", segments


def letter(char: str, index: int, unit: float, draw: np.random.Generator) -> list[tuple[int, int]]:
    """The same zigzag for the same letter, but for a tremble."""
    shape = np.random.default_rng(ord(char)).uniform(0, 1, (7, 2)) * (0.9, 1.0 if char in "acemnorsuvwxz" else 1.9)
    points = (shape + np.array([1.2 * index, 0]) + draw.normal(0, 0.02, shape.shape)) * unit
    return [(round(x), round(y)) for x, y in points.tolist()]
