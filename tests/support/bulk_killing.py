"""Commands that make shards, killed as soon as they have made some."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(*words: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment.pop("RAY_ADDRESS", None)
    return subprocess.Popen(
        [sys.executable, "-m", "hwr", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )


def shards(folder: Path) -> set[str]:
    return {path.name for path in (folder / "data").glob("train-*.parquet")}


def kill_after(count: int, folder: Path, *words: str) -> set[str]:
    """Start a command, kill it once so many shards are there. Returns those that it left."""
    process = start(*words)
    ends = time.monotonic() + 300
    while len(shards(folder)) < count and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    return shards(folder)


def finish(*words: str) -> str:
    """Run a command to its end. Returns what it printed."""
    process = start(*words)
    output, error = process.communicate(timeout=240)
    assert process.returncode == 0, error[-3000:]
    return output
