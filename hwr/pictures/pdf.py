"""The pages of a PDF as pictures, with PDFium, which sits in a process of its own: see :mod:`hwr.pictures.pdf_process`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from hwr.errors import InputError, missing_extra
from hwr.pictures.loading import MAX_PIXELS

RESOLUTION = 200.0
"""Pixels per inch that a page is drawn with; fewer where it would have more than ``MAX_PIXELS``."""
_SECONDS = 60  # that a page may take by the clock; of the processor it may take less
_MEMORY = 3 * 2**29  # bytes of address space; the interpreter and its libraries count


def count_pages(source: Path | bytes, name: str) -> int:
    """How many pages a PDF has.

    Args:
        source: the file, or what is in it.
        name: of the file, for people.

    Raises:
        InputError: it is protected by a password or damaged, or pypdfium2 isn't installed.
    """
    return _ask(source, name, -1)[0]["pages"]


def draw_page(source: Path | bytes, name: str, number: int) -> Image.Image:
    """A page as a picture, RGB; ``info["dpi"]`` says how large it is.

    Args:
        source: the file, or what is in it.
        name: of the file, for people.
        number: of the page, from 0.

    Raises:
        InputError: the page can't be drawn, or not within limits of time, memory and pixels.
    """
    said, pixels = _ask(source, name, number)
    rows = np.frombuffer(pixels, np.uint8).reshape(said["height"], said["stride"])[:, : said["width"] * said["channels"]]
    picture = Image.fromarray(rows.reshape(said["height"], said["width"], said["channels"])[:, :, :3])
    picture.info["dpi"] = (said["resolution"],) * 2
    return picture


def _ask(source: Path | bytes, name: str, number: int) -> tuple[dict[str, Any], bytes]:
    if find_spec("pypdfium2") is None:
        raise InputError(missing_extra(ModuleNotFoundError(name="pypdfium2")))
    name = name or "The PDF"
    place, data = ("-", source) if isinstance(source, bytes) else (str(source.resolve()), b"")
    limits = [str(RESOLUTION), str(MAX_PIXELS), str(_MEMORY)]
    command = [sys.executable, "-P", str(Path(__file__).with_name("pdf_process.py")), place, str(number), *limits]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode == -getattr(signal, "SIGXCPU", 24):  # its limit of the processor's time
        raise InputError(f"{name} takes too long to draw. Print it to a new PDF, or use pictures of its pages.")
    head, _, pixels = done.stdout.partition(b"\n")
    said: dict[str, Any] = json.loads(head) if done.returncode == 0 else {"error": "damaged"}  # what was killed has said nothing
    match said.get("error"):
        case None:
            return said, pixels
        case "password":
            raise InputError(f"{name} is protected by a password. Save it without one.")
        case "pixels":
            raise InputError(
                f"A page of {name} holds {said['pixels'] / 1e6:,.0f} million pixels; at most {MAX_PIXELS // 1_000_000} million are read. "
                "Save it with smaller pictures."
            )
        case "size":
            raise InputError(f"A page of {name} has no size. Print it to a new PDF.")
        case "memory":
            raise InputError(f"A page of {name} needs too much memory to draw. Print it to a new PDF, or use pictures of its pages.")
        case _:
            raise InputError(f"{name} is damaged and can't be opened. Save or upload it again.")
