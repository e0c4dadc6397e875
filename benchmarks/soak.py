"""What a long day leaves behind: ``python benchmarks/soak.py``, into ``soak.md``.

Strokes are recognised again and again, every request in a session of its own; the memory of the page is looked at every 1,000 requests.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from datetime import date
from pathlib import Path

import httpx
from serving import STROKES, Server, call, served

STEP = 1_000
SHOWN = (1, 2, 5, 10, 15, 20)
"""Rows of the table, in steps."""


async def send(server: Server, clients: int, requests: int) -> None:
    """So many requests, of so many clients side by side."""
    left = iter(range(requests))

    async def one() -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            for _ in left:
                await call(client, server, "recognize_strokes", [STROKES, 5])

    await asyncio.gather(*(one() for _ in range(clients)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--requests", type=int, default=20_000)
    options = parser.parse_args()
    steps = max(1, options.requests // STEP)
    start = time.perf_counter()
    with served() as server:
        idle = server.memory()
        sizes = []
        for step in range(1, steps + 1):
            asyncio.run(send(server, options.clients, STEP))
            sizes.append(server.memory())
            print(f"{step * STEP:,} requests: {sizes[-1]:.1f} MB, {step * STEP / (time.perf_counter() - start):.1f} a second", flush=True)
    rows = [(f"{step * STEP:,}", sizes[step - 1]) for step in SHOWN if step <= steps]
    lines = [
        f"`python benchmarks/soak.py --clients {options.clients} --requests {options.requests}`, {date.today()}, {os.cpu_count()} cores: "
        "strokes recognised over HTTP, every request in a session of its own.",
        "",
        "| requests | memory, MB | over that after 1,000 |",
        "|---:|---:|---:|",
        f"| 0 | {idle:.0f} | |",
        *(f"| {count} | {size:.0f} | {size / sizes[0] - 1:+.1%} |" for count, size in rows),
    ]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")
    print("written: benchmarks/soak.md; then python benchmarks/figures.py")


if __name__ == "__main__":
    main()
