"""The files of a model folder, and how much of what strangers send goes into a sentence."""

from __future__ import annotations

import hashlib
from pathlib import Path

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
ONNX_FILE = "model.onnx"


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the weights in a model folder, in hexadecimal digits."""
    return hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()


def model_digest(folder: Path) -> str:
    """SHA-256 of a model folder's configuration and weights, in hexadecimal digits."""
    sum_ = hashlib.sha256((folder / CONFIG_FILE).read_bytes())
    sum_.update((folder / WEIGHTS_FILE).read_bytes())
    return sum_.hexdigest()


def current_onnx(folder: Path) -> bytes | None:
    """The content of ``model.onnx``; None if there is none, or if it was made of other weights or another configuration."""
    path = folder / ONNX_FILE
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content if model_digest(folder).encode() in content else None


def some(names: list[str], limit: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name[:60]) for name in names[:limit]) + more


def first_line(error: BaseException) -> str:
    """What an exception says, short enough for a sentence."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300].rstrip(".")
