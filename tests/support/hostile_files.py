"""Files that attackers upload: pictures, ink, collections and weights, each made here, each small."""

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from attacking import File
from PIL import Image
from safetensors.torch import save

from hwr import CharLSTM

# --- pictures ---


def picture(kind: str = "PNG", image: Image.Image | None = None, name: str = "picture", **options: Any) -> File:
    """A picture of a stroke, or another one, in a file of some kind."""
    buffer = io.BytesIO()
    (stroke() if image is None else image).save(buffer, kind, **options)
    return File(buffer.getvalue(), name if "." in name else f"{name}.{kind.lower()}")


def stroke(size: tuple[int, int] = (60, 80), mode: str = "L") -> Image.Image:
    """A dark bar on light paper."""
    pixels = np.full(size[::-1], 255, np.uint8)
    pixels[size[1] // 8 : -(size[1] // 8), size[0] // 2 - 3 : size[0] // 2 + 3] = 0
    return Image.fromarray(pixels).convert(mode)


def large(side: int, mode: str = "1") -> Image.Image:
    """Few bytes for many pixels."""
    image = Image.new(mode, (side, side), 1 if mode == "1" else "white" if mode != "F" else 1.0)
    image.paste(0, (side // 2 - side // 50, side // 10, side // 2 + side // 50, side - side // 10))
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 0, data: bytes = b"", more: bytes = b"") -> File:
    """A PNG file that says anything."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return File(b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""), "picture.png")


def text_bomb() -> File:
    """A PNG file whose comment unpacks to 60 MB, and its colour profile too."""
    packed = zlib.compress(bytes(60_000_000), 9)
    return png(1, 1, data=b"\0\0", more=chunk(b"zTXt", b"Comment\0\0" + packed) + chunk(b"iCCP", b"x\0\0" + packed))


def floats(value: float) -> File:
    """A TIFF file of 32-bit floating point."""
    pixels = np.asarray(stroke()).astype(np.float32)
    pixels[0] = value
    return picture("TIFF", Image.fromarray(pixels))


def tiff_that_says(width: int, height: int, count: int = 1) -> File:
    """A TIFF file of a few bytes that says to be large, or to have many strips."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, count, 8), (277, 3, 1, 1)]
    entries += [(278, 4, 1, height), (279, 4, count, 100)]
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return File(struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + body + struct.pack("<I", 8), "picture.tiff")


def tiff_of_strips(count: int) -> File:
    """A TIFF file of one column, each pixel of which lies somewhere else."""
    entries = [(256, 4, 1, 1), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, count, 200), (277, 3, 1, 1)]
    entries += [(278, 4, 1, 1), (279, 4, count, 200 + 4 * count)]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return File(head.ljust(200, b"\0") + struct.pack("<I", 8) * count + struct.pack("<I", 1) * count, "picture.tiff")


def animation(frames: int) -> File:
    """A GIF file with so many pictures."""
    pictures = [Image.new("L", (8, 8), number % 2 * 255) for number in range(frames)]
    return picture("GIF", pictures[0], save_all=True, append_images=pictures[1:], duration=1)


def scans(side: int, count: int) -> File:
    """A progressive JPEG file that goes over all of its picture again and again."""
    image = io.BytesIO()
    Image.new("L", (side, side), 255).save(image, "JPEG", progressive=True, quality=1)
    data = image.getvalue()
    last = data.rindex(b"\xff\xda")
    return File(data[:last] + data[last:-2] * count + b"\xff\xd9", "picture.jpg")


def exif_of(orientation: Any, more: bytes = b"") -> bytes:
    """EXIF data."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes() + more


# --- ink ---


def svg(inner: str, head: str = "", name: str = "ink.svg") -> File:
    """An SVG file."""
    return File(f'<?xml version="1.0"?>{head}<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'.encode(), name)


def inkml(inner: str, encoding: str = "utf-8") -> File:
    """An InkML file."""
    text = f'<?xml version="1.0" encoding="{encoding}"?><ink xmlns="http://www.w3.org/2003/InkML">{inner}</ink>'
    return File(text.encode(encoding), "ink.inkml")


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 9)) + "]>"
)  # Billion laughs: CWE-776
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"

# --- collections ---


def archive(entries: dict[str, bytes], **options: Any) -> File:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **({"compression": zipfile.ZIP_DEFLATED} | options)) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return File(buffer.getvalue(), "collection.zip")


def lying_archive(real: int) -> File:
    """A zip archive whose entry unpacks to more than its header says."""
    data = bytearray(archive({"A/1.png": bytes(real)}).data)
    for signature, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(signature) + at
        data[start : start + 4] = struct.pack("<I", 100)
    return File(bytes(data), "collection.zip")


def table(columns: dict[str, Any], **options: Any) -> File:
    """A Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return File(buffer.getvalue(), "collection.parquet")


def idx(*shape: int, data: bytes = b"") -> bytes:
    """An IDX file that says anything."""
    return gzip.compress(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + data)


# --- weights ---


def model(**changes: bytes) -> dict[str, bytes]:
    """The files of a small model, some of them others."""
    network = CharLSTM(hidden_size=4, num_layers=1)
    config = json.dumps({"hidden_size": 4, "num_layers": 1}).encode()
    files = {"config.json": config, "model.safetensors": save(network.state_dict())}
    return files | {{"config": "config.json", "weights": "model.safetensors"}[name]: data for name, data in changes.items()}


def other_shape() -> bytes:
    """Weights of another network."""
    return save(CharLSTM(hidden_size=6, num_layers=1).state_dict())


def not_a_number() -> bytes:
    """Weights that are NaN."""
    return save(
        {name: torch.full_like(tensor, float("nan")) for name, tensor in CharLSTM(hidden_size=4, num_layers=1).state_dict().items()}
    )


def a_pickle() -> bytes:
    """What runs code when it is loaded as people once loaded models."""
    return pickle.dumps({"weight": print})
