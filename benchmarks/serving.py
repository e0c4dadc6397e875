"""The page as it runs for people, on this machine, and what callers over HTTP do with it: for the benchmarks of the server.

Requests go to the loopback address alone, and their number is bounded.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import socket
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
STROKES = json.loads((ROOT / "hwr/ui/character/examples.json").read_text())[0]["strokes"]
API = "/gradio_api"


@dataclass(frozen=True)
class Server:
    """A running page."""

    address: str
    process: int

    def memory(self) -> float:
        """Resident memory, MB."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """The most that it ever was, MB."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1e3 * 1.024 for line in lines if line.startswith(name))

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        """Upload a file, and give what stands for it in a call."""
        answer = httpx.post(f"{self.address}{API}/upload", files={"files": (name, data)}, timeout=60)
        return {"path": answer.raise_for_status().json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}


@contextmanager
def served() -> Generator[Server]:
    """``python app.py``, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_ANALYTICS_ENABLED": "False"}
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(3000):
            try:
                httpx.get(f"{address}/config").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield Server(address, app.pid)
    finally:
        app.terminate()
        app.wait(timeout=30)


async def call(client: httpx.AsyncClient, server: Server, endpoint: str, data: list[Any]) -> float:
    """Seconds that one answer takes in a session of its own, as curl asks for it."""
    start = time.perf_counter()
    posted = await client.post(f"{server.address}{API}/call/{endpoint}", json={"data": data})
    posted.raise_for_status()
    answer = await client.get(f"{server.address}{API}/call/{endpoint}/{posted.json()['event_id']}")
    if "event: complete" not in answer.text:
        raise RuntimeError(f"no answer: {answer.text[:200]}")
    return time.perf_counter() - start


class Caller:
    """One who keeps a session, as gradio_client and the JavaScript client do."""

    def __init__(self, client: httpx.AsyncClient, server: Server) -> None:
        self.client = client
        self.server = server
        self.session = uuid.uuid4().hex

    async def call(self, endpoint: str, data: list[Any], numbers: dict[str, int]) -> float:
        """Seconds that one answer takes; ``numbers`` are those of the endpoints."""
        start = time.perf_counter()
        join = {"data": data, "fn_index": numbers[endpoint], "session_hash": self.session}
        (await self.client.post(f"{self.server.address}{API}/queue/join", json=join)).raise_for_status()
        heard = await self.client.get(f"{self.server.address}{API}/queue/data", params={"session_hash": self.session})
        messages = [json.loads(line[5:]) for line in heard.text.split("\n\n") if line.startswith("data:")]
        if not any(message["msg"] == "process_completed" and message["success"] for message in messages):
            raise RuntimeError(f"no answer: {heard.text[-200:]}")
        return time.perf_counter() - start


def numbers(server: Server) -> dict[str, int]:
    """Numbers of the endpoints by their names."""
    config = httpx.get(f"{server.address}/config").raise_for_status().json()
    return {each["api_name"]: each["id"] for each in config["dependencies"] if each["api_visibility"] == "public"}


def images(count: int) -> bytes:
    """A zip archive with so many labelled images: those of the page's ready set, again and again."""
    archive = io.BytesIO()
    with zipfile.ZipFile(ROOT / "hwr/ui/evaluate/sets/drawn.zip") as ready, zipfile.ZipFile(archive, "w") as target:
        names = [name for name in ready.namelist() if name.endswith(".png")]
        for number, name in enumerate(itertools.islice(itertools.cycle(names), count)):
            folder, _, file = name.rpartition("/")
            target.writestr(f"{folder}/{number}_{file}", ready.read(name))
    return archive.getvalue()
