"""How long one character takes, and how long the page takes to come up: ``python benchmarks/latency.py``.

Writes ``benchmarks/latency.json``. Run it on an idle machine.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

import torch
from PIL import Image

from hwr import CharRecognizer, ink

ROOT = Path(__file__).parents[1]
PORT = 7897
STROKES = [[[100, 60], [100, 240], [130, 262], [170, 240]], [[70, 120], [150, 110]]]


def milliseconds(work: Callable[[], object], repeats: int = 300) -> float:
    """Median time of one call, after warming up."""
    for _ in range(20):
        work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times), 2)


def seconds_to_page() -> float:
    """From ``python app.py`` to a page that answers."""
    environment = os.environ | {"GRADIO_SERVER_PORT": str(PORT), "GRADIO_SERVER_NAME": "127.0.0.1"}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - start < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/config", timeout=5):
                    return round(time.perf_counter() - start, 2)
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
    finally:
        process.terminate()
        process.wait()
    raise TimeoutError("the page did not come up")


def main() -> None:
    torch.set_num_threads(1)  # as the app does
    drawing = ink.fitted_picture(ink.parse_strokes(STROKES))
    buffer = io.BytesIO()
    Image.fromarray(drawing).save(buffer, "PNG")
    figures: dict[str, object] = {"date": date.today().isoformat(), "cpu_cores": os.cpu_count()}
    for name in ("char-best", "char-reference"):
        recognizer = CharRecognizer.from_pretrained(name)
        figures[name] = {
            "image_ms": milliseconds(lambda r=recognizer: r.predict(drawing)),
            "png_ms": milliseconds(lambda r=recognizer: r.predict(buffer.getvalue())),
            "strokes_ms": milliseconds(lambda r=recognizer: r.predict_strokes(STROKES)),
        }
    figures["seconds_to_page"] = statistics.median(seconds_to_page() for _ in range(3))
    Path(__file__).with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
