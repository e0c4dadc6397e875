"""Crowds of programs, and visitors beside evaluations: ``python benchmarks/load.py``, into ``load.md``.

Page and callers run on this machine. Every crowd sends requests for ``--seconds``; each caller waits for its answer before it asks again.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import os
import random
import time
import zipfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from serving import ROOT, STROKES, Caller, Server, call, images, numbers, served

SHARES = {"recognize_strokes": 60, "read_text": 20, "write_pen": 15, "evaluate": 5}
"""Of the calls of a mixed crowd, in percent."""
EVALUATED = 5_000
"""Images of the evaluations that run beside a visitor."""
MOST = 400
"""Requests of that visitor."""


def word() -> bytes:
    """A picture of a word, PNG: the widest of the page's ready set."""
    with zipfile.ZipFile(ROOT / "hwr/ui/evaluate/sets/strokes.zip") as ready:
        pictures = [ready.read(name) for name in ready.namelist() if name.endswith(".png")]
    return max(pictures, key=lambda data: Image.open(io.BytesIO(data)).width)


def arguments_of(server: Server) -> dict[str, list[Any]]:
    """What the endpoints are called with."""
    picture, archive = server.upload("word.png", word()), server.upload("twenty.zip", images(20))
    return {
        "recognize_strokes": [STROKES, 5],
        "read_text": [picture, True, ""],
        "write_pen": ["Dear reader, this was written", 3, 0.5, 7, None, True],
        "evaluate": [archive, "", "char-best"],
    }


async def crowd(server: Server, clients: int, seconds: float, shares: dict[str, int], kept: bool) -> tuple[dict[str, list[float]], int]:
    """Seconds of the answers of each endpoint, and how many calls failed."""
    given, ids = arguments_of(server), numbers(server)
    taken: dict[str, list[float]] = defaultdict(list)
    failed = 0
    end = time.perf_counter() + seconds

    async def one(number: int) -> None:
        nonlocal failed
        choice = random.Random(number)
        async with httpx.AsyncClient(timeout=120) as client:
            caller = Caller(client, server)
            while time.perf_counter() < end:
                (endpoint,) = choice.choices(list(shares), list(shares.values()))
                try:
                    asked = caller.call(endpoint, given[endpoint], ids) if kept else call(client, server, endpoint, given[endpoint])
                    taken[endpoint].append(await asked)
                except (httpx.HTTPError, RuntimeError):
                    failed += 1

    await asyncio.gather(*(one(number) for number in range(clients)))
    return taken, failed


def described(name: str, server: Server, clients: int, seconds: float, shares: dict[str, int], kept: bool) -> list[str]:
    """Rows of the table for one crowd."""
    before, start = server.memory(), time.perf_counter()
    taken, failed = asyncio.run(crowd(server, clients, seconds, shares, kept))
    took = time.perf_counter() - start
    count = sum(map(len, taken.values()))
    everything = list(itertools.chain(*taken.values()))
    rows = [
        f"| {name} | {count / took:.1f} | {quantiles(everything)} | {failed} | {before:.0f} → {server.memory():.0f} ({server.peak():.0f}) |"
    ]
    if len(taken) > 1:
        rows += [
            f"| … {endpoint}, {len(taken[endpoint])} of them | | {quantiles(taken[endpoint])} | | |"
            for endpoint in shares
            if taken[endpoint]
        ]
    print(*rows, sep="\n", flush=True)
    return rows


def quantiles(seconds: list[float]) -> str:
    """Cells of the table."""
    return " | ".join(f"{value:.2f}" for value in np.percentile(seconds, (50, 95, 99)))


async def beside_evaluations(server: Server) -> tuple[list[float], Counter[str]]:
    """Seconds of a visitor's answers while two others evaluate, and how these went on meanwhile."""
    archive = server.upload("many.zip", images(EVALUATED))
    ends: Counter[str] = Counter()

    async def evaluation() -> None:
        async with httpx.AsyncClient(timeout=600) as client:
            try:
                await call(client, server, "evaluate", [archive, "", "char-best"])
                ends["ended"] += 1
            except asyncio.CancelledError:
                ends["still running"] += 1

    others = [asyncio.create_task(evaluation()) for _ in range(2)]
    await asyncio.sleep(2)
    seconds: list[float] = []
    async with httpx.AsyncClient(timeout=60) as client:
        while len(seconds) < MOST and not all(task.done() for task in others):
            seconds.append(await call(client, server, "recognize_strokes", [STROKES, 5]))
    for task in others:
        task.cancel()
    await asyncio.wait(others)
    return seconds, ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50, help="of the crowd that recognises strokes")
    parser.add_argument("--mixed", type=int, default=10, help="clients of the mixed crowds")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=["strokes", "mixed", "evaluations"], help="print that part, and write nothing")
    options = parser.parse_args()
    strokes = {"recognize_strokes": 100}
    rows: list[str] = []
    with served() as server:
        idle = server.memory()
        print(f"idle: {idle:.0f} MB", flush=True)
        asyncio.run(crowd(server, 5, 3, strokes, kept=False))
        if options.only in (None, "strokes"):
            for kept, how in ((False, "new sessions"), (True, "kept sessions")):
                rows += described(f"{options.clients} clients, strokes, {how}", server, options.clients, options.seconds, strokes, kept)
        if options.only in (None, "mixed"):
            for kept, how in ((False, "new sessions"), (True, "kept sessions")):
                rows += described(f"{options.mixed} clients, mixed, {how}", server, options.mixed, options.seconds, SHARES, kept)
        if options.only in (None, "evaluations"):
            seconds, ends = asyncio.run(beside_evaluations(server))
            how = ", ".join(f"{count} {end}" for end, count in ends.items())
            name = f"one visitor, strokes, while two others evaluate {EVALUATED:,} images ({how} after {len(seconds)} answers)"
            rows += [
                f"| {name} | {len(seconds) / sum(seconds):.1f} | {quantiles(seconds)} | 0 | {server.memory():.0f} ({server.peak():.0f}) |"
            ]
            print(rows[-1], flush=True)
    if options.only is None:
        lines = [
            f"`python benchmarks/load.py --clients {options.clients} --mixed {options.mixed} --seconds {options.seconds:g}`, "
            f"{date.today()}, {os.cpu_count()} cores, callers and server on the same machine. Idle, the app takes {idle:.0f} MB.",
            "",
            "| who asks for what | answers a second | seconds, median | 95% | 99% | failed | memory, MB (peak so far) |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *rows,
        ]
        Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")
        print("written: benchmarks/load.md; then python benchmarks/figures.py")


if __name__ == "__main__":
    main()
