"""What training, reading and writing take at scale.

``python benchmarks/scale.py training`` (or ``writing``, ``reading``, ``pages``, ``memory``, ``kills``) measures one thing, on a machine of
two cores or more that does nothing else, and keeps the figures in ``benchmarks/scale.json``; ``--number`` makes it smaller or larger. Then
``paper`` computes of them what a million pages and a billion lines take. All write ``benchmarks/scale.md``. Wants ``HWR_DATASETS``, and
``PYTHONPATH=.``.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).with_suffix(".json")
WORKERS = 2
KILLS = 10
CORES = 1000
MILLION, BILLION = 10**6, 10**9


def hwr(*words: str) -> subprocess.Popen:
    """The command line, on Ray of this machine."""
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", "hwr", *words], env=environment, cwd=ROOT, stdout=nowhere, stderr=nowhere)


def finish(process: subprocess.Popen) -> None:
    if process.wait():
        raise SystemExit(f"{process.args} failed")


def steadily(folder: Path, rows: int) -> float:
    """Rows a second between the first shard and the last: without the start of Ray and of the networks."""
    times = sorted(path.stat().st_mtime for path in (folder / "data").glob("*.parquet"))
    return rows * (len(times) - 1) / len(times) / max(times[-1] - times[0], 1e-9)


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "data").glob("*.parquet"))


def texts_in(folder: Path, words: int) -> str:
    """A file of lines, of so many words each, from the texts of the ink data set."""
    from hwr.data import unipen
    from hwr.training.recipes.base import data_folder

    texts = [text for text in unipen.load(data_folder("unipen-ink"), "validation", "word").texts if text.isalpha()]
    lines = [" ".join(texts[start : start + words]) for start in range(0, len(texts) - words, words)]
    (folder / "texts.txt").write_text("\n".join(lines))
    return str(folder / "texts.txt")


def written(folder: Path, number: int, words: int = 6, size: int = 50) -> Path:
    """A data set of written lines."""
    options = ["--number", str(number), "--workers", str(WORKERS), "--shard-size", str(size)]
    finish(hwr("write", "--texts", texts_in(folder, words), "--out", f"{folder}/written", *options))
    return folder / "written"


def training(number: int) -> dict[str, Any]:
    """Samples a second of the training of characters, on one process and on two, each on one core; the median step."""
    rates = {}
    launch = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_machines=1", "--mixed_precision=no", "--dynamo_backend=no"]
    for processes in (1, WORKERS):
        with TemporaryDirectory() as folder:
            several = [*launch, "--main_process_port=0", f"--num_processes={processes}"] if processes > 1 else []
            environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
            command = [sys.executable, *several, __file__, "train-here", "--number", str(number)]
            subprocess.run(command, env=environment, cwd=folder, check=True)
            rates[processes] = json.loads(Path(folder, "rate.json").read_text())
    return {"one": rates[1], "two": rates[WORKERS], "times": rates[WORKERS] / rates[1]}


def train_here(number: int) -> dict[str, Any]:
    """One process of :func:`training`."""
    from hwr.system.process import use_threads
    from hwr.training import machines
    from hwr.training.recipes import char
    from hwr.training.trainer import Trainer

    use_threads(1)
    batch = 256
    char.DRAWS_PER_EPOCH = batch * number  # ty: ignore[invalid-assignment]
    times: list[float] = []
    update = Trainer._update

    def timed(trainer: Trainer) -> Any:
        times.append(time.monotonic())
        return update(trainer)

    Trainer._update = timed  # ty: ignore[invalid-assignment]
    network: dict[str, Any] = {"bidirectional": True, "scan": "rows+columns", "pooling": "mean", "stem_channels": (32, 64, 32)}
    char.CharRecipe(name="scale", epochs=1, batch_size=batch, parts=WORKERS, **network).train(Path("runs"))
    steps = sorted(after - before for before, after in pairwise(times[5:]))
    if machines.leave():
        Path("rate.json").write_text(json.dumps(batch / steps[len(steps) // 2]))
    return {}


def writing(number: int) -> dict[str, Any]:
    """Lines of six words, with picture, strokes and boxes, by two workers."""
    with TemporaryDirectory() as folder:
        start = time.monotonic()
        out = written(Path(folder), number)
        seconds = time.monotonic() - start
        return {
            "rows": number,
            "a_second": number / seconds,
            "a_second_steadily": steadily(out, number),
            "bytes_a_row": bytes_of(out) / number,
        }


def reading(number: int) -> dict[str, Any]:
    """Written lines, in a plain loop on one core and by Ray with two workers."""
    from hwr import TextReader
    from hwr.bulk.sources import items, pieces_of
    from hwr.system.process import use_threads

    with TemporaryDirectory() as folder:
        source = str(written(Path(folder), number))
        use_threads(1)
        start = time.monotonic()
        reader = TextReader.from_pretrained()
        for piece in pieces_of(source, split=None, size=100):
            for item in items(piece):
                if item.data is not None:
                    reader.read_line(item.data)
        plain = time.monotonic() - start
        start = time.monotonic()
        out = Path(folder, "read")
        finish(hwr("read", source, "--line", "--out", str(out), "--workers", str(WORKERS), "--shard-size", "100"))
        spread = time.monotonic() - start
        return {
            "rows": number,
            "loop_a_second": number / plain,
            "ray_a_second": number / spread,
            "ray_a_second_steadily": steadily(out, number),
            "times": plain / spread,
            "bytes_a_row": bytes_of(out) / number,
        }


def pages(number: int) -> dict[str, Any]:
    """Pages of 25 lines that the pen wrote, on ruled paper, each in another hand, read by one core."""
    from hwr import PenWriter
    from hwr.bulk.reading import ShardReader
    from hwr.bulk.shards import Shards
    from hwr.bulk.sources import pieces_of
    from hwr.system.process import use_threads

    use_threads(1)
    writer = PenWriter.from_pretrained()
    with TemporaryDirectory() as folder:
        lines = Path(texts_in(Path(folder), 3)).read_text().splitlines()
        Path(folder, "pages").mkdir()
        for place in range(number):
            text = "\n".join(random.Random(place).sample(lines, 25))
            page = writer.write(text, style=place % len(writer.gallery), seed=place, verify=False, paper="ruled").to_image()
            page.convert("L").save(f"{folder}/pages/{place:04d}.jpg")
        pieces = pieces_of(f"{folder}/pages", split=None, size=number)
        shards = Shards(f"{folder}/read", {}, len(pieces))
        worker = ShardReader(shards, pieces, None, None, "cpu", False, {})
        start = time.process_time()
        found = sum(len(row["lines"]) for row in worker.rows(pieces[0]))
        seconds = time.process_time() - start
        worker({"shard": 0})
        sizes = sum(path.stat().st_size for path in Path(folder, "pages").iterdir())
        return {
            "pages": number,
            "seconds_a_page": seconds / number,
            "lines_a_page": found / number,
            "bytes_a_page": sizes / number,
            "bytes_a_row": bytes_of(shards.folder) / number,
        }


def memory(number: int) -> dict[str, Any]:
    """What a worker holds while it reads so many words, all out of one Parquet file."""
    import psutil
    import pyarrow.parquet as pq

    from hwr.bulk.reading import ShardReader
    from hwr.bulk.shards import Shards
    from hwr.bulk.sources import pieces_of

    with TemporaryDirectory() as folder:
        parts = [pq.read_table(path, columns=["image", "text"]) for path in (written(Path(folder), 200, 1) / "data").glob("*.parquet")]
        with pq.ParquetWriter(f"{folder}/many.parquet", parts[0].schema) as file:
            for _ in range(-(-number // 200)):
                for part in parts:
                    file.write_table(part)
        pieces = pieces_of(f"{folder}/many.parquet", split=None, size=500)
        worker = ShardReader(Shards(f"{folder}/read", {}, len(pieces)), pieces, None, None, "cpu", True, {})
        process, held, rows = psutil.Process(), [], 0
        for place, piece in enumerate(pieces):
            rows += worker({"shard": place})["rows"] if piece else 0
            held.append(process.memory_info().rss / 2**20)
        tenth = max(1, len(held) // 10)
        first, last = (sum(part) / len(part) for part in (held[tenth : 2 * tenth], held[-tenth:]))
        return {"images": rows, "second_tenth_mb": first, "last_tenth_mb": last, "peak_mb": max(held)}


def kills(number: int) -> dict[str, Any]:
    """Shards that are lost or made twice if the command is killed ten times, at random moments."""
    import pyarrow.parquet as pq

    draw = random.Random(0)
    with TemporaryDirectory() as folder:
        out = Path(folder, "out")
        words = ["write", "--texts", texts_in(Path(folder), 3), "--out", str(out), "--number", str(number), "--shard-size", "10"]
        words += ["--workers", str(WORKERS), "--clean"]
        made: dict[str, tuple[int, int]] = {}
        counts: list[int] = []
        again = 0

        def seen() -> dict[str, tuple[int, int]]:
            return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (out / "data").glob("train-*.parquet")}

        for _ in range(KILLS):
            process = hwr(*words)
            until = time.monotonic() + 300
            aim = len(made) + draw.randrange(4)  # at once, or after some shards; and then anywhere within one
            while len(seen()) < aim and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(draw.uniform(0, 1.5) + (draw.uniform(0, 12) if aim == len(made) else 0))
            killed = process.poll() is None
            process.kill()
            process.wait()
            counts.append(len(seen()) if killed else -1)
            again += sum(made[name] != found for name, found in seen().items() if name in made)
            made = seen()
        finish(hwr(*words))
        again += sum(made[name] != found for name, found in seen().items() if name in made)
        tables = [pq.read_table(path, columns=["number"]) for path in sorted((out / "data").glob("train-*.parquet"))]
        numbers = Counter(value for table in tables for value in table["number"].to_pylist())
        return {
            "shards": len(tables),
            "shards_at_each_kill": counts,
            "rows_lost": sum(value not in numbers for value in range(number)),
            "rows_doubled": sum(count - 1 for count in numbers.values()),
            "shards_made_again": again,
        }


def paper(number: int) -> dict[str, Any]:
    """Core hours, hours on a thousand cores, and storage, of the measured figures."""
    found = json.loads(OUT.read_text())
    page, line = found["pages"], found["writing"]
    reading_hours = page["seconds_a_page"] * MILLION / 3600
    writing_hours = WORKERS / line["a_second_steadily"] * BILLION / 3600
    return {
        "pages": {"core_hours": reading_hours, "in_bytes": page["bytes_a_page"] * MILLION, "out_bytes": page["bytes_a_row"] * MILLION},
        "lines": {"core_hours": writing_hours, "in_bytes": 0, "out_bytes": line["bytes_a_row"] * BILLION},
    }


def table(found: dict[str, Any]) -> Iterator[str]:
    """All figures, as Markdown."""
    sentences: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
        "training": lambda row: (
            "two processes on two cores over one, training of characters",
            f"{row['times']:.2f} x ({row['one']:,.0f} and {row['two']:,.0f} samples a second)",
        ),
        "reading": lambda row: (
            f"reading {row['rows']:,} lines by Ray with two workers over one plain loop",
            f"{row['times']:.2f} x ({row['loop_a_second']:.1f} and {row['ray_a_second']:.1f} lines a second, start included)",
        ),
        "writing": lambda row: (
            f"lines of six words written a second with picture, strokes and boxes, two cores, of {row['rows']:,}",
            f"{row['a_second']:.1f} ({row['a_second_steadily']:.1f} once all is started)",
        ),
        "pages": lambda row: (
            f"a page of {row['lines_a_page']:.0f} lines read by one core, of {row['pages']}",
            f"{row['seconds_a_page']:.1f} s",
        ),
        "memory": lambda row: (
            f"memory of a worker while it reads {row['images']:,} words: in the second tenth, in the last, at most",
            f"{row['second_tenth_mb']:,.0f}, {row['last_tenth_mb']:,.0f}, {row['peak_mb']:,.0f} MB",
        ),
        "kills": lambda row: (
            f"after ten kills at random in making {row['shards']} shards: rows lost, rows doubled, shards made again",
            f"{row['rows_lost']}, {row['rows_doubled']}, {row['shards_made_again']}",
        ),
    }
    yield "| `python benchmarks/scale.py` | measured | on |"
    yield "|---|---|---|"
    for name, sentence in sentences.items():
        if name in found:
            (what, value), row = sentence(found[name]), found[name]
            when = ", ".join(filter(None, (row["date"], f"{row['cores']} cores", row["note"])))
            yield f"| {what} | {value} | {when} |"
    if "paper" in found:
        yield ""
        yield f"| on paper | core hours | hours on {CORES:,} cores | input | output |"
        yield "|---|---:|---:|---:|---:|"
        for title, name in (("a million pages read", "pages"), ("a billion lines written", "lines")):
            row = found["paper"][name]
            given = f"{row['in_bytes'] / 1e12:,.2f} TB" if row["in_bytes"] else ""
            yield (
                f"| {title} | {row['core_hours']:,.0f} | {row['core_hours'] / CORES:,.1f} | {given} | {row['out_bytes'] / 1e12:,.3f} TB |"
            )


MEASURES: dict[str, tuple[Callable[[int], dict[str, Any]], int]] = {
    "training": (training, 60),
    "writing": (writing, 5_000),
    "reading": (reading, 20_000),
    "pages": (pages, 24),
    "memory": (memory, 200_000),
    "kills": (kills, 1_000),
    "paper": (paper, 0),
}
"""What measures, and how many it does unless said otherwise."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=[*MEASURES, "train-here"])
    parser.add_argument("--number", type=int, help="of steps, rows, pages or images")
    parser.add_argument("--note", default="", help="on the machine, that stands beside the figure")
    options = parser.parse_args()
    if options.measure == "train-here":
        train_here(options.number)
        return
    measure, number = MEASURES[options.measure]
    figures = measure(number if options.number is None else options.number)
    found = json.loads(OUT.read_text()) if OUT.exists() else {}
    about = {"date": date.today().isoformat(), "cores": len(os.sched_getaffinity(0)), "note": options.note}
    found[options.measure] = figures | about
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    OUT.with_suffix(".md").write_text("\n".join(table(found)) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
