"""Time and memory of batch evaluation: ``python benchmarks/evaluation.py``. Run it on an idle machine; writes ``benchmarks/evaluation.md``.

18,800 scanned characters from Parquet and from a zip archive of PNG files, to the finished report; 200,000 from a zip archive.
"""

import json
import multiprocessing
import os
import resource
import tempfile
import time
import zipfile
from datetime import date
from pathlib import Path

import cv2

from hwr import CharRecognizer, TextReader
from hwr.charset import CLASSES
from hwr.data import emnist
from hwr.evaluation import report
from hwr.evaluation import run as batch
from hwr.evaluation.collections.opening import open_collection
from hwr.system.process import use_threads

ROOT = Path(__file__).parents[1]
MANY = 200_000


def megabytes() -> float:
    """Memory in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def measure(source: str, folder: str, results: multiprocessing.Queue) -> None:
    """Seconds to the finished report, and the most memory over that of the loaded app."""
    import gradio  # noqa: F401 (part of the app)

    use_threads(1)
    recognizer, reader = CharRecognizer.from_pretrained(), TextReader.from_pretrained()
    before = megabytes()
    start = time.perf_counter()
    found = batch.evaluate(open_collection(source), recognizer, reader)
    report.save_all(found, Path(folder))
    seconds = time.perf_counter() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    results.put({"seconds": round(seconds, 1), "megabytes": round(most - before), "n": found.metrics()["n"]})


def main() -> None:
    dataset = os.path.join(os.environ["HWR_DATASETS"], "emnist-47")
    data = emnist.load(dataset, "test")
    names = [f"{ord(CLASSES[label]):02x}" for label in data.labels]
    encoded = [cv2.imencode(".png", image)[1].tobytes() for image in data.images]
    rows = {}
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for file, count in (("few.zip", len(names)), ("many.zip", MANY)):
            with zipfile.ZipFile(Path(folder, file), "w") as archive:
                for index in range(count):
                    archive.writestr(f"{names[index % len(names)]}/{index}.png", encoded[index % len(names)])
        for title, source in (
            ("Parquet", os.path.join(dataset, "test.parquet")),
            ("zip of PNG files", os.path.join(folder, "few.zip")),
            ("zip of PNG files, many", os.path.join(folder, "many.zip")),
        ):
            results = context.Queue()
            process = context.Process(target=measure, args=(source, os.path.join(folder, "report"), results))
            process.start()
            rows[title] = results.get()
            process.join()
            print(title, json.dumps(rows[title]))
    lines = [
        f"`python benchmarks/evaluation.py`, {date.today().isoformat()}, {os.cpu_count()} cores: to the finished report, with `char-best`.",
        "",
        "| source | characters | seconds | memory over the loaded app, MB |",
        "|---|---:|---:|---:|",
        *(f"| {title} | {row['n']:,} | {row['seconds']} | {row['megabytes']} |" for title, row in rows.items()),
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
