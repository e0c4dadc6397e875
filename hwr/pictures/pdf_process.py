"""What opens a stranger's PDF: PDFium, in a process of its own that may neither take the machine's memory nor bring anything down with it.

``python pdf_process.py PATH PAGE RESOLUTION MAX_PIXELS MAX_MEMORY``; a ``PATH`` of ``-`` is standard input, a ``PAGE`` of -1 none. Says on
standard output what :mod:`hwr.pictures.pdf` reads: a line of JSON, and the pixels of the page.
"""

import json
import sys
from pathlib import Path
from typing import Any

_INCH = 72.0  # points
_SECONDS = 6
"""Of a processor that a page may take; then the system ends the process by SIGXCPU. Pages of scanners take one."""


def main(path: str, page: int, resolution: float, max_pixels: int, max_memory: int) -> tuple[dict[str, Any], bytes]:
    """What to say, and the pixels: rows of RGB, each ``stride`` bytes long."""
    _limit(max_memory)
    import pypdfium2
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(sys.stdin.buffer.read() if path == "-" else Path(path))
        if page < 0:
            return {"pages": len(document)}, b""
        shown = document[page]
        width, height = shown.get_size()
        scale = min(resolution / _INCH, (0.99 * max_pixels / max(width * height, 1.0)) ** 0.5)  # sides are rounded up
        if min(width, height) * scale < 1:
            return {"error": "size"}, b""
        pixels = 0
        for image in shown.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            columns, rows = image.get_px_size()
            pixels += columns * rows
        if pixels > max_pixels:
            return {"error": "pixels", "pixels": pixels}, b""
        bitmap = shown.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        said = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride, "channels": bitmap.n_channels}
        return said | {"resolution": scale * _INCH}, bytes(bitmap.buffer)
    except PdfiumError as error:
        return {"error": "password" if "password" in str(error).lower() else "damaged"}, b""
    except MemoryError:
        return {"error": "memory"}, b""


def _limit(most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 1))


if __name__ == "__main__":
    answer, pixels = main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)
