"""``python app.py`` as people run it, on a free port; and the recogniser that it should agree with."""

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import httpx
from hub_server import FakeHub

from hwr import CharRecognizer, InkReader, PenWriter, PixelWriter, TextReader

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300


@contextmanager
def serve(root: Path = ROOT, **env: str) -> Iterator[str]:
    """Run the app that lies in a folder until the block ends and give its address, once it answers there."""
    with served(root, **env) as (url, _):
        yield url


@contextmanager
def served(root: Path = ROOT, **env: str) -> Iterator[tuple[str, int]]:
    """As :func:`serve`, but give the number of its process as well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        env = os.environ | env | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_TEMP_DIR": folder}
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "app.py"], cwd=root, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, log)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/config").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"The app did not come up:\n{log.read_text()}")


@cache
def _shared() -> tuple[str, int, FakeHub]:
    stack = ExitStack()
    atexit.register(stack.close)
    hub = stack.enter_context(FakeHub())
    return *stack.enter_context(served(**hub.env)), hub


def shared_app() -> str:
    """Address of an app that all tests share; it ends with them."""
    return _shared()[0]


def shared_app_pid() -> int:
    """The number of its process."""
    return _shared()[1]


def shared_hub() -> FakeHub:
    """The Hub that it knows."""
    return _shared()[2]


@cache
def recognizer() -> CharRecognizer:
    """The weights that the shared app serves: the shipped ones, unless ``HWR_CHAR_MODEL`` names others to try."""
    return CharRecognizer.from_pretrained(os.environ.get("HWR_CHAR_MODEL"))


@cache
def reader() -> TextReader:
    """Likewise of words and lines."""
    return TextReader.from_pretrained(os.environ.get("HWR_TEXT_MODEL"))


@cache
def ink_reader() -> InkReader:
    """Likewise of strokes."""
    return InkReader.from_pretrained(os.environ.get("HWR_INK_MODEL"))


@cache
def pen_writer() -> PenWriter:
    """Likewise what writes with a pen."""
    return PenWriter.from_pretrained(os.environ.get("HWR_PEN_MODEL"))


@cache
def pixel_writer() -> PixelWriter:
    """Likewise what writes with pixels."""
    return PixelWriter.from_pretrained(os.environ.get("HWR_PIXEL_MODEL"))
