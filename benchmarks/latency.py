"""How long it takes to read a character, a word and a page, to write a line, and for command and page to come up.

``python benchmarks/latency.py``

writes ``benchmarks/latency.json``. Run it on an idle machine.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image

from hwr import CharRecognizer, PenWriter, PixelWriter, TextReader
from hwr.ink.rendering import fitted_picture, text_picture
from hwr.ink.strokes import parse_strokes
from hwr.pictures.line import normalise_line
from hwr.system.process import use_threads
from hwr.text.ctc import greedy

ROOT = Path(__file__).parents[1]
PORT = 7897
WORD = [  # "hello", in one hand
    [[0, 0], [0, 120], [4, 80], [20, 62], [38, 70], [42, 120]],
    [[62, 92], [100, 88], [96, 68], [78, 60], [62, 80], [64, 108], [84, 120], [106, 110]],
    [[128, 0], [126, 112], [136, 120]],
    [[158, 2], [156, 112], [166, 120]],
    [[206, 62], [188, 74], [186, 104], [204, 120], [226, 108], [228, 76], [206, 62]],
]
LETTER = "\n".join(f"Line {number} of a letter that the pen has written" for number in range(1, 21))
STROKES = [[[100, 60], [100, 240], [130, 262], [170, 240]], [[70, 120], [150, 110]]]


def milliseconds(work: Callable[[], object], repeats: int = 300) -> float:
    """Median time of one call, after warming up."""
    for _ in range(min(20, repeats)):
        work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(1000 * statistics.median(times), 2)


def seconds_to_character(picture: bytes) -> float:
    """Of ``hwr recognize`` with one picture: the whole process."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(picture)
        file.flush()
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "hwr", "recognize", file.name], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        return round(time.perf_counter() - start, 2)


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
    use_threads(1)  # as the app does
    drawing = fitted_picture(parse_strokes(STROKES))
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
    use_threads(os.cpu_count() or 1)
    reader = TextReader.from_pretrained()
    word = text_picture([np.array(stroke, np.float32) for stroke in WORD])
    page = np.array(PenWriter.from_pretrained().write(LETTER, style=17, seed=1, width=1400, verify=False).to_image().convert("L"))

    def read_greedily() -> str:
        return greedy(reader.network.emissions([normalise_line(word).pixels])[0], reader.charset)

    figures["text-best"] = {
        "word_greedy_ms": milliseconds(read_greedily),
        "word_ms": milliseconds(lambda: reader.read_line(word)),
        "page_ms": milliseconds(lambda: reader.read(page), repeats=20),
        "page_lines": len(reader.read(page).lines),
    }
    writer = PixelWriter.from_pretrained()
    sentence = "Sphinx of black quartz, judge my vow: 0123456789 and no rest"  # 60 characters
    figures["pixels-best"] = {
        "line_ms": milliseconds(lambda: writer.write(sentence, width=4000, verify=False), repeats=10),
        "line_verified_ms": milliseconds(lambda: writer.write(sentence, width=4000), repeats=10),
    }
    figures["seconds_to_character"] = statistics.median(seconds_to_character(buffer.getvalue()) for _ in range(5))
    figures["seconds_to_page"] = statistics.median(seconds_to_page() for _ in range(3))
    Path(__file__).with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
